"""One category of a round: it collects nominees, takes ballots, and proposes grades at the close.

Pure. Invariants: nothing of a ballot shows before the disclosure, then everything at once; nobody votes on the own
idea; the latest ballot of a voter on an idea counts. Nominees may come before the category is announced or after.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict, Field

from services.awards.domain.commands import MAX_NOMINEES, CastBallot, CloseCategory
from services.awards.domain.grading import Candidate, award_score, place, propose
from services.awards.domain.ownership import require_owner
from services.awards.domain.rules import category_rules, cite, days, rules
from shared.contracts.awards import (
    AwardNotGranted,
    BallotCast,
    BallotsClosed,
    CategoryAnnounced,
    CategoryClosed,
    CategoryOpened,
    IdeaNominated,
    NomineeListed,
    RankedNominee,
)
from shared.contracts.awards_duties import CategoryMoved, CategoryMoveOrdered
from shared.contracts.types import Author, SealedLine
from shared.engine.aggregate import Context, Refused, State, require
from shared.engine.message import Actor, DeadlineReached, Event, Instant
from shared.rules.awards import Voice

CLOSE = "close"
DISCLOSE = "disclose"
PANELIST = "panelist"

Input = IdeaNominated | CategoryAnnounced | CastBallot | CloseCategory | CategoryMoveOrdered | DeadlineReached
Emitted = NomineeListed | CategoryOpened | BallotCast | BallotsClosed | CategoryClosed | AwardNotGranted | CategoryMoved

FOLD = 2


class Stage(StrEnum):
    """How far a category has come."""

    COLLECTING = "collecting"
    OPEN = "open"
    COUNTED = "counted"
    CLOSED = "closed"


class Part(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Nominee(Part):
    """An idea that stands in this category; `score` is its evaluation's, if it had one."""

    title: SealedLine
    authors: tuple[Author, ...]
    score: Decimal | None
    received_on: date

    def is_by(self, person_id: str) -> bool:
        """Whether this person is one of its authors."""
        return any(author.person_id == person_id for author in self.authors)


class Ballot(Part):
    """What one voter gives one idea, and for which voice it counts."""

    voice: str
    points: Decimal


class Category(State):
    """A category with its nominees by idea, its ballots by idea and voter, and after the disclosure its result.

    `closed_by` is the person who ended the voting, empty where the deadline did.
    """

    stage: Stage = Stage.COLLECTING
    round_id: str = ""
    pack: str = ""
    panel: tuple[str, ...] = ()
    closes_at: Instant | None = None
    nominees: Mapping[str, Nominee] = Field(default_factory=dict[str, Nominee])
    ballots: Mapping[str, Mapping[str, Ballot]] = Field(default_factory=dict[str, dict[str, Ballot]])
    closed_by: str = ""
    outcome: str = ""
    result: tuple[RankedNominee, ...] = ()
    owner: str = ""

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """The own ballots, and no other ones; after the disclosure the auditor sees all."""
        seen = self.model_dump(mode="json", exclude={"ballots"})
        seen["own_ballots"] = {
            idea_id: str(votes[actor.id].points) for idea_id, votes in self.ballots.items() if actor.id in votes
        }
        if actor.role == "auditor" and self.stage is Stage.CLOSED:
            seen |= self.model_dump(mode="json", include={"ballots"})
        return seen

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """As everywhere; but before the disclosure only the opening, for later versions would count the ballots."""
        return super().shows(event, actor) and (event is CategoryOpened or self.stage is Stage.CLOSED)


