"""The command in processes of its own: a data folder and a configuration file of this test's, and what a run gave back."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from kiosk.cli import main
from kiosk.domain.errors import LinkDown
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics
from kiosk.wire.customer_codes import parse_customer_code
from tests.brokers import Mosquitto, run
from tests.builders import plan_bytes
from tests.platform.kiosks import link_to
from tests.station.adapters.mqtt.parties import linked

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "kiosk")
BATTERIES: list[dict[str, Any]] = [
    {"asset_id": "BAT-12345", "protocol": "oves", "kwh_remaining": 0.8, "soc_percent": 25, "voltage": 71.2, "rssi": -48, "faults": []},
    {"asset_id": "BAT-67890", "protocol": "oves", "kwh_remaining": 4.4, "soc_percent": 98, "voltage": 74.6, "rssi": -52},
    {"asset_id": "BAT-77777", "protocol": "oves", "kwh_remaining": 0.9, "voltage": 71.2, "rssi": -60},
    {"asset_id": "BAT-55555", "protocol": "oves", "kwh_remaining": 2.0, "voltage": 72.0, "rssi": -70, "faults": ["bad_frame"]},
]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output, fractions exact."""
        return json.loads(self.out, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Terminal:
    """`folder` holds `data`, `kiosk.toml` and whatever else the test puts there; it is the commands' working folder too."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> Path:
        return self.folder / "kiosk.toml"

    def configure(self, broker: Mosquitto | None = None, more: str = "") -> None:
        """The usual configuration: simulated batteries, and the broker where there is one."""
        batteries = self.folder / "batteries.json"
        batteries.write_text(json.dumps(BATTERIES))
        lines = ['[station]\nid = "STATION_XYZ"\nname = "Station 14"', f'[scanner]\nbackend = "simulated"\nbatteries = "{batteries}"']
        port, patience = (broker.port, 10) if broker else (1, 0.3)  # nobody listens on port 1, and nobody need wait for it
        lines.append(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\nconnect_seconds = {patience}\nanswer_seconds = 4\nconfirm_seconds = 5')
        self.config.write_text("\n".join([*lines, more]) + "\n")

    def variables(self, **more: str) -> dict[str, str]:
        """The process environment: nothing of the developer's own kiosk gets in."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SWAP_KIOSK_")}
        own = {"SWAP_KIOSK_DATA": str(self.data), "SWAP_KIOSK_CONFIG": str(self.config), "PYTHONPATH": str(ROOT)}
        return {**inherited, **own, **self.environment, **more}

    def run(self, *arguments: str | bytes, given: bytes = b"", **variables: str) -> Ran:
        """One command, to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=given,
            capture_output=True,
            timeout=RUN_SECONDS,
            env=self.variables(**variables),
            cwd=self.folder,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err, ran.err
        return ran

    def here(self, *arguments: str, **variables: str) -> Ran:
        """The same in this process, which is quicker: for what the process itself adds nothing to."""
        out, err = io.StringIO(), io.StringIO()
        surroundings = mock.patch.dict(os.environ, self.variables(**variables), clear=True)
        with surroundings, chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
        return Ran(code, out.getvalue(), err.getvalue())

    def plan_file(self, plan: ServicePlan, name: str = "plan.json") -> Path:
        """The plan as a document."""
        path = self.folder / name
        path.write_bytes(plan_bytes(plan))
        return path


@contextmanager
def platform_process(broker: Mosquitto, folder: Path, *plans: ServicePlan, program: Path = ROOT) -> Iterator[Path]:
    """`platform serve` as a process that knows these plans and answers; gives its database. A `program` of before does not sign."""
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    for number, plan in enumerate(plans):
        (folder / "plans" / f"{number}.json").write_bytes(plan_bytes(plan))
    books = folder / "platform.sqlite"
    arguments = ("platform", "serve", "--broker", broker.url, "--database", f"sqlite:///{books}", "--import", str(folder / "plans"))
    signs = ("--signing-key", str(folder / "signing-key.pem")) if program == ROOT else ()
    surroundings = {**os.environ, "PYTHONPATH": str(program)}
    with (
        (folder / "platform.log").open("wb") as log,
        subprocess.Popen(
            [*COMMAND, *arguments, *signs], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=program, env=surroundings
        ) as process,
    ):
        try:
            run(_answered(broker, plans[0].id), RUN_SECONDS)
            yield books
        finally:
            process.terminate()
            assert process.wait(RUN_SECONDS) == 0, (folder / "platform.log").read_text()


async def _answered(broker: Mosquitto, plan_id: str) -> None:
    """Until the platform tells this plan."""
    async with linked(link_to(broker, "probe")) as session:
        source = MqttPlans(session, Topics(), SystemClock(), station_id="PROBE", attendant=lambda: "PROBE")
        while True:
            try:
                await source.identify(parse_customer_code(plan_id), 0.5)
            except LinkDown:
                continue
            return
