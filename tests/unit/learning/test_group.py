"""A learning group from its registration to its close, under every pack."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.learning.domain.commands import AddMember, CloseGroup, RecordActivity, RemoveMember
from services.learning.domain.group import Stage
from shared.contracts.learning import (
    ActivityRecorded,
    GroupClosed,
    GroupRegistered,
    MemberJoined,
    MemberLeft,
    OutputHandedOver,
)
from shared.contracts.types import Kind
from shared.engine.message import Command
from shared.rules.loader import pack
from tests.support.given import NOON
from tests.unit.learning.support import (
    LEAD,
    MEMBER,
    NATIONAL,
    OPEN_CALL,
    PACKS,
    SEOUL,
    authors,
    given_group,
    output,
    registered,
    registration,
)

TODAY = date(2025, 3, 3)


def crowd(count: int) -> tuple[str, ...]:
    return tuple(f"m-{number}" for number in range(count))


# --- members


@pytest.mark.parametrize(
    ("pack_id", "ends_on"), [(SEOUL, date(2025, 10, 10)), (NATIONAL, date(2026, 3, 3)), (OPEN_CALL, date(2026, 3, 3))]
)
def test_it_runs_as_long_as_the_pack_says(pack_id: str, ends_on: date) -> None:
    event = given_group.when(registration(pack_id)).emits(GroupRegistered).event(GroupRegistered)
    assert (event.lead, event.members, event.registered_on) == ("kim", ("kim", "lee", "park"), TODAY)
    assert event.ends_on == ends_on  # 3 to 9 October 2025 are all holidays


@pytest.mark.parametrize("pack_id", PACKS)
def test_the_pack_limits_how_many_members_there_are(pack_id: str) -> None:
    asked = pack(pack_id).learning.group
    least, most = asked.members_min.value, asked.members_max.value
    given_group.when(registration(pack_id, members=crowd(least - 2))).refused("too_few_members")
    given_group.when(registration(pack_id, members=crowd(most))).refused("too_many_members")
    small = registered(pack_id, members=crowd(least - 1))
    small.when(RemoveMember(person_id="m-0")).refused("too_few_members")
    large = registered(pack_id, members=crowd(most - 1))
    large.when(AddMember(person_id="lee")).refused("too_many_members")
    large.when(RemoveMember(person_id="m-0")).emits(MemberLeft)


def test_the_lead_counts_once() -> None:
    event = given_group.when(registration(SEOUL, members=("lee", "kim", "park", "lee"))).event(GroupRegistered)
    assert event.members == ("kim", "lee", "park")


def test_members_join_and_leave() -> None:
    given = registered(SEOUL)
    joined = given.when(AddMember(person_id="choi")).emits(MemberJoined)
    given.when(AddMember(person_id="lee")).refused("already_a_member")
    given.when(RemoveMember(person_id="choi")).refused("not_a_member")
    given.when(RemoveMember(person_id="kim")).refused("lead_may_not_leave")
    four = given(*given.past, *joined.events)
    left = four.when(RemoveMember(person_id="park"))
    assert four(*four.past, *left.events).state.members == ("kim", "lee", "choi")


@pytest.mark.parametrize(
    ("changes", "code"), [({"name": "  "}, "name_required"), ({"pack": "nothing"}, "unknown_pack")]
)
def test_a_registration_that_is_refused(changes: dict[str, Any], code: str) -> None:
    given_group.when(registration(SEOUL, **changes)).refused(code)


def test_a_group_is_registered_once_and_under_a_pack_in_force() -> None:
    registered(SEOUL).when(registration(SEOUL)).refused("already_registered")
    before = datetime(2024, 12, 31, tzinfo=UTC)
    given_group.when(registration(SEOUL), time=before).refused("pack_not_in_force")


@pytest.mark.parametrize(
    "command",
    [
        AddMember(person_id="choi"),
        RemoveMember(person_id="park"),
        RecordActivity(held_on=TODAY, title="첫 모임", attendees=("kim",)),
        output(SEOUL),
        CloseGroup(),
    ],
)
def test_only_the_lead_speaks_for_a_group_and_only_while_it_is_active(command: Command) -> None:
    given = registered(SEOUL)
    other = given.when(command, actor=MEMBER).refused("not_the_lead")
    assert other.refusal is not None
    assert other.refusal.recorded
    closed = given(*given.past, *given.when(CloseGroup()).events)
    closed.when(command).refused("group_closed")


# --- activities


def test_an_activity_is_recorded_with_who_was_there() -> None:
    given = registered(SEOUL)
    command = RecordActivity(held_on=TODAY, title="첫 모임", attendees=("lee", "kim", "lee"))
    event = given.when(command).emits(ActivityRecorded).event(ActivityRecorded)
    assert (event.attendees, event.title.value, event.title.key) == (("lee", "kim"), "첫 모임", "g-1")
    assert len(given(*given.past, event).state.activities) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": date(2025, 3, 4)}, "date_in_future"),
        ({"held_on": date(2025, 3, 2)}, "before_registration"),
        ({"title": " "}, "title_required"),
        ({"attendees": ()}, "attendees_required"),
        ({"attendees": ("kim", "choi")}, "not_a_member"),
    ],
)
def test_an_activity_that_is_refused(changes: dict[str, Any], code: str) -> None:
    whole: dict[str, Any] = {"held_on": TODAY, "title": "첫 모임", "attendees": ("kim",)}
    registered(SEOUL).when(RecordActivity(**(whole | changes))).refused(code)


def test_activities_end_with_the_term() -> None:
    given = registered(SEOUL)
    later = NOON + timedelta(days=300)
    last = given.state.ends_on
    given.when(RecordActivity(held_on=last, title="마지막", attendees=("kim",)), time=later).emits(ActivityRecorded)
    after = RecordActivity(held_on=last + timedelta(days=1), title="그 뒤", attendees=("kim",))
    given.when(after, time=later).refused("after_the_term")


# --- outputs


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_output_goes_to_ideas_under_an_id_of_its_own(pack_id: str) -> None:
    given = registered(pack_id)
    event = given.when(output(pack_id)).emits(OutputHandedOver).event(OutputHandedOver)
    assert event == given.when(output(pack_id)).event(OutputHandedOver)  # the same wish, the same id
    assert event.partition_key == event.idea_id != "g-1"
    assert (event.group_name, event.title.key, event.handed_over_on) == ("밤길 연구모임", "kim", TODAY)
    assert [kept.idea_id for kept in given(*given.past, event).state.outputs] == [event.idea_id]


def sections(pack_id: str, **changes: str | None) -> dict[str, str]:
    whole = {**output(pack_id).sections, **changes}
    return {key: text for key, text in whole.items() if text is not None}


@pytest.mark.parametrize(
    ("pack_id", "changes", "code"),
    [
        (NATIONAL, {"kind": Kind.DROP_WORK}, "kind_not_allowed"),
        (SEOUL, {"pack": "nothing"}, "unknown_pack"),
        (SEOUL, {"title": " "}, "title_required"),
        (SEOUL, {"title": "가" * 301}, "title_too_long"),
        (SEOUL, {"sections": sections(SEOUL, other="있다")}, "section_unknown"),
        (SEOUL, {"sections": sections(SEOUL, effect=None)}, "section_missing"),
        (SEOUL, {"sections": sections(SEOUL, effect="\n")}, "section_empty"),
        (SEOUL, {"authors": authors(kim="50", lee="49.99")}, "shares_do_not_total_100"),
        (OPEN_CALL, {"authors": authors(kim="50", lee="51")}, "shares_do_not_total_100"),
        (SEOUL, {"authors": authors(kim="50", choi="50")}, "author_not_a_member"),
        (SEOUL, {"authors": authors(kim="40", lee="60")}, "lead_without_largest_share"),
        (SEOUL, {"authors": (*authors(kim="50"), *authors(kim="50"))}, "author_named_twice"),
        (SEOUL, {"authors": authors(**{f"m-{n}": "9" for n in range(11)})}, "too_many_authors"),
    ],
)
def test_an_output_that_would_be_no_idea_is_refused(pack_id: str, changes: dict[str, Any], code: str) -> None:
    registered(pack_id).when(output(pack_id, **changes)).refused(code)


def test_a_section_has_the_length_that_the_pack_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pack(SEOUL)
    shorter = whole.ideas.text_max_characters.model_copy(update={"value": 5})
    changed = whole.model_copy(update={"ideas": whole.ideas.model_copy(update={"text_max_characters": shorter})})

    def chosen(pack_id: str, on: date) -> Any:
        return changed

    monkeypatch.setattr("services.learning.domain.output.chosen", chosen)
    registered(SEOUL).when(output(SEOUL)).refused("section_too_long")


# --- the close


def test_closing_says_how_many_outputs_there_were() -> None:
    given = registered(SEOUL)
    given = given(*given.past, *given.when(output(SEOUL)).events)
    event = given.when(CloseGroup(reason="활동 종료")).emits(GroupClosed).event(GroupClosed)
    assert (event.outputs, event.closed_on, event.reason) == (1, TODAY, "활동 종료")
    assert given(*given.past, event).state.stage is Stage.CLOSED
    assert LEAD.id in given.state.members
