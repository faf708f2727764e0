"""Records that are wrong in every way that was thought of, among records that are right, on real servers."""

from collections import Counter as Multiset
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.embedded.stack import Stack
from services.ideas.domain import IDEA
from services.ideas.domain.commands import CheckCompleteness, ReceiveIdea
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.evaluation import IdeaEvaluated
from shared.engine.aggregate import derive_id
from shared.engine.channel import channel_of
from shared.engine.emit import Cause, Entry, Tip, write_entry
from shared.engine.inputs import Call, Held, Input, read_record
from shared.engine.message import Actor
from shared.engine.partition import GENESIS, Partition
from shared.runtime.kafka.access import TOPIC_CONFIG
from shared.runtime.machine import Machine
from tests.support.bad import ELSEWHERE, EVERY, GOOD, HOME, Bad, Source, changed, key_at
from tests.support.counter import TALLY, Noted, deciders
from tests.support.machines import OPERATOR, PERSON, House, add, house_of, tags, tallied
from tests.support.noise import every_nasty_part
from tests.support.raw import MAX_REQUEST, Raw, send_raw
from tests.support.replica import access, until
from tests.support.stack import own_servers
from tests.support.world import World
from tests.unit.ideas.support import LEAD, RECEIVER, SEOUL, evaluated, submission

pytestmark = pytest.mark.integration
TOPIC = "test.events"
SECOND = 2
"""Another partition, so that tests that share servers don't meet."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this module's own."""
    with own_servers(tmp_path_factory.mktemp("servers")) as own:
        yield own


def _key(bad: Bad) -> str:
    return key_at(HOME, f"tally{EVERY.index(bad)}")


def _script() -> tuple[list[Raw], list[str], dict[int, Bad]]:
    """All records for `HOME`, each bad one between good ones; the good tags, and the offsets of what is held."""
    source = Source(7)
    records, good, held = [Raw(source.tell("first").value)], ["first"], dict[int, Bad]()
    for bad in EVERY:
        if bad.kind:
            held[len(records)] = bad
        if bad.instead:
            records.append(bad.make(source.tell(bad.name, _key(bad)).value))
        entry = source.tell(f"after {bad.name}")
        if not bad.instead:
            records.append(bad.make(entry.value))
        records.append(Raw(entry.value, entry.key.encode()))
        good.append(f"after {bad.name}")
    return records, good, held


async def _allow_large_records(stack: Stack) -> None:
    config = TOPIC_CONFIG | {"max.message.bytes": str(MAX_REQUEST)}
    async with access(stack).admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, config)])


async def _expect_script_done(machine: Machine, good: list[str], held: dict[int, Bad]) -> None:
    assert await tags(machine, TALLY, GOOD) == good
    found = {one.offset: one for one in await machine.held(HOME)}
    assert {place: one.kind for place, one in found.items()} == {place: bad.kind for place, bad in held.items()}
    silent = [(bad.name, found[place].reason) for place, bad in held.items() if bad.says not in found[place].reason]
    assert not silent
    odd = [bad for bad in EVERY if not bad.kind]
    assert [await tags(machine, TALLY, _key(bad)) for bad in odd] == [[bad.name] for bad in odd]
    assert machine.live().ok and not machine.ready().degraded


