"""Writes the commit into the packages that are built, so that `swap-kiosk --version` tells it where there is no checkout.

hatchling runs it for a wheel and a source archive; an editable install asks git itself (kiosk/cli/versions.py).
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "resources/commit.txt"


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is the configuration of a builder that we do not use
    """Named in pyproject.toml, `[tool.hatch.build.hooks.custom]`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """A source archive that is built again has the file already, and no checkout."""
        commit = "" if version == "editable" else self._commit()
        if not commit:
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "commit.txt"
        file.write_text(f"{commit}\n", encoding="ascii")
        build_data["force_include"][str(file)] = TARGET

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  the interface's
        """Nothing is left behind."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _commit(self) -> str:
        if not (Path(self.root) / ".git").exists():
            return ""
        command = ("git", "-C", self.root, "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+")
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  git of whoever builds
        return done.stdout.strip()
