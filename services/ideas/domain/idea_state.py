"""What is known of one idea, and who may see it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, computed_field

from services.ideas.domain.clock import Clock
from services.ideas.domain.review_values import Claim, Match, Panel, Reexamination
from services.ideas.domain.rules import rules
from services.ideas.domain.submission import OFFICE
from services.ideas.domain.values import (
    LASTING,
    VOTABLE,
    Award,
    Decision,
    Ending,
    Facts,
    Joined,
    Notice,
    Opinion,
    Shares,
    Stage,
    Supplement,
)
from shared.contracts.ideas import Alike
from shared.contracts.types import Author, Kind, Origin, Score, SealedLine, SealedSections
from shared.engine.aggregate import State, require
from shared.engine.message import Actor, Event, Instant, seal
from shared.engine.text import comparable

PUBLIC = {
    "id", "stage", "pack", "kind", "category", "department", "title", "sections", "submitted_on", "received_on",
    "declared_endorsements", "awards", "spread_to",
}  # fmt: skip
"""What everybody may see of an idea that is open to votes or was adopted."""

NOT_SHOWN = {
    "notices", "notices_issued", "category_sought", "events", "alike", "own_authors", "own_shares", "shown_to",
    "panels",
}  # fmt: skip
"""What no answer shows with the idea: it has queries of its own, or only serves the deciders."""


class Idea(State):
    """What is known of one idea. The first of `authors` is the lead author.

    `events` counts what happened to it, so that its clocks can say by which event they moved.
    `own_authors` and `own_shares` are those from before the first merge, where there was one; `alike` is what the
    office was told reads alike. `shown_to` are lead authors who are asked to merge their idea with it.
    `decisions_before` are those that a re-examination changed; `matches` is what the watch found. Who sits on `panels`
    and how they voted is told to office and department alone.
    """

    stage: Stage = Stage.NEW
    pack: str = ""
    kind: Kind = Kind.IMPROVE
    category: str = ""
    department: str = ""
    title: SealedLine = seal("", "")
    sections: SealedSections = seal({}, "")
    authors: tuple[Author, ...] = ()
    origin: Origin | None = None
    submitted_on: date | None = None
    declared_endorsements: int | None = None
    received_on: date | None = None
    decision_due: Instant | None = None
    evaluation_stage: str = ""
    score: Score | None = None
    ending: Ending | None = None
    decision: Decision | None = None
    awards: tuple[Award, ...] = ()
    spread_to: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    notices_issued: int = 0
    call: str | None = None
    channel: str = "online"
    receipt_number: str = ""
    reopened_on: date | None = None
    supplement: Supplement | None = None
    opinions: tuple[Opinion, ...] = ()
    facts: Facts | None = None
    clocks: Mapping[str, Clock] = Field(default_factory=dict[str, Clock])
    events: int = 0
    shares: Shares = Shares()
    alike: tuple[Alike, ...] = ()
    merged_into: str = ""
    merged_from: tuple[Joined, ...] = ()
    own_authors: tuple[Author, ...] = ()
    own_shares: Shares = Shares()
    shown_to: tuple[str, ...] = ()
    decisions_before: tuple[Decision, ...] = ()
    reexaminations: tuple[Reexamination, ...] = ()
    claims: tuple[Claim, ...] = ()
    panels: tuple[Panel, ...] = ()
    matches: tuple[Match, ...] = ()

    @computed_field
    @property
    def category_sought(self) -> str:
        """The category as it is looked up; `category` is as it was written."""
        return comparable(self.category)

    @property
    def author_ids(self) -> frozenset[str]:
        """Who wrote it."""
        return frozenset(author.person_id for author in self.authors)

    @property
    def next(self) -> int:
        """The number of the event that comes next, or is being folded; it is the event's version, too."""
        return self.events + 1

    @property
    def takes_votes(self) -> bool:
        """Whether pack and stage let people vote on it now."""
        return self.stage in VOTABLE and rules(self.pack).voting.open.value

    def opens_to(self, actor: Actor) -> bool:
        """Whether `actor` sees all of it: authors, the receiving office, the department in charge, the auditor."""
        in_charge = actor.role == "department" and actor.department == self.department
        return actor.role in (OFFICE, "auditor") or in_charge or actor.id in self.author_ids

    def is_asked(self, actor: Actor) -> bool:
        """Whether the department of `actor` was asked for its opinion."""
        asked = actor.role == "department" and bool(actor.department)
        return asked and any(opinion.department == actor.department for opinion in self.opinions)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to those it opens to, the content to everybody while it takes votes and once adopted, else nothing.

        A department that was asked for its opinion sees the content, and what it was asked.
        """
        if not self.known_to(actor):
            return {}
        if self.opens_to(actor):
            return self.model_dump(mode="json", exclude=NOT_SHOWN)
        seen = self.model_dump(mode="json", include=PUBLIC)
        if self.is_asked(actor):
            own = (opinion for opinion in self.opinions if opinion.department == actor.department)
            seen["opinions"] = [opinion.model_dump(mode="json") for opinion in own]
        return seen

    def known_to(self, actor: Actor) -> bool:
        """To whom it opens or was shown, whose opinion is asked, and while it takes votes and once adopted to all."""
        if self.stage is Stage.NEW:
            return False
        is_public = self.stage in LASTING or self.takes_votes
        return is_public or self.opens_to(actor) or self.is_asked(actor) or actor.id in self.shown_to

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """The history names authors and reasons: it is for those to whom the idea opens."""
        return self.opens_to(actor) and super().shows(event, actor)


def require_stage(idea: Idea, stage: Stage) -> None:
    """The idea stands where the step needs it."""
    require_stage_of(idea, stage)


def require_stage_of(idea: Idea, *stages: Stage) -> None:
    """The idea stands at one of several stages."""
    needed = ", ".join(stage.value for stage in stages)
    require(idea.stage in stages, "wrong_stage", stage=idea.stage.value, needed=needed)
