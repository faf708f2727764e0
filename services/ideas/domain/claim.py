"""Claims (사후 실시 보상 신청): the author of a refused idea says that it was carried out later.

No claim needs a match of the watch. The agency may have the authors rewarded, or refuses with reasons. The idea stays
refused; `ClaimDecided` carries the authors and their shares. Source: 공무원 제안 규정 제13조제3항부터 제5항까지.
"""

from collections.abc import Iterator

from services.ideas.domain.clocks import CLAIM, CLAIM_RESULT, ended, start
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.outcome import require_in_charge
from services.ideas.domain.panel import is_required, matter_of, require_finding
from services.ideas.domain.review_commands import DecideClaim, FileClaim
from services.ideas.domain.review_values import Claim
from services.ideas.domain.rights import require_claimant, require_right
from services.ideas.domain.rules import cite, require_grounds, rules, today
from shared.contracts.ideas_decisions import ClaimDecided, ClaimFiled
from shared.contracts.ideas_process import ClocksStarted
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import IdeaDecision
from shared.rules.review import CLAIM as CLAIMED


def file(idea: Idea, message: FileClaim, context: Context) -> Iterator[Event]:
    """An author claims, or the office for an author who did so on paper, within the time of the right."""
    day = require_claimant(idea, context, "filed_on", message.filed_on, message.document)
    require(bool(message.reason.strip()), "reason_required")
    require(not any(one.status == "open" for one in idea.claims), "claim_open")
    require_right(idea, CLAIM, day)
    known = {match.matched_id for match in idea.matches}
    require(message.match_id is None or message.match_id in known, "unknown_match", match_id=message.match_id)
    if message.implemented_on is not None:
        assert idea.decision is not None
        first, done = idea.decision.decided_on, message.implemented_on
        require(done <= day, "date_in_future", field="implemented_on", date=str(done))
        require(done >= first, "date_too_early", field="implemented_on", first=str(first))
    yield ClaimFiled(
        idea_id=idea.id,
        number=len(idea.claims) + 1,
        reason=seal(message.reason, context.actor.id),
        implemented_on=message.implemented_on,
        match_id=message.match_id,
        filed_on=day,
        filed_by=context.actor.id,
        document=message.document,
        panel_required=is_required(idea.pack, CLAIMED),
        rule=cite(idea.pack, rules(idea.pack).claim_within),
    )
    owed = start(idea.pack, CLAIM_RESULT, day, rules(idea.pack).review.claim_decided_within)
    yield ClocksStarted(idea_id=idea.id, clocks=(owed,))
    yield from tell_others(idea, context, "claim_filed", idea.authors)


def conclude(idea: Idea, message: DecideClaim, context: Context) -> Iterator[Event]:
    """The department in charge grants the claim or refuses it, after the panel where one is needed."""
    require_in_charge(idea, context)
    claim = next((one for one in idea.claims if one.status == "open"), None)
    require(claim is not None, "no_claim_open")
    assert claim is not None
    require_grounds(idea.pack, IdeaDecision.DECIDE_CLAIM, message, idea.author_ids, context.time)
    require(message.outcome == "granted" or bool(message.reason.strip()), "reason_required")
    supports = require_finding(idea, matter_of("claim", claim.number), required=claim.panel_required)
    now = today(context.time)
    yield ClaimDecided(
        idea_id=idea.id,
        number=claim.number,
        outcome=message.outcome,
        reason=seal(message.reason, idea.id),
        decided_on=now,
        decided_by=context.actor.id,
        authority=message.authority,
        panel_supports=supports,
        pack=idea.pack,
        department=idea.department,
        title=idea.title,
        authors=idea.authors,
        rule=cite(idea.pack, rules(idea.pack).review.claim_decided_within),
    )
    yield notice_of(idea, context, f"claim_{message.outcome}", decided_on=now)


# --- what events mean


def filed(idea: Idea, event: ClaimFiled) -> Idea:
    """A claim is open."""
    return idea.but(claims=(*idea.claims, Claim(**event.model_dump(exclude={"idea_id", "rule", "document"}))))


def decided(idea: Idea, event: ClaimDecided) -> Idea:
    """It has ended."""
    said = {
        "status": event.outcome,
        "answer": event.reason,
        "decided_on": event.decided_on,
        "panel_supports": event.panel_supports,
    }
    claims = tuple(one.model_copy(update=said) if one.number == event.number else one for one in idea.claims)
    return ended(idea.but(claims=claims), CLAIM_RESULT, "met")