async def test_each_bad_record_is_held_with_its_reason_and_nothing_else_waits(
    servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, good, held = _script()
    newer = next(bad for bad in EVERY if bad.name == "newer version")
    async with house_of(servers, tmp_path) as house:
        await _allow_large_records(servers)
        machine = await house.machine()
        await add(machine, "before", tally=ELSEWHERE)
        await send_raw(servers, TOPIC, HOME, records)
        await add(machine, "behind", tally=ELSEWHERE)
        await until(tallied(machine, ELSEWHERE, ["before", "behind"]), "another partition goes on")
        await until(tallied(machine, GOOD, good), "all that is right takes effect")
        await _expect_script_done(machine, good, held)
        await _expect_quarantine_listed(house, machine, held)
        await _expect_parked(house, machine)
        await cast(Any, machine)._consumer.commit_offsets()
    async with house_of(servers, tmp_path) as house:
        # The upgrade that reads the newer version.
        monkeypatch.setattr(Noted, "VERSION", 2)
        monkeypatch.setattr("shared.engine.upcast._steps", {("test.Noted", 1): dict[str, Any]})
        machine = await house.machine()
        await add(machine, "later", key_at(3, "counter"), tally=GOOD)
        await until(tallied(machine, GOOD, [*good, "later"]), "it goes on where it was")
        await _expect_script_done(machine, [*good, "later"], held)
        answer = await house.ask(machine, OPERATOR, "POST", "/ops/redrive", {"key": _key(newer)})
        assert answer.json() == {"target_id": _key(newer), "done": 1, "left": 0, "reason": ""}
        assert await tags(machine, TALLY, _key(newer)) == [newer.name]
        assert len(await machine.held(HOME)) == len(held) - 1
        answer = await house.ask(machine, PERSON, "POST", f"/counters/{_key(newer)}/additions", {"amount": 1})
        assert answer.status_code == 200, answer.text


async def _expect_quarantine_listed(house: House, machine: Machine, held: dict[int, Bad]) -> None:
    answer = await house.ask(machine, OPERATOR, "GET", "/ops/quarantine")
    items = answer.json()["items"]
    assert [(one["partition"], one["topic"], one["offset"]) for one in items] == [(HOME, TOPIC, at) for at in held]
    assert max(len(one["reason"]) for one in items) <= 500
    kept = {one.offset: len(one.value) for one in await machine.held(HOME)}
    assert max(kept.values()) == 65_536


async def _expect_parked(house: House, machine: Machine) -> None:
    for bad in EVERY:
        path = f"/counters/{_key(bad)}/additions"
        answer = await house.ask(machine, PERSON, "POST", path, {"amount": 1}, Idempotency_Key=bad.name.encode().hex())
        parked = bad.kind in ("unfit", "bug")
        assert answer.status_code == (409 if parked else 200), (bad.name, answer.text)
        assert not parked or answer.json()["code"] == "awaiting_repair"


async def test_copies_gaps_and_second_histories_are_told_apart(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        tally = key_at(SECOND, "good")
        a, b, c, d = (_told(7 + i, name, tally) for i, name in enumerate("abcd"))
        far = changed(d[1].value, sequence=str(2**63 - 1), id=f"test/10/{2**63 - 1}", data={"tag": "far"})
        ahead = changed(
            Source(SECOND).tell("own", tally).value, previous="700", sequence="701", id=f"test/{SECOND}/701"
        )
        values = [
            *_values(a[0], b[0], c[0], d[0]),
            *_values(a[0], a[1], a[0], a[1], b[2], a[2]),
            changed(c[0].value, data={"tag": "another c0"}),
            *_values(c[1]),
            far,
            *_values(d[1], d[2]),
            ahead,
            *_values(b[1], b[2], c[2], a[2]),
        ]
        await send_raw(servers, TOPIC, SECOND, [Raw(value) for value in values])
        wanted = ["a0", "b0", "c0", "d0", "a1", "a2", "c1", "far", "b1", "b2", "c2"]
        await until(tallied(machine, tally, wanted), "what continues its channel takes effect, once")
        await until(lambda: _read(machine, SECOND, len(values)), "all is read")
        partition = cast(Any, machine)._boxes[SECOND].partition
        aside = {channel.partition("|")[2]: one.kind for channel, one in partition.aside.items()}
        assert aside == {"test/9": "fork", "test/10": "fork", f"test/{SECOND}": "gap"}
        assert _counted(machine, "duplicates") == 4
        assert not await machine.held(SECOND)
        assert (await add(machine, "a command", tally)).code == ""


def _values(*entries: Entry) -> list[bytes]:
    return [entry.value for entry in entries]


async def _read(machine: Machine, number: int, count: int) -> bool:
    partition = cast(Any, machine)._boxes[number].partition
    return partition is not None and partition.offsets.get(TOPIC, 0) >= count


def _told(number: int, name: str, tally: str) -> list[Entry]:
    source = Source(number)
    return [source.tell(f"{name}{i}", tally) for i in range(3)]


def _counted(machine: Machine, name: str) -> float:
    """A counter over all its labels."""
    return sum(
        sample.value
        for metric in machine.metrics.registry.collect()
        for sample in metric.samples
        if sample.name == f"owlbus_{name}_total"
    )


# --- anything


def _noise(chance: Random, value: bytes) -> bytes:
    """Random bytes, or a copy of an event that was damaged on the way."""
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(2_000))
        case 1:
            return value[: chance.randrange(len(value))] + chance.randbytes(3) + value[chance.randrange(len(value)) :]
        case 2:
            damaged = bytearray(value)
            damaged[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            return bytes(damaged)
        case _:
            return chance.choice([value, *every_nasty_part(value)])


async def test_random_bytes_end_as_the_pure_planner_says(servers: Stack, tmp_path: Path) -> None:
    number, chance, source = 8, Random(20_250_303), Source(7)
    tally = key_at(number, "good")
    values, good = list[bytes](), list[str]()
    for i in range(80):
        good.append(f"e{i}")
        values.append(source.tell(good[-1], tally).value)
        values += [_noise(chance, values[-1]) for _ in range(chance.randrange(5))]
    pure = World(deciders(), Partition(number, 12))
    counts = sum((plan.counts for plan in pure.give(*_as_read(values))), Multiset[str]())
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await send_raw(servers, TOPIC, number, [Raw(value) for value in values])
        await until(tallied(machine, tally, good), "all that is right takes effect")
        await until(lambda: _read(machine, number, len(values)), "all is read")
        partition = cast(Any, machine)._boxes[number].partition
        channel = channel_of(TOPIC, "test/7")
        assert partition.marks[channel] == pure.partition.marks[channel]
        assert partition.aside.keys() == pure.partition.aside.keys()
        held = await machine.held(number, limit=1_000)
        assert [_of_held(one) for one in held] == [_of_held(one) for one in pure.held]
        assert (len(held), _counted(machine, "duplicates")) == (counts["held"], counts["duplicate"])
        assert len(good) + len(held) + counts["duplicate"] + counts["fork"] + counts["gap"] == len(values)
        assert machine.live().ok and not machine.ready().degraded


def _as_read(values: list[bytes]) -> list[Input]:
    now = datetime.now(UTC)
    return [read_record(deciders(), TOPIC, offset, value, now) for offset, value in enumerate(values)]


def _of_held(held: Held) -> tuple[Any, ...]:
    return held.number, held.offset, held.kind, held.key, held.reason, held.value


# --- a real service


class _Evaluation:
    """Partition 3 of `evaluation`, as far as `ideas` hears of it."""

    def __init__(self) -> None:
        self._tip = Tip(0, GENESIS, {})

    def tell(self, idea_id: str, score: str) -> bytes:
        """The result of an idea's evaluation."""
        event = evaluated(SEOUL, score).model_copy(update={"idea_id": idea_id})
        cause = Cause("c", "c", Actor("service:evaluation", "system"), datetime.now(UTC))
        return write_entry("evaluation/3", 12, self._tip, f"evaluation/{idea_id}", 1, event, cause, "1/1").value


async def _under_evaluation(machine: Machine, idea_id: str) -> None:
    steps = (submission(SEOUL), LEAD), (ReceiveIdea(), RECEIVER), (CheckCompleteness(outcome="complete"), RECEIVER)
    for command, actor in steps:
        wish = derive_id(idea_id, type(command).__name__)
        answer = await machine.execute(Call(wish, wish, IDEA, idea_id, command, actor, machine.clock.now()))
        assert answer.code == "", answer
    assert await _stands(machine, idea_id, "under_evaluation", None)()


def _stands(machine: Machine, idea_id: str, stage: str, score: str | None) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        stored = await machine.reader.state(IDEA, idea_id)
        state = stored.state.model_dump(mode="json") if stored else {}
        return (state.get("stage"), state.get("score")) == (stage, score)

    return condition


async def test_an_idea_waits_for_the_upgrade_and_its_neighbours_do_not(
    servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, neighbour = key_at(HOME, "waiting"), key_at(HOME, "neighbour")
    withdrawal = f"/ideas/{waiting}/withdrawal", {"reason": "다시 쓰겠습니다."}
    async with house_of(servers, tmp_path, IDEAS) as house:
        machine = await house.machine()
        for idea_id in (waiting, neighbour):
            await _under_evaluation(machine, idea_id)
        source = _Evaluation()
        newer = changed(source.tell(waiting, "87.50"), dataschema="urn:owlbus:evaluation.IdeaEvaluated:2")
        later = [source.tell(waiting, "10.00"), source.tell(neighbour, "55.00")]
        await send_raw(servers, "evaluation.events", HOME, [Raw(value) for value in (newer, *later)])
        await until(_stands(machine, neighbour, "decision_pending", "55.00"), "the neighbour goes on")
        assert await _stands(machine, waiting, "under_evaluation", None)()
        assert [(one.kind, one.key) for one in await machine.held(HOME)] == [("unfit", waiting), ("waiting", waiting)]
        answer = await house.ask(machine, LEAD, "POST", *withdrawal, Idempotency_Key="w1")
        assert (answer.status_code, answer.json()["code"]) == (409, "awaiting_repair")
        answer = await house.ask(machine, OPERATOR, "POST", "/ops/redrive", {"key": waiting})
        assert (answer.json()["done"], answer.json()["left"]) == (0, 2)
    async with house_of(servers, tmp_path, IDEAS) as house:
        monkeypatch.setattr(IdeaEvaluated, "VERSION", 2)
        monkeypatch.setattr("shared.engine.upcast._steps", {("evaluation.IdeaEvaluated", 1): dict[str, Any]})
        machine = await house.machine()
        answer = await house.ask(machine, OPERATOR, "POST", "/ops/redrive", {"key": waiting})
        assert answer.json() == {"target_id": waiting, "done": 2, "left": 0, "reason": ""}
        assert await _stands(machine, waiting, "decision_pending", "87.50")(), "the first result counts"
        assert not await machine.held(HOME)
        answer = await house.ask(machine, LEAD, "POST", *withdrawal, Idempotency_Key="w1")
        assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn"), answer.text
