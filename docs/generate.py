"""Writes what is made from the code into the pages of docs/: `python -m docs.generate`, which `make docs` does first.

A made part stands on its page between two comments; all else there is written by hand. `tests/docs` makes every part again and fails
where a page differs. A page without the comments is a bug and raises ValueError.
"""

import argparse
import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kiosk.cli import make_parser
from kiosk.domain import errors
from kiosk.platform.http.about_platform import document
from kiosk.platform.http.access import open_addresses
from kiosk.platform.http.graphql.schema import make_schema
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.settings import Settings
from kiosk.wire.actions import Topics
from tests.bench import figures
from ui.__main__ import add_window_commands

DOCS = Path(__file__).parent
FIGURES = DOCS / "figures.json"
_KINDS = {str: "text", int: "whole number", float: "number", Decimal: "number", bool: "`true` or `false`", Path: "path"}
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_LENGTHS = {"min_length": "at least {} characters", "max_length": "at most {} characters"}
_SENDERS = {"call/uxi": "kiosk", "emit/uxi": "kiosk", "rtrn/abs": "platform", "echo/abs": "platform", "event/abs": "platform"}
Rows = Iterable[Iterable[str]]


def table(heads: Iterable[str], rows: Rows) -> str:
    """A Markdown table; a cell's bar is escaped, so that it stays one cell."""
    first = list(heads)
    lines = [first, ["---"] * len(first), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings() -> str:
    """Every section and key of the configuration file."""
    models = {name: field for name, field in Settings.model_fields.items() if _section(field) is not None}
    own = [_setting("", name, field) for name, field in Settings.model_fields.items() if name not in models]
    parts = [_section_part(name, field) for name, field in models.items()]
    return "\n\n".join([*parts, "### Keys outside a section", table(_HEADS, own)])


_HEADS = ("key", "type", "default", "environment")


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _section_part(name: str, field: FieldInfo) -> str:
    model = _section(field)
    if model is None:
        raise TypeError(name)
    rows = [_setting(name, key, each) for key, each in model.model_fields.items()]
    return f"### `[{name}]`\n\n{_wrapped(_paragraph(model.__doc__))}\n\n{table(_HEADS, rows)}"


def _setting(section: str, key: str, field: FieldInfo) -> list[str]:
    path = "__".join(part for part in (section, key) if part).upper()
    limits = ", ".join(_limits(field.metadata))
    kind = _kind(field.annotation) + (f"; {limits}" if limits else "") + (f". {field.description}" if field.description else "")
    return [f"`{key}`", kind, _default(field), f"`SWAP_KIOSK_{path}`"]


def _kind(annotation: Any) -> str:  # noqa: ANN401  any annotation
    origin, arguments = get_origin(annotation), [each for each in get_args(annotation) if each is not NoneType]
    if origin is Literal:
        return " or ".join(f'`"{each}"`' for each in arguments)
    if origin in {Union, UnionType}:
        return " or ".join(_kind(each) for each in arguments)
    if origin in {tuple, list}:
        return "list of texts"
    return "table" if origin is dict else _KINDS[annotation]


def _limits(metadata: Iterable[Any]) -> Iterator[str]:
    for each in metadata:
        for name, words in {**_BOUNDS, **_LENGTHS}.items():
            if (bound := getattr(each, name, None)) is not None:
                yield "not empty" if (name, bound) == ("min_length", 1) else words.format(bound)
        if pattern := getattr(each, "pattern", None):
            yield f"of the form `{pattern}`"


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None and field.annotation is Path:
        return "the data folder of the system"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value is None else f"`{_toml(value)}`"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def commands() -> str:
    """Every command of `swap-kiosk` with its arguments; first those that all of them have."""
    parser, subparsers = make_parser()
    add_window_commands(subparsers)
    own = _own(parser)
    return "\n\n".join([*([_arguments(own)] if own else []), *_commands("swap-kiosk", parser, 3)])


def _commands(name: str, parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    for nested in _nested(parser):
        helps = {each.dest: each.help or "" for each in nested._choices_actions}  # noqa: SLF001  argparse says it nowhere else
        for word, command in nested.choices.items():
            yield _command(f"{name} {word}", helps.get(word, ""), command, level)
            yield from _commands(f"{name} {word}", command, level + 1)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001  argparse says it nowhere else


def _nested(parser: argparse.ArgumentParser) -> list["argparse._SubParsersAction[argparse.ArgumentParser]"]:
    return [each for each in _actions(parser) if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001  it has no public name


def _own(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [each for each in _actions(parser) if each.dest != "help" and each not in _nested(parser)]


def _arguments(actions: Iterable[argparse.Action]) -> str:
    return table(("argument", "meaning"), [(f"`{_called(each)}`", each.help or "") for each in actions])


def _command(name: str, about: str, parser: argparse.ArgumentParser, level: int) -> str:
    own = _own(parser)
    heading = f"{'#' * min(level, 4)} `{name}`\n\n{_sentence(about)}"
    usage = f"```text\n{' '.join([name, *map(_usage, own)])}\n```"
    parts = [heading, *([] if _nested(parser) and not own else [usage]), *([_arguments(own)] if own else [])]
    return "\n\n".join(parts)


def _called(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else _value(action)
    return " ".join(part for part in (action.option_strings[-1] if action.option_strings else "", value) if part)


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        name = action.metavar
    else:
        name = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    return name + (" ..." if action.nargs in {"+", "*", argparse.REMAINDER} else "")


def _usage(action: argparse.Action) -> str:
    called = _called(action)
    optional = not action.required if action.option_strings else action.nargs in {"?", "*"}
    return f"[{called}]" if optional else called


def topics() -> str:
    """Every pattern of `[topics]` with its default."""
    rows = [(f"`{each.name}`", _sender(str(each.default)), f"`{each.default}`") for each in fields(Topics)]
    return table(("key", "sent by", "default"), rows)


def _sender(pattern: str) -> str:
    return _SENDERS["/".join(pattern.split("/")[:2])]


def benchmark() -> str:
    """The figures of the last run that was kept, and what they are called for `--only`."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8"))
    rows = [[each["figure"], *_measured(each), each["goal"] or "–", _met(each["met"])] for each in kept]
    return table(("figure", "ours", "floor", "ratio", "goal", "met"), rows)


def _measured(figure: dict[str, Any]) -> list[str]:
    unit, floor, ratio = figure["unit"], figure["floor"], figure["ratio"]
    return [f"{figure['ours']:,g} {unit}", "–" if floor is None else f"{floor:,g} {unit}", "–" if ratio is None else f"{ratio:.2f}"]


def _met(met: bool | None) -> str:  # noqa: FBT001  a value of the table
    return {True: "yes", False: "**no**", None: "–"}[met]


def benchmark_names() -> str:
    """What `bench --only` can be asked for."""
    folder = Path(figures.__file__).parent
    rows = [(f"`{name}`", _first_sentence(folder / f"{module.replace('.', '/')}.py")) for name, module in figures.MODULES.items()]
    return table(("name", "measured by the file that says"), rows)


def error_tree() -> str:
    """The tree of errors, as its module draws it."""
    drawn = inspect.cleandoc(errors.__doc__ or "")
    return f"```text\n{drawn[drawn.index('KioskError') :]}\n```"


def http() -> str:
    """The REST addresses, and what needs no token."""
    operations = [
        (f"`{method.upper()} {path}`", _sentence(operation.get("summary", "")))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "delete"}
    ]
    open_to_all = ", ".join(f"`{each}`" for each in open_addresses())
    return f"{table(('address', 'what it is'), operations)}\n\n{_wrapped(f'These need no bearer token: {open_to_all}.')}"


def metrics() -> str:
    """What Prometheus is given."""
    text = PlatformMetrics().render("", 0)[0].decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    return table(("name", "kind", "what it counts"), [(f"`{name}`", kinds[name], f"{about}.") for name, about in _HELP.findall(text)])


_HELP = re.compile(r"^# HELP (\S+) (.+)$", re.MULTILINE)


def graphql() -> str:
    """The schema as GraphQL writes it."""
    return f"```graphql\n{make_schema().as_str().strip()}\n```"


def _first_sentence(file: Path) -> str:
    """Of a module's docstring; read and not imported, because a benchmark needs libraries that the kiosk does not."""
    return _paragraph(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))).split(". ")[0].rstrip(".")


def _paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 138, break_long_words=False, break_on_hyphens=False)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("operator/configuration.md", settings),
    "commands": ("operator/commands.md", commands),
    "topics": ("integrator/mqtt.md", topics),
    "http": ("integrator/http.md", http),
    "metrics": ("integrator/http.md", metrics),
    "graphql": ("integrator/graphql.md", graphql),
    "benchmark": ("performance.md", benchmark),
    "benchmark-names": ("performance.md", benchmark_names),
    "errors": ("architecture.md", error_tree),
}
"""By name: the page, and what makes the part."""


def written(name: str, page: str, made: str) -> str:
    """The text of a page with the part `name` made anew. Raises ValueError where the page has no place for it."""
    begin, end = f"<!-- made by docs/generate.py: {name} -->", f"<!-- end: {name} -->"
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", page, re.DOTALL)
    if found is None:
        raise ValueError(f"no place for {name}: {begin} and {end}")
    return f"{page[: found.start()]}{begin}\n\n{made}\n\n{end}{page[found.end() :]}"


def stale() -> list[str]:
    """The names of the parts whose page says something else than the code."""
    pages = {name: (DOCS / path).read_text(encoding="utf-8") for name, (path, _make) in PARTS.items()}
    return [name for name, (_path, make) in PARTS.items() if written(name, pages[name], make()) != pages[name]]


def main() -> None:
    """Write every part that is stale."""
    for name in stale():
        path, make = PARTS[name]
        page = DOCS / path
        page.write_text(written(name, page.read_text(encoding="utf-8"), make()), encoding="utf-8")
        print(f"docs/{path}: {name}")


if __name__ == "__main__":
    main()
