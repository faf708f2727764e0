"""The calls that the README shows, made as they stand there."""

import asyncio
from pathlib import Path

import pytest

from owlbus.fleet import SERVICES
from owlbus.stack import running
from tests.support.readme import call, calls_of, expect_prize_and_spread

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PAGES = ("README.md", "README.ko.md")


def test_both_languages_show_the_same_calls() -> None:
    first, second = (
        "\n".join(line for line in calls_of(page).splitlines() if not line.startswith("#")) for page in PAGES
    )
    assert first == second


async def test_the_calls_of_the_readme_lead_from_submission_to_prize_and_spread(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, fleet):
        await asyncio.to_thread(call, {service: fleet.of(service)[0].url for service in SERVICES}, tmp_path)
        async with fleet.api() as api:
            await expect_prize_and_spread(api)
