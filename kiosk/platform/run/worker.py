"""One worker process, `python -m kiosk.platform.run.worker`: started by the supervisor, which writes its options to its standard input.

It serves until its standard input ends, which is also what it sees when the process that started it has died, or until SIGTERM. Where it
cannot serve (no database) it ends with exit code 1 and the reason in the log.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading

from kiosk.domain.errors import KioskError
from kiosk.domain.messages import message_for
from kiosk.platform.metrics_hook import FOLDER, MetricsHook
from kiosk.platform.payment_proof import VERIFIERS
from kiosk.platform.run.serve import serve, until_signalled
from kiosk.platform.run.supervisor import WorkerOptions
from kiosk.shared.log_lines import lines_to
from kiosk.shared.private_folder import close_umask

log = logging.getLogger(__name__)
_SOME = 4096  # bytes; nothing follows the first line


def main() -> int:
    """The exit code."""
    close_umask()
    for name in ("SIGINT", "SIGHUP"):  # a terminal's Ctrl-C and end reach every process of it; the one that started us says when
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    options = WorkerOptions.read(sys.stdin.buffer.readline())
    to_stderr = lines_to(logging.StreamHandler(sys.stderr), f"%(levelname)s worker[{os.getpid()}] %(name)s: %(message)s")
    logging.basicConfig(level=options.root_log_level, handlers=[to_stderr])
    logging.getLogger("kiosk.shared.mqtt.session").setLevel(options.log_level)
    try:
        asyncio.run(_work(options))
    except KioskError as error:
        log.error("%s", message_for(error).sentence)  # noqa: TRY400  a fault of the environment, not a bug
        return 1
    return 0


async def _work(options: WorkerOptions) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait_for_the_end() -> None:
        while os.read(sys.stdin.fileno(), _SOME):  # sys.stdin's own lock, held here when the interpreter ends, would abort the process
            pass
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_the_end, name="parent", daemon=True).start()
    metrics: MetricsHook | None = None
    if FOLDER in os.environ:  # the one that started us shows the figures of all
        from kiosk.platform.http.metrics import PlatformMetrics

        metrics = PlatformMetrics()
    serving = serve(
        options.broker_url,
        options.database_url,
        verifier=VERIFIERS[options.payments](),
        password_file=options.password_file,
        tls_ca=options.tls_ca,
        allow_plain=options.allow_plain,
        stop=stop,
        metrics=metrics,
        signing_key=options.signing_key,
    )
    await until_signalled(serving, stop, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
