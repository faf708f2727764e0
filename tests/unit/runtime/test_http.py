"""The edge as a caller meets it: commands, queries, errors, limits, documents."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import Response

from owlbus.tokens import Issuer
from shared.engine.emit import Entry
from shared.engine.partition import partition_of
from shared.runtime.caller import Caller, allow
from shared.runtime.engine_port import Unavailable
from shared.runtime.forward import Forwarder
from shared.runtime.http import build_app
from shared.runtime.middleware import MAX_BODY_BYTES
from shared.runtime.openapi import PUBLIC, roles_of
from shared.runtime.settings import Settings, SettingsError
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.telemetry import Metrics
from tests.support.desk import DeskEngine, desk_app


class Desk:
    """A client of the made-up service."""

    def __init__(self, directory: Path) -> None:
        self.engine = DeskEngine()
        self.issuer = Issuer(directory)
        self.app = desk_app(self.engine, self.issuer.jwks)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://desk")

    def headers(self, person: str = "p-1", *roles: str, **more: str) -> dict[str, str]:
        token = self.issuer.mint(person, roles or ("author",), "d-1")
        return {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in more.items()}}

    async def write(self, title: str = "owl", person: str = "p-1", **more: str) -> httpx.Response:
        return await self.client.post("/notes", json={"title": title}, headers=self.headers(person, **more))

    async def change(self, note: str, title: str, person: str = "p-1", **more: str) -> httpx.Response:
        headers = self.headers(person, **more)
        return await self.client.post(f"/notes/{note}/title", json={"title": title}, headers=headers)

    async def read(self, path: str, person: str = "p-1", *roles: str, **more: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers(person, *roles, **more))

    async def post(self, content: bytes, kind: str = "application/json") -> httpx.Response:
        headers = self.headers() | {"Content-Type": kind}
        return await self.client.post("/notes", content=content, headers=headers)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    async with desk.client:
        yield desk


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.json().get("code")) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == f"urn:owlbus:problem:{code}"
    return response.json()


# --- commands


async def test_a_command_is_answered_with_state_version_and_place(desk: Desk) -> None:
    answer = await desk.write("owl bus", traceparent=f"00-{'a' * 32}-{'b' * 16}-01", X_Correlation_ID="case-7")
    assert answer.status_code == 201
    note = answer.json()
    assert (note["title"], note["owner"]) == ("owl bus", "p-1")
    assert answer.headers["etag"] == '"2"' and answer.headers["location"] == f"/notes/{note['id']}"
    call = desk.engine.calls[0]
    assert call.correlation == "case-7" and call.traceparent == f"00-{'a' * 32}-{'b' * 16}-01"
    assert (call.actor.id, call.actor.role, call.actor.department) == ("p-1", "author", "d-1")
    assert abs((call.time - datetime.now(UTC)).total_seconds()) < 5


async def test_the_same_key_is_the_same_command(desk: Desk) -> None:
    first, again = await desk.write(Idempotency_Key="k"), await desk.write(Idempotency_Key="k")
    assert first.json() == again.json() and again.status_code == 201
    assert first.headers["location"] == again.headers["location"]
    problem(await desk.write("another", Idempotency_Key="k"), 422, "idempotency_conflict")
    other = await desk.write(person="p-2", Idempotency_Key="k")
    assert other.json()["id"] != first.json()["id"]
    assert len(desk.engine.memory.entries) == 4


async def test_without_a_key_one_is_made_and_told(desk: Desk) -> None:
    first, second = await desk.write(), await desk.write()
    assert first.json()["id"] != second.json()["id"]
    key = first.headers["idempotency-key"]
    assert UUID(key).version == 4
    assert (await desk.write(Idempotency_Key=key)).json() == first.json()


async def test_the_same_key_on_another_address_is_another_command(desk: Desk) -> None:
    notes = [(await desk.write(str(n))).json()["id"] for n in range(2)]
    for note in notes:
        assert (await desk.change(note, "same", Idempotency_Key="k")).json()["id"] == note


async def test_traces_that_make_no_sense_begin_anew(desk: Desk) -> None:
    for bad in ("", "x", f"ff-{'a' * 32}-{'b' * 16}-01", f"00-{'0' * 32}-{'b' * 16}-01"):
        answer = await desk.write(traceparent=bad)
        assert answer.headers["traceparent"] != bad and len(answer.headers["traceparent"]) == 55


async def test_if_match_guards_a_change(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    stale = problem(await desk.change(note, "a", If_Match='"1"'), 412, "stale_version")
    assert stale["facts"] == {"version": 2} and stale["detail"] == "Its version is 2 now"
    assert (await desk.change(note, "a", If_Match='"2"')).headers["etag"] == '"3"'
    assert (await desk.change(note, "b", If_Match="*")).status_code == 200
    for bad in ("2", 'W/"2"', '"1", "2"', '"x"'):
        found = problem(await desk.change(note, "c", If_Match=bad), 422, "invalid_request")
        assert found["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize("header", ["Idempotency_Key", "X_Correlation_ID"])
@pytest.mark.parametrize("value", ["a b", "x" * 256])
async def test_headers_are_checked(desk: Desk, header: str, value: str) -> None:
    found = problem(await desk.write(**{header: value}), 422, "invalid_request")
    assert found["errors"][0]["in"] == "header" and not desk.engine.calls


async def test_refusals_are_problems_in_the_language_asked_for(desk: Desk) -> None:
    note = (await desk.write("owl")).json()["id"]
    found = problem(await desk.change(note, "owl", Accept_Language="ko-KR"), 409, "same_title")
    assert (found["title"], found["detail"]) == ("같은 제목입니다", "제목: owl")
    assert found["instance"] == f"/notes/{note}/title"
    problem(await desk.change(note, ""), 422, "title_required")


async def test_a_fault_of_ours_says_so_and_no_more(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    answer = await desk.change(note, "bug")
    problem(answer, 500, "bug")
    assert "the test asked" not in answer.text


async def test_unavailable_says_when_to_come_again(desk: Desk) -> None:
    desk.engine.down = Unavailable("partition_stopped", 7.2)
    answer = await desk.write()
    problem(answer, 503, "partition_stopped")
    assert answer.headers["retry-after"] == "7"


async def test_the_store_away_is_unavailable(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(desk.engine.memory, "state", away)
    problem(await desk.read("/notes/n-1"), 503, "unavailable")


async def test_an_error_nobody_expected(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(desk.engine.memory, "state", broken)
    answer = await desk.read("/notes/n-1")
    problem(answer, 500, "internal_error")
    assert "secret" not in answer.text


# --- queries


async def test_reading_with_a_version_at_hand(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    answer = await desk.read(f"/notes/{note}")
    assert answer.json()["title"] == "owl" and answer.headers["etag"] == '"2"'
    assert "Authorization" in answer.headers["vary"] and "private" in answer.headers["cache-control"]
    same = await desk.read(f"/notes/{note}", If_None_Match='"1", W/"2"')
    assert same.status_code == 304 and not same.content and same.headers["etag"] == '"2"'
    assert (await desk.read(f"/notes/{note}", If_None_Match='"1"')).status_code == 200


async def test_what_one_may_not_see_looks_like_what_does_not_exist(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]

    def same(response: httpx.Response) -> dict[str, Any]:
        return problem(response, 404, "not_found") | {"instance": ""}

    for path in ("/notes/{}", "/notes/{}/history"):
        foreign = await desk.read(path.format(note), "p-2", If_None_Match='"2"')
        assert same(foreign) == same(await desk.read(path.format("n-0"), "p-2"))
        assert "etag" not in foreign.headers
    assert same(await desk.change(note, "x", person="p-2")) == same(await desk.change("n-0", "x"))
    assert (await desk.read(f"/notes/{note}", "p-9", "auditor")).status_code == 200


async def test_stale_reads_say_so(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    assert "x-owlbus-stale" not in (await desk.read(f"/notes/{note}")).headers
    desk.engine.stopped = True
    for path in (f"/notes/{note}", f"/notes/{note}/history", "/notes"):
        assert (await desk.read(path)).headers["x-owlbus-stale"] == "true"


async def test_lists_page_by_cursor(desk: Desk) -> None:
    mine = {(await desk.write(str(n))).json()["id"] for n in range(5)}
    await desk.write(person="p-2")
    found: list[str] = []
    cursor, pages = "", 0
    while cursor is not None:
        page = (await desk.read(f"/notes?limit=2{cursor and '&cursor='}{cursor}")).json()
        found += [item["id"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert set(found) == mine and len(found) == 5 and pages == 3
    for bad in ("limit=0", "limit=201", "limit=x", "cursor=", f"cursor={'x' * 401}"):
        assert problem(await desk.read(f"/notes?{bad}"), 422, "invalid_request")["errors"][0]["in"] == "query"


async def test_history_shows_what_the_role_may_see_and_pages(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    for title in "abc":
        await desk.change(note, title)
    events = (await desk.read(f"/notes/{note}/history")).json()
    assert [e["type"] for e in events["items"]] == ["desk.NoteWritten"] + ["desk.NoteChanged"] * 3
    assert events["next"] is None
    first = events["items"][0]
    source = f"desk/{partition_of(note, 4)}"
    assert first["id"] == f"{source}/1" and first["actor"] == {"id": "p-1", "role": "author"}
    assert first["data"]["title"] == "owl" and first["time"].endswith("Z")
    everything = (await desk.read(f"/notes/{note}/history", "p-9", "auditor")).json()
    assert [e["type"] for e in everything["items"]][1] == "desk.NoteRead"
    paged: list[Any] = []
    after = 0
    while after is not None:
        page = (await desk.read(f"/notes/{note}/history?limit=2&after={after}")).json()
        paged += page["items"]
        after = page["next"]
    assert paged == events["items"]


async def test_history_is_of_one_aggregate_although_others_share_its_key(desk: Desk) -> None:
    note = (await desk.write()).json()["id"]
    last: Entry = desk.engine.memory.entries[-1]
    other = Entry(last.sequence + 1, last.value, last.topic, 0, note, f"vote/{note}/p-2", ())
    desk.engine.memory.entries.append(other)
    assert len((await desk.read(f"/notes/{note}/history")).json()["items"]) == 1


# --- who may


async def test_roles(desk: Desk) -> None:
    problem(await desk.client.post("/notes", json={"title": "x"}), 401, "token_missing")
    refused = await desk.client.post("/notes", json={"title": "x"}, headers=desk.headers("p-1", "operator"))
    assert problem(refused, 403, "forbidden")["facts"] == {"roles": ["author", "citizen"]}
    headers = desk.headers("p-1", "citizen", "author", X_Owlbus_Role="citizen")
    await desk.client.post("/notes", json={"title": "x"}, headers=headers)
    assert desk.engine.calls[0].actor.role == "citizen"
    problem(await desk.write(X_Owlbus_Role="citizen"), 403, "forbidden")
    missing = await desk.client.post("/notes", json={}, headers=desk.headers("p-1", "operator"))
    problem(missing, 403, "forbidden")


async def test_a_401_says_how(desk: Desk) -> None:
    answer = await desk.client.get("/notes", headers={"Authorization": "Bearer x.y.z"})
    problem(answer, 401, "token_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_every_operation_names_its_roles(desk: Desk) -> None:
    roles = roles_of(desk.app)
    documented = {
        (method.upper(), path): tuple(operation["x-roles"])
        for path, methods in desk.app.openapi()["paths"].items()
        for method, operation in methods.items()
    }
    assert documented == roles
    assert roles["POST", "/notes"] == ("author", "citizen") and roles["POST", "/ops/redrive"] == ("operator",)


def test_a_route_without_roles_stops_the_start(desk: Desk) -> None:
    router = APIRouter()

    @router.get("/open")
    async def door() -> str:  # pyright: ignore[reportUnusedFunction]
        return "open"

    with pytest.raises(ValueError, match="/open names no roles"):
        _app(desk, router)


def test_a_role_that_does_not_exist() -> None:
    for roles in ((), ("autor",), ("system",)):
        with pytest.raises(ValueError, match="names its roles"):
            allow(*roles)


def test_no_issuer_no_start(desk: Desk) -> None:
    with pytest.raises(SettingsError):
        build_app(desk.engine, [], Settings.read({}), metrics=Metrics("desk"))


def _app(desk: Desk, router: APIRouter) -> FastAPI:
    settings = Settings.read({"OWLBUS_ISSUER_JWKS": str(desk.issuer.jwks)})
    return build_app(desk.engine, [router], settings, metrics=Metrics("desk"))


# --- bad input


@pytest.mark.parametrize(
    "content", [b"{", b'{"title": "a",}', b"\xff\xfe\xfa", b"[" * 100_000, b'{"a": ' + b"9" * 5_000]
)
async def test_malformed_json(desk: Desk, content: bytes) -> None:
    problem(await desk.post(content), 400, "malformed_body")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "title", "missing"),
        ({"title": "x", "owner": "p-2"}, "owner", "extra_forbidden"),
        ({"title": "x" * 501}, "title", "string_too_long"),
        ({"title": 7}, "title", "string_type"),
        ({"title": None}, "title", "string_type"),
        ({"title": "x", "rows": [{"number": 1}, {"number": 0}]}, "rows.1.number", "greater_than_equal"),
        ([], "", "model_attributes_type"),
        ({"title": "a\0b"}, "title", "invalid_character"),
        ({"title": "\ud83d"}, "title", "invalid_character"),
        ({"title": "x", "rows": [{"n\0": 1}]}, "rows.0.n?", "invalid_character"),
        ({"title": "x", "rows": [{"number": 2**63}]}, "rows.0.number", "number_too_large"),
    ],
)
async def test_fields_that_are_not_as_they_must_be(desk: Desk, body: Any, field: str, code: str) -> None:
    found = problem(await desk.post(json.dumps(body).encode()), 422, "invalid_request")
    assert (found["errors"][0]["field"], found["errors"][0]["code"]) == (field, code)
    assert not desk.engine.calls


async def test_the_limit_is_told_and_the_text_is_not_repeated(desk: Desk) -> None:
    answer = await desk.post(json.dumps({"title": "주민번호" * 500}).encode())
    assert problem(answer, 422, "invalid_request")["errors"][0]["limits"] == {"max_length": 500}
    assert "주민번호" not in answer.text and len(answer.text) < 1_000


async def test_many_errors_are_cut(desk: Desk) -> None:
    answer = await desk.post(json.dumps({"title": "x", "rows": [{}] * 5_000}).encode())
    assert len(problem(answer, 422, "invalid_request")["errors"]) == 50


async def test_deep_nesting(desk: Desk) -> None:
    problem(await desk.post(b'{"title": ' + b"[" * 400 + b"]" * 400 + b"}"), 422, "invalid_request")


async def test_nul_in_another_encoding_and_raw_surrogates(desk: Desk) -> None:
    for content in ('{"title": "a\\u0000"}'.encode("utf-16"), b'{"title": "\xed\xa0\x80"}'):
        problem(await desk.post(content), 422, "invalid_request")


async def test_what_only_looks_like_nul_is_text(desk: Desk) -> None:
    answer = await desk.post(json.dumps({"title": "\\u0000 한글 🦉 <b>"}).encode())
    assert answer.status_code == 201 and answer.json()["title"] == "\\u0000 한글 🦉 <b>"


async def test_nul_in_addresses(desk: Desk) -> None:
    problem(await desk.read("/notes/a%00b"), 422, "invalid_request")
    problem(await desk.read("/notes?cursor=a%00b"), 422, "invalid_request")


async def test_bodies_over_the_limit(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    headers = desk.headers() | {"Content-Type": "application/json"}
    for content in (b'{"title": "' + b"x" * MAX_BODY_BYTES, endless()):
        answer = await desk.client.post("/notes", content=content, headers=headers)
        found = problem(answer, 413, "body_too_large")
        assert found["facts"] == {"limit": MAX_BODY_BYTES} and str(MAX_BODY_BYTES) in found["detail"]


async def test_other_media_types_and_addresses(desk: Desk) -> None:
    problem(await desk.post(b"title=x", "application/x-www-form-urlencoded"), 415, "unsupported_media_type")
    problem(await desk.post(b'{"title": "x"}', "text/plain"), 415, "unsupported_media_type")
    problem(await desk.read("/nowhere"), 404, "no_such_route")
    answer = await desk.client.delete("/notes")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


# --- what every service has


async def test_health_metrics_and_documents_are_public(desk: Desk) -> None:
    for path in PUBLIC - {"/"}:
        answer = await desk.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (await desk.client.get("/health/live")).json()["status"] == "ok"
    ready = (await desk.client.get("/health/ready")).json()
    details = {"partitions": [0, 1, 2, 3], "stopped": {"2": "older_store"}}
    assert ready == {"status": "degraded", "degraded": ["kafka"], "details": details}
    assert "owlbus_transaction_seconds_bucket" in (await desk.client.get("/metrics")).text
    desk.engine.down = Unavailable()
    assert (await desk.client.get("/health/ready")).status_code == 503


async def test_pages_need_no_network(desk: Desk) -> None:
    docs = (await desk.client.get("/docs")).text
    assert "/notes/{note_id}/title" in docs and "author, citizen" in docs and "title: string" in docs
    browser = await desk.client.get("/asyncapi", headers={"Accept": "text/html,*/*"})
    assert browser.headers["content-type"].startswith("text/html") and "desk.NoteWritten" in browser.text
    for page in (docs, browser.text):
        assert "<script" not in page and "http://" not in page and "https://" not in page
    assert (await desk.client.get("/asyncapi")).json()["asyncapi"] == "3.0.0"


async def test_the_quarantine_shows_no_content(desk: Desk) -> None:
    answer = await desk.read("/ops/quarantine", "p-9", "operator")
    (held,) = answer.json()["items"]
    assert (held["partition"], held["kind"], held["topic"], held["offset"]) == (1, "bug", "desk.events", 7)
    assert "personal" not in answer.text
    assert (await desk.read("/ops/quarantine?partition=0", "p-9", "operator")).json() == {"items": []}
    problem(await desk.read("/ops/quarantine?partition=4", "p-9", "operator"), 404, "not_found")
    problem(await desk.read("/ops/quarantine"), 403, "forbidden")


async def test_redrive(desk: Desk) -> None:
    headers = desk.headers("p-9", "operator")
    answer = await desk.client.post("/ops/redrive", json={"key": "n-1"}, headers=headers)
    assert answer.json() == {"target_id": "n-1", "done": 0, "left": 0, "reason": ""}


async def test_services_own_queries_stand_on_the_caller(desk: Desk) -> None:
    router = APIRouter()

    @router.get("/me")
    async def me(caller: Annotated[Caller, allow("author")]) -> Response:  # pyright: ignore[reportUnusedFunction]
        stored, visible = await caller.state(desk.engine.deciders.by_name["note"], caller.actor.id)
        return Response(f"{stored.version} {visible['id']} {caller.clock.now():%Y}")

    transport = httpx.ASGITransport(_app(desk, router))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        problem(await client.get("/me", headers=desk.headers()), 404, "not_found")


async def test_the_service_lives_within_the_app(desk: Desk) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncGenerator[None]:
        seen.append("up")
        yield
        seen.append("down")

    client = httpx.AsyncClient()
    settings = Settings.read({"OWLBUS_ISSUER_JWKS": str(desk.issuer.jwks)})
    app = build_app(
        desk.engine,
        [],
        settings,
        metrics=Metrics("desk"),
        lifespan=life,
        forwarder=Forwarder(0.3, client),
    )
    async with app.router.lifespan_context(app):
        assert seen == ["up"] and not client.is_closed
    assert seen == ["up", "down"] and client.is_closed
