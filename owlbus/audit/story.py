"""Everything that happened to an idea, a person, a round: when, what, who, under which rule, caused by what.

An event is relevant to an id by one rule: the id is its key, part of its subject, its actor, or stands as a value in
its data. Nothing else is left out, and nothing is interpreted: each happening names its position and its hash.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import orjson

from owlbus import words
from owlbus.fleet import TOPICS
from shared.engine.envelope import Envelope, Unreadable, decode, digest_of
from shared.rules.calendar import SEOUL
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, TopicReader

Position = str
"""Source and sequence, such as "ideas/3/1500": the id of an event."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, and the hash of its bytes."""

    event: Envelope
    sha256: str

    @property
    def seoul(self) -> str:
        """When it was recorded, in Seoul, as date and time of day."""
        try:
            return f"{self.event.time.astimezone(SEOUL):%Y-%m-%d %H:%M:%S}"
        except OverflowError:
            return self.event.time.isoformat(" ", "seconds")

    @property
    def service(self) -> str:
        """Whose event it is."""
        return self.event.source.partition("/")[0]

    def what(self, language: words.Language) -> str:
        """What happened, in words; the type's own name where there are none."""
        return words.say(language, *words.EVENTS.get(self.event.type, (self.event.type, self.event.type)))

    def detail(self, language: words.Language) -> str:
        """The one thing worth saying beside that; empty also where the data is not what it should be."""
        try:
            return words.detail(self.event.type, self.event.data, language)
        except (KeyError, TypeError, ValueError):
            return ""

    @property
    def rule(self) -> dict[str, str]:
        """Pack, hash and article; the pack alone where the event cites no article, nothing where it names no pack."""
        rule = self.event.data.get("rule")
        if isinstance(rule, dict):
            return _texts(cast(dict[str, Any], rule))
        return _texts({"pack": self.event.data["pack"]}) if "pack" in self.event.data else {}

    @property
    def authority(self) -> dict[str, str]:
        """Document, approver, capacity and day, where the event stands on one."""
        authority = self.event.data.get("authority")
        return _texts(cast(dict[str, Any], authority)) if isinstance(authority, dict) else {}

    @property
    def written(self) -> list[tuple[str, str]]:
        """What people wrote: each text with its path."""
        return list(_sealed(self.event.data))


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something happened. `kind` is "event", "command", "deadline" or "redrive"; of an event `type` is known."""

    kind: str
    id: str
    type: str = ""


@dataclass(slots=True)
class Story:
    """The happenings that are relevant to one id, collected from records in any order."""

    id: str
    records: int = 0
    expected: int = 0
    _needle: bytes = field(init=False)
    _happenings: dict[tuple[Position, str], Happening] = field(default_factory=dict[tuple[Position, str], Happening])
    _causes: dict[Position, str] = field(default_factory=dict[Position, str])

    def __post_init__(self) -> None:
        self._needle = orjson.dumps(self.id)[1:-1]

    def add(self, record: Record) -> None:
        """Take one record; copies of the same bytes count once."""
        self.records += 1
        value = record.value or b""
        if self._needle not in value and b"\\u" not in value:  # the escaped form would hide it
            return
        envelope = _read(value)
        if envelope is not None and is_relevant(envelope, self.id):
            digest = digest_of(value)
            self._happenings.setdefault((envelope.id, digest), Happening(envelope, digest))
            self._causes[envelope.id] = envelope.type

    def add_cause(self, record: Record) -> None:
        """Take one record of a second reading, which finds the events that `unexplained` names."""
        envelope = _read(record.value or b"")
        if envelope is not None:
            self._causes.setdefault(envelope.id, envelope.type)

    def happenings(self) -> list[Happening]:
        """All, by recorded time, then position."""
        return sorted(self._happenings.values(), key=lambda one: (one.event.time, one.event.source, one.event.sequence))

    def unexplained(self) -> set[Position]:
        """Positions of causes whose events are not relevant themselves, so that their types are not known yet."""
        causes = {one.event.causation for one in self._happenings.values()}
        return {cause for cause in causes if _kind(cause) == "event"} - self._causes.keys()

    def cause(self, happening: Happening) -> Cause:
        """Why it happened."""
        causation = happening.event.causation
        kind = _kind(causation)
        if kind == "event":
            return Cause(kind, causation, self._causes.get(causation, ""))
        return Cause(kind, causation.partition("/")[2])

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {"id": self.id, "events": [self._document(one) for one in self.happenings()]}

    def _document(self, one: Happening) -> dict[str, Any]:
        event = one.event
        return {
            "position": event.id,
            "sha256": one.sha256,
            "time": event.time.isoformat(),
            "seoul": one.seoul,
            "service": one.service,
            "type": event.type,
            "what": {"ko": one.what("ko"), "en": one.what("en")},
            "detail": {"ko": one.detail("ko"), "en": one.detail("en")},
            "who": {"id": event.actor.id, "role": event.actor.role, "department": event.actor.department},
            "rule": one.rule,
            "authority": one.authority,
            "cause": asdict(self.cause(one)),
            "subject": event.subject,
            "version": event.version,
            "data": event.data,
        }


def is_relevant(envelope: Envelope, id: str) -> bool:
    """The id is its key, part of its subject, its actor, or stands as a value in its data."""
    subject = envelope.subject.partition("/")[2]
    return id in (envelope.key, subject, envelope.actor.id) or id in subject.split("/") or _stands_in(envelope.data, id)


async def tell(access: Access, id: str) -> AsyncGenerator[Story]:
    """Read all topics for one id; yields the story as it grows, the last one is complete.

    What else is needed to name the causes takes a second reading. Raises TopicsUnfit, KafkaUnavailable.
    """
    story = Story(id)
    async with TopicReader(access, TOPICS) as reader:
        async for records in reader.to_end():
            story.expected = reader.expected
            for record in records:
                story.add(record)
            yield story
    if needed := {f'"{position}"'.encode() for position in story.unexplained()}:
        async with TopicReader(access, TOPICS) as reader:
            async for records in reader.to_end():
                for record in records:
                    if _begins_with_one_of(needed, record.value or b""):
                        story.add_cause(record)
    yield story


def _begins_with_one_of(positions: set[bytes], value: bytes) -> bool:
    """Whether an event's bytes bear one of these ids, without reading them whole."""
    _, _, rest = value.partition(b'"id":')
    return rest[: rest.find(b",")] in positions


def _read(value: bytes) -> Envelope | None:
    try:
        return decode(value)
    except Unreadable:
        return None


def _kind(causation: str) -> str:
    kind = causation.partition("/")[0]
    return kind if kind in ("command", "deadline", "redrive") else "event"


def _stands_in(value: Any, id: str) -> bool:
    match value:
        case str():
            return value == id
        case dict():
            return any(_stands_in(inner, id) for inner in cast(dict[str, Any], value).values())
        case list():
            return any(_stands_in(inner, id) for inner in cast(list[Any], value))
        case _:
            return False


def _sealed(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case {"key": _, "alg": "none", "value": str(text)}:
            yield path, text
        case {"key": _, "alg": "none", "value": dict()}:
            for name, text in cast(dict[str, dict[str, Any]], value)["value"].items():
                yield f"{path}.{name}", str(text)
        case dict():
            for name, inner in cast(dict[str, Any], value).items():
                yield from _sealed(inner, f"{path}.{name}" if path else name)
        case list():
            for index, inner in enumerate(cast(list[Any], value)):
                yield from _sealed(inner, f"{path}[{index}]")
        case _:
            pass


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
