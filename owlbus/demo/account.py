"""The account a demo ends with: what the log says happened, held against what the services answer.

Nothing in it was counted along the way: the figures come from the topics, read from their beginning by a plain
consumer, and each is compared with the public APIs. What does not agree is a fault and is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from owlbus import words
from owlbus.audit.check import LogCheck
from owlbus.demo.procedure.facts import Procedure
from shared.engine.envelope import Envelope

GROUPED = ("ideas.VoteCast", "awards.BallotCast")
"""Of these a timeline shows how many there were in a row."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of an idea's way, or several of a kind in a row (`count`)."""

    id: str
    type: str
    time: str
    service: str
    role: str
    actor: str
    caused_by: str
    detail: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Payment:
    """What one author gets."""

    person_id: str
    name: str
    share: str
    won: int


@dataclass(frozen=True, slots=True)
class Award:
    """One award, split to the won."""

    category: str
    grade: str
    idea_id: str
    title: str
    prize_won: int
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One case at one target department."""

    idea_id: str
    title: str
    target: str
    answer: str
    reason: str
    on: str


@dataclass
class Account:
    """Everything that is told at the end, on the terminal, on the page and as figures.

    `counted` is what the services hold of files that were imported, `wanted` what the files themselves hold.
    """

    mode: str
    title: str
    rule: str = ""
    ideas: int = 0
    funnel: dict[str, int] = field(default_factory=dict[str, int])
    endings: dict[str, int] = field(default_factory=dict[str, int])
    timeline_title: str = ""
    timeline_id: str = ""
    timeline: tuple[Step, ...] = ()
    round: dict[str, Any] = field(default_factory=dict[str, Any])
    no_winner: tuple[str, ...] = ()
    awards: tuple[Award, ...] = ()
    spread: tuple[Offer, ...] = ()
    procedure: Procedure = field(default_factory=Procedure)
    refusals: tuple[dict[str, str], ...] = ()
    figures: dict[str, int] = field(default_factory=dict[str, int])
    counted: dict[str, int] = field(default_factory=dict[str, int])
    wanted: dict[str, int] = field(default_factory=dict[str, int])
    log: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    phases: dict[str, float] = field(default_factory=dict[str, float])
    requests: int = 0
    retries: int = 0
    began: str = ""
    ended: str = ""
    fault_list: list[str] = field(default_factory=list[str])

    @property
    def faults(self) -> int:
        """How much does not agree."""
        return len(self.fault_list)

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Note a fault where two things that must agree don't."""
        if found != wanted:
            self.fault_list.append(f"{what}: {found} where the log has {wanted}")

    def figures_document(self) -> dict[str, Any]:
        """The account as `demo.json` holds it."""
        granted = sum(award.prize_won for award in self.awards)
        paid = sum(payment.won for award in self.awards for payment in award.payments)
        log = {name: value for name, value in self.log.items() if name != "heads"}
        return asdict(self) | {
            "faults": self.faults,
            "log": log,
            "topics": self.log["topics"],
            "types": self.log["types"],
            "prizes": {"granted_won": granted, "paid_won": paid},
            **self.counted,
        }


class Collected:
    """The events that a reading of the log came upon, by idea and by type."""

    def __init__(self) -> None:
        self.by_idea: dict[str, list[Envelope]] = {}
        self.by_type: dict[str, list[Envelope]] = {}

    def add(self, envelope: Envelope) -> None:
        """Take one event, once."""
        self.by_type.setdefault(envelope.type, []).append(envelope)
        # What is about an idea names it; what an aggregate of an idea only notes is known by its subject.
        idea_id = str(envelope.data.get("idea_id") or envelope.subject.split("/")[1])
        self.by_idea.setdefault(idea_id, []).append(envelope)

    def ideas(self, *types: str) -> set[str]:
        """The ideas that have an event of one of these types."""
        return {str(one.data["idea_id"]) for kind in types for one in self.by_type.get(kind, ())}

    def title(self, idea_id: str) -> str:
        """What an idea is called."""
        submitted = [one for one in self.by_idea.get(idea_id, ()) if one.type == "ideas.IdeaSubmitted"]
        return str(submitted[0].data["title"]["value"]) if submitted else idea_id

    def whole(self, idea_id: str) -> list[Envelope]:
        """Everything about one idea in the order of recorded time, what its learning group did before included."""
        events = list(self.by_idea.get(idea_id, ()))
        groups = {one.data["group_id"] for one in events if one.type == "learning.OutputHandedOver"}
        for kind in ("learning.GroupRegistered", "learning.ActivityRecorded", "learning.GroupClosed"):
            events += [one for one in self.by_type.get(kind, ()) if one.data["group_id"] in groups]
        return sorted(events, key=lambda one: (one.time, one.source, one.sequence))


