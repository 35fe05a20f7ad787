"""Semantic versions of templates (decision 23): MAJOR.MINOR.PATCH, whole numbers without leading zeros, nothing behind them."""

import re
from dataclasses import dataclass
from enum import IntEnum

_FORM = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)


class Bump(IntEnum):
    """How much a new version differs; a greater one includes the smaller ones."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True, slots=True, order=True)
class SemanticVersion:
    """Ordered by its numbers: 1.10.0 comes after 1.9.0."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> "SemanticVersion":
        """Raises ValueError with a phrase that follows the key."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError("is not a version such as 1.2.0")
        return cls(*(int(each) for each in found.groups()))

    def bumped(self, bump: Bump) -> "SemanticVersion":
        """The next version of that kind; the numbers behind the raised one begin at 0. NONE gives the same version."""
        if bump is Bump.MAJOR:
            return SemanticVersion(self.major + 1, 0, 0)
        if bump is Bump.MINOR:
            return SemanticVersion(self.major, self.minor + 1, 0)
        return SemanticVersion(self.major, self.minor, self.patch + (bump is Bump.PATCH))

    def bump_from(self, older: "SemanticVersion") -> Bump:
        """Which number was raised since `older`; NONE when this is not newer."""
        if self <= older:
            return Bump.NONE
        if self.major != older.major:
            return Bump.MAJOR
        return Bump.MINOR if self.minor != older.minor else Bump.PATCH


FIRST_VERSION = SemanticVersion(1, 0, 0)
