"""The page shows what people wrote as text, in both languages, and asks nothing of the network."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest

from owlbus.demo import data
from owlbus.demo.account import Account, Award, Offer, Payment, Step
from owlbus.demo.page import Language, write_page
from owlbus.demo.procedure.facts import (
    Change,
    Conflict,
    Look,
    Merge,
    Move,
    Pause,
    Procedure,
    Reason,
    Scored,
    ScoreSet,
    Withheld,
)
from owlbus.words import FUNNEL, SIDEWAYS

NASTY = '<script>alert("올빼미")</script> & <b>굵게</b>'


def look(kind: Literal["reexamination", "claim"], outcome: str, alike: tuple[str, str] | None = None) -> Look:
    asked = ("p-101", "2026-12-02", "2026-12-16", NASTY)
    return Look(kind, 1, "i-1", NASTY, *asked, (4, 2, 3, 1), outcome, NASTY, "2026-12-04", alike)


def procedure() -> Procedure:
    shown = ("kr-national-2023-09", "review")
    days = ("2026-11-24", "2026-11-28", "2026-12-24", "2026-12-28")
    moves = (Move("supplement.1", 3, "2026-12-27"), Move("rest_day", 1, "2026-12-28"))
    withheld = (Withheld("evaluation", "/evaluations/i-1/review", 404, "not_found"),)
    scored = Scored("i-1", NASTY, "78.00", 1, "75.00", "74.00", "76.00", 2)
    return Procedure(
        pauses=(Pause("i-1", NASTY, NASTY, *days, ("ideas/3/1", "ideas/3/2"), moves),),
        changes=(Change("i-1", NASTY, "2027-01-04", "2027-03-04", NASTY),),
        merges=(Merge("i-1", NASTY, "i-2", NASTY, "76.5", ("p-101",), (("p-101", "100"),), "authors", 21, 12),),
        looks=(look("reexamination", "changed"), look("claim", "granted", (NASTY, "81.0"))),
        conflicts=(Conflict("r-1", "jobs", "round", *shown, "i-1", NASTY, "advice", found=False, withheld=withheld),),
        sets=(
            ScoreSet("round", *shown, "90", (), (scored,)),
            ScoreSet("kr-national-2023-09", *shown, "90", (Reason("assignment_not_fair"),), (scored,)),
        ),
    )


def account() -> Account:
    step = Step(
        "ideas/3/1", "ideas.IdeaSubmitted", "2026-11-24T00:00:00+00:00", "ideas", "author", "p-1", "command/c", NASTY
    )
    return Account(
        mode="guided",
        title=NASTY,
        rule=NASTY,
        ideas=1,
        funnel=dict.fromkeys(FUNNEL, 1),
        endings=dict.fromkeys(SIDEWAYS, 0),
        timeline_title=NASTY,
        timeline=(step,),
        awards=(Award("부문", "대상", "i-1", NASTY, 1000, (Payment("p-1", NASTY, "100", 1000),)),),
        spread=(Offer("i-1", NASTY, "gwanak", "declined", NASTY, "2026-12-01"),),
        figures=dict.fromkeys(("events", "votes", "scores", "ballots", "declared_endorsements"), 1),
        log={"ok": True, "events": 1, "sources": 1, "topics": {"ideas.events": 1}},
        procedure=procedure(),
        refusals=({"what": NASTY, "status": "403", "code": "forbidden"},),
        fault_list=[NASTY],
    )


class Tags(HTMLParser):
    """Collects the tags of a page and sees that they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_people_wrote_is_text(tmp_path: Path, language: Language) -> None:
    write_page(account(), data.cast(), tmp_path / "page.html", language)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == [] and "script" not in tags.seen
    assert "<b>굵게" not in page and page.count("&lt;script&gt;") >= 8
    assert f'<html lang="{language}">' in page


TOLD = {
    "ko": (
        *("보완 +3일, 쉬는 날 +1일", "김하늘 100%", "표를 한 번씩", "채택으로 변경", "찬성 3 반대 1"),
        *("74.00–76.00", "무작위 배정도 연결 배정도 아님"),
    ),
    "en": (
        *("supplement +3, day of rest +1", "12 people count", "adopted after all", "evaluation 404"),
        "neither at random nor linked",
    ),
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_procedure_is_told_in_either_language(tmp_path: Path, language: Language) -> None:
    write_page(account(), data.cast(), tmp_path / "page.html", language)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert [words for words in TOLD[language] if words not in page] == []


def test_where_nothing_is_told_of_the_procedure_there_is_no_section(tmp_path: Path) -> None:
    without = account()
    without.procedure = Procedure()
    write_page(without, data.cast(), tmp_path / "page.html", "ko")
    assert "절차와 공정성" not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_scenario_s_files_hold_together() -> None:
    cast, plans = data.cast(), (*data.ideas(), data.output())
    known = {plan.id: plan for plan in plans}
    assert len(plans) == len(known) == 45
    for plan in plans:
        assert sum(plan.authors.values()) == 100
        assert plan.department in cast.departments
        assert all(cast.name(person) != person for person in plan.authors)
        assert all(plan.sections.values())
        assert (plan.outcome == "merge") == bool(plan.into)
        if plan.into:
            first = known[plan.into]
            assert set(first.agreed) == {*first.authors, *plan.authors} and sum(first.agreed.values()) == 100
        if plan.worth:
            assert plan.pack == cast.round.pack and not plan.scores
        assert set(plan.offers) <= set(cast.departments)
    for rater in cast.round.raters.values():
        assert rater.department in cast.departments and set(rater.declares) <= set(known)
