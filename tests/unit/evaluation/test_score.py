"""The legal score: exact, rounded once, absent is not zero."""

import json
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from pydantic import ValidationError

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


def trimmed(pack_id: str, trim: object) -> Stage:
    data = rules(pack_id).model_dump(mode="json") | {"trim": {"value": trim, "source": "assumed"}}
    return Stage.model_validate_json(json.dumps(data))


def alike(*points: str) -> list[Sheet]:
    return [sheet(creativity=p, effect=p, feasibility=p, scope=p) for p in points]


def test_one_pack_leaves_out_the_highest_and_the_lowest_total_and_another_nothing() -> None:
    def five(pack_id: str, *points: str) -> list[Sheet]:
        codes = [criterion.code for criterion in rules(pack_id).criteria]
        return [sheet(**dict.fromkeys(codes, p)) for p in points]

    national, seoul = (result_of(rules(id), five(id, "10", "0", "5", "6", "7")) for id in (NATIONAL, SEOUL))
    assert str(national.score) == "30.00" and {mean.left_out for mean in national.means} == {2}
    assert str(seoul.score) == "56.00" and {mean.left_out for mean in seoul.means} == {None}
    assert {mean.raters for mean in national.means} == {5}, "who is left out has scored all the same"


def test_below_the_packs_number_of_raters_nothing_is_left_out() -> None:
    codes = [criterion.code for criterion in rules(NATIONAL).criteria]
    four = [sheet(**dict.fromkeys(codes, points)) for points in ("20", "0", "10", "10")]
    result = result_of(rules(NATIONAL), four)
    assert str(result.score) == "50.00" and result.means[0].left_out is None


def test_the_ends_are_left_out_by_total_or_by_criterion() -> None:
    sheets = [
        sheet(creativity="10", effect="0", feasibility="0", scope="0"),
        sheet(creativity="5", effect="5", feasibility="5", scope="5"),
        sheet(creativity="0", effect="10", feasibility="10", scope="10"),
    ]
    by_total = result_of(trimmed(SEOUL, {"number": 1, "of": "total", "from_raters": 3}), sheets)
    assert [str(mean.mean) for mean in by_total.means] == ["5", "5", "5", "5"]
    lopsided = [*sheets[:2], sheet(creativity="1", effect="6", feasibility="6", scope="6")]
    by_criterion = result_of(trimmed(SEOUL, {"number": 1, "of": "criterion", "from_raters": 3}), lopsided)
    assert [str(mean.mean) for mean in by_criterion.means] == ["5", "5", "5", "5"]
    by_total = result_of(trimmed(SEOUL, {"number": 1, "of": "total", "from_raters": 3}), lopsided)
    assert [str(mean.mean) for mean in by_total.means] == ["1", "6", "6", "6"]


@pytest.mark.parametrize(("count", "left_out"), [(9, None), (10, 2), (19, 2), (20, 4)])
def test_a_share_at_each_end_is_rounded_down(count: int, left_out: int | None) -> None:
    result = result_of(trimmed(SEOUL, {"share": "10", "of": "criterion"}), alike(*["7"] * count))
    assert result.means[0].left_out == left_out


def test_of_equal_ones_at_an_end_only_as_many_as_the_rule_says_are_left_out() -> None:
    result = result_of(trimmed(SEOUL, {"number": 1, "of": "criterion", "from_raters": 3}), alike("9", "9", "9", "3"))
    assert str(result.score) == "90.00" and result.means[0].left_out == 2


def test_a_criterion_that_would_lose_all_of_its_points_keeps_them() -> None:
    stage = trimmed(SEOUL, {"number": 1, "of": "total", "from_raters": 3})
    sheets = [*alike("9", "5"), sheet(creativity="1", effect="1", feasibility="1")]
    scope = result_of(stage, [sheets[0], sheets[2], sheet(creativity="5", effect="5", feasibility="5")]).means[3]
    assert (str(scope.mean), scope.raters, scope.left_out) == ("9", 1, None)


def test_trimming_does_not_depend_on_the_order_of_the_sheets() -> None:
    stage = trimmed(SEOUL, {"number": 1, "of": "total", "from_raters": 3})
    sheets = [
        sheet(creativity="5", effect="5", feasibility="5", scope="5"),
        sheet(creativity="6", effect="4", feasibility="5", scope="5"),
        sheet(creativity="4", effect="6", feasibility="5", scope="5"),
        sheet(creativity="5", effect="5", feasibility="6", scope="4"),
    ]
    assert len({result_of(stage, some) for some in permutations(sheets)}) == 1


@pytest.mark.parametrize(
    "trim",
    [
        {"number": 1, "from_raters": 2},
        {"share": "50"},
        {"share": "0"},
        {"number": 1, "share": "10"},
        "highest",
        {"of": "x"},
    ],
)
def test_a_trim_that_leaves_nothing_or_says_nothing_is_no_rule(trim: object) -> None:
    with pytest.raises(ValidationError):
        trimmed(SEOUL, trim)


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
