"""A simulation as text for people, in Korean or English."""

from collections.abc import Iterator
from decimal import Decimal

from owlbus.packs.simulate import OLD_SCORE, Simulation, Standing
from owlbus.words import Language, say

WHY = {
    "no_category": ("받을 부문 없음", "no category takes its kind"),
    "not_evaluated": ("심사 결과 없음", "not evaluated"),
    "below_line": ("추천 기준 미달", "below the line"),
}


def as_text(found: Simulation, language: Language) -> str:
    """All of it, line by line."""
    return "\n".join(_lines(found, language))


def _lines(found: Simulation, language: Language) -> Iterator[str]:
    yield say(
        language, f"{found.round_id}: {found.draft}(안)을 적용한 모의 결과", f"{found.round_id} under {found.draft}"
    )
    for one in found.ideas:
        yield _row(one, language)
    entering, leaving = len(found.entering), len(found.leaving)
    yield say(language, f"새로 추천 {entering}건, 추천 제외 {leaving}건", f"{entering} come in, {leaving} drop out")
    yield say(
        language,
        f"시상금 {found.cost_then:,}원 → {found.cost:,}원 (예산 {found.budget:,}원)",
        f"prizes {found.cost_then:,} won → {found.cost:,} won (budget {found.budget:,} won)",
    )
    if found.cost > found.budget:
        over = found.cost - found.budget
        yield say(language, f"예산을 {over:,}원 넘습니다", f"{over:,} won over the budget")
    if found.tied:
        names = ", ".join(found.tied)
        yield say(language, f"동점으로 순서를 정해야 함: {names}", f"equal, to be put in order by a person: {names}")
    yield say(language, f"기한을 넘기는 결정 {len(found.late)}건", f"{len(found.late)} decisions would be late")
    for one in found.late:
        again = say(language, " (당시에도 기한을 넘김)", " (late then, too)") if one.late_then else ""
        yield say(
            language,
            f"  {one.idea_id}: 기한 {one.due}, 결정 {one.decided_on}{again}",
            f"  {one.idea_id}: due {one.due}, decided {one.decided_on}{again}",
        )
    if found.uncounted:
        yield say(
            language,
            f"달력이 모르는 날짜라 기한을 세지 못한 결정 {found.uncounted}건",
            f"{found.uncounted} decisions lie outside the calendar and were not counted",
        )


def _row(one: Standing, language: Language) -> str:
    mark = {(True, True): "=", (False, True): "+", (True, False): "-", (False, False): " "}
    parts = [
        f"{mark[one.nominated_then, one.nominated]} {one.title or one.idea_id}",
        f"{_number(one.score_then)} → {_number(one.score)}",
        f"{one.grade_then or '–'} → {one.grade or '–'}",
        f"{one.prize_then:,} → {one.prize:,}",
    ]
    if one.why:
        parts.append(say(language, *WHY[one.why]))
    if one.note == OLD_SCORE:
        parts.append(say(language, "심사기준이 달라 당시 점수 사용", "other criteria: the score of that time"))
    return "  ".join(parts)


def _number(score: Decimal | None) -> str:
    return "–" if score is None else str(score)
