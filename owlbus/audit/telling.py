"""A story as people read it: a timeline for the terminal, or a page."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from unicodedata import category

from owlbus import words
from owlbus.audit.pages import render
from owlbus.audit.story import Cause, Happening, Story

CAUSES = {
    "command": ("사람의 요청", "a person's command"),
    "deadline": ("기한", "a deadline"),
    "redrive": ("운영자의 다시 처리", "an operator's redrive"),
    "event": ("이벤트", "an event"),
}
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Characters that a terminal acts on instead of showing them, or that change the direction of what follows."""
_HARMLESS = frozenset("\n\t\u200d")  # the last one joins emoji


@dataclass(frozen=True, slots=True)
class Told:
    """One happening in the words of one language. `facts` are names and values: who, rule, authority, cause."""

    day: str
    time: str
    service: str
    what: str
    detail: str
    facts: list[tuple[str, str]]
    written: list[tuple[str, str]]
    position: str
    type: str
    sha256: str
    data: str


def as_text(story: Story, language: words.Language) -> str:
    """The timeline, for a terminal. What could steer the terminal is shown by its number."""
    lines: list[str] = []
    for day, told in _by_day(story, language):
        lines += ["", day]
        for one in told:
            lines.append(
                f"  {one.time}  {one.what}{' ' if one.detail else ''}{one.detail}   [{one.position} {one.type}]"
            )
            lines += [f"            {name}: {value}" for name, value in one.facts]
            lines += [f"            {path}: {_indented(text)}" for path, text in one.written]
    return "\n".join(visible(line) for line in lines[1:])


def as_page(story: Story, language: words.Language) -> str:
    """One page without scripts."""
    days = [(day, list(told)) for day, told in _by_day(story, language)]
    return render("story.html.j2", language, id=story.id, days=days, count=sum(len(told) for _, told in days))


def visible(text: str) -> str:
    """The text with every character shown that would otherwise act on a terminal; line ends and tabs stay."""
    return "".join(f"\\u{ord(c):04x}" if category(c) in _HIDDEN and c not in _HARMLESS else c for c in text)


def _indented(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\n" + " " * 14)


def _by_day(story: Story, language: words.Language) -> Iterable[tuple[str, Iterable[Told]]]:
    told = [_told(story, one, language) for one in story.happenings()]
    return [(day, list(group)) for day, group in groupby(told, key=lambda one: one.day)]


def _told(story: Story, one: Happening, language: words.Language) -> Told:
    day, _, time = one.seoul.partition(" ")
    return Told(
        day=day,
        time=time,
        service=one.service,
        what=one.what(language),
        detail=one.detail(language),
        facts=list(_facts(one, story.cause(one), language)),
        written=one.written,
        position=one.event.id,
        type=one.event.type,
        sha256=one.sha256,
        data=json.dumps(one.event.data, indent=2, ensure_ascii=False),
    )


def _facts(one: Happening, cause: Cause, language: words.Language) -> Iterable[tuple[str, str]]:
    actor = one.event.actor
    role = words.say(language, words.ROLES.get(actor.role, actor.role), actor.role)
    yield words.say(language, "누가", "who"), " · ".join(part for part in (actor.id, role, actor.department) if part)
    if rule := one.rule:
        yield words.say(language, "규칙", "rule"), " · ".join(value for value in rule.values() if value)
    if authority := one.authority:
        yield words.say(language, "결재", "authority"), " · ".join(value for value in authority.values() if value)
    known = words.EVENTS.get(cause.type)
    name = words.say(language, *(known or CAUSES[cause.kind]))
    yield (
        words.say(language, "원인", "caused by"),
        f"{name} · {' '.join(part for part in (cause.id, cause.type) if part)}",
    )
