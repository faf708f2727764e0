"""A past round under a draft: real deciders wrote the log; the simulation folds it and changes only the rules."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from owlbus.packs.reading import Past
from owlbus.packs.simulate import Simulation, simulate
from owlbus.packs.tables import as_text
from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.domain.idea_state import Idea
from services.ideas.service import SERVICE as IDEAS
from shared.engine.aggregate import State
from shared.engine.message import Actor
from shared.rules.library import Data, canonical
from shared.rules.loader import LIBRARY
from shared.rules.pack import Pack
from tests.support.house import PARTITIONS, House
from tests.support.line import adopted_idea
from tests.support.lived import records_of
from tests.unit.ideas.support import SEOUL

ROUND = f"{SEOUL}.2025"
CATEGORY = f"{ROUND}.creative"
PANEL = [f"j-{number}" for number in range(1, 11)]


@pytest.fixture
async def lived(tmp_path: Path) -> tuple[list[State], str, str]:
    """A round with two adopted ideas, one strong and one weaker, and six ballots on the strong one."""
    house = await House(tmp_path, IDEAS, EVALUATION, AWARDS).open()
    opening = {"pack": SEOUL, "year": 2025, "title": "창의제안", "panel": PANEL, "non_officials": PANEL[:5]}
    await house.must(Actor("o-1", "award_officer"), "POST", "/rounds", opening, service="awards")
    strong = await adopted_idea(house, SEOUL, "9")
    ballot = {"points": "9"}
    for name in PANEL[:6]:
        where = f"/categories/{CATEGORY}/ballots/{strong}"
        await house.must(Actor(name, "panelist"), "PUT", where, ballot, service="awards")
    weaker = await adopted_idea(house, SEOUL, "7")
    past = Past(PARTITIONS)
    past.add(records_of(house.topics))
    return past.states(), strong, weaker


def draft(change: Callable[[Data], object] = lambda _: None) -> Pack:
    """The pack of the round with a change, as a draft."""
    data: Any = deepcopy(LIBRARY.pack_data[SEOUL]) | {"id": "seoul-draft", "status": "draft"}
    change(data)
    return Pack.model_validate_json(canonical(data))


def of(found: Simulation, idea_id: str) -> Any:
    """Where one idea stands."""
    return next(one for one in found.ideas if one.idea_id == idea_id)


async def test_under_its_own_rules_a_round_stays_as_it_was(lived: tuple[list[State], str, str]) -> None:
    states, strong, weaker = lived
    found = simulate(ROUND, states, draft())
    assert {one.idea_id for one in found.ideas} == {strong, weaker}
    assert all(one.nominated == one.nominated_then and one.score == one.score_then for one in found.ideas)
    assert (found.entering, found.leaving, found.late) == ([], [], ())
    assert of(found, strong).grade == "grand"
    assert found.cost == 3_000_000


async def test_a_higher_line_sends_ideas_out_and_a_smaller_prize_costs_less(
    lived: tuple[list[State], str, str],
) -> None:
    states, strong, weaker = lived

    def change(data: Any) -> None:
        data["awards"]["nomination_line"]["value"] = "80"
        grand = data["awards"]["categories"][0]["grades"][0]
        grand["prize_won"]["value"] = 2_500_000
        grand["prize_range"]["value"] = {"min": 2_500_000, "max": 2_500_000}

    found = simulate(ROUND, states, draft(change))
    assert found.leaving == [weaker]
    assert of(found, weaker).why == "below_line"
    assert of(found, strong).prize == 2_500_000 == found.cost
    assert "추천 기준 미달" in as_text(found, "ko") and "1 drop out" in as_text(found, "en")


async def test_other_weights_score_the_same_sheets_anew(lived: tuple[list[State], str, str]) -> None:
    states, strong, _ = lived

    def change(data: Any) -> None:
        stage = data["evaluation"]["stages"][0]
        stage["raters_min"]["value"] = stage["raters_target"]["value"] = 9

    found = simulate(ROUND, states, draft(change))
    assert of(found, strong).score is None
    assert of(found, strong).why == "not_evaluated"


async def test_a_shorter_term_breaks_deadlines(lived: tuple[list[State], str, str]) -> None:
    states, strong, _ = lived
    slow = [_decided_later(state) if isinstance(state, Idea) and state.id == strong else state for state in states]

    def change(data: Any) -> None:
        data["ideas"]["decision_within"]["value"] = "3 days"

    assert not simulate(ROUND, slow, draft()).late
    (late,) = simulate(ROUND, slow, draft(change)).late
    assert (late.idea_id, str(late.due), late.late_then) == (strong, "2025-03-06", False)


def _decided_later(idea: Idea) -> Idea:
    """The same idea, decided ten days after its receipt."""
    assert idea.decision is not None and idea.received_on is not None
    decided_on = idea.received_on + timedelta(days=10)
    return idea.but(decision=idea.decision.model_copy(update={"decided_on": decided_on}))


async def test_other_criteria_keep_the_score_of_that_time(lived: tuple[list[State], str, str]) -> None:
    states, strong, _ = lived

    def change(data: Any) -> None:
        data["evaluation"]["stages"][0]["criteria"][0]["code"] = "boldness"

    found = simulate(ROUND, states, draft(change))
    assert of(found, strong).note == "score_of_that_time"
    assert of(found, strong).score == of(found, strong).score_then


async def test_a_round_that_never_opened_is_unknown(lived: tuple[list[State], str, str]) -> None:
    with pytest.raises(LookupError):
        simulate("seoul-2025-1.1999", lived[0], draft())
