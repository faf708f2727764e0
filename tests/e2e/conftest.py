"""What all tests of the whole system need."""

import pytest

from tests.support.stack import ON_CONTAINERS


@pytest.fixture(autouse=True)
def own_servers() -> None:
    """They start, end and kill their servers by the tools that are tested, so those are the embedded ones."""
    if ON_CONTAINERS:
        pytest.skip("starts and ends embedded servers; docker-compose.yml has a test of its own; STACK=containers")
