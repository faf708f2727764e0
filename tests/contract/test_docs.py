"""The documents are true as far as a machine can tell: what they name exists, and what is generated is current."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from owlbus.docs import ROOT, generate

INVARIANTS = ROOT / "docs" / "invariants.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md")])
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@cache
def functions_in(path: str) -> frozenset[str]:
    """The test functions of a file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """What can be linked to within a page, as GitHub names it."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_is_named_exists(page: Path) -> None:
    missing = [f"{path}::{name}" for path, name in _TEST.findall(page.read_text("utf-8")) if name not in _found(path)]
    assert not missing


def _found(path: str) -> frozenset[str]:
    return functions_in(path) if (ROOT / path).exists() else frozenset()


def test_every_invariant_is_held_by_something() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\|$", INVARIANTS.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, len(rows) + 1))
    for line in INVARIANTS.read_text("utf-8").splitlines():
        if re.match(r"\| \d+ \|", line):
            assert _TEST.search(line) or "`import-linter: " in line, line


def test_every_direction_that_is_named_is_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}
    named = re.findall(r"`import-linter: ([\w-]+)`", INVARIANTS.read_text("utf-8"))
    assert set(named) == contracts


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_resolves(page: Path) -> None:
    broken = [link for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))) if not _resolves(page, link)]
    assert not broken


def _resolves(page: Path, link: str) -> bool:
    if link.startswith(("http://", "https://")):
        return True
    place, _, anchor = link.partition("#")
    target = (page.parent / place).resolve() if place else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors_of(target))


def test_what_is_generated_is_current() -> None:
    outdated = [path for path, text in generate().items() if not path.exists() or path.read_text("utf-8") != text]
    assert not outdated, "run `make docs`"


def test_no_page_names_a_path_of_some_machine() -> None:
    pages = {page: page.read_text("utf-8") for page in PAGES}
    assert not [page for page, text in pages.items() if re.search(r"(?<![\w.])/(?:home|root|work|tmp)/", text)]
