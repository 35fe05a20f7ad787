"""`platform serve`: the reference ABS platform, agent over MQTT, everything else over HTTP."""

import argparse
import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli import (
    DONE,
    platform_documents,
    platform_input,
    platform_migrate,
    platform_seed,
    platform_unapplied,
    platform_unsettled,
    print_message,
)

if TYPE_CHECKING:
    from kiosk.platform.http.app import HttpOptions

_TOKENS, _PAYMENT_SECRET = "SWAP_KIOSK_PLATFORM_TOKEN_FILE", "SWAP_KIOSK_PLATFORM_PAYMENT_SECRET_FILE"
_SHOWN_LOGS = (  # what whoever runs it wants to see
    "kiosk.platform.run.serve",
    "kiosk.platform.http.app",
    "kiosk.platform.run.supervisor",
    "kiosk.shared.mqtt.session",
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments."""
    parser = commands.add_parser("platform", help="the reference platform", description=__doc__)
    actions = parser.add_subparsers(dest="platform_command", required=True, metavar="ACTION")
    serving = actions.add_parser("serve", help="answer kiosks until interrupted")
    serving.add_argument("--broker", required=True, metavar="URL", help="mqtt://[user@]host:port, or mqtts:// with --broker-ca")
    serving.add_argument("--broker-password-file", type=Path, metavar="FILE", help="the password of the broker's user")
    serving.add_argument("--broker-ca", type=Path, metavar="FILE", help="the certificate of the authority that the broker's is signed by")
    serving.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    serving.add_argument("--import", dest="import_dir", type=Path, metavar="DIR", help="plan documents to start with")
    believed = "accept takes each well-formed receipt (the default), confirmed only those that the ERP system has confirmed over HTTP"
    serving.add_argument("--payments", choices=("accept", "confirmed"), default="accept", help=believed)
    many = "worker processes that share the load; more than 1 needs a database server and a broker with MQTT 5 shared subscriptions"
    serving.add_argument("--workers", type=int, default=1, metavar="N", help=many)
    _add_http(serving)
    serving.set_defaults(run=serve)
    platform_migrate.add_to(actions)
    platform_unapplied.add_to(actions)
    platform_unsettled.add_to(actions)
    platform_documents.add_to(actions)
    platform_input.add_to(actions)
    platform_seed.add_to(actions)


def _add_http(serving: argparse.ArgumentParser) -> None:
    serving.add_argument("--http", metavar="HOST:PORT", help="serve HTTP there, without TLS: that is a reverse proxy's work")
    made = "made in the data folder where none is named"
    serving.add_argument("--token-file", type=Path, metavar="FILE", help=f"bearer tokens, one a line (${_TOKENS}; {made})")
    help_text = f"the secret of the payment callback's signature (${_PAYMENT_SECRET}; {made})"
    serving.add_argument("--payment-secret-file", type=Path, metavar="FILE", help=help_text)


def serve(options: argparse.Namespace) -> int:
    """Until interrupted; the database keeps everything."""
    from kiosk.platform.metrics_hook import shared_counts
    from kiosk.platform.run.serve import run as serve_platform

    for each in _SHOWN_LOGS:
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

    tokens, payment = (
        options.token_file or _path_in_environment(_TOKENS),
        options.payment_secret_file or _path_in_environment(_PAYMENT_SECRET),
    )
    secrets, made = read_secrets(load_settings().data / "platform", tokens, payment)
    for each in made:
        print_message(f"A new secret was made: {each}")
    return HttpOptions(address=options.http, secrets=secrets)


def _path_in_environment(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None
