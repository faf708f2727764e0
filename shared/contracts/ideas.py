"""What `ideas` says: receipt, votes, decision, implementation, notices."""

from datetime import date
from typing import Literal

from shared.contracts import ideas_duties, ideas_outcomes
from shared.contracts.ideas_decisions import Extent
from shared.contracts.ideas_process import ClosingForm, GroundText
from shared.contracts.types import (
    Author,
    Authority,
    Channel,
    Choice,
    Code,
    Id,
    Kind,
    Line,
    Origin,
    PersonId,
    Rule,
    Score,
    SealedLine,
    SealedProse,
    SealedSections,
    Share,
    UnitKind,
    Value,
)
from shared.engine.message import Event, Instant

FURTHER = (ideas_duties, ideas_outcomes)
"""Whoever imports this module knows all types of `ideas`, for what a consumer doesn't know it sets aside."""


class IdeaSubmitted(Event, type="ideas.IdeaSubmitted", key="idea_id"):
    """An idea was submitted (제출). Sections are those its pack requires; texts are kept as written."""

    idea_id: Id
    pack: Code
    kind: Kind
    category: Line
    department: Id
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...]
    submitted_on: date
    origin: Origin | None = None
    call: Id | None = None


class EndorsementsDeclared(Event, type="ideas.EndorsementsDeclared", key="idea_id"):
    """An import declared a total of endorsements that were counted elsewhere, without the single votes."""

    idea_id: Id
    endorsements: int
    source: Line


class IdeaReceived(Event, type="ideas.IdeaReceived", key="idea_id"):
    """The office received an idea (접수). `decision_due` ends the day by which decision and notice are owed.

    It is `term` after the receipt, counted with `calendar`; none where the clock begins later. What did not come online
    has the reason for that, and the document it came in.
    """

    idea_id: Id
    received_on: date
    received_by: PersonId
    channel: Channel
    decision_due: Instant | None = None
    rule: Rule
    term: Line = ""
    calendar: Line = ""
    reason: SealedProse | None = None
    document: Line = ""


class IdeaWithdrawn(Event, type="ideas.IdeaWithdrawn", key="idea_id"):
    """The author took the idea back (철회). `stage` is the evaluation that was open, empty where none was."""

    idea_id: Id
    stage: str = ""
    reason: SealedProse


class IdeaFoundComplete(Event, type="ideas.IdeaFoundComplete", key="idea_id"):
    """The completeness check (요건 검토) found nothing missing; `found_on` where an import says when."""

    idea_id: Id
    checked_by: PersonId
    found_on: date | None = None


class IdeaClosed(Event, type="ideas.IdeaClosed", key="idea_id"):
    """Closed as no proposal (비제안 종결처리) on a coded ground of the pack, whose `text` and article go along.

    The clock of the decision stands still from `closed_on`, in case the idea is taken up again.
    """

    idea_id: Id
    ground: Code
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule
    closed_on: date | None = None
    form: ClosingForm = "closed"
    repeats: tuple[Id, ...] = ()
    text: GroundText | None = None


class EvaluationRequested(Event, type="ideas.EvaluationRequested", key="idea_id"):
    """The idea goes to the evaluation stage named. Carries what raters and conflict checks need.

    An idea whose `origin` is an import is history: its evaluation has no deadline.
    """

    idea_id: Id
    stage: Code
    pack: Code
    kind: Kind
    category: Line
    department: Id
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...]
    origin: Origin | None = None
    received_on: date | None = None


class VoteCast(Event, type="ideas.VoteCast", key="idea_id", journal=True):
    """A person voted. Of several votes of one person the one with the latest `voted_at` counts."""

    idea_id: Id
    voter_id: PersonId
    choice: Choice
    voted_at: Instant


class DecisionRequested(Event, type="ideas.DecisionRequested", key="idea_id"):
    """All evaluation stages are through: the department in charge owes a decision."""

    idea_id: Id
    department: Id
    score: Score | None = None
    due: Instant | None = None


class DecisionOverdue(Event, type="ideas.DecisionOverdue", key="idea_id"):
    """The day by which decision and notice were owed has ended without them."""

    idea_id: Id
    department: Id
    due: Instant


class IdeaAdopted(Event, type="ideas.IdeaAdopted", key="idea_id"):
    """The department adopted the idea (채택). Carries what award and spread need to go on.

    `planned_date` is missing only where the pack does not ask for one. With `shares_open` no money moves before
    `SharesSettled` says who has which share. Where it is adopted in part, `part` says which. After a re-examination of
    that number it may come a second time, for an idea that had been adopted in part.
    """

    idea_id: Id
    pack: Code
    kind: Kind
    category: Line
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score | None = None
    reason: SealedProse
    planned_date: date | None = None
    received_on: date
    decided_on: date
    decided_by: PersonId
    authority: Authority | None = None
    origin: Origin | None = None
    rule: Rule
    shares_open: bool | None = None
    extent: Extent | None = None
    part: SealedProse | None = None
    reexamination: int | None = None