def decide(category: Category, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the category."""
    match message:
        case IdeaNominated():
            if message.idea_id not in category.nominees:
                yield _list(category, message)
        case CategoryAnnounced():
            if category.stage is Stage.COLLECTING:
                yield CategoryOpened(
                    category_id=category.id,
                    round_id=message.round_id,
                    pack=message.pack,
                    panel=message.panel,
                    closes_at=message.closes_at,
                    owner=message.owner,
                )
        case CastBallot():
            yield _cast(category, message, context)
        case CloseCategory():
            _require_may_close(category, context.actor)
            yield from _close(category, context.actor.id, context.time)
        case CategoryMoveOrdered(move=move):
            if category.owner == move.from_department:
                yield CategoryMoved(category_id=category.id, move=move)
        case DeadlineReached(name=name, due=due):
            if name == CLOSE:
                yield from _close(category, "", due)
            else:
                yield _disclose(category, category.closed_by)
        case _:
            assert_never(message)


def _list(category: Category, idea: IdeaNominated) -> NomineeListed | AwardNotGranted:
    if category.stage in (Stage.COUNTED, Stage.CLOSED):
        return AwardNotGranted(idea_id=idea.idea_id, category_id=category.id, reason="category_closed")
    if len(category.nominees) >= MAX_NOMINEES:
        return AwardNotGranted(idea_id=idea.idea_id, category_id=category.id, reason="category_full")
    return NomineeListed(
        category_id=category.id,
        idea_id=idea.idea_id,
        title=idea.title,
        authors=idea.authors,
        score=idea.score,
        received_on=idea.received_on,
    )


def _cast(category: Category, message: CastBallot, context: Context) -> BallotCast:
    voter = context.actor
    _require_open(category, context.time)
    voice = _voice_of(category, voter)
    nominee = category.nominees.get(message.idea_id)
    if nominee is None:
        raise Refused("not_nominated", idea_id=message.idea_id)
    require(not nominee.is_by(voter.id), "conflict_of_interest", recorded=True)
    scale = rules(category.pack).panel.ballot_scale.value
    require(scale.allows(message.points), "invalid_points", lowest=scale.min, highest=scale.max, step=scale.step)
    return BallotCast(
        category_id=category.id,
        voter_id=voter.id,
        voice=voice.code,
        idea_id=message.idea_id,
        points=message.points,
    )


def _require_open(category: Category, time: datetime) -> None:
    require(category.stage is not Stage.COLLECTING, "voting_not_open")
    in_time = category.stage is Stage.OPEN and category.closes_at is not None and time < category.closes_at
    require(in_time, "voting_closed", recorded=True, closes_at=category.closes_at)


def _voice_of(category: Category, voter: Actor) -> Voice:
    """The voice that the role used speaks for; a panelist must have been called to this round's panel."""
    if voter.role == PANELIST:
        require(voter.id in category.panel, "not_on_panel", recorded=True)
    for voice in rules(category.pack).voices:
        if voter.role in voice.roles:
            return voice
    raise Refused("no_voice", recorded=True, role=voter.role)


def _require_may_close(category: Category, officer: Actor) -> None:
    require_owner(category.owner, officer)
    require(category.stage is not Stage.COLLECTING, "voting_not_open")
    require(category.stage is Stage.OPEN, "category_already_closed")
    is_author = any(nominee.is_by(officer.id) for nominee in category.nominees.values())
    require(not is_author, "conflict_of_interest", recorded=True)
    quorum = rules(category.pack).panel.quorum.value
    require(all(_has_quorum(category, idea_id) for idea_id in category.nominees), "no_quorum", quorum=quorum)


def _has_quorum(category: Category, idea_id: str) -> bool:
    voted = sum(voter in category.panel for voter in category.ballots.get(idea_id, {}))
    return voted >= rules(category.pack).panel.quorum.value


def _close(category: Category, closed_by: str, closed_at: datetime) -> Iterator[BallotsClosed | CategoryClosed]:
    disclosure_at = days(category.pack).disclosed_at(closed_at, rules(category.pack).disclosure_at.value)
    yield BallotsClosed(category_id=category.id, closed_by=closed_by, disclosure_at=disclosure_at)
    if disclosure_at <= closed_at:
        yield _disclose(category, closed_by)


def _disclose(category: Category, closed_by: str) -> CategoryClosed:
    result = _result(category)
    return CategoryClosed(
        category_id=category.id,
        round_id=category.round_id,
        pack=category.pack,
        outcome="proposed" if any(one.grade or one.tied for one in result) else "no_winner",
        nominees=result,
        ballots=sum(map(len, category.ballots.values())),
        closed_by=closed_by,
        rule=cite(category.pack, category_rules(category.pack, category.id)),
    )


def _result(category: Category) -> tuple[RankedNominee, ...]:
    asked = rules(category.pack)
    placed = place(asked, (_candidate(category, idea_id) for idea_id in category.nominees))
    proposal = propose(asked, category_rules(category.pack, category.id), placed)
    return tuple(
        RankedNominee(
            idea_id=one.idea_id,
            authors=category.nominees[one.idea_id].authors,
            score=one.score,
            rank=one.rank,
            grade=proposal.grades.get(one.idea_id, ""),
            tied=one.idea_id in proposal.tied,
        )
        for one in placed
    )


def _candidate(category: Category, idea_id: str) -> Candidate:
    nominee = category.nominees[idea_id]
    ballots = ((one.voice, one.points) for one in category.ballots.get(idea_id, {}).values())
    score = award_score(rules(category.pack), ballots) if _has_quorum(category, idea_id) else None
    return Candidate(idea_id, score, nominee.score, nominee.received_on)


def evolve(category: Category, event: Emitted) -> Category:
    """What has happened to the category."""
    match event:
        case NomineeListed():
            nominee = Nominee(
                title=event.title, authors=event.authors, score=event.score, received_on=event.received_on
            )
            return category.but(nominees={**category.nominees, event.idea_id: nominee})
        case CategoryOpened():
            return category.but(
                stage=Stage.OPEN,
                round_id=event.round_id,
                pack=event.pack,
                panel=event.panel,
                closes_at=event.closes_at,
                owner=event.owner or "",
            ).with_deadline(CLOSE, event.closes_at)
        case BallotCast():
            votes = {
                **category.ballots.get(event.idea_id, {}),
                event.voter_id: Ballot(voice=event.voice, points=event.points),
            }
            return category.but(ballots={**category.ballots, event.idea_id: votes})
        case BallotsClosed():
            counted = category.but(stage=Stage.COUNTED, closed_by=event.closed_by)
            return counted.without_deadline(CLOSE).with_deadline(DISCLOSE, event.disclosure_at)
        case CategoryClosed():
            closed = category.but(stage=Stage.CLOSED, outcome=event.outcome, result=event.nominees)
            return closed.without_deadline(DISCLOSE)
        case CategoryMoved():
            return category.but(owner=event.move.department)
        case AwardNotGranted():
            return category
        case _:
            assert_never(event)