def funnel(log: Collected) -> dict[str, int]:
    """How many ideas came how far."""
    adopted = log.ideas("ideas.IdeaAdopted")
    reached = {
        "submitted": log.ideas("ideas.IdeaSubmitted"),
        "received": log.ideas("ideas.IdeaReceived"),
        "evaluated": log.ideas("ideas.EvaluationRequested"),
        "decided": adopted | log.ideas("ideas.IdeaRefused"),
        "adopted": adopted,
        "nominated": log.ideas("awards.IdeaNominated"),
        "awarded": log.ideas("awards.AwardGranted"),
        "spread": log.ideas("ideas.IdeaSpread"),
    }
    return {step: len(ideas) for step, ideas in reached.items()}


def endings(log: Collected) -> dict[str, int]:
    """How many ideas left the way, and where."""
    return {
        "closed": len(log.ideas("ideas.IdeaClosed")),
        "withdrawn": len(log.ideas("ideas.IdeaWithdrawn")),
        # What was adopted after all, by a re-examination, has not left the way.
        "refused": len(log.ideas("ideas.IdeaRefused") - log.ideas("ideas.IdeaAdopted")),
        "overdue": len(log.ideas("ideas.DecisionOverdue")),
    }


def figures(log: Collected, check: LogCheck) -> dict[str, int]:
    """Counts that people ask for first."""
    kinds = check.types
    return {
        "events": check.events,
        "votes": kinds.get("ideas.VoteCast", 0),
        "scores": kinds.get("evaluation.ScoreRecorded", 0),
        "ballots": kinds.get("awards.BallotCast", 0),
        "notices": kinds.get("ideas.NoticeIssued", 0),
        "declared_endorsements": sum(
            int(one.data["endorsements"]) for one in log.by_type.get("ideas.EndorsementsDeclared", ())
        ),
        "decided_late": len(log.ideas("ideas.DecisionOverdue")),
    }


def timeline(events: Sequence[Envelope], refused: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps of one idea; votes and ballots in a row are one step. `refused` says in words what a code refused."""
    return tuple(_steps(events, refused))


def _steps(events: Sequence[Envelope], refused: Mapping[str, str]) -> Iterable[Step]:
    at = 0
    while at < len(events):
        run = 1
        while events[at].type in GROUPED and at + run < len(events) and events[at + run].type == events[at].type:
            run += 1
        yield _step(events[at : at + run], refused)
        at += run


def _step(events: Sequence[Envelope], refused: Mapping[str, str]) -> Step:
    one, count = events[0], len(events)
    detail = words.detail(one.type, one.data)
    if one.type in GROUPED:
        detail = f"{len({event.actor.id for event in events})}명이 {count}건"
    return Step(
        id=one.id,
        type=one.type,
        time=one.time.isoformat(timespec="seconds"),
        service=one.source.partition("/")[0],
        role=one.actor.role,
        actor=one.actor.id,
        caused_by=one.causation,
        detail=refused.get(detail, detail),
        count=count,
    )


def offers(log: Collected) -> tuple[Offer, ...]:
    """Every case at every target, with the answer, or how it stands without one."""
    found: dict[tuple[str, str], Offer] = {}
    for kind in ("learning.CaseOffered", "learning.OfferOverdue", "learning.CaseAnswered"):
        for one in log.by_type.get(kind, ()):
            said = one.data
            answer = str(said.get("answer") or ("overdue" if kind == "learning.OfferOverdue" else "offered"))
            reason = str(said["reason"]["value"]) if "reason" in said else ""
            place = (str(said["idea_id"]), str(said["target"]))
            day = str(said.get("answered_on") or str(said["due"])[:10])
            found[place] = Offer(place[0], log.title(place[0]), place[1], answer, reason, day)
    return tuple(sorted(found.values(), key=lambda offer: (offer.title, offer.target)))
