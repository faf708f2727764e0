"""The register of receipts (접수대장) of one book and year, such as `seoul.2025`. It gives every receipt its number.

Invariant: its numbers run from 1 without gaps, in the order in which it was asked, whichever partitions, replicas and
moments the receipts came from: all requests of a year meet in its one partition, and each of them has one effect.
"""

from collections.abc import Iterator
from typing import assert_never

from shared.contracts.ideas_process import ReceiptNumberIssued, ReceiptNumberRequested
from shared.engine.aggregate import Context, State
from shared.engine.message import Event

FOLD = 1


class Register(State):
    """How far a register has come: `last` is the latest number it gave."""

    last: int = 0


def decide(register: Register, message: ReceiptNumberRequested, context: Context) -> Iterator[Event]:
    """The next number."""
    yield ReceiptNumberIssued(
        register_id=register.id,
        idea_id=message.idea_id,
        number=register.last + 1,
        received_on=message.received_on,
    )


def evolve(register: Register, event: ReceiptNumberIssued) -> Register:
    """What an event means for the register."""
    match event:
        case ReceiptNumberIssued():
            return register.but(last=event.number)
        case _:
            assert_never(event)
