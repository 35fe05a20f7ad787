"""The names of the kinds of battery that aiobmsble reads, without importing it, which takes a quarter of a second."""

import pkgutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_SUFFIX = "_bms"
_NOT_BATTERIES = frozenset({"dummy"})  # the library's example
_SHORT_NAMES = {"jikong": "jk"}


def protocol_name(module: str) -> str:
    """The name of a kind as configuration and readings spell it: that of the library's module, but "jk" for Jikong."""
    name = module.rpartition(".")[2].removesuffix(_SUFFIX)
    return _SHORT_NAMES.get(name, name)


@cache
def commodity_names() -> tuple[str, ...]:
    """All of them in alphabetical order; none where the library is not installed, as on a machine of the platform."""
    library = find_spec("aiobmsble")
    folders = [str(Path(each) / "bms") for each in (library.submodule_search_locations or ())] if library else []
    names = {protocol_name(each.name) for each in pkgutil.iter_modules(folders) if each.name.endswith(_SUFFIX)}
    return tuple(sorted(names - _NOT_BATTERIES))
