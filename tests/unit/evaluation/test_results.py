"""The figures of a set: asked for, computed elsewhere, recorded, disclosed, and who sees them."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from services.evaluation.domain import RESULTS
from services.evaluation.domain.results_commands import AskResults, RecordResults
from services.evaluation.domain.results_state import DISCLOSURE, Phase, Results
from services.evaluation.picture import picture
from services.evaluation.results import Question, Sheet, compute, weakest
from shared.contracts.evaluation_results import IdeaFigures, ResultsAsked, ResultsComputed, ResultsDisclosed
from shared.contracts.evaluation_rounds import RankedIdea, StageRanked
from shared.contracts.types import Rule
from shared.engine.asking import seed_of
from shared.engine.message import Actor, DeadlineReached, Event
from shared.rules.calibration import AssignmentKind
from shared.runtime.worker import work
from tests.support.given import NOON, Given
from tests.unit.evaluation.support import AUDITOR, CHAIR, NATIONAL, RECEIVER, SEOUL, STAGES, SYSTEM, rater, rules

TOMORROW = NOON + timedelta(days=1)
OFFICER = Actor("p-30", "award_officer")
ROLES = (
    *("author", "receiver", "department", "rater", "chair", "award_officer", "panelist", "group_lead"),
    *("member", "union", "citizen", "operator"),
)


def sheets(pack_id: str, ideas: int = 24, raters: int = 6, each: int = 3, own: Sequence[int] = ()) -> tuple[Sheet, ...]:
    """Scores of raters who differ in severity, by lot."""
    random = Random(1)
    quality = [random.gauss(0, 1.5) for _ in range(ideas)]
    return tuple(
        Sheet(
            idea=f"i-{idea:02}",
            rater=f"r-{number}",
            own_department=idea in own,
            points=tuple(
                (
                    one.code,
                    max(
                        one.scale.value.min,
                        min(one.scale.value.max, Decimal(round(6 + quality[idea] - number / 2 + random.gauss(0, 1)))),
                    ),
                )
                for one in rules(pack_id).criteria
            ),
        )
        for idea in range(ideas)
        for number in sorted(random.sample(range(raters), each))
    )


def question(pack_id: str = SEOUL, ask_id: str = "a-1", **more: Any) -> Question:
    given = more.pop("sheets", None) or sheets(pack_id)
    fields: dict[str, Any] = {
        "ask_id": ask_id,
        "seed": seed_of(ask_id),
        "pack": pack_id,
        "stage": STAGES[pack_id],
        "top": 5,
        "assignment": AssignmentKind.RANDOM,
        "sheets": given,
        "legal": tuple((idea, Decimal(50)) for idea in sorted({sheet.idea for sheet in given})),
        "withheld_from": ("p-1",),
    }
    return Question.model_validate({**fields, **more})


def a_set(pack_id: str, *past: Event) -> Given:
    return Given(RESULTS, f"{pack_id}/{STAGES[pack_id]}", actor=CHAIR)(*past)


def asked(pack_id: str = SEOUL) -> ResultsAsked:
    return a_set(pack_id).when(AskResults(top=5)).emits(ResultsAsked).event(ResultsAsked)


def found(pack_id: str = SEOUL, **more: Any) -> RecordResults:
    return compute(question(pack_id, asked(pack_id).ask_id, **more))


def disclosed(pack_id: str = SEOUL, **more: Any) -> tuple[Event, ...]:
    past = asked(pack_id)
    return past, *a_set(pack_id, past).when(found(pack_id, **more), actor=SYSTEM).events


# --- asked, recorded, disclosed


def test_figures_are_asked_for_computed_and_disclosed() -> None:
    outcome = a_set(SEOUL, asked()).when(found(), actor=SYSTEM).emits(ResultsComputed, ResultsDisclosed)
    computed = outcome.event(ResultsComputed)
    assert computed.method.seed == seed_of(asked().ask_id) and computed.method.algorithm == "results-1"
    assert {one.name for one in computed.method.versions} == {"numpy", "scipy"}
    assert computed.abstained == () and computed.top_of == "calibrated" and len(computed.ideas) == 24
    assert sum(idea.top for idea in computed.ideas) == pytest.approx(Decimal(5), abs=Decimal("0.01"))
    assert isinstance(outcome.state, Results) and outcome.state.asked == () and outcome.state.phase is Phase.DISCLOSED


def test_nothing_is_disclosed_before_the_last_evaluation_is() -> None:
    late = found(disclosure_at=TOMORROW)
    outcome = a_set(SEOUL, asked()).when(late, actor=SYSTEM).emits(ResultsComputed)
    past = (asked(), *outcome.events)
    assert a_set(SEOUL, *past).state.deadlines == {DISCLOSURE: TOMORROW}
    due = DeadlineReached(name=DISCLOSURE, due=TOMORROW)
    fired = a_set(SEOUL, *past).when(due, actor=SYSTEM, time=TOMORROW).emits(ResultsDisclosed)
    assert fired.state is not None and fired.state.deadlines == {}


def test_asked_again_the_older_finding_counts_for_nothing() -> None:
    first = asked()
    again = a_set(SEOUL, first).when(AskResults(top=3)).event(ResultsAsked).model_copy(update={"ask_id": "a-2"})
    a_set(SEOUL, first, again).when(found(), actor=SYSTEM).emits()
    a_set(SEOUL, *disclosed()).when(AskResults(top=3)).refused("results_disclosed")


def test_only_a_pack_or_a_round_is_a_set() -> None:
    Given(RESULTS, "nothing-such/first_pass", actor=CHAIR).when(AskResults()).refused("not_found")
    Given(RESULTS, f"{SEOUL}/no_stage", actor=CHAIR).when(AskResults()).refused("not_found")


@pytest.mark.parametrize(("following", "top"), [("second_pass", 3), (None, 10)])
def test_the_end_of_a_stage_asks_by_itself(following: str | None, top: int) -> None:
    """About those who go on; at the end about the ten that Seoul's round of 2025 awards."""
    ranking = tuple(RankedIdea(idea_id=f"i-{n}", score=Decimal(50), rank=n + 1, goes_on=n < 3) for n in range(20))
    ranked = StageRanked(
        round_id="r-1",
        stage="first_pass",
        ranking=ranking,
        following=following,
        due=None,
        disclosure_at=TOMORROW,
        rule=Rule(pack=SEOUL),
    )
    outcome = Given(RESULTS, "r-1/first_pass", actor=SYSTEM).when(ranked)
    event = outcome.emits(ResultsAsked).event(ResultsAsked)
    assert (event.top, event.not_before, event.pack) == (top, TOMORROW, SEOUL)
    brought = compute(question(SEOUL, event.ask_id))
    computed = Given(RESULTS, "r-1/first_pass")(event).when(brought, actor=SYSTEM).emits(ResultsComputed)
    assert computed.event(ResultsComputed).disclosure_at == TOMORROW


