"""One Kafka and one MongoDB for a whole test session."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack

ON_CONTAINERS = os.environ.get("STACK") == "containers"
embedded_only = pytest.mark.skipif(ON_CONTAINERS, reason="starts, kills or pauses embedded servers; STACK=containers")
"""For tests that do more to a server than to use it."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Running servers, shared by all tests of the session: use topic and database names of your own.

    `STACK=containers` takes them from Docker, `KAFKA_BOOTSTRAP_SERVERS` and `MONGODB_URI` from anywhere; only with
    embedded servers (`stack.kafka`, `stack.mongo`) can a test kill or pause one, and it then has to bring it back.
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.fail("tests on real servers share two cores with them: run them without -n")
    directory = Path(tempfile.mkdtemp(prefix="owlbus-test-"))
    try:
        with ExitStack() as opened:
            yield _started(directory, opened)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def own_servers(directory: Path) -> Generator[Stack]:
    """Servers for one test or module alone, for topics that are always called the same; not to be killed."""
    with ExitStack() as opened:
        own = _started(directory, opened)
        if own.kafka is None and not ON_CONTAINERS:
            pytest.skip("needs servers of its own, not those that the environment names")
        yield own


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Stack]:
    """Servers of a test's own."""
    with own_servers(tmp_path / "servers") as own:
        yield own


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Stack]:
    """Servers of a test's own, which it may kill and start again."""
    if ON_CONTAINERS:
        pytest.skip("kills servers, so it needs the embedded ones; STACK=containers")
    with Stack(tmp_path / "servers") as own:
        if own.kafka is None or own.mongo is None:
            pytest.skip("kills servers, so it needs the embedded ones")
        yield own


def _started(directory: Path, opened: ExitStack) -> Stack:
    """The servers that the environment asks for, until `opened` ends."""
    if ON_CONTAINERS:
        from tests.support.containers import containers  # noqa: PLC0415

        environment = opened.enter_context(pytest.MonkeyPatch.context())
        bootstrap, uri = opened.enter_context(containers())
        environment.setenv("KAFKA_BOOTSTRAP_SERVERS", bootstrap)
        environment.setenv("MONGODB_URI", uri)
    return opened.enter_context(Stack(directory))
