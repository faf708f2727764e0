"""The states behind a past round, folded from the topics of a running stack. Only reads, outside every group."""

from collections.abc import Iterable

from owlbus.audit.fold import ServiceFold
from owlbus.errors import OwlbusError
from owlbus.running import HOME, settings_of_tools
from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.aggregate import State
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, TopicReader

SERVICES = (IDEAS, EVALUATION, AWARDS)


class Past:
    """What three services know, folded from records in any order of sources."""

    def __init__(self, partitions: int) -> None:
        self._folds = [ServiceFold(one.name, one.aggregates, partitions) for one in SERVICES]

    def add(self, records: Iterable[Record]) -> None:
        """Take some records; each fold passes over those of others."""
        for record in records:
            for fold in self._folds:
                fold.add(record)

    def states(self) -> list[State]:
        """All states. OwlbusError where the log can't be folded, for then nothing follows from it."""
        for fold in self._folds:
            for (name, id), reason in fold.unfoldable.items():
                raise OwlbusError(f"{name}/{id} can't be folded: {reason}; see `owlbus log verify`")
        return [folded.stored.state for fold in self._folds for folded in fold.states.values()]


async def past() -> list[State]:
    """Read all topics once. Raises TopicsUnfit, KafkaUnavailable."""
    access = Access(settings_of_tools(HOME), "owlbus-pack")
    found = Past(access.settings.partitions)
    async with TopicReader(access, [topic for one in SERVICES for topic in one.own_topics]) as reader:
        async for records in reader.to_end(in_step=True):
            found.add(records)
    return found.states()
