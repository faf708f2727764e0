"""Minutes of chaos with seeds: kills, a crash, a cut link; what an operator must repair. Nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.chaos.faults import BY_NAME
from tests.chaos.plan import Step
from tests.chaos.report import Report
from tests.chaos.run import run_plan
from tests.support.cli import processes_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

SEED = 5
FAULTS = ("kill -9, same id", "crash at after_publish", "link to MongoDB cut", "kill -9, new place")
REPAIRED = ("older dump restored", "Kafka's data lost")
"""With this seed it is the store of `evaluation` that comes back older, under whose scores all courses wait."""


@pytest.mark.parametrize("faults", [FAULTS, REPAIRED], ids=["what heals itself", "what the runbooks repair"])
async def test_a_minute_of_chaos(tmp_path: Path, faults: tuple[str, ...]) -> None:
    plan = [Step((BY_NAME[name],), 1.0, f"{SEED}/{number}") for number, name in enumerate(faults)]
    report = Report(SEED, 1.0, rate=2.0)
    await run_plan(tmp_path, plan, report)
    assert report.ok, report.document()
    assert [(row.fault, row.times, row.accepted > 0) for row in report.rows[:-1]] == [(n, 1, True) for n in faults]
    assert report.totals["503 without Retry-After"] == 0
    assert processes_of(tmp_path) == []
