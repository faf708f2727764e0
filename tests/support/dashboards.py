"""The alert rules and dashboards of deploy/, and what their expressions speak of."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
BUILT_IN = {"__rate_interval": "1m"}
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTED = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")
_OPERATORS = {"and", "or", "unless", "bool", "offset"}


@dataclass(frozen=True)
class Spoken:
    """The metrics of an expression, and the labels that it selects or groups by."""

    metrics: frozenset[str]
    labels: frozenset[str]


def spoken(expression: str) -> Spoken:
    """What a PromQL expression speaks of, function names and numbers aside."""
    labels: set[str] = set()
    rest = re.sub(r"\[[^\]]*\]", "", re.sub(r'"[^"]*"', '""', expression))
    for _, matchers in _SELECTED.findall(rest):
        labels |= set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
    rest = re.sub(r"\{[^}]*\}", "", rest)
    for _, names in _GROUPING.findall(rest):
        labels |= {name.strip() for name in names.split(",")}
    rest = _GROUPING.sub(" ", rest)
    return Spoken(frozenset(set(_NAME.findall(rest)) - _OPERATORS), frozenset(labels))


def rules() -> list[dict[str, Any]]:
    """All alert rules."""
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboards() -> dict[str, dict[str, Any]]:
    """All dashboards by file name."""
    return {path.name: json.loads(path.read_text("utf-8")) for path in (DEPLOY / "grafana" / "dashboards").glob("*")}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """All panels that show something, with a name to find them by."""
    for name, board in dashboards().items():
        for panel in board["panels"]:
            if panel["type"] != "row":
                yield f"{name}: {panel['title']}", panel


def expressions(variables: Mapping[str, str]) -> list[str]:
    """What the panels ask, with values for the dashboards' variables."""
    asked = [target["expr"] for _, panel in panels() for target in panel["targets"]]
    return [with_values(expression, variables) for expression in asked]


def with_values(text: str, variables: Mapping[str, str]) -> str:
    """A text in which every variable is replaced. Raises KeyError for an unknown one."""
    return re.sub(r"\$\{?(\w+)\}?", lambda found: {**BUILT_IN, **variables}[found[1]], text)
