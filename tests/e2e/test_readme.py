"""The calls that the README shows, made as they stand there."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from owlbus.client import until
from owlbus.docs import ROOT
from owlbus.fleet import Fleet
from owlbus.stack import running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PAGES = ("README.md", "README.ko.md")
# Between two services lie events: a person would look again, so curl does.
PATIENT = "curl --fail-with-body --retry 20 --retry-delay 1 --retry-all-errors"


def calls_of(page: str) -> str:
    """The block of shell that calls each service."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "ideas=http" in block)


def calling(fleet: Fleet, block: str) -> str:
    """The block for this fleet."""
    for port, service in enumerate(("ideas", "evaluation", "awards", "learning"), 8101):
        assert f"http://127.0.0.1:{port}" in block
        block = block.replace(f"http://127.0.0.1:{port}", fleet.of(service)[0].url)
    return block.replace("curl", PATIENT).replace(".venv/bin/owlbus", f"{sys.executable} -m owlbus")


def test_both_languages_show_the_same_calls() -> None:
    first, second = (
        "\n".join(line for line in calls_of(page).splitlines() if not line.startswith("#")) for page in PAGES
    )
    assert first == second


async def test_the_calls_of_the_readme_lead_from_submission_to_prize_and_spread(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, fleet):
        ran = await asyncio.to_thread(
            subprocess.run,
            ["bash", "-euo", "pipefail", "-c", calling(fleet, calls_of("README.md"))],
            cwd=ROOT,
            env=os.environ | {"OWLBUS_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-3_000:] + ran.stderr[-3_000:]
        async with fleet.api() as api:
            minji = api.acting("minji", "author")

            async def paid_and_told() -> bool:
                payments = await minji.items("awards", "/me/payments")
                notices = await minji.items("ideas", "/me/notices")
                told = {notice["notice"] for notice in notices}
                return [one["won"] for one in payments] == [600_000] and {"awarded", "spread"} <= told

            await until(paid_and_told, "prize and spread reach the author")
