"""Telling people that something followed a duty, in Korean and English."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.duties import Move, MoveNoticed
from shared.engine.message import Instant

KEPT = 20
"""As many of the latest notices stand in a state; the log has all."""


class Told(BaseModel):
    """Who was told of a move, and when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    move: Move
    issued_at: Instant
    recipients: tuple[str, ...]


def told(before: tuple[Told, ...], event: MoveNoticed) -> tuple[Told, ...]:
    """With one more."""
    return (*before, Told(move=event.move, issued_at=event.issued_at, recipients=event.recipients))[-KEPT:]


def everybody(*people: str | Iterable[str]) -> tuple[str, ...]:
    """Each person once, in order; nobody where none is named."""
    named = (one for some in people for one in ((some,) if isinstance(some, str) else some))
    return tuple(dict.fromkeys(person for person in named if person))


def said(move: Move) -> dict[str, str]:
    """What a notice of a move says, by language."""
    korean = (
        f"{move.moved_on}부터 ‘{move.name}’ 업무의 담당 부서가 바뀌었습니다: {move.from_department} → {move.department}"
    )
    english = (
        f"From {move.moved_on} on “{move.name}” is the duty of {move.department}, before of {move.from_department}"
    )
    because = (f" (사유: {move.reason})", f" (reason: {move.reason})") if move.reason else ("", "")
    return {"ko": korean + because[0], "en": english + because[1]}


def shown(id: str, title: str, notices: Iterable[Told], person_id: str) -> list[dict[str, Any]]:
    """The notices to one person about the item `id`."""
    return [
        {
            "id": id,
            "title": title,
            "notice": "duty_moved",
            "issued_at": one.model_dump(mode="json")["issued_at"],
            "move": one.move.model_dump(mode="json"),
            "text": said(one.move),
        }
        for one in notices
        if person_id in one.recipients
    ]
