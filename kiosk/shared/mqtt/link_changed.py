"""LinkChanged: what a session announces about its link."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link to the platform: `connected` since or lost since `since`; `reason` when lost."""

    connected: bool
    since: datetime
    reason: str = ""
