"""The demo's mapping files read all of the real data: the counts are those of the files."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from shared.intake.mapping import load
from shared.intake.take import Intake, take

ROOT = Path(__file__).resolve().parents[3]
MAPS = ROOT / "owlbus" / "demo" / "maps"
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not here (../shared/data)")


@cache
def taken(name: str) -> Intake:
    """A data set through one of its maps."""
    folder = {"petitions": "kr_petitions", "polis": "polis", "expert": "si_ideation"}[name.split(".", maxsplit=1)[0]]
    return take(load(MAPS / f"{name}.yaml"), [DATA / folder])


@pytest.mark.parametrize(
    ("name", "rows", "lines", "skipped", "repeated"),
    [
        ("petitions.ideas", 1208, 1208, 0, 0),
        ("polis.ideas", 251, 251, 0, 0),
        ("polis.votes", 52_992, 52_992, 0, 0),
        ("polis.decisions", 251, 230, 21, 0),
        ("expert.ideas", 337, 147, 0, 190),
        ("expert.scores", 337, 337, 0, 0),
        ("expert.second_scores", 181, 181, 0, 0),
    ],
)
def test_every_row_is_accounted_for(name: str, rows: int, lines: int, skipped: int, repeated: int) -> None:
    intake = taken(name)
    assert (intake.rows, len(intake.lines)) == (rows, lines)
    assert (intake.skipped, intake.repeated) == (skipped, repeated)
    assert not intake.refused and not intake.notes


def test_ideas_without_a_title_and_reviews_that_name_an_idea() -> None:
    ideas = {line.body["source_id"]: line.body["title"] for line in taken("expert.ideas").lines}
    assert sum(not title for title in ideas.values()) == 49
    for name, reviewed in (("expert.scores", 147), ("expert.second_scores", 43)):
        found = {line.body["source_id"] for line in taken(name).lines}
        assert len(found) == reviewed and found <= set(ideas)


def test_choices_outcomes_and_criteria() -> None:
    choices = Counter(line.body["choice"] for line in taken("polis.votes").lines)
    assert choices == {"endorse": 32_752, "object": 12_957, "pass": 7_283}
    outcomes = Counter(line.body["outcome"] for line in taken("polis.decisions").lines)
    assert outcomes == {"complete": 129, "closed": 101}
    assert {len(line.body["scores"]) for line in taken("expert.scores").lines} == {5}
    assert {len(line.body["scores"]) for line in taken("expert.second_scores").lines} == {7}


def test_texts_are_as_long_as_they_are_written() -> None:
    assert max(len(line.body["sections"]["content"]) for line in taken("petitions.ideas").lines) == 25_710
