"""Scores from ballots, ranks with ties, grades by bands and numbers."""

from datetime import date
from decimal import Decimal

import pytest

from services.awards.domain.grading import Candidate, award_score, place, propose
from shared.rules.awards import AwardsRules, AwardTie, Category
from shared.rules.loader import pack
from tests.unit.awards.support import NATIONAL, OPEN_CALL, SEOUL


def rules(pack_id: str) -> AwardsRules:
    return pack(pack_id).awards


def without_empty_category(asked: AwardsRules) -> AwardsRules:
    return asked.model_copy(update={"no_winner_allowed": asked.no_winner_allowed.model_copy(update={"value": False})})


def points(voice: str, *given: str) -> list[tuple[str, Decimal]]:
    return [(voice, Decimal(one)) for one in given]


@pytest.mark.parametrize(
    ("pack_id", "ballots", "score"),
    [
        (SEOUL, points("experts", "8", "9"), "85.00"),  # no citizen voted: the experts are the whole
        (SEOUL, points("experts", "8", "9") + points("citizens", "6"), "77.50"),  # 70 % of 85 and 30 % of 60
        (SEOUL, points("experts", "10") + points("citizens", *["5"] * 9), "85.00"),  # a crowd counts no more
        (SEOUL, points("experts", "7", "7", "6.5"), "68.33"),
        (OPEN_CALL, points("panel", "0"), "0.00"),
        (NATIONAL, points("panel", "90", "91", "91"), "90.67"),
    ],
)
def test_every_voice_counts_with_its_share(pack_id: str, ballots: list[tuple[str, Decimal]], score: str) -> None:
    assert str(award_score(rules(pack_id), ballots)) == score


def test_halves_are_rounded_up() -> None:
    eight = points("panel", *["0"] * 7, "1")  # 0.125
    assert str(award_score(rules(OPEN_CALL), eight)) == "0.13"


def test_no_ballot_is_no_score() -> None:
    assert award_score(rules(SEOUL), []) is None


def candidate(idea_id: str, score: str | None, evaluation: str = "80", day: int = 1) -> Candidate:
    return Candidate(idea_id, None if score is None else Decimal(score), Decimal(evaluation), date(2025, 2, day))


@pytest.mark.parametrize(
    ("candidates", "order"),
    [
        ([candidate("a", "70"), candidate("b", "90"), candidate("c", None)], {"b": 1, "a": 2, "c": 3}),
        ([candidate("a", "90", "80"), candidate("b", "90", "85")], {"b": 1, "a": 2}),
        ([candidate("a", "90", day=5), candidate("b", "90", day=4)], {"b": 1, "a": 2}),
        ([candidate("b", "90"), candidate("a", "90"), candidate("c", "80")], {"a": 1, "b": 1, "c": 3}),
    ],
)
def test_ties_go_by_evaluation_then_receipt_and_else_share_the_rank(
    candidates: list[Candidate], order: dict[str, int]
) -> None:
    for pack_id in (SEOUL, OPEN_CALL):
        for arrival in (candidates, candidates[::-1]):
            assert {one.idea_id: one.rank for one in place(rules(pack_id), arrival)} == order


def test_a_practice_without_an_evaluation_comes_after_equals_that_have_one() -> None:
    unscored = Candidate("a", Decimal(90), None, date(2025, 2, 1))
    placed = place(rules(SEOUL), [unscored, candidate("b", "90", "1", day=9), candidate("c", "80")])
    assert {one.idea_id: one.rank for one in placed} == {"b": 1, "a": 2, "c": 3}


def test_where_the_chair_decides_first_nothing_else_does() -> None:
    asked = rules(SEOUL)
    chair = asked.model_copy(update={"ties": asked.ties.model_copy(update={"value": (AwardTie.CHAIR_DECIDES,)})})
    placed = place(chair, [candidate("a", "90", "80"), candidate("b", "90", "85")])
    assert [one.rank for one in placed] == [1, 1]


def grades(asked: AwardsRules, category: Category, *scores: str | None, order: tuple[str, ...] = ()) -> list[str]:
    """Grades of ideas 0, 1, 2 … with these scores, falling; "=" where they are tied."""
    placed = place(asked, [candidate(str(n), score) for n, score in enumerate(scores)])
    found = propose(asked, category, placed, order)
    return ["=" if one.idea_id in found.tied else found.grades.get(one.idea_id, "") for one in placed]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (["95", "94", "93"], ["grand", "top", "excellence"]),  # one grand prize, the next grade takes what is over
        (["84.99", "80", "70", "60", "59.99"], ["top", "excellence", "excellence", "encouragement", ""]),
        (["79", "78", "77", "76"], ["excellence", "excellence", "excellence", "encouragement"]),
        (["59.99"], [""]),
        ([None, "75"], ["excellence", ""]),  # no quorum, no grade
        (["90", "90"], ["=", "="]),  # only one can be the grand prize
        (["72", "72"], ["excellence", "excellence"]),  # equals that fit together are no question
        (["95", "75", "75", "75", "75"], ["grand", "=", "=", "=", "="]),  # three places for four
        (["95", *["62"] * 6, "61"], ["grand", *["="] * 6, ""]),
    ],
)
def test_bands_and_numbers_propose(scores: list[str | None], expected: list[str]) -> None:
    asked = rules(SEOUL)
    assert grades(asked, asked.categories[0], *scores) == expected


def test_a_named_order_settles_a_tie() -> None:
    asked = rules(SEOUL)
    assert grades(asked, asked.categories[0], "90", "90", order=("1", "0")) == ["top", "grand"]
    assert grades(asked, asked.categories[0], "90", "90", order=("1",)) == ["=", "="]  # half an order is none


def test_a_pack_without_numbers_grades_all_that_reach_a_band() -> None:
    asked = rules(NATIONAL)
    assert grades(asked, asked.categories[0], "95", "95", "80", "60", "59") == [
        "gold",
        "gold",
        "silver",
        "encouragement",
        "",
    ]


def test_a_pack_that_wants_a_winner_gives_the_lowest_grade_to_the_best() -> None:
    asked = without_empty_category(rules(OPEN_CALL))
    assert grades(asked, asked.categories[0], "40", "39") == ["encouragement", ""]
    assert grades(asked, asked.categories[0], None) == [""]
