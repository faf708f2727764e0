"""The events that services are given to read: real contracts, written by the engine's own code, chained and numbered.

Texts are made up. Sizes are those of short ideas; where a size matters, `bytes_of` says what it is.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime

from shared.contracts.ideas import EvaluationRequested
from shared.contracts.learning import CaseAnswered
from shared.contracts.types import Author, Kind
from shared.engine.emit import Cause, Entry, Tip, write_entry
from shared.engine.message import Event, seal, system_actor
from shared.engine.partition import GENESIS, partition_of

PACK = "open-call"
STAGE = "review"
DEPARTMENT = "plaza"
TITLE = "늦은 밤 퇴근길을 잇는 버스 노선"
TEXT = "자정이 지나면 갈아탈 차가 없습니다. 통화량이 많은 곳을 이어 밤에만 다니는 노선을 만듭니다."
SYLLABLES = range(0xAC00, 0xD7A4)
PAST = date(2024, 3, 4)

Make = Callable[[int], Event]


class Source:
    """All partitions of one service as a writer: events get numbers, chains and places as its relay would give them."""

    def __init__(self, service: str, partitions: int) -> None:
        self.service = service
        self._partitions = partitions
        self._tips = {number: Tip(0, GENESIS, {}) for number in range(partitions)}

    def write(self, events: Iterable[Event]) -> Iterator[Entry]:
        """The events as entries of the log, each in the partition of its key."""
        now, actor = datetime.now(UTC), system_actor(self.service)
        for event in events:
            home = partition_of(event.partition_key, self._partitions)
            tip = self._tips[home]
            cause = Cause(f"command/{self.service}-{home}-{tip.sequence}", event.partition_key, actor, now)
            subject = f"{type(event).KEY.removesuffix('_id')}/{event.partition_key}"
            yield write_entry(f"{self.service}/{home}", self._partitions, tip, subject, 1, event, cause, "1/1")


def text_of(person: str) -> str:
    """A text as long as `TEXT` that nobody else writes: what reads alike would be compared at each receipt."""
    chance = random.Random(person)
    return " ".join("".join(map(chr, chance.choices(SYLLABLES, k=len(word)))) for word in TEXT.split())


def evaluation_requested(number: int) -> Event:
    """An idea of its own goes to evaluation: `evaluation` opens it and says so."""
    person = f"p-{number % 5000}"
    return EvaluationRequested(
        idea_id=f"idea-{number:08d}",
        stage=STAGE,
        pack=PACK,
        kind=Kind.IMPROVE,
        category="교통",
        department=DEPARTMENT,
        title=seal(TITLE, person),
        sections=seal({"content": TEXT}, person),
        authors=(Author.model_validate({"person_id": person, "share": "100"}),),
    )


def case_answered(idea_id: str, target: str) -> Event:
    """Another department takes an adopted idea over: `ideas` remembers it and tells the authors."""
    return CaseAnswered(
        idea_id=idea_id,
        target=target,
        answer="adopted",
        answered_by="p-77",
        answered_on=PAST,
        reason=seal("우리 구에도 같은 노선이 필요합니다.", idea_id),
    )


def bytes_of(entries: Iterable[Entry]) -> float:
    """Mean size of the events."""
    sizes = [len(entry.value) for entry in entries]
    return sum(sizes) / max(1, len(sizes))
