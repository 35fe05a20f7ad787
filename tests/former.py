"""Former versions: their databases as they wrote them, their programs. tests/fixtures/COMMIT says what they are."""

import gzip
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests/fixtures"


def restore(commit: str, name: str, path: Path) -> Path:
    """The database `name` of a former version as an SQLite file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    statements = gzip.decompress((FIXTURES / commit / f"{name}.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


def unpack(commit: str, folder: Path) -> Path:
    """The program of a former version, without what only its window needs: a folder for PYTHONPATH. Its fonts are still the same files."""
    with tarfile.open(FIXTURES / commit / "program.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    (folder / "resources/fonts").symlink_to(ROOT / "resources/fonts")
    return folder


def counts(path: Path) -> dict[str, int]:
    """The tables of an SQLite file with their numbers of rows."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {each: connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in names}  # noqa: S608  our own table names
