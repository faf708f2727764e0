"""How many requests are worked on at once: the others wait their turn before they cost anything.

Without this, ten thousand requests at once share the processor so thinly that each of them runs out of time, is sent
again, and runs out of time again. In turn, all are served, and what is decided is decided in large groups. A crowd
around one thing fills half of the room, so that whoever comes for another thing finds a place.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime.forward import FORWARDED
from shared.runtime.problems import Problem, Problems

AT_ONCE = 256
MAX_WAITING = 20_000
RETRY_AFTER = "5"


@dataclass(slots=True)
class _Crowd:
    """Those who came for the same thing, inside and waiting."""

    room: asyncio.Semaphore
    people: int = 0


class InTurn:
    """Lets `at_once` requests in, half of them for one thing; answers 503 where `waiting` wait already.

    What a request is for are the first two parts of its path. Paths in `exempt` and what another replica forwards,
    which has waited there, go in at once. Waiting has no end but the caller's patience: it costs nothing, while turning
    people away who come again would take from those inside what they need to get done.
    """

    def __init__(
        self,
        app: ASGIApp,
        problems: Problems,
        exempt: Iterable[str],
        *,
        at_once: int = AT_ONCE,
        waiting: int = MAX_WAITING,
    ) -> None:
        self._app = app
        self._problems = problems
        self._exempt = frozenset(exempt)
        self._room = asyncio.Semaphore(at_once)
        self._half = max(1, at_once // 2)
        self._crowds: dict[str, _Crowd] = {}
        self._places = at_once + waiting
        self._people = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, in turn."""
        if scope["type"] != "http" or scope["path"] in self._exempt or FORWARDED in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        if self._people >= self._places:
            await self._turn_away(scope, receive, send)
            return
        thing = "/".join(scope["path"].split("/", 3)[:3])
        crowd = self._crowds.setdefault(thing, _Crowd(asyncio.Semaphore(self._half)))
        self._people, crowd.people = self._people + 1, crowd.people + 1
        try:
            async with crowd.room, self._room:
                await self._app(scope, receive, send)
        finally:
            self._people, crowd.people = self._people - 1, crowd.people - 1
            if not crowd.people:
                del self._crowds[thing]

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem("unavailable", headers={"Retry-After": RETRY_AFTER})
        language = Headers(scope=scope).get("accept-language", "")
        await self._problems.response(problem, language, scope["path"])(scope, receive, send)
