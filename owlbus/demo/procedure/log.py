"""What the log says of the procedure, read from its events alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from owlbus.demo.account import Collected
from owlbus.demo.procedure.facts import Change, Conflict, Look, Merge, Pause, Procedure, Reason, Scored, ScoreSet, ranks
from shared.engine.envelope import Envelope
from shared.rules.calendar import SEOUL
from shared.rules.loader import pack

DECISION = "decision"
"""Name of the clock of decision and notice."""


def procedure(log: Collected) -> Procedure:
    """All that the log knows of it; what only an API says is still missing."""
    return Procedure(
        pauses=tuple(_pauses(log)),
        changes=tuple(_changes(log)),
        merges=tuple(_merges(log)),
        looks=(*_looks(log, "reexamination"), *_looks(log, "claim")),
        conflicts=tuple(_conflicts(log)),
        sets=tuple(_sets(log)),
    )


def last_day(moment: str) -> str:
    """The last day of a term that is over at this moment."""
    return (datetime.fromisoformat(moment).astimezone(SEOUL).date() - timedelta(days=1)).isoformat()


def _of(log: Collected, kind: str) -> list[Envelope]:
    return log.by_type.get(kind, [])


def _pauses(log: Collected) -> Iterator[Pause]:
    """Supplements that were asked for and came."""
    asked = {(one.data["idea_id"], one.data["number"]): one for one in _of(log, "ideas.SupplementRequested")}
    for came in _of(log, "ideas.SupplementAnswered"):
        idea_id, number = came.data["idea_id"], came.data["number"]
        before = _first_due(log, idea_id)
        if (idea_id, number) in asked and before and came.data.get("decision_due"):
            request = asked[idea_id, number]
            yield Pause(
                idea_id=idea_id,
                title=log.title(idea_id),
                reason=str(request.data["reason"]["value"]),
                stopped_on=request.data["requested_on"],
                resumed_on=came.data["answered_on"],
                before=last_day(before),
                after=last_day(came.data["decision_due"]),
                events=(request.id, came.id),
            )


def _first_due(log: Collected, idea_id: str) -> str | None:
    """When the decision was due as the idea was received, before anything stopped its clock."""
    received = [one for one in log.by_idea[idea_id] if one.type == "ideas.IdeaReceived"]
    return received[0].data.get("decision_due") if received else None


def _changes(log: Collected) -> Iterator[Change]:
    for one in _of(log, "ideas.ImplementationRescheduled"):
        idea_id, said = one.data["idea_id"], one.data
        reason = str(said["reason"]["value"])
        yield Change(idea_id, log.title(idea_id), said.get("from_date") or "", said["to_date"], reason)


def _merges(log: Collected) -> Iterator[Merge]:
    """Merges that stand."""
    last = {(one.data["idea_id"], one.data["other_id"]): one for one in _of(log, "ideas.MergeEnded")}
    for (idea_id, other_id), ended in last.items():
        if ended.data["outcome"] != "merged":
            continue
        consents = [
            one.data["person_id"]
            for one in _of(log, "ideas.MergeAnswered")
            if (one.data["idea_id"], one.data["other_id"]) == (idea_id, other_id) and one.data["consents"]
        ]
        settled = [one for one in _of(log, "ideas.SharesSettled") if one.data["idea_id"] == idea_id]
        authors: list[Any] = settled[-1].data["authors"] if settled else []
        votes = [one for one in _of(log, "ideas.VoteCast") if one.data["idea_id"] in (idea_id, other_id)]
        yield Merge(
            idea_id=idea_id,
            title=log.title(idea_id),
            other_id=other_id,
            other_title=log.title(other_id),
            similarity=_similarity(log, idea_id, other_id),
            consents=tuple(consents),
            shares=tuple((author["person_id"], str(author["share"])) for author in authors),
            settled_by=settled[-1].data["settled_by"] if settled else "",
            votes=len(votes),
            voters=len({one.data["voter_id"] for one in votes} - {author["person_id"] for author in authors}),
        )


def _similarity(log: Collected, idea_id: str, other_id: str) -> str:
    """As it was found when the other idea was received; empty where nobody looked."""
    for found in _of(log, "ideas.DuplicatesFound"):
        if found.data["idea_id"] == other_id:
            for one in found.data["candidates"]:
                if one["idea_id"] == idea_id:
                    return str(one["similarity"])
    return ""


LOOKS = {
    "reexamination": ("ideas.ReexaminationRequested", "ideas.IdeaReexamined"),
    "claim": ("ideas.ClaimFiled", "ideas.ClaimDecided"),
}
"""How a second look begins and ends."""


def _looks(log: Collected, kind: Literal["reexamination", "claim"]) -> Iterator[Look]:
    """Those that have ended."""
    began, ended = LOOKS[kind]
    asked = {(one.data["idea_id"], one.data["number"]): one for one in _of(log, began)}
    for one in _of(log, ended):
        idea_id, number = one.data["idea_id"], one.data["number"]
        request = asked[idea_id, number].data
        dues = [clock["due"] for clock in _clocks(log, idea_id) if clock["clock"] == kind]
        yield Look(
            kind=kind,
            number=number,
            idea_id=idea_id,
            title=log.title(idea_id),
            asked_by=request.get("requested_by") or request["filed_by"],
            asked_on=request.get("requested_on") or request["filed_on"],
            until=last_day(dues[0]) if dues else "",
            reason=str(request["reason"]["value"]),
            panel=_panel(log, idea_id, f"{kind}.{number}"),
            outcome=one.data["outcome"],
            answer=str(one.data["reason"]["value"]),
            decided_on=one.data["decided_on"],
            alike=_alike(log, idea_id, request.get("match_id")),
        )


def _clocks(log: Collected, idea_id: str) -> Iterator[Any]:
    for one in log.by_idea[idea_id]:
        if one.type == "ideas.ClocksStarted":
            yield from one.data["clocks"]


def _panel(log: Collected, idea_id: str, matter: str) -> tuple[int, int, int, int] | None:
    about = [one for one in log.by_idea[idea_id] if one.data.get("matter") == matter]
    convened = [one.data for one in about if one.type == "ideas.PanelConvened"]
    found = [one.data for one in about if one.type == "ideas.PanelFound"]
    if not convened or not found:
        return None
    members, outside = len(convened[-1]["members"]), len(convened[-1]["non_officials"])
    return members, outside, found[-1]["votes_for"], found[-1]["votes_against"]


def _alike(log: Collected, idea_id: str, match_id: str | None) -> tuple[str, str] | None:
    for one in log.by_idea[idea_id]:
        if one.type == "ideas.MatchFound" and one.data["matched_id"] == match_id:
            policies = [each.data for each in _of(log, "ideas.PolicyRecorded") if each.data["policy_id"] == match_id]
            title = str(policies[0]["title"]["value"]) if policies else log.title(str(match_id))
            return title, str(one.data["similarity"])
    return None


# --- rounds


def _conflicts(log: Collected) -> Iterator[Conflict]:
    """Of those who signed a round's statement: who is in conflict about which of its ideas, and on what ground."""
    joined = {
        (one.data["idea_id"], one.data["stage"]): one.data["round_id"] for one in _of(log, "evaluation.RoundJoined")
    }
    packs = {one.data["round_id"]: one.data["pack"] for one in _of(log, "evaluation.RoundBegun")}
    signed = {(one.data["round_id"], one.data["person_id"]): one.data for one in _of(log, "evaluation.StatementSigned")}
    for (idea_id, stage), round_id in joined.items():
        near = {person: said for (signed_in, person), said in signed.items() if signed_in == round_id}
        grounds = _grounds(log.by_idea[idea_id], stage, near)
        for person, (ground, found) in sorted(grounds.items()):
            yield Conflict(
                person_id=person,
                department=near[person].get("department") or "",
                round_id=round_id,
                pack=packs[round_id],
                stage=stage,
                idea_id=idea_id,
                title=log.title(idea_id),
                ground=ground,
                found=found,
            )


