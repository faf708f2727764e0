"""docker-compose.yml as it stands: nothing is open, nothing may more than it must, nothing secret is in it."""

import re
from typing import Any

import pytest
import yaml

from owlbus.docs import ROOT
from owlbus.fleet import SERVICES

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
EVERY_ONE = pytest.mark.parametrize("name", CONTAINERS)


@EVERY_ONE
def test_it_cannot_write_to_its_files_and_has_no_rights_it_does_not_need(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] and container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in container or name == "secrets"
    assert container.get("user") != "0:0" or name == "secrets"
    assert not container.get("privileged") and "docker.sock" not in str(container)


@EVERY_ONE
def test_it_is_reached_from_this_machine_only(name: str) -> None:
    for port in CONTAINERS[name].get("ports", ()):
        assert port.startswith("127.0.0.1:")
    assert not CONTAINERS[name].get("ports") or name in (*SERVICES, "prometheus", "grafana")


@EVERY_ONE
def test_it_is_given_its_own_secrets_only(name: str) -> None:
    mounted = {volume.split(":")[0] for volume in CONTAINERS[name].get("volumes", ())}
    secret = {volume for volume in mounted if volume.startswith("secrets-") or volume == "issuer"}
    match name:
        case "secrets":
            assert secret == {volume for volume in COMPOSE["volumes"] if volume.startswith("secrets-")} | {"issuer"}
        case "setup":
            assert secret == {f"secrets-{user}" for user in ("setup", *SERVICES, "auditor")}
        case "token":
            assert secret == {"issuer"} and CONTAINERS[name]["network_mode"] == "none"
        case "prometheus":
            assert secret == set()
        case _:
            assert secret == {f"secrets-{name}"}


def test_whoever_watches_reaches_neither_server() -> None:
    near_the_servers = {name for name, one in CONTAINERS.items() if "servers" in one.get("networks", ())}
    assert near_the_servers == {"kafka", "mongodb", "setup", "auditor", *SERVICES}


def test_no_secret_is_in_what_is_committed() -> None:
    for path in [ROOT / "docker-compose.yml", *(ROOT / "deploy" / "compose").rglob("*.*")]:
        text = path.read_text("utf-8")
        assert not re.search(r"mongodb://[^/\s]*@|BEGIN .*KEY|[0-9a-f]{32}", text), path
        for value in re.findall(r"(?i)password\s*[:=]\s*\"?([^\s\",;\]]+)", text):
            assert value.startswith(("$", "/run/secrets/")), f"{path}: {value}"


def test_a_scaled_service_finds_a_port_for_each_replica() -> None:
    for service in SERVICES:
        assert re.fullmatch(r"127\.0\.0\.1:81\d0-81\d9:8080", CONTAINERS[service]["ports"][0])
        assert "container_name" not in CONTAINERS[service] and "hostname" not in CONTAINERS[service]
