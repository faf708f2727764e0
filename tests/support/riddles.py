"""A made-up domain for tests of long computations: riddles that are asked and solved in a worker process."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from pydantic import BaseModel

from shared.engine.aggregate import Context, DomainModule, aggregate
from shared.engine.asking import Ask, Asking, Finding, seed_of
from shared.engine.message import Command, Event
from shared.runtime.computations import Computation, versions
from shared.runtime.store.protocol import Reader


class Asked(Event, type="riddles.Asked", key="riddle_id"):
    """How much is `number` times seven? `traces` is where those who compute it leave one each."""

    riddle_id: str
    ask_id: str
    number: int
    seconds: float = 0
    traces: str = ""


class Dropped(Event, type="riddles.Dropped", key="riddle_id"):
    """Nobody wants to know any more."""

    riddle_id: str


class Solved(Event, type="riddles.Solved", key="riddle_id"):
    """The answer."""

    riddle_id: str
    answer: int
    seed: int
    versions: dict[str, str]


class AskRiddle(Command, creates=True):
    """Ask. It takes `seconds`."""

    number: int
    seconds: float = 0
    traces: str = ""


class DropRiddle(Command):
    """Ask no more."""


class Answered(Finding):
    """The answer."""

    answer: int


class Riddle(Asking):
    """What is asked, and what was found, each time."""

    number: int = 0
    seconds: float = 0
    traces: str = ""
    answers: tuple[int, ...] = ()
    found_with: dict[str, str] | None = None


class Question(BaseModel):
    """What a worker is given."""

    ask_id: str
    number: int
    seconds: float
    traces: str


def _decide(riddle: Riddle, message: AskRiddle | DropRiddle | Answered, context: Context) -> Iterator[Event]:
    match message:
        case AskRiddle():
            yield Asked(riddle_id=riddle.id, ask_id=context.new_id("riddle"), **message.model_dump())
        case DropRiddle():
            yield Dropped(riddle_id=riddle.id)
        case Answered():
            if riddle.awaits("riddle", message):
                yield Solved(
                    riddle_id=riddle.id,
                    answer=message.answer,
                    seed=message.seed,
                    versions=dict(message.versions),
                )


def _evolve(riddle: Riddle, event: Event) -> Riddle:
    match event:
        case Asked():
            asked = riddle.but(number=event.number, seconds=event.seconds, traces=event.traces)
            return asked.with_ask("riddle", event.ask_id)
        case Solved():
            solved = riddle.but(answers=(*riddle.answers, event.answer), found_with=event.versions)
            return solved.without_ask("riddle")
        case _:
            return riddle.without_ask("riddle")


RIDDLE = aggregate(cast(DomainModule, SimpleNamespace(FOLD=1, decide=_decide, evolve=_evolve)), key="riddle_id")


async def gather(reader: Reader, riddle: Riddle, ask: Ask) -> Question:
    """The question is all in the state."""
    return Question(ask_id=ask.id, number=riddle.number, seconds=riddle.seconds, traces=riddle.traces)


def compute(question: Question) -> Answered:
    """Think it over. 13 can't be answered, 666 is the end of whoever tries."""
    print("a library that prints")
    if question.traces:
        (Path(question.traces) / f"{os.getpid()}").write_text(question.ask_id)
    if question.number == 13:
        raise RuntimeError("an unlucky number")
    if question.number == 666:
        os._exit(9)
    time.sleep(question.seconds)
    return Answered(
        ask_id=question.ask_id,
        seed=seed_of(question.ask_id),
        versions=versions("pydantic"),
        answer=7 * question.number,
    )


def computation(**more: Any) -> Computation:
    """The computation that riddles ask for."""
    return Computation("riddle", RIDDLE, gather, compute, Answered, **more)
