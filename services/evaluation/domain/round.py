"""One round (회차): a contest or cycle under one pack. Ideas are admitted, scored stage by stage, and the best go on.

Pure. Each evaluation keeps its own deadline, so that scoring ends exactly at it; the round tells of extensions, waits
for every result, and then puts the ideas in order. What several lines must keep is in docs/invariants.md.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import assert_never

from services.evaluation.domain import organiser, statements
from services.evaluation.domain.ranking import ranked
from services.evaluation.domain.round_commands import (
    MAX_IDEAS,
    AdmitIdeas,
    CloseStage,
    ExtendStage,
    NameRaters,
    OpenRound,
    SignStatement,
)
from services.evaluation.domain.round_state import DISCLOSURE, DUE, Entry, Phase, Ranking, Round, Standing
from shared.contracts.evaluation_conflicts import (
    ConflictDeclared,
    Interest,
    RatersNamed,
    RaterUnfit,
    StatementSigned,
    UnfitNoted,
)
from shared.contracts.evaluation_duties import RoundMoved, RoundMoveNoticed, RoundMoveOrdered
from shared.contracts.evaluation_rounds import (
    AdmissionEnded,
    ClosingOrdered,
    EntryDropped,
    EntryNoted,
    ExtensionOrdered,
    IdeaAdmitted,
    ResultHandedIn,
    RoundBegun,
    RoundEnded,
    RoundJoined,
    RoundLeft,
    RoundNotJoined,
    StageDisclosed,
    StageExtended,
    StageOverdue,
    StageRanked,
    StandingDecided,
)
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, Refused, require
from shared.engine.message import DeadlineReached, Event, seal
from shared.rules.calendar import Calendar
from shared.rules.evaluation import Stage
from shared.rules.library import UnknownPack
from shared.rules.loader import calendar, pack, pack_hash

FOLD = 2

Input = (
    OpenRound
    | AdmitIdeas
    | ExtendStage
    | CloseStage
    | SignStatement
    | NameRaters
    | RaterUnfit
    | RoundJoined
    | RoundNotJoined
    | RoundLeft
    | ResultHandedIn
    | RoundMoveOrdered
    | DeadlineReached
)
Emitted = (
    RoundBegun
    | IdeaAdmitted
    | AdmissionEnded
    | StageExtended
    | ExtensionOrdered
    | ClosingOrdered
    | EntryNoted
    | EntryDropped
    | StageOverdue
    | StageRanked
    | StandingDecided
    | StageDisclosed
    | RoundEnded
    | StatementSigned
    | ConflictDeclared
    | RatersNamed
    | UnfitNoted
    | RoundMoved
    | RoundMoveNoticed
)


def decide(round: Round, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the round."""
    if isinstance(message, AdmitIdeas | ExtendStage | CloseStage | NameRaters):
        organiser.require_organises(round, context.actor)
    match message:
        case OpenRound():
            yield _open(round, message, context)
        case AdmitIdeas():
            yield from _admit(round, message)
        case ExtendStage():
            yield from _extend(round, message, context)
        case CloseStage():
            yield from _close(round, context)
        case RoundJoined():
            yield from _joined(round, message)
        case SignStatement():
            yield from statements.sign(round, message, context)
        case NameRaters():
            yield from statements.name(round, message, context)
        case RaterUnfit():
            yield from statements.unfit(round, message)
        case RoundNotJoined() | RoundLeft():
            reason = "left" if isinstance(message, RoundLeft) else message.reason
            yield from _without(round, message.idea_id, message.stage, reason, context)
        case ResultHandedIn():
            yield from _handed_in(round, message, context)
        case RoundMoveOrdered():
            yield from organiser.follow(round, message, context)
        case DeadlineReached(name="due"):
            yield from _due(round, message.due)
        case DeadlineReached():
            yield StageDisclosed(round_id=round.id, stage=message.name.removeprefix(DISCLOSURE))
        case _:
            assert_never(message)


def round_id(pack_id: str, name: str) -> str:
    """Id of a round, known before it opens."""
    return f"{pack_id}.{name}"


def _open(round: Round, message: OpenRound, context: Context) -> RoundBegun:
    assert round.id == round_id(message.pack, message.name), "the id of a round follows from its pack and name"
    require(round.phase is Phase.NEW, "round_already_open")
    try:
        found = pack(message.pack)
    except UnknownPack:
        raise Refused("unknown_pack", pack=message.pack) from None
    since = found.in_force_from
    require(since <= Calendar.seoul_date(context.time), "pack_not_in_force", pack=found.id, in_force_from=str(since))
    rules = found.evaluation.round
    stage = found.evaluation.stage(rules.first())
    assert stage is not None
    return RoundBegun(
        round_id=round.id,
        pack=message.pack,
        title=message.title,
        stages=tuple(one.stage for one in rules.stages),
        due=_later(message.due, context.time) if message.due else _term(message.pack, stage, context.time),
        begun_by=context.actor.id,
        rule=_cite(message.pack, rules.stages[0].article),
        organiser=context.actor.department or None,
    )


