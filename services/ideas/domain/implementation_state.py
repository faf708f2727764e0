"""What is known of one implementation, and whose turn it is."""

from datetime import date
from enum import StrEnum

from shared.contracts.types import SealedLine, SealedProse, Value
from shared.engine.aggregate import Context, State, require


class Phase(StrEnum):
    """How far an implementation has come."""

    NEW = "new"
    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


RUNNING = (Phase.PLANNED, Phase.STARTED)


class Milestone(Value):
    """A step on the way: until when, and since when it is reached. `missed` says that its day went by without that."""

    number: int
    title: SealedLine
    due_on: date
    reached_on: date | None = None
    missed: bool = False


class Implementation(State):
    """Where an implementation stands. `department` carries it out; `reason` is that of the last change or the end.

    `failure` says that it was recognised as an honest failure.
    """

    phase: Phase = Phase.NEW
    pack: str = ""
    department: str = ""
    decided_on: date | None = None
    planned_date: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    reason: SealedProse | None = None
    result: SealedProse | None = None
    learnt: SealedProse | None = None
    milestones: tuple[Milestone, ...] = ()
    failure: bool = False

    @property
    def open_milestones(self) -> tuple[int, ...]:
        """The numbers of what is not reached yet."""
        return tuple(one.number for one in self.milestones if one.reached_on is None)


def require_turn(implementation: Implementation, context: Context, *phases: Phase) -> None:
    """The department in charge acts, and the implementation stands at one of `phases`."""
    in_charge = context.actor.department == implementation.department
    require(in_charge, "not_in_charge", recorded=True, department=implementation.department)
    require_phase(implementation, *phases)


def require_phase(implementation: Implementation, *phases: Phase) -> None:
    """The implementation stands at one of `phases`."""
    needed = [phase.value for phase in phases]
    require(implementation.phase in phases, "wrong_stage", stage=implementation.phase.value, needed=needed)
