"""The made-up service as a process: `python -m tests.support.counter_app`."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from shared.contracts.types import Id
from shared.runtime.app import run
from shared.runtime.caller import Caller, allow
from shared.runtime.service import Service
from tests.support.counter import COUNTER, TALLY, VAULT, Add

router = APIRouter()


@router.post("/counters/{counter_id}/additions")
async def add(counter_id: Id, body: Add, caller: Annotated[Caller, allow("author")]) -> Response:
    """Add."""
    return await caller.execute(COUNTER, counter_id, body)


@router.get("/counters/{counter_id}")
async def counter(counter_id: Id, caller: Annotated[Caller, allow("author")]) -> Response:
    """One counter."""
    return await caller.show(COUNTER, counter_id)


@router.get("/tallies/{tally_id}")
async def tally(tally_id: Id, caller: Annotated[Caller, allow("author")]) -> Response:
    """One tally."""
    return await caller.show(TALLY, tally_id)


SERVICE = Service(name="test", aggregates=[COUNTER, TALLY, VAULT], router=router)

if __name__ == "__main__":
    run(SERVICE)
