"""The figures of a set as a picture: legal scores in order, calibrated ones with their intervals (SVG, no scripts).

The legal score is a filled dot, the calibrated one a ring on its interval: shapes, so that it can be read without
colours. Ideas appear by their ids, raters not at all.
"""

from collections.abc import Iterator
from decimal import Decimal
from html import escape
from typing import Literal

from services.evaluation.domain.results_state import Results
from shared.contracts.evaluation_results import IdeaFigures
from shared.rules.loader import pack

SHOWN = 60
"""As many ideas as fit on a page that people still look at."""

ROW, LEFT, WIDTH, RIGHT, HEAD, FOOT = 22, 190, 520, 110, 96, 34

WORDS = {
    "ko": {
        "title": "점수와 보정 점수",
        "over": "{stage} · 대상 {ideas}건{shortlist} · 신뢰도 ICC(1) {icc1}, ICC(k) {icck}, α {alpha}",
        "shortlist": " ({before} 상위 {best}건만)",
        "legal": "● 심사 점수(공식)",
        "calibrated": "○ 보정 점수와 {level}% 구간(참고)",
        "abstained": "보정 점수 없음: {reasons}",
        "top": "상위 {top}건에 들 확률",
        "more": "점수순 {shown}건까지 표시, 나머지 {rest}건",
    },
    "en": {
        "title": "Scores and calibrated scores",
        "over": "{stage} · over {ideas} ideas{shortlist} · reliability ICC(1) {icc1}, ICC(k) {icck}, α {alpha}",
        "shortlist": " (only the best {best} of {before})",
        "legal": "● legal score",
        "calibrated": "○ calibrated score with {level} % interval (advisory)",
        "abstained": "No calibrated scores: {reasons}",
        "top": "chance of the best {top}",
        "more": "the best {shown} by score, {rest} more",
    },
}

REASONS = {
    "nothing_rated": ("채점된 제안이 없음", "nothing was rated"),
    "assignment_not_fair": ("무작위 배정도 연결 배정도 아님", "raters were assigned neither at random nor linked"),
    "not_connected": ("심사위원과 제안이 서로 연결되지 않음", "raters and ideas fall into unconnected parts"),
    "too_few_per_idea": ("제안별 채점 수 부족", "too few ratings of many ideas"),
    "too_few_per_rater": ("심사위원별 채점 수 부족", "too few ratings by many raters"),
    "own_department_only": ("소관 부서 심사위원만 채점", "ideas rated by their own department alone"),
    "no_variation": ("점수에 차이가 없음", "the ratings do not vary"),
}
"""Why a calibrated score abstains, in Korean and English."""


def reason_in(language: Literal["ko", "en"], reason: str) -> str:
    """The words for one reason."""
    return REASONS[reason][0 if language == "ko" else 1]


def picture(results: Results, language: Literal["ko", "en"]) -> str:
    """The SVG document."""
    ordered = sorted(results.ideas, key=lambda idea: (-(idea.legal or Decimal(-1)), idea.idea_id))
    shown = ordered[:SHOWN]
    height = HEAD + ROW * len(shown) + FOOT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" role="img" '
        'font-family="sans-serif" font-size="12" fill="#1a1a1a">',
        f"<title>{escape(WORDS[language]['title'])}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_head(results, language),
        *_axis(_scale(results), height - FOOT),
        *_rows(shown, _scale(results)),
    ]
    if len(ordered) > len(shown):
        words = WORDS[language]["more"].format(shown=len(shown), rest=len(ordered) - len(shown))
        lines.append(_text(LEFT, height - 12, words))
    return "\n".join([*lines, "</svg>\n"])


def _head(results: Results, language: Literal["ko", "en"]) -> Iterator[str]:
    words = WORDS[language]
    stage = pack(results.pack).evaluation.stage(results.stage)
    assert stage is not None
    whole = next((one for one in results.agreement if one.of == "sum"), None)
    figures = {name: getattr(whole, name, None) for name in ("icc1", "icck", "alpha")}
    said = {name: "–" if figure is None else str(figure.value) for name, figure in figures.items()}
    label = stage.label.ko if language == "ko" else stage.label.en
    over = results.over
    before = pack(results.pack).evaluation.stage(over["before"]) if over["before"] else None
    name = before and (before.label.ko if language == "ko" else before.label.en)
    short = words["shortlist"].format(before=name, best=over["best"]) if before else ""
    yield _text(12, 22, words["title"], 'font-size="16" font-weight="bold"')
    yield _text(12, 42, words["over"].format(stage=label, ideas=over["ideas"], shortlist=short, **said))
    if results.abstained:
        reasons = ", ".join(reason_in(language, one.reason) for one in results.abstained)
        beside = words["abstained"].format(reasons=reasons)
    else:
        beside = words["calibrated"].format(level=stage.calibration.level.value)
    yield _text(12, 62, f"{words['legal']}   {beside}")
    if results.top_of:
        yield _text(LEFT + WIDTH + 12, HEAD - 12, words["top"].format(top=results.top))


def _scale(results: Results) -> tuple[float, float]:
    """The lowest and the highest point that must fit."""
    points = [float(idea.legal) for idea in results.ideas if idea.legal is not None]
    for idea in results.ideas:
        if idea.calibrated is not None:
            points += [float(edge) for edge in (idea.calibrated.low, idea.calibrated.high) if edge is not None]
    low, high = min(points, default=0.0), max(points, default=1.0)
    return (low, high) if high > low else (low - 1, high + 1)


def _axis(scale: tuple[float, float], bottom: int) -> Iterator[str]:
    """Five points of the scale, each with a line through all rows."""
    low, high = scale
    for n in range(5):
        x = round(LEFT + 8 + n / 4 * (WIDTH - 16), 1)
        yield f'<line x1="{x}" y1="{HEAD - 6}" x2="{x}" y2="{bottom}" stroke="#d0d0cc"/>'
        yield _text(x, HEAD - 12, f"{low + (high - low) * n / 4:.1f}", 'text-anchor="middle"')


def _rows(shown: list[IdeaFigures], scale: tuple[float, float]) -> Iterator[str]:
    low, high = scale

    def x(value: Decimal) -> float:
        return round(LEFT + 8 + (float(value) - low) / (high - low) * (WIDTH - 16), 1)

    for n, idea in enumerate(shown):
        y = HEAD + ROW * n + ROW // 2
        if n % 2 == 0:
            yield f'<rect y="{y - ROW // 2}" width="100%" height="{ROW}" fill="#000000" fill-opacity="0.04"/>'
        score = "" if idea.legal is None else f"  {idea.legal}"
        yield _text(12, y + 4, f"{n + 1}. {idea.idea_id[:16]}{score}")
        if (figure := idea.calibrated) is not None:
            if figure.low is not None and figure.high is not None:
                yield (
                    f'<line x1="{x(figure.low)}" y1="{y}" x2="{x(figure.high)}" y2="{y}" stroke="#3b6ea5" '
                    'stroke-width="2"/>'
                )
            yield f'<circle cx="{x(figure.value)}" cy="{y}" r="5" fill="#ffffff" stroke="#3b6ea5" stroke-width="2"/>'
        if idea.legal is not None:
            yield f'<circle cx="{x(idea.legal)}" cy="{y}" r="3.5" fill="#1a1a1a"/>'
        if idea.top is not None:
            yield _text(LEFT + WIDTH + 12, y + 4, f"{float(idea.top) * 100:.1f} %")


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'
