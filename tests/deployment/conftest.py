"""The deployed broker, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.deployment.deployed import Deployed, deployment


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    """As packaging/platform sets it up, with all its parties."""
    with deployment() as made:
        yield made
