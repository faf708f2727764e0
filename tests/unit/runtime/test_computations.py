"""What is asked for is computed by workers at the partition's owner, and recorded once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest

from shared.engine.aggregate import DomainModule, aggregate, derive_id
from shared.engine.asking import seed_of
from shared.engine.inputs import Answer, Call
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.engine.plan import plan
from shared.runtime.clock import SystemClock
from shared.runtime.computations import Computations, Outcome
from shared.runtime.engine_port import Unavailable
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.service import Service
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, Write
from shared.runtime.telemetry import Metrics
from shared.runtime.worker import WorkerFailed, name_of, work
from tests.support.counter import COUNTER
from tests.support.replica import until
from tests.support.riddles import RIDDLE, AskRiddle, DropRiddle, Question, Riddle, computation, compute
from tests.support.riddles_app import SERVICE

PERSON = Actor("p-1", "author")
PARTITIONS = 2


class Site:
    """A store, mailboxes, and decisions made at once."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.boxes = [Mailbox(n, owned=True, standing=Standing.SERVING) for n in range(PARTITIONS)]
        self.metrics = Metrics("riddles")
        self.told: list[Call] = []
        self.away = 0

    async def open(self) -> "Site":
        await self.store.prepare(Layout("riddles", (RIDDLE,), PARTITIONS, SERVICE.searched))
        return self

    def computations(self, workers: int = 1, **more: Any) -> Computations:
        declared = [computation(**more)]
        return Computations(
            "riddles", declared, self.store, self.boxes, self.tell, SystemClock(), self.metrics, workers
        )

    async def tell(self, number: int, call: Call) -> Answer:
        self.told.append(call)
        if self.away:
            self.away -= 1
            raise Unavailable
        partition = (await self.store.partitions([number]))[number]
        states = await self.store.states([("riddle", call.id)])
        known = await self.store.commands([call.command_id])
        outcome = plan(SERVICE.deciders, partition, states, known, [call])
        outcome.partition.token = f"{len(self.told)}"
        await self.store.commit([Write(outcome, partition.token)])
        return outcome.answers[0][1]

    async def person(self, wish: str, command: Any, id: str = "r1") -> None:
        number = partition_of(id, PARTITIONS)
        answer = await self.tell(number, Call(derive_id(wish), "", RIDDLE, id, command, PERSON, SystemClock().now()))
        assert not answer.code, answer
        self.told.clear()

    async def riddle(self, id: str = "r1") -> Riddle:
        stored = await self.store.state(RIDDLE, id)
        assert stored is not None and isinstance(stored.state, Riddle)
        return stored.state

    def outcome(self, name: str) -> float:
        return (
            self.metrics.registry.get_sample_value(
                "owlbus_computations_total", {"computation": "riddle", "outcome": name}
            )
            or 0.0
        )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    yield await Site().open()


async def looked(computations: Computations) -> None:
    """One look, and the end of all that it began."""
    await computations.look()
    running = list(cast(Any, computations)._running.values())
    if running:
        await asyncio.wait(running)


async def test_an_answer_is_recorded_with_seed_and_versions(site: Site) -> None:
    await site.person("w1", AskRiddle(number=6))
    ask = (await site.riddle()).ask("riddle")
    assert ask is not None
    await looked(site.computations())
    riddle = await site.riddle()
    assert (riddle.answers, riddle.asked) == ((42,), ()) and (riddle.found_with or {}).keys() == {"pydantic"}
    (call,) = site.told
    assert call.actor == Actor("service:riddles", "system")
    assert call.command.model_dump()["seed"] == seed_of(ask.id)
    assert site.outcome("recorded") == 1


async def test_asked_of_two_it_is_computed_twice_and_recorded_once(site: Site, tmp_path: Path) -> None:
    await site.person("w1", AskRiddle(number=6, traces=str(tmp_path)))
    here, there = site.computations(), site.computations()
    await asyncio.gather(looked(here), looked(there))
    assert len(list(tmp_path.iterdir())) == 2 == len(site.told)
    assert len({call.command_id for call in site.told}) == 1
    assert (await site.riddle()).answers == (42,)


async def test_the_same_riddle_asked_again_is_answered_again(site: Site) -> None:
    computations = site.computations()
    for wish in ("w1", "w2"):
        await site.person(wish, AskRiddle(number=6))
        await looked(computations)
    assert (await site.riddle()).answers == (42, 42)


async def test_what_was_not_told_is_found_again_in_the_state(site: Site) -> None:
    await site.person("w1", AskRiddle(number=6))
    site.away = 1
    await looked(site.computations())
    assert (await site.riddle()).asked and site.outcome("failed") == 1
    await looked(site.computations())
    assert (await site.riddle()).answers == (42,)


async def test_nobody_computes_for_a_partition_that_another_replica_owns(site: Site) -> None:
    await site.person("w1", AskRiddle(number=6))
    box = site.boxes[partition_of("r1", PARTITIONS)]
    for box.owned, box.standing in ((False, Standing.SERVING), (True, Standing.REBUILDING)):
        await looked(site.computations())
        assert not site.told


