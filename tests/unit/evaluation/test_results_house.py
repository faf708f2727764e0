"""Figures over HTTP: a round's stage ends, they are computed, and each role sees what it may and nothing else."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from shared.rules.loader import pack
from shared.runtime.auth import ROLES
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, get, name, opened, sign, submitted, wait
from tests.unit.evaluation.rounds import id_of
from tests.unit.evaluation.support import AUDITOR, CHAIR, RECEIVER, rater
from tests.unit.ideas.support import HEAD, LEAD, SEOUL

STAGE = "first_pass"
OFFICER = Actor("p-30", "award_officer")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def begun(house: House, number: int) -> tuple[list[str], str]:
    """A round with so many ideas; where its figures are."""
    ideas = [await submitted(house, SEOUL) for _ in range(number)]
    for idea in ideas:
        await complete(house, idea)
    await opened(house, SEOUL, *ideas)
    return ideas, f"/results/{id_of(SEOUL)}/{STAGE}"


async def score(house: House, idea: str, number: int, points: int) -> None:
    criteria = pack(SEOUL).evaluation.stage(STAGE).criteria  # pyright: ignore[reportOptionalMemberAccess]
    body = {
        "scores": [
            {"criterion": one.code, "points": str(max(0, points - place % 2)), "reason": "근거"}
            for place, one in enumerate(criteria)
        ]
    }
    await house.must(rater(number), "POST", f"/evaluations/{idea}/{STAGE}/scores", body, service="evaluation")


async def ended(house: House, number: int) -> tuple[list[str], str]:
    """Three raters score all of them, the third one strictly, and the stage ends."""
    ideas, path = await begun(house, number)
    await sign(house, f"/rounds/{id_of(SEOUL)}", *(rater(one) for one in (1, 2, 3)))
    for idea in ideas:
        await name(house, f"/rounds/{id_of(SEOUL)}", idea, "r-1", "r-2", "r-3")
    for place, idea in enumerate(ideas):
        for one, strict in ((1, 0), (2, place % 2), (3, 3)):
            await score(house, idea, one, 4 + place - strict)
    await wait(house, (await get(house, CHAIR, f"/rounds/{id_of(SEOUL)}"))["closes_at"])
    report = await get(house, AUDITOR, path)
    if due := report["deadlines"].get("disclosure"):
        await wait(house, due)
    return ideas, path


async def status(house: House, actor: Actor, path: str) -> int:
    return (await house.ask(actor, "GET", path, service="evaluation")).status_code


async def test_the_end_of_a_stage_brings_calibrated_scores_beside_the_legal_ones(house: House) -> None:
    ideas, path = await ended(house, 6)
    report = await get(house, CHAIR, path)
    assert report["abstained"] == [] and report["top_of"] == "calibrated" and report["top"] == 6
    legal = {idea["idea_id"]: idea["legal"] for idea in report["ideas"]}
    for idea in ideas:
        assert (await get(house, CHAIR, f"/evaluations/{idea}/{STAGE}"))["score"] == legal[idea]
    assert [one["rater_id"] for one in report["raters"]] == ["r-1", "r-2", "r-3"]
    severity = [float(one["severity"]["value"]) for one in report["raters"]]
    assert severity[2] > severity[1] > severity[0], "the third gave three points less on every criterion"
    history = await house.rooms["evaluation"].reader.history(id_of(SEOUL))
    subjects = [told.entry.subject for told in history]
    assert [one for one in subjects if one.startswith("results/")] == [f"results/{path[9:]}"] * 3


async def test_a_round_too_small_abstains_and_says_why(house: House) -> None:
    _, path = await ended(house, 3)
    report = await get(house, CHAIR, path)
    assert [(one["reason"], one["found"]) for one in report["abstained"]] == [("too_few_per_rater", "100.0")]
    assert all(idea["calibrated"] is None and idea["legal"] for idea in report["ideas"])
    assert all(one["severity"] is None for one in report["raters"])


async def test_severity_is_for_the_rater_and_the_chair_in_every_answer_of_every_role(house: House) -> None:
    ideas, path = await ended(house, 6)
    paths = [path, f"{path}/picture", f"{path}/ideas/{ideas[0]}", f"/evaluations/{ideas[0]}/{STAGE}", "/evaluations"]
    paths += [f"/evaluations/{ideas[0]}/{STAGE}/history", f"/rounds/{id_of(SEOUL)}", f"/rounds/{id_of(SEOUL)}/history"]
    for role in ROLES:
        for person in ("x-1", "r-1"):
            for one in paths:
                actor = Actor(person, role, "d-transport")
                answer = await house.ask(actor, "GET", one, service="evaluation")
                said = "severity" in answer.text
                assert said == (one == path and (role in ("chair", "auditor") or (role, person) == ("rater", "r-1")))
                if said and role == "rater":
                    assert "r-2" not in answer.text and "r-3" not in answer.text


async def test_who_may_see_the_result_of_an_idea_sees_its_figures(house: House) -> None:
    ideas, path = await ended(house, 6)
    line = await get(house, LEAD, f"{path}/ideas/{ideas[0]}")
    assert line["over"] == 6 and line["idea"]["calibrated"] and line["idea"]["legal"]
    assert (await get(house, HEAD, f"{path}/ideas/{ideas[0]}"))["idea"] == line["idea"]
    assert await status(house, Actor("x-2", "citizen"), f"{path}/ideas/{ideas[0]}") == 404
    assert await status(house, CHAIR, f"{path}/ideas/unknown") == 404


async def test_an_author_in_another_role_learns_nothing_of_the_set(house: House) -> None:
    ideas, path = await ended(house, 6)
    for role in ("chair", "receiver", "award_officer"):
        seen = await get(house, Actor(LEAD.id, role), path)
        assert set(seen) == {"id", "round_id", "stage", "pack", "top"}
        assert await status(house, Actor(LEAD.id, role), f"{path}/picture") == 404
    assert await status(house, Actor(LEAD.id, "rater"), path) == 404
    assert await status(house, Actor(LEAD.id, "rater"), f"{path}/ideas/{ideas[0]}") == 200, "the own idea"


async def test_no_answer_bears_a_version(house: House) -> None:
    _, path = await ended(house, 6)
    for actor in (CHAIR, RECEIVER, OFFICER, AUDITOR, rater(1)):
        answer = await house.ask(actor, "GET", path, service="evaluation")
        assert answer.status_code == 200 and "ETag" not in answer.headers
    asked = await house.ask(CHAIR, "POST", path, {"top": 2}, service="evaluation")
    assert (asked.status_code, asked.json()["code"]) == (409, "results_disclosed")


async def test_evaluations_outside_rounds_are_a_set_of_their_own(house: House) -> None:
    inside, path = await ended(house, 3)
    idea = await submitted(house, SEOUL)
    await complete(house, idea)
    drawn = {"raters": ["r-1", "r-2", "r-3"], "drawn": "random"}
    await house.must(CHAIR, "POST", f"/evaluations/{idea}/{STAGE}/raters", drawn, service="evaluation")
    for number in (1, 2, 3):
        await score(house, idea, number, 5 + number)
    asked = await house.ask(CHAIR, "POST", f"/results/{SEOUL}/{STAGE}", {"top": 1}, service="evaluation")
    assert asked.status_code == 200 and "ETag" not in asked.headers and "phase" not in asked.json()
    await house.settle()
    report = await get(house, AUDITOR, f"/results/{SEOUL}/{STAGE}")
    assert report["assignment"] == "random" and [one["idea_id"] for one in report["ideas"]] == [idea]
    assert [one["reason"] for one in report["abstained"]] == ["too_few_per_rater"]
    assert {one["idea_id"] for one in (await get(house, AUDITOR, path))["ideas"]} == set(inside)
    assert await status(house, CHAIR, f"/results/nothing/{STAGE}") == 404


async def test_the_picture_shows_every_idea_in_both_languages(house: House) -> None:
    ideas, path = await ended(house, 6)
    for language, words in (("ko", "공식"), ("en", "legal score")):
        answer = await house.ask(CHAIR, "GET", f"{path}/picture", service="evaluation", Accept_Language=language)
        assert answer.headers["content-type"] == "image/svg+xml" and words in answer.text
        assert all(idea[:16] in answer.text for idea in ideas) and answer.text.count("<line") == 6 + 5
        assert "r-1" not in answer.text and "<script" not in answer.text


def test_the_service_itself_never_imports_a_numeric_library() -> None:
    libraries = "{'numpy', 'scipy', 'choix', 'highspy'}"
    code = f"import sys, services.evaluation.service; print(sorted({libraries} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
