"""docs/lifecycle.md says what deciders and evolvers do: the walk behind it reaches every event, and nothing else."""

from functools import cache

from owlbus.docs import SERVICES
from owlbus.lifecycle.page import unseen, walks
from owlbus.lifecycle.walk import Walk, stage_field, walk
from shared.rules.loader import pack
from tests.support.counter import COUNTER

NOT_REACHED = {
    "ideas: idea": {
        *("ideas.CallAnswered", "ideas.DuplicatesFound", "ideas.IdeaNarrowed", "ideas.IdeaUnmerged"),
        *("ideas.MatchFound", "ideas.PanelFound", "ideas.PracticeChecked", "ideas.PracticeConfirmed"),
    },
    "ideas: merge": {"ideas.MergeAnswered", "ideas.MergeEnded", "ideas.MergeOpened", "ideas.MergeRevoked"},
    "evaluation: final": {
        *("evaluation.FinalAsked", "evaluation.FinalClosed", "evaluation.FinalDisclosed", "evaluation.FinalDrawn"),
        *("evaluation.FinalNotDrawn", "evaluation.FinalRanked", "evaluation.JudgeSteppedBack"),
        "evaluation.PairCompared",
    },
    "awards: category": {"awards.CategoryMoved"},
}
"""What no made-up value has led to yet; the page says so beside the tables."""


@cache
def found() -> dict[tuple[str, str], Walk]:
    """The walk that the page shows."""
    return {(service.name, one.aggregate.name): one for service, one in walks(SERVICES)}


def moves(service: str, name: str) -> set[tuple[str, str, str]]:
    """What leads from one stage to another."""
    steps = found()[service, name].steps
    return {(one.before, one.event.partition(".")[2], one.after) for one in steps if one.before != one.after}


def test_every_event_is_reached_but_those_that_are_named() -> None:
    missing = {f"{service}: {name}": set(unseen(walk)) for (service, name), walk in found().items()}
    more = {where: events - NOT_REACHED.get(where, set()) for where, events in missing.items()}
    assert not any(more.values()), f"give the walk values that lead there (owlbus/lifecycle/suggested.py): {more}"


def test_an_implementation_is_what_its_code_says() -> None:
    assert moves("ideas", "implementation") >= {
        ("new", "ImplementationPlanned", "planned"),
        ("planned", "ImplementationStarted", "started"),
        ("planned", "ImplementationAbandoned", "abandoned"),
        ("started", "ImplementationCompleted", "completed"),
        ("started", "ImplementationAbandoned", "abandoned"),
    }


def test_what_is_withdrawn_stays_so() -> None:
    assert not {move for move in moves("ideas", "idea") if move[0] == "withdrawn"}


def test_nothing_is_adopted_before_it_is_received() -> None:
    before = {before for before, event, _ in moves("ideas", "idea") if event == "IdeaAdopted"}
    assert "decision_pending" in before
    assert before.isdisjoint({"new", "submitted", "withdrawn"})


def test_what_is_refused_is_no_step() -> None:
    nominations = moves("awards", "nomination")
    assert ("nominated", "NominationSettled", "awarded") in nominations
    assert not {move for move in nominations if move[0] in ("awarded", "ended", "not_nominated")}


def test_without_a_stage_there_is_new_and_kept() -> None:
    assert stage_field(COUNTER) is None
    steps = walk("test", COUNTER, [pack("open-call")], {}).steps
    assert {(one.before, one.by, one.event, one.after) for one in steps} >= {("new", "Add", "test.Added", "kept")}


def test_the_same_seed_gives_the_same_walk() -> None:
    aggregate = found()["awards", "round"].aggregate
    packs = [pack("open-call")]
    assert walk("awards", aggregate, packs, {}, "x").steps == walk("awards", aggregate, packs, {}, "x").steps
