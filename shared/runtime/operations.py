"""The routes below `/ops` that every service has: what is set aside, how partitions stand, repairs.

An operator sees places, numbers and reasons, and no content. Repairs run at the owner of their partition.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.types import Id
from shared.engine.inputs import Answer, Held
from shared.runtime.caller import Caller, allow, reply
from shared.runtime.problems import Problem

REPAIR_SECONDS = 900.0
"""How long a replica waits for the owner that it sent a repair to."""
MOST_HELD = 100_000

router = APIRouter(prefix="/ops", tags=["operations"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class RedriveKey(_Body):
    """Which parked key to try again."""

    key: Id


class RepairPartition(_Body):
    """Which partition to repair; `dry_run` only says what would be done."""

    partition: int = Field(ge=0, lt=2**31)
    dry_run: bool = False


class RewindPartition(RepairPartition):
    """What stands behind number `to` is sent again; 0 is everything."""

    to: int = Field(ge=0, lt=2**63)


class RecoverPartition(RepairPartition):
    """`accept_loss` goes on without events that are in no topic."""

    accept_loss: bool = False


@router.post("/redrive")
async def redrive(body: RedriveKey, caller: Annotated[Caller, allow("operator")]) -> Response:
    """Try again, in order, what waits behind a parked key (재처리)."""
    return await caller.redrive(body.key)


@router.get("/quarantine")
async def quarantine(
    caller: Annotated[Caller, allow("operator", "auditor")],
    partition: Annotated[int | None, Query(ge=0)] = None,
    key: Id | None = None,
) -> Response:
    """What was set aside, where and why; without its content, which may be personal (격리 목록)."""
    engine = caller.engine
    numbers = range(engine.partitions) if partition is None else (_there(caller, partition),)
    return reply({"items": [_held(n, one) for n in numbers for one in await engine.held(n, key)]})


@router.get("/quarantine/{partition}/{number}")
async def evidence(
    partition: Annotated[int, Path(ge=0)],
    number: Annotated[int, Path(ge=1)],
    caller: Annotated[Caller, allow("auditor")],
) -> Response:
    """One thing that was set aside, with its bytes; that they were looked at is kept in the journal (격리 원문)."""
    _there(caller, partition)

    async def read() -> Answer:
        held = next((one for one in await caller.engine.held(partition, limit=MOST_HELD) if one.number == number), None)
        if held is None:
            raise Problem("not_found")
        await caller.engine.repairs.note_reading(partition, number, caller.actor)
        return Answer(body={**_held(partition, held), "value": base64.b64encode(held.value).decode()})

    return await caller.at_owner(partition, read, "evidence")


@router.get("/partitions")
async def partitions(caller: Annotated[Caller, allow("operator", "auditor")]) -> Response:
    """How the partitions stand that this replica owns (구역 상태)."""
    return reply({"items": list(caller.engine.repairs.standing())})


@router.post("/rewind")
async def rewind(body: RewindPartition, caller: Annotated[Caller, allow("operator")]) -> Response:
    """Send again from the log what readers lack; what they know they pass over (재전송)."""
    repairs = caller.engine.repairs
    return await _repaired(
        caller, body, lambda: repairs.rewind(body.partition, body.to, caller.actor, dry_run=body.dry_run)
    )


@router.post("/recover")
async def recover(body: RecoverPartition, caller: Annotated[Caller, allow("operator")]) -> Response:
    """Import what an older store lacks from the service's own topics (복구)."""
    repairs, loss = caller.engine.repairs, body.accept_loss
    return await _repaired(
        caller,
        body,
        lambda: repairs.recover(body.partition, caller.actor, accept_loss=loss, dry_run=body.dry_run),
    )


@router.post("/resume")
async def resume(body: RepairPartition, caller: Annotated[Caller, allow("operator")]) -> Response:
    """Go on with a stopped partition as it is now (재개)."""
    repairs = caller.engine.repairs
    return await _repaired(caller, body, lambda: repairs.resume(body.partition, caller.actor, dry_run=body.dry_run))


@router.post("/rebuild")
async def rebuild(body: RepairPartition, caller: Annotated[Caller, allow("operator")]) -> Response:
    """Fold a partition's states from its log again (재구성)."""
    repairs = caller.engine.repairs
    return await _repaired(caller, body, lambda: repairs.rebuild(body.partition, caller.actor, dry_run=body.dry_run))


async def _repaired(caller: Caller, body: RepairPartition, here: Callable[[], Awaitable[Answer]]) -> Response:
    partition = _there(caller, body.partition)
    return await caller.at_owner(partition, here, type(body).__name__, timeout=REPAIR_SECONDS)


def _there(caller: Caller, partition: int) -> int:
    if partition >= caller.engine.partitions:
        raise Problem("not_found")
    return partition


def _held(partition: int, held: Held) -> dict[str, Any]:
    place = {"topic": held.topic, "offset": held.offset} if held.topic else {"deadline_of": "/".join(held.ref)}
    origin = {"origin": held.origin} if held.origin else {}
    return {
        "partition": partition,
        "number": held.number,
        "key": held.key,
        "kind": held.kind,
        "reason": held.reason,
        "time": held.time.isoformat(),
        **place,
        **origin,
    }
