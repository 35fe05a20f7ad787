"""The process of the embedded broker, `python -m kiosk.training.broker_process FILE`: started by `environment.EmbeddedBroker`.

FILE is the configuration of rumqttd. Writes one line to standard output: `ready` when it listens, else why it cannot (exit code 1). It
serves until its standard input ends, which is also what it sees when the process that started it has died.
"""

import logging
import os
import socket
import sys
import time

_LISTEN_SECONDS = 10.0
_WAIT_SECONDS = 0.002
_SOME = 4096  # bytes; nothing is ever sent


def main() -> int:
    """The exit code of one that could not listen."""
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)  # it logs each packet as an error
    try:
        from iotcore import IotCoreBroker  # in here, because a counter may be installed without it

        broker = IotCoreBroker(config_path=sys.argv[1])
        broker.start()
        _wait_until_it_listens(broker.listeners())
    except (ImportError, OSError, ValueError, RuntimeError) as error:
        print(error, flush=True)
        return 1
    print("ready", flush=True)
    while os.read(sys.stdin.fileno(), _SOME):
        pass
    os._exit(0)  # the broker's own threads know no end


def _wait_until_it_listens(addresses: list[str]) -> None:
    """Raises OSError."""
    until = time.monotonic() + _LISTEN_SECONDS
    for host, _, port in (each.rpartition(":") for each in addresses):
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=_LISTEN_SECONDS).close()
                break
            except ConnectionRefusedError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_WAIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
