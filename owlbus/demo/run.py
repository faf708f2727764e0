"""One demo from an empty directory to its account: a stack of its own, a scenario, what came of it."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.embedded.supervisor import lock
from owlbus.demo import contest, course, data, datasets, petitions, rewards, scenario, second_look, terminal
from owlbus.demo.account import Account
from owlbus.demo.counts import Counted, compare, of_files, of_services
from owlbus.demo.crew import Crew, Days
from owlbus.demo.gather import gather
from owlbus.demo.page import Language, write_page
from owlbus.demo.progress import Show
from owlbus.demo.scenario import Story
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT, TOPICS, Fleet
from owlbus.stack import running
from shared.runtime.kafka.records import read_topics

BUILD = ROOT / "build"
PLAIN_WIDTH = 140
"""Where nobody says how wide the terminal is."""

STEPS = {
    "servers": "Kafka와 MongoDB 시작  starting the servers",
    "topics": "토픽 만들기  creating the topics",
    "services": "네 서비스 시작  starting the four services",
}


async def guided(crew: Crew, days: Days, show: Show, account: Account) -> str:
    """The guided scenario; the id of the idea to tell about."""
    story = Story(crew, days, show)
    account.began = days.now().isoformat(timespec="seconds")
    for part in (
        scenario.directories,
        scenario.intake,
        course.course,
        contest.contest,
        scenario.evaluation,
        contest.figures,
        rewards.decisions,
        second_look.reexamination,
        rewards.implementation,
        rewards.awards,
        rewards.spread,
        rewards.results,
        second_look.claims,
    ):
        await part(story)
    account.refusals = tuple(story.refusals)
    return story.ids["owl-bus"]


Play = Callable[[Crew, Days, Show, Account], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a demo plays. `wanted` is what the services must hold at the end, where files say it."""

    mode: str
    title: str
    play: Play
    wanted: Counted | None = None


def choose(source: Path | None) -> Scenario:
    """The guided scenario, petitions, or the three data sets, whatever `source` holds. Raises OwlbusError."""
    if source is None:
        return Scenario("guided", "제안 마흔다섯 편, 제출에서 확산까지", guided)
    if datasets.is_here(source):
        return Scenario(
            "datasets", "공개 자료 세 가지, 가져오기에서 확인까지", datasets.scenario_of(source), of_files(source)
        )
    return Scenario("import", "실제 청원, 제출에서 확산까지", petitions.scenario_of(source))


def demo(source: Path | None, *, out: Path = BUILD, keep: bool = False, language: Language = "ko") -> Account:
    """Run a demo below `out`, and write its page and figures there.

    Raises OwlbusError and what starting a stack raises.
    """
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    chosen = choose(source)
    account = Account(chosen.mode, chosen.title)
    directory = out / "demo-run"
    directory.mkdir(parents=True, exist_ok=True)
    with lock(directory) as free:
        if not free:
            raise OwlbusError(f"a demo is running in {directory} already: let it end, or name another place with --out")
        _clear(directory)
        try:
            asyncio.run(_run(console, account, chosen, directory))
        except asyncio.CancelledError:
            raise OwlbusError("stopped before the end; nothing is left running") from None
        finally:
            if not keep:
                shutil.rmtree(directory / "servers", ignore_errors=True)
    terminal.tell(console, account)
    write_page(account, data.cast(), out / "demo.html", language)
    (out / "demo.json").write_text(_json(account.figures_document()), encoding="utf-8")
    page, figures = (os.path.relpath(out / name) for name in ("demo.html", "demo.json"))
    console.print(f"\n처리 경과 페이지  page: {page}\n수치  figures: {figures}", highlight=False)
    return account


def _clear(directory: Path) -> None:
    """Nothing of an earlier run, but the lock that this one holds."""
    for name in ("servers", "issuer", "logs"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in ("clock", "clock.lock"):
        (directory / name).unlink(missing_ok=True)


async def _run(console: Console, account: Account, chosen: Scenario, directory: Path) -> None:
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    began = time.monotonic()
    show = Show(console)
    prefix = f"owlbus_demo_{time.time_ns()}_"  # on servers that are not ours, databases of our own
    with console.status("시작  starting") as status:
        opening = running(directory, step=lambda step: status.update(STEPS.get(step, step)), prefix=prefix)
        async with opening as (stack, fleet):
            if stack.kafka is None:
                await _require_empty(fleet)
            status.stop()
            account.seconds["stack"] = round(time.monotonic() - began, 2)
            await _play(fleet, account, chosen, show)
    account.seconds["total"] = round(time.monotonic() - began, 2)


async def _require_empty(fleet: Fleet) -> None:
    async for records in read_topics(fleet.access, TOPICS):
        if records:
            raise OwlbusError(
                "the demo needs Kafka servers without Owlbus topics; those in the environment have events"
            )


async def _play(fleet: Fleet, account: Account, chosen: Scenario, show: Show) -> None:
    days = Days(fleet.clock)
    async with fleet.api() as api:
        crew = Crew(api, data.cast())
        started = time.monotonic()
        with show.running():
            featured = await chosen.play(crew, days, show, account)
            account.seconds["scenario"] = round(time.monotonic() - started, 2)
            with show.phase("account", "기록 확인  reading the log"):
                await fleet.drained()
                await gather(account, crew, fleet.access, featured)
                if chosen.wanted is not None:
                    compare(account, await of_services(crew.auditor, account.log["types"]), chosen.wanted)
        account.phases = show.seconds
        account.seconds["account"] = show.seconds["account"]
        account.requests, account.retries = api.requests, api.retries
    account.ended = days.now().isoformat(timespec="seconds")


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
