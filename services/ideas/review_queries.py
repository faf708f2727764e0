"""Reads of `ideas` about the time after a decision: an author's rights and until when, panels."""

from datetime import datetime
from typing import Any

from services.ideas.domain import IDEA
from services.ideas.domain.clock import Clock, last_day
from services.ideas.domain.clocks import CLAIM, FOLLOW_UP, KEPT, REEXAMINATION
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import ON_PAPER
from services.ideas.domain.rules import rules, today
from services.ideas.domain.values import Stage
from shared.engine.message import Actor
from shared.rules.review import CLAIM as CLAIMED
from shared.rules.rule import Rule, Term
from shared.runtime.store.protocol import Reader


async def rights(reader: Reader, person: Actor, now: datetime, cursor: str | None, limit: int) -> dict[str, Any]:
    """The rights of a person over all decided ideas the person wrote, each with its last day; `limit` counts ideas."""
    page = await reader.find(IDEA, {"authors.person_id": person.id}, after=cursor, limit=limit)
    ideas = [stored.state for stored in page.items if isinstance(stored.state, Idea)]
    return {"items": [_told(idea, now) for idea in ideas if idea.decision is not None], "next": page.cursor}


def _told(idea: Idea, now: datetime) -> dict[str, Any]:
    assert idea.decision is not None
    asked = rules(idea.pack)
    refused, follow_up = idea.stage is Stage.REFUSED, idea.clocks.get(FOLLOW_UP)
    kept = idea.clocks.get(KEPT) if refused else None
    return {
        "idea_id": idea.id,
        "title": idea.title.model_dump(mode="json"),
        "stage": idea.stage.value,
        "decided_on": str(idea.decision.decided_on),
        "rights": [
            _right(idea, REEXAMINATION, asked.reexamination_within, now) | {"panel": _panel(idea, REEXAMINATION)},
            _right(idea, CLAIM, asked.claim_within, now) | {"panel": _panel(idea, CLAIMED)},
        ],
        "watched_until": _day(kept),
        "followed_up_until": _day(follow_up),
        "matches": [match.model_dump(mode="json") for match in idea.matches],
        "reexaminations": [one.model_dump(mode="json", include={"number", "status"}) for one in idea.reexaminations],
        "claims": [one.model_dump(mode="json", include={"number", "status"}) for one in idea.claims],
    }


def _right(idea: Idea, name: str, rule: Rule[Term], now: datetime) -> dict[str, Any]:
    clock = idea.clocks.get(name)
    return {
        "right": name,
        "status": _status(idea, name, now),
        "until": _day(clock),
        "term": str(rule.value),
        "source": rule.source.value,
        "article": rule.article,
    }


def _status(idea: Idea, name: str, now: datetime) -> str:
    """`open`, `used`, `over`; `awaits_delivery` where the notice has not arrived; `none` where there is no such right.

    A right counts by its last day, also in the moment before its deadline fires.
    """
    clock = idea.clocks.get(name)
    if clock is None:
        return "awaits_delivery" if idea.channel in ON_PAPER and _begins_with_delivery(idea, name) else "none"
    if clock.ended in ("met", "dropped"):
        return "used" if clock.ended == "met" else "none"
    last = last_day(clock)
    return "open" if last is None or today(now) <= last else "over"


def _begins_with_delivery(idea: Idea, name: str) -> bool:
    if idea.stage is Stage.REFUSED:
        return True
    in_part = idea.decision is not None and idea.decision.extent == "in_part"
    return name == REEXAMINATION and in_part and rules(idea.pack).review.parts_reexamined.value


def _day(clock: Clock | None) -> str | None:
    last = None if clock is None else last_day(clock)
    return None if last is None else str(last)


def _panel(idea: Idea, matter: str) -> bool:
    """Whether a panel has to find before this is decided."""
    return matter in rules(idea.pack).review.panel_required_for.value


def panels(idea: Idea) -> dict[str, Any]:
    """Who sits on the panels of an idea, and what they found."""
    return {"idea_id": idea.id, "panels": [panel.model_dump(mode="json") for panel in idea.panels]}
