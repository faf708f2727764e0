"""docker-compose.yml, brought up for real under a project name of its own and taken away again."""

import os
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 8


def docker(*arguments: str, seconds: float = 60.0, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Docker's command line to its end."""
    return subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        env=os.environ | {"COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "quiet"},
        input=text,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def why_not() -> str:
    """Why nothing can be tried with Docker here; empty where it can."""
    try:
        if docker("info").returncode:
            return "no Docker engine answers"
        return "no docker compose" if docker("compose", "version").returncode else ""
    except FileNotFoundError:
        return "there is no Docker here"


def has_image(name: str) -> bool:
    """Whether an image is here, without asking a registry."""
    return docker("image", "inspect", name).returncode == 0


@dataclass
class Compose:
    """One project. `without` names services that stay away, for their images can't be had."""

    directory: Path
    without: Sequence[str] = ()
    project: str = field(default_factory=lambda: f"owlbus-test-{uuid4().hex[:8]}")
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        absent = [f"  {service}: {{profiles: [absent]}}\n" for service in self.without]
        anywhere = "  prometheus: {ports: !override ['127.0.0.1::9090']}\n"
        self._override = self.directory / "override.yml"
        self._override.write_text("services:\n" + "".join([anywhere, *absent]))

    def __call__(self, *arguments: str, what: str = "", text: str = "") -> str:
        """Run `docker compose …`; what it printed. `what` keeps the time it took. AssertionError where it fails."""
        files = ["-p", self.project, "-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override)]
        started = time.monotonic()
        ran = docker("compose", *files, *arguments, seconds=MINUTES * 60, text=text)
        if what:
            self.seconds[what] = round(time.monotonic() - started, 1)
        assert ran.returncode == 0, f"docker compose {' '.join(arguments)}:\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"
        return ran.stdout

    def url(self, service: str, port: int = 8080, index: int = 1) -> str:
        """Where a replica of a service is published on this machine."""
        return "http://" + self("port", "--index", str(index), service, str(port)).strip()

    def logs(self) -> str:
        """What all containers said last."""
        return self("logs", "--tail", "15", "--no-color")


@contextmanager
def project(directory: Path, without: Sequence[str] = ()) -> Generator[Compose]:
    """A project that is gone afterwards, with all its volumes."""
    compose = Compose(directory, without)
    try:
        yield compose
    finally:
        compose("--profile", "tools", "down", "-v", "--remove-orphans", "-t", "20", what="down -v")
        took = ", ".join(f"{what} {seconds} s" for what, seconds in compose.seconds.items())
        print(f"\n{compose.project}: {took}")
