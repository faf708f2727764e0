"""The scenario's data as it stands in the YAML files beside this module, typed and checked when it is read."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

HERE = Path(__file__).parent
CITY = "seoul-2025-1"
SECTIONS = {
    "seoul-2025-1": ("problem", "improvement", "effect"),
    "kr-national-2023-09": ("present_state", "problem", "improvement", "effect"),
    "open-call": ("content",),
}


class Data(BaseModel):
    """A part of a file: nothing in it that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfferPlan(Data):
    """To whom a case is offered, and what is answered; without an answer it becomes overdue."""

    owner: str
    answer: Literal["adopted", "adapted", "declined", ""] = ""
    reason: str = ""


class SupplementPlan(Data):
    """What is missing from an idea, and what is supplied days later; meanwhile the decision's clock stands still."""

    missing: list[str]
    reason: str
    answer: dict[str, str]


class PolicyPlan(Data):
    """What somebody carries out elsewhere, as the office enters it."""

    title: str
    text: str
    department: str
    source: str


class LookPlan(Data):
    """A second look at a refused idea: what the author says, what the panel finds, what the department answers.

    A claim rests on a `policy` that reads like the idea.
    """

    reason: str
    finding: str
    granted: bool
    answer: str
    policy: PolicyPlan | None = None


class IdeaPlan(Data):
    """One idea and everything that happens to it.

    `into` names the idea that it is merged into, whose authors then agree on the shares `agreed`. An idea with `worth`
    takes part in the round: each of its raters gives that many points by criterion, more or less.
    """

    id: str
    pack: str = CITY
    kind: Literal["improve", "create", "drop_work", "practice"]
    category: str
    department: str
    title: str
    present_state: str = ""
    problem: str = ""
    improvement: str = ""
    effect: str = ""
    content: str = ""
    authors: dict[str, Decimal]
    citizen: bool = False
    channel: Literal["online", "paper"] = "online"
    votes: tuple[int, int, int] = (0, 0, 0)
    scores: list[list[int]] = Field(default_factory=list[list[int]])
    rescored: list[int] = Field(default_factory=list[int])
    worth: list[int] = Field(default_factory=list[int])
    supplement: SupplementPlan | None = None
    into: str = ""
    agreed: dict[str, Decimal] = Field(default_factory=dict[str, Decimal])
    outcome: Literal["adopt", "refuse", "close", "withdraw", "wait", "merge"]
    ground: str = ""
    reason: str = ""
    late: bool = False
    planned_after: int = 60
    again: LookPlan | None = None
    claim: LookPlan | None = None
    implementation: Literal["start", "reschedule", "complete", "abandon", ""] = ""
    result: str = ""
    reason_abandoned: str = ""
    learnt: str = ""
    ballots: tuple[Decimal, Decimal] | None = None
    offers: dict[str, OfferPlan] = Field(default_factory=dict[str, OfferPlan])

    @property
    def lead(self) -> str:
        """The lead author."""
        return next(iter(self.authors))

    @property
    def held(self) -> bool:
        """Whether something comes between its receipt and its check: a supplement, or a merge."""
        return self.supplement is not None or bool(self.into or self.agreed)

    @property
    def sections(self) -> dict[str, str]:
        """The texts that its pack asks for."""
        return {key: str(getattr(self, key)) for key in SECTIONS[self.pack]}

    def submission(self) -> dict[str, Any]:
        """The body with which it is submitted or handed over."""
        return {
            "pack": self.pack,
            "kind": self.kind,
            "category": self.category,
            "department": self.department,
            "title": self.title,
            "sections": self.sections,
            "authors": [{"person_id": person, "share": str(share)} for person, share in self.authors.items()],
        }


class ActivityPlan(Data):
    """One meeting of the learning group."""

    title: str
    attendees: list[str]


class GroupPlan(Data):
    """The learning group."""

    name: str
    topic: str
    department: str
    pack: str
    lead: str
    members: list[str]
    activities: list[ActivityPlan]


class Opinions(Data):
    """What raters write."""

    high: list[str]
    middle: list[str]
    low: list[str]


class Panel(Data):
    """The award panel."""

    officials: list[str]
    non_officials: list[str]

    @property
    def members(self) -> list[str]:
        """All of it."""
        return [*self.officials, *self.non_officials]


class RaterPlan(Data):
    """A rater of the round: where the person works, how lenient; what the statement declares, a ground by idea."""

    department: str
    leaning: int
    declares: dict[str, str] = Field(default_factory=dict[str, str])


class RoundPlan(Data):
    """The round of evaluation, with its raters."""

    pack: str
    name: str
    title: str
    raters: dict[str, RaterPlan]

    @property
    def id(self) -> str:
        """The id that the round has."""
        return f"{self.pack}.{self.name}"


class Cast(Data):
    """The people and offices. `office` says per task who does it and what that person is called."""

    departments: dict[str, str]
    staff: dict[str, tuple[str, str]]
    citizens: dict[str, str]
    union: dict[str, str]
    office: dict[str, tuple[str, str]]
    raters: list[str]
    round: RoundPlan
    panel: Panel
    opinions: Opinions

    def name(self, person: str) -> str:
        """What a person is called; the id where nobody said."""
        named = {code: who[0] for code, who in self.staff.items()} | self.citizens | self.union
        named |= {code: title for code, title in self.office.values()}
        return named.get(person, person)

    def place(self, department: str) -> str:
        """What a department is called."""
        return self.departments.get(department, department)


def _read(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


@cache
def cast() -> Cast:
    """The people and offices."""
    return Cast.model_validate(_read("people.yaml"))


@cache
def ideas() -> tuple[IdeaPlan, ...]:
    """The ideas that people submit."""
    return tuple(IdeaPlan.model_validate(raw) for raw in _read("ideas.yaml"))


@cache
def group() -> GroupPlan:
    """The learning group."""
    return GroupPlan.model_validate(_read("group.yaml")["group"])


@cache
def output() -> IdeaPlan:
    """What the learning group hands over."""
    return IdeaPlan.model_validate({"id": "group-output", **_read("group.yaml")["output"]})
