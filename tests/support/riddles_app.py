"""The service of riddles as a process: `python -m tests.support.riddles_app`."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from shared.contracts.types import Id
from shared.runtime.app import run
from shared.runtime.caller import Caller, allow
from shared.runtime.service import Service
from tests.support.riddles import RIDDLE, AskRiddle, DropRiddle, computation

router = APIRouter()


@router.post("/riddles/{riddle_id}")
async def ask(riddle_id: Id, body: AskRiddle, caller: Annotated[Caller, allow("author")]) -> Response:
    """Ask."""
    return await caller.execute(RIDDLE, riddle_id, body)


@router.post("/riddles/{riddle_id}/end")
async def drop(riddle_id: Id, body: DropRiddle, caller: Annotated[Caller, allow("author")]) -> Response:
    """Ask no more."""
    return await caller.execute(RIDDLE, riddle_id, body)


@router.get("/riddles/{riddle_id}")
async def riddle(riddle_id: Id, caller: Annotated[Caller, allow("author")]) -> Response:
    """One riddle."""
    return await caller.show(RIDDLE, riddle_id)


SERVICE = Service(name="riddles", aggregates=[RIDDLE], router=router, computations=[computation()])

if __name__ == "__main__":
    run(SERVICE)
