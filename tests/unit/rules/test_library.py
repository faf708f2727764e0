"""Reading, hashing and freezing: what counts as a change, and what a change in use leads to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from shared.rules import __main__ as command
from shared.rules.library import ChangedPack, InvalidPack, Library, UnknownPack, canonical, parse
from shared.rules.loader import HOME, LIBRARY, calendar, pack, pack_hash
from shared.rules.pack import SERVICES, Service
from shared.rules.rule import Scale, Term
from tests.unit.rules.support import altered

SEOUL = "seoul-2025-1"


def test_the_shipped_packs_are_as_locked() -> None:
    assert list(LIBRARY.faults()) == []
    assert (HOME / "packs.lock").read_text("utf-8") == LIBRARY.lock_text()


def test_a_pack_is_read_once() -> None:
    assert pack(SEOUL) is pack(SEOUL)
    assert calendar("kr-2026-11") is calendar("kr-2026-11")


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(
        UnknownPack,
        match=r"no pack 'seoul-1999'; there are: expert-review, kr-citizens-2023-04, kr-national-2017, ",
    ):
        pack("seoul-1999")
    with pytest.raises(UnknownPack, match="no pack"):
        pack_hash("seoul-1999", "ideas")
    with pytest.raises(UnknownPack, match="no calendar 'kr-1999-01'; there are: kr-2026-11"):
        calendar("kr-1999-01")


@pytest.mark.parametrize("service", SERVICES)
def test_a_change_in_use_is_refused_and_names_its_service(service: Service) -> None:
    path = {
        "ideas": "ideas.authors_max.value",
        "evaluation": "evaluation.stages.0.raters_target.value",
        "awards": "awards.budget_won.value",
        "learning": "learning.group.members_max.value",
    }[service]
    library = altered(SEOUL, path, 77_000_000)
    with pytest.raises(ChangedPack, match=rf"seoul-2025-1 \({service}\) was changed while in use"):
        library.pack(SEOUL)
    assert library.pack("open-call") == pack("open-call"), "its neighbours stay in use"


@pytest.mark.parametrize("service", SERVICES)
def test_a_hash_tells_of_its_own_section_and_the_header(service: Service) -> None:
    before = {name: LIBRARY.pack_hash(SEOUL, name) for name in SERVICES}
    section = altered(SEOUL, f"{service}.note", "changed")
    assert [n for n in SERVICES if section.pack_hash(SEOUL, n) != before[n]] == [service]
    header = altered(SEOUL, "in_force_from", "2025-01-02")
    assert all(header.pack_hash(SEOUL, name) != before[name] for name in SERVICES)


def test_a_new_source_is_a_change_too() -> None:
    changed = altered(SEOUL, "ideas.authors_max.source", "policy")
    assert changed.pack_hash(SEOUL, "ideas") != pack_hash(SEOUL, "ideas")


def test_a_pack_may_be_superseded_without_a_change_of_its_rules() -> None:
    library = altered(SEOUL, "status", "superseded")
    assert library.pack(SEOUL).ideas == pack(SEOUL).ideas
    assert library.pack_hash(SEOUL, "ideas") == pack_hash(SEOUL, "ideas")


@pytest.mark.parametrize("status", ["draft", "announced", "reviewed"])
def test_a_pack_not_yet_promulgated_may_change(status: str) -> None:
    library = altered(SEOUL, "status", status)
    library.pack_data[SEOUL]["ideas"]["authors_max"]["value"] = 5
    assert library.pack(SEOUL).ideas.authors_max.value == 5


@pytest.mark.parametrize("status", ["promulgated", "in_force", "superseded"])
def test_a_pack_in_use_must_be_locked(status: str) -> None:
    library = replace(altered(SEOUL, "status", status), lock={})
    with pytest.raises(ChangedPack, match=r"not in packs\.lock"):
        library.pack(SEOUL)


def test_a_changed_holiday_table_is_refused() -> None:
    data = dict(LIBRARY.calendar_data)
    data["kr-2026-11"] = {**data["kr-2026-11"], "last": 2029}
    library = replace(LIBRARY, calendar_data=data)
    with pytest.raises(ChangedPack, match=r"kr-2026-11 \(calendar\) was changed while in use"):
        library.pack(SEOUL)


def test_a_pack_needs_its_calendar() -> None:
    with pytest.raises(UnknownPack, match="no calendar 'kr-1999-01'"):
        altered(SEOUL, "calendar", "kr-1999-01", relock=True).pack(SEOUL)


@pytest.mark.parametrize(("change", "complaint"), [({"id": "kr"}, "calls itself kr"), ({"last": 2027}, "outside 2019")])
def test_a_holiday_table_that_makes_no_sense_is_refused(change: dict[str, object], complaint: str) -> None:
    data = {"kr-2026-11": {**LIBRARY.calendar_data["kr-2026-11"], **change}}
    with pytest.raises(InvalidPack, match=complaint):
        replace(LIBRARY, calendar_data=data).calendar("kr-2026-11")


def test_a_pack_that_is_locked_can_not_just_vanish() -> None:
    data = {name: found for name, found in LIBRARY.pack_data.items() if name != SEOUL}
    faults = list(replace(LIBRARY, pack_data=data).faults())
    assert faults == [f"{SEOUL}: {service} is locked, but the file is missing" for service in sorted(SERVICES)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\na: 2\n", "a key is given twice"),
        ("x: {a: 1, a: 2}\n", "a key is given twice"),
        ("- a\n", "a mapping was expected"),
        ("", "a mapping was expected"),
        ("a: [\n", "while parsing"),
        ("a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
    ],
)
def test_a_text_that_is_no_pack_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidPack, match=f"(?s)some: .*{complaint}"):
        parse("some", text)


def test_comments_order_and_quotes_do_not_matter_to_a_hash() -> None:
    one = parse("x", "a: 1\nday: 2025-01-01\n")
    other = parse("x", "# why\nday: '2025-01-01'\na: 1\n")
    assert canonical(one) == canonical(other) == b'{"a":1,"day":"2025-01-01"}'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("packs", "calendars"):
        (tmp_path / folder).mkdir()
        for path in (HOME / folder).glob("*.yaml"):
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(command, "HOME", tmp_path)
    return tmp_path


def test_lock_then_check(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check"]) == 1, "nothing is locked yet"
    assert "not in packs.lock" in capsys.readouterr().out
    assert command.main(["lock"]) == 0
    assert (home / "packs.lock").read_bytes() == (HOME / "packs.lock").read_bytes()
    assert f"now {SEOUL} ideas {pack_hash(SEOUL, 'ideas')[:12]}" in capsys.readouterr().out
    assert command.main(["check"]) == 0
    assert capsys.readouterr().out == ""


def test_an_edit_is_found_and_lock_tells_what_it_replaces(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["lock"])
    path = home / "packs" / f"{SEOUL}.yaml"
    path.write_text(
        path.read_text("utf-8").replace("budget_won: {value: 15000000", "budget_won: {value: 16000000"), "utf-8"
    )
    capsys.readouterr()
    assert command.main(["check"]) == 1
    assert f"{SEOUL} (awards) was changed while in use" in capsys.readouterr().out
    assert command.main(["lock"]) == 0
    before, after = pack_hash(SEOUL, "awards"), Library.read(home).pack_hash(SEOUL, "awards")
    assert sorted(capsys.readouterr().out.splitlines()) == [
        f"now {SEOUL} awards {after[:12]}",
        f"was {SEOUL} awards {before[:12]}",
    ]


def test_nonsense_is_never_locked(home: Path) -> None:
    path = home / "packs" / f"{SEOUL}.yaml"
    path.write_text(path.read_text("utf-8").replace('"30", source: assumed', '"31", source: assumed'), "utf-8")
    assert command.main(["lock"]) == 1
    assert not (home / "packs.lock").exists()


@pytest.mark.parametrize(("score", "fits"), [("0", True), ("9.5", True), ("10", True), ("9.4", False), ("10.5", False)])
def test_a_scale_allows_its_steps(score: str, fits: bool) -> None:
    scale = Scale(min=Decimal(0), max=Decimal(10), step=Decimal("0.5"))
    assert scale.allows(Decimal(score)) is fits


@pytest.mark.parametrize("score", ["-0.5", "NaN", "Infinity"])
def test_a_scale_allows_nothing_else(score: str) -> None:
    assert not Scale(min=Decimal(0), max=Decimal(10), step=Decimal("0.5")).allows(Decimal(score))


@pytest.mark.parametrize("words", ["1 day", "30 days", "3 weeks", "1 month", "2 years"])
def test_a_term_is_written_as_it_is_read(words: str) -> None:
    term = Term.model_validate(words)
    assert str(term) == words
    assert Term.model_validate_json(term.model_dump_json()) == term


@pytest.mark.parametrize("words", ["", "days", "0 days", "-1 days", "1.5 years", "30days", "1 decade", "99999 days"])
def test_what_is_no_term_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="not a term"):
        Term.model_validate(words)