@pytest.mark.parametrize("why", ["dropped", "moved"])
async def test_a_computation_that_nobody_wants_any_more_is_ended(site: Site, tmp_path: Path, why: str) -> None:
    await site.person("w1", AskRiddle(number=6, seconds=60, traces=str(tmp_path)))
    computations = site.computations()
    await computations.look()

    async def begun() -> bool:
        return len(list(tmp_path.iterdir())) == 1

    await until(begun, "the worker has begun")
    worker = next(tmp_path.iterdir()).name
    assert Path(f"/proc/{worker}").exists()
    if why == "dropped":
        await site.person("w2", DropRiddle())
    else:
        site.boxes[partition_of("r1", PARTITIONS)].owned = False
    await computations.look()
    assert not Path(f"/proc/{worker}").exists() and not site.told
    assert site.outcome("cancelled") == 1


async def test_a_riddle_that_changed_meanwhile_is_not_answered_with_the_old_answer(site: Site) -> None:
    await site.person("w1", AskRiddle(number=6))
    await computation_then(site, "w2", AskRiddle(number=2))
    assert (await site.riddle()).answers == () and (await site.riddle()).asked
    await looked(site.computations())
    assert (await site.riddle()).answers == (14,)


async def computation_then(site: Site, wish: str, command: Any) -> None:
    """Compute, and let a person be faster than the answer."""
    computations = site.computations()
    tell = computations.tell

    async def slower(number: int, call: Call) -> Answer:
        await site.person(wish, command)
        return await tell(number, call)

    computations.tell = slower
    await looked(computations)


@pytest.mark.parametrize("number", [13, 666])
async def test_what_fails_rests_longer_each_time_and_stops_nobody(site: Site, number: int) -> None:
    await site.person("w1", AskRiddle(number=number), "bad")
    await site.person("w2", AskRiddle(number=6), "good")
    computations = site.computations(workers=2)
    await looked(computations)
    assert (await site.riddle("good")).answers == (42,) and site.outcome("failed") == 1
    await looked(computations)
    assert site.outcome("failed") == 1, "it rests"
    rest = next(iter(cast(Any, computations)._rests.values()))
    first, rest.until = rest.until, 0.0
    await looked(computations)
    assert site.outcome("failed") == 2 and rest.until - first > 2.0


@pytest.mark.parametrize("outcome", get_args(Outcome))
async def test_every_outcome_shows_as_zero_before_anything_was_asked(site: Site, outcome: str) -> None:
    site.computations()
    labels = {"computation": "riddle", "outcome": outcome}
    assert site.metrics.registry.get_sample_value("owlbus_computations_total", labels) == 0.0


async def test_too_long_is_a_failure(site: Site) -> None:
    await site.person("w1", AskRiddle(number=6, seconds=60))
    await looked(site.computations(seconds=1.0))
    assert site.outcome("failed") == 1 and not site.told


async def test_no_more_workers_than_allowed(site: Site, tmp_path: Path) -> None:
    for n in range(4):
        await site.person(f"w{n}", AskRiddle(number=n, seconds=60, traces=str(tmp_path)), f"r{n}")
    computations = site.computations(workers=1)
    task = asyncio.create_task(computations.run())

    async def begun() -> bool:
        return len(list(tmp_path.iterdir())) > 0

    await until(begun, "one has begun")
    await asyncio.sleep(0.5)
    (worker,) = tmp_path.iterdir()
    sample = site.metrics.registry.get_sample_value
    assert sample("owlbus_computations_open", {"computation": "riddle"}) == 4
    task.cancel()
    await asyncio.wait([task])
    assert not Path(f"/proc/{worker.name}").exists()


async def test_a_worker_knows_no_secret_and_ends_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(WorkerFailed, match="an unlucky number"):
        await work(compute, Question(ask_id="a", number=13, seconds=0, traces=""), 30)
    monkeypatch.setenv("MONGODB_URI", "mongodb://me:secret@nowhere")
    assert b"secret" not in await work(environment, Question(ask_id="a", number=1, seconds=0, traces=""), 30)


def environment(question: Question) -> Any:
    """What a worker can see."""
    import os  # noqa: PLC0415

    return question.model_copy(update={"traces": str(dict(os.environ))})


def test_what_can_not_work_is_refused_at_once() -> None:
    def local(question: Question) -> Any: ...

    with pytest.raises(ValueError, match="can't import"):
        name_of(local)
    with pytest.raises(ValueError, match="no `Asking`"):
        replace(computation(), aggregate=COUNTER)
    deaf = aggregate(cast(DomainModule, SimpleNamespace(FOLD=1, decide=_deaf, evolve=_unmoved)), key="riddle_id")
    with pytest.raises(ValueError, match="does not take"):
        replace(computation(), aggregate=deaf)


def _deaf(riddle: Riddle, message: AskRiddle, context: Any) -> Any:
    return ()


def test_states_are_searched_by_what_they_ask_for() -> None:
    assert SERVICE.searched == {"riddle": ("asked.name",)}
    assert replace(SERVICE, indexes={"riddle": ("number",), "other": ("x",)}).searched == {
        "riddle": ("number", "asked.name"),
        "other": ("x",),
    }
    assert Service(name="x", aggregates=[COUNTER], router=SERVICE.router).searched == {}


def _unmoved(riddle: Riddle, event: Any) -> Riddle:
    return riddle
