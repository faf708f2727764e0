"""A log that real deciders wrote, for tests of the auditor's tools: all four services, some ideas, no servers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning.service import SERVICE as LEARNING
from shared.engine.aggregate import Aggregate, key_of
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.runtime.kafka.records import Record
from shared.runtime.store.documents import state_document
from tests.support.house import PARTITIONS, House, Topics
from tests.support.line import adopted_idea
from tests.unit.ideas.support import OPEN_CALL, RECEIVER, SEOUL, submission

CITIZEN = Actor("p-30", "citizen")


async def lived(directory: Path) -> tuple[House, list[str]]:
    """The four services after an adopted idea with a vote, and two more that were received; the ideas' ids."""
    house = await House(directory, IDEAS, EVALUATION, AWARDS, LEARNING).open()
    ids = [await adopted_idea(house, SEOUL, "9")]
    for number in range(2):
        wish = submission(OPEN_CALL, title=f"제안 {number}").model_dump(mode="json")
        idea = await house.must(Actor("p-1", "author", "d-1"), "POST", "/ideas", wish)
        ids.append(str(idea["id"]))
        await house.must(RECEIVER, "POST", f"/ideas/{ids[-1]}/receipt", {})
        await house.must(RECEIVER, "POST", f"/ideas/{ids[-1]}/completeness", {"outcome": "complete"})
        await house.must(CITIZEN, "PUT", f"/ideas/{ids[-1]}/vote", {"choice": "endorse"})
    return house, ids


def records_of(topics: Topics, *wanted: str) -> list[Record]:
    """What lies in the topics (all unless named), partition by partition."""
    return [
        Record(topic, partition, offset, None, value)
        for (topic, partition), values in sorted(topics.items())
        if not wanted or topic in wanted
        for offset, value in enumerate(values)
    ]


async def documents_of(house: House, service: str, aggregate: Aggregate) -> list[dict[str, Any]]:
    """The documents of one aggregate as the service's database holds them."""
    page = await house.rooms[service].reader.find(aggregate, {}, limit=1_000)
    return [state_document(partition_of(key_of(one.state.id), PARTITIONS), one.state.id, one) for one in page.items]


def without(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The document without a field."""
    return {key: value for key, value in document.items() if key != name}
