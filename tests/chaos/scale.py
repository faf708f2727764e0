"""`python -m tests.chaos.scale`: one, two, three replicas of a service, then a rolling restart of everything.

Prints, for each number of replicas, how long partitions were without an owner while they moved (the pause), how many
commands a second are answered and how quickly. Ends with 1 where a restart under load loses a request or publishes more
than one event in a thousand again.
"""

import asyncio
import json
import random
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus.client import Api
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, Replica
from tests.chaos.evidence import gather
from tests.chaos.faults.processes import RollingRestart
from tests.chaos.ledger import Ledger, Outcome
from tests.chaos.load import DEPARTMENT, PACK, Stream
from tests.chaos.oracle import judge
from tests.chaos.report import percentile
from tests.chaos.rig import LOOK_SECONDS, Rig, rig

SERVICE = "ideas"
MOST = 3
WORKERS = 24
SETTLE_SECONDS = 2.0
SAMPLE = 20
REDELIVERED = 0.001

console = Console(width=max(110, Console().width))


@dataclass
class Size:
    """Figures of one number of replicas."""

    replicas: int
    owned: list[int]
    pause_s: float
    commands_per_s: float
    p50_ms: float
    p99_ms: float
    lost_races: int


@dataclass
class Restart:
    """Figures of the rolling restart."""

    seconds: float
    accepted: int
    unknown: int
    retries: int
    without_retry_after: int
    events: int
    published_again: int
    findings: list[str]

    @property
    def ok(self) -> bool:
        """Whether it went as promised."""
        again = self.published_again <= REDELIVERED * self.events
        return again and not self.findings and not self.unknown and not self.without_retry_after


async def grow(ground: Rig, seconds: float) -> list[Size]:
    """Measure the service at each size, from one replica on."""
    sizes: list[Size] = []
    for count in range(1, MOST + 1):
        pause = 0.0
        if count > 1:
            ground.fleet.add(SERVICE).start()
            pause = await _pause(ground, count)
        await asyncio.sleep(SETTLE_SECONDS)
        sizes.append(await _measure(ground, count, pause, seconds))
    return sizes


async def _pause(ground: Rig, count: int) -> float:
    """The longest time between two looks at which every partition had an owner, until all replicas have a share."""
    longest, whole = 0.0, time.monotonic()
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            owned = await _owned(ground.fleet.of(SERVICE), client)
            now = time.monotonic()
            if sum(map(len, owned)) == len(set[int]().union(*owned)) == ground.fleet.partitions:
                longest, whole = max(longest, now - whole), now
                if min(map(len, owned)) >= ground.fleet.partitions // count:
                    return round(longest, 2)
            await asyncio.sleep(LOOK_SECONDS)


async def _owned(replicas: list[Replica], client: httpx.AsyncClient) -> list[set[int]]:
    reports = await asyncio.gather(*(replica.health(client) for replica in replicas))
    return [set(report.get("details", {}).get("owned", ())) for report in reports]


async def _measure(ground: Rig, count: int, pause: float, seconds: float) -> Size:
    """As many commands as a few people at once get through; then every replica is asked for the same things."""
    races = await _races(ground)
    async with ground.fleet.api() as api:
        workers = Workers(api, count)
        took = await workers.run(seconds)
        await _same_everywhere(ground, api, workers.ids)
    async with httpx.AsyncClient(trust_env=False) as client:
        owned = [len(one) for one in await _owned(ground.fleet.of(SERVICE), client)]
    return Size(
        replicas=count,
        owned=owned,
        pause_s=pause,
        commands_per_s=round(len(workers.seconds) / took, 1),
        p50_ms=_ms(workers.seconds, 0.5),
        p99_ms=_ms(workers.seconds, 0.99),
        lost_races=int(await _races(ground) - races),
    )


class Workers:
    """People who submit one idea after the other, at any replica. `seconds` is how long each answer took."""

    def __init__(self, api: Api, round: int) -> None:
        self.seconds: list[float] = []
        self.ids: list[str] = []
        self._api = api
        self._round = round

    async def run(self, seconds: float) -> float:
        """For so long; returns how long it was."""
        began = time.monotonic()
        await asyncio.gather(*(self._work(number, began + seconds) for number in range(WORKERS)))
        return time.monotonic() - began

    async def _work(self, number: int, until: float) -> None:
        person = f"author-{self._round}-{number}"
        while time.monotonic() < until:
            began = time.monotonic()
            answer = await self._api.acting(person, "author").post(SERVICE, "/ideas", _idea(person))
            self.seconds.append(time.monotonic() - began)
            self.ids.append(answer["id"])


