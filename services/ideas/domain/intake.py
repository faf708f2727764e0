"""From submission to evaluation: what the steps of an idea's intake make happen."""

from collections.abc import Iterator
from datetime import date

from services.ideas.domain import shares
from services.ideas.domain.commands import (
    CheckCompleteness,
    ImportDecision,
    ReceiveIdea,
    Submission,
    WithdrawIdea,
)
from services.ideas.domain.idea_state import Idea, require_stage
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from services.ideas.domain.submission import OFFICE, require_fit
from services.ideas.domain.values import OPEN, Stage
from shared.contracts.ideas import (
    DecisionRequested,
    EvaluationRequested,
    IdeaClosed,
    IdeaReceived,
    IdeaSubmitted,
    IdeaWithdrawn,
)
from shared.contracts.ideas_process import CallAnswered, ClosingForm, GroundText, ReceiptNumberRequested
from shared.contracts.learning import OutputHandedOver
from shared.contracts.types import Origin, Score
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import ClockStart, IdeaDecision

ON_PAPER = ("paper", "fax", "mail")
"""Ways to the office on which notices go back on paper, too."""


def submit(
    idea: Idea, message: Submission, context: Context, submitted_on: date, origin: Origin | None = None
) -> Iterator[Event]:
    """A person submits, or the office for somebody."""
    require(idea.stage is Stage.NEW, "already_submitted")
    require_fit(message, context.actor, submitted_on=submitted_on, today=today(context.time))
    lead = message.authors[0].person_id
    yield IdeaSubmitted(
        idea_id=idea.id,
        pack=message.pack,
        kind=message.kind,
        category=message.category,
        department=message.department,
        title=seal(message.title, lead),
        sections=seal(message.sections, lead),
        authors=message.authors,
        submitted_on=submitted_on,
        origin=origin,
        call=message.call,
    )


def take_over(idea: Idea, output: OutputHandedOver, context: Context) -> Iterator[Event]:
    """A learning group's output comes in as an idea, with its lineage."""
    yield IdeaSubmitted(
        idea_id=idea.id,
        pack=output.pack,
        kind=output.kind,
        category=output.category,
        department=output.department,
        title=output.title,
        sections=output.sections,
        authors=output.authors,
        submitted_on=output.handed_over_on,
        origin=Origin(kind="group_output", id=output.group_id, label=output.group_name),
    )
    yield from shares.ask(idea.id, output.pack, output.authors, context)
    yield from tell_others(idea, context, "submitted", output.authors)


def receive(idea: Idea, message: ReceiveIdea, context: Context) -> Iterator[Event]:
    """The office receives, and the clock of the decision starts."""
    require_stage(idea, Stage.SUBMITTED)
    assert idea.submitted_on is not None
    now, received_on = today(context.time), message.received_on or today(context.time)
    require(received_on == now or context.actor.role == OFFICE, "backdating_not_allowed", recorded=True)
    asked = rules(idea.pack)
    if message.channel in ON_PAPER and asked.receipt_documented.value:
        require(bool(message.reason.strip()), "reason_required")
        require(bool(message.document.strip()), "document_required")
    waits = idea.call is not None and asked.clock_starts.value is ClockStart.CALL_CLOSES
    yield receipt(idea.id, idea.pack, idea.submitted_on, received_on, message, context, starts=not waits)
    yield notice_of(idea, context, "received", received_on=received_on)
    if message.channel != "import":
        register = f"{asked.receipt_register.value}.{received_on.year}"
        yield ReceiptNumberRequested(register_id=register, idea_id=idea.id, received_on=received_on)
    if waits and idea.call is not None:
        yield CallAnswered(call_id=idea.call, idea_id=idea.id)


def receipt(
    idea_id: str,
    pack: str,
    submitted_on: date,
    received_on: date,
    message: ReceiveIdea,
    context: Context,
    *,
    starts: bool = True,
) -> IdeaReceived:
    """The receipt of an idea, with the day by which its decision is due where the clock `starts` with it."""
    now = today(context.time)
    require(received_on <= now, "date_in_future", field="received_on", date=str(received_on))
    require(received_on >= submitted_on, "received_before_submission", submitted_on=str(submitted_on))
    term, calendar = rules(pack).decision_within, days(pack)
    # Without its holidays a day that far back can't be named.
    known = starts and calendar.covers(received_on)
    due = calendar.end_of(calendar.due(received_on, term.value)) if known else None
    return IdeaReceived(
        idea_id=idea_id,
        received_on=received_on,
        received_by=context.actor.id,
        channel=message.channel,
        decision_due=due,
        rule=cite(pack, term),
        term=str(term.value),
        calendar=calendar.name,
        reason=seal(message.reason, idea_id) if message.reason else None,
        document=message.document,
    )


