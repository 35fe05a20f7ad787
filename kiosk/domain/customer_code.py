"""CustomerCode: the plan that a scanned or typed code names (contract, "Customer codes")."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCode:
    """A code as it was read, and the plan id in it. `typed` tells it from a scanned one."""

    text: str
    plan_id: str
    typed: bool = False
