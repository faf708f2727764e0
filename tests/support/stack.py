"""One Kafka and one MongoDB for a whole test session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
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
        with Stack(directory) as running:
            yield running
    finally:
        shutil.rmtree(directory, ignore_errors=True)
