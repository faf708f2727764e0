"""A stream of ideas, each with its receipt, votes, scores and decision, as people's programs would send them.

One course after the other begins, at a steady rate, whatever the services do. A course sends its requests one after
another and repeats each under its own Idempotency-Key until somebody answers; a few votes are sent once, by people who
close the window: what became of those nobody knows.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

import httpx

from owlbus.client import Acting, Api, ApiError
from owlbus.errors import OwlbusError
from owlbus.fleet import Fleet
from shared.engine.aggregate import derive_id
from tests.chaos.ledger import Asked, Ledger, Outcome

PACK, STAGE, DEPARTMENT = "open-call", "review", "plaza"
VOTES = 3
IMPATIENT = 0.1
ADOPTED = 0.4
PATIENCE_SECONDS = 90.0
WAIT_SECONDS = 180.0
LONGEST_PAUSE = 2.0
MOST_UNDER_WAY = 600
"""More courses than these are not begun: the machine is not up to the rate."""

SYLLABLES = range(0xAC00, 0xD7A4)
CONNECTIONS = 64


class Answers(httpx.AsyncHTTPTransport):
    """Counts answers by status, and those of 503 that don't say when to come again.

    As many requests are sent at once as there are connections. The others wait here and not in the pool, whose work
    grows with the square of those that wait: with hundreds, its timeouts were all that this process ever did.
    """

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        super().__init__(limits=limits, trust_env=False)
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self.statuses: dict[int, int] = {}
        self.without_retry_after = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand on when it is this request's turn, count."""
        async with self._turns:
            answer = await super().handle_async_request(request)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self.without_retry_after += answer.status_code == 503 and "retry-after" not in answer.headers
        return answer


class Stream:
    """Ideas at `rate` a second, drawn from `seed`, until `stop`; `finish` brings what has begun to its end.

    The share `impatient` of the votes is sent once.
    """

    def __init__(self, fleet: Fleet, ledger: Ledger, seed: int, rate: float, *, impatient: float = IMPATIENT) -> None:
        self.ledger = ledger
        self.answers = Answers()
        self.held_back = 0
        self.impatient = impatient
        self._seed = seed
        self._rate = rate
        self._patient = fleet.api(transport=self.answers, patience=PATIENCE_SECONDS)
        self._impatient = fleet.api(transport=self.answers, patience=0.0)
        self._begun = 0
        self._sent = 0
        self._courses: set[asyncio.Task[None]] = set()
        self._beginning: asyncio.Task[None] | None = None
        self._failures: list[BaseException] = []

    def start(self) -> None:
        """Begin."""
        self._beginning = asyncio.create_task(self._begin())

    async def stop(self) -> None:
        """Begin nothing new. Raises what went wrong in a course, if anything did."""
        if self._beginning is not None:
            self._beginning.cancel()
            await asyncio.wait([self._beginning])
        if self._failures:
            raise self._failures[0]

    async def finish(self) -> None:
        """Stop, and wait until every course has come to its end."""
        await self.stop()
        await asyncio.gather(*self._courses)
        await self.stop()

    async def close(self) -> None:
        """Stop, end what is under way, let go of connections."""
        for task in (*self._courses, *([self._beginning] if self._beginning else [])):
            task.cancel()
        await asyncio.gather(*self._courses, return_exceptions=True)
        await self.answers.aclose()

    @property
    def api(self) -> Api:
        """The patient client."""
        return self._patient

    @property
    def under_way(self) -> int:
        """Courses that have not come to their end."""
        return len(self._courses)

    @property
    def retries(self) -> int:
        """How often a request was sent again."""
        return self._patient.retries

    async def _begin(self) -> None:
        following = time.monotonic()
        while True:
            following += 1 / self._rate
            await asyncio.sleep(max(0.0, following - time.monotonic()))
            if len(self._courses) >= MOST_UNDER_WAY:
                self.held_back += 1
                continue
            self._begun += 1
            task = asyncio.create_task(_Course(self, self._begun).run())
            self._courses.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._courses.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failures.append(error)

    def acting(self, person: str, role: str, department: str = "", *, patient: bool = True) -> Acting:
        """Somebody who sends requests."""
        return (self._patient if patient else self._impatient).acting(person, role, department)

    def chance(self, number: int) -> random.Random:
        """What course `number` leaves to chance."""
        return random.Random(f"{self._seed}/{number}")

    async def ask(self, acting: Acting, course: str, service: str, method: str, path: str, body: Any) -> dict[str, Any]:
        """Send one command and write down what came of it; an empty answer where it was not accepted."""
        self._sent += 1
        key, began = f"chaos-{self._seed}-{self._sent}", time.monotonic()
        send = acting.put if method == "PUT" else acting.post
        answer: Mapping[str, Any] = {}
        outcome, code = Outcome.OK, ""
        try:
            answer = await send(service, path, body, key=key)
        except ApiError as error:
            outcome, code = Outcome.REFUSED, error.code
        except OwlbusError:
            outcome = Outcome.UNKNOWN
        command = f"command/{derive_id(service, acting.person, method, path, key)}"
        what, seconds = f"{method} {path}", time.monotonic() - began
        self.ledger.asked.append(Asked(command, service, what, course, self.ledger.phase, outcome, code, seconds))
        return dict(answer)