def _later(due: datetime, than: datetime) -> datetime:
    require(due > than, "due_too_early", due=due.isoformat(), than=than.isoformat())
    return due.astimezone(UTC)


def _term(pack_id: str, stage: Stage, now: datetime) -> datetime:
    days = calendar(pack(pack_id).calendar)
    return days.end_of(days.due(days.seoul_date(now), stage.closes_within.value))


def _cite(pack_id: str, article: str) -> Rule:
    return Rule(pack=pack_id, hash=pack_hash(pack_id, "evaluation"), article=article)


def _require_open(round: Round) -> None:
    require(round.phase is Phase.OPEN, "round_ended")


def _admit(round: Round, message: AdmitIdeas) -> Iterator[IdeaAdmitted]:
    """Ideas come in at the first stage, while it is open. The order of their admission is the order of the entries."""
    _require_open(round)
    open_to_all = round.stage == round.stages[0] and not round.overdue
    require(open_to_all, "admission_over", recorded=True, stage=round.stage)
    fresh = [idea for idea in dict.fromkeys(message.ideas) if round.entry(idea) is None]
    require(len(round.entries) + len(fresh) <= MAX_IDEAS, "too_many_ideas", limit=MAX_IDEAS)
    assert round.closes_at is not None
    for idea in fresh:
        yield IdeaAdmitted(idea_id=idea, stage=round.stage, round_id=round.id, due=round.closes_at)


def _extend(round: Round, message: ExtendStage, context: Context) -> Iterator[StageExtended | ExtensionOrdered]:
    _require_open(round)
    assert round.closes_at is not None
    require(not round.overdue and context.time < round.closes_at, "stage_over", recorded=True, stage=round.stage)
    require(bool(message.reason.strip()), "reason_required")
    due, reason = _later(message.due, round.closes_at), seal(message.reason, round.id)
    yield StageExtended(
        round_id=round.id,
        stage=round.stage,
        before=round.closes_at,
        due=due,
        reason=reason,
        extended_by=context.actor.id,
    )
    for entry in round.entries:
        yield ExtensionOrdered(
            idea_id=entry.idea_id, stage=round.stage, round_id=round.id, before=round.closes_at, due=due, reason=reason
        )


def _close(round: Round, context: Context) -> Iterator[Event]:
    """End what goes on, and wait for its results: whoever closes learns nothing of how far the scoring is."""
    _require_open(round)
    person = context.actor.id
    near = any(round.in_conflict(person, entry.idea_id) for entry in round.entries)
    require(not near, "conflict_of_interest", recorded=True, person_id=person)
    require(not round.overdue, "stage_over", stage=round.stage)
    for entry in round.entries:
        if entry.standing is Standing.SCORING:
            yield ClosingOrdered(idea_id=entry.idea_id, stage=round.stage, round_id=round.id)
    yield from _due(round, context.time)


def _joined(round: Round, message: RoundJoined) -> Iterator[Event]:
    """Who comes too late is let go. Who comes in hears who may not score."""
    entry = round.entry(message.idea_id) if message.stage == round.stage else None
    if entry is None or round.phase is not Phase.OPEN:
        yield AdmissionEnded(idea_id=message.idea_id, stage=message.stage, round_id=round.id)
        return
    yield EntryNoted(
        round_id=round.id,
        idea_id=entry.idea_id,
        stage=round.stage,
        standing="scoring",
        department=message.department,
        authors=tuple(author.person_id for author in message.authors),
        received_on=message.received_on,
    )
    yield from statements.declared_about(round, entry.idea_id)


def _without(round: Round, idea_id: str, stage: str, reason: str, context: Context) -> Iterator[Event]:
    if stage != round.stage or round.entry(idea_id) is None:
        return
    dropped = EntryDropped.model_validate({"round_id": round.id, "idea_id": idea_id, "stage": stage, "reason": reason})
    yield dropped
    yield from _end_if_complete(evolve(round, dropped), context.time)


def _handed_in(round: Round, message: ResultHandedIn, context: Context) -> Iterator[Event]:
    """A result; not one that an older deadline ended, for that scoring goes on."""
    entry = round.entry(message.idea_id) if message.stage == round.stage else None
    if entry is None or (message.closed_by == "deadline" and message.due != round.closes_at):
        return
    noted = EntryNoted(
        round_id=round.id,
        idea_id=entry.idea_id,
        stage=round.stage,
        standing="in_hand",
        department=entry.department,
        authors=entry.authors,
        closed_by=message.closed_by,
        score=message.score,
        means=message.means,
        received_on=entry.received_on,
    )
    yield noted
    yield from _end_if_complete(evolve(round, noted), context.time)


