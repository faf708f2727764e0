"""One idea's way to an award: nominated if it reaches the pack's line, then settled or ended without one.

A practice whose facts are confirmed is nominated without an evaluation, and so without a line.

Pure. The idea's pack and the year of its adoption or confirmation name the round, so that nothing has to wait for the
round to open.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from services.awards.domain.rules import category_id, cite, round_id, rules
from services.awards.domain.settlement import split
from shared.contracts.awards import (
    AwardGranted,
    AwardNotGranted,
    IdeaNominated,
    IdeaNotNominated,
    NominationEnded,
    NominationSettled,
    SettlementHeld,
    SharesAwaited,
    SharesNoted,
)
from shared.contracts.awards_duties import NominationMoved
from shared.contracts.ideas import IdeaAdopted, SharesOpened, SharesSettled
from shared.contracts.ideas_duties import IdeaMoved
from shared.contracts.ideas_outcomes import PracticeConfirmed
from shared.contracts.types import Author, Payment, Rule, SealedLine
from shared.engine.aggregate import Context, State
from shared.engine.message import Event

Input = IdeaAdopted | PracticeConfirmed | IdeaMoved | SharesOpened | SharesSettled | AwardGranted | AwardNotGranted
Emitted = (
    IdeaNominated
    | IdeaNotNominated
    | SharesAwaited
    | SharesNoted
    | SettlementHeld
    | NominationSettled
    | NominationEnded
    | NominationMoved
)

FOLD = 3


class Stage(StrEnum):
    """How far a nomination has come."""

    NEW = "new"
    NOMINATED = "nominated"
    NOT_NOMINATED = "not_nominated"
    HELD = "held"
    AWARDED = "awarded"
    ENDED = "ended"


class Nomination(State):
    """An adopted idea and whether, where and with what success it stands for an award; its id is the idea's.

    `score` is the evaluation's, `reason` says in a code why there is no award. While `shares_open` nothing is settled;
    what was granted meanwhile is `held`.
    """

    stage: Stage = Stage.NEW
    round_id: str = ""
    category_id: str = ""
    title: SealedLine | None = None
    authors: tuple[Author, ...] = ()
    department: str = ""
    score: Decimal | None = None
    reason: str = ""
    grade: str = ""
    prize_won: int = 0
    payments: tuple[Payment, ...] = ()
    shares_open: bool = False


def decide(nomination: Nomination, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the nomination."""
    match message:
        case IdeaAdopted():
            if nomination.stage is Stage.NEW:
                yield from _with_shares(nomination, message, _nominate(message))
        case PracticeConfirmed():
            if nomination.stage is Stage.NEW:
                yield from _with_shares(nomination, message, _recommend(message))
        case SharesOpened():
            if nomination.stage is Stage.NOMINATED and not nomination.shares_open:
                yield SharesAwaited(idea_id=nomination.id)
        case SharesSettled():
            if nomination.stage in (Stage.NOMINATED, Stage.HELD):
                yield SharesNoted(idea_id=nomination.id, authors=message.authors)
            if nomination.stage is Stage.HELD:
                yield _settle(nomination, message.authors, nomination.grade, nomination.prize_won)
        case IdeaMoved(move=move):
            if nomination.stage is Stage.NOMINATED and nomination.department == move.from_department:
                yield NominationMoved(idea_id=nomination.id, move=move)
        case AwardGranted():
            if nomination.stage is Stage.NOMINATED and nomination.shares_open:
                yield SettlementHeld(idea_id=nomination.id, grade=message.grade, prize_won=message.prize_won)
            elif nomination.stage is Stage.NOMINATED:
                yield _settle(nomination, nomination.authors, message.grade, message.prize_won)
        case AwardNotGranted():
            if nomination.stage is Stage.NOMINATED:
                yield NominationEnded(idea_id=nomination.id, reason=message.reason)
        case _:
            assert_never(message)


def _with_shares(
    nomination: Nomination, idea: IdeaAdopted | PracticeConfirmed, nominated: IdeaNominated | IdeaNotNominated
) -> Iterator[Event]:
    """The nomination, and that it waits where the authors have not agreed on their shares."""
    yield nominated
    if idea.shares_open and isinstance(nominated, IdeaNominated):
        yield SharesAwaited(idea_id=nomination.id)


def _nominate(idea: IdeaAdopted) -> IdeaNominated | IdeaNotNominated:
    asked = rules(idea.pack)
    category = asked.category_of(idea.kind)
    line = cite(idea.pack, asked.nomination_line)
    if category is None:
        return IdeaNotNominated(idea_id=idea.idea_id, reason="no_category", rule=line)
    if idea.score is None:
        return IdeaNotNominated(idea_id=idea.idea_id, reason="not_evaluated", rule=line)
    if idea.score < asked.nomination_line.value:
        return IdeaNotNominated(idea_id=idea.idea_id, reason="below_line", rule=line)
    return _nominated(idea, category.code, idea.decided_on.year, idea.score, line)


def _recommend(practice: PracticeConfirmed) -> IdeaNominated | IdeaNotNominated:
    """A confirmed practice stands in the category of its kind; the line is for scores, and it has none."""
    asked = rules(practice.pack)
    category = asked.category_of(practice.kind)
    if category is None:
        line = cite(practice.pack, asked.nomination_line)
        return IdeaNotNominated(idea_id=practice.idea_id, reason="no_category", rule=line)
    year = practice.confirmed_on.year
    return _nominated(practice, category.code, year, None, cite(practice.pack, category))


def _nominated(
    idea: IdeaAdopted | PracticeConfirmed, category: str, year: int, score: Decimal | None, rule: Rule
) -> IdeaNominated:
    round = round_id(idea.pack, year)
    return IdeaNominated(
        idea_id=idea.idea_id,
        category_id=category_id(round, category),
        round_id=round,
        pack=idea.pack,
        kind=idea.kind,
        department=idea.department,
        title=idea.title,
        authors=idea.authors,
        score=score,
        received_on=idea.received_on,
        rule=rule,
    )


def _settle(nomination: Nomination, authors: tuple[Author, ...], grade: str, prize_won: int) -> NominationSettled:
    """By the shares that stand now, whatever they were when the idea was nominated."""
    pack = nomination.round_id.rpartition(".")[0]
    return NominationSettled(
        idea_id=nomination.id,
        grade=grade,
        prize_won=prize_won,
        payments=split(prize_won, authors, rules(pack).remainder.value),
    )


def evolve(nomination: Nomination, event: Emitted) -> Nomination:
    """What has happened to the nomination."""
    match event:
        case IdeaNominated():
            return nomination.but(
                stage=Stage.NOMINATED,
                round_id=event.round_id,
                category_id=event.category_id,
                title=event.title,
                authors=event.authors,
                department=event.department,
                score=event.score,
            )
        case IdeaNotNominated():
            return nomination.but(stage=Stage.NOT_NOMINATED, reason=event.reason)
        case SharesAwaited():
            return nomination.but(shares_open=True)
        case SharesNoted():
            return nomination.but(shares_open=False, authors=event.authors)
        case SettlementHeld():
            return nomination.but(stage=Stage.HELD, grade=event.grade, prize_won=event.prize_won)
        case NominationSettled():
            return nomination.but(
                stage=Stage.AWARDED, grade=event.grade, prize_won=event.prize_won, payments=event.payments
            )
        case NominationMoved():
            return nomination.but(department=event.move.department)
        case NominationEnded():
            return nomination.but(stage=Stage.ENDED, reason=event.reason)
        case _:
            assert_never(event)
