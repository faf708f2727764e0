"""A receipt as its holder has it: JSON, or a page that carries the same JSON as text and no scripts."""

import json
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from owlbus import words
from owlbus.audit.outcome import Unchecked, text_of
from owlbus.audit.pages import render
from owlbus.audit.receipt import FORMAT, Mismatch, Receipt, as_json
from shared.rules.calendar import SEOUL

CHANNELS = {
    "online": ("온라인", "online"),
    "paper": ("서면", "on paper"),
    "fax": ("팩스", "by fax"),
    "mail": ("우편", "by mail"),
    "import": ("이전 기록 이관", "import of older records"),
}


def facts(receipt: Receipt, language: words.Language) -> list[tuple[str, str]]:
    """What a receipt says, name by name. Persons are ids."""
    channel = CHANNELS.get(receipt.channel, (receipt.channel, receipt.channel))
    role = words.say(language, words.ROLES.get(receipt.role, receipt.role), receipt.role)
    order, number = receipt.order, receipt.order.number
    before = receipt.before
    none = words.say(language, "없음 (그해 첫 접수)", "none (the first of the year)")
    pairs = [
        ("제안 번호", "idea", receipt.idea_id),
        ("접수일", "received on", receipt.received_on.isoformat()),
        ("접수 경로", "channel", words.say(language, *channel)),
        ("접수자", "received by", " · ".join(part for part in (receipt.received_by, role, receipt.department) if part)),
        ("기록 시각 (서울)", "recorded (Seoul)", _seoul(receipt.recorded_at)),
        (
            "접수 순서",
            "order",
            words.say(language, f"{order.year}년 {number}번째", f"{number} of {order.year}"),
        ),
        ("바로 앞 접수", "just before", f"{before.idea_id} · {before.sha256}" if before else none),
        ("이벤트 위치", "position", receipt.event.position),
        ("이벤트 해시 (SHA-256)", "event hash (SHA-256)", receipt.event.sha256),
        ("접수증을 만든 시각 (서울)", "receipt made (Seoul)", _seoul(receipt.heads.made_at, "seconds")),
    ]
    return [(words.say(language, korean, english), value) for korean, english, value in pairs]


def _seoul(moment: datetime, precision: str = "microseconds") -> str:
    return moment.astimezone(SEOUL).replace(tzinfo=None).isoformat(" ", precision)


def as_page(receipt: Receipt, language: words.Language) -> str:
    """The page. Format 1 of it never changes, so that a page of today is known again for ever."""
    return render("receipt.html.j2", language, receipt=receipt, facts=facts(receipt, language), json=as_json(receipt))


def read_receipt(path: Path) -> tuple[Receipt, list[Mismatch]]:
    """The receipt in a file, and what is wrong with the page around it. Raises Unchecked where it is none."""
    text = text_of(path)
    if not text.lstrip().startswith("<"):
        return _parse(path, text), []
    page = _Page()
    page.feed(text)
    if page.count != 1:
        raise Unchecked(f"{path} is a page without a receipt of ours in it")
    receipt = _parse(path, page.text)
    same = "\n".join(text.split("\r\n")) in {as_page(receipt, "ko"), as_page(receipt, "en")}
    return receipt, [] if same else [
        Mismatch("page", "the page of this receipt", "changed: only the receipt in it counts")
    ]


class _Page(HTMLParser):
    """Finds the text of `<pre id="receipt">`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.count = 0
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre" and ("id", "receipt") in attrs:
            self.count += 1
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text += data


def _parse(path: Path, text: str) -> Receipt:
    try:
        raw: Any = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unchecked(f"{path} holds no receipt: {error}") from None
    found = cast(dict[str, Any], raw).get("format") if isinstance(raw, dict) else None
    if found != FORMAT:
        raise Unchecked(f"{path} holds no receipt in the format {FORMAT}, but {found or 'something without a format'}")
    try:
        return Receipt.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Unchecked(f"{path} is a broken receipt: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers could take different values for a name that is given twice."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name is given twice")
    return dict(pairs)
