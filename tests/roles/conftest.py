"""The furnished house, made once for each file."""

import asyncio

import pytest

from tests.roles.world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The furnished house. Tests read it only, or ask for what is refused."""
    return asyncio.run(world(tmp_path_factory.mktemp("house")))
