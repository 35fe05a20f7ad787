"""Make the kernel and the initial RAM disk of the virtual machine in which the cases of tests/real_bluez run.

Usage: image.py WORK INIT [PYTEST OPTION...]
WORK/debian holds the unpacked packages, WORK/bumble the virtual radio. WORK/vmlinuz and WORK/initrd are written: an uncompressed
archive, since unpacking would be the slowest part of an emulated start. In it: busybox, kmod, dbus-daemon, bluetoothd and the Bluetooth
modules from the packages; the very Python that runs this and the libraries that it loads; from `.venv` pytest and what the scanner
needs; and the project's own files. Nothing is copied in between. Ends with an exception when something is missing.
"""

import itertools
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import BinaryIO

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
PROGRAMS = ("usr/bin/busybox", "usr/bin/kmod", "usr/bin/dbus-daemon", "usr/bin/bluetoothctl", "usr/libexec/bluetooth/bluetoothd")
FOLDERS = ("etc/dbus-1", "etc/bluetooth", "usr/share/dbus-1", "usr/lib/modules")
ALSO_LOADED = ("libgcc_s.so.1",)  # asked for by name, while running
DISTRIBUTIONS = ("bleak", "dbus-fast", "aiobmsble", "python-ulid", "pytest", "pytest-asyncio", "pytest-timeout")
NOT_NEEDED = {"test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "pydoc_data", "site-packages", "dist-packages"}
LINKS = (*((name, f"usr/{name}") for name in ("bin", "sbin", "lib", "lib64")), ("usr/sbin/modprobe", "../bin/kmod"), ("var/run", "../run"))
TEXTS = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nmessagebus:x:100:100::/nonexistent:/bin/false\n",
    "etc/group": "root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\n",
}
EMPTY = ("dev", "proc", "sys", "run", "tmp", "root")


class Archive:
    """A cpio archive in the form that the kernel unpacks ("newc"); folders are made as they are needed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._known: set[str] = set()
        self._number = itertools.count(1)

    def folder(self, name: str) -> None:
        if name not in self._known and name != ".":
            self.folder(str(Path(name).parent))
            self._add(name, 0o040755, b"")

    def link(self, name: str, target: str) -> None:
        self._member(name, 0o120777, target.encode())

    def text(self, name: str, text: str) -> None:
        self._member(name, 0o100644, text.encode())

    def file(self, name: str, source: Path) -> None:
        """What `source` leads to, with its time, by which Python tells whether compiled code is current."""
        status = source.stat()
        self._member(name, 0o100755 if status.st_mode & 0o100 else 0o100644, source.read_bytes(), int(status.st_mtime))

    def tree(self, name: str, source: Path, left_out: Iterable[str] = ()) -> None:
        """A folder and all in it, except what has one of the names left out."""
        for path in sorted(source.iterdir()):
            if path.name in left_out:
                continue
            if path.is_symlink() and not path.is_absolute() and path.is_dir():
                self.link(f"{name}/{path.name}", str(path.readlink()))
            elif path.is_dir():
                self.tree(f"{name}/{path.name}", path, left_out)
            elif path.is_file():
                self.file(f"{name}/{path.name}", path)

    def close(self) -> None:
        self._add("TRAILER!!!", 0, b"")

    def _member(self, name: str, mode: int, content: bytes, time: int = 0) -> None:
        if name not in self._known:
            self.folder(str(Path(name).parent))
            self._add(name, mode, content, time)

    def _add(self, name: str, mode: int, content: bytes, time: int = 0) -> None:
        self._known.add(name)
        path = name.encode() + b"\0"
        fields = (next(self._number), mode, 0, 0, 1, time, len(content), 0, 0, 0, 0, len(path), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._out.write(_padded(header + path))
        self._out.write(_padded(content))


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % 4)


def libraries_of(binaries: Iterable[Path], debian: Path) -> dict[str, Path]:
    """The shared libraries that these load, by name: those of the packages first, then this machine's own (for its Python)."""
    found: dict[str, Path] = {}
    for binary in binaries:
        command = [str(debian / LOADER), "--library-path", str(debian / LIBRARIES), "--list", str(binary)]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  our own arguments
        for line in listed.splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if arrow and rest.startswith("/"):
                found[name] = Path(rest.rpartition(" (")[0])
    return found


