"""The gate before any correction for severity: when it holds, why not. Otherwise the calibrated score abstains.

Pure. With an assignment that is neither random nor linked, or with raters of the own department only, a correction
takes good ideas for lenient raters and makes results worse (domain 6); where nothing ties the raters together there is
nothing to compare them by. All thresholds are the pack's.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.contracts.evaluation_results import Abstention
from shared.rules.calibration import AssignmentKind, Calibration


@dataclass(frozen=True)
class Rated:
    """That a rater rated an idea, and whether the rater is of the department in charge of it."""

    idea: str
    rater: str
    own_department: bool = False


def abstentions(rules: Calibration, rated: Collection[Rated], assignment: AssignmentKind) -> tuple[Abstention, ...]:
    """Every reason against calibrating; none where it may be done."""
    return tuple(_reasons(rules, rated, assignment))


def _reasons(rules: Calibration, rated: Collection[Rated], assignment: AssignmentKind) -> Iterator[Abstention]:
    if not rated:
        yield Abstention(reason="nothing_rated")
        return
    if assignment not in rules.assignments.value and not _complete(rated):
        yield Abstention(reason="assignment_not_fair")
    parts = _parts(rated)
    if parts > 1:
        yield Abstention(reason="not_connected", allowed=Decimal(1), found=Decimal(parts))
    sparse_ideas = _below(Counter(one.idea for one in rated), rules.ratings_per_idea_min.value)
    if sparse_ideas > rules.sparse_max.value:
        yield Abstention(reason="too_few_per_idea", allowed=rules.sparse_max.value, found=_rounded(sparse_ideas))
    sparse_raters = _below(Counter(one.rater for one in rated), rules.ratings_per_rater_min.value)
    if sparse_raters > rules.sparse_max.value:
        yield Abstention(reason="too_few_per_rater", allowed=rules.sparse_max.value, found=_rounded(sparse_raters))
    own = _own_only(rated)
    if own > rules.own_department_max.value:
        yield Abstention(reason="own_department_only", allowed=rules.own_department_max.value, found=_rounded(own))


def _complete(rated: Collection[Rated]) -> bool:
    """Whether every rater rated every idea: nobody had others than anybody else, however they were named."""
    return len(rated) == len({one.idea for one in rated}) * len({one.rater for one in rated})


def _parts(rated: Collection[Rated]) -> int:
    """Into how many parts the graph falls in which a rater and an idea are tied where one rated the other."""
    leader: dict[tuple[str, str], tuple[str, str]] = {}

    def lead(node: tuple[str, str]) -> tuple[str, str]:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for one in rated:
        leader[lead(("idea", one.idea))] = lead(("rater", one.rater))
    return sum(node == above for node, above in leader.items())


def _below(number: Counter[str], least: int) -> Decimal:
    """Per cent of them with fewer than `least`."""
    return Decimal(100 * sum(count < least for count in number.values())) / len(number)


def _own_only(rated: Collection[Rated]) -> Decimal:
    """Per cent of ideas that nobody from outside the department in charge has rated."""
    ideas = {one.idea for one in rated}
    outside = {one.idea for one in rated if not one.own_department}
    return Decimal(100 * len(ideas - outside)) / len(ideas)


def _rounded(share: Decimal) -> Decimal:
    return share.quantize(Decimal("0.1"))
