"""The jars of Apache Kafka: which, and where they lie on this machine.

`kafka.lock` names every jar by Maven coordinates and SHA-256, without saying where it comes from. What is fetched is
checked before it enters the cache and again before every use, so neither a mirror nor the cache need be trusted.

    python -m deploy.embedded.jars        fetches what is missing
    python -m deploy.embedded.jars lock   resolves the coordinates again and writes kafka.lock
"""

import fcntl
import hashlib
import os
import sys
import tempfile
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.process import EmbeddedError

LOCK = Path(__file__).with_name("kafka.lock")
# The broker with all it needs, and the smallest thing that writes its log.
ROOTS = ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36")
ATTEMPTS = 3


@dataclass(frozen=True)
class Jar:
    """One jar: its coordinates, and the hash of the only bytes that are it."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def cache_directory() -> Path:
    """Where jars are kept, for all clones of this user (`OWLBUS_CACHE` moves it)."""
    chosen = os.environ.get("OWLBUS_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(base) / "owlbus"


def locked_jars() -> list[Jar]:
    """What the lock file names."""
    jars: list[Jar] = []
    for line in LOCK.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            jars.append(Jar(*coordinates.split(":"), sha256=sha256.removeprefix("sha256=")))
    return jars


def classpath() -> list[Path]:
    """Every jar of the lock, verified, fetched first where it is missing. Safe in several processes at once."""
    return fetched(locked_jars())


def fetched(jars: Sequence[Jar]) -> list[Path]:
    """These jars, verified, fetched first where they are missing."""
    directory = cache_directory() / "jars"
    missing = [jar for jar in jars if not _is_right(directory / jar.file_name, jar)]
    if missing:
        directory.mkdir(parents=True, exist_ok=True)
        with _only_one(directory / ".lock"):
            missing = [jar for jar in missing if not _is_right(directory / jar.file_name, jar)]
            if missing:
                print(f"fetching {len(missing)} jars for Apache Kafka (once)", file=sys.stderr, flush=True)
                _fetch(missing, directory)
    return [directory / jar.file_name for jar in jars]


def write_lock() -> None:
    """Resolve the roots and all they need, fetch them, and write down what they are."""
    import jgo  # noqa: PLC0415

    resolved: dict[tuple[str, str], str] = {}
    for root in ROOTS:
        artifacts: list[Any] = jgo.resolve(root)
        for artifact in artifacts:
            resolved.setdefault((artifact.groupId, artifact.artifactId), str(artifact.version))
    with tempfile.TemporaryDirectory() as scratch:
        lines: list[str] = []
        for (group, name), version in sorted(resolved.items()):
            path = _download(Jar(group, name, version, ""), Path(scratch))
            lines.append(f"{group}:{name}:{version} sha256={_sha256(path)}\n")
    head = f"# {', '.join(ROOTS)} and all they need.\n# Written by `python -m deploy.embedded.jars lock`.\n"
    LOCK.write_text(head + "".join(lines), encoding="ascii")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_right(path: Path, jar: Jar) -> bool:
    return path.exists() and _sha256(path) == jar.sha256


@contextmanager
def _only_one(path: Path) -> Generator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch(jars: list[Jar], directory: Path) -> None:
    def one(jar: Jar) -> None:
        path = _download(jar, Path(scratch))
        if (found := _sha256(path)) != jar.sha256:
            raise EmbeddedError(f"{jar} is not what the lock file says: expected {jar.sha256}, got {found}")
        path.replace(directory / jar.file_name)

    with tempfile.TemporaryDirectory(dir=directory) as scratch, ThreadPoolExecutor(4) as pool:
        for _ in pool.map(one, jars):
            pass


def _download(jar: Jar, scratch: Path) -> Path:
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=scratch, timeout=60)
    problem = "not found"
    for _ in range(ATTEMPTS):
        try:
            component = context.project(jar.group, jar.artifact).at_version(jar.version)
            return Path(component.artifact(packaging="jar").resolve())
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
    raise EmbeddedError(f"cannot fetch {jar} from the Maven index: {problem}")


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        write_lock()
    else:
        print(f"{len(classpath())} jars verified in {cache_directory() / 'jars'}")
