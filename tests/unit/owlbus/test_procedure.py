"""What the account tells of the procedure comes from the log, and what the services say otherwise is a fault."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import jwt
from rich.console import Console

from owlbus.client import Api
from owlbus.demo import data
from owlbus.demo.account import Account, Collected, endings
from owlbus.demo.crew import Crew
from owlbus.demo.procedure import log as procedure_log
from owlbus.demo.procedure import words
from owlbus.demo.procedure.checks import tell_procedure
from owlbus.demo.procedure.facts import Conflict, Move, Pause, Procedure, Reason, ranks
from owlbus.demo.procedure.terminal import tell
from owlbus.tokens import Issuer
from shared.contracts.evaluation import IdeaEvaluated, ScoreRecorded
from shared.contracts.evaluation_conflicts import Interest, RaterExcluded, RelationsNoted, StatementSigned
from shared.contracts.evaluation_results import (
    Abstention,
    Figure,
    IdeaFigures,
    Library,
    Method,
    ResultsComputed,
    ResultsDisclosed,
)
from shared.contracts.evaluation_rounds import RoundBegun, RoundJoined
from shared.contracts.ideas import (
    Alike,
    DuplicatesFound,
    IdeaAdopted,
    IdeaReceived,
    IdeaRefused,
    ImplementationRescheduled,
    MergeAnswered,
    MergeEnded,
    SharesSettled,
    VoteCast,
)
from shared.contracts.ideas_decisions import (
    ClaimDecided,
    ClaimFiled,
    IdeaReexamined,
    MatchFound,
    PanelConvened,
    PanelFound,
    PolicyRecorded,
    ReexaminationRequested,
)
from shared.contracts.ideas_process import ClocksStarted, StartedClock, SupplementAnswered, SupplementRequested
from shared.contracts.types import Author, Choice, Kind, Rule
from shared.engine.envelope import Envelope
from shared.engine.message import Actor, Event, seal

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
RULE = Rule(pack="kr-national-2023-09", hash="", article="제7조")
ROUND, STAGE = "kr-national-2023-09.first", "review"
SUPPLEMENTED = (
    IdeaReceived(
        idea_id="i-1",
        received_on=date(2026, 11, 24),
        received_by="o-1",
        channel="online",
        rule=RULE,
        decision_due=datetime(2026, 12, 24, 15, tzinfo=UTC),
    ),
    SupplementRequested(
        idea_id="i-1",
        number=1,
        reason=seal("자료가 없습니다.", "i-1"),
        requested_on=date(2026, 11, 24),
        due=datetime(2026, 12, 8, 15, tzinfo=UTC),
        rule=RULE,
    ),
    SupplementAnswered(
        idea_id="i-1",
        number=1,
        sections=seal({}, "p-1"),
        answered_on=date(2026, 11, 28),
        answered_by="p-1",
        decision_due=datetime(2026, 12, 28, 15, tzinfo=UTC),
    ),
)


def logged(*events: Event) -> Collected:
    """A log with these events, one after the other."""
    log = Collected()
    for number, event in enumerate(events, start=1):
        said = event.model_dump(mode="json")
        log.add(
            Envelope(
                source="ideas/0",
                type=event.TYPE,
                schema_version=1,
                subject=f"idea/{said.get('idea_id', 'x')}",
                time=NOW,
                key="k",
                sequence=number,
                previous=number - 1,
                chain="",
                version=number,
                correlation="c",
                causation="command/c",
                cause_index="1/1",
                actor=Actor(id="somebody", role="author"),
                data=said,
            )
        )
    return log


def procedure(*events: Event) -> Procedure:
    return procedure_log.procedure(logged(*events))


# --- from the log


def test_a_pause_tells_from_when_to_when_and_how_the_decision_moved() -> None:
    (pause,) = procedure(*SUPPLEMENTED).pauses
    assert (pause.stopped_on, pause.resumed_on) == ("2026-11-24", "2026-11-28")
    assert (pause.before, pause.after) == ("2026-12-24", "2026-12-28")
    assert pause.events == ("ideas/0/2", "ideas/0/3") and pause.reason == "자료가 없습니다."


def test_a_supplement_that_has_not_come_is_no_pause_that_ended() -> None:
    assert procedure(*SUPPLEMENTED[:2]).pauses == () and not procedure(*SUPPLEMENTED[:2]).told


def test_a_changed_date_tells_both_dates_and_the_reason() -> None:
    changed = ImplementationRescheduled(
        idea_id="i-1",
        from_date=date(2027, 1, 4),
        to_date=date(2027, 3, 4),
        reason=seal("공사가 먼저입니다.", "i-1"),
        rule=RULE,
    )
    (change,) = procedure(changed).changes
    assert (change.from_date, change.to_date, change.reason) == ("2027-01-04", "2027-03-04", "공사가 먼저입니다.")


def merged(outcome: Any = "merged") -> tuple[Event, ...]:
    def vote(idea_id: str, voter: str) -> VoteCast:
        return VoteCast(idea_id=idea_id, voter_id=voter, choice=Choice.ENDORSE, voted_at=NOW)

    def consent(person: str) -> MergeAnswered:
        return MergeAnswered(idea_id="i-1", other_id="i-2", person_id=person, consents=True, reason=seal("", person))

    alike = Alike(
        idea_id="i-1", received_on=date(2026, 11, 24), similarity=Decimal("76.5"), title_similarity=Decimal("50.0")
    )
    found = DuplicatesFound(idea_id="i-2", candidates=(alike,), method="m", threshold=Decimal(50), rule=RULE)
    authors = (Author(person_id="p-1", share=Decimal(60)), Author(person_id="p-2", share=Decimal(40)))
    votes = (vote("i-1", "v-1"), vote("i-1", "v-1"), vote("i-2", "v-1"), vote("i-2", "v-2"), vote("i-1", "p-2"))
    settled = SharesSettled(idea_id="i-1", authors=authors, settled_by="authors", rule=RULE)
    ended = MergeEnded(idea_id="i-1", other_id="i-2", outcome=outcome)
    return found, *votes, consent("p-1"), consent("p-2"), ended, settled


def test_a_merge_counts_nobody_twice_and_no_author() -> None:
    (merge,) = procedure(*merged()).merges
    assert (merge.votes, merge.voters) == (5, 2)
    assert merge.similarity == "76.5" and merge.consents == ("p-1", "p-2")
    assert merge.shares == (("p-1", "60"), ("p-2", "40")) and merge.settled_by == "authors"


def test_a_merge_that_was_taken_back_is_none() -> None:
    undone = MergeEnded(idea_id="i-1", other_id="i-2", outcome="undone")
    assert procedure(*merged(), undone).merges == () and procedure(*merged("lapsed")).merges == ()


def looked_at() -> tuple[Event, ...]:
    """A refusal, a re-examination that changed it, and a claim about another refusal, each found by a panel."""

    def right(idea_id: str, clock: str, due: datetime) -> ClocksStarted:
        started = StartedClock(
            clock=clock, started_on=date(2026, 12, 1), term="15 days", calendar="kr-2026-11", due=due, rule=RULE
        )
        return ClocksStarted(idea_id=idea_id, clocks=(started,))

    def panel(idea_id: str, matter: str, votes_for: int) -> tuple[Event, Event]:
        members, reason = ("j-1", "j-2", "j-3", "j-4"), seal("같습니다.", idea_id)
        convened = PanelConvened(
            idea_id=idea_id,
            matter=matter,
            members=members,
            non_officials=members[:2],
            convened_on=date(2026, 12, 3),
            convened_by="o-1",
            rule=RULE,
        )
        found = PanelFound(
            idea_id=idea_id,
            matter=matter,
            attended=members,
            votes_for=votes_for,
            votes_against=4 - votes_for,
            supports=votes_for > 2,
            reason=reason,
            met_on=date(2026, 12, 3),
            recorded_by="o-1",
        )
        return convened, found

    requested = ReexaminationRequested(
        idea_id="i-1",
        number=1,
        asked_by="author",
        reason=seal("다시 보아 주세요.", "p-1"),
        requested_on=date(2026, 12, 2),
        requested_by="p-1",
        panel_required=True,
        rule=RULE,
    )
    ended: dict[str, Any] = {"decided_on": date(2026, 12, 4), "decided_by": "d-1", "rule": RULE}
    changed = IdeaReexamined(idea_id="i-1", number=1, outcome="changed", reason=seal("바꿉니다.", "i-1"), **ended)
    matched = MatchFound(
        idea_id="i-2",
        matched="policy",
        matched_id="y-1",
        matched_on=date(2026, 12, 2),
        similarity=Decimal("81.0"),
        method="m",
        threshold=Decimal(50),
        rule=RULE,
    )
    policy = PolicyRecorded(
        policy_id="y-1",
        title=seal("시책", "y-1"),
        text=seal("시책의 글", "y-1"),
        department="park",
        in_force_on=date(2026, 12, 2),
        recorded_by="o-1",
    )
    filed = ClaimFiled(
        idea_id="i-2",
        number=1,
        reason=seal("시행되었습니다.", "p-2"),
        match_id="y-1",
        filed_on=date(2026, 12, 3),
        filed_by="p-2",
        panel_required=True,
        rule=RULE,
    )
    granted = ClaimDecided(
        idea_id="i-2",
        number=1,
        outcome="granted",
        reason=seal("인정합니다.", "i-2"),
        pack=RULE.pack,
        department="d",
        title=seal("제목", "p-2"),
        authors=(),
        **ended,
    )
    return (
        right("i-1", "reexamination", datetime(2026, 12, 16, 15, tzinfo=UTC)),
        right("i-2", "claim", datetime(2028, 12, 1, 15, tzinfo=UTC)),
        requested,
        *panel("i-1", "reexamination.1", 3),
        changed,
        policy,
        matched,
        filed,
        *panel("i-2", "claim.1", 4),
        granted,
    )


def test_a_second_look_tells_who_asked_until_when_what_the_panel_found_and_the_outcome() -> None:
    again, claim = procedure(*looked_at()).looks
    assert (again.kind, again.asked_by, again.asked_on, again.until) == (
        "reexamination",
        "p-1",
        "2026-12-02",
        "2026-12-16",
    )
    assert again.panel == (4, 2, 3, 1) and (again.outcome, again.answer) == ("changed", "바꿉니다.")
    assert (claim.kind, claim.outcome, claim.until) == ("claim", "granted", "2028-12-01")
    assert claim.alike == ("시책", "81.0") and claim.panel == (4, 2, 4, 0)


def test_a_second_look_that_goes_on_is_not_told() -> None:
    assert procedure(*looked_at()[:5]).looks == ()


def test_what_was_adopted_after_all_is_not_among_the_refused() -> None:
    shared: dict[str, Any] = {"department": "d", "decided_on": date(2026, 12, 1), "decided_by": "d-1", "rule": RULE}
    refused = [IdeaRefused(idea_id=idea_id, reason=seal("", idea_id), **shared) for idea_id in ("i-1", "i-2")]
    adopted = IdeaAdopted(
        idea_id="i-1",
        pack=RULE.pack,
        kind=Kind.IMPROVE,
        category="",
        title=seal("제목", "p-1"),
        authors=(),
        reason=seal("", "i-1"),
        received_on=date(2026, 11, 24),
        reexamination=1,
        **shared,
    )
    assert endings(logged(*refused))["refused"] == 2
    assert endings(logged(*refused, adopted))["refused"] == 1


def conflicts() -> tuple[Event, ...]:
    def signed(person: str, department: str, *interests: Interest) -> StatementSigned:
        return StatementSigned(round_id=ROUND, person_id=person, department=department, interests=interests, rule=RULE)

    def joined(idea_id: str) -> RoundJoined:
        return RoundJoined(round_id=ROUND, idea_id=idea_id, stage=STAGE, department="d", authors=(), due=NOW)

    begun = RoundBegun(
        round_id=ROUND, pack=RULE.pack, title="회차", stages=(STAGE,), due=NOW, begun_by="o-1", rule=RULE
    )
    return (
        begun,
        *(joined(idea_id) for idea_id in ("i-1", "i-2")),
        signed("r-1", "jobs", Interest(idea_id="i-1", ground="advice")),
        signed("r-2", "park"),
        signed("r-3", "library"),
        RaterExcluded(idea_id="i-1", stage=STAGE, person_id="r-1", ground="advice"),
        RelationsNoted(idea_id="i-2", stage=STAGE, teams=("park",)),
        RelationsNoted(idea_id="i-3", stage=STAGE, teams=("library",)),
    )


def test_conflicts_are_those_of_raters_of_the_round_about_ideas_of_the_round() -> None:
    found = {(one.person_id, one.idea_id): (one.ground, one.found) for one in procedure(*conflicts()).conflicts}
    assert found == {("r-1", "i-1"): ("advice", False), ("r-2", "i-2"): ("same_team", True)}


def test_who_signed_for_another_round_only_is_in_no_conflict_of_this_one() -> None:
    elsewhere = StatementSigned(round_id="another", person_id="r-9", department="park", interests=(), rule=RULE)
    assert {one.person_id for one in procedure(*conflicts(), elsewhere).conflicts} == {"r-1", "r-2"}


def computed(*abstained: Abstention, calibrated: bool = True) -> tuple[Event, ...]:
    method = Method(algorithm="a", input="b", seed=1, versions=(Library(name="numpy", version="2"),))

    def idea(idea_id: str, legal: str, value: str) -> IdeaFigures:
        figure = Figure(value=Decimal(value), low=Decimal(value) - 1, high=Decimal(value) + 1) if calibrated else None
        return IdeaFigures(idea_id=idea_id, legal=Decimal(legal), calibrated=figure)

    shared: dict[str, Any] = {"round_id": ROUND, "stage": STAGE, "pack": RULE.pack, "top": 1, "rule": RULE}
    figures = ResultsComputed(
        **shared,
        ask_id="a",
        disclosure_at=NOW,
        assignment="linked",
        abstained=abstained,
        components=None,
        top_of=None,
        agreement=(),
        ideas=(idea("i-1", "78.00", "75.00"), idea("i-2", "76.00", "77.00")),
        raters=(),
        withheld_from=(),
        method=method,
    )
    disclosed = ResultsDisclosed(**shared, ideas=2, agreement=(), abstained=abstained, method=method)
    return figures, disclosed


def test_a_set_puts_the_calibrated_score_beside_the_legal_one_each_with_its_place() -> None:
    (found,) = procedure(*computed()).sets
    assert [(one.legal_rank, one.calibrated_rank) for one in found.ideas] == [(1, 2), (2, 1)]
    assert (found.ideas[0].low, found.ideas[0].high) == ("74.00", "76.00") and found.level == "90"


def test_figures_that_are_not_disclosed_are_not_told() -> None:
    assert procedure(computed()[0]).sets == ()


def test_equal_scores_share_their_place() -> None:
    assert ranks([("a", 1.0), ("b", 2.0), ("c", 2.0)]) == {"a": 3, "b": 1, "c": 1}


# --- against the services

Answers = Mapping[str, Any]


async def faults(tmp_path: Path, log: Collected, answers: Answers | Callable[[httpx.Request], Any]) -> list[str]:
    """What does not agree where the services answer so; what they have no answer for is not found."""

    def handler(request: httpx.Request) -> httpx.Response:
        found = answers(request) if callable(answers) else answers.get(request.url.path)
        return httpx.Response(200, json=found) if found is not None else httpx.Response(404, json={"code": "not_found"})

    urls = {service: ["http://a"] for service in ("ideas", "evaluation")}
    account = Account("guided", "title")
    async with Api(urls, Issuer(tmp_path), transport=httpx.MockTransport(handler)) as api:
        await tell_procedure(account, Crew(api, data.cast()), log)
    return account.fault_list


def clock(**changes: Any) -> Answers:
    move: dict[str, Any] = {"why": "supplement.1", "days": 3, "to": "2026-12-27", "events": ["ideas/0/2", "ideas/0/3"]}
    rest: dict[str, Any] = {"why": "rest_day", "days": 1, "to": "2026-12-28", "events": []}
    decision: dict[str, Any] = {"last_day": "2026-12-28", "moves": [move, rest], **changes}
    return {"/ideas/i-1/clocks": {"clocks": {"decision": decision}}}


async def test_a_clock_that_counts_the_days_of_the_pause_agrees(tmp_path: Path) -> None:
    assert await faults(tmp_path, logged(*SUPPLEMENTED), clock()) == []


async def test_a_clock_that_is_due_otherwise_or_counts_otherwise_is_a_fault(tmp_path: Path) -> None:
    late = await faults(tmp_path, logged(*SUPPLEMENTED), clock(last_day="2026-12-29"))
    assert [fault.partition(" in ")[0] for fault in late] == ["last day of the decision"]
    found = await faults(tmp_path, logged(*SUPPLEMENTED), clock(moves=[]))
    assert len(found) == 3 and "moves by the supplement" in found[0]


def merge_answers(**changes: Any) -> Answers:
    authors = [{"person_id": "p-1", "share": "60"}, {"person_id": "p-2", "share": "40"}]
    return {
        "/ideas/i-1/merges/i-2": {"phase": "merged", "leads": ["p-1", "p-2"], "consents": ["p-2", "p-1"]},
        "/ideas/i-1": {"authors": authors},
        "/ideas/i-2": {"merged_into": "i-1"},
        "/ideas/i-1/votes": {"votes": {"endorse": 2, "object": 0, "pass": 0}},
        **changes,
    }


async def test_a_merge_agrees_down_to_the_votes_that_count(tmp_path: Path) -> None:
    assert await faults(tmp_path, logged(*merged()), merge_answers()) == []
    twice = {"/ideas/i-1/votes": {"votes": {"endorse": 3}}}
    (fault,) = await faults(tmp_path, logged(*merged()), merge_answers(**twice))
    assert "votes that count" in fault


def look_answers(**changes: Any) -> Answers:
    def panels(matter: str, votes: int) -> dict[str, Any]:
        panel = {"matter": matter, "members": ["j-1", "j-2", "j-3", "j-4"], "non_officials": ["j-1", "j-2"]}
        return {"panels": [{**panel, "votes_for": votes, "votes_against": 4 - votes}]}

    def one(status: str) -> list[dict[str, Any]]:
        return [{"number": 1, "status": status, "decided_on": "2026-12-04"}]

    return {
        "/ideas/i-1": {"stage": "adopted", "reexaminations": one("changed"), "claims": []},
        "/ideas/i-1/clocks": {"clocks": {"reexamination": {"last_day": "2026-12-16"}}},
        "/ideas/i-1/panels": panels("reexamination.1", 3),
        "/ideas/i-2": {"stage": "refused", "reexaminations": [], "claims": one("granted")},
        "/ideas/i-2/clocks": {"clocks": {"claim": {"last_day": "2028-12-01"}}},
        "/ideas/i-2/panels": panels("claim.1", 4),
        **changes,
    }


async def test_second_looks_agree_down_to_the_votes_of_the_panel(tmp_path: Path) -> None:
    log = logged(*looked_at())
    assert await faults(tmp_path, log, look_answers()) == []
    (votes,) = await faults(tmp_path, log, look_answers(**{"/ideas/i-2/panels": {"panels": []}}))
    assert votes.startswith("panel of claim 1")
    still: dict[str, Any] = {
        "stage": "refused",
        "reexaminations": look_answers()["/ideas/i-1"]["reexaminations"],
        "claims": [],
    }
    (stage,) = await faults(tmp_path, log, look_answers(**{"/ideas/i-1": still}))
    assert stage.startswith("stage of /ideas/i-1")


def shown_but_to(*near: str) -> Callable[[httpx.Request], Any]:
    """An evaluation service that shows everything to everybody but these."""

    def answer(request: httpx.Request) -> Any:
        if request.url.path.startswith("/assignments/"):
            return {"given": [{"idea_id": "i-1", "raters": ["r-3"]}, {"idea_id": "i-2", "raters": ["r-3"]}]}
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return None if jwt.decode(token, options={"verify_signature": False})["sub"] in near else {}

    return answer


async def test_all_that_is_withheld_from_whoever_is_in_conflict_is_asked_for(tmp_path: Path) -> None:
    log = logged(*conflicts())
    assert await faults(tmp_path, log, shown_but_to("r-1", "r-2")) == []
    leaks = await faults(tmp_path, log, shown_but_to("r-1"))
    assert len(leaks) == len(words.ASKED) and all("is refused to r-2" in leak for leak in leaks)
    hidden = await faults(tmp_path, log, shown_but_to("r-1", "r-2", "r-3"))
    assert len(hidden) == 2 * len(words.ASKED) and all("is refused to r-3" in one for one in hidden)


async def test_a_sheet_of_somebody_in_conflict_is_a_fault(tmp_path: Path) -> None:
    sheet = ScoreRecorded(idea_id="i-1", stage=STAGE, rater_id="r-1", scores=(), replaces=False)
    (fault,) = await faults(tmp_path, logged(*conflicts(), sheet), shown_but_to("r-1", "r-2"))
    assert fault.startswith("score sheets of r-1")


def figures_shown(value: str = "75.00", legal: str = "78.00") -> Answers:
    def idea(idea_id: str, legal: str, value: str, low: str, high: str) -> dict[str, Any]:
        return {"idea_id": idea_id, "legal": legal, "calibrated": {"value": value, "low": low, "high": high}}

    ideas = [idea("i-1", legal, value, "74.00", "76.00"), idea("i-2", "76.00", "77.00", "76.00", "78.00")]
    return {f"/results/{ROUND}/{STAGE}": {"abstained": [], "ideas": ideas}}


def announced(idea_id: str, score: str) -> IdeaEvaluated:
    return IdeaEvaluated(
        idea_id=idea_id,
        stage=STAGE,
        pack=RULE.pack,
        outcome="scored",
        score=Decimal(score),
        means=(),
        raters=5,
        closed_by="complete",
        rule=RULE,
    )


async def test_figures_agree_with_what_was_recorded_and_legal_scores_with_what_was_announced(tmp_path: Path) -> None:
    events = (*computed(), announced("i-1", "78.00"), announced("i-2", "76.00"))
    assert await faults(tmp_path, logged(*events), figures_shown()) == []
    (calibrated,) = await faults(tmp_path, logged(*events), figures_shown(value="75.01"))
    assert calibrated.startswith("calibrated score of")
    (legal,) = await faults(tmp_path, logged(*events), figures_shown(legal="79.00"))
    assert legal.startswith("legal score of")
    (said,) = await faults(tmp_path, logged(*events[:-1], announced("i-2", "76.50")), figures_shown())
    assert said.startswith("announced score of")


def test_words_name_every_reason_ground_and_move() -> None:
    assert words.reason(Reason("too_few_per_idea", "10", "12.50"))[0] == "제안별 채점 수 부족 12.5 (허용 10)"
    assert words.moved(Move("supplement.1", 3, "2026-12-27")) == ("보완 +3일", "supplement +3")
    moves = (Move("supplement.1", 3, "2026-12-27"), Move("rest_day", 1, "2026-12-28"))
    pause = Pause("i-1", "제안", "까닭", "2026-11-24", "2026-11-28", "2026-12-24", "2026-12-28", (), moves)
    assert words.bare(pause)[1] == "the bare term to 2026-12-24"
    found = Conflict("r-2", "park", ROUND, RULE.pack, STAGE, "i-2", "제안", "same_team", found=True)
    assert words.ground(found)[1] == "works in an author's team (found)"
    assert "(본인 신고)" in words.ground(replace(found, ground="advice", found=False))[0]


def test_the_terminal_shows_markup_that_people_wrote_as_text() -> None:
    out = StringIO()
    pause = Pause("i-1", "[red]제목[/]", "[b]까닭[/]", "2026-11-24", "2026-11-28", "2026-12-24", "2026-12-28", ())
    tell(Console(file=out, width=200), Procedure(pauses=(pause,)))
    assert "[red]제목[/]" in out.getvalue() and "[b]까닭[/]" in out.getvalue()
