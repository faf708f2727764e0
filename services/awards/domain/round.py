"""One award round (회차): it opens categories, hears their results, and grants what a named person confirmed.

Pure. Invariants: nobody confirms what they drafted themselves, nor anything near their own idea; what is granted never
exceeds the budget; every prize is paid out to the won; a nominated idea hears what became of it, with or without award.
Where a department runs the round, only its officers act on it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from services.awards.domain import ownership
from services.awards.domain.commands import ConfirmGrades, OpenRound
from services.awards.domain.granting import Grant, grants, require_authority, require_independent
from services.awards.domain.rules import category_id, chosen, cite, days, round_id, rules, today
from shared.contracts.awards import (
    AwardGranted,
    AwardNotGranted,
    CategoryAnnounced,
    CategoryClosed,
    GradesConfirmed,
    RankedNominee,
    ResultNoted,
    RoundClosed,
    RoundOpened,
)
from shared.contracts.awards_duties import CategoryMoveOrdered, RoundMoved, RoundMoveNoticed, RoundMoveOrdered
from shared.contracts.types import Payment
from shared.duties.notice import Told, everybody, told
from shared.engine.aggregate import Context, Refused, State, require
from shared.engine.message import Actor, Event, Instant, seal
from shared.rules.awards import AwardsRules

Input = OpenRound | CategoryClosed | ConfirmGrades | RoundMoveOrdered
Emitted = (
    RoundOpened
    | CategoryAnnounced
    | ResultNoted
    | GradesConfirmed
    | AwardGranted
    | AwardNotGranted
    | RoundClosed
    | RoundMoved
    | CategoryMoveOrdered
    | RoundMoveNoticed
)

FOLD = 2


class Stage(StrEnum):
    """How far a round has come."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"


