"""The page shows what people wrote as text, in both languages, and asks nothing of the network."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from owlbus.demo import data
from owlbus.demo.account import Account, Award, Offer, Payment, Step
from owlbus.demo.page import Language, write_page
from owlbus.words import FUNNEL, SIDEWAYS

NASTY = '<script>alert("올빼미")</script> & <b>굵게</b>'


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


def test_the_scenario_s_files_hold_together() -> None:
    cast, plans = data.cast(), (*data.ideas(), data.output())
    assert len(plans) == 40 and len({plan.id for plan in plans}) == 40
    for plan in plans:
        assert sum(plan.authors.values()) == 100
        assert plan.department in cast.departments
        assert all(cast.name(person) != person for person in plan.authors)
        assert all(plan.sections.values())
        assert set(plan.offers) <= set(cast.departments)
