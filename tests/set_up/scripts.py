"""The scripts of packaging/, which is no package, as modules."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from tests.set_up.parts import ROOT


def script(name: str) -> ModuleType:
    """`packaging/NAME.py`."""
    known = sys.modules.get(f"packaging_{name}")
    if known is not None:
        return known
    spec = spec_from_file_location(f"packaging_{name}", ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