class Part(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Result(Part):
    """What a category reported, who drafted it, and who confirmed it since."""

    category_id: str
    outcome: str
    nominees: tuple[RankedNominee, ...]
    drafter: str
    confirmed_by: str = ""


class Award(Part):
    """One award as it was granted."""

    idea_id: str
    category_id: str
    grade: str
    prize_won: int
    payments: tuple[Payment, ...]


class Round(State):
    """A round with its budget, the results of its categories, and its awards."""

    stage: Stage = Stage.NEW
    pack: str = ""
    year: int = 0
    title: str = ""
    panel: tuple[str, ...] = ()
    opened_by: str = ""
    closes_at: Instant | None = None
    categories: tuple[str, ...] = ()
    budget_won: int = 0
    committed_won: int = 0
    returned_won: int = 0
    results: tuple[Result, ...] = ()
    awards: tuple[Award, ...] = ()
    owner: str = ""
    told: tuple[Told, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it but who was told what: that is for them."""
        return self.model_dump(mode="json", exclude={"told"})

    def result(self, category_id: str) -> Result | None:
        """What this category reported, if it has."""
        return next((one for one in self.results if one.category_id == category_id), None)

    @property
    def unconfirmed(self) -> set[str]:
        """Categories whose grades nobody has confirmed yet."""
        return set(self.categories) - {one.category_id for one in self.results if one.confirmed_by}


def decide(round: Round, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the round."""
    match message:
        case OpenRound():
            yield from _open(round, message, context)
        case CategoryClosed():
            if round.result(message.category_id) is None:
                yield _note(round, message)
        case ConfirmGrades():
            yield from _confirm(round, message, context)
        case RoundMoveOrdered():
            yield from _move(round, message, context)
        case _:
            assert_never(message)


def _open(round: Round, message: OpenRound, context: Context) -> Iterator[RoundOpened | CategoryAnnounced]:
    assert round.id == round_id(message.pack, message.year), "the id of a round follows from its pack and year"
    require(round.stage is Stage.NEW, "round_already_open")
    asked = chosen(message.pack, today(context.time)).awards
    _require_panel(asked, message)
    closes_at, owner = _closing(asked, message, context.time), context.actor.department or None
    categories = tuple(category_id(round.id, category.code) for category in asked.categories)
    yield RoundOpened(
        round_id=round.id,
        pack=message.pack,
        year=message.year,
        title=message.title,
        categories=categories,
        panel=message.panel,
        budget_won=asked.budget_won.value,
        closes_at=closes_at,
        opened_by=context.actor.id,
        rule=cite(message.pack, asked.budget_won),
        owner=owner,
    )
    for category in categories:
        yield CategoryAnnounced(
            category_id=category,
            round_id=round.id,
            pack=message.pack,
            panel=message.panel,
            closes_at=closes_at,
            owner=owner,
        )


def _require_panel(asked: AwardsRules, message: OpenRound) -> None:
    """The award panel (공적심사위원회) is as large and as mixed as the pack wants it."""
    panel, non_officials = set(message.panel), set(message.non_officials)
    require(len(panel) == len(message.panel), "panelist_named_twice")
    require(len(panel) >= asked.panel.members_min.value, "panel_too_small", least=asked.panel.members_min.value)
    require(non_officials <= panel, "panelist_unknown", persons=sorted(non_officials - panel))
    mixed = 2 * len(non_officials) >= len(panel) or not asked.panel.half_non_officials.value
    require(mixed, "too_few_non_officials", least=(len(panel) + 1) // 2)


def _closing(asked: AwardsRules, message: OpenRound, now: datetime) -> datetime:
    if message.closes_at is None:
        calendar = days(message.pack)
        return calendar.end_of(calendar.due(today(now), asked.panel.votes_within.value))
    require(message.closes_at > now, "closes_in_the_past", closes_at=message.closes_at)
    return message.closes_at.astimezone(UTC)


def _move(round: Round, message: RoundMoveOrdered, context: Context) -> Iterator[Event]:
    """An open round follows a duty, its categories with it; who judges and who opened it are told."""
    move = message.move
    if round.stage is not Stage.OPEN or round.owner != move.from_department:
        return
    yield RoundMoved(round_id=round.id, move=move)
    for category in round.categories:
        yield CategoryMoveOrdered(category_id=category, move=move)
    yield RoundMoveNoticed(
        round_id=round.id,
        move=move,
        issued_at=context.time,
        recipients=everybody(round.opened_by, round.panel),
    )


def _note(round: Round, closed: CategoryClosed) -> ResultNoted:
    """Where the deadline closed the voting, the terms are the work of whoever opened the round."""
    return ResultNoted(
        round_id=round.id,
        category_id=closed.category_id,
        outcome=closed.outcome,
        nominees=closed.nominees,
        drafter=closed.closed_by or round.opened_by,
    )


def _confirm(round: Round, message: ConfirmGrades, context: Context) -> Iterator[Event]:
    ownership.require_owner(round.owner, context.actor)
    require(message.category_id in round.categories, "category_unknown", category_id=message.category_id)
    result = round.result(message.category_id)
    if result is None:
        raise Refused("category_not_closed", category_id=message.category_id)
    require(not result.confirmed_by, "already_confirmed", category_id=message.category_id)
    approver = [message.authority.approver] if message.authority else []
    require_independent(result.drafter, result.nominees, [context.actor.id, *approver])
    asked = rules(round.pack)
    last = round.unconfirmed == {message.category_id}
    require_authority(asked, message.authority, last=last, on=today(context.time))
    awards = grants(round.pack, result.nominees, message)
    prizes = sum(award.prize_won for award in awards)
    left = round.budget_won - round.committed_won
    require(prizes <= left, "over_budget", prizes=prizes, left=left)
    yield GradesConfirmed(
        round_id=round.id,
        category_id=message.category_id,
        confirmed_by=context.actor.id,
        authority=message.authority,
        granted=tuple(award.nominee.idea_id for award in awards),
        committed_won=prizes,
        rule=cite(round.pack, asked.budget_won),
    )
    yield from (_granted(round, message, award) for award in awards)
    yield from _not_granted(round, result, message, {award.nominee.idea_id for award in awards})
    if last:
        yield RoundClosed(round_id=round.id, granted_won=round.committed_won + prizes, returned_won=left - prizes)


def _granted(round: Round, message: ConfirmGrades, award: Grant) -> AwardGranted:
    return AwardGranted(
        idea_id=award.nominee.idea_id,
        round_id=round.id,
        category_id=message.category_id,
        grade=award.grade.code,
        prize_won=award.prize_won,
        payments=award.payments,
        authority=message.authority,
        rule=cite(round.pack, award.grade),
    )


def _not_granted(round: Round, result: Result, message: ConfirmGrades, granted: set[str]) -> Iterator[AwardNotGranted]:
    withheld = {one.idea_id: one.reason for one in message.withheld}
    for nominee in result.nominees:
        if nominee.idea_id in withheld:
            yield AwardNotGranted(
                idea_id=nominee.idea_id,
                category_id=result.category_id,
                reason="withheld",
                note=seal(withheld[nominee.idea_id], key=round.id),
            )
        elif nominee.idea_id not in granted:
            yield AwardNotGranted(idea_id=nominee.idea_id, category_id=result.category_id, reason="no_grade")


def evolve(round: Round, event: Emitted) -> Round:
    """What has happened to the round."""
    match event:
        case RoundOpened():
            return round.but(
                stage=Stage.OPEN,
                pack=event.pack,
                year=event.year,
                title=event.title,
                panel=event.panel,
                opened_by=event.opened_by,
                closes_at=event.closes_at,
                categories=event.categories,
                budget_won=event.budget_won,
                owner=event.owner or "",
            )
        case ResultNoted():
            result = Result(
                category_id=event.category_id, outcome=event.outcome, nominees=event.nominees, drafter=event.drafter
            )
            return round.but(results=(*round.results, result))
        case GradesConfirmed():
            return round.but(
                committed_won=round.committed_won + event.committed_won,
                results=tuple(_confirmed(result, event) for result in round.results),
            )
        case AwardGranted():
            award = Award(
                idea_id=event.idea_id,
                category_id=event.category_id,
                grade=event.grade,
                prize_won=event.prize_won,
                payments=event.payments,
            )
            return round.but(awards=(*round.awards, award))
        case RoundClosed():
            return round.but(stage=Stage.CLOSED, returned_won=event.returned_won)
        case RoundMoved():
            return round.but(owner=event.move.department)
        case RoundMoveNoticed():
            return round.but(told=told(round.told, event))
        case CategoryAnnounced() | AwardNotGranted() | CategoryMoveOrdered():
            return round
        case _:
            assert_never(event)


def _confirmed(result: Result, event: GradesConfirmed) -> Result:
    if result.category_id != event.category_id:
        return result
    return result.model_copy(update={"confirmed_by": event.confirmed_by})
