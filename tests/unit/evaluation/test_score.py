"""The legal score: exact, rounded once, absent is not zero."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from services.evaluation.domain.score import Sheet, result_of, rounded
from shared.contracts.evaluation import CriterionScore
from shared.rules.evaluation import Stage
from tests.unit.evaluation.support import NATIONAL, OPEN_CALL, SEOUL, rules


def sheet(**points: str) -> Sheet:
    return tuple(CriterionScore(criterion=code, points=Decimal(p)) for code, p in points.items())


def test_the_sum_weighs_each_mean_over_the_scales_maximum() -> None:
    sheets = [
        sheet(creativity="8", effect="7", feasibility="9", scope="6"),
        sheet(creativity="9", effect="7", feasibility="6", scope="6"),
        sheet(creativity="8", effect="10", feasibility="6", scope="7"),
    ]
    result = result_of(rules(SEOUL), sheets)
    # (25 + 24)/3/10 × 30 + (21 + 19)/3/10 × 20 = 25 + 24 + 14 + 12.666…
    assert str(result.score) == "75.67"
    means = {mean.criterion: mean for mean in result.means}
    assert str(means["creativity"].mean) == "8.333333333333" and means["creativity"].raters == 3
    assert str(means["effect"].mean) == "8"


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL, OPEN_CALL])
def test_full_points_make_the_best_possible_sum_and_none_make_nothing(pack_id: str) -> None:
    stage = rules(pack_id)
    full = sheet(**{c.code: str(c.scale.value.max) for c in stage.criteria})
    nothing = sheet(**{c.code: str(c.scale.value.min) for c in stage.criteria})
    raters = stage.raters_min.value
    assert str(result_of(stage, [full] * raters).score) == "100.00"
    assert str(result_of(stage, [nothing] * raters).score) == "0.00"


def test_with_too_few_raters_there_are_means_and_no_score() -> None:
    result = result_of(rules(SEOUL), [sheet(creativity="8", effect="7", feasibility="9", scope="6")])
    assert result.score is None and [str(mean.mean) for mean in result.means] == ["8", "7", "9", "6"]


def test_without_raters_there_is_nothing_at_all() -> None:
    result = result_of(rules(SEOUL), [])
    assert result.score is None and result.means == ()


def with_own_number(stage: Stage, code: str, number: int) -> Stage:
    data = stage.model_dump(mode="json")
    for criterion in data["criteria"]:
        if criterion["code"] == code:
            criterion["raters_min"] = {"value": number, "source": "assumed"}
    return Stage.model_validate_json(json.dumps(data))


def test_a_criterion_may_ask_for_a_number_of_raters_of_its_own() -> None:
    stage = with_own_number(rules(SEOUL), "scope", 1)
    sheets = [
        sheet(creativity="10", effect="10", feasibility="10", scope="5"),
        sheet(creativity="10", effect="10", feasibility="10"),
    ]
    assert str(result_of(stage, sheets).score) == "90.00", "the absent score is left out, not counted as zero"
    assert result_of(rules(SEOUL), sheets).score is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(1, 3), "0.33"), (Fraction(5, 1000), "0.01"), (Fraction(4999, 1000000), "0.00"), (Fraction(2), "2.00")],
)
def test_halves_are_rounded_up(value: Fraction, expected: str) -> None:
    assert str(rounded(value, 2)) == expected


def test_a_mean_is_never_written_with_an_exponent() -> None:
    assert str(result_of(rules(OPEN_CALL), [sheet(merit="100")]).means[0].mean) == "100"
