"""Semantic versions (decision 23)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.templates.semantic_version import Bump, SemanticVersion

NUMBERS = st.integers(0, 10**6)
VERSIONS = st.builds(SemanticVersion, NUMBERS, NUMBERS, NUMBERS)


@given(VERSIONS)
def test_a_version_is_read_as_it_is_written(version: SemanticVersion) -> None:
    assert SemanticVersion.parse(str(version)) == version


@given(VERSIONS, st.sampled_from((Bump.PATCH, Bump.MINOR, Bump.MAJOR)))
def test_a_bumped_version_is_newer_by_that_bump(version: SemanticVersion, bump: Bump) -> None:
    assert version.bumped(bump) > version
    assert version.bumped(bump).bump_from(version) is bump
    assert version.bump_from(version.bumped(bump)) is Bump.NONE


@given(VERSIONS)
def test_no_bump_gives_the_same_version(version: SemanticVersion) -> None:
    assert version.bumped(Bump.NONE) == version


def test_versions_are_ordered_by_their_numbers_and_not_by_their_letters() -> None:
    texts = ["1.10.0", "1.9.9", "1.9.10", "0.99.99"]
    assert sorted(texts, key=SemanticVersion.parse) == ["0.99.99", "1.9.9", "1.9.10", "1.10.0"]


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3-beta", " 1.2.3", "1.2.3\n", "١.٢.٣", "1" * 10 + ".0.0"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        SemanticVersion.parse(text)
