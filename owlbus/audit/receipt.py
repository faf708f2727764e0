"""Receipts (접수증): what an idea's holder keeps, and can check without any server.

The office's act is an event. A receipt carries its very bytes and their hash, its place in the order of receipts, the
hash of the receipt just before it, and where every log ended then; so that two holders can tell who came first, and
nobody can put another event in its place without its being seen.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from owlbus.audit.check import LogCheck, check_log
from owlbus.audit.heads import Heads, Sha256, heads_of
from owlbus.audit.outcome import Wrong
from owlbus.fleet import TOPICS
from shared.engine.envelope import Envelope, Unreadable, decode, digest_of
from shared.rules.calendar import SEOUL
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record

FORMAT = "owlbus.receipt/1"
RECEIVED = "ideas.IdeaReceived"
SOURCE = re.compile(r"ideas/\d+")

ORDER = (
    "place among all receipts recorded in this year (Asia/Seoul) in the log up to the heads named here, "
    "by recorded time, then by position"
)
"""What `number` is. Recorded time is when the office's act was recorded, which `received_on` may precede."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReceiptEvent(_Part):
    """The event as it stands in the log: position, SHA-256 of its bytes, and the bytes (UTF-8) as text."""

    position: str
    sha256: Sha256
    bytes: str


class Order(_Part):
    """Which receipt of its year it is; `counted` says how that is counted."""

    year: int
    number: Annotated[int, Field(ge=1)]
    counted: str = ORDER


class Before(_Part):
    """The receipt just before it in that order."""

    idea_id: str
    position: str
    sha256: Sha256


class Receipt(_Part):
    """One receipt. `before` is None for the first of a year; `heads` are where the logs ended when it was made."""

    format: Literal["owlbus.receipt/1"] = FORMAT
    idea_id: str
    received_on: date
    received_by: str
    role: str
    department: str
    channel: str
    recorded_at: Annotated[AwareDatetime, Field(lt=datetime(9000, 1, 1, tzinfo=UTC))]
    order: Order
    before: Before | None
    event: ReceiptEvent
    heads: Heads


Place = tuple[datetime, int, int]
"""Where a receipt stands in the order: recorded time, then the position's two numbers."""


@dataclass(slots=True)
class Receipts:
    """All receipts that a reading of the log comes upon, and the bytes of the one that is wanted."""

    idea_id: str
    _known: dict[Place, tuple[str, str]] = field(default_factory=dict[Place, tuple[str, str]])
    _wanted: bytes = b""

    def add(self, record: Record) -> None:
        """Take one record."""
        value = record.value or b""
        if record.topic != "ideas.events" or RECEIVED.encode() not in value:
            return
        try:
            envelope = decode(value)
        except Unreadable:
            return
        if envelope.type == RECEIVED and SOURCE.fullmatch(envelope.source):
            idea_id = str(envelope.data.get("idea_id"))
            self._known.setdefault(_place(envelope), (idea_id, digest_of(value)))
            if idea_id == self.idea_id:
                self._wanted = self._wanted or value

    def receipt(self, heads: Heads) -> Receipt:
        """The receipt of the wanted idea. Raises Wrong where the log has none."""
        if not self._wanted:
            raise Wrong(f"no idea {self.idea_id} has been received, as far as the log says")
        envelope = decode(self._wanted)
        place, year = _place(envelope), _year(envelope.time)
        earlier = sorted(other for other in self._known if other < place and _year(other[0]) == year)
        try:
            return self._made(envelope, Order(year=year, number=len(earlier) + 1), earlier, heads)
        except (KeyError, TypeError, ValueError) as error:
            raise Wrong(f"{envelope.id} is no receipt that any office made: {error}") from None

    def _made(self, envelope: Envelope, order: Order, earlier: list[Place], heads: Heads) -> Receipt:
        text, digest = self._wanted.decode("utf-8"), digest_of(self._wanted)
        return Receipt(
            idea_id=self.idea_id,
            received_on=date.fromisoformat(envelope.data["received_on"]),
            received_by=envelope.data["received_by"],
            role=envelope.actor.role,
            department=envelope.actor.department,
            channel=envelope.data["channel"],
            recorded_at=envelope.time,
            order=order,
            before=self._before(earlier[-1]) if earlier else None,
            event=ReceiptEvent(position=envelope.id, sha256=digest, bytes=text),
            heads=heads,
        )

    def _before(self, place: Place) -> Before:
        idea_id, digest = self._known[place]
        return Before(idea_id=idea_id, position=f"ideas/{place[1]}/{place[2]}", sha256=digest)


