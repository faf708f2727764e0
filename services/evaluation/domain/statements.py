"""Statements of a round (이해관계 서약), and the raters whom the round names once they have signed.

Pure. Invariant: under a pack that asks for a statement nobody is named who has not signed it; nobody is named for an
idea about which they declared a conflict, or about which one was found.
"""

from collections.abc import Iterable, Iterator

from services.evaluation.domain.round_commands import NameRaters, SignStatement
from services.evaluation.domain.round_state import Interests, Phase, Round, Standing, Statement
from shared.contracts.evaluation_conflicts import (
    ConflictDeclared,
    Interest,
    NamedRater,
    RatersNamed,
    RaterUnfit,
    StatementSigned,
    UnfitNoted,
)
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import Event
from shared.rules.loader import pack_hash


def sign(round: Round, message: SignStatement, context: Context) -> Iterator[Event]:
    """Keep the statement, and tell the evaluations it concerns."""
    require(round.phase is Phase.OPEN, "round_ended")
    require(message.complete, "statement_incomplete")
    rules = round.conflict_rules
    for interest in message.interests:
        require(rules.ground(interest.ground) is not None, "unknown_ground", ground=interest.ground)
    person = context.actor.id
    known = round.statement(person)
    fresh = tuple(
        interest
        for interest in dict.fromkeys(message.interests)
        if known is None or interest.idea_id not in known.interests.ideas
    )
    if known is not None and not fresh:
        return
    yield StatementSigned(
        round_id=round.id,
        person_id=person,
        department=context.actor.department or None,
        interests=fresh,
        rule=Rule(
            pack=round.pack,
            hash=pack_hash(round.pack, "evaluation"),
            article=rules.statement_required.article,
        ),
    )
    for interest in fresh:
        if round.entry(interest.idea_id) is not None:
            yield _declared(round, person, interest)


def _declared(round: Round, person: str, interest: Interest) -> ConflictDeclared:
    return ConflictDeclared(
        idea_id=interest.idea_id, stage=round.stage, round_id=round.id, person_id=person, ground=interest.ground
    )


def declared_about(round: Round, idea_id: str) -> Iterator[ConflictDeclared]:
    """What an evaluation that joins must hear: all that was declared and found about its idea in this round."""
    for statement in round.statements:
        for interest in statement.interests.about(idea_id):
            yield _declared(round, statement.person_id, interest)
    for person, interest in round.unfit:
        if interest.idea_id == idea_id:
            yield _declared(round, person, interest)


def name(round: Round, message: NameRaters, context: Context) -> Iterator[RatersNamed]:
    """Name the raters of one idea."""
    require(round.phase is Phase.OPEN, "round_ended")
    idea = message.idea_id
    _require_no_conflict(round, idea, [context.actor.id])
    # Whether its scoring still goes on is for the evaluation to know, not for whoever asks.
    entry = round.entry(idea)
    require(entry is not None and entry.standing is not Standing.ADMITTED, "not_in_round", idea_id=idea)
    require(len(set(message.raters)) == len(message.raters), "rater_named_twice")
    least = round.stage_rules(round.stage).raters_min.value
    require(len(message.raters) >= least, "too_few_raters", needed=least)
    unsigned = [rater for rater in message.raters if round.statement(rater) is None]
    require(not unsigned or not round.conflict_rules.statement_required.value, "statement_missing", persons=unsigned)
    _require_no_conflict(round, idea, message.raters)
    yield RatersNamed(
        idea_id=idea,
        stage=round.stage,
        round_id=round.id,
        raters=tuple(NamedRater(person_id=one, department=_department(round, one)) for one in message.raters),
        drawn=message.drawn,
    )


def _department(round: Round, person: str) -> str | None:
    statement = round.statement(person)
    return statement.department if statement else None


def _require_no_conflict(round: Round, idea_id: str, people: Iterable[str]) -> None:
    for person in people:
        require(not round.in_conflict(person, idea_id), "conflict_of_interest", recorded=True, person_id=person)


def unfit(round: Round, message: RaterUnfit) -> Iterator[UnfitNoted]:
    """An evaluation found a conflict that the round had not known of."""
    if not round.in_conflict(message.person_id, message.idea_id):
        yield UnfitNoted(round_id=round.id, idea_id=message.idea_id, person_id=message.person_id, ground=message.ground)


def signed(round: Round, event: StatementSigned) -> Round:
    """With the statement, or with more in it."""
    known = round.statement(event.person_id)
    before = known.interests.declared if known else ()
    statement = Statement(
        person_id=event.person_id,
        department=event.department,
        interests=Interests(declared=(*before, *event.interests)),
    )
    others = tuple(one for one in round.statements if one.person_id != event.person_id)
    return round.but(statements=(*others, statement))
