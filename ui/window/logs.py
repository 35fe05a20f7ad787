"""The log file in the data folder. Not loaded before the first picture: the handlers bring sockets with them."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kiosk.domain.file_faults import fault_phrase
from kiosk.shared.log_lines import lines_to

FILE_NAME = "kiosk.log"
MAX_BYTES, OLD_FILES = 2_000_000, 5
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_logging(folder: Path) -> None:
    """Log to `folder` from now on; called again, nothing is doubled."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs every step that it takes
    if not any(type(each) is logging.StreamHandler for each in root.handlers):
        root.addHandler(lines_to(logging.StreamHandler(), FORMAT))
    for old in [each for each in root.handlers if isinstance(each, RotatingFileHandler)]:
        root.removeHandler(old)
        old.close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(folder / FILE_NAME, maxBytes=MAX_BYTES, backupCount=OLD_FILES, encoding="utf-8")
        root.addHandler(lines_to(file, FORMAT))
    except OSError as error:
        root.warning("the log goes to standard error only: %s", fault_phrase(error))
