"""The lines of a receipt to PDF: where they stand (`page`, `layout`), how they are drawn (`fonts`, `pdf`), in which process (`process`
here, `helper` there). What they say is made by `kiosk.station.services.receipt_lines`.

Nothing fails for what a receipt says: any text is printed, with "?" for a character that the font has not got, and a transaction id too
long for a QR code is printed without one. The same receipt gives the same bytes. `process` imports no reportlab: the helper loads it.
"""
