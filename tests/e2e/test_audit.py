"""`owlbus log` as an auditor runs it, against four running services; what a receipt's holder does without any."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from owlbus.client import Api
from owlbus.fleet import SERVICES, Fleet
from owlbus.stack import running
from tests.support.cli import owlbus

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]  # some thirty runs of the command line
Run = Callable[..., "subprocess.CompletedProcess[str]"]


async def received_ideas(api: Api, count: int) -> list[str]:
    """Ideas that were submitted and received, in order."""
    author, office = api.acting("p-101", "author"), api.acting("p-5", "receiver")
    ids: list[str] = []
    for number in range(count):
        wish = {
            "pack": "open-call",
            "kind": "improve",
            "department": "plaza",
            "title": f"<b>회의 없는 수요일 {number}</b>",
            "sections": {"content": "수요일에는 회의를 잡지 않습니다."},
            "authors": [{"person_id": "p-101", "share": "100"}],
        }
        idea = await author.post("ideas", "/ideas", wish)
        ids.append(str(idea["id"]))
        await office.post("ideas", f"/ideas/{ids[-1]}/receipt", {})
        await office.post("ideas", f"/ideas/{ids[-1]}/completeness", {"outcome": "complete"})
    return ids


def tools_of(fleet: Fleet) -> Run:
    """The command line with this fleet's servers."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return owlbus(
            "log",
            *arguments,
            KAFKA_BOOTSTRAP_SERVERS=fleet.servers.bootstrap,
            MONGODB_URI=fleet.servers.mongo_uri,
            OWLBUS_ENVIRONMENT="development",
        )

    return run


async def test_an_auditor_s_tools_from_heads_to_receipt(tmp_path: Path) -> None:
    async with running(tmp_path / "stack") as (_, fleet):
        async with fleet.api() as api:
            ids = await received_ideas(api, 3)
        await fleet.drained()
        run = tools_of(fleet)
        await asyncio.to_thread(_check_and_keep_heads, run, tmp_path)
        await asyncio.to_thread(_replay, run, fleet, ids[0])
        await asyncio.to_thread(_show, run, tmp_path, ids[0])
        await asyncio.to_thread(_receipts, run, tmp_path, ids)
    await asyncio.to_thread(_without_servers, tmp_path)


def _check_and_keep_heads(run: Run, directory: Path) -> None:
    kept = run("heads")
    assert kept.returncode == 0, kept.stderr
    heads = directory / "heads.json"
    heads.write_text(kept.stdout, "utf-8")
    checked = run("verify", "--against", str(heads), "--json")
    report = json.loads(checked.stdout)
    assert checked.returncode == 0 and report["ok"] and report["against"]["faults"] == 0
    assert report["events"] == json.loads(kept.stdout)["events"]
    forged = json.loads(kept.stdout)
    source = max(forged["heads"], key=lambda name: forged["heads"][name]["sequence"])
    forged["heads"][source]["sequence"] += 1_000
    (directory / "longer.json").write_text(json.dumps(forged), "utf-8")
    checked = run("verify", "--against", str(directory / "longer.json"))
    assert checked.returncode == 1 and f"cut off {source}/" in checked.stdout
    (directory / "broken.json").write_text(kept.stdout[:50], "utf-8")
    broken = run("verify", "--against", str(directory / "broken.json"))
    assert broken.returncode == 2 and "holds no heads" in broken.stderr and "Traceback" not in broken.stderr


def _replay(run: Run, fleet: Fleet, idea: str) -> None:
    for service in SERVICES:
        replayed = run("replay", service, "--json")
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert json.loads(run("replay", "ideas", "--json").stdout)["aggregates"]["idea"]["equal"] == 3
    with MongoClient[dict[str, Any]](fleet.servers.mongo_uri) as admin:
        ideas = admin["owlbus_ideas"].idea
        ideas.update_one({"_id": idea}, {"$set": {"state.department": "elsewhere"}})
        replayed = run("replay", "ideas")
        assert replayed.returncode == 1
        assert f'differs idea/{idea} state.department: folded "plaza", live "elsewhere"' in replayed.stdout
        ideas.update_one({"_id": idea}, {"$set": {"state.department": "plaza"}})
    nobody = run("replay", "ideas", "--database", "nobody_s")
    assert nobody.returncode == 2 and "not the store of ideas" in nobody.stderr


def _show(run: Run, directory: Path, idea: str) -> None:
    shown = run("show", idea)
    assert shown.returncode == 0, shown.stderr
    assert "접수" in shown.stdout and "p-5 · 접수담당" in shown.stdout and "open-call" in shown.stdout
    page = directory / "idea.html"
    assert run("show", idea, "--html", str(page), "--lang", "en").returncode == 0
    assert "&lt;b&gt;회의 없는 수요일" in page.read_text("utf-8") and "<b>회의" not in page.read_text("utf-8")
    events = json.loads(run("show", "p-5", "--json").stdout)["events"]
    assert sum(one["type"] == "ideas.IdeaReceived" for one in events) == 3
    nothing = run("show", "nobody")
    assert nothing.returncode == 1 and "no event" in nothing.stderr


def _receipts(run: Run, directory: Path, ids: list[str]) -> None:
    for number, idea in enumerate(ids, 1):
        made = run(
            "receipt", idea, "--out", str(directory / f"{number}.json"), "--html", str(directory / f"{number}.html")
        )
        assert made.returncode == 0, made.stderr
    receipts = [json.loads((directory / f"{number}.json").read_text("utf-8")) for number in (1, 2, 3)]
    assert [one["order"]["number"] for one in receipts] == [1, 2, 3]
    assert [one["before"] and one["before"]["sha256"] for one in receipts] == [
        None,
        receipts[0]["event"]["sha256"],
        receipts[1]["event"]["sha256"],
    ]
    assert json.loads(run("receipt", ids[1], "--json").stdout)["event"] == receipts[1]["event"]
    assert "접수 순서" in run("receipt", ids[0]).stdout
    none = run("receipt", "nobody")
    assert none.returncode == 1 and "has been received" in none.stderr


def _without_servers(directory: Path) -> None:
    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        home = str(directory / "nowhere")
        return owlbus(
            *("log", "receipt", "verify"), *arguments, KAFKA_BOOTSTRAP_SERVERS="", MONGODB_URI="", OWLBUS_HOME=home
        )

    for name in ("2.json", "2.html"):
        checked = verify(str(directory / name), "--against", str(directory / "heads.json"))
        assert checked.returncode == 0 and "2번째" in checked.stdout, checked.stdout + checked.stderr
    text = (directory / "2.html").read_text("utf-8")
    (directory / "forged.html").write_text(text.replace("p-5", "p-6"), "utf-8")
    forged = verify(str(directory / "forged.html"), "--json")
    assert forged.returncode == 1 and not json.loads(forged.stdout)["ok"]
    assert verify(str(directory / "heads.json")).returncode == 2
