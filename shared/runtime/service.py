"""A service's table of contents: what it is made of, in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from shared.engine.aggregate import Aggregate, Deciders
from shared.engine.emit import topic_of
from shared.engine.projection import Projection
from shared.runtime.computations import Computation
from shared.runtime.projector import Follower
from shared.runtime.store.protocol import Layout


@dataclass(frozen=True)
class Service:
    """One service. `indexes` name the state fields that each aggregate is searched by, `texts` the refusals.

    `computations` are what its states may ask for that takes too long for a decision. `projections` are made of the
    log, `followers` act on what stands in it, outside of decisions.
    """

    name: str
    aggregates: Sequence[Aggregate]
    router: APIRouter
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    texts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    computations: Sequence[Computation] = ()
    projections: Sequence[Projection] = ()
    followers: Sequence[Follower] = ()

    @property
    def deciders(self) -> Deciders:
        """The aggregates by what they take. Raises ValueError where they contradict one another."""
        return Deciders(self.name, self.aggregates)

    def layout(self, partitions: int) -> Layout:
        """What its store must hold."""
        return Layout(
            self.name,
            tuple(self.aggregates),
            partitions,
            self.searched,
            tuple(self.projections),
            tuple(follower.name for follower in self.followers),
        )

    @property
    def searched(self) -> dict[str, tuple[str, ...]]:
        """The state fields that each aggregate is searched by, those for its computations included."""
        asking = {computation.aggregate.name for computation in self.computations}
        names = {*self.indexes, *asking}
        return {name: (*self.indexes.get(name, ()), *(("asked.name",) if name in asking else ())) for name in names}

    @property
    def own_topics(self) -> tuple[str, str]:
        """The two topics only this service writes."""
        return (f"{self.name}.events", f"{self.name}.journal")

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads: its own two, and those of the events it takes."""
        taken = {topic_of(_owner(kind.TYPE), kind) for kind in self.deciders.events_taken}
        return tuple(sorted({*self.own_topics, *taken}))


def _owner(event_type: str) -> str:
    return event_type.partition(".")[0]
