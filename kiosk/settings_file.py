"""Write single settings into the configuration file, durably; all else in it stays as a person wrote it, comments too.

The file is whole at any moment: the new text is checked as a configuration before it takes the place of the former. Raises BadInput with
the file, or the variable of the environment that wins over it, and the reason.
"""

import os
import stat
import tempfile
import tomllib
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.settings import configuration_file, load_settings
from kiosk.shared.durable_files import replace_whole

_VARIABLE = "SWAP_KIOSK_{section}__{key}"


def store_settings(section: str, values: dict[str, str | int]) -> Path:
    """Set these keys of a section; the file, which is made where there is none."""
    _check_environment(section, values)
    path = configuration_file().resolve()
    try:
        former = path.read_text(encoding="utf-8") if path.exists() else ""
        text = with_settings(former, section, values)
        _check(path, text, section, values)
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
        replace_whole(path, text.encode(), mode)
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be written")) from error
    return path


def _check_environment(section: str, values: dict[str, str | int]) -> None:
    """What stands in the environment wins: to store another value would change nothing."""
    names = {_VARIABLE.format(section=section, key=key).upper() for key in values}
    variable = next((each for each in os.environ if each.upper() in names), None)
    if variable is not None:
        raise BadInput(tr("environment, {variable}", variable=variable), tr("it is set there and wins over the file"))


def with_settings(text: str, section: str, values: dict[str, str | int]) -> str:
    """The text of a configuration with these keys of a section set."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if _header(line) == section), None)
    fresh = [f"{key} = {_toml(value)}" for key, value in values.items()]
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", *fresh]) + "\n"
    end = next((at for at in range(start + 1, len(lines)) if _header(lines[at])), len(lines))
    kept = [line for line in lines[start + 1 : end] if line.partition("=")[0].strip().strip("\"'") not in values]
    return "\n".join([*lines[: start + 1], *fresh, *kept, *lines[end:]]) + "\n"


def _header(line: str) -> str:
    """The table that begins in a line; "" for none."""
    bare = line.split("#", 1)[0].strip()
    return bare.strip("[]").strip() if bare.startswith("[") and bare.endswith("]") and "=" not in bare else ""


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(each):04x}" if each < " " or each == "\x7f" else each for each in plain) + '"'


def _check(path: Path, text: str, section: str, values: dict[str, str | int]) -> None:
    """The new text says what was asked for, and is a configuration."""
    try:
        written = tomllib.loads(text).get(section, {})
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), tr("its section {section} is written in a way that only a person can change", section=section)) from error
    if {key: written.get(key) for key in values} != values:
        raise BadInput(str(path), tr("its section {section} is written in a way that only a person can change", section=section))
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as draft:
        draft.write(text)
        draft.flush()
        try:
            load_settings(Path(draft.name))
        except BadInput as error:
            raise BadInput(error.where.replace(draft.name, str(path)), error.reason) from error
