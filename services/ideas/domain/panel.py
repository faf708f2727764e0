"""Panels (제안심사위원회) after a decision: who sits on one, and what it found.

Invariant: no author sits on a panel about the own idea, and where the pack has a matter found by a panel nothing is
decided without its finding (`require_finding`). Sources: 공무원 제안 규정 제7조제2항·제3항 (half of it non-officials);
제11조제1항, 제13조제1항제1호·제3항 (what needs a panel). That another panel sits is policy.
"""

from collections.abc import Iterator

from services.ideas.domain.idea_state import Idea
from services.ideas.domain.review_commands import ConvenePanel, Matter, RecordFinding
from services.ideas.domain.review_values import Panel
from services.ideas.domain.rules import cite, rules, today
from shared.contracts.ideas_decisions import PanelConvened, PanelFound
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal


def matter_of(kind: Matter, number: int) -> str:
    """The name of what a panel is convened for."""
    return f"{kind}.{number}"


def convene(idea: Idea, message: ConvenePanel, context: Context) -> Iterator[Event]:
    """The office names the panel for what is open, or another one as long as that has not found."""
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    matter, before = _open_matter(idea, message.matter), panel_for(idea, _open_matter(idea, message.matter))
    require(before is None or before.supports is None, "panel_found_already")
    _require_composition(idea, matter, message)
    yield PanelConvened(
        idea_id=idea.id,
        matter=matter,
        members=message.members,
        non_officials=message.non_officials,
        convened_on=today(context.time),
        convened_by=context.actor.id,
        rule=cite(idea.pack, rules(idea.pack).review.panel.half_non_officials),
    )


def _require_composition(idea: Idea, matter: str, message: ConvenePanel) -> None:
    asked = rules(idea.pack).review.panel
    members, outside = set(message.members), set(message.non_officials)
    require(len(members) == len(message.members), "panelist_named_twice")
    require(not members & idea.author_ids, "conflict_of_interest", recorded=True)
    least = asked.members_min.value
    require(len(members) >= least, "panel_too_small", least=least)
    require(outside <= members, "panelist_unknown", persons=sorted(outside - members))
    mixed = 2 * len(outside) >= len(members) or not asked.half_non_officials.value
    require(mixed, "too_few_non_officials", least=(len(members) + 1) // 2)
    again = sorted(members & _involved(idea, matter))
    require(not again or not asked.another_panel.value, "another_panel_required", persons=again)


def _involved(idea: Idea, matter: str) -> set[str]:
    """Who decided on the idea, signed for that, or sat on an earlier panel about it."""
    decisions = (*idea.decisions_before, *(() if idea.decision is None else (idea.decision,)))
    signed = {decision.authority.approver for decision in decisions if decision.authority is not None}
    sat = {member for panel in idea.panels if panel.matter != matter for member in panel.members}
    return {decision.decided_by for decision in decisions} | signed | sat


def find(idea: Idea, message: RecordFinding, context: Context) -> Iterator[Event]:
    """The office enters what the panel found: enough of it attended, and each of those has one vote."""
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    matter = _open_matter(idea, message.matter)
    panel = panel_for(idea, matter)
    require(panel is not None, "no_panel")
    assert panel is not None
    require(panel.supports is None, "panel_found_already")
    attended, strangers = set(message.attended), set(message.attended) - set(panel.members)
    require(len(attended) == len(message.attended), "panelist_named_twice")
    require(not strangers, "panelist_unknown", persons=sorted(strangers))
    quorum = rules(idea.pack).review.panel.quorum.value
    require(len(attended) >= quorum, "quorum_not_met", least=quorum)
    cast = message.votes_for + message.votes_against
    require(0 < cast <= len(attended), "votes_do_not_fit", attended=len(attended))
    require(bool(message.reason.strip()), "reason_required")
    now = today(context.time)
    met_on = message.met_on or now
    require(met_on <= now, "date_in_future", field="met_on", date=str(met_on))
    require(met_on >= panel.convened_on, "date_too_early", field="met_on", first=str(panel.convened_on))
    yield PanelFound(
        idea_id=idea.id,
        matter=matter,
        attended=message.attended,
        votes_for=message.votes_for,
        votes_against=message.votes_against,
        supports=message.votes_for > message.votes_against,
        reason=seal(message.reason, idea.id),
        met_on=met_on,
        document=message.document,
        recorded_by=context.actor.id,
    )


def require_finding(idea: Idea, matter: str, *, required: bool) -> bool | None:
    """What the panel found; None where there is none and none is needed. One that was convened is waited for."""
    panel = panel_for(idea, matter)
    require(panel is not None or not required, "panel_required", recorded=True)
    require(panel is None or panel.supports is not None, "panel_awaited")
    return None if panel is None else panel.supports


def is_required(pack_id: str, matter: str) -> bool:
    """Whether the pack has this matter found by a panel; it is named as in `panel_required_for`."""
    return matter in rules(pack_id).review.panel_required_for.value


def panel_for(idea: Idea, matter: str) -> Panel | None:
    """The panel for a matter, the latest where it was replaced."""
    return next((panel for panel in idea.panels if panel.matter == matter), None)


def _open_matter(idea: Idea, kind: Matter) -> str:
    if kind == "reexamination":
        numbers = [one.number for one in idea.reexaminations if one.status == "open"]
        require(bool(numbers), "no_reexamination_open")
    else:
        numbers = [one.number for one in idea.claims if one.status == "open"]
        require(bool(numbers), "no_claim_open")
    return matter_of(kind, numbers[-1])


# --- what events mean


def convened(idea: Idea, event: PanelConvened) -> Idea:
    """The panel sits, in place of one for the same matter."""
    panel = Panel(**event.model_dump(include={"matter", "members", "non_officials", "convened_on"}))
    return idea.but(panels=(*(one for one in idea.panels if one.matter != event.matter), panel))


def found(idea: Idea, event: PanelFound) -> Idea:
    """The panel has found."""
    said = {name: getattr(event, name) for name in FOUND}
    panels = tuple(one.model_copy(update=said) if one.matter == event.matter else one for one in idea.panels)
    return idea.but(panels=panels)


FOUND = ("attended", "votes_for", "votes_against", "supports", "reason", "met_on", "document")
"""What a finding says, and the panel's state too."""
