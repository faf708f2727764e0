"""The calls that the README shows, to be made as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from owlbus.client import Api, until
from owlbus.docs import ROOT
from owlbus.fleet import SERVICES

# Between two services lie events: a person would look again, so curl does.
PATIENT = "curl --fail-with-body --retry 20 --retry-delay 1 --retry-all-errors"


def calls_of(page: str) -> str:
    """The block of shell that calls each service."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "ideas=http://127" in block)


def call(urls: Mapping[str, str], home: Path) -> None:
    """Make the calls of README.md at these addresses, with tokens of the issuer below `home`."""
    block = calls_of("README.md").replace("curl", PATIENT).replace(".venv/bin/owlbus", f"{sys.executable} -m owlbus")
    for port, service in enumerate(SERVICES, 8101):
        assert f"http://127.0.0.1:{port}" in block
        block = block.replace(f"http://127.0.0.1:{port}", urls[service])
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=ROOT,
        env=os.environ | {"OWLBUS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3_000:] + ran.stderr[-3_000:]


async def expect_prize_and_spread(api: Api) -> None:
    """What those calls lead to: the author is paid, and told of prize and spread."""
    minji = api.acting("minji", "author")

    async def paid_and_told() -> bool:
        payments = await minji.items("awards", "/me/payments")
        told = {notice["notice"] for notice in await minji.items("ideas", "/me/notices")}
        return [one["won"] for one in payments] == [600_000] and {"awarded", "spread"} <= told

    await until(paid_and_told, "prize and spread reach the author")
