"""How many requests are worked on at once: the others wait their turn before they cost anything.

Without this, ten thousand requests at once share the processor so thinly that each of them runs out of time, is sent
again, and runs out of time again. In turn, all are served, and what is decided is decided in large groups.
"""

import asyncio
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime.forward import FORWARDED
from shared.runtime.problems import Problem, Problems

AT_ONCE = 256
MAX_WAITING = 20_000
TURN_SECONDS = 8.0
RETRY_AFTER = "2"


class InTurn:
    """Lets `at_once` requests in, first come first served; answers 503 where `waiting` wait or one waited `seconds`.

    Such a request was not looked at: sending it again is harmless. Paths in `exempt` and what another replica forwards,
    which has waited there, go in at once.
    """

    def __init__(
        self,
        app: ASGIApp,
        problems: Problems,
        exempt: Iterable[str],
        *,
        at_once: int = AT_ONCE,
        waiting: int = MAX_WAITING,
        seconds: float = TURN_SECONDS,
    ) -> None:
        self._app = app
        self._problems = problems
        self._exempt = frozenset(exempt)
        self._room = asyncio.Semaphore(at_once)
        self._places = waiting
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, in turn."""
        if scope["type"] != "http" or scope["path"] in self._exempt or FORWARDED in Headers(scope=scope):
            await self._app(scope, receive, send)
        elif await self._let_in():
            try:
                await self._app(scope, receive, send)
            finally:
                self._room.release()
        else:
            problem = Problem("unavailable", headers={"Retry-After": RETRY_AFTER})
            language = Headers(scope=scope).get("accept-language", "")
            await self._problems.response(problem, language, scope["path"])(scope, receive, send)

    async def _let_in(self) -> bool:
        if self._places == 0:
            return False
        self._places -= 1
        try:
            async with asyncio.timeout(self._seconds):
                return await self._room.acquire()
        except TimeoutError:
            return False
        finally:
            self._places += 1