def needed_distributions(names: Iterable[str]) -> Iterator[str]:
    """These distributions of `.venv` and all that they ask for here."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        yield name
        for text in distribution(name).requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


def package_files(names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Names inside site-packages, and where the files are."""
    for name in needed_distributions(names):
        for file in distribution(name).files or []:
            path = Path(str(file.locate()))
            if not str(file).startswith("..") and path.is_file():
                yield str(file), path


def with_compiled(path: Path) -> Iterator[Path]:
    """A module and its compiled form, when there is one."""
    yield path
    if path.suffix == ".py":
        compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        if compiled.exists():
            yield compiled


def write_python(archive: Archive) -> list[Path]:
    """Python, its standard library, and the packages; returns what of it loads shared libraries."""
    version = f"opt/python/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = Path(sys.executable).resolve()
    archive.file("opt/python/bin/python3", interpreter)
    for folder in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}:
        base = Path(folder.replace(sys.prefix, sys.base_prefix, 1))
        config = {path.name for path in base.glob("config-*")}
        archive.tree(version, base, NOT_NEEDED | config)
    loading = [interpreter, *Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so")]
    for name, path in package_files(DISTRIBUTIONS):
        archive.file(f"opt/packages/{name}", path)
        if path.suffix == ".so":
            loading.append(path)
    return loading


def write_project(archive: Archive, work: Path) -> None:
    """The project's own files that the cases run on, pytest's settings for them, and the virtual radio."""
    archive.file("opt/kiosk/pytest.ini", Path(__file__).with_name("pytest.ini"))
    archive.tree("opt/bumble", work / "bumble")
    for folder in ("kiosk", "tests/real_bluez"):
        archive.tree(f"opt/kiosk/{folder}", ROOT / folder)


def write_system(archive: Archive, debian: Path, init: Path) -> list[Path]:
    """The programs and settings from Debian's packages; returns what of it loads shared libraries."""
    for name, target in LINKS:
        archive.link(name, target)
    for name in EMPTY:
        archive.folder(name)
    for name, text in TEXTS.items():
        archive.text(name, text)
    archive.file("init", init)
    archive.file(LOADER, debian / LOADER)
    for name in PROGRAMS:
        archive.file(name, debian / name)
    for name in FOLDERS:
        archive.tree(name, debian / name)
    return [debian / name for name in PROGRAMS] + [debian / LIBRARIES / name for name in ALSO_LOADED]


def prepare_kernel(work: Path, debian: Path) -> None:
    """Take the kernel out, and index its modules: only those at hand may be named."""
    kernel = next((debian / "boot").glob("vmlinuz-*"))
    shutil.copyfile(kernel, work / "vmlinuz")
    release = kernel.name.removeprefix("vmlinuz-")
    loader = [str(debian / LOADER), "--library-path", str(debian / LIBRARIES), "--argv0", "depmod"]
    subprocess.run([*loader, str(debian / "usr/bin/kmod"), "-b", str(debian), release], check=True)  # noqa: S603  our own arguments


def main(work: Path, init: Path, options: list[str]) -> None:
    debian = work / "debian"
    prepare_kernel(work, debian)
    with (work / "initrd").open("wb") as out:
        archive = Archive(out)
        loading = write_system(archive, debian, init) + write_python(archive)
        for name, path in libraries_of(loading, debian).items():
            archive.file(f"{LIBRARIES}/{name}", path)
        for name in ALSO_LOADED:
            archive.file(f"{LIBRARIES}/{name}", debian / LIBRARIES / name)
        write_project(archive, work)
        archive.text("etc/pytest-options", shlex.join(options))
        archive.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
