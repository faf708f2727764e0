"""Whatever is asked after a refusal, by whomever, in whatever order and on whatever day: what always holds."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.ideas.domain.clocks import CLAIM, CLAIM_RESULT, FOLLOW_UP, KEPT, REEXAMINATION, REEXAMINATION_RESULT
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.review_commands import (
    BeginReexamination,
    ConvenePanel,
    DecideClaim,
    DecideReexamination,
    FileClaim,
    NoteMatch,
    RecordFinding,
    RequestReexamination,
)
from services.ideas.domain.values import Stage
from shared.engine.message import Actor, DeadlineReached, Message
from tests.support.given import Given
from tests.unit.ideas.support import (
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    after,
    authority,
    noon,
)

CLOCKS = (REEXAMINATION, CLAIM, KEPT, FOLLOW_UP, REEXAMINATION_RESULT, CLAIM_RESULT)
MEMBERS = tuple(f"v-{number}" for number in range(1, 7))
OTHERS = tuple(f"w-{number}" for number in range(1, 7))
MATTERS = ("reexamination", "claim")
ACTORS = (
    LEAD,
    CO_AUTHOR,
    RECEIVER,
    HEAD,
    SYSTEM,
    Actor(LEAD.id, "receiver"),
    Actor(LEAD.id, "department", "d-transport"),
)


def _messages() -> list[Message]:
    signed: dict[str, Any] = {"reason": "까닭이 있다", "authority": authority()}
    panels = [(MEMBERS, MEMBERS[:3]), (OTHERS, OTHERS[:3]), ((*MEMBERS[:5], LEAD.id), MEMBERS[:3])]
    return [
        RequestReexamination(reason="다시 보아 달라"),
        BeginReexamination(ground="improved", **signed),
        BeginReexamination(ground="circumstances_changed", **signed),
        DecideReexamination(outcome="kept", **signed),
        DecideReexamination(outcome="adopted", planned_date=date(2026, 12, 1), **signed),
        DecideReexamination(outcome="adopted", **signed),
        DecideReexamination(outcome="adopted_in_part", part="심야만", planned_date=date(2026, 12, 1), **signed),
        *(
            ConvenePanel(matter=matter, members=members, non_officials=outside)  # pyright: ignore[reportArgumentType]
            for matter in MATTERS
            for members, outside in panels
        ),
        *(
            RecordFinding(matter=matter, attended=who, votes_for=4, votes_against=2, reason="타당하다")  # pyright: ignore[reportArgumentType]
            for matter in MATTERS
            for who in (MEMBERS, OTHERS)
        ),
        FileClaim(reason="그대로 실시되었다"),
        DecideClaim(outcome="granted", **signed),
        DecideClaim(outcome="refused", **signed),
        NoteMatch(
            matched="policy", matched_id="y-1", matched_on=date(2025, 6, 2), similarity=Decimal(80), method="test-1"
        ),
    ]


STEPS = st.tuples(st.sampled_from(_messages()), st.sampled_from(ACTORS), st.integers(0, 120))


@for_all(
    pack_id=st.sampled_from((NATIONAL, NATIONAL_2017, SEOUL, OPEN_CALL)), steps=st.lists(STEPS, min_size=1, max_size=25)
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_in_whatever_order(pack_id: str, steps: list[tuple[Message, Actor, int]]) -> None:
    given, day = after(pack_id, Stage.REFUSED), date(2025, 3, 3)
    for message, actor, days in steps:
        day += timedelta(days=days)
        given = _with_deadlines(given, day)
        before: Idea = given.state
        outcome = given.when(message, actor=actor, time=noon(day))
        given = given(*given.past, *outcome.events)
        assert list(_broken(before, given.state)) == [], message


def _with_deadlines(given: Given, day: date) -> Given:
    """All that fell due before that day, in order."""
    while True:
        due = sorted((due, name) for name, due in given.state.deadlines.items() if due < noon(day))
        if not due:
            return given
        outcome = given.when(DeadlineReached(name=due[0][1], due=due[0][0]), actor=SYSTEM, time=noon(day))
        assert outcome.refusal is None, outcome.refusal
        given = given(*given.past, *outcome.events)


def _broken(before: Idea, idea: Idea) -> Iterator[str]:
    """What should always hold and does not."""
    running = {name: clock.due for name, clock in idea.clocks.items() if name in CLOCKS and clock.running}
    if {name: due for name, due in idea.deadlines.items() if name in CLOCKS} != running:
        yield "a running clock has its deadline, and no other has one"
    if before.stage is Stage.ADOPTED and idea.stage is not Stage.ADOPTED:
        yield "an adoption is not taken back"
    if idea.decisions_before[: len(before.decisions_before)] != before.decisions_before:
        yield "what was decided before stays"
    if idea.decision != before.decision and before.decision not in idea.decisions_before:
        yield "a decision that is changed is kept"
    for kind, clock in ((idea.reexaminations, REEXAMINATION_RESULT), (idea.claims, CLAIM_RESULT)):
        open_now = [one for one in kind if one.status == "open"]
        if len(open_now) > 1 or (clock in running and not open_now):
            yield "one at a time is open, and only then a result is owed"
    if sum(one.asked_by == "author" for one in idea.reexaminations) > 1:
        yield "an author's right is used once"
    for panel in idea.panels:
        if set(panel.members) & idea.author_ids:
            yield "no author sits on a panel"
    needed = [(f"reexamination.{one.number}", one) for one in idea.reexaminations]
    needed += [(f"claim.{one.number}", one) for one in idea.claims]  # type: ignore[misc]
    found = {panel.matter for panel in idea.panels if panel.supports is not None}
    if any(one.panel_required and one.status != "open" and matter not in found for matter, one in needed):
        yield "what needs a panel is not decided without"
