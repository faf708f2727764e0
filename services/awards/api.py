"""HTTP of `awards`. An answer about a category says nothing about how the voting goes, in its headers neither.

The version of a category counts its ballots: no answer about one carries it (ETag), nobody may ask for it (If-Match).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response

from services.awards import queries
from services.awards.domain import CATEGORY, NOMINATION, ROUND
from services.awards.domain.category import Category
from services.awards.domain.category import Stage as CategoryStage
from services.awards.domain.commands import CastBallot, CloseCategory, ConfirmGrades, GivenPoints, OpenRound
from services.awards.domain.nomination import Stage as NominationStage
from services.awards.domain.round import Round
from services.awards.domain.round import Stage as RoundStage
from services.awards.domain.rules import round_id as id_of_round
from shared.contracts.types import Code, Id, PersonId
from shared.engine.message import Command
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply
from shared.runtime.problems import Problem

PEOPLE = ("author", "member", "group_lead", "department", "citizen")
"""Who may be an author, and so be paid."""

READERS = (*PEOPLE, "receiver", "rater", "chair", "award_officer", "panelist", "union", "auditor")

Reading = Annotated[Caller, allow(*READERS)]
Person = Annotated[Caller, allow(*PEOPLE, "receiver", "award_officer")]
Officer = Annotated[Caller, allow("award_officer")]
Judge = Annotated[Caller, allow("panelist", "award_officer")]
Voter = Annotated[Caller, allow("panelist", "citizen")]


async def without_version(
    if_match: Annotated[str, Header(alias="If-Match", json_schema_extra={"pattern": r"^\*$"})] = "*",
) -> None:
    """Refuse a guess at the version. Raises Problem."""
    if if_match.strip() != "*":
        error = {"in": "header", "field": "If-Match", "code": "invalid_header", "detail": "categories show no version"}
        raise Problem("invalid_request", errors=[error])


router = APIRouter()
_rounds = APIRouter(tags=["rounds"])
_categories = APIRouter(tags=["categories"], dependencies=[Depends(without_version)])
_nominations = APIRouter(tags=["nominations"])

# --- rounds


@_rounds.post("/rounds", status_code=201)
async def open_round(body: OpenRound, caller: Officer) -> Response:
    """Open the award round of a pack and year (회차 열기), with its categories and its panel."""
    return await caller.execute(ROUND, id_of_round(body.pack, body.year), body)


@_rounds.post("/rounds/{round_id}/confirmations")
async def confirm(round_id: Id, body: ConfirmGrades, caller: Officer) -> Response:
    """Confirm the grades that a category proposes, or that it has no winner (등급 확정)."""
    return await caller.execute(ROUND, round_id, body)


@_rounds.get("/rounds")
async def rounds(
    caller: Reading,
    pack: Code | None = None,
    stage: RoundStage | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Rounds that match (회차 목록)."""
    return await caller.page(ROUND, _given(pack=pack, stage=stage), cursor, limit)


@_rounds.get("/rounds/{round_id}")
async def show_round(round_id: Id, caller: Reading) -> Response:
    """One round with the results of its categories."""
    return await caller.show(ROUND, round_id)


@_rounds.get("/rounds/{round_id}/awards")
async def awards(round_id: Id, caller: Reading) -> Response:
    """The award table (시상 내역): categories, grades, prizes and each author's part, to the won."""
    stored, _ = await caller.state(ROUND, round_id)
    assert isinstance(stored.state, Round)
    return reply(await queries.award_table(caller.reader, stored.state))


@_rounds.get("/rounds/{round_id}/history")
async def round_history(round_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the round."""
    return await caller.history(ROUND, round_id, after, limit)


# --- categories


async def _unversioned(caller: Caller, category_id: str, command: Command) -> Response:
    response = await caller.execute(CATEGORY, category_id, command)
    del response.headers["ETag"]
    return response


@_categories.put("/categories/{category_id}/ballots/{idea_id}")
async def cast(category_id: Id, idea_id: Id, body: GivenPoints, caller: Voter) -> Response:
    """Score a nominated idea (투표); sent again it replaces what the same voter said before."""
    return await _unversioned(caller, category_id, CastBallot(idea_id=idea_id, points=body.points))


@_categories.post("/categories/{category_id}/closing")
async def close(category_id: Id, body: CloseCategory, caller: Officer) -> Response:
    """End the voting before its deadline (투표 마감)."""
    return await _unversioned(caller, category_id, body)


@_categories.get("/categories")
async def categories(
    caller: Reading,
    round_id: Id | None = None,
    stage: CategoryStage | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Categories that match (부문 목록)."""
    return await caller.page(CATEGORY, _given(round_id=round_id, stage=stage), cursor, limit)


@_categories.get("/categories/{category_id}")
async def category(category_id: Id, caller: Reading) -> Response:
    """One category: nominees, the own ballots, after the disclosure the result."""
    _, visible = await caller.state(CATEGORY, category_id)
    return reply(visible)


@_categories.get("/categories/{category_id}/history")
async def category_history(category_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the category, as far as the caller may see it."""
    stored, _ = await caller.state(CATEGORY, category_id)
    assert isinstance(stored.state, Category)
    # Until the disclosure one event shows; a page that ends with it would tell whether there is more behind.
    enough = limit if stored.state.stage is CategoryStage.CLOSED else max(limit, 2)
    return await caller.history(CATEGORY, category_id, after, enough)


# --- nominations


@_nominations.get("/nominations")
async def nominations(
    caller: Reading,
    round_id: Id | None = None,
    category_id: Id | None = None,
    department: Id | None = None,
    author: PersonId | None = None,
    stage: NominationStage | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Nominations that match (추천 목록)."""
    wanted = _given(round_id=round_id, category_id=category_id, department=department, stage=stage)
    return await caller.page(NOMINATION, wanted | _given(**{"authors.person_id": author}), cursor, limit)


@_nominations.get("/nominations/{idea_id}")
async def nomination(idea_id: Id, caller: Reading) -> Response:
    """Whether and with what success an idea stands for an award."""
    return await caller.show(NOMINATION, idea_id)


@_nominations.get("/nominations/{idea_id}/history")
async def nomination_history(idea_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the nomination."""
    return await caller.history(NOMINATION, idea_id, after, limit)


@_nominations.get("/me/payments")
async def own_payments(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The caller's parts of prizes (내 시상금)."""
    return reply(await queries.payments(caller.reader, caller.actor, cursor, limit))


@_rounds.get("/me/notices")
async def own_notices(caller: Judge, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What the caller was told of rounds (내 통지): that another department runs one now."""
    return reply(await queries.notices(caller.reader, caller.actor, cursor, limit))


def _given(**filters: str | None) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value is not None}


router.include_router(_rounds)
router.include_router(_categories)
router.include_router(_nominations)
