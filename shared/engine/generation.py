"""Generations: the numbers of partitions that a deployment has had, and what lies where because of them.

Pure. When N grows, the home of a key may change; what was said stays where it was said. So the events of a key, and all
that the states of a partition add up to, lie in segments: of each generation, a stretch of a source's log. Invariant
(tests/property/test_repartition.py): read in order, they are exactly the events of that key, or of the keys that live
there now, in the order in which they happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd

from shared.engine.partition import partition_of


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that is over: how many partitions it had, and the last number of each source when it ended."""

    count: int
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the log of source `number`: what stands behind `after`, up to `until` (None: to its end).

    `shift` turns numbers into positions, which grow from one generation to the next, whatever source continues.
    """

    number: int
    after: int
    until: int | None
    shift: int = 0

    def behind(self, position: int) -> int | None:
        """The number behind which to read for what stands behind `position`; None where nothing here does."""
        after = max(self.after, position - self.shift)
        return None if self.until is not None and after >= self.until else after


def segments_of_key(generations: Sequence[Generation], count: int, key: str) -> tuple[Segment, ...]:
    """Where the events of the aggregates with this key lie, in the order in which they happened."""
    return tuple(one for one in _all(generations, count) if one.number == partition_of(key, one.count))


def segments_of_partition(generations: Sequence[Generation], count: int, number: int) -> tuple[Segment, ...]:
    """Where events of keys lie that now live in partition `number` of `count`, a key's own in their order.

    Events of other keys lie there too. Under N and M partitions a key's homes agree modulo their greatest common
    divisor, so most segments need not be read.
    """
    return tuple(one for one in _all(generations, count) if (one.number - number) % gcd(one.count, count) == 0)


@dataclass(frozen=True, slots=True)
class _Stretch(Segment):
    """A segment, and the number of partitions at its time."""

    count: int = 0


def _all(generations: Sequence[Generation], count: int) -> Iterator[_Stretch]:
    starts: tuple[int, ...] = ()
    base = 0
    for generation in generations:
        longest = 0
        for number, end in enumerate(generation.ends):
            start = starts[number] if number < len(starts) else 0
            longest = max(longest, end - start)
            yield _Stretch(number, start, end, base - start, generation.count)
        starts, base = generation.ends, base + longest
    for number in range(count):
        start = starts[number] if number < len(starts) else 0
        yield _Stretch(number, start, None, base - start, count)
