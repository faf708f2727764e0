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
    "cloudevents",
    "deploy",
    "hypothesis",
    "jinja2",
    "jsonschema",
    "owlbus",
    "psutil",
    "pytest",
    "tests",
    "typer",
)
FOR_FILES = ("dateparser", "openpyxl", "regex", "shared.intake")
FOR_STATISTICS = ("choix", "networkx", "numpy", "pandas", "scipy")
LATER = (*FOR_TOOLS, *FOR_FILES, *FOR_STATISTICS, "testcontainers")
"""What tools and tests need, or a service for a single request: that imports it where it needs it, not at its start."""
MODULES = 1_400
"""Most that a service may import; it was 1,250 when this was written, each a fraction of a millisecond."""

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


def test_a_service_imports_nothing_that_its_start_does_not_need(started: list[Any]) -> None:
    modules: list[str] = started[-1]
    assert [name for name in modules if any(name == one or name.startswith(f"{one}.") for one in LATER)] == []
    assert len(modules) < MODULES


def test_a_service_imports_no_other_service(started: list[Any]) -> None:
    assert len({name.split(".")[1] for name in started[-1] if name.startswith("services.")}) == 1


def test_nothing_is_imported_while_the_collector_looks_on(started: list[Any]) -> None:
    count, watched, off, on_again, frozen, _ = started
    assert count > 500 and watched == [] and off
    assert on_again and frozen > 50_000
