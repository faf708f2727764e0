"""Reads of `ideas` that go beyond one state: tallies, clocks, the funnel, notices. Nothing here is an event."""

from typing import Any

from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.domain.clock import Clock, explained, last_day
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.rules import rules
from services.ideas.domain.vote import Vote
from shared.contracts.types import Choice
from shared.engine.envelope import decode
from shared.engine.message import Actor
from shared.runtime.store.protocol import Page, Reader

PAGE = 500
"""Votes that are looked at in one read."""


async def tally(reader: Reader, idea: Idea) -> dict[str, Any]:
    """How people stand on an idea: votes counted here per choice, beside the total that an import declared.

    Votes on ideas that were merged into it count, too, but nobody counts twice: of a person's votes the latest does,
    and nobody's does who became an author where authors have no vote. Of declared totals the largest stands, since the
    same people may be in all of them.
    """
    counts = await reader.count_by(VOTE, "choice", {"idea_id": idea.id})
    declared = idea.declared_endorsements
    if idea.merged_from:
        counts = await _without_doubles(reader, idea, counts)
        page = await reader.find(IDEA, {"id": [one.other_id for one in idea.merged_from]}, limit=PAGE)
        totals = [stored.state.declared_endorsements for stored in page.items if isinstance(stored.state, Idea)]
        known = [total for total in (declared, *totals) if total is not None]
        declared = max(known, default=None)
    votes = {choice.value: counts.get(choice.value, 0) for choice in Choice}
    return {
        "idea_id": idea.id,
        "votes": votes,
        "declared_endorsements": declared,
        "endorsements": votes[Choice.ENDORSE.value] + (declared or 0),
    }


async def clocks(reader: Reader, idea: Idea) -> dict[str, Any]:
    """The clocks of an idea, each with when it is due and why that moved; events are named by their ids."""
    ids = await _event_ids(reader, idea)
    return {"idea_id": idea.id, "clocks": {name: _told(clock, ids) for name, clock in idea.clocks.items()}}


def _told(clock: Clock, ids: dict[int, str]) -> dict[str, Any]:
    told = clock.model_dump(mode="json", include={"started_on", "term", "calendar", "due", "ended"})
    last = last_day(clock)
    return told | {
        "last_day": None if last is None else str(last),
        "started_by": ids.get(clock.started_by),
        "ended_by": None if clock.ended_by is None else ids.get(clock.ended_by),
        "waits_for": [stop.why for stop in clock.stops if stop.resumed_on is None],
        "moves": [
            {**move.model_dump(mode="json"), "events": [ids[event] for event in move.events if event in ids]}
            for move in explained(clock)
        ],
    }


async def _event_ids(reader: Reader, idea: Idea) -> dict[int, str]:
    """The ids of an idea's events by version."""
    ids: dict[int, str] = {}
    after = 0
    while batch := await reader.history(idea.id, after=after):
        after = batch[-1].position
        for told in batch:
            if told.entry.subject == f"{IDEA.name}/{idea.id}":
                envelope = decode(told.entry.value)
                ids[envelope.version] = envelope.id
    return ids


async def _without_doubles(reader: Reader, idea: Idea, counts: dict[str, int]) -> dict[str, int]:
    """The idea's own counts, corrected by each person who also voted on what was merged into it, or may not vote."""
    corrected = dict(counts)
    merged = {"idea_id": [one.other_id for one in idea.merged_from]}
    barred = frozenset[str]() if rules(idea.pack).voting.own_ideas.value else idea.author_ids
    latest: dict[str, Vote] = {}
    cursor: str | None = None
    while True:
        page = await reader.find(VOTE, merged, after=cursor, limit=PAGE)
        for vote in _votes(page):
            latest[vote.voter_id] = _later(vote, latest.get(vote.voter_id))
        cursor = page.cursor
        if cursor is None:
            break
    voters = sorted(latest.keys() | barred)
    for start in range(0, len(voters), PAGE):
        ids = [f"{idea.id}/{voter}" for voter in voters[start : start + PAGE]]
        for own in _votes(await reader.find(VOTE, {"id": ids}, limit=PAGE)):
            corrected[str(own.choice)] -= 1
            latest[own.voter_id] = _later(own, latest.get(own.voter_id))
    for voter, vote in latest.items():
        if voter not in barred:
            corrected[str(vote.choice)] = corrected.get(str(vote.choice), 0) + 1
    return corrected


def _votes(page: Page) -> list[Vote]:
    return [stored.state for stored in page.items if isinstance(stored.state, Vote)]


def _later(one: Vote, other: Vote | None) -> Vote:
    """Of two votes of a person the one cast later; of equal ones the one on the idea that goes on."""
    if other is None or other.voted_at is None or one.voted_at is None:
        return one
    return one if one.voted_at >= other.voted_at else other


async def funnel(reader: Reader, where: dict[str, str]) -> dict[str, Any]:
    """How many ideas stand at each stage, how far implementations are, and how many ideas were awarded and spread."""
    stages = await reader.count_by(IDEA, "stage", where)
    ideas = sum(stages.values())
    grades = await reader.count_by(IDEA, "awards.grade", where)
    departments = await reader.count_by(IDEA, "spread_to", where)
    return {
        "ideas": ideas,
        "stages": stages,
        "implementation": await reader.count_by(IMPLEMENTATION, "phase", where),
        "awarded": ideas - grades.get("", 0),
        "spread": ideas - departments.get("", 0),
    }


async def notices(reader: Reader, person: Actor, cursor: str | None, limit: int) -> dict[str, Any]:
    """What the person was told, by idea and newest first within a page. `limit` counts ideas."""
    page = await reader.find(IDEA, {"notices.recipients": person.id}, after=cursor, limit=limit)
    items = [
        {
            "idea_id": idea.id,
            "title": idea.title.model_dump(mode="json"),
            **notice.model_dump(mode="json", exclude={"recipients"}),
        }
        for idea in (stored.state for stored in page.items)
        if isinstance(idea, Idea)
        for notice in idea.notices
        if person.id in notice.recipients
    ]
    items.sort(key=lambda item: (item["issued_at"], item["idea_id"], item["position"]), reverse=True)
    return {"items": items, "next": page.cursor}