@pytest.mark.parametrize(
    ("set_id", "stage", "over"),
    [
        ("r-1", "first_pass", {"set": "round", "best": None, "before": None}),
        ("r-1", "second_pass", {"set": "round", "best": 100, "before": "first_pass"}),
        (SEOUL, "second_pass", {"set": "pack", "best": None, "before": None}),
    ],
)
def test_figures_say_over_which_set_they_are(set_id: str, stage: str, over: dict[str, Any]) -> None:
    """On the hundred best alone raters seem to agree less: who reads the report must know that it is about those."""
    figures = tuple(IdeaFigures(idea_id=f"i-{n}", legal=Decimal(50), calibrated=None, top=None) for n in range(3))
    state = Results(
        id=f"{set_id}/{stage}", phase=Phase.DISCLOSED, round_id=set_id, stage=stage, pack=SEOUL, ideas=figures
    )
    for actor in (CHAIR, AUDITOR):
        assert state.visible_to(actor)["over"] == {"stage": stage, "ideas": 3, **over}
    for language, words in (("ko", "제안심사 상위 100건만"), ("en", "only the best 100 of Evaluation")):
        assert (words in picture(state, language)) == (over["best"] is not None)  # pyright: ignore[reportArgumentType]


# --- what is computed


def test_the_same_question_gives_the_same_figures_and_another_seed_others() -> None:
    assert compute(question()) == compute(question())
    other = compute(question(ask_id="a-2"))
    assert other.agreement != compute(question()).agreement
    assert [one.calibrated for one in other.ideas] == [one.calibrated for one in compute(question()).ideas]


async def test_a_worker_process_finds_the_same() -> None:
    answered = await work(compute, question(), 60)
    assert RecordResults.model_validate_json(answered) == compute(question())


def test_the_gate_makes_the_calibrated_score_abstain_and_the_rest_stays() -> None:
    result = compute(question(assignment=AssignmentKind.NAMED))
    assert [one.reason for one in result.abstained] == ["assignment_not_fair"]
    assert all(one.calibrated is None and one.legal == 50 and one.top is not None for one in result.ideas)
    assert all(one.severity is None and one.fit is None and one.ratings for one in result.raters)
    assert result.top_of == "plain" and result.agreement[0].icc1 is not None and result.components is None


def test_equal_scores_and_no_scores_are_reasons_of_their_own() -> None:
    equal = tuple(
        sheet.model_copy(update={"points": tuple((code, Decimal(5)) for code, _ in sheet.points)})
        for sheet in sheets(SEOUL)
    )
    result = compute(question(sheets=equal))
    assert [one.reason for one in result.abstained] == ["no_variation"] and result.top_of is None
    nothing = compute(question().model_copy(update={"sheets": ()}))
    assert [one.reason for one in nothing.abstained] == ["nothing_rated"] and nothing.agreement == ()


