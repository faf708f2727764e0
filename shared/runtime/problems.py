"""Why something was refused, as RFC 9457 documents in Korean and English.

One place gives a refusal code its texts and its HTTP status. Services bring texts for the codes of their own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
from fastapi.responses import Response
from pydantic_core import to_jsonable_python

CONTENT_TYPE = "application/problem+json"
MAX_ERRORS = 50
Language = Literal["ko", "en"]


class Problem(Exception):
    """A request that ends here: a stable code, facts that help a person, errors per field, headers that go along."""

    def __init__(
        self,
        code: str,
        facts: Mapping[str, Any] | None = None,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts or {})
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Text:
    """What a code is called. `ko_detail` and `en_detail` may name facts in braces; `status` 0 leaves it to the rule."""

    ko: str
    en: str
    status: int = 0
    ko_detail: str = ""
    en_detail: str = ""


Texts = Mapping[str, Text]

TEXTS: Texts = {
    "malformed_body": Text("요청 본문을 읽을 수 없습니다", "The body cannot be read", 400),
    "token_missing": Text("인증이 필요합니다", "A bearer token is needed", 401),
    "token_expired": Text("인증이 만료되었습니다", "The token has expired", 401),
    "token_invalid": Text("인증 정보가 올바르지 않습니다", "The token is not valid here", 401),
    "forbidden": Text(
        "권한이 없습니다",
        "This needs another role",
        403,
        "필요한 역할: {roles}",
        "One of these roles is needed: {roles}",
    ),
    "not_found": Text("찾을 수 없습니다", "There is no such thing", 404),
    "no_such_route": Text("없는 주소입니다", "There is nothing at this address", 404),
    "method_not_allowed": Text("이 주소에서 쓸 수 없는 방식입니다", "This address does not take this method", 405),
    "awaiting_repair": Text("복구를 기다리고 있습니다", "It waits for repair and takes nothing new until then", 409),
    "stale_version": Text(
        "그 사이에 내용이 바뀌었습니다",
        "It has changed in the meantime",
        412,
        "현재 버전: {version}",
        "Its version is {version} now",
    ),
    "body_too_large": Text(
        "요청 본문이 너무 큽니다",
        "The body is too large",
        413,
        "한도: {limit}바이트",
        "The limit is {limit} bytes",
    ),
    "line_too_long": Text(
        "한 줄이 너무 깁니다", "The line is too long", 413, "한도: {limit}바이트", "The limit is {limit} bytes"
    ),
    "malformed_line": Text(
        "이 줄을 JSON으로 읽을 수 없습니다",
        "This line is not JSON",
        400,
        "{column}번째 글자부터",
        "From character {column} on",
    ),
    "lines_expected": Text(
        "한 줄에 JSON 하나씩 application/x-ndjson 형식으로 보내야 합니다",
        "The body must be application/x-ndjson, one JSON object a line",
        415,
    ),
    "too_large": Text(
        "한 번에 담기에는 내용이 너무 많습니다",
        "This says more than one event can hold",
        413,
        "한도: {limit}바이트",
        "The limit is {limit} bytes",
    ),
    "unsupported_media_type": Text("application/json 형식으로 보내야 합니다", "The body must be application/json", 415),
    "invalid_request": Text("입력 내용을 확인해 주세요", "Some of the input is not as it must be", 422),
    "idempotency_conflict": Text(
        "같은 Idempotency-Key로 다른 내용이 이미 접수되었습니다",
        "This Idempotency-Key was used with other content",
        422,
    ),
    "bug": Text("시스템 오류입니다. 아무것도 기록되지 않았습니다", "A fault of ours; nothing was recorded", 500),
    "internal_error": Text("시스템 오류입니다", "A fault of ours", 500),
    "unavailable": Text("잠시 후 다시 시도해 주세요", "Not available right now", 503),
    "issuer_unavailable": Text("인증 서버에 연결할 수 없습니다", "The issuer's keys cannot be read right now", 503),
    "partition_stopped": Text(
        "해당 구역이 점검 중입니다", "This part is stopped until an operator has seen to it", 503
    ),
    "store_unverified": Text("저장소를 확인하고 있습니다", "The store is not verified yet", 503),
    "not_owner": Text(
        "지금은 이 구역의 소유자에게 전달할 수 없습니다",
        "The replica that owns this part cannot be reached right now",
        503,
    ),
    "would_lose": Text(
        "저장소만 알고 있던 이벤트 {lost}건은 되살릴 수 없습니다",
        "{lost} events that only the lost store knew cannot be brought back",
        409,
        "감수하려면 accept_loss와 함께 다시 요청하십시오",
        "Ask again with accept_loss to go on without them",
    ),
    "unrecoverable": Text(
        "토픽의 기록이 저장소와 이어지지 않습니다",
        "What the topics hold does not continue the store",
        409,
        "{reason}",
        "{reason}",
    ),
    "rebuilding": Text("자료를 다시 구성하고 있습니다", "States are being rebuilt", 503),
}
"""The codes of engine and edge."""

_BY_HTTP_STATUS = {
    400: "malformed_body",
    404: "no_such_route",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class Problems:
    """Texts and statuses of all codes of one service. ValueError where a service renames a code of the engine."""

    def __init__(self, texts: Texts | None = None) -> None:
        own = dict(texts or {})
        if taken := sorted(TEXTS.keys() & own.keys()):
            raise ValueError(f"these codes have texts already: {taken}")
        self._texts = {**own, **TEXTS}

    def status(self, code: str) -> int:
        """The code's own status, else 422 for what is wrong with the input and 409 for what does not fit the state."""
        text = self._texts.get(code)
        if text is not None and text.status:
            return text.status
        return 422 if code.startswith("invalid_") or code.endswith("_required") else 409

    def document(self, problem: Problem, language: Language, instance: str) -> dict[str, Any]:
        """The problem document."""
        code = problem.code
        facts = cast(dict[str, Any], to_jsonable_python(problem.facts, fallback=str))
        text = self._texts.get(code) or Text(code.replace("_", " "), code.replace("_", " "))
        title, detail = (text.ko, text.ko_detail) if language == "ko" else (text.en, text.en_detail)
        document: dict[str, Any] = {
            "type": f"urn:owlbus:problem:{code}",
            "title": title,
            "status": self.status(code),
            "instance": instance,
            "code": code,
        }
        if detail:
            document["detail"] = _filled(detail, facts)
        if facts:
            document["facts"] = facts
        if problem.errors:
            document["errors"] = list(problem.errors[:MAX_ERRORS])
        return document

    def response(self, problem: Problem, accept_language: str, instance: str) -> Response:
        """The problem as an answer, in the language that was asked for."""
        language = language_of(accept_language)
        headers = {**problem.headers, "Content-Language": language, "Vary": "Accept-Language"}
        content = orjson.dumps(self.document(problem, language, instance))
        return Response(content, self.status(problem.code), headers, media_type=CONTENT_TYPE)


