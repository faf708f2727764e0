"""The figures of real expert reviews (../shared/data/si_ideation): printed, and over which set they are said."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.results import Question, Sheet, compute
from shared.rules.calibration import AssignmentKind
from shared.rules.loader import pack

DATA = Path(__file__).parents[3] / "../shared/data/si_ideation"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not here (../shared/data)")

PACK = "expert-review"
STAGES = {"ideation": ("reviews_ideation.json", 147, 337), "execution": ("reviews_execution.json", 43, 181)}
COLUMNS = {"codebase_quality": "codebase_quality"}


def sheets(stage: str, columns: dict[str, list[Any]]) -> tuple[Sheet, ...]:
    """One for each review. The publishers removed who reviewed, so each stands for a rater of its own."""
    rules = pack(PACK).evaluation.stage(stage)
    assert rules is not None
    codes = [criterion.code for criterion in rules.criteria]
    return tuple(
        Sheet(
            idea="".join(idea.split()),
            rater=f"review-{row:03}",
            points=tuple((code, Decimal(columns[COLUMNS.get(code, f"{code}_score")][row])) for code in codes),
        )
        for row, idea in enumerate(columns["idea_id"])
    )


@pytest.mark.parametrize("stage", STAGES)
def test_reviews_without_reviewers_give_reliability_and_abstain_from_calibration(
    stage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, ideas, reviews = STAGES[stage]
    given = sheets(stage, json.loads((DATA / file).read_text("utf-8")))
    names = sorted({sheet.idea for sheet in given})
    found = compute(
        Question(
            ask_id="real",
            seed=1,
            pack=PACK,
            stage=stage,
            top=15,
            assignment=AssignmentKind.NAMED,
            sheets=given,
            legal=tuple((name, None) for name in names),
        )
    )
    with capsys.disabled():
        print(f"\n{PACK}/{stage}: over {len(found.ideas)} ideas, {len(given)} reviews")
        for one in found.agreement:
            figures = {"ICC(1)": one.icc1, f"ICC({one.k})": one.icck, "alpha": one.alpha}
            words = (
                f"{name} {figure.value} [{figure.low}, {figure.high}]" for name, figure in figures.items() if figure
            )
            print(f"  {one.of:17}", *words, sep="  ")
        print("  abstains:", *(one.reason for one in found.abstained))
    assert (len(found.ideas), len(given)) == (ideas, reviews)
    whole = found.agreement[0]
    assert (whole.of, whole.ideas, whole.ratings) == ("sum", ideas, reviews)
    assert whole.icc1 is not None and whole.icck is not None and 0 < whole.icc1.value < whole.icck.value < 1
    assert {"assignment_not_fair", "not_connected", "too_few_per_rater"} <= {one.reason for one in found.abstained}
    assert found.top_of == "plain" and sum(idea.top or 0 for idea in found.ideas) == pytest.approx(15, abs=0.1)
