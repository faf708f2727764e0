"""`owlbus import` as people run it, against the real service on a socket: exit codes, account, a kill in between."""

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from typer.testing import CliRunner

from owlbus.errors import OwlbusError
from owlbus.imports.template import write_template
from owlbus.main import app
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from shared.intake.mapping import Kind
from tests.support.cli import ROOT, environment
from tests.support.house import House

IDEA_COUNT, VOTE_COUNT = 20, 600
VOTES_MAP = """
kind: votes
source: 제안 대장
key: "{file}/{row}"
row:
  source_id: {column: 제안}
  voter_id: {column: 사람}
  choice: {column: 표, values: {공감: endorse, 보류: pass}}
  voted_at: {moment: 때, epoch: milliseconds}
"""


class Gate:
    """Lets so many requests in; the next ones wait until it opens, or for ever."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.left = 1_000
        self.stuck = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.left -= 1
            if self.left < 0:
                self.stuck.set()
                await self.open.wait()
        await self._app(scope, receive, send)


class Served:
    """A house whose ideas service listens on a port, and the command line that is pointed at it."""

    def __init__(self, house: House, gate: Gate, url: str) -> None:
        self.house = house
        self.gate = gate
        token = house.issuer.mint("p-5", ["receiver"])
        self._environment = environment(OWLBUS_IDEAS_URL=url, OWLBUS_TOKEN=token)

    async def start(self, *arguments: str | Path) -> asyncio.subprocess.Process:
        """Start `owlbus import` with these arguments."""
        pipe = asyncio.subprocess.PIPE
        command = [sys.executable, "-m", "owlbus", "import", *map(str, arguments)]
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=self._environment, stdout=pipe, stderr=pipe)

    async def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit code, output and what is said beside it; of a run to its end, in this process."""
        result = await asyncio.to_thread(
            CliRunner().invoke, app, ["import", *map(str, arguments)], env=self._environment
        )
        said = str(result.exception) if isinstance(result.exception, OwlbusError) else result.stderr
        return result.exit_code, result.stdout, said


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """The ideas service on a free port."""
    house = await House(tmp_path / "house", IDEAS).open()
    gate = Gate(house.apps["ideas"])
    server = uvicorn.Server(uvicorn.Config(gate, port=0, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(house, gate, f"http://127.0.0.1:{port}")
    gate.open.set()
    server.should_exit = True
    await running


async def test_taken_then_known_then_refused_with_its_account(served: Served, tmp_path: Path) -> None:
    files = write_template(Kind.IDEAS, tmp_path, example=True)
    call = ("ideas", files.workbook, "--map", files.mapping, "--report", tmp_path / "report.csv")
    tried = await served.run(*call, "--dry-run")
    assert tried[0] == 0 and "would be taken" in tried[1] and not served.house.topics
    code, out, err = await served.run(*call)
    assert code == 0 and "taken now" in out and "sending 3 rows" in err
    code, out, _ = await served.run(*call, "--json")
    account = json.loads(out)
    assert (code, account["done"], account["known"], account["ok"]) == (0, 0, 3, True)

    bad = tmp_path / "bad.csv"
    header = "접수번호,제목,구분,분야,소관부서,내용,제안자,제출일,접수일,공감 수"
    bad.write_text(f"{header}\r\n9,제목,개선,,plaza,,p-1,어제,,\r\n", "cp949")
    code, out, _ = await served.run("ideas", bad, "--map", files.mapping, "--report", tmp_path / "report.csv")
    assert code == 1 and "not_a_date" in out and "bad.csv, 2, 제출일" in out
    (row,) = csv.DictReader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines())
    assert (row["파일 file"], row["행 row"], row["열 column"]) == ("bad.csv", "2", "제출일")


async def test_a_mapping_of_another_kind_or_a_broken_file_is_said_in_one_line(served: Served, tmp_path: Path) -> None:
    files = write_template(Kind.IDEAS, tmp_path, example=True)
    code, _, err = await served.run("votes", files.workbook, "--map", files.mapping)
    assert code == 1 and "is a mapping for ideas" in err
    (tmp_path / "a.csv").write_bytes(b"\xb0\xa1,b\n\xff\xff,1\n")
    code, _, err = await served.run("ideas", tmp_path / "a.csv", "--map", files.mapping, "--lang", "en")
    assert code == 1 and "Neither UTF-8 nor CP949" in err and "line 2, byte 1" in err


async def test_killed_in_between_and_run_again_everything_is_in_once(served: Served, tmp_path: Path) -> None:
    await _ideas(served)
    votes = tmp_path / "votes.csv"
    lines = (f"{n % IDEA_COUNT},v-{n},공감,{1_560_000_000_000 + n}\n" for n in range(VOTE_COUNT))
    votes.write_text("제안,사람,표,때\n" + "".join(lines), "utf-8")
    (tmp_path / "votes.yaml").write_text(VOTES_MAP, "utf-8")
    call = ("votes", votes, "--map", tmp_path / "votes.yaml", "--report", tmp_path / "report.csv", "--json")

    served.gate.left = 2
    process = await served.start(*call)
    await asyncio.wait_for(served.gate.stuck.wait(), 60)
    while not _votes(served):
        await asyncio.sleep(0.01)
    process.kill()
    await process.communicate()
    served.gate.left = 1_000

    code, out, _ = await served.run(*call)
    account = json.loads(out)
    assert code == 0 and account["done"] + account["known"] == VOTE_COUNT and 0 < account["known"] < VOTE_COUNT
    assert _votes(served) == VOTE_COUNT


def _votes(served: Served) -> int:
    """Votes in the log."""
    return sum(value.count(b'"type":"ideas.VoteCast"') for values in served.house.topics.values() for value in values)


async def _ideas(served: Served) -> None:
    lines = (
        {
            "key": f"제안 대장/{number}",
            "source": "제안 대장",
            "source_id": str(number),
            "pack": "open-call",
            "kind": "create",
            "department": "plaza",
            "sections": {"content": ""},
            "authors": [{"person_id": "p-1", "share": "100"}],
            "submitted_on": "2019-01-02",
            "received_on": "2019-01-02",
        }
        for number in range(IDEA_COUNT)
    )
    answers = await served.house.send_lines(Actor("p-5", "receiver"), "/ideas/imports", lines)
    assert {answer["outcome"] for answer in answers} == {"done"}
