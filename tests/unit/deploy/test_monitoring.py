"""Alert rules and dashboards speak of figures that exist, and of nothing else. Their servers are asked elsewhere.

There is no Grafana to try the dashboards on everywhere, so their structure is held to what its importer needs.
"""

import re
from typing import Any

import pytest
import yaml
from prometheus_client.metrics_core import Metric

from shared.runtime.telemetry import Metrics
from tests.support.dashboards import DEPLOY, dashboards, panels, rules, spoken, with_values

OF_THE_SCRAPE = {"service", "instance", "job", "le", "alertstate"}
OF_PROMETHEUS = {"up", "ALERTS"}


def exported() -> tuple[set[str], set[str]]:
    """Names and labels of all figures, as Prometheus stores them."""
    metrics = Metrics("ideas")
    found: list[Metric] = list(metrics.registry.collect())
    described: dict[str, Any] = metrics.registry._names_to_collectors  # pyright: ignore[reportPrivateUsage]
    labels = {label for one in described.values() for label in getattr(one, "_labelnames", ())}
    names: set[str] = set()
    for one in found:
        match one.type:
            case "counter":
                names.add(f"{one.name}_total")
            case "info":
                pass
            case "histogram":
                names |= {f"{one.name}_{part}" for part in ("bucket", "sum", "count")}
            case _:
                names.add(one.name)
    return names, labels


NAMES, LABELS = exported()


def expect_known(expression: str) -> None:
    """Every metric and label of an expression exists."""
    about = spoken(expression)
    assert about.metrics and about.metrics <= NAMES | OF_PROMETHEUS
    assert about.labels <= LABELS | OF_THE_SCRAPE


def test_what_an_expression_speaks_of_is_found() -> None:
    about = spoken('abs(a_b{x="y", z=~"q|a_c"}) > 5 and on (service) sum by (le, p) (rate(c:d[5m])) or vector(0)')
    assert about.metrics == {"a_b", "c:d"}
    assert about.labels == {"x", "z", "service", "le", "p"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_speaks_of_what_is_there_and_says_it_in_two_languages(rule: dict[str, Any]) -> None:
    expect_known(rule["expr"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    about = rule["annotations"]
    assert re.search("[가-힣]", about["summary_ko"]) and not re.search("[가-힣]", about["summary"])
    assert set(re.findall(r"\$\w+(?:\.\w+)?", about["summary"])) <= set(
        re.findall(r"\$\w+(?:\.\w+)?", about["summary_ko"])
    )
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
    assert about["runbook"] == f"docs/runbooks/{kebab}.md"


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    cases = yaml.safe_load((DEPLOY / "prometheus" / "alerts.test.yml").read_text("utf-8"))["tests"]
    fires = {one["alertname"] for case in cases for one in case.get("alert_rule_test", ()) if one["exp_alerts"]}
    assert fires == {rule["alert"] for rule in rules()}


def test_no_figure_is_left_without_a_panel_or_an_alert() -> None:
    asked = [target["expr"] for _, panel in panels() for target in panel["targets"]] + [
        rule["expr"] for rule in rules()
    ]
    shown = {name for expression in asked for name in spoken(expression).metrics}
    parts = re.compile("_(bucket|sum|count)$")
    assert {parts.sub("", name) for name in NAMES} - {parts.sub("", name) for name in shown} == set()


@pytest.mark.parametrize(("name", "panel"), list(panels()), ids=lambda one: one if isinstance(one, str) else "")
def test_a_panel_asks_for_what_is_there(name: str, panel: dict[str, Any]) -> None:
    assert panel["type"] in ("timeseries", "stat", "table", "heatmap"), name
    assert re.search("[가-힣].* · .*[A-Za-z]", panel["title"])
    assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])]
    for target in panel["targets"]:
        expect_known(with_values(target["expr"], {"service": "ideas", "partition": "0"}))
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= LABELS | OF_THE_SCRAPE | {"alertname"}


@pytest.mark.parametrize(
    ("name", "board"), list(dashboards().items()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_dashboard_is_whole(name: str, board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids)) and board["schemaVersion"] >= 36 and "id" not in board
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    variables = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$(\w+)", str(board["panels"]))) - {"__rate_interval"}
    assert used == variables
    for variable in board["templating"]["list"]:
        asked = re.fullmatch(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", variable["query"]["query"])
        assert asked and asked[1] in NAMES and asked[2] in LABELS | OF_THE_SCRAPE


def test_dashboards_and_data_source_find_each_other() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    sources = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text("utf-8"))["datasources"]
    providers = yaml.safe_load((provisioning / "dashboards" / "owlbus.yml").read_text("utf-8"))["providers"]
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text("utf-8"))["services"]
    uids = [board["uid"] for board in dashboards().values()]
    assert len(uids) == len(set(uids)) and all(re.fullmatch(r"[a-z0-9-]{1,40}", uid) for uid in uids)
    used = re.findall(r"'datasource': \{'type': '(\w+)', 'uid': '([\w-]+)'\}", str(list(dashboards().values())))
    assert set(used) == {(source["type"], source["uid"]) for source in sources}
    assert [source["url"] for source in sources] == ["http://prometheus:9090"] and "prometheus" in compose
    mounted = [volume.split(":")[1] for volume in compose["grafana"]["volumes"]]
    assert all(provider["options"]["path"] in mounted for provider in providers)
