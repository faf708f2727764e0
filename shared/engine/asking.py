"""Long computations, as an aggregate sees them: it asks, and some time later a command brings what was found.

Pure. An event asks (its `evolve` leaves an `Ask` in the state), a worker process computes, a `Finding` brings the
result with seed and versions, and `decide` checks and records it. What is asked and not answered stands in the state,
so that a crash forgets nothing. A new ask of the same name takes the place of the old one, whose finding then counts
for nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.engine.aggregate import State
from shared.engine.message import Command


class Ask(BaseModel):
    """Something asked for and not answered yet. `id` comes from `Context.new_id` and travels in the asking event."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    id: str


class Asking(State):
    """A state that can wait for computations. The decision on a finding must clear or replace its ask."""

    asked: tuple[Ask, ...] = ()

    def with_ask(self, name: str, id: str) -> Self:
        """A copy that waits for the computation `name`, under this id."""
        return self.but(asked=(*self.without_ask(name).asked, Ask(name=name, id=id)))

    def without_ask(self, name: str) -> Self:
        """A copy that does not wait for the computation `name`."""
        return self.but(asked=tuple(ask for ask in self.asked if ask.name != name))

    def ask(self, name: str) -> Ask | None:
        """What is asked under this name, if anything is."""
        return next((ask for ask in self.asked if ask.name == name), None)

    def awaits(self, name: str, finding: "Finding") -> bool:
        """Whether `finding` answers what is asked under this name now."""
        ask = self.ask(name)
        return ask is not None and ask.id == finding.ask_id


class Finding(Command):
    """What a computation found. No route takes it: only the service itself sends it.

    `versions` are those of the libraries it was computed with; with `seed` and the same question they give it again.
    """

    ask_id: str
    seed: int = 0
    versions: Annotated[Mapping[str, str], Field(max_length=20)] = Field(default_factory=dict[str, str])


def seed_of(ask_id: str) -> int:
    """The seed that belongs to an ask: whoever computes it again takes the same; below 2**32."""
    return int.from_bytes(hashlib.sha256(ask_id.encode()).digest()[:4])
