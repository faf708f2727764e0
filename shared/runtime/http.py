"""The HTTP app around one service's routes: documents, health, metrics, errors, limits."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from shared.runtime import operations, pages
from shared.runtime.asyncapi import asyncapi_document
from shared.runtime.auth import Verifier, verifier_of
from shared.runtime.caller import Edge, edge_of, reply
from shared.runtime.crowd import InTurn
from shared.runtime.engine_port import Engine, Report, Unavailable
from shared.runtime.forward import Forwarder
from shared.runtime.middleware import MAX_BODY_BYTES, LimitBody, SecurityHeaders
from shared.runtime.openapi import PUBLIC, document, roles_of
from shared.runtime.problems import Problem, Problems, Texts, field_errors, problem_of_status
from shared.runtime.settings import Settings
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.telemetry import Metrics

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_app(
    engine: Engine,
    routers: Iterable[APIRouter],
    settings: Settings,
    *,
    metrics: Metrics,
    texts: Texts | None = None,
    verifier: Verifier | None = None,
    forwarder: Forwarder | None = None,
    lifespan: Lifespan | None = None,
    version: str = "0.1.0",
) -> FastAPI:
    """The app. Raises SettingsError without an issuer, ValueError where a route names no roles."""
    edge = Edge(
        engine,
        verifier or verifier_of(settings),
        forwarder or Forwarder(settings.forward_timeout),
        Problems(texts),
    )
    app = FastAPI(
        title=f"Owlbus {engine.service}",
        version=version,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(edge, lifespan),
    )
    app.state.edge = edge
    for router in (*routers, operations.router, _public(engine, metrics)):
        app.include_router(router)
    _handle_errors(app)
    app.add_middleware(LimitBody)
    app.add_middleware(InTurn, problems=edge.problems, exempt=PUBLIC)
    app.add_middleware(SecurityHeaders)
    roles_of(app)
    app.openapi = lambda: _once(app)
    return app


def _once(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document(app)
    return app.openapi_schema


def _lifespan(edge: Edge, inner: Lifespan | None) -> Lifespan:
    @asynccontextmanager
    async def around(app: FastAPI) -> AsyncGenerator[None]:
        try:
            async with inner(app) if inner else nullcontext():
                yield
        finally:
            await edge.forwarder.close()

    return around


# --- routes that every service has


def _public(engine: Engine, metrics: Metrics) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @cache
    def asyncapi() -> dict[str, Any]:
        # Made when it is first asked for, as OpenAPI's is: a start does not wait for it.
        return asyncapi_document(engine.deciders)

    @router.get("/health/live")
    async def live(request: Request) -> Response:
        return _health(edge_of(request).engine.live())

    @router.get("/health/ready")
    async def ready(request: Request) -> Response:
        return _health(edge_of(request).engine.ready())

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        return HTMLResponse(pages.operations(request.app.openapi()))

    @router.get("/asyncapi")
    async def events(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(pages.events(asyncapi()))
        return JSONResponse(asyncapi())

    return router


def _health(report: Report) -> Response:
    status = "failing" if not report.ok else "degraded" if report.degraded else "ok"
    body = {"status": status, "degraded": list(report.degraded), "details": dict(report.details)}
    return reply(body, 200 if report.ok else 503)


# --- errors


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(Unavailable, _on_unavailable)
    app.add_exception_handler(StoreUnavailable, _on_store_unavailable)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)


def _answer(request: Request, problem: Problem) -> Response:
    language = request.headers.get("accept-language", "")
    return edge_of(request).problems.response(problem, language, request.url.path)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error)


async def _on_unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unavailable)
    seconds = str(max(1, round(error.retry_after)))
    return _answer(request, Problem(error.code, headers={"Retry-After": seconds}))


async def _on_store_unavailable(request: Request, error: Exception) -> Response:
    return await _on_unavailable(request, Unavailable())


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if errors and errors[0]["type"] == "json_invalid":
        return _answer(request, Problem("malformed_body", errors=field_errors(errors)))
    if isinstance(error.body, bytes):
        return _answer(request, Problem("unsupported_media_type"))
    return _answer(request, Problem("invalid_request", errors=field_errors(errors)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    facts = {"limit": MAX_BODY_BYTES} if error.status_code == 413 else None
    problem = problem_of_status(error.status_code, facts)
    problem.headers |= error.headers or {}
    return _answer(request, problem)


async def _on_bug(request: Request, error: Exception) -> Response:
    return _answer(request, Problem("internal_error"))
