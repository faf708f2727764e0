"""What the three public data sets hold, counted twice: straight from their files, and from what the services answer.

The two counts share no code: the first reads the files with the standard library alone, the second asks the public APIs
and the log.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from owlbus.client import Acting
from owlbus.demo.account import Account

PETITIONS, CONSULTATIONS, REVIEWS = "kr_petitions", "polis", "si_ideation"
SETS = (PETITIONS, CONSULTATIONS, REVIEWS)

FIGURES = (
    *("ideas", "screened_in", "screened_out", "screening_open"),
    *("vote_rows", "votes", "endorse", "object", "pass", "reviews", "second_reviews"),
)
"""What is counted, in this order."""

TOLERANCE = 1e-9
"""As far apart may two means of the same scores be."""

FIRST, SECOND = "ideation", "execution"
_CRITERIA = {
    FIRST: ("novelty", "feasibility", "effectiveness", "excitement", "overall"),
    SECOND: ("novelty", "excitement", "soundness", "effectiveness", "codebase_quality", "overall", "faithfulness"),
}
_CHOICES = {"1": "endorse", "-1": "object", "0": "pass"}

Means = dict[tuple[str, str, str], float]
"""Mean per stage, idea as its source calls it, and criterion."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures by name, and the means of every criterion of every reviewed idea."""

    figures: dict[str, int]
    means: Means


def compare(account: Account, found: Counted, wanted: Counted) -> None:
    """Put both counts into the account, and a fault for every figure and mean that is not what the files hold."""
    account.counted, account.wanted = found.figures, wanted.figures
    for name in FIGURES:
        if found.figures[name] != wanted.figures[name]:
            account.fault_list.append(f"{name}: {found.figures[name]} where the files have {wanted.figures[name]}")
    for place in sorted(wanted.means.keys() | found.means.keys()):
        mean, expected = found.means.get(place), wanted.means.get(place)
        if mean is None or expected is None or abs(mean - expected) > TOLERANCE:
            account.fault_list.append(f"mean of {'/'.join(place)}: {mean} where the file has {expected}")


# --- straight from the files


def of_files(directory: Path) -> Counted:
    """What the files below `directory` hold."""
    statements = [row for file in _tables(directory, "comments.csv") for row in _rows(file)]
    moderated = Counter(row["moderated"] for row in statements)
    rows, choices = _votes(directory)
    first = _columns(directory / REVIEWS / "reviews_ideation.json")
    second = _columns(directory / REVIEWS / "reviews_execution.json")
    reviewed = {_id(review) for review in first}
    figures = {
        "ideas": _petitions(directory) + len(statements) + len(reviewed),
        "screened_in": moderated["1"],
        "screened_out": moderated["-1"],
        "screening_open": moderated["0"],
        "vote_rows": rows,
        "votes": choices.total(),
        **{choice: choices[choice] for choice in _CHOICES.values()},
        "reviews": len(first),
        "second_reviews": len(second),
    }
    return Counted(figures, _means(FIRST, first) | _means(SECOND, second))


def _tables(directory: Path, name: str) -> list[Path]:
    return sorted((directory / CONSULTATIONS).glob(f"*/{name}"))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _petitions(directory: Path) -> int:
    files = (directory / PETITIONS).glob("*.jsonl")
    return sum(bool(line.strip()) for file in files for line in file.read_text("utf-8").split("\n"))


def _votes(directory: Path) -> tuple[int, Counter[str]]:
    """How many rows there are, and what the latest of each person on each statement says."""
    rows = 0
    latest: dict[tuple[str, str, str], tuple[int, str]] = {}
    for file in _tables(directory, "votes.csv"):
        for row in _rows(file):
            rows += 1
            place, at = (file.parent.name, row["voter-id"], row["comment-id"]), int(row["timestamp"])
            if place not in latest or at >= latest[place][0]:
                latest[place] = (at, row["vote"])
    return rows, Counter(_CHOICES[vote] for _, vote in latest.values())


def _columns(file: Path) -> list[dict[str, Any]]:
    columns: dict[str, list[Any]] = json.loads(file.read_text("utf-8"))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _id(review: Mapping[str, Any]) -> str:
    return "".join(review["idea_id"].split())


def _means(stage: str, reviews: Iterable[Mapping[str, Any]]) -> Means:
    points: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for review in reviews:
        for criterion in _CRITERIA[stage]:
            value = review.get(f"{criterion}_score", review.get(criterion))
            points[stage, _id(review), criterion].append(float(value))
    return {place: fmean(values) for place, values in points.items()}


# --- from the services


async def of_services(auditor: Acting, types: Mapping[str, int]) -> Counted:
    """What the public APIs answer; `types` counts the events of the log, where every vote ever cast still stands."""
    ideas = await auditor.items("ideas", "/ideas?limit=200")
    names = {idea["id"]: idea["origin"]["id"] for idea in ideas}
    statements = [idea for idea in ideas if idea["origin"]["label"].startswith(f"{CONSULTATIONS}/")]
    stages = Counter(idea["stage"] for idea in statements)
    choices: Counter[str] = Counter()
    for idea in statements:
        choices.update((await auditor.get("ideas", f"/ideas/{idea['id']}/votes"))["votes"])
    first, second = [await auditor.items("evaluation", f"/evaluations?stage={s}&limit=200") for s in (FIRST, SECOND)]
    figures = {
        "ideas": (await auditor.get("ideas", "/funnel"))["ideas"],
        "screened_in": stages["under_evaluation"],
        "screened_out": stages["closed"],
        "screening_open": stages["received"],
        "vote_rows": types.get("ideas.VoteCast", 0),
        "votes": choices.total(),
        **{choice: choices[choice] for choice in _CHOICES.values()},
        "reviews": sum(len(one["sheets"]) for one in first),
        "second_reviews": sum(len(one["sheets"]) for one in second),
    }
    return Counted(figures, _disclosed(first, names) | _disclosed(second, names))


def _disclosed(evaluations: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Means:
    return {
        (one["stage"], names[one["idea_id"]], mean["criterion"]): float(mean["mean"])
        for one in evaluations
        for mean in one["means"]
    }
