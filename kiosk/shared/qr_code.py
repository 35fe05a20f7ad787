"""A text as QR code: its rows of modules, for paper and screen. A text that cannot be a code gives none."""

import re
from functools import lru_cache

import zxingcpp

QUIET_ZONE = 4  # modules at each side (ISO/IEC 18004)


@lru_cache(maxsize=8)  # it is asked for its size, and then drawn
def qr_rows(text: str) -> tuple[bytes, ...]:
    """The rows of the smallest code of medium correction, a byte a module, 0 is dark; no rows for a text that is empty or too long."""
    encodable = text.encode("utf-8", "replace").decode()  # lone surrogates
    try:
        code = zxingcpp.create_barcode(encodable, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except ValueError:
        return ()
    image = memoryview(zxingcpp.write_barcode_to_image(code, add_quiet_zones=False))
    width, flat = (image.shape or (0, 0))[1], image.tobytes()
    return tuple(flat[at : at + width] for at in range(0, len(flat), width))


def dark_runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin in a row, and how many they are: to fill runs costs less than to fill modules."""
    return [(run.start(), len(run[0])) for run in re.finditer(rb"\0+", row)]
