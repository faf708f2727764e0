"""`plan`: what one partition makes of its next inputs, decided in memory and written by others in one transaction.

Pure. Invariants (tests/property/test_plan.py): any split of the same inputs gives the same event bytes; duplicates add
nothing; a fold of the log equals the states; an input happens wholly or not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.engine.aggregate import Aggregate, Context, Deciders, Refused, State, key_of
from shared.engine.channel import START, Verdict, channel_of, is_lost_history, judge, why_stray
from shared.engine.emit import (
    Bug,
    Cause,
    Entry,
    Step,
    Stored,
    Tip,
    TooLarge,
    check_deadline_moved,
    fold_step,
    write_entry,
    write_steps,
)
from shared.engine.envelope import MAX_BYTES, Envelope, UnknownType
from shared.engine.facts import CommandRefused, Redriven
from shared.engine.inputs import (
    Answer,
    Call,
    CommandRecord,
    Due,
    Held,
    Input,
    Record,
    Redrive,
    Repair,
    StateRef,
    event_mark,
    hold,
    revive,
)
from shared.engine.message import DeadlineReached, Event, Message, system_actor
from shared.engine.outcome import MAX_PLAN_BYTES, MAX_WRITES, PARKING, Plan
from shared.engine.partition import Aside, Mark, Partition

MAX_REFUSALS_PER_MINUTE = 60
MAX_REASON = 500
"""Characters. A parked key's reason stands in the partition's document."""


class Jump(Exception):
    """A record that is not the next one of its topic. Nothing of the plan may be written."""


class OlderStore(Exception):
    """An own event came back above the end of the log as this plan knows it, at `sequence`.

    Either somebody else has committed since the document was read, or the store is older than what Kafka holds.
    """

    def __init__(self, source: str, sequence: int, known: int) -> None:
        super().__init__(f"{source}/{sequence} came back, the log ends at {known}")
        self.sequence = sequence


def plan(
    deciders: Deciders,
    partition: Partition,
    states: Mapping[StateRef, Stored | None],
    answered: Mapping[str, CommandRecord],
    inputs: Sequence[Input],
    *,
    max_writes: int = MAX_WRITES,
    max_bytes: int = MAX_PLAN_BYTES,
) -> Plan:
    """Decide on `inputs` in order until one of the limits is reached.

    `states` holds at least what `wanted` asked for (a missing one, or None, is fresh), `answered` the stored answers
    of the calls' command ids. A redrive is planned alone: what it finds held must be what is stored. Raises Jump or
    OlderStore, upon which nothing may be written.
    """
    planner = _Planner(deciders, partition.copy(), states, answered)
    for index, item in enumerate(inputs):
        if index and (_stands_alone(item) or _stands_alone(inputs[index - 1])):
            break
        if index and (planner.result.writes >= max_writes or planner.result.size >= max_bytes):
            break
        planner.take(index, item)
        planner.result.consumed = index + 1
    return planner.result


def _stands_alone(item: Input) -> bool:
    return isinstance(item, Redrive)


class _Planner:
    def __init__(
        self,
        deciders: Deciders,
        partition: Partition,
        states: Mapping[StateRef, Stored | None],
        answered: Mapping[str, CommandRecord],
    ) -> None:
        self.deciders = deciders
        self.partition = partition
        self.loaded = states
        self.answered = dict(answered)
        self.result = Plan(partition)
        self.source = f"{deciders.service}/{partition.number}"
        self.actor = system_actor(deciders.service)

    def take(self, index: int, item: Input) -> None:
        self.partition.time = max(self.partition.time, item.time)
        match item:
            case Record():
                self._take_record(item)
            case Call():
                self.result.answers.append((index, self._take_call(item)))
            case Due():
                self._take_due(item)
            case Redrive():
                self.result.answers.append((index, self._take_redrive(item)))
            case Repair():
                self.result.answers.append((index, self._take_repair(item)))

    # --- records

    def _take_record(self, record: Record) -> None:
        expected = self.partition.offsets.get(record.topic, 0)
        if record.offset != expected and not (record.jump and record.offset > expected):
            raise Jump(f"{record.topic} offset {record.offset}, expected {expected}")
        self.partition.read(record.topic, record.offset)
        self.result.counts["records"] += 1
        envelope = record.envelope
        if envelope is None:
            self._hold(record, key="", kind=record.fault, reason=record.reason)
            return
        stray = why_stray(self.partition, record.topic, envelope)
        if stray:
            self._hold(record, key="", kind="unreadable", reason=stray)
            return
        if envelope.source == self.source and is_lost_history(self.partition, envelope):
            raise OlderStore(self.source, envelope.sequence, self.partition.sequence)
        if not self._accept(record, envelope) or self._had_effects(record, envelope):
            return
        if envelope.key in self.partition.parked:
            if record.fault == "unknown_type":
                self._hold(record, envelope.key, record.fault, record.reason)
            elif record.event is not None or record.fault:
                self._hold(record, envelope.key, "waiting", self.partition.parked[envelope.key])
        elif record.fault:
            self._hold(record, envelope.key, record.fault, record.reason)
        elif record.event is not None:
            self._react_or_park(record, envelope, record.event)

    def _accept(self, record: Record, envelope: Envelope) -> bool:
        channel = channel_of(record.topic, envelope.source)
        mark = self.partition.marks.get(channel, START)
        verdict = judge(mark, envelope.sequence, envelope.previous, record.digest)
        self.result.counts[verdict.value] += 1
        aside = self.partition.aside.get(channel)
        match verdict:
            case Verdict.ACCEPT:
                self.partition.marks[channel] = Mark(envelope.sequence, record.digest, envelope.previous)
                if aside is not None and aside.kind == "gap":
                    del self.partition.aside[channel]
            case Verdict.GAP | Verdict.FORK:
                if aside is None or (aside.kind == "gap" and verdict is Verdict.FORK):
                    self.partition.aside[channel] = Aside(verdict.value, envelope.sequence, self.partition.time)
            case Verdict.DUPLICATE:
                pass
        return verdict is Verdict.ACCEPT

    def _had_effects(self, record: Record, envelope: Envelope) -> bool:
        """Whether the log that was recovered holds what this record led to."""
        known = event_mark(envelope.id) in self.answered
        self.result.counts["recovered"] += known
        return known

    def _react_or_park(self, record: Record, envelope: Envelope, event: Event) -> None:
        try:
            self._react(record, envelope, event)
        except Exception as error:
            self._hold(record, envelope.key, "bug", _reason(error))

    def _react(self, record: Record, envelope: Envelope, event: Event) -> None:
        cause = Cause(envelope.id, envelope.correlation, self.actor, self.partition.time, record.traceparent)
        takers = self.deciders.takers(type(event))
        self._decide([(taker, taker.id_of(event)) for taker in takers], event, cause)

    # --- calls

    def _take_call(self, call: Call) -> Answer:
        known = self.answered.get(call.command_id)
        if known is not None:
            self.result.counts["repeated_calls"] += 1
            same = known.fingerprint in ("", call.fingerprint)
            return replace(known.answer, repeated=True) if same else Answer("idempotency_conflict")
        if self._hidden(call):
            self.result.counts["refused"] += 1
            return Answer("not_found")
        if key_of(call.id) in self.partition.parked:
            return Answer("awaiting_repair")
        try:
            answer = self._execute(call)
        except Refused as refusal:
            self.result.counts["refused"] += 1
            self._record_refusal(call, refusal)
            return Answer(refusal.code, refusal.facts)
        except TooLarge:
            self.result.counts["refused"] += 1
            return Answer("too_large", {"limit": MAX_BYTES})
        except Exception as error:
            self.result.counts["bugs"] += 1
            return Answer("bug", {"reason": _reason(error)})
        stored = CommandRecord(call.command_id, call.fingerprint, answer)
        self.answered[call.command_id] = stored
        self.result.commands.append(stored)
        return answer

    def _hidden(self, call: Call) -> bool:
        """Whether the caller may not know of what the command is about; asked before anything else could tell."""
        if call.actor == self.actor:
            return False  # the service brings what it was asked for
        found = (self._stored((call.aggregate.name, call.id), call.aggregate), *self._belongs_to(call))
        return any(stored.version and not stored.state.known_to(call.actor) for stored in found)

    def _belongs_to(self, call: Call) -> Iterator[Stored]:
        return (self._stored((kind.name, key_of(call.id)), kind) for kind in call.aggregate.reads)

    def _execute(self, call: Call) -> Answer:
        before = self._stored((call.aggregate.name, call.id), call.aggregate)
        exists = before.version or call.command.CREATES
        if not exists or not all(stored.version for stored in self._belongs_to(call)):
            raise Refused("not_found")
        if call.expected_version is not None and call.expected_version != before.version:
            raise Refused("stale_version", version=before.version)
        cause = self._cause_of(call)
        self._decide([(call.aggregate, call.id)], call.command, cause)
        after = self._stored((call.aggregate.name, call.id), call.aggregate)
        return Answer(
            subject=f"{call.aggregate.name}/{call.id}",
            version=after.version,
            body=after.state.visible_to(call.actor),
        )

    def _cause_of(self, call: Call) -> Cause:
        return Cause(
            f"command/{call.command_id}",
            call.correlation or call.command_id,
            call.actor,
            self.partition.time,
            call.traceparent,
        )

    def _record_refusal(self, call: Call, refusal: Refused) -> None:
        if not refusal.recorded or not self._refusal_allowed():
            return
        fact = CommandRefused(target_id=call.id, command=type(call.command).__name__, code=refusal.code)
        self._emit_fact(f"{call.aggregate.name}/{call.id}", fact, self._cause_of(call))

    def _refusal_allowed(self) -> bool:
        minute = self.partition.time.replace(second=0, microsecond=0)
        if self.partition.refusals_since != minute:
            self.partition.refusals_since, self.partition.refusals = minute, 0
        self.partition.refusals += 1
        return self.partition.refusals <= MAX_REFUSALS_PER_MINUTE

    # --- deadlines and repair

    def _take_due(self, due: Due) -> None:
        if key_of(due.id) in self.partition.parked:
            return
        try:
            if due.reason:
                raise Bug(due.reason)
            self._fire(due)
        except Exception as error:
            self._hold(due, key_of(due.id), "bug", _reason(error))

    def _fire(self, due: Due) -> None:
        ref = (due.aggregate.name, due.id)
        while True:
            stored = self._stored(ref, due.aggregate)
            passed = [(at, name) for name, at in stored.state.deadlines.items() if at <= due.time]
            if not passed:
                return
            at, name = min(passed)
            cause = Cause(
                f"deadline/{due.aggregate.name}/{due.id}/{name}",
                stored.correlation,
                self.actor,
                self.partition.time,
            )
            self._decide([(due.aggregate, due.id)], DeadlineReached(name=name, due=at), cause)

    def _take_redrive(self, redrive: Redrive) -> Answer:
        done, unknown, reason = 0, 0, ""
        for held in redrive.held:
            try:
                self._again(held, redrive.time)
            except UnknownType as error:
                reason, unknown = reason or str(error), unknown + 1
                continue
            except Exception as error:
                reason = _reason(error)
                break
            self.result.released.append(held.number)
            done += 1
        left = len(redrive.held) - done
        if left == unknown and redrive.complete:
            self.partition.parked.pop(redrive.key, None)
        fact = Redriven(target_id=redrive.key, done=done, left=left, reason=reason)
        cause = Cause(f"redrive/{redrive.key}", f"redrive/{redrive.key}", redrive.actor, self.partition.time)
        self._emit_fact(f"key/{redrive.key}", fact, cause)
        self.partition.tolerated = min(self.partition.tolerated, len(self.partition.parked))
        return Answer(body=fact.model_dump())

    def _take_repair(self, repair: Repair) -> Answer:
        self.partition.offsets |= dict.fromkeys(repair.reread, 0)
        if repair.tolerate:
            self.partition.tolerated = len(self.partition.parked)
        name = f"partition/{self.partition.number}"
        self._emit_fact(name, repair.fact, Cause(f"repair/{name}", f"repair/{name}", repair.actor, self.partition.time))
        return Answer(body=repair.fact.model_dump())

    def _again(self, held: Held, time: datetime) -> None:
        item = revive(self.deciders, held, time)
        if isinstance(item, Due):
            self._fire(item)
        elif item.fault == "unknown_type":
            raise UnknownType(item.reason)
        elif item.fault or item.envelope is None:
            raise Bug(item.reason)
        elif item.event is not None:
            self._react(item, item.envelope, item.event)

    def _hold(self, item: Record | Due, key: str, kind: str, reason: str) -> None:
        reason = reason[:MAX_REASON]
        self.partition.held += 1
        self.result.counts["held"] += 1
        if kind in PARKING:
            self.partition.parked[key] = reason
        held = hold(item, self.partition.held, key, kind, reason, self.partition.time)
        self.result.size += len(held.value)
        self.result.held.append(held)

    # --- decisions

    def _decide(self, targets: list[tuple[Aggregate, str]], message: Message, cause: Cause) -> None:
        """Ask every target; keep the outcome only if all of them decided and folded."""
        steps: list[Step] = []
        overlay: dict[StateRef, Stored] = {}
        for kind, id in targets:
            before = overlay.get((kind.name, id)) or self._stored((kind.name, id), kind)
            context = Context(cause.time, cause.actor, cause.id, self._reads(kind, id, overlay))
            events = tuple(kind.decide(before.state, message, context))
            step = Step(kind, id, before, events, fold_step(kind, before, events, cause))
            if step.after:
                overlay[kind.name, id] = step.after[-1]
            steps.append(step)
            check_deadline_moved(message, step)
        tip = Tip.of(self.partition)
        self._keep(overlay, write_steps(self.source, self.partition.count, tip, steps, cause), tip)

    def _emit_fact(self, subject: str, event: Event, cause: Cause) -> None:
        tip = Tip.of(self.partition)
        entry = write_entry(self.source, self.partition.count, tip, subject, 0, event, cause, "1/1")
        self._keep({}, [entry], tip)

    def _keep(self, states: dict[StateRef, Stored], entries: list[Entry], tip: Tip) -> None:
        self.partition.sequence, self.partition.chain, self.partition.sent = tip.sequence, tip.chain, tip.sent
        self.result.states.update(states)
        self.result.created.update(ref for ref in states if self.loaded.get(ref) is None)
        self.result.entries.extend(entries)
        self.result.size += sum(len(entry.value) for entry in entries)
        self.result.counts["events"] += len(entries)

    def _stored(self, ref: StateRef, kind: Aggregate) -> Stored:
        return self.result.states.get(ref) or self.loaded.get(ref) or Stored(kind.fresh(ref[1]))

    def _reads(self, kind: Aggregate, id: str, overlay: dict[StateRef, Stored]) -> dict[type[State], State]:
        key = key_of(id)
        return {
            read.state: (overlay.get((read.name, key)) or self._stored((read.name, key), read)).state
            for read in kind.reads
        }


def _reason(error: Exception) -> str:
    if isinstance(error, Refused):
        return f"refused an event: {error.code}"
    return f"{type(error).__name__}: {error}"[:MAX_REASON]
