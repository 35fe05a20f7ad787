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
    platform_audit,
    platform_documents,
    platform_input,
    platform_migrate,
    platform_people,
    platform_privacy,
    platform_seed,
    platform_stations,
    print_message,
)
from kiosk.cli.platform_people import pepper_option, seal_of
from kiosk.cli.platform_stations import signing_key_file, signing_key_option
from kiosk.domain.errors import BadInput
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
    tokens = tr(
        "bearer tokens, a line each: {line}, or a token alone, which may do everything; read again when it changes (${variable}; made in "
        "the data folder where none is named)",
        line="ROLE NAME TOKEN",
        variable=_TOKENS,
    )
    proxy = tr(
        "a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed, an address or a network; may be given again; without it "
        "limits count who is connected"
    )
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
            help=tr("{plain}, or {encrypted}", plain="mqtt://[user@]host:port", encrypted="mqtts://"),
        ),
        argument("--broker-password-file", type=Path, metavar="FILE", help=tr("the password of the broker's user")),
        argument("--broker-ca", type=Path, metavar="FILE", help=tr("the authority that signed the broker's certificate (the system's)")),
        argument("--allow-plain", action="store_true", help=tr("send the broker's password unencrypted, over mqtt://")),
        database_option(),
        argument("--import", dest="import_dir", type=Path, metavar="DIR", help=tr("a folder of plan documents to start with")),
        argument("--payments", choices=("accept", "confirmed"), default="accept", metavar="MODE", help=believed),
        argument("--workers", type=int, default=1, metavar="N", help=many),
        argument("--http", metavar="HOST:PORT", help=tr("serve HTTP there, without TLS: that is a reverse proxy's work")),
        argument("--trusted-proxy", action="append", default=[], metavar="ADDRESS", help=proxy),
        argument("--token-file", type=Path, metavar="FILE", help=tokens),
        argument("--payment-secret-file", type=Path, metavar="FILE", help=secret),
        signing_key_option(),
        pepper_option(),
    )
    parts = (
        platform_migrate,
        open_items,
        platform_audit,
        platform_documents,
        platform_input,
        platform_people,
        platform_privacy,
        platform_seed,
        platform_stations,
    )
    for each in parts:
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
            allow_plain=options.allow_plain,
            http=_http(options) if options.http else None,
            payments=options.payments,
            workers=options.workers,
            signing_key=signing_key_file(options.signing_key),
        )
    return DONE


def _http(options: argparse.Namespace) -> "HttpOptions":
    """Where to serve and the secrets; says where those lie that were made just now. Raises BadInput."""
    from kiosk.platform.http.addresses import Proxies
    from kiosk.platform.http.app import HttpOptions
    from kiosk.platform.http.secret_files import read_secrets
    from kiosk.settings import load_settings
    from kiosk.shared.private_folder import make_private

    folder = load_settings().data
    try:
        make_private(folder)
    except OSError as error:
        raise BadInput(str(folder), tr("cannot be made ({why})", why=error.strerror)) from error
    secrets, made = read_secrets(
        folder / "platform",
        options.token_file or _path_in_environment(_TOKENS),
        options.payment_secret_file or _path_in_environment(_PAYMENT_SECRET),
    )
    for each in made:
        print_message(tr("A new secret was made: {file}", file=each))
    return HttpOptions(address=options.http, secrets=secrets, proxies=Proxies(options.trusted_proxy), seal=seal_of(options))


def _path_in_environment(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None
