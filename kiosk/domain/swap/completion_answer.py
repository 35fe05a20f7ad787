"""The platform's answer to a completion, or to a step of one (decisions 17, 18, 21). The third outcome, unknown, is the absence of an
answer."""

from dataclasses import dataclass

from kiosk.domain.requests import CompleteService


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The platform has done what was asked, now or earlier (`repeated`). `raw` is the answer byte for byte, `action` what it answers."""

    correlation_id: str
    plan_id: str
    raw: bytes
    repeated: bool = False
    action: str = CompleteService.action


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The platform has refused it; `reason` is its own sentence. A failure signal overrides any success (decision 18)."""

    correlation_id: str
    plan_id: str
    raw: bytes
    reason: str
    signals: tuple[str, ...]
    action: str = CompleteService.action

    @property
    def rolled_back(self) -> bool:
        """Whether the plan has lost COMPLETE_SERVICE since the kiosk read it: the older sequence is to be used (decision 21)."""
        return self.action == CompleteService.action and "ACTION_NOT_AVAILABLE" in self.signals


Answer = Settled | Rejected
