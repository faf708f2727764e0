"""Finding ideas that read alike: an index that grows with the log, and a look at the texts of what it names.

Texts are compared as what is left of them in NFC without case, spaces and punctuation. Of each idea the index holds a
sketch: the smallest of the hashes of all runs of ten characters (a bottom-k sketch, Broder 1997), so that a part of a
text keeps a part of its sketch, wherever it moved to. What shares most of a sketch is compared as a whole: how many of
the shorter text's runs of four characters the longer one has, too. Very short texts have too few of those and are
compared letter by letter.

A search sees what was received before it. Of two ideas that are received at once, in different partitions, the one
whose entry is written later finds the other, and both are told.
"""

import asyncio
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from services.ideas.domain import IDEA
from services.ideas.domain.alike import NoteDuplicates
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.rules import rules
from services.ideas.domain.values import Stage
from shared.contracts.ideas import Alike, IdeaReceived, IdeaSubmitted
from shared.contracts.ideas_process import SupplementAnswered
from shared.engine.aggregate import derive_id
from shared.engine.inputs import Call
from shared.engine.message import Event, system_actor
from shared.engine.projection import Projection, Row
from shared.runtime.caller import fingerprint_of
from shared.runtime.engine_port import Engine, Unavailable
from shared.runtime.projector import Follower
from shared.runtime.store.protocol import Reader

METHOD = "char-ngrams-1"
"""Names how texts are prepared and compared; every finding bears it."""

SKETCH_GRAM = 10
SKETCH_SIZE = 64
GRAM = 4
SHORT = 40
"""Below as many characters single runs say too little."""
LOOKED_AT = 30
"""As many ideas as are compared as a whole."""
GIVEN_UP = ("awaiting_repair", "bug", "not_found")
"""Answers to a finding that trying again would not change: the finding is dropped, a search on demand remains."""


def normal(text: str) -> str:
    """A text as it is compared."""
    return "".join(c for c in unicodedata.normalize("NFC", text).casefold() if c.isalnum())


def content_of(title: str, sections: Iterable[str]) -> str:
    """All that an idea says, as it is compared."""
    return normal(" ".join((title, *sections)))


def grams(text: str, size: int) -> set[str]:
    """All runs of `size` characters; of a shorter text the text itself."""
    return {text[at : at + size] for at in range(max(1, len(text) - size + 1))} if text else set()


def sketch(text: str) -> tuple[int, ...]:
    """What the index knows of a text: the smallest hashes of its runs, as 64-bit numbers."""
    hashes = {hashlib.blake2b(gram.encode(), digest_size=8).digest() for gram in grams(text, SKETCH_GRAM)}
    return tuple(int.from_bytes(one, "big", signed=True) for one in sorted(hashes)[:SKETCH_SIZE])


def similarity(one: str, other: str) -> Decimal:
    """How alike two texts are that were made `normal`, in per cent with one decimal."""
    if min(len(one), len(other)) < SHORT:
        return _letters(one, other)
    ours, theirs = grams(one, GRAM), grams(other, GRAM)
    return _percent(len(ours & theirs) / min(len(ours), len(theirs)))


def _letters(one: str, other: str) -> Decimal:
    """How many of their letters stand in the same order, in per cent (normalised insertions and deletions)."""
    from rapidfuzz import fuzz  # noqa: PLC0415 (a start does without it)

    return _percent(fuzz.ratio(one, other) / 100 if one and other else 0.0)


def _percent(part: float) -> Decimal:
    return Decimal(f"{100 * part:.1f}")


def row_of(event: Event) -> Row | None:
    """The entry of a submitted idea in the index, or of what a supplement added to it."""
    match event:
        case IdeaSubmitted():
            return Row(event.idea_id, sketch(content_of(event.title.value, event.sections.value.values())))
        case SupplementAnswered():
            title = event.title.value if event.title else ""
            text = content_of(title, event.sections.value.values())
            return Row(f"{event.idea_id}/{event.number}", sketch(text))
        case _:
            return None


INDEX = Projection("alike", 2, frozenset({IdeaSubmitted, SupplementAnswered}), row_of)


async def search(reader: Reader, idea: Idea) -> list[tuple[Alike, Idea]]:
    """Received ideas that read alike, at least as much as the idea's pack asks for, the most alike first."""
    text = _content(idea)
    terms = await asyncio.to_thread(sketch, text)
    rows = await reader.nearest(INDEX, terms, limit=LOOKED_AT + 1)
    found = dict.fromkeys(row.id.partition("/")[0] for row in rows)
    near = [other for other in found if other != idea.id]
    if not near:
        return []
    page = await reader.find(IDEA, {"id": near[:LOOKED_AT]}, limit=LOOKED_AT)
    ideas = [stored.state for stored in page.items if isinstance(stored.state, Idea)]
    counted = [(one, one.received_on) for one in ideas if one.stage not in (Stage.WITHDRAWN, Stage.MERGED)]
    received = [(one, day) for one, day in counted if day is not None]
    return await asyncio.to_thread(_compared, idea, text, received)


def _compared(idea: Idea, text: str, others: Sequence[tuple[Idea, date]]) -> list[tuple[Alike, Idea]]:
    title, least = normal(idea.title.value), rules(idea.pack).duplicates.similar_from.value
    found = [
        (
            Alike(
                idea_id=other.id,
                received_on=received_on,
                similarity=similarity(text, _content(other)),
                title_similarity=_letters(title, normal(other.title.value)),
            ),
            other,
        )
        for other, received_on in others
    ]
    fitting = [one for one in found if one[0].similarity >= least]
    return sorted(fitting, key=lambda one: (-one[0].similarity, one[0].received_on, one[0].idea_id))


def _content(idea: Idea) -> str:
    return content_of(idea.title.value, idea.sections.value.values())


async def at_receipt(engine: Engine, event_id: str, event: Event) -> None:
    """Look for what reads alike once an idea is received, and tell it, and those that were received after it."""
    assert isinstance(event, IdeaReceived)
    if event.channel == "import":
        return  # history: nobody checks it any more, but what comes later is held against it
    stored = await engine.reader.state(IDEA, event.idea_id)
    if stored is None or not isinstance(stored.state, Idea):
        return
    found = await search(engine.reader, stored.state)
    if not found:
        return
    await _note(engine, event_id, event.idea_id, tuple(one for one, _ in found))
    for alike, other in found:
        if alike.received_on >= event.received_on:
            back = alike.model_copy(update={"idea_id": event.idea_id, "received_on": event.received_on})
            await _note(engine, event_id, other.id, (back,))


async def _note(engine: Engine, event_id: str, idea_id: str, candidates: tuple[Alike, ...]) -> None:
    command = NoteDuplicates(candidates=candidates, method=METHOD)
    call = Call(
        command_id=derive_id("duplicates", event_id, idea_id),
        fingerprint=fingerprint_of(command),
        aggregate=IDEA,
        id=idea_id,
        command=command,
        actor=system_actor(engine.service),
        time=engine.clock.now(),
    )
    answer = await engine.execute(call)
    if answer.code and answer.code not in GIVEN_UP:
        raise Unavailable(answer.code)


AT_RECEIPT = Follower("alike-at-receipt", frozenset({IdeaReceived}), at_receipt)
