"""How texts are prepared and compared."""

import unicodedata
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ideas.duplicates import SHORT, SKETCH_SIZE, grams, normal, similarity, sketch

TEXT = normal("심야 통화량으로 노선을 그리면 어디에 버스가 필요한지 알 수 있다. 막차 뒤의 이동을 보고 차고지를 고른다.")
OTHER = normal("쓰레기통에 감지기를 달면 가득 찬 곳부터 비울 수 있고 빈 통을 돌아보는 일이 없어져서 품이 준다.")


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_forms_spaces_case_and_signs_make_no_difference(form: Literal["NFC", "NFD", "NFKD"]) -> None:
    assert normal(unicodedata.normalize(form, " 심야·BUS, 노선!\n")) == "심야bus노선"


def test_the_same_and_a_part_are_wholly_alike_and_something_else_is_not() -> None:
    both = TEXT + OTHER
    assert similarity(TEXT, TEXT) == similarity(both, both[10:70]) == Decimal("100.0")
    assert similarity(both, 2 * OTHER[::-1]) < 10


def test_short_texts_are_compared_letter_by_letter() -> None:
    assert similarity(normal("심야버스"), normal("심야 뻐스")) == Decimal("75.0")
    assert similarity(normal("버스"), TEXT) < 10, "two syllables in a long text say nothing"
    assert similarity("", TEXT) == similarity("", "") == 0


def test_a_sketch_keeps_its_size_and_a_part_keeps_its_share_of_it() -> None:
    long = (
        TEXT + OTHER + normal("가로등 밑 화단에 물을 주는 시각을 날씨에 맞추면 물을 아낀다. 관리 대장도 그때 쓴다.") * 1
    )
    assert len(sketch(long)) == SKETCH_SIZE
    assert len(set(sketch(long)) & set(sketch(long[: len(long) // 2]))) >= SKETCH_SIZE // 4
    assert len(sketch("짧다")) == 1 and sketch("") == ()


texts = st.text(alphabet="가나다라마바사 ab", max_size=120).map(normal)


@given(texts, texts)
def test_being_alike_is_mutual_and_a_percentage(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 100
    if len(one) >= SHORT:
        assert similarity(one, one + other) == 100
    assert all(-(2**63) <= term < 2**63 for term in sketch(one))
    assert len(grams(one, 4)) <= max(1, len(one))
