"""The demo as people run it: one run, many questions; then runs that are ended before their end."""

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, owlbus, processes_of, started, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

DATA = ROOT / ".." / "shared" / "data"
PETITIONS = DATA / "kr_petitions"


@dataclass(frozen=True)
class Run:
    """A demo that has ended."""

    directory: Path
    done: subprocess.CompletedProcess[str]
    figures: dict[str, Any]
    page: str


def run_demo(directory: Path, *arguments: str) -> Run:
    done = owlbus("demo", "--out", str(directory), *arguments, seconds=390)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    figures = json.loads((directory / "demo.json").read_text(encoding="utf-8"))
    return Run(directory, done, figures, (directory / "demo.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    yield run_demo(tmp_path_factory.mktemp("demo"))


def test_it_ends_without_a_fault_and_leaves_nothing_running(run: Run) -> None:
    assert run.figures["faults"] == 0 and run.figures["fault_list"] == []
    assert "45 ideas, 0 faults" in run.done.stdout
    assert processes_of(run.directory) == []


def test_the_funnel_counts_what_the_scenario_did(run: Run) -> None:
    assert run.figures["funnel"] == {
        "submitted": 45,
        "received": 44,
        "evaluated": 41,
        "decided": 40,
        "adopted": 27,
        "nominated": 26,
        "awarded": 13,
        "spread": 5,
    }
    assert run.figures["endings"] == {"closed": 2, "withdrawn": 1, "refused": 13, "overdue": 1}


def test_every_prize_is_paid_out_by_shares_to_the_won(run: Run) -> None:
    awards, prizes = run.figures["awards"], run.figures["prizes"]
    assert prizes["granted_won"] == prizes["paid_won"] == run.figures["round"]["granted_won"] == 12_500_000
    assert all(sum(part["won"] for part in award["payments"]) == award["prize_won"] for award in awards)
    assert [part["won"] for part in awards[0]["payments"]] == [1_000_200, 999_900, 999_900]
    assert run.figures["no_winner"] == ["실행사례"]


def test_a_tie_was_put_in_order_and_the_drafter_could_not_confirm(run: Run) -> None:
    codes = {refusal["code"] for refusal in run.figures["refusals"]}
    assert {"order_required", "drafter_may_not_confirm", "shares_do_not_total_100", "idempotency_conflict"} <= codes
    assert {"unknown_department", "unknown_person"} <= codes
    grades = {award["title"][:5]: award["grade"] for award in run.figures["awards"]}
    assert grades["다리 난간"] == "최우수" and grades["혼자 설 "] == "우수"


def test_one_idea_is_told_across_all_four_services(run: Run) -> None:
    steps = run.figures["timeline"]
    assert {step["service"] for step in steps} == {"ideas", "evaluation", "awards", "learning"}
    types = [step["type"] for step in steps]
    way = [
        "ideas.IdeaSubmitted",
        "ideas.IdeaReceived",
        "evaluation.IdeaEvaluated",
        "ideas.IdeaAdopted",
        "awards.IdeaNominated",
        "awards.AwardGranted",
        "learning.CaseAnswered",
        "ideas.IdeaSpread",
    ]
    assert [types.index(kind) for kind in way] == sorted(types.index(kind) for kind in way)
    causes = {step["id"]: step["caused_by"] for step in steps}
    nominated = next(step for step in steps if step["type"] == "awards.IdeaNominated")
    adopted = next(step for step in steps if step["type"] == "ideas.IdeaAdopted")
    assert causes[nominated["id"]] == adopted["id"]


def test_cases_were_adopted_adapted_declined_and_left_unanswered(run: Run) -> None:
    answers = [offer["answer"] for offer in run.figures["spread"]]
    assert set(answers) == {"adopted", "adapted", "declined", "overdue"}


def test_a_supplement_stopped_the_clock_and_the_decision_fell_due_later(run: Run) -> None:
    (pause,) = run.figures["procedure"]["pauses"]
    assert pause["stopped_on"] < pause["resumed_on"] < pause["before"] <= pause["after"]
    still = sum(move["days"] for move in pause["moves"] if move["why"] == "supplement.1")
    assert still == (date.fromisoformat(pause["resumed_on"]) - date.fromisoformat(pause["stopped_on"])).days - 1
    (change,) = run.figures["procedure"]["changes"]
    assert change["from_date"] < change["to_date"] and change["reason"]


def test_two_ideas_went_on_as_one_with_both_consents_and_shares_agreed_anew(run: Run) -> None:
    (merge,) = run.figures["procedure"]["merges"]
    assert merge["consents"] == ["p-117", "p-133"] and float(merge["similarity"]) > 50
    assert merge["shares"] == [["p-117", "45"], ["p-132", "35"], ["p-133", "20"]]
    assert merge["settled_by"] == "authors" and merge["voters"] < merge["votes"]


def test_a_refusal_was_changed_by_a_re_examination_and_a_claim_was_granted(run: Run) -> None:
    again, claim = run.figures["procedure"]["looks"]
    assert (again["kind"], again["outcome"]) == ("reexamination", "changed") and again["asked_on"] <= again["until"]
    assert again["panel"] == [6, 3, 5, 1]
    assert (claim["kind"], claim["outcome"]) == ("claim", "granted") and claim["panel"] == [4, 2, 3, 1]
    title, similarity = claim["alike"]
    assert title and float(similarity) > 50


def test_who_declared_a_conflict_and_who_was_found_in_one_saw_nothing(run: Run) -> None:
    found = {one["person_id"]: one for one in run.figures["procedure"]["conflicts"]}
    assert {person: (one["ground"], one["found"]) for person, one in found.items()} == {
        "r-522": ("advice", False),
        "r-526": ("same_team", True),
    }
    assert all([one["status"] for one in conflict["withheld"]] == [404] * 4 for conflict in found.values())


def test_one_set_was_calibrated_with_intervals_and_one_abstained_with_its_reason(run: Run) -> None:
    calibrated, abstained = run.figures["procedure"]["sets"]
    assert len(calibrated["ideas"]) == 6 and calibrated["abstained"] == []
    for idea in calibrated["ideas"]:
        assert float(idea["low"]) < float(idea["calibrated"]) < float(idea["high"]) and idea["legal"]
    assert [reason["code"] for reason in abstained["abstained"]] == ["assignment_not_fair"]
    assert not any(idea["calibrated"] for idea in abstained["ideas"])


def test_the_terminal_and_the_page_tell_of_the_procedure(run: Run) -> None:
    for korean, english in (
        ("기한 정지", "pause"),
        ("실시 시기 변경", "changed date"),
        ("병합", "merge"),
        ("재심사", "re-examination"),
        ("사후 실시 보상", "claim"),
        ("이해관계", "conflict"),
        ("법적 점수와 보정 점수", "legal and calibrated scores"),
        ("보정하지 않음", "abstained"),
    ):
        assert f"{korean} {english}" in run.done.stdout
    assert "절차와 공정성" in run.page and "보정하지 않은 점수" in run.page


def test_the_log_is_whole_and_counted_by_topic(run: Run) -> None:
    log = run.figures["log"]
    assert log["ok"] and log["troubles"] == []
    assert sum(run.figures["topics"].values()) == sum(run.figures["types"].values()) == log["events"]


def test_the_page_needs_nothing_but_itself(run: Run) -> None:
    assert run.page.startswith("<!doctype html>") and '<html lang="ko">' in run.page
    for outside in ("<script", "http://", "https://", "<link", "@import", "url("):
        assert outside not in run.page
    assert run.page.count("<svg") == 1 + len({offer["title"] for offer in run.figures["spread"]})
    assert "prefers-color-scheme: dark" in run.page and "올빼미버스" in run.page


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_a_demo_that_is_ended_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "output.log"
    process = started(log, "demo", "--out", str(tmp_path))
    try:
        logs = tmp_path / "demo-run" / "logs"
        wait_until(lambda: len(list(logs.glob("*.log"))) == 4 or process.poll() is not None, "services start")
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert len(processes_of(tmp_path)) > 6
        process.send_signal(number)
        code = process.wait(40)
        assert code == (-number if number is signal.SIGKILL else 1)
        wait_until(lambda: not processes_of(tmp_path), "everything ends", 30)
    finally:
        process.kill()
        process.wait()
    if number is signal.SIGTERM:
        assert "nothing is left running" in log.read_text(encoding="utf-8")


@pytest.mark.skipif(not PETITIONS.is_dir(), reason="../shared/data/kr_petitions is absent")
def test_all_petitions_go_the_whole_way(tmp_path: Path) -> None:
    run = run_demo(tmp_path, "--input", str(PETITIONS))
    assert run.figures["ideas"] == 1208 and run.figures["faults"] == 0
    assert run.figures["funnel"]["received"] == run.figures["funnel"]["decided"] == 1208
    assert run.figures["figures"]["declared_endorsements"] == 9_687_313
    assert run.figures["endings"]["closed"] == 0
    assert "synthetic" in run.figures["rule"] and "씨앗" in run.page


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent")
def test_three_data_sets_come_in_as_they_are(tmp_path: Path) -> None:
    run = run_demo(tmp_path, "--input", str(DATA))
    assert run.figures["faults"] == 0, run.figures["fault_list"][:20]
    wanted = {
        "ideas": 1_606,
        "screened_in": 129,
        "screened_out": 101,
        "screening_open": 21,
        "vote_rows": 52_992,
        "votes": 52_315,
        "endorse": 32_387,
        "object": 12_816,
        "pass": 7_112,
        "reviews": 337,
        "second_reviews": 181,
    }
    assert {name: run.figures[name] for name in wanted} == wanted
    assert run.figures["topics"]["ideas.journal"] == 52_992