def _idea(person: str) -> dict[str, Any]:
    return {
        "pack": PACK,
        "kind": "create",
        "department": DEPARTMENT,
        "title": "제안",
        "sections": {"content": "글 " * 50},
        "authors": [{"person_id": person, "share": "100"}],
    }


async def _same_everywhere(ground: Rig, api: Api, ids: list[str]) -> None:
    """Every replica shows the same. Raises OwlbusError where one does not."""
    headers = {"Authorization": f"Bearer {api.token('auditor-1', 'auditor', '')}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=15.0) as client:
        for id in ids[:: max(1, len(ids) // SAMPLE)]:
            answers = [await client.get(f"{one.url}/ideas/{id}") for one in ground.fleet.of(SERVICE)]
            if len({(answer.status_code, answer.text) for answer in answers}) > 1:
                raise OwlbusError(f"replicas do not agree on {id}: {[answer.status_code for answer in answers]}")


async def _races(ground: Rig) -> float:
    """How often a transaction was tried again because another replica had written its partition."""
    async with httpx.AsyncClient(trust_env=False, timeout=15.0) as client:
        texts = [(await client.get(f"{replica.url}/metrics")).text for replica in ground.fleet.of(SERVICE)]
    lines = (line for text in texts for line in text.splitlines())
    return sum(float(line.split()[-1]) for line in lines if line.startswith("owlbus_transaction_retries_total"))


def _ms(seconds: list[float], share: float) -> float:
    return round(1000 * (percentile(seconds, share) or 0.0), 1)


async def restart(ground: Rig, seed: int, rate: float) -> Restart:
    """Stop and start every replica of every service, one after the other, under a stream of ideas."""
    ledger, began = Ledger(), time.monotonic()
    stream = Stream(ground.fleet, ledger, seed, rate, impatient=0.0)
    try:
        stream.start()
        await RollingRestart(random.Random(seed)).inject(ground)
        took = time.monotonic() - began
        await stream.finish()
        await ground.recovered()
        await ground.fleet.drained()
    finally:
        await stream.close()
    evidence = await gather(ground.fleet, ground.mongo.uri)
    return Restart(
        seconds=round(took, 1),
        accepted=ledger.count(Outcome.OK),
        unknown=ledger.count(Outcome.UNKNOWN),
        retries=stream.retries,
        without_retry_after=stream.answers.without_retry_after,
        events=evidence.events,
        published_again=evidence.check.chains.redelivered,
        findings=[f"{one.kind}: {one.what}" for one in judge(ledger, evidence)],
    )


async def _run(directory: Path, seconds: float, rate: float, seed: int) -> tuple[list[Size], Restart]:
    async with rig(directory, replicas=1) as ground:
        sizes = await grow(ground, seconds)
        for service in SERVICES:
            if service != SERVICE:
                ground.fleet.add(service).start()
        await ground.recovered()
        return sizes, await restart(ground, seed, rate)


def _print(sizes: list[Size], restarted: Restart) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("replicas", "partitions of each", "pause", "commands/s", "p50", "p99", "lost races"):
        table.add_column(name, justify="right")
    for size in sizes:
        figures = (
            f"{size.pause_s:.2f} s",
            f"{size.commands_per_s:,.0f}",
            f"{size.p50_ms:.0f} ms",
            f"{size.p99_ms:.0f} ms",
        )
        table.add_row(str(size.replicas), " ".join(map(str, size.owned)), *figures, str(size.lost_races))
    console.print(table, highlight=False)
    console.print(
        f"rolling restart of everything in {restarted.seconds:.0f} s under load: {restarted.accepted:,} accepted, "
        f"{restarted.unknown} unknown, {restarted.retries} sent again; {restarted.published_again} of "
        f"{restarted.events:,} events published again; "
        + ("as promised" if restarted.ok else "[red]not as promised[/]"),
        highlight=False,
    )
    for finding in restarted.findings[:20]:
        console.print(escape(finding), highlight=False, soft_wrap=True)


def main(
    seconds: Annotated[float, typer.Option(help="How long each size is measured.")] = 10.0,
    rate: Annotated[float, typer.Option(help="Ideas a second during the restart.")] = 3.0,
    seed: Annotated[int, typer.Option(help="What the ideas are drawn from.")] = 1,
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/scale.json"),
) -> None:
    """Run one, two, three replicas of a service, then restart everything under load."""
    directory = Path(tempfile.mkdtemp(prefix="owlbus-scale-"))
    sizes, restarted = asyncio.run(_run(directory, seconds, rate, seed))
    _print(sizes, restarted)
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = {"sizes": [asdict(size) for size in sizes], "restart": asdict(restarted), "ok": restarted.ok}
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if not restarted.ok:
        raise typer.Exit(1)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
