"""Guesses one PIN at a counter and is killed while it is checked: `python -m tests.station.services.dying_guesser FOLDER`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from kiosk.shared.pins import Pepper, Verifier
from tests.station.services.people_station import ATT, PEPPER, WRONG, Crew


class DeadlyPepper(Pepper):
    """Ends the program at the moment when a PIN is looked at."""

    def is_pin(self, pin: str, known: Verifier) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().is_pin(pin, known)


def main() -> None:
    crew = Crew(Path(sys.argv[1]))
    crew.clock.steady = float(sys.argv[2])
    crew.pepper = DeadlyPepper(b"p" * 32)
    assert crew.pepper.id == PEPPER.id
    asyncio.run(crew.again().sign_in(ATT, WRONG[4]))


if __name__ == "__main__":
    main()
