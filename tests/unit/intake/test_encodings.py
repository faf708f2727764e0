"""Bytes become text as they were meant, or an error that says where; no character is ever replaced."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.intake.encodings import decode
from shared.intake.problems import FileProblem

HERE = Path("제안.csv")
KOREAN = "번호,제목\n1,야간 버스 노선 확대 제안\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-8-sig", "utf-8"),
        ("cp949", None),
        ("cp949", "cp949"),
        ("utf-16", None),
        ("euc-kr", "euc-kr"),
    ],
)
def test_what_korean_programs_write_is_read(encoding: str, named: str | None) -> None:
    assert decode(HERE, KOREAN.encode(encoding), named) == KOREAN


def test_a_syllable_beyond_ksx1001_is_read_as_excel_writes_it() -> None:
    assert decode(HERE, "이름,내용\n똠방각하,펲시콜라를 쀍 하고\n".encode("cp949")).startswith(
        "이름,내용\n똠방각하,펲시"
    )


@pytest.mark.parametrize(
    ("content", "named", "code", "where"),
    [
        (KOREAN.encode() + b"2,\xff\n", None, "encoding_wrong", "line 3, byte 3 (0xff)"),
        (b"\xef\xbb\xbf" + KOREAN.encode("cp949"), None, "encoding_wrong", "line 1, byte 4 (0xb9)"),
        (KOREAN.encode("cp949"), "utf-8", "encoding_wrong", "line 1, byte 1 (0xb9)"),
        ("번호\n".encode("cp949") + b"\xff\xff\n", None, "encoding_unknown", "CP949: line 2, byte 1 (0xff)"),
    ],
)
def test_a_broken_text_says_where(content: bytes, named: str | None, code: str, where: str) -> None:
    with pytest.raises(FileProblem) as caught:
        decode(HERE, content, named)
    assert caught.value.code == code
    assert where in caught.value.said("en") and caught.value.said("ko").startswith("제안.csv: ")


def test_one_bad_byte_in_utf8_is_not_guessed_to_be_cp949() -> None:
    broken = KOREAN.encode().replace("버".encode(), "버".encode()[:2])
    with pytest.raises(FileProblem, match="Not UTF-8: line 2"):
        decode(HERE, broken)


hangul = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1)


@given(hangul)
def test_any_hangul_reads_back_from_either_encoding(text: str) -> None:
    table = f"번호,제목\n1,{text}\n"
    assert decode(HERE, table.encode()) == table
    assert decode(HERE, table.encode("cp949")) == table
