"""What the name of a field suggests: people, departments, and what must fit a pack to be taken at all.

These are the only figures of the walk that are not read off the code. What they miss shows as an event that no walk
reached, which the tests do not allow.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from shared.engine.aggregate import State
from shared.engine.asking import Asking
from shared.rules.calibration import AssignmentKind
from shared.rules.pack import Pack

PEOPLE = tuple(f"p-{number}" for number in range(1, 13))
"""The first two write ideas; the others judge, decide and organise."""

JUDGES = PEOPLE[2:]
DEPARTMENTS = ("d-1", "d-2")

HALF = 0.5

IDEAS = ("i-1", "i-2")

ROLES = ("author", "receiver", "department", "rater", "chair", "award_officer", "panelist", "group_lead", "citizen")

AUTHORS: tuple[list[dict[str, str]], ...] = (
    [{"person_id": "p-1", "share": "60"}, {"person_id": "p-2", "share": "40"}],
    [{"person_id": "p-1", "share": "100"}],
)


def suggested(name: str, state: State, pack: Pack, random: Random) -> Any:
    """A value for the field `name`, or None where its name suggests nothing."""
    match name:
        case "pack":
            return pack.id
        case "year":
            return 2026
        case "interests" | "withheld" | "order" | "prizes" if random.random() < HALF:
            return []
        case "idea_id":
            return random.choice(IDEAS)
        case "ideas":
            return list(IDEAS)
        case "drawn":
            return random.choice(list(AssignmentKind)).value
        case "name":
            return "2026"
        case "stage" | "requested" | "following" | "concludes":
            return random.choice(pack.evaluation.stages).code
        case "authors":
            return random.choice(AUTHORS)
        case "authority":
            return {"document_no": "기획-1", "approver": "p-12", "capacity": "전결", "at": "2026-03-02"}
        case "category_id":
            return f"{pack.id}.2026.{random.choice(pack.awards.categories).code}"
        case "grade":
            return random.choice(pack.awards.categories[0].grades).code
        case "panel" | "non_officials":
            return list(PEOPLE)
        case "points":
            scale = pack.awards.panel.ballot_scale.value
            return str(random.choice((scale.min, scale.max)))
        case "ground":
            return random.choice(_grounds(pack))
        case "sections":
            return {section.key: "글" for section in pack.ideas.sections}
        case "given":
            return _given(state)
        case "missing":
            return [pack.ideas.sections[0].key]
        case "scores":
            return _scores(state, pack, random)
        case "members" | "attendees":
            return random.sample(PEOPLE, random.choice((3, 8)))
        case "raters":
            return _people(state, random)
        case "ask_id":
            return random.choice([ask.id for ask in state.asked]) if isinstance(state, Asking) and state.asked else None
        case _:
            return None


def _grounds(pack: Pack) -> Sequence[str]:
    declared = [ground.code for ground in pack.evaluation.conflicts.declared]
    return [*(ground.code for ground in pack.ideas.grounds), *declared]


def _scores(state: State, pack: Pack, random: Random) -> list[dict[str, str]]:
    stage = pack.evaluation.stage(str(getattr(state, "stage", "")))
    criteria = stage.criteria if stage else ()
    ends = random.choice(("min", "max"))
    return [
        {"criterion": one.code, "points": str(getattr(one.scale.value, ends)), "reason": "까닭"} for one in criteria
    ]


def _given(state: State) -> list[dict[str, Any]] | None:
    """Raters for the ideas of an assignment that is asked for: the first ones who may, from elsewhere first."""
    asked: Any = state
    if not isinstance(state, Asking) or not hasattr(state, "given"):
        return None
    return [
        {
            "idea_id": idea.idea_id,
            "raters": [
                rater.person_id
                for rater in sorted(asked.raters, key=lambda one: one.department == idea.department)
                if rater.person_id not in idea.conflicts
            ][: idea.raters],
        }
        for idea in asked.ideas
    ]


def _people(state: State, random: Random) -> Any:
    signed = [one.person_id for one in getattr(state, "statements", ())]
    if signed and random.random() < HALF:
        return signed
    return random.sample(JUDGES, random.choice((3, 4, 7, 8)))