class IdeaRefused(Event, type="ideas.IdeaRefused", key="idea_id"):
    """The department refused the idea (불채택), with its reason."""

    idea_id: Id
    department: Id
    reason: SealedProse
    decided_on: date
    decided_by: PersonId
    authority: Authority | None = None
    rule: Rule


class ImplementationPlanned(Event, type="ideas.ImplementationPlanned", key="idea_id"):
    """An adopted idea awaits implementation, on the planned date where there is one.

    `change_due` ends that date: by then it is done, or the date is changed.
    """

    idea_id: Id
    pack: Code
    department: Id
    decided_on: date
    planned_date: date | None = None
    change_due: Instant | None = None


class ImplementationStarted(Event, type="ideas.ImplementationStarted", key="idea_id"):
    """Implementation (실시) began."""

    idea_id: Id
    started_on: date
    imported: bool = False


class ImplementationRescheduled(Event, type="ideas.ImplementationRescheduled", key="idea_id"):
    """The planned date moved (실시 시기 변경), with the reason."""

    idea_id: Id
    from_date: date | None = None
    to_date: date
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule
    change_due: Instant | None = None


class ImplementationCompleted(Event, type="ideas.ImplementationCompleted", key="idea_id"):
    """Implementation is complete."""

    idea_id: Id
    completed_on: date
    result: SealedProse
    imported: bool = False


class ImplementationAbandoned(Event, type="ideas.ImplementationAbandoned", key="idea_id"):
    """Implementation was given up, with what was learnt."""

    idea_id: Id
    reason: SealedProse
    learnt: SealedProse
    abandoned_on: date | None = None
    authority: Authority | None = None
    imported: bool = False


class IdeaSpread(Event, type="ideas.IdeaSpread", key="idea_id"):
    """Another department took over the idea's case, as it is or adapted."""

    idea_id: Id
    department: Id
    answer: Literal["adopted", "adapted"]


class IdeaAwarded(Event, type="ideas.IdeaAwarded", key="idea_id"):
    """The idea won a grade in an award round, as `awards` has granted it."""

    idea_id: Id
    round_id: Id
    category_id: Id
    grade: Code


class NoticeIssued(Event, type="ideas.NoticeIssued", key="idea_id"):
    """The authors are told of a step. `notice` says which; `position` numbers the notices of one idea as they come."""

    idea_id: Id
    position: int
    notice: Code
    issued_at: Instant
    recipients: tuple[PersonId, ...]
    facts: dict[str, str]


class DepartmentRegistered(Event, type="ideas.DepartmentRegistered", key="department_id"):
    """The directory lists a department, or lists it anew: all of the entry as it is from now on."""

    department_id: Id
    name: Line
    parent: Id | None = None
    registered_from: date
    kind: UnitKind | None = None
    as_of: date | None = None


class PersonRegistered(Event, type="ideas.PersonRegistered", key="person_id"):
    """The directory lists a person, or lists the person anew: all of the entry as it is from now on.

    Who is not on the staff has no department. The name is sealed with the person's own key.
    """

    person_id: PersonId
    name: SealedLine | None = None
    department: Id | None = None
    employed_from: date | None = None
    employed_to: date | None = None
    as_of: date | None = None


class SharesOpened(Event, type="ideas.SharesOpened", key="idea_id"):
    """The authors' shares wait for each author's word. No money moves until `SharesSettled`.

    `confirmed` are the authors who need not be asked: they named these shares themselves. At `due` silence confirms;
    without it, the shares stay open until everybody has spoken.
    """

    idea_id: Id
    authors: tuple[Author, ...]
    confirmed: tuple[PersonId, ...] = ()
    reason: Literal["submitted", "disputed", "proposed", "merged", "unmerged"]
    due: Instant | None = None
    rule: Rule


class ShareConfirmed(Event, type="ideas.ShareConfirmed", key="idea_id"):
    """An author confirmed the own share, and who leads."""

    idea_id: Id
    person_id: PersonId
    share: Share
    lead: PersonId


class ShareDisputed(Event, type="ideas.ShareDisputed", key="idea_id"):
    """An author disputes the shares: silence confirms nothing any more."""

    idea_id: Id
    person_id: PersonId
    reason: SealedProse


class SharesSet(Event, type="ideas.SharesSet", key="idea_id"):
    """The agency that improved the idea set the shares, with reason and authority (공무원 제안 규정 제13조제2항)."""

    idea_id: Id
    authors: tuple[Author, ...]
    set_by: PersonId
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule


class SharesSettled(Event, type="ideas.SharesSettled", key="idea_id"):
    """The shares stand, the lead author first: money may move by them."""

    idea_id: Id
    authors: tuple[Author, ...]
    settled_by: Literal["authors", "silence", "agency", "restored"]
    rule: Rule


class Alike(Value):
    """An idea that was received before and reads alike. `similarity` in per cent, as `DuplicatesFound` says."""

    idea_id: Id
    received_on: date
    similarity: Score
    title_similarity: Score


class DuplicatesFound(Event, type="ideas.DuplicatesFound", key="idea_id", journal=True):
    """What reads alike among earlier receipts. A candidate is a hint for the office and decides nothing.

    `similarity` is the part of the shorter text's character n-grams that the other text has too; `method` names how
    texts are prepared and compared.
    """

    idea_id: Id
    candidates: tuple[Alike, ...]
    method: Code
    threshold: Score
    rule: Rule


MergeStep = Literal["describe", "consent", "join", "widen", "narrow", "part", "ended"]
"""What a merge asks of one of its ideas: its facts, its lead's consent, to join the other, to take it up, and back."""


class MergeProposed(Event, type="ideas.MergeProposed", key="idea_id"):
    """The office proposes that `other_id` goes on within `idea_id`, which was received first."""

    idea_id: Id
    other_id: Id
    proposed_by: PersonId
    reason: SealedProse


class MergeAsked(Event, type="ideas.MergeAsked", key="idea_id", journal=True):
    """A merge asks `idea_id`, one of its two ideas, for a step. `outcome` says how the merge ended.

    `readers` are the lead authors who have to know what they are asked to merge with.
    """

    idea_id: Id
    into_id: Id
    other_id: Id
    step: MergeStep
    authors: tuple[Author, ...] = ()
    readers: tuple[PersonId, ...] = ()
    due: Instant | None = None
    outcome: str = ""


class MergeHeard(Event, type="ideas.MergeHeard", key="idea_id", journal=True):
    """What the idea `heard_from` answered to a step. `refusal` is a code, empty where the step was taken."""

    idea_id: Id
    other_id: Id
    heard_from: Id
    step: MergeStep
    refusal: str = ""
    pack: str = ""
    authors: tuple[Author, ...] = ()
    received_on: date | None = None


class MergeNoted(Event, type="ideas.MergeNoted", key="idea_id", journal=True):
    """The merge has the facts of one of its ideas."""

    idea_id: Id
    other_id: Id
    about_id: Id
    refusal: str = ""
    pack: str = ""
    authors: tuple[Author, ...] = ()
    received_on: date | None = None


class MergeOpened(Event, type="ideas.MergeOpened", key="idea_id"):
    """Both ideas can be merged: their lead authors are asked, until `due`."""

    idea_id: Id
    other_id: Id
    leads: tuple[PersonId, ...]
    due: Instant
    rule: Rule


class MergeAnswered(Event, type="ideas.MergeAnswered", key="idea_id"):
    """A lead author consents to the merge, or does not."""

    idea_id: Id
    other_id: Id
    person_id: PersonId
    consents: bool
    reason: SealedProse


class MergeRevoked(Event, type="ideas.MergeRevoked", key="idea_id"):
    """The office takes a merge back, with its reason."""

    idea_id: Id
    other_id: Id
    revoked_by: PersonId
    reason: SealedProse


class MergeEnded(Event, type="ideas.MergeEnded", key="idea_id"):
    """How a merge ended; `reason` is a code where it was impossible, or where a merge could not be taken back.

    A merge can be taken back until `undo_until`.
    """

    idea_id: Id
    other_id: Id
    outcome: Literal["merged", "declined", "lapsed", "impossible", "undone"]
    reason: str = ""
    undo_until: Instant | None = None


class IdeaShown(Event, type="ideas.IdeaShown", key="idea_id"):
    """While a merge is open the lead authors of both ideas see what the other says; afterwards nobody does."""

    idea_id: Id
    to: tuple[PersonId, ...]


class IdeaMerged(Event, type="ideas.IdeaMerged", key="idea_id"):
    """The idea goes on within `into_id`. Its own history stays its own."""

    idea_id: Id
    into_id: Id


class IdeaUnmerged(Event, type="ideas.IdeaUnmerged", key="idea_id"):
    """The idea goes on by itself again, from where it stood."""

    idea_id: Id
    from_id: Id


class IdeaWidened(Event, type="ideas.IdeaWidened", key="idea_id"):
    """The idea took up `other_id`, with the authors it had."""

    idea_id: Id
    other_id: Id
    authors: tuple[Author, ...]


class IdeaNarrowed(Event, type="ideas.IdeaNarrowed", key="idea_id"):
    """The idea let `other_id` go again, with its authors."""

    idea_id: Id
    other_id: Id