class _Course:
    """One idea on its way."""

    def __init__(self, stream: Stream, number: int) -> None:
        self._stream = stream
        self._number = number
        self._chance = stream.chance(number)
        self._name = f"idea {number}"
        self._idea = ""

    async def run(self) -> None:
        """From submission to decision, as far as the services let it."""
        if not await self._submit():
            return
        office = self._stream.acting("receiver-1", "receiver")
        await self._ask(office, "ideas", "POST", f"/ideas/{self._idea}/receipt", {})
        await self._ask(office, "ideas", "POST", f"/ideas/{self._idea}/completeness", {"outcome": "complete"})
        for voter in range(VOTES):
            await self._vote(voter)
        if await self._seen("evaluation", f"/evaluations/{self._idea}/{STAGE}"):
            await self._score()
        if await self._seen("ideas", f"/ideas/{self._idea}", stage="decision_pending"):
            await self._decide()

    async def _submit(self) -> bool:
        author = f"author-{self._number}"
        body = {
            "pack": PACK,
            "kind": "create",
            "category": "기타",
            "department": DEPARTMENT,
            "title": f"제안 {self._number}",
            "sections": {"content": _text(self._chance)},
            "authors": [{"person_id": author, "share": "100"}],
        }
        answer = await self._ask(self._stream.acting(author, "author"), "ideas", "POST", "/ideas", body)
        self._idea = answer.get("id", "")
        return bool(self._idea)

    async def _vote(self, voter: int) -> None:
        citizen = self._stream.acting(f"c-{voter}", "citizen", patient=self._chance.random() >= self._stream.impatient)
        choice = self._chance.choice(("endorse", "object", "pass"))
        await self._ask(citizen, "ideas", "PUT", f"/ideas/{self._idea}/vote", {"choice": choice})

    async def _score(self) -> None:
        sheet = {"scores": [{"criterion": "merit", "points": str(self._chance.randint(30, 100))}]}
        rater = self._stream.acting("rater-1", "rater")
        await self._ask(rater, "evaluation", "POST", f"/evaluations/{self._idea}/{STAGE}/scores", sheet)

    async def _decide(self) -> None:
        head = self._stream.acting("head-1", "department", DEPARTMENT)
        outcome = "adoption" if self._chance.random() < ADOPTED else "refusal"
        await self._ask(head, "ideas", "POST", f"/ideas/{self._idea}/{outcome}", {"reason": "검토 결과"})

    async def _ask(self, acting: Acting, service: str, method: str, path: str, body: Any) -> dict[str, Any]:
        return await self._stream.ask(acting, self._name, service, method, path, body)

    async def _seen(self, service: str, path: str, stage: str = "") -> bool:
        """Wait for what another service must first hear of; asks less often the longer it takes."""
        auditor = self._stream.acting("auditor-1", "auditor")
        give_up, pause = time.monotonic() + WAIT_SECONDS, 0.1
        while time.monotonic() < give_up:
            await asyncio.sleep(pause * self._chance.uniform(0.7, 1.0))
            pause = min(LONGEST_PAUSE, pause * 1.5)
            try:
                found = await auditor.find(service, path)
            except OwlbusError:
                continue
            if found is not None and (not stage or found["stage"] == stage):
                return True
        self._stream.ledger.waited.append((self._stream.ledger.phase, f"{self._name} ({self._idea}): {service} {path}"))
        return False


def _text(chance: random.Random) -> str:
    """Words that nobody else writes: what reads alike would be compared, and found, with every other."""
    words = ("".join(map(chr, chance.choices(SYLLABLES, k=3))) for _ in range(chance.randint(1, 200)))
    return " ".join(words)
