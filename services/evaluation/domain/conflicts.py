"""Conflicts of interest of one evaluation (제척, 기피, 회피): who may not score, organise or see anything of it.

Pure. A conflicted person is out in every role in which one evaluates or organises; authors see the disclosed result of
their own idea, as authors.
"""

from collections.abc import Iterable, Iterator

from services.evaluation.domain.evaluation_state import Evaluation, Excluded, Phase
from shared.contracts.evaluation import RatersAssigned
from shared.contracts.evaluation_conflicts import (
    AuthorDescribed,
    AuthorNamed,
    ConflictDeclared,
    DepartmentDescribed,
    RaterExcluded,
    RatersNamed,
    RaterUnfit,
    RelationsNoted,
    TeamNamed,
)
from shared.engine.aggregate import require
from shared.engine.message import Event, Sealed
from shared.rules.evaluation import Relation

OVER = (Phase.DISCLOSED, Phase.CANCELLED)


def require_no_conflict(evaluation: Evaluation, person_id: str, department: str = "") -> None:
    """Refuse whoever is too near to the idea, in the same words whatever the ground and the stage."""
    ground = evaluation.conflict_of(person_id, department)
    require(ground is None, "conflict_of_interest", recorded=True, person_id=person_id)


# --- relations that the system finds


def heard(evaluation: Evaluation, message: AuthorDescribed | DepartmentDescribed | ConflictDeclared) -> Iterator[Event]:
    """What follows from what others know."""
    match message:
        case AuthorDescribed():
            yield from described(evaluation, message)
        case DepartmentDescribed():
            yield from placed(evaluation, message)
        case ConflictDeclared():
            yield from declared(evaluation, message)


def named(evaluation: Evaluation) -> Iterator[AuthorNamed]:
    """Ask what is known of the authors, where the pack wants to know it."""
    if not evaluation.conflict_rules.relations.value:
        return
    authors = [author.person_id for author in evaluation.authors]
    for person in authors:
        yield AuthorNamed(
            person_id=person,
            idea_id=evaluation.idea_id,
            stage=evaluation.stage,
            coauthors=tuple(other for other in authors if other != person),
        )


def described(evaluation: Evaluation, message: AuthorDescribed) -> Iterator[Event]:
    """Keep what the pack takes for a conflict; ask on for the department."""
    relations = evaluation.conflict_rules.relations.value
    idea_id, stage = message.idea_id, message.stage
    authors = {author.person_id for author in evaluation.authors}
    others = tuple(sorted(set(message.coauthors) - authors)) if Relation.PAST_COAUTHOR in relations else ()
    teams = (message.team,) if message.team and Relation.SAME_TEAM in relations else ()
    yield from _related(evaluation, RelationsNoted(idea_id=idea_id, stage=stage, teams=teams, coauthors=others))
    if message.team and Relation.SAME_DEPARTMENT in relations:
        yield TeamNamed(department_id=message.team, idea_id=idea_id, stage=stage)


def placed(evaluation: Evaluation, message: DepartmentDescribed) -> Iterator[Event]:
    """Everybody in these teams is in the department of an author."""
    yield from _related(evaluation, RelationsNoted(idea_id=message.idea_id, stage=message.stage, units=message.units))


def _related(evaluation: Evaluation, noted: RelationsNoted) -> Iterator[Event]:
    """Note it, and exclude whoever it shows to have been assigned, or to have scored, in spite of it."""
    after = related(evaluation, noted)
    if after == evaluation:
        return
    yield noted
    involved = {*evaluation.raters, *(sheet.rater_id for sheet in evaluation.sheets)}
    for person in sorted(involved):
        ground = after.conflict_of(person)
        if ground is not None and evaluation.conflict_of(person) is None:
            yield from excluded(evaluation, person, ground)


# --- exclusion


def excluded(
    evaluation: Evaluation, person_id: str, ground: str, note: Sealed[str] | None = None
) -> Iterator[RaterExcluded | RaterUnfit]:
    """The person is out; the round, if there is one, hears that it must find another."""
    yield RaterExcluded(
        idea_id=evaluation.idea_id, stage=evaluation.stage, person_id=person_id, ground=ground, note=note
    )
    if evaluation.round_id:
        yield unfit(evaluation, person_id, ground)


def unfit(evaluation: Evaluation, person_id: str, ground: str) -> RaterUnfit:
    """Tell the round that somebody can't score this idea."""
    return RaterUnfit(
        round_id=evaluation.round_id,
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        person_id=person_id,
        ground=ground,
    )


def declared(evaluation: Evaluation, message: ConflictDeclared) -> Iterator[Event]:
    """Somebody said so in the statement of the round."""
    known = evaluation.excluded_for(message.person_id) is not None
    if evaluation.phase in (Phase.NEW, Phase.OPEN, Phase.CLOSED) and not known:
        yield RaterExcluded(
            idea_id=message.idea_id, stage=message.stage, person_id=message.person_id, ground=message.ground
        )


def named_by_round(evaluation: Evaluation, message: RatersNamed) -> Iterator[Event]:
    """Take the raters that the round names, but those in conflict, of whom it may not have known."""
    if evaluation.phase is not Phase.OPEN or message.round_id != evaluation.round_id:
        return
    fit: list[str] = []
    for rater in message.raters:
        ground = evaluation.conflict_of(rater.person_id, rater.department or "")
        if ground is None:
            fit.append(rater.person_id)
        else:
            yield unfit(evaluation, rater.person_id, ground)
    if fit:
        yield RatersAssigned(idea_id=evaluation.idea_id, stage=evaluation.stage, raters=tuple(fit), drawn=message.drawn)


# --- what these events mean


def related(evaluation: Evaluation, event: RelationsNoted) -> Evaluation:
    """With what is known now."""
    known = evaluation.relations
    return evaluation.but(
        relations=known.model_copy(
            update={
                "teams": _union(known.teams, event.teams),
                "units": _union(known.units, event.units),
                "coauthors": _union(known.coauthors, event.coauthors),
            }
        )
    )


def out(evaluation: Evaluation, event: RaterExcluded) -> Evaluation:
    """Without the person, in what is asked and in what counts."""
    gone = Excluded(person_id=event.person_id, ground=event.ground)
    return evaluation.but(
        idea_id=event.idea_id,
        stage=event.stage,
        excluded=(*evaluation.excluded, gone),
        raters=tuple(rater for rater in evaluation.raters if rater != event.person_id),
        sheets=tuple(sheet for sheet in evaluation.sheets if sheet.rater_id != event.person_id),
        drafts=tuple(draft for draft in evaluation.drafts if draft.rater_id != event.person_id),
    )


def _union(known: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))
