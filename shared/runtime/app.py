"""Running a service as a process: settings, machine, HTTP."""

import argparse
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from shared.runtime.http import build_app
from shared.runtime.machine import Machine
from shared.runtime.memory import keep_freed_memory
from shared.runtime.service import Service
from shared.runtime.settings import Settings, SettingsError
from shared.runtime.start import collect_seldom
from shared.runtime.store.mongo import MongoStore
from shared.runtime.telemetry import configure_logging

log = structlog.get_logger("app")


def run(service: Service) -> None:
    """Serve until told to stop. Ends with 2 where the settings make no sense or fit no store, 1 where a loop failed."""
    keep_freed_memory()
    arguments = _arguments(service)
    try:
        settings = Settings.read(os.environ)
        if arguments.settings:
            print("\n".join(f"{name}={value}" for name, value in settings.describe().items()))
            return
        configure_logging(service.name, settings.instance, settings.log_level)
        sys.exit(_serve(service, settings))
    except SettingsError as error:
        print(f"{service.name} can't start: {error}", file=sys.stderr)
        sys.exit(2)


def _arguments(service: Service) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}",
        description=f"Run one replica of the service '{service.name}'. Everything else is set in the environment.",
    )
    about = "print the settings in force, without secrets, and stop"
    parser.add_argument("--settings", action="store_true", help=about)
    return parser.parse_args()


def _serve(service: Service, settings: Settings) -> int:
    failures: list[str] = []
    refused: list[str] = []

    def failed(reason: str) -> None:
        failures.append(reason)
        server.should_exit = True

    store = MongoStore(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database or f"owlbus_{service.name}",
        appname=f"{service.name}/{settings.instance}",
    )
    machine = Machine(service, settings, store, failed)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncGenerator[None]:
        collect_seldom()
        try:
            await machine.start()
        except ValueError as error:
            refused.append(str(error))
            raise
        log.info("started", **{name.lower(): value for name, value in settings.describe().items()})
        try:
            yield
        finally:
            await machine.stop()

    app = build_app(
        machine,
        [service.router],
        settings,
        metrics=machine.metrics,
        texts=service.texts,
        lifespan=life,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=int(settings.drain_timeout) + 5,
        )
    )
    try:
        server.run()
    except SystemExit:  # as uvicorn ends where the start failed
        if refused:
            raise SettingsError(refused[0]) from None
        raise
    return 1 if failures or not server.started else 0