def test_two_packs_calibrate_differently() -> None:
    """Seoul: no idea may be rated by its department alone, raters are a sample. National: half may, just these rate."""
    own = range(8)
    seoul, national = (compute(question(pack_id, sheets=sheets(pack_id, own=own))) for pack_id in (SEOUL, NATIONAL))
    assert [one.reason for one in seoul.abstained] == ["own_department_only"]
    assert national.abstained == () and national.components is not None and national.components.raters is None
    free = compute(question(SEOUL))
    assert free.components is not None and free.components.raters is not None


def test_agreement_is_told_for_the_sum_and_each_criterion_over_the_whole_set() -> None:
    result = compute(question())
    assert [one.of for one in result.agreement] == ["sum", *(one.code for one in rules(SEOUL).criteria)]
    assert {(one.ideas, one.ratings) for one in result.agreement} == {(24, 72)}


def test_sheets_without_all_criteria_are_left_out_of_the_sum() -> None:
    first, *rest = sheets(SEOUL)
    result = compute(question(sheets=(first.model_copy(update={"points": first.points[:1]}), *rest)))
    assert result.agreement[0].ratings == 71 and result.agreement[1].ratings == 72


def test_how_raters_were_chosen_is_what_can_be_said_of_all() -> None:
    named, linked, random = AssignmentKind.NAMED, AssignmentKind.LINKED, AssignmentKind.RANDOM
    assert weakest([random, linked]) is linked and weakest([random, named]) is named
    assert weakest([random]) is random and weakest([]) is named


# --- who sees it


@pytest.mark.parametrize("role", ROLES)
def test_before_the_disclosure_nobody_sees_more_than_what_was_asked(role: str) -> None:
    past = (asked(), *a_set(SEOUL, asked()).when(found(disclosure_at=TOMORROW), actor=SYSTEM).events)
    before, after = a_set(SEOUL, asked()).state, a_set(SEOUL, *past).state
    actor = Actor("r-1", role, "d-transport")
    assert before.visible_to(actor) == after.visible_to(actor)
    assert set(after.visible_to(actor)) <= {"id", "round_id", "stage", "pack", "top"}


@pytest.mark.parametrize("role", ROLES)
def test_severity_shows_to_the_chair_and_the_own_one_to_the_rater(role: str) -> None:
    state = a_set(SEOUL, *disclosed()).state
    seen = state.visible_to(Actor("r-1", role, "d-transport"))
    shown = [one["rater_id"] for one in seen.get("raters", ())]
    assert shown == {"chair": [f"r-{n}" for n in range(6)], "rater": ["r-1"]}.get(role, [])
    assert ("severity" in str(seen)) == (role in ("chair", "rater"))
    assert ("ideas" in seen) == (role in ("chair", "receiver", "award_officer"))
    assert not state.shows(ResultsComputed, Actor("r-1", role)) and state.shows(ResultsDisclosed, CHAIR)


def test_the_auditor_sees_all_and_a_rater_of_other_ideas_nothing() -> None:
    state = a_set(SEOUL, *disclosed()).state
    assert len(state.visible_to(AUDITOR)["raters"]) == 6 and state.visible_to(AUDITOR)["withheld_from"] == ["p-1"]
    assert state.visible_to(rater(99)) == {}


@pytest.mark.parametrize("role", ["chair", "receiver", "award_officer", "rater"])
def test_who_is_in_conflict_with_an_idea_of_the_set_learns_nothing_of_it(role: str) -> None:
    state = a_set(SEOUL, *disclosed(withheld_from=("p-1", "r-1"))).state
    for person in ("p-1", "r-1"):
        before = a_set(SEOUL, asked()).state.visible_to(Actor(person, role))
        assert state.visible_to(Actor(person, role)) == before
    assert state.visible_to(RECEIVER)["ideas"] and state.visible_to(OFFICER)["ideas"]


@pytest.mark.parametrize("role", ["chair", "rater"])
def test_who_judges_from_a_department_too_near_learns_nothing_either(role: str) -> None:
    state = a_set(SEOUL, *disclosed(withheld_units=("d-near",))).state
    assert set(state.visible_to(Actor("r-1", role, "d-near"))) <= {"id", "round_id", "stage", "pack", "top"}
    assert "agreement" in state.visible_to(Actor("r-1", role, "d-far"))


def test_what_leaves_the_service_names_nobody() -> None:
    public = [event for event in disclosed() if not type(event).JOURNAL]
    assert [type(event) for event in public] == [ResultsDisclosed]
    said = public[0].model_dump_json()
    assert '"r-1"' not in said and "severity" not in said and "p-1" not in said
