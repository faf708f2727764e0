"""Real expert reviews (../shared/data/si_ideation) go through the stages of their own pack, from file to report."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from owlbus.demo.datasets import read
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from tests.support.house import House
from tests.unit.evaluation.final_house import EXPERT
from tests.unit.evaluation.round_house import get
from tests.unit.evaluation.support import AUDITOR, CHAIR, RECEIVER

DATA = Path(__file__).parents[3] / "../shared/data/si_ideation"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not here (../shared/data)")

ROUTES = {"ideas": "ideas", "decisions": "ideas", "scores": "evaluation"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, IDEAS, EVALUATION)
    house.clock.time = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)  # after the last of the reviews
    yield await house.open()


async def imported(house: House, name: str) -> int:
    """A file through its map and the public import."""
    mapping, intake = read(name, DATA)
    kind = str(mapping.kind)
    lines = [line.body for line in intake.lines]
    answers = await house.send_lines(RECEIVER, f"/{kind}/imports", lines, service=ROUTES[kind])
    assert [one for one in answers if one.get("outcome") != "done"] == []
    return len(answers)


async def closed(house: House, stage: str, ideas: set[str]) -> None:
    for idea in sorted(ideas):
        answer = await house.ask(CHAIR, "POST", f"/evaluations/{idea}/{stage}/closing", {}, service="evaluation")
        assert answer.status_code == 200, answer.text
    await house.settle()


async def reviewed(house: House, stage: str) -> set[str]:
    """The ideas of the stage that somebody scored."""
    found: set[str] = set()
    cursor = ""
    while True:
        page = await get(house, AUDITOR, f"/evaluations?stage={stage}&limit=200{cursor}")
        found |= {one["idea_id"] for one in page["items"] if one["sheets"]}
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def report(house: House, stage: str) -> Any:
    path = f"/results/{EXPERT}/{stage}"
    await house.must(CHAIR, "POST", path, {"top": 15}, service="evaluation")
    return await get(house, CHAIR, path)


async def test_from_the_files_to_a_report_that_says_over_which_set(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await imported(house, "expert.ideas") == 147
    await imported(house, "expert.decisions")
    assert await imported(house, "expert.scores") == 337
    first = await reviewed(house, "ideation")
    await closed(house, "ideation", first)
    assert await imported(house, "expert.second_scores") == 181
    second = await reviewed(house, "execution")
    await closed(house, "execution", second)
    reports = {stage: await report(house, stage) for stage in ("ideation", "execution")}
    outcomes = await get(house, CHAIR, f"/outcomes/{EXPERT}")
    with capsys.disabled():
        for stage, found in reports.items():
            whole = found["agreement"][0]
            print(f"\n{EXPERT}/{stage}: over {found['over']}")
            print("  ICC(1)", whole["icc1"], " ICC(k)", whole["icck"], " alpha", whole["alpha"])
            print("  abstains:", *(one["reason"] for one in found["abstained"]))
        print("  forecast against measured:", outcomes["all"])
    for stage, ideas, number in (("ideation", first, 147), ("execution", second, 43)):
        assert len(ideas) == number and second <= first
        said = {"set": "pack", "stage": stage, "ideas": number, "best": None, "before": None}
        assert reports[stage]["over"] == said
        assert {one["reason"] for one in reports[stage]["abstained"]} >= {"assignment_not_fair", "not_connected"}
    assert outcomes["over"] == outcomes["all"]["ideas"] == 43
    assert Decimal(outcomes["all"]["gap"]) < 0, "what was carried out is worth less than was expected of it"
