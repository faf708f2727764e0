"""How well edited copies of real petitions are found again, under two packs' thresholds: precision and recall, printed.

Precision is strict: whatever is shown beside the very original counts as wrong, though some petitions of the source are
copies of one another.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from services.ideas.duplicates import INDEX, LOOKED_AT, content_of, similarity, sketch
from shared.engine.projection import Row
from shared.rules.loader import pack
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout
from tests.unit.ideas.support import OPEN_CALL, SEOUL

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "kr_petitions"
ORIGINALS = 40
LEAST_CHARACTERS = 150
LEAST_RECALL = {
    ("paraphrased", SEOUL): 0.75,
    ("paraphrased", OPEN_CALL): 0.2,
    ("mixed", SEOUL): 0.75,
    ("mixed", OPEN_CALL): 0.4,
}
"""What says the same in other words shares few runs of characters; a lower threshold finds more of it."""
SYLLABLES = "가나다라마바사아자차카타파하은는이를의에고며도만"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real petitions are not here (../shared/data)")


@dataclass(frozen=True)
class Petition:
    """What somebody wrote."""

    title: str
    content: str

    @property
    def text(self) -> str:
        """As it is compared."""
        return content_of(self.title, [self.content])


@cache
def petitions() -> tuple[Petition, ...]:
    files = [file.read_text("utf-8") for file in sorted(DATA.glob("*.jsonl"))]
    rows = [json.loads(line) for text in files for line in text.split("\n") if line]
    return tuple(Petition(row["title"], row["content"]) for row in rows)


Edit = Callable[[Petition, random.Random], Petition]


def sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.?!\n])\s*", text) if one]


def typos(one: Petition, chance: random.Random) -> Petition:
    """One character in thirty is lost, doubled or another one."""

    def typed(character: str) -> str:
        match chance.randrange(90):
            case 0:
                return ""
            case 1:
                return character * 2
            case 2:
                return chance.choice(SYLLABLES)
            case _:
                return character

    return Petition(one.title, "".join(map(typed, one.content)))


def spacing(one: Petition, chance: random.Random) -> Petition:
    """A third of the spaces are gone, others are new, and Hangul is decomposed."""

    def spaced(character: str) -> str:
        if character == " ":
            return "" if chance.random() < 0.3 else " "
        return f"{character} " if chance.random() < 0.05 else character

    return Petition(one.title, "".join(map(spaced, one.content)))


def swapped(one: Petition, chance: random.Random) -> Petition:
    """All sentences are there, in another order."""
    return Petition(one.title, " ".join(chance.sample(parts := sentences(one.content), len(parts))))


WORDS = {
    "합니다": "해요",
    "입니다": "이다",
    "있습니다": "있다",
    "없습니다": "없다",
    "그리고": "또한",
    "하지만": "그러나",
}


def paraphrased(one: Petition, chance: random.Random) -> Petition:
    """Every other sentence has its words in another order, other endings, and every fifth word is gone."""

    def said_otherwise(sentence: str) -> str:
        words = sentence.split()
        chance.shuffle(words)
        words = [word for word in words if chance.random() < 0.8]
        text = " ".join(words)
        for word, other in WORDS.items():
            text = text.replace(word, other)
        return text

    parts = sentences(one.content)
    return Petition(one.title, " ".join(said_otherwise(part) if chance.random() < 0.5 else part for part in parts))


def mixed(one: Petition, chance: random.Random) -> Petition:
    """A third of the sentences are replaced by those of other petitions, which it then resembles, too."""
    others = petitions()

    def other() -> str:
        found = sentences(chance.choice(others).content)
        return chance.choice(found) if found else ""

    kept = [other() if chance.random() < 0.33 else part for part in sentences(one.content)]
    return Petition(one.title, " ".join(kept))


def left_out(one: Petition, chance: random.Random) -> Petition:
    """Half of it is missing."""
    parts = sentences(one.content)
    most = max(1, len(parts) // 2)
    begin = chance.randrange(len(parts) - most + 1)
    return Petition(one.title, " ".join(parts[begin : begin + most]))


def retitled(one: Petition, chance: random.Random) -> Petition:
    """The same text under a title of another one."""
    return Petition(chance.choice(petitions()).title, one.content)


def all_at_once(one: Petition, chance: random.Random) -> Petition:
    """Another title, a part missing, other order, spacing and typing errors."""
    for edit in (retitled, left_out, swapped, spacing, typos):
        one = edit(one, chance)
    return one


EDITS: tuple[Edit, ...] = (typos, spacing, swapped, paraphrased, mixed, left_out, retitled, all_at_once)


@dataclass
class Score:
    """Of one kind of edit: copies, those whose original was shown, where it came first, and all that was shown."""

    copies: int = 0
    found: int = 0
    first: int = 0
    shown: int = 0

    @property
    def recall(self) -> float:
        """Copies whose original was shown."""
        return self.found / self.copies

    @property
    def precision(self) -> float:
        """Originals among all that was shown."""
        return self.found / self.shown if self.shown else 1.0


async def index() -> MemoryStore:
    store = MemoryStore()
    await store.prepare(Layout("ideas", (), 1, {}, (INDEX,)))
    rows = {at + 1: (INDEX, Row(str(at), sketch(one.text))) for at, one in enumerate(petitions())}
    await store.advance(INDEX.name, 0, rows, 0, len(rows))
    return store


async def similar(store: MemoryStore, copy: Petition) -> list[tuple[Decimal, int]]:
    """What a search compares the copy with, the most alike first."""
    near = [int(match.id) for match in await store.nearest(INDEX, sketch(copy.text), limit=LOOKED_AT)]
    return sorted(((similarity(copy.text, petitions()[at].text), at) for at in near), reverse=True)


def shown(found: Sequence[tuple[Decimal, int]], pack_id: str) -> list[int]:
    """What the office is shown under a pack."""
    asked = pack(pack_id).ideas.duplicates
    return [at for alike, at in found if alike >= asked.similar_from.value][: asked.shown_max.value]


@pytest.mark.timeout(300)
async def test_edited_copies_of_real_petitions_are_found_again(capsys: pytest.CaptureFixture[str]) -> None:
    store = await index()
    chance = random.Random(7)
    long_enough = [at for at, one in enumerate(petitions()) if len(one.text) >= LEAST_CHARACTERS]
    chosen = chance.sample(long_enough, ORIGINALS)
    scores = {(edit.__name__, pack_id): Score() for edit in EDITS for pack_id in (SEOUL, OPEN_CALL)}
    for edit in EDITS:
        for original in chosen:
            found = await similar(store, edit(petitions()[original], chance))
            for pack_id in (SEOUL, OPEN_CALL):
                score, seen = scores[edit.__name__, pack_id], shown(found, pack_id)
                score.copies += 1
                score.found += original in seen
                score.first += seen[:1] == [original]
                score.shown += len(seen)
    with capsys.disabled():
        print("\n" + "\n".join(_table(scores)))
    for (edit, pack_id), score in scores.items():
        if edit != "mixed":  # what it was mixed with is found, too, and rightly
            assert score.precision >= 0.9, (edit, pack_id)
        assert score.recall >= LEAST_RECALL.get((edit, pack_id), 0.9), (edit, pack_id)
    loose, strict = (sum(scores[edit.__name__, one].found for edit in EDITS) for one in (SEOUL, OPEN_CALL))
    assert loose > strict, "the pack's threshold decides"


def _table(scores: dict[tuple[str, str], Score]) -> list[str]:
    lines = [f"{'edit':<13} {'pack':<14} {'from %':>6} {'copies':>6} {'recall':>7} {'first':>6} {'precision':>9}"]
    for (edit, pack_id), score in scores.items():
        least = pack(pack_id).ideas.duplicates.similar_from.value
        first = score.first / score.copies
        lines.append(
            f"{edit:<13} {pack_id:<14} {least:>6} {score.copies:>6} {score.recall:>7.3f} {first:>6.3f} "
            f"{score.precision:>9.3f}"
        )
    return lines
