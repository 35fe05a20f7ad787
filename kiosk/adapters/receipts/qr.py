"""A text as QR code, as the PDF operators that fill its dark modules.

One path of horizontal runs on a grid of whole numbers: a rectangle for every module costs more than the rest of a receipt.
A text that cannot be a code gives "".
"""

import zxingcpp


def operators(text: str, size: float) -> str:
    """Dark modules as a filled path inside a square of `size`, origin at its lower left, with the quiet zone of four modules inside."""
    rows = _modules(text)
    if not rows:
        return ""
    scale = size / (len(rows) + 8)
    runs = [f"{start + 4} {len(rows) + 3 - number} {length} 1 re" for number, row in enumerate(rows) for start, length in _dark_runs(row)]
    return f"{scale:.4f} 0 0 {scale:.4f} 0 0 cm {' '.join(runs)} f"


def _modules(text: str) -> list[bytes]:
    """The rows of the smallest code of medium correction, a byte a module, 0 is dark."""
    encodable = text.encode("utf-8", "replace").decode()  # lone surrogates
    try:
        code = zxingcpp.create_barcode(encodable, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except ValueError:  # empty, or too long
        return []
    image = memoryview(zxingcpp.write_barcode_to_image(code, add_quiet_zones=False))
    width, flat = (image.shape or (0, 0))[1], image.tobytes()
    return [flat[at : at + width] for at in range(0, len(flat), width)]


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    runs, start = [], row.find(0)
    while start >= 0:
        end = row.find(255, start)
        end = len(row) if end < 0 else end
        runs.append((start, end - start))
        start = row.find(0, end)
    return runs
