"""One kiosk on one data folder, and no lock that outlives its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.domain.errors import StoreFailed, StoreInUse
from kiosk.station.adapters.store.instance_lock import InstanceLock

HOLDER = """
import sys
from pathlib import Path
from kiosk.station.adapters.store.instance_lock import InstanceLock
with InstanceLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
print("sqlalchemy" in sys.modules)
"""


def test_a_second_kiosk_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with InstanceLock(tmp_path), pytest.raises(StoreInUse) as refused, InstanceLock(tmp_path):
        pass
    assert refused.value.folder == str(tmp_path)


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with InstanceLock(tmp_path):
            pass
    lock = InstanceLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()


def test_two_folders_are_two_kiosks(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "one"), InstanceLock(tmp_path / "two"):
        pass


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreFailed, match="data folder"), InstanceLock(tmp_path / "data"):
        pass


def test_another_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse), InstanceLock(tmp_path):
            pass
        holder.kill()
        holder.wait(timeout=30)
    with InstanceLock(tmp_path):
        pass


def test_taking_the_lock_imports_no_database(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", HOLDER, str(tmp_path)], input="", capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["held", "False"]


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    with InstanceLock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False)
    with child, InstanceLock(tmp_path):
        child.communicate(timeout=30)
