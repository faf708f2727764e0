"""Servers, topics and services together, for as long as a block runs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.embedded.stack import Stack
from owlbus.fleet import Fleet

Step = Callable[[str], None]
"""Told what is being done: "servers", "topics", "services", "ready"."""


@asynccontextmanager
async def running(
    directory: Path,
    *,
    ports: Mapping[str, int] | None = None,
    settings: Mapping[str, str] | None = None,
    prefix: str = "owlbus_",
    step: Step = lambda _: None,
) -> AsyncGenerator[tuple[Stack, Fleet]]:
    """Start everything below `directory`, use servers that the environment names; end what was started here.

    Raises EmbeddedError, OwlbusError, TopicsUnfit, KafkaUnavailable.
    """
    stack = Stack(directory / "servers")
    try:
        step("servers")
        await _to_its_end(stack.start)
        fleet = Fleet(directory, stack, ports=ports, settings=settings, prefix=prefix)
        try:
            step("topics")
            await fleet.prepare()
            step("services")
            await fleet.start()
            step("ready")
            yield stack, fleet
        finally:
            await _to_its_end(fleet.stop)
    finally:
        await _to_its_end(stack.stop)


async def _to_its_end(step: Callable[[], None]) -> None:
    """Run a blocking step in a thread; a cancelled caller waits for it, so that nothing is started behind its back."""
    task = asyncio.ensure_future(asyncio.to_thread(step))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
