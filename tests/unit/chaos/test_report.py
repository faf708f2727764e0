"""What a run says of itself."""

import io

from rich.console import Console

from tests.chaos.faults import BY_NAME
from tests.chaos.plan import Step
from tests.chaos.report import Phase, Report
from tests.chaos.run import told

SAME, NEW = "kill -9, same id", "kill -9, new place"


def _phase(number: int, faults: tuple[str, ...], seconds: float) -> Phase:
    step = Step(tuple(BY_NAME[name] for name in faults), 0.0, "")
    return Phase(number, step.name, step.what, seconds, promised_s=step.promised)


def test_both_kinds_of_kill_stand_in_the_table_with_their_percentile_and_what_is_promised() -> None:
    report = Report(5, 1.0, 2.0)
    report.phases += [_phase(n, (SAME,), 1.0 + n / 64) for n in range(40)]
    report.phases += [_phase(40, (NEW,), 7.5), _phase(41, ("link to MongoDB cut", NEW), 19.0)]
    rows = {row.fault: row for row in report.rows}
    assert (rows[SAME].recovery_s, rows[SAME].recovery_max_s, rows[SAME].promised_s) == (1.578125, 1.609375, 2.0)
    assert (rows[NEW].recovery_s, rows[NEW].promised_s, rows["mixed"].promised_s) == (7.5, 8.0, None)
    printed = io.StringIO()
    report.print(Console(file=printed, width=140))
    told = printed.getvalue().splitlines()
    assert told[1].split()[-6:] == ["1.6", "s", "1.6", "s", "2.0", "s"]
    assert told[2].split()[-6:] == ["7.5", "s", "7.5", "s", "8.0", "s"]


def test_a_restart_of_the_broker_is_counted_and_said_in_the_line_of_its_step() -> None:
    report = Report(5, 1.0, 2.0, totals={"requests": 3})
    once, twice, never = (_phase(n, ("Kafka killed",), 30.0) for n in range(3))
    once.restarts, twice.restarts = 1, 2
    report.phases += [once, twice, never]
    assert told(once, 3) == "  1/3 Kafka killed: well again after 30.0 s, repaired by a restart of the broker"
    assert told(twice, 3).endswith(", repaired by a restart of the broker (2 times)")
    assert told(never, 3) == "  3/3 Kafka killed: well again after 30.0 s"
    assert report.document()["totals"]["repaired by a restart of the broker"] == 3
    printed = io.StringIO()
    report.print(Console(file=printed, width=140))
    assert "requests 3, repaired by a restart of the broker 3" in printed.getvalue()
    assert report.ok