def require_check(idea: Idea, context: Context) -> None:
    """The completeness check is due, not made by an author, and not waiting for a supplement."""
    require_stage(idea, Stage.RECEIVED)
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require(idea.supplement is None or idea.supplement.status != "open", "supplement_awaited")


def close(idea: Idea, message: CheckCompleteness, context: Context) -> Iterator[Event]:
    """Close as no proposal, and tell the authors."""
    closed = closing(idea, message, context, today(context.time), form=_form(idea, message))
    yield closed
    yield notice_of(idea, context, closed.form, ground=closed.ground)


def _form(idea: Idea, message: CheckCompleteness) -> ClosingForm:
    """How it ends: on a ground that needs an unmet supplement in a form that the pack has for that, else closed."""
    asked = rules(idea.pack)
    ground = asked.ground(message.ground or "")
    if ground is None or not ground.after_supplement:
        require(message.form in (None, "closed"), "form_not_for_ground", form=message.form)
        return "closed"
    require(idea.supplement is not None and idea.supplement.status == "unmet", "supplement_not_unmet")
    forms = asked.unmet_supplement.value
    require(message.form is None or message.form in forms, "form_not_in_pack", form=message.form)
    return message.form or forms[0].value


def closing(
    idea: Idea,
    message: CheckCompleteness | ImportDecision,
    context: Context,
    closed_on: date | None = None,
    form: ClosingForm = "closed",
) -> IdeaClosed:
    """The closing as no proposal, on a ground that fits the kind."""
    require(message.ground is not None, "ground_required")
    ground = rules(idea.pack).ground(message.ground or "")
    require(ground is not None, "unknown_ground", ground=message.ground)
    assert ground is not None
    require(idea.kind not in ground.not_for, "ground_not_for_kind", ground=ground.code, kind=idea.kind.value)
    require_grounds(idea.pack, IdeaDecision.CLOSE, message, idea.author_ids, context.time)
    repeats = message.repeats if isinstance(message, CheckCompleteness) else ()
    enough = len(set(repeats) - {idea.id}) >= ground.repeats or isinstance(message, ImportDecision)
    require(enough, "repeats_required", number=ground.repeats)
    return IdeaClosed(
        idea_id=idea.id,
        ground=ground.code,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        rule=cite(idea.pack, ground),
        closed_on=closed_on,
        form=form,
        repeats=repeats,
        text=GroundText(ko=ground.text.ko, en=ground.text.en),
    )


def onwards(idea: Idea, *, after: str, score: Score | None = None) -> Iterator[Event]:
    """The evaluation stage behind `after`, or the decision where there is none."""
    stages = rules(idea.pack).evaluation_stages.value
    position = stages.index(after) + 1 if after else 0
    if position == len(stages):
        yield DecisionRequested(idea_id=idea.id, department=idea.department, score=score, due=idea.decision_due)
        return
    yield EvaluationRequested(
        idea_id=idea.id,
        stage=stages[position],
        pack=idea.pack,
        kind=idea.kind,
        category=idea.category,
        department=idea.department,
        title=idea.title,
        sections=idea.sections,
        authors=idea.authors,
        origin=idea.origin,
        received_on=idea.received_on,
    )


def withdraw(idea: Idea, message: WithdrawIdea, context: Context) -> Iterator[Event]:
    """An author takes the idea back. To others its existence is no matter."""
    author = context.actor.id
    require(author in idea.author_ids, "not_found")
    require(idea.stage in OPEN, "too_late_to_withdraw", recorded=True, stage=idea.stage.value)
    yield IdeaWithdrawn(idea_id=idea.id, stage=idea.evaluation_stage, reason=seal(message.reason, author))
    yield from tell_others(idea, context, "withdrawn", idea.authors)
