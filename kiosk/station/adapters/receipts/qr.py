"""A text as QR code: its modules, and the PDF operators that fill the dark ones.

One path of horizontal runs on a grid of whole numbers: a rectangle for every module costs more than the rest of a receipt.
A text that cannot be a code gives none.
"""

import zxingcpp

QUIET_ZONE = 4  # modules at each side (ISO/IEC 18004)


def operators(text: str, size: float) -> str:
    """Dark modules as a filled path inside a square of `size`, origin at its lower left, with the quiet zone of four modules inside."""
    rows = modules(text)
    if not rows:
        return ""
    scale = size / (len(rows) + 2 * QUIET_ZONE)
    runs = [
        f"{start + QUIET_ZONE} {len(rows) + QUIET_ZONE - 1 - number} {length} 1 re"
        for number, row in enumerate(rows)
        for start, length in dark_runs(row)
    ]
    return f"{scale:.4f} 0 0 {scale:.4f} 0 0 cm {' '.join(runs)} f"


def modules(text: str) -> list[bytes]:
    """The rows of the smallest code of medium correction, a byte a module, 0 is dark."""
    encodable = text.encode("utf-8", "replace").decode()  # lone surrogates
    try:
        code = zxingcpp.create_barcode(encodable, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except ValueError:  # empty, or too long
        return []
    image = memoryview(zxingcpp.write_barcode_to_image(code, add_quiet_zones=False))
    width, flat = (image.shape or (0, 0))[1], image.tobytes()
    return [flat[at : at + width] for at in range(0, len(flat), width)]


def dark_runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin in a row, and how many they are."""
    runs, start = [], row.find(0)
    while start >= 0:
        end = row.find(255, start)
        end = len(row) if end < 0 else end
        runs.append((start, end - start))
        start = row.find(0, end)
    return runs
