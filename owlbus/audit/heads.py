"""Heads that were kept elsewhere: what a log is held against that somebody may have cut off or written anew.

A chain only says that a log fits together. That it is still the same log is said by where it ended once, written down
where nobody who runs the system can change it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from owlbus.audit.check import LogCheck, Trouble
from owlbus.audit.outcome import Unchecked, text_of
from shared.engine.chain import ChainCheck, Head
from shared.engine.envelope import MAX_SEQUENCE

FORMAT = "owlbus.heads/1"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sequence = Annotated[int, Field(ge=1, le=MAX_SEQUENCE)]


class KeptHead(BaseModel):
    """Where one source's log ended: number and SHA-256 of its last event."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sequence: Sequence
    sha256: Sha256


class Heads(BaseModel):
    """Where every source's log ended at `made_at`, and how many events there were by then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["owlbus.heads/1"] = FORMAT
    made_at: Annotated[AwareDatetime, Field(lt=datetime(9000, 1, 1, tzinfo=UTC))]
    events: Annotated[int, Field(ge=0)]
    heads: dict[str, KeptHead]


def heads_of(check: LogCheck, made_at: datetime | None = None) -> Heads:
    """The heads of a log that was read; `made_at` is now unless given."""
    heads = {source: KeptHead(sequence=it.sequence, sha256=it.digest) for source, it in check.heads().items()}
    at = (made_at or datetime.now(UTC)).replace(microsecond=0)
    return Heads(made_at=at, events=sum(check.chains.counts.values()), heads=heads)


def read_heads(path: Path) -> Heads:
    """The heads that a file keeps. Raises Unchecked where it is none of ours, or broken."""
    try:
        raw: Any = json.loads(text_of(path))
    except ValueError as error:
        raise Unchecked(
            f"{path} holds no heads: it is not JSON ({error}). `owlbus log heads > FILE` makes one"
        ) from None
    found = raw.get("format") if isinstance(raw, Mapping) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if found != FORMAT:
        raise Unchecked(f"{path} holds no heads in the format {FORMAT}, but {found or 'something without a format'}")
    try:
        return Heads.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Unchecked(f"{path} is a broken file of heads: {where}: {first['msg']}") from None


def held_against(kept: Heads, chains: ChainCheck) -> tuple[Trouble, ...]:
    """What has become of the log since `kept` was written down, where it is not merely longer."""
    now = chains.heads()
    troubles = [_compare(source, head, now.get(source), chains) for source, head in kept.heads.items()]
    return tuple(trouble for trouble in troubles if trouble is not None)


def _compare(source: str, kept: KeptHead, now: Head | None, chains: ChainCheck) -> Trouble | None:
    where = f"{source}/{kept.sequence}"
    if now is None:
        return Trouble("vanished", where, "nothing is left of a source whose log once went so far")
    if now.sequence < kept.sequence:
        return Trouble("cut off", where, f"the log once went so far, and now ends at {source}/{now.sequence}")
    found = chains.digest_at(source, kept.sequence)
    if found is None:
        return Trouble("missing", where, "the kept heads have an event here")
    if found != kept.sha256:
        return Trouble("rewritten", where, f"the event here was {kept.sha256} and is {found}")
    return None
