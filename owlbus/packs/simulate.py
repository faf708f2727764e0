"""A past award round under a draft: who is nominated, who wins what, what it costs, which decisions would come late.

Pure, over states that were folded from the log; only reads. The scores, the ballots and the days are those of the
round; the rules are the draft's. A stage whose criteria the draft does not have keeps its score of that time, and the
simulation says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.awards.domain.category import Category as CategoryState
from services.awards.domain.grading import Candidate, award_score, place, propose
from services.awards.domain.round import Round
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.score import result_of
from services.ideas.domain.clock import Clock, last_day
from services.ideas.domain.clocks import DECISION
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.values import Stage
from shared.engine.aggregate import State
from shared.rules.evaluation import Stage as StageRules
from shared.rules.loader import calendar, pack
from shared.rules.pack import Pack

OLD_SCORE = "score_of_that_time"


@dataclass(frozen=True, slots=True)
class Standing:
    """An idea then and under the draft. `why` is empty, or the code of why it is not nominated under the draft."""

    idea_id: str
    title: str
    score_then: Decimal | None
    score: Decimal | None
    nominated_then: bool
    nominated: bool
    why: str
    grade_then: str
    grade: str
    prize_then: int
    prize: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Late:
    """A decision made after the day the draft allows; `late_then` where it was late under its own pack, too."""

    idea_id: str
    decided_on: date
    due: date
    late_then: bool


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of it."""

    round_id: str
    pack: str
    draft: str
    ideas: tuple[Standing, ...]
    tied: tuple[str, ...]
    cost_then: int
    cost: int
    budget: int
    late: tuple[Late, ...]
    uncounted: int

    @property
    def entering(self) -> list[str]:
        """Ideas that would be nominated and were not."""
        return [one.idea_id for one in self.ideas if one.nominated and not one.nominated_then]

    @property
    def leaving(self) -> list[str]:
        """Ideas that were nominated and would not be."""
        return [one.idea_id for one in self.ideas if one.nominated_then and not one.nominated]


def simulate(round_id: str, states: Iterable[State], draft: Pack) -> Simulation:
    """The round `round_id` under `draft`. LookupError where it never opened."""
    kept = list(states)
    round = next((one for one in kept if isinstance(one, Round) and one.id == round_id and one.pack), None)
    if round is None:
        raise LookupError(round_id)
    now = pack(round.pack)
    adopted = [one for one in kept if isinstance(one, Idea) and _is_of(one, round)]
    sheets = {one.id: one for one in kept if isinstance(one, Evaluation)}
    categories = {one.id: one for one in kept if isinstance(one, CategoryState) and one.round_id == round_id}
    scores = {idea.id: _score(idea, sheets, draft, now) for idea in adopted}
    reasons = {idea.id: _why(idea, scores[idea.id][0], draft) for idea in adopted}
    grades, tied = _grades([idea for idea in adopted if not reasons[idea.id]], scores, categories, draft)
    standings = tuple(
        _standing(idea, scores[idea.id], reasons[idea.id], grades, round, categories, draft)
        for idea in sorted(adopted, key=lambda one: one.receipt_number or one.id)
    )
    same_pack = [one for one in kept if isinstance(one, Idea) and one.pack == round.pack]
    late, uncounted = _late(same_pack, round, draft)
    return Simulation(
        round_id=round_id,
        pack=round.pack,
        draft=draft.id,
        ideas=standings,
        tied=tuple(sorted(tied)),
        cost_then=sum(one.prize_won for one in round.awards),
        cost=sum(one.prize for one in standings),
        budget=draft.awards.budget_won.value,
        late=late,
        uncounted=uncounted,
    )


def _is_of(idea: Idea, round: Round) -> bool:
    """The idea's pack and the year of its adoption name its round, as in `awards`."""
    decision = idea.decision if idea.stage is Stage.ADOPTED else None
    return decision is not None and idea.pack == round.pack and decision.decided_on.year == round.year


def _score(idea: Idea, sheets: Mapping[str, Evaluation], draft: Pack, now: Pack) -> tuple[Decimal | None, str]:
    """The score of the last stage, made anew of its sheets where the draft asks for the same criteria."""
    stages = now.ideas.evaluation_stages.value
    held = [sheets[f"{idea.id}/{stage}"] for stage in stages if f"{idea.id}/{stage}" in sheets]
    if not held:
        return idea.score, ""
    last = held[-1]
    rules = draft.evaluation.stage(last.stage)
    if rules is None or not _same_criteria(rules, last):
        return idea.score, OLD_SCORE
    return result_of(rules, (sheet.scores for sheet in last.counting)).score, ""