def _end_if_complete(round: Round, now: datetime) -> Iterator[Event]:
    if round.overdue and round.all_in_hand:
        yield from _end_stage(round, now)


def _due(round: Round, due: datetime) -> Iterator[Event]:
    """Ideas whose evaluation has not begun by now do not take part; what is being scored hands its result in."""
    overdue = StageOverdue(round_id=round.id, stage=round.stage)
    yield overdue
    after = evolve(round, overdue)
    for entry in round.entries:
        if entry.standing is Standing.ADMITTED:
            dropped = EntryDropped(round_id=round.id, idea_id=entry.idea_id, stage=round.stage, reason="too_late")
            yield dropped
            yield AdmissionEnded(idea_id=entry.idea_id, stage=round.stage, round_id=round.id)
            after = evolve(after, dropped)
    yield from _end_if_complete(after, due)


def _end_stage(round: Round, now: datetime) -> Iterator[Event]:
    """Put the ideas in order, tell each of its place, and begin the next stage, or end the round."""
    stage, next_one = round.stage_rules(round.stage), round.rules.after(round.stage)
    ranking = ranked(stage, round.entries, next_one.best.value if next_one else None, last=next_one is None)
    going = [one for one in ranking if one.goes_on]
    following = next_one.stage if next_one and going else None
    due = _term(round.pack, round.stage_rules(following), now) if following else None
    disclosure_at = calendar(pack(round.pack).calendar).disclosed_at(now, stage.disclosure_at.value)
    yield StageRanked(
        round_id=round.id,
        stage=round.stage,
        ranking=ranking,
        following=following,
        due=due,
        disclosure_at=disclosure_at,
        rule=_cite(round.pack, (next_one or stage).article),
    )
    for one in ranking:
        yield StandingDecided(
            idea_id=one.idea_id,
            stage=round.stage,
            round_id=round.id,
            rank=one.rank,
            following=following if one.goes_on else None,
            due=due if one.goes_on else None,
            disclosure_at=disclosure_at,
        )
    if following is None:
        yield RoundEnded(round_id=round.id, pack=round.pack)


def evolve(round: Round, event: Emitted) -> Round:
    """What has happened to the round."""
    match event:
        case RoundBegun():
            return round.but(
                phase=Phase.OPEN,
                pack=event.pack,
                title=event.title,
                stages=event.stages,
                stage=event.stages[0],
                closes_at=event.due,
                begun_by=event.begun_by,
                organiser=event.organiser or "",
            ).with_deadline(DUE, event.due)
        case IdeaAdmitted():
            return round.with_entry(Entry(idea_id=event.idea_id))
        case EntryNoted():
            fields = event.model_dump(exclude={"round_id", "stage"}, exclude_none=True)
            return round.with_entry(Entry.model_validate(fields))
        case EntryDropped():
            return round.but(entries=tuple(one for one in round.entries if one.idea_id != event.idea_id))
        case StageExtended():
            reopened = tuple(entry.reopened for entry in round.entries)
            return round.but(closes_at=event.due, entries=reopened).with_deadline(DUE, event.due)
        case StageOverdue():
            return round.but(overdue=True).without_deadline(DUE)
        case StageRanked():
            return _ranked(round, event)
        case StageDisclosed():
            rankings = tuple(
                one.model_copy(update={"disclosed": True}) if one.stage == event.stage else one
                for one in round.rankings
            )
            return round.but(rankings=rankings).without_deadline(DISCLOSURE + event.stage)
        case RoundMoved() | RoundMoveNoticed():
            return organiser.took(round, event)
        case RoundEnded():
            return round.but(phase=Phase.ENDED, closes_at=None)
        case StatementSigned():
            return statements.signed(round, event)
        case UnfitNoted():
            return round.but(
                unfit=(*round.unfit, (event.person_id, Interest(idea_id=event.idea_id, ground=event.ground)))
            )
        case (
            AdmissionEnded()
            | ExtensionOrdered()
            | ClosingOrdered()
            | StandingDecided()
            | ConflictDeclared()
            | RatersNamed()
        ):
            return round
        case _:
            assert_never(event)


def _ranked(round: Round, event: StageRanked) -> Round:
    going = {one.idea_id for one in event.ranking if one.goes_on} if event.following else set[str]()
    entries = tuple(
        Entry(idea_id=one.idea_id, department=one.department, authors=one.authors, received_on=one.received_on)
        for one in round.entries
        if one.idea_id in going
    )
    assert round.closes_at is not None
    ranking = Ranking(stage=event.stage, closes_at=round.closes_at, ideas=event.ranking)
    after = round.but(
        stage=event.following or round.stage,
        closes_at=event.due,
        overdue=False,
        entries=entries,
        rankings=(*round.rankings, ranking),
    ).without_deadline(DUE)
    if event.due:
        after = after.with_deadline(DUE, event.due)
    return after.with_deadline(DISCLOSURE + event.stage, event.disclosure_at)
