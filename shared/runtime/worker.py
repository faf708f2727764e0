"""A process that computes one thing and ends: `python -m shared.runtime.worker MODULE:FUNCTION`.

The question comes as one line of JSON, the answer goes out as JSON. One process for one computation: it can be ended at
any moment, gives its memory back, and harms nobody when it dies. It ends with whoever started it, also where that was
killed, for then its standard input closes.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, get_type_hints

from pydantic import BaseModel

NICENESS = 10
"""Those who wait for an answer of the service come first."""

SHOWN = 2_000
"""Characters of a dead worker's last words."""

MAX_ANSWER_BYTES = 64_000_000


class WorkerFailed(Exception):
    """A worker ended without an answer, or took too long."""


def name_of(compute: Callable[..., Any]) -> str:
    """How a worker is told of `compute`. Raises ValueError for what it could not import."""
    name = f"{compute.__module__}:{compute.__qualname__}"
    if "<" in name or compute.__module__ == "__main__":
        raise ValueError(f"a worker can't import {name}: computations are functions of a module")
    return name


async def work(compute: Callable[..., Any], question: BaseModel, seconds: float) -> bytes:
    """Have `compute` done in a process of its own; its answer as JSON. Raises WorkerFailed.

    The process is ended where the caller is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "shared.runtime.worker", name_of(compute)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        limit=MAX_ANSWER_BYTES,
    )
    assert process.stdin and process.stdout and process.stderr
    words = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(seconds):
            process.stdin.write(question.model_dump_json().encode() + b"\n")
            answer = await process.stdout.read()
            code = await process.wait()
    except TimeoutError:
        raise WorkerFailed(f"not within {seconds:g} s") from None
    except (BrokenPipeError, ConnectionResetError) as error:
        raise WorkerFailed(f"it ended before it was asked: {await _last(words)}") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()
    if code != 0:
        raise WorkerFailed(f"it ended with {code}: {await _last(words)}")
    words.cancel()
    return answer


async def _last(words: asyncio.Task[bytes]) -> str:
    return (await words).decode(errors="replace").strip()[-SHOWN:]


def _environment() -> dict[str, str]:
    """Where to find the code, and nothing that is secret. One thread each, for there may be as many as cores."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(part or os.getcwd() for part in sys.path)
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "PYTHONHASHSEED": "0", **single}


def main(name: str) -> None:
    """Answer the one question on standard input."""
    os.nice(NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    question = _line()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    module, _, function = name.partition(":")
    compute: Any = import_module(module)
    for part in function.split("."):
        compute = getattr(compute, part)
    wanted = next(hint for name, hint in get_type_hints(compute).items() if name != "return")
    found: BaseModel = compute(wanted.model_validate_json(question))
    answers.write(found.model_dump_json().encode())
    answers.close()


def _line() -> bytes:
    """One line of standard input, past Python's buffer, whose lock a thread would hold until the end."""
    parts: list[bytes] = []
    while not (parts and parts[-1].endswith(b"\n")) and (part := os.read(0, 1 << 20)):
        parts.append(part)
    return b"".join(parts)


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
