"""Which faults when: a plan that a seed and the minutes decide alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.faults import ALL, MIXED, OUTLIVES, Fault, Killed, Moved

KILLS = 50
"""Of a full run, alone and mixed."""

CALM = (0.5, 3.0)
"""Seconds between one fault's end and the next one's beginning."""

OVERHEAD_SECONDS = 8.0
"""About what a step takes beside what it holds."""


@dataclass(frozen=True)
class Step:
    """Faults that happen together, `calm` seconds after the one before; `seed` is what they leave to chance."""

    faults: tuple[type[Fault], ...]
    calm: float
    seed: str

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.faults[0].name if len(self.faults) == 1 else "mixed"

    @property
    def promised(self) -> float | None:
        """Within how many seconds it is to be over; None where nothing is promised, as for a mixture."""
        return self.faults[0].promised if len(self.faults) == 1 else None

    @property
    def what(self) -> str:
        """Its faults by name."""
        return " + ".join(fault.name for fault in self.faults)


def make_plan(seed: int, minutes: float, wanted: Sequence[type[Fault]] = ALL) -> list[Step]:
    """Each wanted fault once, in any order; then kills and mixtures while there is time, up to 50 kills."""
    chance = random.Random(f"plan/{seed}")
    once = chance.sample(list(wanted), len(wanted))
    # What rewrites history comes last: everything before it is judged by its own.
    once.sort(key=lambda fault: fault in OUTLIVES)
    steps: list[tuple[type[Fault], ...]] = [(fault,) for fault in once]
    left = minutes * 60 - sum(map(_seconds, steps))
    kinds = [fault for fault in (Killed, Moved) if fault in wanted]
    partners = [fault for fault in wanted if fault in MIXED]
    kills = sum(fault in kinds for fault in once)
    more: list[tuple[type[Fault], ...]] = []
    while kinds and kills < KILLS:
        step: tuple[type[Fault], ...] = (kinds[kills % len(kinds)],)
        if partners and kills % 3 == 0:
            step = (chance.choice(partners), *step)
        left -= _seconds(step)
        if left < 0:
            break
        more.append(step)
        kills += 1
    chance.shuffle(more)
    early = [step for step in steps if step[0] not in OUTLIVES]
    late = [step for step in steps if step[0] in OUTLIVES]
    ordered = [*early, *more, *late]
    return [Step(step, chance.uniform(*CALM), f"{seed}/{number}") for number, step in enumerate(ordered)]


def _seconds(step: Sequence[type[Fault]]) -> float:
    return max(fault.hold for fault in step) + OVERHEAD_SECONDS
