"""What a run says of itself."""

import io

from rich.console import Console

from tests.chaos.faults import BY_NAME
from tests.chaos.plan import Step
from tests.chaos.report import Phase, Report

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
