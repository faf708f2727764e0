"""Rounds follow the duty of evaluation, evaluations the department in charge of their idea."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from services.evaluation.domain import ROUND
from services.evaluation.domain.round_commands import AdmitIdeas, CloseStage, SignStatement
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.duties import Move
from shared.contracts.evaluation_duties import (
    ChargePassedOn,
    EvaluationMoved,
    RoundMoved,
    RoundMoveNoticed,
    RoundMoveOrdered,
)
from shared.contracts.ideas_duties import ChargeMoved
from shared.duties.following import PAUSE
from shared.engine.message import Actor
from tests.support.given import Given
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, get, opened, score, sign, submitted
from tests.unit.evaluation.rounds import id_of, opening
from tests.unit.evaluation.support import (
    AUDITOR,
    CHAIR,
    HEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STAGES,
    SYSTEM,
    given,
    rater,
    requested,
)

NEW_OFFICE = Actor("p-55", "receiver", "d-creative")
NEW_HEAD = Actor("p-7", "department", "d-parks")
MOVE = Move(
    duty_id="evaluation",
    name="창의성과 평가",
    from_department=RECEIVER.department,
    department=NEW_OFFICE.department,
    moved_on=date(2025, 4, 1),
)
ORDER = RoundMoveOrdered(round_id=id_of(SEOUL), move=MOVE)


def begun(pack_id: str, opener: Actor = RECEIVER) -> Given:
    given_round = Given(ROUND, id_of(pack_id), actor=opener)
    return given_round(*given_round.when(opening(pack_id)).events)


# --- rounds


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
def test_an_open_round_follows_and_those_it_concerns_are_told(pack_id: str) -> None:
    given_round = begun(pack_id)
    signed = given_round.when(SignStatement(complete=True), actor=rater(1))
    given_round = given_round(*given_round.past, *signed.events)
    outcome = given_round.when(ORDER.model_copy(update={"round_id": id_of(pack_id)}), actor=SYSTEM)
    outcome.emits(RoundMoved, RoundMoveNoticed)
    assert set(outcome.event(RoundMoveNoticed).recipients) == {RECEIVER.id, "r-1"}
    after = given_round(*given_round.past, *outcome.events)
    assert after.state.organiser == "d-creative"
    after.when(ORDER, actor=SYSTEM).emits()


def test_the_right_to_organise_goes_from_the_old_office_to_the_new_one() -> None:
    before, admit = begun(SEOUL), AdmitIdeas(ideas=("i-1",))
    after = before(*before.past, *before.when(ORDER, actor=SYSTEM).events)
    assert before.when(admit, actor=RECEIVER).refusal is None
    before.when(admit, actor=NEW_OFFICE).refused("not_the_organiser")
    assert after.when(admit, actor=NEW_OFFICE).refusal is None
    for command in (admit, CloseStage()):
        after.when(command, actor=RECEIVER).refused("not_the_organiser")
    assert after.when(admit, actor=CHAIR).refusal is None, "who chairs is a person, not a department"


def test_a_round_that_no_department_organises_is_organised_by_any_office_and_stays() -> None:
    alone = begun(SEOUL, CHAIR)
    alone.when(ORDER, actor=SYSTEM).emits()
    assert alone.when(AdmitIdeas(ideas=("i-1",)), actor=RECEIVER).refusal is None


# --- evaluations


def charge(pack_id: str) -> ChargeMoved:
    return ChargeMoved(idea_id="i-1", stage=STAGES[pack_id], from_department="d-transport", department="d-parks")


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL, OPEN_CALL])
def test_an_evaluation_follows_its_idea(pack_id: str) -> None:
    before = given(pack_id, *given(pack_id).when(requested(pack_id), actor=SYSTEM).events)
    outcome = before.when(charge(pack_id), actor=SYSTEM)
    outcome.emits(EvaluationMoved)
    assert before(*before.past, *outcome.events).state.department == "d-parks"
    before(*before.past, *outcome.events).when(charge(pack_id), actor=SYSTEM).emits()
    given(pack_id).when(charge(pack_id), actor=SYSTEM).emits()


def test_the_next_stage_of_a_round_is_told_by_the_one_before() -> None:
    before = given(SEOUL, *given(SEOUL).when(requested(SEOUL), actor=SYSTEM).events)
    gone_on = before.state.but(following="second_pass")
    events = tuple(before.aggregate.decide(gone_on, charge(SEOUL), None))
    assert [type(event) for event in events] == [EvaluationMoved, ChargePassedOn]
    assert getattr(events[1], "stage", "") == "second_pass"


# --- over HTTP, with `ideas` beside it


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def move(house: House, work: str, before: str, after: str) -> None:
    for department, day in ((before, "2025-01-01"), (after, "2025-03-03")):
        body = {"name": "창의성과 평가", "covers": [{"work": work}], "department": department, "holds_from": day}
        await house.must(RECEIVER, "PUT", f"/duties/{work}", body)
    await house.settle()
    house.clock.time += 2 * PAUSE
    await house.settle()


async def test_a_moved_duty_reaches_an_open_round_and_its_raters_in_both_languages(house: House) -> None:
    body = opening(SEOUL).model_dump(mode="json")
    await house.must(RECEIVER, "POST", "/rounds", body, service="evaluation")
    path = f"/rounds/{id_of(SEOUL)}"
    await sign(house, path, rater(1))
    await move(house, "evaluation", "d-office", "d-creative")
    assert (await get(house, rater(1), path))["organiser"] == "d-creative"
    admit = {"ideas": ["i-1"]}
    answer = await house.ask(RECEIVER, "POST", f"{path}/ideas", admit, service="evaluation")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_the_organiser")
    await house.must(NEW_OFFICE, "POST", f"{path}/ideas", admit, service="evaluation")
    told = (await get(house, rater(1), "/me/notices"))["items"]
    assert [one["notice"] for one in told] == ["duty_moved"]
    assert told[0]["text"] == {
        "ko": "2025-03-03부터 ‘창의성과 평가’ 업무의 담당 부서가 바뀌었습니다: d-office → d-creative",
        "en": "From 2025-03-03 on “창의성과 평가” is the duty of d-creative, before of d-office",
    }
    assert (await get(house, rater(2), "/me/notices"))["items"] == []
    assert "told" not in await get(house, rater(1), path), "who signed is nobody's business"
    history = (await get(house, rater(1), f"{path}/history"))["items"]
    assert {"evaluation.RoundMoved", "evaluation.RoundMoveNoticed"} & {one["type"] for one in history} == {
        "evaluation.RoundMoved"
    }


async def test_the_new_department_in_charge_sees_the_disclosed_result_and_the_old_one_no_more(house: House) -> None:
    idea = await submitted(house, OPEN_CALL)
    await complete(house, idea)
    await house.settle()
    stage = STAGES[OPEN_CALL]
    await score(house, idea, OPEN_CALL, stage, "4", 1)
    await house.settle()
    path = f"/evaluations/{idea}/{stage}"
    assert (await house.ask(HEAD, "GET", path, service="evaluation")).status_code == 200
    assert (await house.ask(NEW_HEAD, "GET", path, service="evaluation")).status_code == 404
    await move(house, "ideas", "d-transport", "d-parks")
    assert (await house.ask(HEAD, "GET", path, service="evaluation")).status_code == 404
    assert (await get(house, NEW_HEAD, path))["department"] == "d-parks"


async def test_a_transfer_takes_the_evaluation_along(house: House) -> None:
    idea = await submitted(house, OPEN_CALL)
    await complete(house, idea)
    await house.settle()
    await house.must(RECEIVER, "POST", f"/ideas/{idea}/transfer", {"department": "d-parks", "reason": "공원의 일"})
    await house.settle()
    assert (await get(house, AUDITOR, f"/evaluations/{idea}/{STAGES[OPEN_CALL]}"))["department"] == "d-parks"


async def test_opened_rounds_of_chairs_stay_open_to_offices(house: House) -> None:
    path = await opened(house, SEOUL)
    await move(house, "evaluation", "d-office", "d-creative")
    await house.must(RECEIVER, "POST", f"{path}/ideas", {"ideas": ["i-1"]}, service="evaluation")
