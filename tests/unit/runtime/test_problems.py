"""Problem documents: stable types, statuses by rule, two languages, nothing of the input."""

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.runtime.problems import TEXTS, Problem, Problems, Text, field_errors, language_of

OWN = {
    "too_late": Text("기한이 지났습니다", "It is too late", 0, "기한: {due}", "It was due on {due}"),
    "gone": Text("철회된 제안입니다", "It was withdrawn", 410),
}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("not_found", 404),
        ("stale_version", 412),
        ("idempotency_conflict", 422),
        ("awaiting_repair", 409),
        ("bug", 500),
        ("forbidden", 403),
        ("partition_stopped", 503),
        ("store_unverified", 503),
        ("rebuilding", 503),
        ("unavailable", 503),
        ("invalid_share", 422),
        ("reason_required", 422),
        ("already_submitted", 409),
        ("too_late", 409),
        ("gone", 410),
    ],
)
def test_status_of_codes(code: str, status: int) -> None:
    assert Problems(OWN).status(code) == status


def test_the_document_has_what_the_standard_asks_for() -> None:
    problem = Problem("too_late", {"due": "2025-03-03"})
    document = Problems(OWN).document(problem, "en", "/ideas/i-1/adoption")
    assert document == {
        "type": "urn:owlbus:problem:too_late",
        "title": "It is too late",
        "status": 409,
        "detail": "It was due on 2025-03-03",
        "instance": "/ideas/i-1/adoption",
        "code": "too_late",
        "facts": {"due": "2025-03-03"},
    }
    assert Problems(OWN).document(problem, "ko", "/")["detail"] == "기한: 2025-03-03"


def test_lists_read_as_lists_and_missing_facts_do_not_break_it() -> None:
    problems = Problems(OWN)
    assert problems.document(Problem("forbidden", {"roles": ["chair", "rater"]}), "en", "/")["detail"].endswith(
        "chair, rater"
    )
    assert problems.document(Problem("too_late"), "en", "/")["detail"] == "It was due on ?"


def test_a_code_without_texts_still_says_what_it_is() -> None:
    assert Problems().document(Problem("shares_do_not_add_up"), "ko", "/")["title"] == "shares do not add up"


def test_every_code_has_both_languages() -> None:
    assert all(text.ko and text.en and bool(text.ko_detail) == bool(text.en_detail) for text in TEXTS.values())


def test_services_may_not_rename_the_engines_codes() -> None:
    with pytest.raises(ValueError, match="not_found"):
        Problems({"not_found": Text("없음", "None")})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-GB,ko;q=0.5", "en"),
        ("fr, ko;q=0.1", "ko"),
        ("ko;q=0, en;q=0.1", "en"),
        ("de", "en"),
        (";;;q=x,,ko;q=nan", "ko"),
    ],
)
def test_language(header: str, language: str) -> None:
    assert language_of(header) == language


def test_the_response_is_a_problem_document() -> None:
    response = Problems().response(Problem("not_found", headers={"X-A": "b"}), "ko", "/ideas/i-1")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == "ko"
    assert response.headers["x-a"] == "b"
    assert orjson.loads(response.body)["title"] == "찾을 수 없습니다"


def test_field_errors_name_paths_and_limits_and_never_the_input() -> None:
    class Part(BaseModel):
        model_config = ConfigDict(extra="forbid")
        text: str = Field(max_length=3)

    class Whole(BaseModel):
        parts: list[Part]

    with pytest.raises(ValidationError) as error:
        Whole.model_validate({"parts": [{"text": "secret text", "more": 1}]})
    located = [{**e, "loc": ("body", *e["loc"])} for e in error.value.errors()]
    assert field_errors(located) == [
        {
            "in": "body",
            "field": "parts.0.text",
            "code": "string_too_long",
            "detail": "String should have at most 3 characters",
            "limits": {"max_length": 3},
        },
        {
            "in": "body",
            "field": "parts.0.more",
            "code": "extra_forbidden",
            "detail": "Extra inputs are not permitted",
        },
    ]
