"""The sentences of argparse itself, put into our catalogue: its usage, headings and errors are read by the same people.

argparse looks its sentences up by two names in its module, made for gettext; `translate_argparse` puts `tr` in their place. Sentences that
only a programmer can cause are left out.
"""

import argparse

from kiosk.domain.language import mark, tr, tr_count

SENTENCES = (
    mark("usage: "),
    mark("positional arguments"),
    mark("options"),
    mark("%(heading)s:"),
    mark("show this help message and exit"),
    mark("argument %(argument_name)s: %(message)s"),
    mark("the following arguments are required: %s"),
    mark("one of the arguments %s is required"),
    mark("unrecognized arguments: %s"),
    mark("expected one argument"),
    mark("expected at most one argument"),
    mark("expected at least one argument"),
    mark("invalid %(type)s value: %(value)r"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("ambiguous option: %(option)s could match %(matches)s"),
    mark("ignored explicit argument %r"),
    mark("not allowed with argument %s"),
    mark("unknown parser %(parser_name)r (choices: %(choices)s)"),
    mark("%(prog)s: error: %(message)s\n"),
)


def translate_argparse() -> None:
    """From now on argparse speaks the language of `tr`."""
    argparse._ = tr  # type: ignore[attr-defined]
    argparse.ngettext = tr_count  # type: ignore[attr-defined]  # its second hook; argparse fills its own placeholders in afterwards
