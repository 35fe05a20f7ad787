"""Receipt to PDF: what is said (`words`, `sections`), where it stands (`layout`), how it is drawn (`fonts`, `qr`, `pdf`), in which process
(`process` here, `helper` there).

Nothing fails for what a receipt says: any text is printed, with "?" for a character that the font has not got, and a transaction id too
long for a QR code is printed without one. The same receipt gives the same bytes. `process` imports no reportlab: that is the helper's load.
"""
