"""`platform serve`: the reference ABS platform, agent over MQTT, everything else over HTTP."""

import argparse
import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli import (
    DONE,
    Actions,
    add_command,
    add_group,
    argument,
    database_option,
    open_items,
    platform_documents,
    platform_input,
    platform_migrate,
    platform_privacy,
    platform_seed,
    print_message,
)
from kiosk.domain.language import ENGLISH, tr, use_language

if TYPE_CHECKING:
    from kiosk.platform.http.app import HttpOptions

_TOKENS, _PAYMENT_SECRET = "SWAP_KIOSK_PLATFORM_TOKEN_FILE", "SWAP_KIOSK_PLATFORM_PAYMENT_SECRET_FILE"
_SHOWN_LOGS = (  # what whoever runs it wants to see
    "kiosk.platform.run.serve",
    "kiosk.platform.http.app",
    "kiosk.platform.run.supervisor",
    "kiosk.shared.mqtt.session",
)


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(
        commands, "platform", tr("the reference platform"), tr("The reference platform: the agent over MQTT, everything else over HTTP.")
    )
    believed = tr(
        "which receipts are believed: {accept} takes each well-formed one (the default), {confirmed} only those that the ERP system has "
        "confirmed over HTTP",
        accept="accept",
        confirmed="confirmed",
    )
    many = tr("worker processes that share the load; more than 1 needs a database server and a broker with MQTT 5 shared subscriptions")
    tokens = tr("bearer tokens, one a line (${variable}; made in the data folder where none is named)", variable=_TOKENS)
    secret = tr(
        "the secret of the payment callback's signature (${variable}; made in the data folder where none is named)",
        variable=_PAYMENT_SECRET,
    )
    add_command(
        actions,
        "serve",
        serve,
        tr("answer kiosks until interrupted"),
        argument(
            "--broker",
            required=True,
            metavar="URL",
            help=tr("{plain}, or {encrypted} with --broker-ca", plain="mqtt://[user@]host:port", encrypted="mqtts://"),
        ),
        argument("--broker-password-file", type=Path, metavar="FILE", help=tr("the password of the broker's user")),
        argument("--broker-ca", type=Path, metavar="FILE", help=tr("the certificate of the authority that signed the broker's")),
        database_option(),
        argument("--import", dest="import_dir", type=Path, metavar="DIR", help=tr("a folder of plan documents to start with")),
        argument("--payments", choices=("accept", "confirmed"), default="accept", metavar="MODE", help=believed),
        argument("--workers", type=int, default=1, metavar="N", help=many),
        argument("--http", metavar="HOST:PORT", help=tr("serve HTTP there, without TLS: that is a reverse proxy's work")),
        argument("--token-file", type=Path, metavar="FILE", help=tokens),
        argument("--payment-secret-file", type=Path, metavar="FILE", help=secret),
    )
    for each in (platform_migrate, platform_privacy, open_items, platform_documents, platform_input, platform_seed):
        each.add_to(actions)


def serve(options: argparse.Namespace) -> int:
    """Until interrupted; the database keeps everything."""
    from kiosk.platform.metrics_hook import shared_counts
    from kiosk.platform.run.serve import run as serve_platform

    use_language(ENGLISH)  # what kiosks are answered and what is recorded is in English
    for each in () if "log_level" in options else _SHOWN_LOGS:
        logging.getLogger(each).setLevel(logging.INFO)
    counted_together = shared_counts() if options.http and options.workers > 1 else contextlib.nullcontext()
    with contextlib.suppress(KeyboardInterrupt), counted_together:
        serve_platform(
            options.broker,
            options.database,
            options.import_dir,
            password_file=options.broker_password_file,
            tls_ca=options.broker_ca,
            http=_http(options) if options.http else None,
            payments=options.payments,
            workers=options.workers,
        )
    return DONE


def _http(options: argparse.Namespace) -> "HttpOptions":
    """Where to serve and the secrets; says where those lie that were made just now. Raises BadInput."""
    from kiosk.platform.http.app import HttpOptions
    from kiosk.platform.http.secret_files import read_secrets
    from kiosk.settings import load_settings

    secrets, made = read_secrets(
        load_settings().data / "platform",
        options.token_file or _path_in_environment(_TOKENS),
        options.payment_secret_file or _path_in_environment(_PAYMENT_SECRET),
    )
    for each in made:
        print_message(tr("A new secret was made: {file}", file=each))
    return HttpOptions(address=options.http, secrets=secrets)


def _path_in_environment(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None
