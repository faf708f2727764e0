"""One run: servers, services, load; fault after fault; then silence, and the oracle."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.embedded.process import EmbeddedError
from owlbus.errors import OwlbusError
from tests.chaos.evidence import gather
from tests.chaos.ledger import Ledger, Outcome
from tests.chaos.load import Stream
from tests.chaos.oracle import judge
from tests.chaos.plan import Step
from tests.chaos.repair import restarting
from tests.chaos.report import Phase, Report
from tests.chaos.rig import Rig, rig

WARM_SECONDS = 3.0
COURSES_SECONDS = 240.0
DRAIN_SECONDS = 120.0

Say = Callable[[str], None]


async def run_plan(directory: Path, plan: Sequence[Step], report: Report, say: Say = lambda _: None) -> None:
    """Carry out a plan and fill the report in. Raises OwlbusError, EmbeddedError where nothing could be begun."""
    began = time.monotonic()
    ledger = Ledger(phase=-1)
    async with rig(directory) as ground:
        stream = Stream(ground.fleet, ledger, report.seed, report.rate)
        try:
            stream.start()
            await asyncio.sleep(WARM_SECONDS)
            for number, step in enumerate(plan):
                ledger.phase = number
                phase = await _carry_out(ground, number, step)
                phase.accepted = ledger.accepted(number)
                report.phases.append(phase)
                say(told(phase, len(plan)))
                if phase.failed and not await _is_well(ground):
                    break
            say(f"    {stream.under_way} courses are under way: waiting for rest")
            await _settle(ground, stream, report)
            say("    reading logs, topics and states")
            evidence = await gather(ground.fleet, ground.mongo.uri, ground.poison)
        finally:
            await stream.close()
    for phase in report.phases:
        phase.accepted = ledger.accepted(phase.number)
    report.findings = judge(ledger, evidence)
    report.totals = {
        "seconds": round(time.monotonic() - began, 1),
        "requests": len(ledger.asked),
        "accepted": ledger.count(Outcome.OK),
        "refused": ledger.count(Outcome.REFUSED),
        "unknown": ledger.count(Outcome.UNKNOWN),
        "retries": stream.retries,
        "503 without Retry-After": stream.answers.without_retry_after,
        "held back": stream.held_back,
        "events": evidence.events,
        "states compared": evidence.states,
        "load of the machine": round(os.getloadavg()[1], 1),
        "published again": evidence.check.chains.redelivered,
    }


async def _carry_out(ground: Rig, number: int, step: Step) -> Phase:
    phase = Phase(number, step.name, step.what, promised_s=step.promised)
    await asyncio.sleep(step.calm)
    faults = [kind(random.Random(f"{step.seed}/{kind.name}")) for kind in step.faults]
    phase.skipped = "; ".join(filter(None, (fault.missing() for fault in faults)))
    if phase.skipped:
        return phase
    try:
        for fault in faults:
            await fault.inject(ground)
        hold = max(fault.hold for fault in faults)
        await asyncio.sleep(hold)
        healing = time.monotonic()
        for fault in reversed(faults):
            await fault.heal(ground)
        struck = max(fault.since for fault in faults)
        since = max(struck, healing) if hold or not struck else struck
        for fault in faults:
            phase.restarts += await restarting(ground, fault.recovered(ground))
        phase.recovery_s = round(time.monotonic() - since, 2)
    except (OwlbusError, EmbeddedError, AssertionError, TimeoutError) as error:
        phase.failed = f"{type(error).__name__}: {error}"
    return phase


async def _is_well(ground: Rig) -> bool:
    """Whether a fault that failed left all well nevertheless."""
    try:
        await ground.recovered()
    except OwlbusError:
        return False
    return True


async def _settle(ground: Rig, stream: Stream, report: Report) -> None:
    """Let every course come to its end and everything be read; what does not come to rest is a failure."""
    rest = Phase(len(report.phases), "(rest)", "coming to rest")
    try:
        rest.restarts = await restarting(ground, _rest(ground, stream))
    except (OwlbusError, EmbeddedError, TimeoutError) as error:
        rest.failed = f"{type(error).__name__}: {error}"
    if rest.failed or rest.restarts:
        report.phases.append(rest)


async def _rest(ground: Rig, stream: Stream) -> None:
    async with asyncio.timeout(COURSES_SECONDS):
        await stream.finish()
    await ground.recovered()
    await ground.fleet.drained(seconds=DRAIN_SECONDS)


def told(phase: Phase, count: int) -> str:
    """The line of a step."""
    outcome = f"well again after {phase.recovery_s:.1f} s" if phase.recovery_s is not None else ""
    return f"{phase.number + 1:>3}/{count} {phase.what}: {phase.skipped or phase.failed or outcome}{phase.repaired}"
