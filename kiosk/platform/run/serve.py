"""`swap-kiosk platform serve`: from the command's options to a running platform.

A broker or database URL that cannot be used, and a folder that is none, raise BadInput; a database that does not open raises StoreFailed.
A broker that is not there yet is waited for. SIGTERM, SIGINT and SIGHUP end it cleanly after the transaction at hand. With several workers
they are processes of their own (`supervisor`).
"""

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kiosk.domain.errors import BadInput, StationRefused
from kiosk.domain.language import tr
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.metrics_hook import MetricsHook
from kiosk.platform.payment_proof import VERIFIERS, PaymentVerifier
from kiosk.platform.plan_import import import_plans
from kiosk.platform.run.supervisor import Supervisor, WorkerOptions
from kiosk.platform.stations.signing_key_file import open_signing_key
from kiosk.platform.store.key_list import KeyList
from kiosk.platform.store.repository import REQUEST_GROUP, PlatformStore, can_be_shared, open_store
from kiosk.shared.mqtt.link import LinkSettings, client_id
from kiosk.shared.record_key import KeyFile
from kiosk.shared.service_manager import ServiceManager, told_alive
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import SystemClock

if TYPE_CHECKING:
    from kiosk.platform.http.app import HttpOptions  # its libraries are loaded only where HTTP is served

log = logging.getLogger(__name__)
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))  # Windows has no SIGHUP


async def serve(
    broker_url: str,
    database_url: str,
    import_dir: Path | None = None,
    *,
    verifier: PaymentVerifier | None = None,
    password_file: Path | None = None,
    tls_ca: Path | None = None,
    allow_plain: bool = False,
    http: "HttpOptions | None" = None,
    stop: asyncio.Event | None = None,
    supervisor: Supervisor | None = None,
    metrics: MetricsHook | None = None,
    signing_key: Path | None = None,
) -> None:
    """Answer until `stop` is set or the task is cancelled. Raises BadInput, StoreFailed, before anything is answered.

    With a `supervisor` its processes answer; this one serves HTTP and publishes what is stored there. Requests are shared with every other
    worker on this broker whose database is a server. With a `signing_key` file all that is said is signed; it is made at the first start.
    """
    link = link_for(broker_url, password_file=password_file, tls_ca=tls_ca, allow_plain=allow_plain)
    store = open_store(database_url, KeyFile(signing_key) if signing_key else None)
    try:
        if import_dir is not None:
            imported = import_plans(store, import_dir, SystemClock())
            log.info("plans: %s added, %s known before", len(imported.added), len(imported.known))
            for each in imported.refused:
                log.warning("not imported: %s %s", each.where, each.reason)
        key = _signing_key(signing_key, store) if signing_key else None
        share = store.secret(REQUEST_GROUP) if can_be_shared(database_url) else ""
        if supervisor is None:
            service = PlatformService(link, store, verifier=verifier, share=share, metrics=http.metrics if http else metrics, key=key)
        else:
            service = PlatformService(link, store, answers=False, linked=supervisor.fit, key=key)
        async with AsyncExitStack() as beside:
            if http is not None:
                from kiosk.platform.http.app import run_app

                await beside.enter_async_context(run_app(http, store, service.wake, lambda: service.link_fault))
            if supervisor is not None:
                beside.push_async_callback(supervisor.stop)
            await service.start()
            try:
                async with told_alive(ServiceManager()):
                    await (stop or asyncio.Event()).wait()
            finally:
                await service.stop()
    finally:
        store.close()


def run(
    broker_url: str,
    database_url: str,
    import_dir: Path | None = None,
    *,
    password_file: Path | None = None,
    tls_ca: Path | None = None,
    allow_plain: bool = False,
    http: "HttpOptions | None" = None,
    payments: str = "accept",
    workers: int = 1,
    signing_key: Path | None = None,
) -> None:
    """`serve` for a process of its own, until SIGTERM, SIGINT or SIGHUP; `payments` names one of VERIFIERS. Raises as `serve`."""
    supervisor = None
    if workers != 1:
        if not can_be_shared(database_url):
            raise BadInput("--workers", tr("must be 1 on SQLite; several workers need a database server such as PostgreSQL"))
        options = WorkerOptions(
            broker_url=broker_url,
            database_url=database_url,
            password_file=password_file,
            tls_ca=tls_ca,
            allow_plain=allow_plain,
            payments=payments,
            signing_key=signing_key,
            log_level=log.getEffectiveLevel(),
            root_log_level=logging.getLogger().getEffectiveLevel(),
        )
        supervisor = Supervisor(options, workers)
    stop = asyncio.Event()
    serving = serve(
        broker_url,
        database_url,
        import_dir,
        verifier=VERIFIERS[payments](),
        password_file=password_file,
        tls_ca=tls_ca,
        allow_plain=allow_plain,
        http=http,
        stop=stop,
        supervisor=supervisor,
        signing_key=signing_key,
    )
    asyncio.run(until_signalled(serving, stop, *_ENDING))


def _signing_key(file: Path, store: PlatformStore) -> SigningKey:
    """Raises BadInput, StoreFailed."""
    try:
        key, made = open_signing_key(file, KeyList(store), SystemClock().now())
    except StationRefused as error:
        raise BadInput(str(file), error.reason) from error
    log.info("what the platform says is signed by the key %s%s", key.public.id, f", which was made now: {file}" if made else "")
    return key


async def until_signalled(serving: Coroutine[None, None, None], stop: asyncio.Event, *signals: signal.Signals) -> None:
    """Have the signals set `stop`, while it serves; those that are ignored (`nohup`) stay so."""
    loop = asyncio.get_running_loop()
    for each in signals:
        if signal.getsignal(each) is not signal.SIG_IGN:
            with suppress(NotImplementedError):  # Windows: Ctrl-C then ends asyncio.run by itself
                loop.add_signal_handler(each, stop.set)
    await serving


def link_for(broker_url: str, *, password_file: Path | None = None, tls_ca: Path | None = None, allow_plain: bool = False) -> LinkSettings:
    """`mqtt://[user@]host[:port]`, or `mqtts://` with the authority's certificate in `tls_ca`, else those of the system.

    Raises BadInput, also for a password that would pass a network unencrypted without `allow_plain`.
    """
    try:
        url = urlsplit(broker_url)
        port = url.port
    except ValueError as error:
        raise BadInput("--broker", str(error)) from error
    if url.scheme not in ("mqtt", "mqtts") or not url.hostname or url.path not in ("", "/"):
        raise BadInput("--broker", tr("must be like mqtt://host:1883"))
    if url.password:
        raise BadInput("--broker", tr("must not hold a password; put it into a file"))
    encrypted = url.scheme == "mqtts"
    if tls_ca is not None and not encrypted:
        raise BadInput("--broker", tr("only mqtts:// takes the certificate of an authority"))
    link = LinkSettings(
        host=url.hostname,
        port=port or (8883 if encrypted else 1883),
        client_id=client_id("abs-platform", str(os.getpid())),
        username=url.username,
        password_file=password_file,
        tls=encrypted,
        tls_ca=tls_ca,
        allow_plain=allow_plain,
    )
    if link.shows_password and not allow_plain:
        reason = tr("would be sent to {host} unencrypted: take mqtts://, or, to send it all the same, --allow-plain", host=link.host)
        raise BadInput("--broker-password-file", reason)
    return link
