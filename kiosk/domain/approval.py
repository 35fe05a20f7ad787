"""An approval: who let a swap go on where the rules stop it, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The id of a supervisor and the reason as it was given; both are kept with the swap. At a station without supervisors the id of the
    attendant, where the rules leave it to them (decision 59)."""

    supervisor: str
    reason: str

    @property
    def words(self) -> str:
        """For the record: "SUP-007: charged at home"."""
        return f"{self.supervisor}: {self.reason}"
