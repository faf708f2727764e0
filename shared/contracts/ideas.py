"""What `ideas` says: receipt, votes, decision, implementation, notices."""

from datetime import date
from typing import Literal

# Whoever imports this module knows all types of `ideas`, for what a consumer doesn't know it sets aside.
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
)
from shared.engine.message import Event, Instant


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

    `planned_date` is missing only where the pack does not ask for one.
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


class ImplementationAbandoned(Event, type="ideas.ImplementationAbandoned", key="idea_id"):
    """Implementation was given up, with what was learnt."""

    idea_id: Id
    reason: SealedProse
    learnt: SealedProse


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


class PersonRegistered(Event, type="ideas.PersonRegistered", key="person_id"):
    """The directory lists a person, or lists the person anew: all of the entry as it is from now on.

    Who is not on the staff has no department. The name is sealed with the person's own key.
    """

    person_id: PersonId
    name: SealedLine | None = None
    department: Id | None = None
    employed_from: date | None = None
    employed_to: date | None = None
