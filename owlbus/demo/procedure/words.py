"""What things of the procedure are called, in Korean and English."""

from datetime import date, timedelta
from decimal import Decimal

from owlbus.demo.procedure.facts import Conflict, Look, Move, Pause, Reason, ScoreSet
from shared.rules.loader import pack

MOVES = {
    "supplement": ("보완", "supplement"),
    "opinion": ("의견 조회", "opinion"),
    "extension": ("처리 기간 연장", "extension"),
    "closing": ("종결과 재개", "closing and re-opening"),
    "rest_day": ("쉬는 날", "day of rest"),
}
"""Why a clock is due later; what it stood still for has a number behind its name."""

GROUNDS = {
    "author": ("제안자 본인", "wrote it"),
    "same_team": ("제안자와 같은 팀", "works in an author's team"),
    "same_department": ("제안자와 같은 부서", "works in an author's department"),
    "past_coauthor": ("제안자와 공동제안 이력", "wrote with an author before"),
    "challenged": ("기피 신청 인용", "challenged by an author"),
    "recused": ("회피", "stepped back"),
}
"""Grounds that the system knows; what people declare is named by the pack."""

ASKED = {
    "evaluation": ("심사 자료", "evaluation"),
    "history": ("심사 경과", "history"),
    "results": ("회차의 보정 점수", "round figures"),
    "figures": ("제안의 보정 점수", "idea figures"),
}
"""What somebody in conflict asks for in vain."""

REASONS = {
    "nothing_rated": ("채점 없음", "nothing was rated"),
    "assignment_not_fair": ("무작위 배정도 연결 배정도 아님", "raters were assigned neither at random nor linked"),
    "not_connected": ("심사위원과 제안이 서로 연결되지 않음", "raters and ideas fall into unconnected parts"),
    "too_few_per_idea": ("제안별 채점 수 부족", "too few ratings of many ideas"),
    "too_few_per_rater": ("심사위원별 채점 수 부족", "too few ratings by many raters"),
    "own_department_only": ("소관 부서 심사위원만 채점", "ideas rated by their own department alone"),
    "no_variation": ("점수에 차이가 없음", "the ratings do not vary"),
}
"""Why no score is calibrated."""

LOOKS = {
    "reexamination": ("재심사", "re-examination"),
    "claim": ("사후 실시 보상", "claim"),
}
"""A second look at a decision."""

OUTCOMES = {
    "kept": ("결정 유지", "decision kept"),
    "changed": ("채택으로 변경", "adopted after all"),
    "granted": ("인정", "granted"),
    "refused": ("불인정", "refused"),
}
"""How a second look ended."""

SETTLED = {
    "authors": ("제안자 전원 확인", "confirmed by all authors"),
    "silence": ("기한까지 이의 없음", "nobody objected in time"),
    "agency": ("기관 결정", "set by the agency"),
    "restored": ("병합 전 기여도", "as before the merge"),
}
"""How the shares came to stand."""


def moved(move: Move) -> tuple[str, str]:
    """A move in words, such as 보완 +3일."""
    korean, english = MOVES.get(move.why.partition(".")[0], (move.why, move.why))
    return f"{korean} +{move.days}일", f"{english} +{move.days}"


def bare(pause: Pause) -> tuple[str, str]:
    """To which day the term alone leads, before the moves."""
    first = pause.moves[0] if pause.moves else Move("", 0, pause.after)
    day = date.fromisoformat(first.to) - timedelta(days=first.days)
    return f"기간만으로는 {day}", f"the bare term to {day}"


def ground(conflict: Conflict) -> tuple[str, str]:
    """The ground, as the pack words it where it was declared, and how it came to be known."""
    declared = pack(conflict.pack).evaluation.conflicts.ground(conflict.ground)
    if declared is not None:
        return f"{declared.text.ko} (본인 신고)", f"{declared.text.en} (declared)"
    korean, english = GROUNDS[conflict.ground]
    return (f"{korean} (시스템 확인)", f"{english} (found)") if conflict.found else (korean, english)


def panel(look: Look) -> tuple[str, str]:
    """What the panel found; empty where there was none."""
    if look.panel is None:
        return "", ""
    members, outside, votes_for, votes_against = look.panel
    return (
        f"심사위원 {members}명(민간 {outside}명), 찬성 {votes_for} 반대 {votes_against}",
        f"panel of {members}, {outside} of them no officials, {votes_for} for, {votes_against} against",
    )


def reason(one: Reason) -> tuple[str, str]:
    """Why it abstained, with the figure and the limit that it is over."""
    korean, english = REASONS[one.code]
    if not one.found:
        return korean, english
    found, allowed = _plain(one.found), _plain(one.allowed)
    return f"{korean} {found} (허용 {allowed})", f"{english} {found} (at most {allowed})"


def name_of(one: ScoreSet) -> tuple[str, str]:
    """Which set it is."""
    rules = pack(one.pack)
    stage = rules.evaluation.stage(one.stage)
    assert stage is not None
    korean, english = f"{rules.title.ko} {stage.label.ko}", f"{rules.title.en}, {stage.label.en}"
    return (f"{korean}, 회차 밖", f"{english}, outside rounds") if one.alone else (korean, english)


def _plain(figure: str) -> str:
    """A figure without zeros behind its point."""
    return f"{Decimal(figure).normalize():f}"