def _grounds(events: Iterable[Envelope], stage: str, signed: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """By person the ground, and whether the system found it: what somebody said of the own case comes first."""
    here = [one for one in events if one.data.get("stage") == stage]
    grounds: dict[str, tuple[str, bool]] = {}
    for one in here:
        if one.type == "evaluation.RaterExcluded" and one.data["person_id"] in signed:
            grounds[one.data["person_id"]] = (one.data["ground"], False)
    for one in here:
        if one.type == "evaluation.RelationsNoted":
            for person, ground in _too_near(one, signed.values()):
                grounds.setdefault(person, (ground, True))
    return grounds


def _too_near(noted: Envelope, signed: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Who of those who signed works where an author works."""
    for statement in signed:
        department = statement.get("department")
        if department and department in noted.data["teams"]:
            yield statement["person_id"], "same_team"
        elif department and department in noted.data["units"]:
            yield statement["person_id"], "same_department"


def _sets(log: Collected) -> Iterator[ScoreSet]:
    """The latest figures of each set that were disclosed, calibrated sets first."""
    disclosed = {(one.data["round_id"], one.data["stage"]) for one in _of(log, "evaluation.ResultsDisclosed")}
    latest = {(one.data["round_id"], one.data["stage"]): one for one in _of(log, "evaluation.ResultsComputed")}
    found = [_set(log, latest[place].data) for place in sorted(disclosed & latest.keys())]
    return iter(sorted(found, key=lambda one: bool(one.abstained)))


def _set(log: Collected, said: Any) -> ScoreSet:
    stage = pack(said["pack"]).evaluation.stage(said["stage"])
    assert stage is not None
    reasons = tuple(
        Reason(one["reason"], str(one.get("allowed") or ""), str(one.get("found") or "")) for one in said["abstained"]
    )
    return ScoreSet(
        round_id=said["round_id"],
        pack=said["pack"],
        stage=said["stage"],
        level=str(stage.calibration.level.value),
        abstained=reasons,
        ideas=tuple(_scored(log, said["ideas"])),
    )


def _scored(log: Collected, ideas: Sequence[Any]) -> Iterator[Scored]:
    """In the order of the legal scores; what has none comes last and has no place."""
    legal = ranks((one["idea_id"], float(one["legal"])) for one in ideas if one["legal"] is not None)
    figures = {one["idea_id"]: one["calibrated"] for one in ideas if one["calibrated"]}
    calibrated = ranks((idea_id, float(one["value"])) for idea_id, one in figures.items())
    for one in sorted(ideas, key=lambda one: legal.get(one["idea_id"], len(ideas) + 1)):
        figure = figures.get(one["idea_id"], {})
        yield Scored(
            idea_id=one["idea_id"],
            title=log.title(one["idea_id"]),
            legal=_text(one["legal"]),
            legal_rank=legal.get(one["idea_id"], 0),
            calibrated=_text(figure.get("value")),
            low=_text(figure.get("low")),
            high=_text(figure.get("high")),
            calibrated_rank=calibrated.get(one["idea_id"], 0),
        )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