async def make_receipt(access: Access, idea_id: str, grown: Callable[[LogCheck], None] = lambda _: None) -> Receipt:
    """Read and check the whole log, and make the receipt of an idea. `grown` is told of the check as it grows.

    Raises Wrong where the idea was not received, or where the log is not whole; TopicsUnfit, KafkaUnavailable.
    """
    receipts = Receipts(idea_id)
    check = LogCheck(access.settings.partitions)
    async for check in check_log(access, TOPICS, read=receipts.add):
        grown(check)
    if check.troubles():
        raise Wrong("the log is not whole, so nothing can be receipted from it: see `owlbus log verify`")
    return receipts.receipt(heads_of(check))


def _place(envelope: Envelope) -> Place:
    _, _, number = envelope.source.partition("/")
    return (envelope.time, int(number), envelope.sequence)


def _year(moment: datetime) -> int:
    try:
        return moment.astimezone(SEOUL).year
    except OverflowError:
        return moment.year


# --- checking, without any server


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A field of a receipt that is not what it must be."""

    field: str
    stated: str
    found: str


def mismatches(receipt: Receipt) -> list[Mismatch]:
    """Every field that the receipt's own bytes contradict."""
    try:
        value = receipt.event.bytes.encode("utf-8")
        envelope = decode(value)
    except (UnicodeEncodeError, Unreadable) as error:
        return [Mismatch("event.bytes", "an event", str(error))]
    head = receipt.heads.heads.get(envelope.source)
    before = receipt.before
    pairs: list[tuple[str, object, object]] = [
        ("event.sha256", receipt.event.sha256, digest_of(value)),
        ("event.position", receipt.event.position, envelope.id),
        ("event.type", RECEIVED, envelope.type),
        ("idea_id", receipt.idea_id, envelope.data.get("idea_id")),
        ("event.subject", f"idea/{receipt.idea_id}", envelope.subject),
        ("received_on", receipt.received_on.isoformat(), envelope.data.get("received_on")),
        ("received_by", receipt.received_by, envelope.data.get("received_by")),
        ("role", receipt.role, envelope.actor.role),
        ("department", receipt.department, envelope.actor.department),
        ("channel", receipt.channel, envelope.data.get("channel")),
        ("recorded_at", receipt.recorded_at, envelope.time),
        ("order.year", receipt.order.year, _year(envelope.time)),
        ("order.counted", receipt.order.counted, ORDER),
        ("order.number", receipt.order.number == 1, before is None),
        ("before.idea_id", before is not None and before.idea_id == receipt.idea_id, False),
        ("heads", head is not None and head.sequence >= envelope.sequence, True),
    ]
    if head is not None and head.sequence == envelope.sequence:
        pairs.append((f"heads.{envelope.source}", head.sha256, digest_of(value)))
    return [Mismatch(name, str(stated), str(found)) for name, stated, found in pairs if stated != found]


def against(receipt: Receipt, kept: Heads) -> list[Mismatch]:
    """What heads that were kept elsewhere contradict."""
    position, _, sequence = receipt.event.position.rpartition("/")
    found: list[Mismatch] = []
    for source, head in kept.heads.items():
        then = receipt.heads.heads.get(source)
        if source == position and str(head.sequence) == sequence and head.sha256 != receipt.event.sha256:
            found.append(Mismatch("event.sha256", receipt.event.sha256, f"{head.sha256} in the kept heads"))
        if then is not None and then.sequence == head.sequence and then.sha256 != head.sha256:
            found.append(Mismatch(f"heads.{source}", then.sha256, f"{head.sha256} in the kept heads"))
        later, earlier = (then.sequence if then else 0), head.sequence
        if kept.made_at > receipt.heads.made_at:
            later, earlier = earlier, later
        if later < earlier:
            found.append(Mismatch(f"heads.{source}", f"ends at {earlier}", f"ends at {later}, although noted later"))
    return found


def as_json(receipt: Receipt) -> str:
    """The receipt as it is kept; plain ASCII, so that no program on its way can change its characters."""
    return json.dumps(receipt.model_dump(mode="json"), indent=2) + "\n"