def problem_of_status(status: int, facts: Mapping[str, Any] | None = None) -> Problem:
    """The problem behind a bare HTTP status that the framework raised."""
    return Problem(_BY_HTTP_STATUS.get(status, "internal_error" if status >= 500 else "malformed_body"), facts)


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Validation errors as field paths with what was expected there; what was sent is never repeated."""
    return [_field_error(error) for error in errors[:MAX_ERRORS]]


def language_of(accept_language: str) -> Language:
    """Korean or English, whichever the header prefers (RFC 9110, section 12.5.4); English where it names neither."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accept_language.lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.split("-")[0]
        quality = _quality(weight)
        if name in ("ko", "en") and quality > best[0]:
            best = (quality, name)
    return best[1]


def _quality(weight: str) -> float:
    return float(weight) if re.fullmatch(r"[01](\.\d{0,3})?", weight) else 1.0


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    def fact(match: re.Match[str]) -> str:
        value = facts.get(match[1], "?")
        return ", ".join(map(str, cast(list[Any], value))) if isinstance(value, list) else str(value)

    return re.sub(r"\{(\w+)\}", fact, template)


def _field_error(error: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = error["loc"]
    limits = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, int | str)}
    return {
        "in": str(place),
        "field": ".".join(str(part) for part in path)[:200],
        "code": error["type"],
        "detail": error["msg"],
        **({"limits": limits} if limits else {}),
    }
