"""One Kafka and one MongoDB for a whole test session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack


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
            if os.environ.get("STACK") == "containers":
                from tests.support.containers import containers  # noqa: PLC0415

                environment = opened.enter_context(pytest.MonkeyPatch.context())
                bootstrap, uri = opened.enter_context(containers())
                environment.setenv("KAFKA_BOOTSTRAP_SERVERS", bootstrap)
                environment.setenv("MONGODB_URI", uri)
            yield opened.enter_context(Stack(directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
