"""Opinions of other departments (의견 조회): asked for after the authors were told, given, or not given in time.

공무원 제안 규정 제8조제4항, 제5항.
"""

from collections.abc import Iterator

from services.ideas.domain.clocks import OPINION, awaited, day_after, due_after, last_day_of
from services.ideas.domain.idea_state import Idea, require_stage_of
from services.ideas.domain.notices import notice_of
from services.ideas.domain.process_commands import AskOpinions, GiveOpinion
from services.ideas.domain.rules import cite, days, rules, today
from services.ideas.domain.submission import OFFICE
from services.ideas.domain.values import VOTABLE
from shared.contracts.ideas_process import OpinionGiven, OpinionRequested, OpinionUnanswered
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event, seal


def ask(idea: Idea, message: AskOpinions, context: Context) -> Iterator[Event]:
    """The office or the department in charge asks others. The authors are told before anybody is asked."""
    actor, asked, calendar = context.actor, rules(idea.pack), days(idea.pack)
    in_charge = actor.role == OFFICE or actor.department == idea.department
    require(in_charge, "not_in_charge", recorded=True, department=idea.department)
    require(actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage_of(idea, *VOTABLE)
    require(bool(message.question.strip()), "question_required")
    require(len(set(message.departments)) == len(message.departments), "department_named_twice")
    waiting = {opinion.department for opinion in idea.opinions if opinion.status == "open"}
    for department in message.departments:
        require(department != idea.department, "opinion_of_own_department")
        require(department not in waiting, "opinion_awaited", department=department)
    now = today(context.time)
    due = calendar.end_of(calendar.due(now, asked.opinion_within.value))
    yield notice_of(idea, context, "opinion_asked", departments=", ".join(message.departments), until=last_day_of(due))
    for number, department in enumerate(message.departments, start=len(idea.opinions) + 1):
        yield OpinionRequested(
            idea_id=idea.id,
            number=number,
            department=department,
            question=seal(message.question, idea.id),
            requested_on=now,
            due=due,
            rule=cite(idea.pack, asked.opinion_within),
        )


def give(idea: Idea, message: GiveOpinion, context: Context) -> Iterator[Event]:
    """A department that was asked answers, late or not, as long as the idea is not decided."""
    actor = context.actor
    asked = [one for one in idea.opinions if one.department == actor.department and one.status != "given"]
    require(bool(asked), "no_opinion_asked", recorded=True)
    require(actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage_of(idea, *VOTABLE)
    require(bool(message.opinion.strip()), "opinion_required")
    opinion, now = asked[-1], today(context.time)
    yield OpinionGiven(
        idea_id=idea.id,
        number=opinion.number,
        department=opinion.department,
        opinion=seal(message.opinion, idea.id),
        given_on=now,
        given_by=actor.id,
        decision_due=due_after(idea, awaited(OPINION, opinion.number), now),
    )


def not_given(idea: Idea, message: DeadlineReached, number: int) -> Iterator[Event]:
    """The term has ended without an opinion; the idea goes on without it."""
    opinion = idea.opinions[number - 1]
    resumed_on = day_after(message.due)
    yield OpinionUnanswered(
        idea_id=idea.id,
        number=number,
        department=opinion.department,
        due=message.due,
        resumed_on=resumed_on,
        decision_due=due_after(idea, awaited(OPINION, number), resumed_on),
    )
