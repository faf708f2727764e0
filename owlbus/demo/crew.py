"""Who does what in a scenario, and the movable clock they live by."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from owlbus.client import Acting, Api, until
from owlbus.demo.data import Cast
from shared.rules.calendar import SEOUL
from shared.rules.loader import calendar
from shared.runtime.clock import MovableClock

T = TypeVar("T")

IN_FLIGHT = 16
"""How many things people do at once."""


class Crew:
    """People with the tokens of their roles."""

    def __init__(self, api: Api, cast: Cast) -> None:
        self.api = api
        self.cast = cast

    def office(self, task: str, role: str) -> Acting:
        """Whoever does a task for the office."""
        return self.api.acting(self.cast.office[task][0], role)

    @property
    def receiver(self) -> Acting:
        """접수담당."""
        return self.office("receiver", "receiver")

    @property
    def chair(self) -> Acting:
        """심사위원장."""
        return self.office("chair", "chair")

    @property
    def award_officer(self) -> Acting:
        """창의상 담당: opens rounds, closes the voting."""
        return self.office("award_officer", "award_officer")

    @property
    def award_approver(self) -> Acting:
        """Confirms what another one drafted."""
        return self.office("award_approver", "award_officer")

    @property
    def spread_officer(self) -> Acting:
        """Offers cases to departments."""
        return self.office("spread_officer", "award_officer")

    @property
    def auditor(self) -> Acting:
        """감사: reads all."""
        return self.office("auditor", "auditor")

    @property
    def operator(self) -> Acting:
        """운영: sees what is set aside."""
        return self.office("operator", "operator")

    def person(self, person: str) -> Acting:
        """Somebody in the role in which that person submits and votes."""
        role = {"c": "citizen", "u": "union"}.get(person[0], "author")
        department = self.cast.staff[person][1] if person in self.cast.staff else ""
        return self.api.acting(person, role, department)

    def head(self, department: str) -> Acting:
        """소관부서장."""
        return self.api.acting(f"d-{department}", "department", department)


class Days:
    """The movable clock as a story needs it: forward, to office hours of a working day."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._days = calendar("kr-2026-11")

    def now(self) -> datetime:
        """Recorded time."""
        return self._clock.now()

    def today(self) -> str:
        """The date in Seoul."""
        return str(self._days.seoul_date(self.now()))

    def later(self, days: int) -> str:
        """The date so many days from today."""
        return str(self._days.seoul_date(self.now()) + timedelta(days=days))

    def forward(self, days: int = 0) -> None:
        """To nine o'clock of the first working day that is at least so many days ahead, and not behind us."""
        day = self._days.seoul_date(self.now()) + timedelta(days=days)
        moment = datetime.combine(day, datetime.min.time(), SEOUL).replace(hour=9)
        while moment < self.now() or not self._days.is_working_day(moment.date()):
            moment += timedelta(days=1)
        self._clock.advance(moment)

    def pass_by(self, moment: str | datetime) -> None:
        """To the first office hour behind a moment that the services named; stays where that is over already."""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if at >= self.now():
            self._clock.advance(at + timedelta(minutes=1))
            self.forward()


async def each(
    items: Iterable[T], step: Callable[[T], Awaitable[Any]], *, in_flight: int = IN_FLIGHT, done: Callable[[], None]
) -> None:
    """Do a step for every item, some at once; the first failure ends all and is raised."""
    free = asyncio.Semaphore(in_flight)

    async def one(item: T) -> None:
        async with free:
            await step(item)
            done()

    try:
        async with asyncio.TaskGroup() as tasks:
            for item in items:
                tasks.create_task(one(item))
    except* Exception as failures:
        raise _first(failures) from None


def _first(failures: BaseExceptionGroup[Exception]) -> BaseException:
    first: BaseException = failures
    while isinstance(first, BaseExceptionGroup):
        group: BaseExceptionGroup[BaseException] = first
        first = group.exceptions[0]
    return first


async def shown(acting: Acting, service: str, path: str, *, seconds: float = 60.0) -> dict[str, Any]:
    """Wait until something can be seen, and return it. Raises OwlbusError."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        one = await acting.find(service, path)
        if one is not None:
            found.append(one)
        return one is not None

    await until(there, f"{service} {path} appears", seconds=seconds)
    return found[0]
