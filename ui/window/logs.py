"""The log: a rotating file in the data folder, and standard error.

Where the folder cannot be written the kiosk starts all the same: the log then goes to standard error only, and says so.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_NAME = "kiosk.log"
MAX_BYTES, OLD_FILES = 2_000_000, 5
NOISY = ("alembic",)  # libraries that log every step they take
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_logging(folder: Path) -> None:
    """Log to `folder` from now on; called again, nothing is doubled."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    formatter = logging.Formatter(FORMAT)
    if not any(type(each) is logging.StreamHandler for each in root.handlers):
        root.addHandler(_with(logging.StreamHandler(), formatter))
    for old in [each for each in root.handlers if isinstance(each, RotatingFileHandler)]:
        root.removeHandler(old)
        old.close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(folder / FILE_NAME, maxBytes=MAX_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    except OSError as error:
        root.warning("the log goes to standard error only: %s", error)
        return
    root.addHandler(_with(file, formatter))


def _with(handler: logging.Handler, formatter: logging.Formatter) -> logging.Handler:
    handler.setFormatter(formatter)
    return handler
