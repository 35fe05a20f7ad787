"""python -m kiosk: the support commands, without a window."""

import sys

from kiosk.cli import main

sys.exit(main())
