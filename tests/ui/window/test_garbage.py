"""What nobody refers to any more goes in the GUI thread, whatever thread makes work for Python's search meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import gc, json, sys, threading
from PySide6.QtCore import QObject, QTimer
from ui.__main__ import open_window

gone, stop = [], threading.Event()

class Ring(QObject):
    def __init__(self):
        super().__init__()
        self.me = self
        self.destroyed.connect(lambda: gone.append(threading.current_thread().name))

def work():
    while not stop.is_set():
        [[each] for each in range(10_000)]

def ready(window):
    worker = threading.Thread(target=work, name="worker")
    worker.start()
    for _ in range(50):
        Ring()

    def look():
        if len(gone) == 50:
            stop.set()
            worker.join()
            window.frame.close()
        else:
            [[each] for each in range(10_000)]
    timer = QTimer(window, interval=100)
    timer.timeout.connect(look)
    timer.start()

def watch(window):
    window.ready.connect(lambda: QTimer.singleShot(0, lambda: ready(window)))

code = open_window(training=False, watch=watch)
print(json.dumps([sorted(set(gone)), gc.isenabled()]))
sys.exit(code)
"""


def test_objects_of_qt_go_in_the_gui_thread_while_another_makes_garbage(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[mqtt]\nport = 1\n", encoding="utf-8")  # nobody is there
    (tmp_path / "screens.json").write_text('{"screens": [{"name": "panel", "width": 1280, "height": 800}]}')
    places = {"SWAP_KIOSK_DATA": str(tmp_path / "data"), "SWAP_KIOSK_CONFIG": str(tmp_path / "kiosk.toml")}
    places["QT_QPA_PLATFORM"] = f"offscreen:configfile={tmp_path / 'screens.json'}"
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | places, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, '[["MainThread"], true]'), done.stderr
