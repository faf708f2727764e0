"""Who may confirm the grades of a category, and what then is granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.awards.domain.commands import ConfirmGrades
from services.awards.domain.grading import Placed, propose
from services.awards.domain.rules import category_rules, rules
from services.awards.domain.settlement import prize_of, split
from shared.contracts.awards import RankedNominee
from shared.contracts.types import Authority, Payment
from shared.engine.aggregate import require
from shared.rules.awards import AwardDecision, AwardsRules, Category, Grade


@dataclass(frozen=True, slots=True)
class Grant:
    """One award as it is confirmed."""

    nominee: RankedNominee
    grade: Grade
    prize_won: int
    payments: tuple[Payment, ...]


def require_independent(drafter: str, nominees: Sequence[RankedNominee], persons: Sequence[str]) -> None:
    """None of `persons` drafted what they confirm (기안자 ≠ 결재자), none is an author in this category."""
    authors = {author.person_id for nominee in nominees for author in nominee.authors}
    require(drafter not in persons, "drafter_may_not_confirm", recorded=True)
    require(authors.isdisjoint(persons), "conflict_of_interest", recorded=True)


def require_authority(asked: AwardsRules, authority: Authority | None, *, last: bool, on: date) -> None:
    """The authority is there where the pack asks for one; the `last` confirmation also closes the round."""
    acts = {AwardDecision.CONFIRM_GRADE, AwardDecision.SETTLE}
    if last:
        acts.add(AwardDecision.CLOSE_ROUND)
    require(authority is not None or acts.isdisjoint(asked.authority_required.value), "authority_required")
    if authority is not None:
        require(authority.at <= on, "date_in_future", field="authority.at", date=str(authority.at))


def grants(pack_id: str, nominees: Sequence[RankedNominee], message: ConfirmGrades) -> tuple[Grant, ...]:
    """The awards that a confirmation makes of the proposed grades, best first."""
    asked, category = rules(pack_id), category_rules(pack_id, message.category_id)
    placed = [Placed(one.idea_id, one.score, one.rank) for one in nominees]
    proposal = propose(asked, category, placed, message.order)
    require(not proposal.tied, "order_required", ideas=sorted(proposal.tied))
    withheld = {one.idea_id for one in message.withheld}
    chosen = {one.idea_id: one.won for one in message.prizes}
    for idea_id in sorted(withheld | chosen.keys()):
        require(idea_id in proposal.grades, "not_proposed", idea_id=idea_id)
    require(withheld.isdisjoint(chosen), "withheld_with_prize", ideas=sorted(withheld & chosen.keys()))
    granted = [one for one in nominees if one.idea_id in proposal.grades and one.idea_id not in withheld]
    require(bool(granted) or not proposal.grades or asked.no_winner_allowed.value, "winner_required")
    return tuple(_grant(asked, category, one, proposal.grades[one.idea_id], chosen.get(one.idea_id)) for one in granted)


def _grant(asked: AwardsRules, category: Category, nominee: RankedNominee, code: str, wanted: int | None) -> Grant:
    grade = category.grade(code)
    assert grade is not None, code
    prize = prize_of(asked, grade, len(nominee.authors), wanted)
    return Grant(nominee, grade, prize, split(prize, nominee.authors, asked.remainder.value))
