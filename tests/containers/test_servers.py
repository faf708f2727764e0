"""`STACK=containers` gives tests the servers that they would have had from packages."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.containers


def test_tests_on_servers_run_on_those_from_docker() -> None:
    asked = ["-m", "integration and not containers", "tests/integration/test_duplicates.py"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *asked],
        env=os.environ | {"STACK": "containers"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout
