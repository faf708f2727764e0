"""The account as one self-contained page, for people who read no terminal."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from owlbus import words
from owlbus.demo.account import Account, Step
from owlbus.demo.data import Cast
from owlbus.demo.procedure import words as procedure_words
from owlbus.demo.terminal import cause
from shared.rules.calendar import SEOUL

Language = Literal["ko", "en"]

WIDTH, ROW, LABEL = 420, 36, 104
"""Of the drawings, in their own units: narrow, so that a phone shows them at a size that can be read."""


def write_page(account: Account, cast: Cast, path: Path, language: Language) -> None:
    """Render the page; everything that people wrote is shown as text, whatever it contains."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["won"] = words.won
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["place"] = cast.place
    environment.filters["person"] = cast.name
    say = partial(_say, language)
    page = environment.get_template("page.html.j2").render(
        account=account,
        days_told=" – ".join(dict.fromkeys(_day(moment) for moment in (account.began, account.ended) if moment)),
        language=language,
        say=say,
        counted=[(name, say(*label)) for name, label in words.COUNTED.items()],
        funnel=_funnel(account, say),
        endings=[(say(*words.SIDEWAYS[code]), count) for code, count in account.endings.items()],
        days=_days(account, cast, say),
        services=[(code, say(*names)) for code, names in words.SERVICES.items()],
        spread=_spread(account, cast, say),
        procedure=account.procedure,
        bare=procedure_words.bare,
        moved=procedure_words.moved,
        settled=procedure_words.SETTLED,
        looks=procedure_words.LOOKS,
        outcomes=procedure_words.OUTCOMES,
        panel=procedure_words.panel,
        ground=procedure_words.ground,
        asked=procedure_words.ASKED,
        set_name=procedure_words.name_of,
        abstained=procedure_words.reason,
        seconds=[(say(*words.SECONDS[part]), spent) for part, spent in account.seconds.items()],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


Say = Callable[[str, str], str]


def _say(language: Language, korean: str, english: str) -> str:
    return korean if language == "ko" else english


def _funnel(account: Account, say: Say) -> dict[str, Any]:
    """Bars around a middle line, each with how many of all came this far."""
    most = max(1, account.ideas)
    room = WIDTH - 2 * LABEL
    rows: list[dict[str, Any]] = []
    for number, (step, names) in enumerate(words.FUNNEL.items()):
        count = account.funnel[step]
        width = max(2.0 if count else 0.0, room * count / most)
        rows.append(
            {
                "label": say(*names),
                "count": count,
                "share": f"{(200 * count + most) // (2 * most)}%",
                "x": round(LABEL + (room - width) / 2, 1),
                "y": number * ROW,
                "middle": number * ROW + 24,
                "width": round(width, 1),
            }
        )
    return {"rows": rows, "width": WIDTH, "height": len(rows) * ROW, "bar": ROW - 8, "label": LABEL}


def _day(moment: str) -> str:
    """The date in Seoul."""
    return datetime.fromisoformat(moment).astimezone(SEOUL).date().isoformat()


def _days(account: Account, cast: Cast, say: Say) -> list[dict[str, Any]]:
    """The timeline by day in Seoul."""
    steps = [_step(step, cast, say) for step in account.timeline]
    return [{"day": day, "steps": list(group)} for day, group in groupby(steps, key=lambda step: step["day"])]


def _step(step: Step, cast: Cast, say: Say) -> dict[str, Any]:
    at = datetime.fromisoformat(step.time).astimezone(SEOUL)
    code, colon, rest = step.detail.partition(":")
    return {
        "day": at.date().isoformat(),
        "time": at.strftime("%H:%M"),
        "service": step.service,
        "label": say(*words.EVENTS.get(step.type, (step.type, step.type))),
        "detail": cast.place(code) + colon + rest,
        "role": say(words.who(step.type, step.role), "voters" if step.count > 1 else step.role),
        "id": step.id,
        "type": step.type,
        "cause": cause(step.caused_by),
    }


def _spread(account: Account, cast: Cast, say: Say) -> list[dict[str, Any]]:
    """Per case a fan of lines from the case to its targets."""
    drawings: list[dict[str, Any]] = []
    for title, group in groupby(account.spread, key=lambda offer: offer.title):
        offers = list(group)
        height = max(2, len(offers)) * 46
        targets = [
            {
                "place": cast.place(offer.target),
                "answer": offer.answer,
                "label": say(*words.ANSWERS[offer.answer]),
                "on": say("기한 ", "due ") + offer.on if offer.answer in words.UNANSWERED else offer.on,
                "reason": offer.reason,
                "y": round((number + 0.5) * height / len(offers), 1),
            }
            for number, offer in enumerate(offers)
        ]
        drawings.append({"title": title, "height": height, "targets": targets})
    return drawings
