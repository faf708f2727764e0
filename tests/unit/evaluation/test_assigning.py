"""The assignment of a stage: asked for, found, held against the constraints, given to the ideas, seen by organisers."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.assignments import Question, compute
from services.evaluation.domain import ASSIGNMENT
from services.evaluation.domain.assignment_commands import AskAssignment, Conflict, OfferedRater, RecordAssignment
from services.evaluation.domain.assignment_state import Phase, by_idea, pairs_of
from services.evaluation.domain.obstacle_words import said
from services.evaluation.domain.round_commands import SignStatement
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.evaluation import RatersAssigned
from shared.contracts.evaluation_assignments import (
    AssignmentAsked,
    AssignmentImpossible,
    AssignmentMade,
    IdeaRaters,
    ObstacleFound,
)
from shared.contracts.evaluation_conflicts import NamedRater, RatersNamed
from shared.engine.asking import seed_of
from shared.engine.message import Actor, Event, Message
from shared.rules.evaluation import Stage
from shared.rules.loader import pack
from tests.support.given import Given
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, opened, score, sign, submitted
from tests.unit.evaluation.rounds import a_round, admitting, first, id_of, joined, lived
from tests.unit.evaluation.support import (
    AUDITOR,
    CHAIR,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    rater,
    requested,
)
from tests.unit.evaluation.support import given as an_evaluation

IDEAS_3 = ("i-1", "i-2", "i-3")


def offered(*people: str, department: str = "d-1", limit: int | None = None) -> tuple[OfferedRater, ...]:
    return tuple(OfferedRater(person_id=person, department=department, limit=limit) for person in people)


FOUR = (*offered("r-1", "r-2", department="d-transport"), *offered("r-3", "r-4"))


def stage(pack_id: str) -> Stage:
    found = pack(pack_id).evaluation.stage(first(pack_id))
    assert found is not None
    return found


def scoring(pack_id: str, *ideas: str) -> tuple[Event, ...]:
    """A round in which these are being scored, and everybody has signed."""
    events = lived(pack_id, admitting(*ideas), *(joined(pack_id, idea) for idea in ideas))
    for person in ("p-1", *(f"r-{number}" for number in range(7))):
        events += signing(pack_id, events, person)
    return events


def signing(pack_id: str, past: tuple[Event, ...], person: str, *about: str, department: str = "") -> tuple[Event, ...]:
    interests = [{"idea_id": idea, "ground": "advice"} for idea in about]
    message = SignStatement.model_validate({"complete": True, "interests": interests})
    return a_round(pack_id, *past).when(message, actor=Actor(person, "rater", department)).events


def asking(pack_id: str, *past: Event, round_past: tuple[Event, ...] = ()) -> Given:
    """The assignment of the first stage, while three ideas are being scored."""
    state = a_round(pack_id, *(round_past or scoring(pack_id, *IDEAS_3))).state
    return Given(ASSIGNMENT, f"{id_of(pack_id)}/{first(pack_id)}", actor=CHAIR)(*past, reads=[state])


def found_for(asked: Given, *scored: tuple[str, str], conflicts: Iterable[tuple[str, str]] = ()) -> RecordAssignment:
    state = asked.state
    ask_id = state.ask("assignment").id
    question = Question(
        ask_id=ask_id,
        seed=seed_of(ask_id),
        assignment=state,
        fixed=by_idea(scored),
        conflicts=by_idea(conflicts),
    )
    return compute(question)


def made(pack_id: str, message: AskAssignment) -> tuple[Event, ...]:
    asked = asking(pack_id).when(message).emits(AssignmentAsked).events
    after = asking(pack_id, *asked)
    return asked + after.when(found_for(after), actor=SYSTEM).events


# --- asking


def test_what_is_asked_follows_from_round_and_pack() -> None:
    asked = asking(SEOUL).when(AskAssignment(raters=FOUR)).event(AssignmentAsked)
    assert [(one.idea_id, one.raters, one.outsiders) for one in asked.ideas] == [(id, 3, 1) for id in IDEAS_3]
    assert {one.limit for one in asked.raters} == {3}, "nine ratings, four raters: an even share"
    assert asked.withheld_from == ("p-1",) and asking(SEOUL, asked).state.ask("assignment").id == asked.ask_id


def test_two_packs_ask_for_different_raters() -> None:
    seoul, national = (asking(id).when(AskAssignment(raters=FOUR)).event(AssignmentAsked) for id in (SEOUL, NATIONAL))
    assert {(one.raters, one.outsiders) for one in seoul.ideas} == {(3, 1)}
    assert {(one.raters, one.outsiders) for one in national.ideas} == {(5, 0)}


def test_who_may_rate_nothing_takes_no_share() -> None:
    asked = asking(SEOUL).when(AskAssignment(raters=(*FOUR, *offered("p-1")))).event(AssignmentAsked)
    assert {one.limit for one in asked.raters} == {3}


def test_authors_and_declared_conflicts_are_never_asked_for() -> None:
    people = (*FOUR, *offered("p-1"))
    asked = asking(SEOUL).when(AskAssignment(raters=people, conflicts=(Conflict(idea_id="i-2", person_id="r-3"),)))
    conflicts = {one.idea_id: one.conflicts for one in asked.event(AssignmentAsked).ideas}
    assert conflicts == {"i-1": ("p-1",), "i-2": ("r-3", "p-1"), "i-3": ("p-1",)}


@pytest.mark.parametrize(
    ("round_past", "raters", "actor", "code"),
    [
        ((), (*FOUR, FOUR[0]), CHAIR, "rater_named_twice"),
        ((), FOUR, Actor("p-1", "chair"), "conflict_of_interest"),
        (lived(SEOUL), FOUR, CHAIR, "nothing_to_assign"),
        (lived(SEOUL, admitting("i-1")), FOUR, CHAIR, "nothing_to_assign"),
    ],
)
def test_what_can_not_be_asked_is_refused(
    round_past: tuple[Event, ...], raters: tuple[OfferedRater, ...], actor: Actor, code: str
) -> None:
    asking(SEOUL, round_past=round_past).when(AskAssignment(raters=raters), actor=actor).refused(code)


def test_who_has_not_signed_is_not_assigned_where_the_pack_asks_for_it() -> None:
    unsigned = lived(SEOUL, admitting("i-1"), joined(SEOUL, "i-1"))
    refusal = asking(SEOUL, round_past=unsigned).when(AskAssignment(raters=FOUR)).refused("statement_missing").refusal
    assert refusal is not None and refusal.facts["persons"] == ["r-1", "r-2", "r-3", "r-4"]
    free = lived(OPEN_CALL, admitting("i-1"), joined(OPEN_CALL, "i-1"))
    asking(OPEN_CALL, round_past=free).when(AskAssignment(raters=FOUR)).emits(AssignmentAsked)


def test_what_the_statement_says_counts_conflicts_and_department() -> None:
    past = lived(SEOUL, admitting(*IDEAS_3), *(joined(SEOUL, idea) for idea in IDEAS_3))
    for person in ("r-1", "r-2", "r-3"):
        past += signing(SEOUL, past, person)
    past += signing(SEOUL, past, "r-4", "i-3", department="d-signed")
    asked = asking(SEOUL, round_past=past).when(AskAssignment(raters=FOUR)).event(AssignmentAsked)
    assert {one.idea_id: one.conflicts for one in asked.ideas} == {"i-1": (), "i-2": (), "i-3": ("r-4",)}
    assert asked.raters[3].department == "d-signed" and asked.withheld_from == ("p-1", "r-4")
    unknown = AskAssignment(raters=(OfferedRater(person_id="r-1"),))
    asking(SEOUL, round_past=past).when(unknown).refused("department_unknown")
    asking(SEOUL, round_past=past).when(AskAssignment(raters=FOUR), actor=Actor("r-4", "chair")).refused(
        "conflict_of_interest"
    )


def test_another_stage_than_the_open_one_has_no_assignment() -> None:
    state = a_round(SEOUL, *scoring(SEOUL, *IDEAS_3)).state
    second = Given(ASSIGNMENT, f"{id_of(SEOUL)}/second_pass", actor=CHAIR)(reads=[state])
    second.when(AskAssignment(raters=FOUR)).refused("stage_not_open")


# --- what was found


def test_what_was_found_is_recorded_with_seed_and_versions_and_given_to_each_idea() -> None:
    events = made(SEOUL, AskAssignment(raters=FOUR))
    assert [type(event) for event in events] == [AssignmentAsked, AssignmentMade, RatersNamed, RatersNamed, RatersNamed]
    asked, state = events[0], asking(SEOUL, *events).state
    assert isinstance(asked, AssignmentAsked)
    assert state.phase is Phase.MADE and {one.name for one in state.versions} == {"highspy", "numpy"}
    assert state.seed == seed_of(asked.ask_id)
    assert all(len(one.raters) == 3 and {"r-3", "r-4"} & set(one.raters) for one in state.given)
    assert {event.drawn for event in events if isinstance(event, RatersNamed)} == {"linked"}


def test_the_same_ask_finds_the_same_assignment() -> None:
    asked = asking(SEOUL, *asking(SEOUL).when(AskAssignment(raters=FOUR)).events)
    assert found_for(asked) == found_for(asked)


def test_a_finding_that_breaks_a_constraint_is_refused_whoever_brings_it() -> None:
    message = AskAssignment(raters=(*FOUR, *offered("p-1")))
    asked = asking(SEOUL, *asking(SEOUL).when(message).events)
    found = found_for(asked)
    swapped = tuple(IdeaRaters(idea_id=one.idea_id, raters=("p-1", *one.raters[1:])) for one in found.given)
    wrong = found.model_copy(update={"given": swapped})
    refusal = asked.when(wrong, actor=SYSTEM).refused("assignment_broken").refusal
    assert refusal is not None and refusal.facts["fault"] == "conflict"


def test_conflicts_that_only_the_evaluations_know_are_kept_out() -> None:
    asked = asking(SEOUL, *asking(SEOUL).when(AskAssignment(raters=FOUR)).events)
    first_choice = found_for(asked)
    unfit = sorted(pairs_of(first_choice.given))[0]
    found = found_for(asked, conflicts=[unfit])
    assert unfit not in pairs_of(found.given)
    asked.when(found, actor=SYSTEM).event(AssignmentMade)
    in_spite = first_choice.model_copy(update={"conflicts": by_idea([unfit])})
    asked.when(in_spite, actor=SYSTEM).refused("assignment_broken")


def test_the_finding_of_an_earlier_ask_is_of_no_use_any_more() -> None:
    asked = asking(SEOUL, *asking(SEOUL).when(AskAssignment(raters=FOUR)).events)
    late = found_for(asked).model_copy(update={"ask_id": "another"})
    asked.when(late, actor=SYSTEM).emits()


def test_raters_who_know_the_matter_are_preferred() -> None:
    knowing = tuple(
        OfferedRater(person_id=f"r-{n}", department=f"d-{n}", limit=9, knows=("d-transport",) if n < 3 else ())
        for n in range(6)
    )
    state = asking(SEOUL, *made(SEOUL, AskAssignment(raters=knowing))).state
    assert state.cost == 0 and {person for one in state.given for person in one.raters} == {"r-0", "r-1", "r-2"}


# --- again


def test_after_a_recusal_only_the_ideas_concerned_hear_of_it() -> None:
    six = (*FOUR, *offered("r-5", "r-6", limit=9))
    events = made(SEOUL, AskAssignment(raters=six))
    given = asking(SEOUL, *events).state.given
    idea, gone = given[0].idea_id, given[0].raters[0]
    again = AskAssignment(raters=six, conflicts=(Conflict(idea_id=idea, person_id=gone),))
    events += asking(SEOUL, *events).when(again).events
    asked = asking(SEOUL, *events)
    outcome = asked.when(found_for(asked), actor=SYSTEM)
    outcome.emits(AssignmentMade, RatersNamed)
    assert outcome.event(AssignmentMade).moved == 1 and outcome.event(RatersNamed).idea_id == idea
    assert gone not in outcome.event(RatersNamed).raters


def test_an_idea_that_is_no_longer_scored_keeps_its_raters_in_view() -> None:
    events = made(SEOUL, AskAssignment(raters=FOUR))
    before = asking(SEOUL, *events).state.given
    made_before = next(event for event in events if isinstance(event, AssignmentMade))
    again = made_before.model_copy(update={"given": before[1:]})
    assert asking(SEOUL, *events, again).state.given == before


def test_who_has_scored_keeps_the_idea() -> None:
    asked = asking(SEOUL, *asking(SEOUL).when(AskAssignment(raters=FOUR)).events)
    for person in ("r-1", "r-2", "r-3", "r-4"):
        found = found_for(asked, ("i-2", person))
        assert ("i-2", person) in pairs_of(found.given) and pairs_of(found.fixed) == {("i-2", person)}
        asked.when(found, actor=SYSTEM).event(AssignmentMade)


# --- what stands in the way


def test_what_is_impossible_says_what_to_relax_and_leaves_the_earlier_assignment() -> None:
    events = made(SEOUL, AskAssignment(raters=FOUR))
    before = asking(SEOUL, *events).state.given
    tight = AskAssignment(raters=offered("r-1", "r-2", "r-3", limit=2))
    events += asking(SEOUL, *events).when(tight).events
    asked = asking(SEOUL, *events)
    events += asked.when(found_for(asked), actor=SYSTEM).emits(AssignmentImpossible).events
    state = asking(SEOUL, *events).state
    assert state.phase is Phase.IMPOSSIBLE and state.given == before and state.asked == ()
    assert state.obstacles == (ObstacleFound(code="loads", asked=9, possible=6, raise_limits_by=1),)
    shown = state.visible_to(CHAIR)["obstacles"]
    assert shown[0]["en"] == "9 ratings asked, 6 allowed by the load limits. Raise every load limit by 1."
    korean = "심사 9건이 필요하나 배정 한도로는 6건까지만 됩니다. 모든 심사위원의 배정 한도를 1건씩 늘리면 됩니다."
    assert shown[0]["ko"] == korean


@pytest.mark.parametrize(
    ("obstacle", "english"),
    [
        (
            ObstacleFound(code="raters_without_conflict", ideas=("i-7",), asked=2, possible=1),
            "Idea i-7 has only 1 of 2 raters without conflict. Name 1 more, or ask for fewer.",
        ),
        (
            ObstacleFound(code="raters_from_outside", ideas=("i-7",), asked=1, possible=0),
            "Idea i-7 has only 0 of 1 raters from outside its department.",
        ),
        (
            ObstacleFound(code="loads", asked=1402, possible=1350, raise_limits_by=2),
            "1,402 ratings asked, 1,350 allowed by the load limits. Raise every load limit by 2.",
        ),
        (
            ObstacleFound(code="loads_of_outsiders", ideas=tuple("abcdefg"), asked=9, possible=2, raise_limits_by=3),
            "9 ratings from outside asked, 2 allowed by the load limits (without: a, b, c, d, e and 2 more)."
            " Raise every load limit by 3.",
        ),
        (
            ObstacleFound(code="linkage", ideas=("i-7",), asked=6, possible=5),
            "To link all ideas and raters takes 6 ratings; 5 were asked. One more each for i-7 would be enough.",
        ),
        (
            ObstacleFound(code="linkage", asked=2, possible=2, raise_limits_by=1),
            "Within the load limits ideas and raters can't all be linked. Raise every load limit by 1.",
        ),
        (
            ObstacleFound(code="linkage_of_conflicts", ideas=("i-7",), asked=1, possible=2),
            "Conflicts split ideas and raters into 2 parts: nobody may rate i-7 and any other.",
        ),
    ],
)
def test_every_obstacle_has_its_words(obstacle: ObstacleFound, english: str) -> None:
    words = said(obstacle)
    assert words["en"] == english and all(one in words["ko"] for one in obstacle.ideas[:5])


# --- who sees it


def test_organisers_see_it_unless_they_wrote_one_of_the_ideas() -> None:
    state = asking(SEOUL, *made(SEOUL, AskAssignment(raters=FOUR))).state
    assert state.visible_to(CHAIR)["given"] and state.visible_to(RECEIVER) == state.visible_to(CHAIR)
    assert "asked" in state.visible_to(AUDITOR) and "asked" not in state.visible_to(CHAIR)
    for actor in (Actor("p-1", "chair"), rater(1), Actor("p-1", "author"), Actor("x", "award_officer")):
        assert state.visible_to(actor) == {} and not state.known_to(actor)
    assert not any(state.shows(kind, CHAIR) for kind in (AssignmentAsked, AssignmentMade, AssignmentImpossible))


def test_who_the_evaluations_know_to_be_near_sees_nothing_of_it_from_then_on() -> None:
    asked = asking(SEOUL, *asking(SEOUL).when(AskAssignment(raters=FOUR)).events)
    found = found_for(asked).model_copy(update={"withheld_from": ("p-40",), "withheld_units": ("d-near",)})
    events = asked.past + asked.when(found, actor=SYSTEM).events
    again = events + asking(SEOUL, *events).when(AskAssignment(raters=FOUR)).events
    for past in (events, again):
        state = asking(SEOUL, *past).state
        assert state.visible_to(Actor("p-40", "chair")) == {} == state.visible_to(Actor("p-41", "chair", "d-near"))
        assert state.visible_to(CHAIR)["given"]


# --- at the evaluation


def in_round(*steps: tuple[Message, Actor]) -> tuple[Event, ...]:
    events: tuple[Event, ...] = ()
    members: tuple[tuple[Message, Actor], ...] = ((requested(SEOUL), SYSTEM), (admission(), SYSTEM), *steps)
    for message, actor in members:
        events += an_evaluation(SEOUL, *events).when(message, actor=actor).events
    return events


def admission() -> Message:
    return next(event for event in lived(SEOUL, admitting("i-1")) if type(event).__name__ == "IdeaAdmitted")


def given_to(*raters: str) -> RatersNamed:
    named = tuple(NamedRater(person_id=one, department="d-9") for one in raters)
    return RatersNamed(idea_id="i-1", stage=first(SEOUL), round_id=id_of(SEOUL), raters=named, drawn="linked")


def test_the_evaluation_takes_its_raters_and_remembers_how_they_were_drawn() -> None:
    taken = an_evaluation(SEOUL, *in_round()).when(given_to("r-1", "r-2", "r-3"), actor=SYSTEM)
    assert taken.emits(RatersAssigned).event(RatersAssigned).drawn == "linked"


def test_an_author_is_never_assigned_even_if_the_round_says_so() -> None:
    taken = an_evaluation(SEOUL, *in_round()).when(given_to("p-1", "r-2"), actor=SYSTEM)
    assert taken.event(RatersAssigned).raters == ("r-2",)


# --- all of it


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def test_asked_over_http_and_found_by_the_ideas(house: House) -> None:
    ideas = [await submitted(house, SEOUL) for _ in range(3)]
    for idea in ideas:
        await complete(house, idea)
    round_path = await opened(house, SEOUL, *ideas)
    await sign(house, round_path, *(rater(number) for number in (1, 2, 3, 4)))
    path = f"/assignments/{id_of(SEOUL)}/{first(SEOUL)}"
    body: dict[str, Any] = {"raters": [one.model_dump(mode="json") for one in FOUR]}
    answer = await house.must(CHAIR, "POST", path, body, service="evaluation")
    assert answer["phase"] in ("asked", "made")
    shown = await house.must(CHAIR, "GET", path, service="evaluation")
    assert shown["phase"] == "made" and len(shown["given"]) == 3
    for one in shown["given"]:
        seen = await house.must(CHAIR, "GET", f"/evaluations/{one['idea_id']}/{first(SEOUL)}", service="evaluation")
        assert seen["raters"] == one["raters"]
    one = shown["given"][0]
    await score(house, one["idea_id"], SEOUL, first(SEOUL), "8", int(one["raters"][0].removeprefix("r-")))
    await house.must(CHAIR, "POST", path, body, service="evaluation")
    again = await house.must(CHAIR, "GET", path, service="evaluation")
    assert (again["given"], again["moved"]) == (shown["given"], 0)
    assert (await house.ask(Actor("p-9", "receiver"), "GET", path, service="evaluation")).headers.get("ETag") is None
    body["raters"] = body["raters"][:2]
    await house.must(CHAIR, "POST", path, body, service="evaluation")
    impossible = await house.must(CHAIR, "GET", path, service="evaluation")
    assert impossible["phase"] == "impossible" and impossible["given"] == shown["given"]
    assert {one["code"] for one in impossible["obstacles"]} == {"raters_without_conflict", "raters_from_outside"}
