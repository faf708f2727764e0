"""`up`, `status`, `down`: a stack in the background that comes back by itself and keeps its data."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cli import owlbus, processes_of, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

IDEA = {
    "pack": "open-call",
    "kind": "improve",
    "department": "plaza",
    "title": "회의 없는 수요일",
    "sections": {"content": "수요일에는 회의를 잡지 않습니다."},
    "authors": [{"person_id": "p-101", "share": "100"}],
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """A home of the test's own, with nothing left running after it."""
    yield str(tmp_path)
    owlbus("down", OWLBUS_HOME=str(tmp_path))
    wait_until(lambda: not processes_of(tmp_path), "everything ends", 30)


def status(home: str) -> tuple[int, dict[str, dict[str, Any]]]:
    told = owlbus("status", "--json", OWLBUS_HOME=home)
    lines: list[dict[str, Any]] = json.loads(told.stdout) if told.stdout else []
    return told.returncode, {line["name"]: line for line in lines}


def call(home: str, ideas: dict[str, Any], method: str, path: str, body: Any = None) -> dict[str, Any]:
    token = owlbus("token", "p-101", "--role", "author", OWLBUS_HOME=home).stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    return (
        httpx.request(method, ideas["address"] + path, json=body, headers=headers, timeout=15).raise_for_status().json()
    )


def test_without_a_stack_every_command_says_what_to_do(home: str) -> None:
    commands = {
        ("status",): 1,
        ("token", "p-1", "--role", "author"): 1,
        ("ops", "topics", "verify"): 1,
        ("log", "verify"): 2,
        ("log", "replay", "ideas"): 2,
        ("log", "receipt", "i-1"): 2,
    }
    for command, code in commands.items():
        told = owlbus(*command, OWLBUS_HOME=home, KAFKA_BOOTSTRAP_SERVERS="")
        assert told.returncode == code and "make up" in told.stderr and "Traceback" not in told.stderr
    assert owlbus("down", OWLBUS_HOME=home).returncode == 0


def test_a_stack_serves_comes_back_and_keeps_its_data(home: str) -> None:
    up = owlbus("up", OWLBUS_HOME=home)
    assert up.returncode == 0, up.stderr
    code, lines = status(home)
    assert code == 0 and {line["health"] for line in lines.values()} == {"ok"}
    assert lines["ideas-0"]["partitions"] == 12
    idea = call(home, lines["ideas-0"], "POST", "/ideas", IDEA)

    os.kill(lines["ideas-0"]["pid"], signal.SIGKILL)

    def back() -> bool:
        again = status(home)
        return again[0] == 0 and again[1]["ideas-0"]["pid"] != lines["ideas-0"]["pid"]

    wait_until(back, "the killed service comes back", 60)
    assert call(home, status(home)[1]["ideas-0"], "GET", f"/ideas/{idea['id']}") == idea

    assert owlbus("down", OWLBUS_HOME=home).returncode == 0
    assert processes_of(Path(home)) == [] and status(home)[0] == 1

    assert owlbus("up", OWLBUS_HOME=home).returncode == 0
    assert call(home, status(home)[1]["ideas-0"], "GET", f"/ideas/{idea['id']}") == idea
    report = json.loads(owlbus("log", "verify", "--json", OWLBUS_HOME=home).stdout)
    assert report["ok"] and report["types"] == {"ideas.IdeaSubmitted": 1}
