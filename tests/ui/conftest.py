"""Windows in tests are never on a screen."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
