"""What came of implemented ideas is graded by panels, and held against what raters had expected, by department."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.domain import EVALUATION as EVALUATIONS
from services.evaluation.domain import IMPLEMENTED
from services.evaluation.domain.attained import Graded, attained
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.evaluation import EvaluationOpened
from shared.contracts.evaluation_outcomes import AdoptionNoted, OutcomeRequested
from shared.contracts.ideas import IdeaAdopted, ImplementationCompleted
from shared.contracts.types import Author, Kind, Origin, Rule
from shared.engine.message import Actor, seal
from shared.rules.loader import pack
from tests.support.given import Given
from tests.support.house import House
from tests.unit.evaluation.final_house import EXPERT
from tests.unit.evaluation.round_house import complete, get, submitted
from tests.unit.evaluation.support import AUDITOR, CHAIR, NATIONAL, SEOUL, SYSTEM, rater
from tests.unit.ideas.support import LEAD


def adopted(pack_id: str, **more: Any) -> IdeaAdopted:
    """The department adopts."""
    whole: dict[str, Any] = {
        "idea_id": "i-1",
        "pack": pack_id,
        "kind": Kind.CREATE,
        "category": "교통",
        "department": "d-transport",
        "title": seal("올빼미버스", "p-1"),
        "authors": (Author(person_id="p-1", share=Decimal(100)),),
        "score": Decimal(80),
        "reason": seal("효과가 크다", "p-6"),
        "received_on": date(2025, 2, 1),
        "decided_on": date(2025, 3, 1),
        "decided_by": "p-6",
        "rule": Rule(pack=pack_id),
    }
    return IdeaAdopted(**(whole | more))


COMPLETED = ImplementationCompleted(idea_id="i-1", completed_on=date(2025, 3, 1), result=seal("노선 9개", "p-6"))


def implemented(pack_id: str, **more: Any) -> Given:
    """After the adoption."""
    noted = Given(IMPLEMENTED, "i-1", actor=SYSTEM).when(adopted(pack_id, **more)).events
    return Given(IMPLEMENTED, "i-1", actor=SYSTEM)(*noted)


# --- how it is asked for


def test_an_implemented_idea_goes_to_a_panel_once_where_the_pack_has_one() -> None:
    given = implemented(SEOUL)
    assert [type(one) for one in given.past] == [AdoptionNoted]
    asked = given.when(COMPLETED).emits(OutcomeRequested).event(OutcomeRequested)
    assert (asked.stage, asked.department, asked.result) == ("outcome", "d-transport", COMPLETED.result)
    Given(IMPLEMENTED, "i-1", actor=SYSTEM)(*given.past, asked).when(COMPLETED).emits()
    for other in (NATIONAL, "open-call"):
        assert implemented(other).past == (), "nobody grades under a pack that does not say how"
        implemented(other).when(COMPLETED).emits()


def test_what_was_imported_is_history_and_is_not_graded_anew() -> None:
    assert implemented(SEOUL, origin=Origin(kind="import", id="대장")).past == ()


def test_the_panel_sees_what_came_of_the_idea_and_scores_it_blind_like_any_other() -> None:
    asked = implemented(SEOUL).when(COMPLETED).event(OutcomeRequested)
    given = Given(EVALUATIONS, "i-1/outcome", actor=SYSTEM)
    opened = given.when(asked).events
    said = next(one for one in opened if isinstance(one, EvaluationOpened))
    assert (said.stage, said.pack, said.raters_needed, said.round_id) == ("outcome", SEOUL, 5, None)
    assert said.sections.value == {"result": "노선 9개"} and said.due is not None
    state = given(*opened).state
    seen = state.visible_to(Actor("r-1", "rater"))
    assert "sections" in seen and "authors" not in seen
    given(*opened).when(asked).emits()
    assert state.conflict_of("p-1") == "author", "nobody grades the own idea"


# --- forecast against measured


def graded(idea: str, department: str, forecast: str, measured: str) -> Graded:
    return Graded(idea, department, Decimal(forecast), Decimal(measured))


def test_forecast_and_outcome_by_department() -> None:
    whole, bus, park = attained(
        [
            graded("a", "d-bus", "80", "60"),
            graded("b", "d-bus", "70", "65.05"),
            graded("c", "d-park", "60", "75"),
        ]
    )
    assert (whole.department, whole.ideas, whole.forecast, whole.measured) == (
        "",
        3,
        Decimal("70.00"),
        Decimal("66.68"),
    )
    assert (whole.gap, whole.reached, whole.order) == (Decimal("-3.32"), 1, Decimal("-1.00"))
    assert (bus.department, bus.gap, bus.reached) == ("d-bus", Decimal("-12.48"), 0)
    assert (park.gap, park.reached, park.order) == (Decimal("15.00"), 1, None), "one idea has no order"
    assert attained([]) == ()


def test_the_order_of_ties_is_that_of_kendall() -> None:
    """Checked by hand: four ideas, two tied in the forecast, one pair in reverse; tau-b = (4 - 1) / sqrt(5 * 6)."""
    whole = attained([graded(f"i-{n}", "d", f, m) for n, (f, m) in enumerate(zip("1123", "2143", strict=True))])[0]
    assert whole.order == Decimal("0.55")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def scored(house: House, idea: str, stage: str, tenths: int) -> None:
    """Two raters give so many tenths of what there is; the chair closes."""
    criteria = pack(EXPERT).evaluation.stage(stage).criteria  # pyright: ignore[reportOptionalMemberAccess]
    given = [
        {"criterion": one.code, "points": str(one.scale.value.max * tenths / 10), "reason": "근거"} for one in criteria
    ]
    body = {"scores": given, "confidence": 3}
    for number in (1, 2):
        to = f"/evaluations/{idea}/{stage}"
        await house.must(rater(number), "POST", f"{to}/scores", body, service="evaluation")
    await house.must(CHAIR, "POST", f"/evaluations/{idea}/{stage}/closing", {}, service="evaluation")


async def test_the_report_is_made_of_disclosed_results_and_shows_to_nobody_in_conflict(house: House) -> None:
    ideas = [await submitted(house, EXPERT, department=name) for name in ("d-bus", "d-bus", "d-park")]
    for idea, points in zip(ideas, (9, 6, 5), strict=True):
        await complete(house, idea)
        await scored(house, idea, "ideation", points)
    before = await get(house, CHAIR, f"/outcomes/{EXPERT}")
    assert (before["over"], before["all"], before["departments"]) == (0, None, [])
    for idea, points in zip(ideas[:2], (6, 8), strict=True):
        await scored(house, idea, "execution", points)
    report = await get(house, CHAIR, f"/outcomes/{EXPERT}")
    assert (report["forecast"], report["stage"], report["over"]) == ("ideation", "execution", 2)
    [bus] = report["departments"]
    assert (bus["department"], bus["forecast"], bus["measured"], bus["gap"]) == ("d-bus", "75.00", "70.00", "-5.00")
    assert (bus["reached"], bus["order"]) == (1, "-1.00") and report["all"] == bus | {"department": ""}
    assert await get(house, AUDITOR, f"/outcomes/{EXPERT}") == report
    for actor, to in ((Actor(LEAD.id, "chair"), EXPERT), (CHAIR, NATIONAL), (CHAIR, "nothing")):
        answer = await house.ask(actor, "GET", f"/outcomes/{to}", service="evaluation")
        assert answer.status_code == 404
    assert pack(NATIONAL).evaluation.outcome is None
