"""What a service imports at its start, and that the collector does not look on meanwhile. Counted, not timed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SERVICES = ("ideas", "evaluation", "awards", "learning")
FOR_TOOLS = (
    *("cloudevents", "dateparser", "hypothesis", "jinja2", "jsonschema", "openpyxl", "psutil", "pytest", "regex"),
    *("testcontainers", "tests", "typer", "owlbus", "deploy", "shared.intake"),
)
"""What the command line, imports and tests need and a service never does."""
MODULES = 1_400
"""Most that a service may import; it was 1,350 when this was written, each a fraction of a millisecond."""

# Notes whether the collector runs whenever something is imported, and asks the service for its settings only.
WATCHED = """
import gc, json, sys

class Watch:
    seen = []
    def find_spec(self, name, path=None, target=None):
        Watch.seen.append((name, gc.isenabled()))

sys.meta_path.insert(0, Watch())
from shared.runtime.start import collect_seldom, start
begun = len(Watch.seen)
sys.argv = ["service", "--settings"]
start("services.{service}.service")
watched = [name for name, on in Watch.seen[begun:] if on]
import httptools, uvloop
off = not gc.isenabled()
collect_seldom()
print(json.dumps([len(Watch.seen) - begun, watched, off, gc.isenabled(), gc.get_freeze_count(), sorted(sys.modules)]))
"""


@pytest.fixture(scope="module", params=SERVICES)
def started(request: pytest.FixtureRequest) -> list[Any]:
    """What `WATCHED` prints of one service."""
    printed = subprocess.run(
        [sys.executable, "-c", WATCHED.replace("{service}", request.param)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OWLBUS_ENVIRONMENT": "development"},
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(printed.stdout.splitlines()[-1])


def test_a_service_imports_nothing_that_only_tools_need(started: list[Any]) -> None:
    modules: list[str] = started[-1]
    assert [name for name in modules if any(name == one or name.startswith(f"{one}.") for one in FOR_TOOLS)] == []
    assert len(modules) < MODULES


def test_a_service_imports_no_other_service(started: list[Any]) -> None:
    assert len({name.split(".")[1] for name in started[-1] if name.startswith("services.")}) == 1


def test_nothing_is_imported_while_the_collector_looks_on(started: list[Any]) -> None:
    count, watched, off, on_again, frozen, _ = started
    assert count > 500 and watched == [] and off
    assert on_again and frozen > 50_000
