"""Fixtures of the tests on real servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Stack]:
    """Servers of a test's own: the made-up service's topics are always called the same."""
    with Stack(tmp_path / "servers") as own:
        if own.kafka is None:
            pytest.skip("needs servers of its own, so the embedded ones")
        yield own
