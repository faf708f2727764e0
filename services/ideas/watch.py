"""The watch over refused ideas: whatever is adopted, handed over or entered as a policy is held against them.

It follows the log behind the index of duplicates and looks with the same texts, sketches and comparison
(services/ideas/duplicates.py). What reads alike is offered to the refused idea, which decides whether it counts.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.ideas.domain import IDEA
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.review_commands import NoteMatch
from services.ideas.domain.rules import rules
from services.ideas.domain.values import Stage
from services.ideas.duplicates import GIVEN_UP, INDEX, LOOKED_AT, METHOD, content_of, similarity, sketch
from shared.contracts.ideas import IdeaAdopted, IdeaSubmitted
from shared.contracts.ideas_decisions import Matched, PolicyRecorded
from shared.engine.aggregate import derive_id
from shared.engine.inputs import Call
from shared.engine.message import Event, system_actor
from shared.runtime.caller import fingerprint_of
from shared.runtime.engine_port import Engine, Unavailable
from shared.runtime.projector import Follower
from shared.runtime.store.protocol import Reader

BLOCK = 400
"""Characters of a text that are looked up by themselves, half of them again with the next: a policy says much besides
what an idea asked for."""
BLOCKS = 40
"""As many blocks of one text as are looked up."""


@dataclass(frozen=True)
class News:
    """Something that happened, as it is compared with refused ideas."""

    matched: Matched
    id: str
    on: date
    text: str


async def search(reader: Reader, news: News) -> list[tuple[Idea, Decimal]]:
    """Refused ideas that read like it, at least as much as their pack asks for, the most alike first."""
    near: dict[str, int] = {}
    for terms in await asyncio.to_thread(_sketches, news.text):
        for row in await reader.nearest(INDEX, terms, limit=LOOKED_AT + 1):
            id = row.id.partition("/")[0]
            near[id] = max(row.shared, near.get(id, 0))
    ids = sorted(near.keys() - {news.id}, key=lambda id: (-near[id], id))
    if not ids:
        return []
    page = await reader.find(IDEA, {"id": ids, "stage": Stage.REFUSED}, limit=len(ids))
    refused = [stored.state for stored in page.items if isinstance(stored.state, Idea)]
    return await asyncio.to_thread(_compared, news.text, refused)


def _sketches(text: str) -> list[tuple[int, ...]]:
    return [sketch(text), *(sketch(block) for block in _blocks(text))]


def _blocks(text: str) -> Iterator[str]:
    """Blocks of a long text; what fits into one is looked up as a whole already."""
    if len(text) > BLOCK:
        for at in range(0, min(len(text), BLOCKS * BLOCK // 2), BLOCK // 2):
            yield text[at : at + BLOCK]


def _compared(text: str, refused: Sequence[Idea]) -> list[tuple[Idea, Decimal]]:
    found = [(idea, similarity(text, content_of(idea.title.value, idea.sections.value.values()))) for idea in refused]
    fitting = [one for one in found if one[1] >= rules(one[0].pack).review.watch_similar_from.value]
    return sorted(fitting, key=lambda one: (-one[1], one[0].id))


async def after_news(engine: Engine, event_id: str, event: Event) -> None:
    """Hold an adoption, an output or a policy against the refused ideas, and tell those that read like it."""
    news = await _news_of(engine.reader, event)
    if news is None:
        return
    for idea, alike in await search(engine.reader, news):
        command = NoteMatch(
            matched=news.matched, matched_id=news.id, matched_on=news.on, similarity=alike, method=METHOD
        )
        call = Call(
            command_id=derive_id("watch", event_id, idea.id),
            fingerprint=fingerprint_of(command),
            aggregate=IDEA,
            id=idea.id,
            command=command,
            actor=system_actor(engine.service),
            time=engine.clock.now(),
        )
        answer = await engine.execute(call)
        if answer.code and answer.code not in GIVEN_UP:
            raise Unavailable(answer.code)


async def _news_of(reader: Reader, event: Event) -> News | None:
    """None for what is history, and for what people hand in themselves: that is no deed of the agency yet."""
    match event:
        case PolicyRecorded():
            text = content_of(event.title.value, (event.text.value,))
            return News("policy", event.policy_id, event.in_force_on, text)
        case IdeaSubmitted() if event.origin is not None and event.origin.kind == "group_output":
            text = content_of(event.title.value, event.sections.value.values())
            return News("output", event.idea_id, event.submitted_on, text)
        case IdeaAdopted() if event.origin is None or event.origin.kind != "import":
            stored = await reader.state(IDEA, event.idea_id)
            if stored is None or not isinstance(stored.state, Idea):
                return None
            text = content_of(stored.state.title.value, stored.state.sections.value.values())
            return News("adoption", event.idea_id, event.decided_on, text)
        case _:
            return None


WATCH = Follower("watch", frozenset({IdeaAdopted, IdeaSubmitted, PolicyRecorded}), after_news)