def _same_criteria(rules: StageRules, held: Evaluation) -> bool:
    asked = {one.code: one.scale.value for one in rules.criteria}
    then = {one.code: one.scale.value for one in held.rules.criteria}
    return asked == then


def _why(idea: Idea, score: Decimal | None, draft: Pack) -> str:
    """As `awards` decides on a nomination."""
    if idea.kind not in draft.ideas.kinds.value or draft.awards.category_of(idea.kind) is None:
        return "no_category"
    if score is None:
        return "not_evaluated"
    return "below_line" if score < draft.awards.nomination_line.value else ""


def _grades(
    nominated: Iterable[Idea],
    scores: Mapping[str, tuple[Decimal | None, str]],
    held: Mapping[str, CategoryState],
    draft: Pack,
) -> tuple[dict[str, str], set[str]]:
    rules = draft.awards
    by_category: dict[str, list[Candidate]] = {}
    for idea in nominated:
        category, score = rules.category_of(idea.kind), scores[idea.id][0]
        assert category is not None and score is not None and idea.received_on is not None
        candidate = Candidate(idea.id, _award_score(idea.id, held, draft), score, idea.received_on)
        by_category.setdefault(category.code, []).append(candidate)
    grades: dict[str, str] = {}
    tied: set[str] = set()
    for code, candidates in by_category.items():
        category = rules.category(code)
        assert category is not None
        proposal = propose(rules, category, place(rules, candidates))
        grades |= proposal.grades
        tied |= proposal.tied
    return grades, tied


def _award_score(idea_id: str, held: Mapping[str, CategoryState], draft: Pack) -> Decimal | None:
    """From the ballots of that time; what nobody voted on has none, nor what too few of the panel voted on."""
    for category in held.values():
        votes = category.ballots.get(idea_id, {})
        if sum(voter in category.panel for voter in votes) >= draft.awards.panel.quorum.value:
            return award_score(draft.awards, ((one.voice, one.points) for one in votes.values()))
    return None


def _standing(
    idea: Idea,
    scored: tuple[Decimal | None, str],
    why: str,
    grades: Mapping[str, str],
    round: Round,
    held: Mapping[str, CategoryState],
    draft: Pack,
) -> Standing:
    award = next((one for one in round.awards if one.idea_id == idea.id), None)
    category = draft.awards.category_of(idea.kind)
    grade = category.grade(grades.get(idea.id, "")) if category else None
    return Standing(
        idea_id=idea.id,
        title=idea.title.value,
        score_then=idea.score,
        score=scored[0],
        nominated_then=any(idea.id in one.nominees for one in held.values()),
        nominated=not why,
        why=why,
        grade_then=award.grade if award else "",
        grade=grade.code if grade else "",
        prize_then=award.prize_won if award else 0,
        prize=grade.prize_won.value if grade else 0,
        note=scored[1],
    )


def _late(ideas: Iterable[Idea], round: Round, draft: Pack) -> tuple[tuple[Late, ...], int]:
    """Decisions of the round's year by the draft's term and calendar, with the pauses of that time.

    Announced extensions count where the draft knows any. What its calendar does not cover is counted apart.
    """
    found = list(_decided(ideas, round))
    days = calendar(draft.calendar)
    known = [one for one in found if days.covers(one[2].started_on) and days.covers(one[1])]
    late: list[Late] = []
    for idea, decided_on, held in known:
        extensions = held.extensions if draft.ideas.decision_extension.value is not None else ()
        term = str(draft.ideas.decision_within.value)
        asked = held.model_copy(update={"term": term, "calendar": draft.calendar, "extensions": extensions})
        due, then = last_day(asked), last_day(held)
        if due is not None and decided_on > due:
            late.append(Late(idea.id, decided_on, due, then is not None and decided_on > then))
    return tuple(sorted(late, key=lambda one: one.idea_id)), len(found) - len(known)


def _decided(ideas: Iterable[Idea], round: Round) -> Iterator[tuple[Idea, date, Clock]]:
    for idea in ideas:
        if idea.decision is not None and idea.decision.decided_on.year == round.year and DECISION in idea.clocks:
            yield idea, idea.decision.decided_on, idea.clocks[DECISION]
