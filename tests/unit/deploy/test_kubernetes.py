"""deploy/kubernetes as it stands: equal to what the code declares, closed, and without anything secret."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.provision.grants import (
    AUDITOR,
    Acl,
    Operation,
    Resource,
    acls_of,
    acls_of_auditor,
    all_services,
    all_topics,
)
from owlbus.docs import ROOT
from owlbus.fleet import SERVICES
from shared.runtime.kafka.access import TOPIC_CONFIG, Access
from shared.runtime.machine import CLOSE_SECONDS
from shared.runtime.openapi import PUBLIC
from shared.runtime.settings import Settings

HOME = ROOT / "deploy" / "kubernetes"
OVERLAY = HOME / "overlays" / "production"
EVERY_SERVICE = pytest.mark.parametrize("name", SERVICES)
SECRETS = "/run/secrets/owlbus/"
SCALER = "scaler"
PORT = 8080

Document = dict[str, Any]


@cache
def documents(directory: Path = HOME / "base") -> tuple[Document, ...]:
    """Every manifest below a directory as it is written, patches and kustomizations left out."""
    paths = [
        path for path in sorted(directory.rglob("*.yaml")) if path.name not in ("kustomization.yaml", "replica.yaml")
    ]
    return tuple(one for path in paths for one in yaml.safe_load_all(path.read_text("utf-8")))


def of_kind(kind: str) -> dict[str, Document]:
    """The manifests of one kind by name."""
    found = [one for one in documents() if one["kind"] == kind]
    named = {one["metadata"]["name"]: one for one in found}
    assert len(named) == len(found)
    return named


def merged(base: Any, patch: Any) -> Any:
    """A strategic merge as far as it is used here: mappings by key, lists by name."""
    ours, theirs = base, patch  # not narrowed: what YAML holds is of no known type
    if isinstance(base, dict) and isinstance(patch, dict):
        return {key: merged(ours.get(key), theirs.get(key)) for key in ours | theirs}
    if isinstance(base, list) and isinstance(patch, list):
        ours, theirs = ({one["name"]: one for one in side} for side in (ours, theirs))
        return [merged(ours.get(name), theirs.get(name)) for name in theirs | ours]
    return ours if patch is None else theirs


@cache
def stateful_sets() -> dict[str, Document]:
    """Each service's StatefulSet with what all have in common."""
    patch = yaml.safe_load((HOME / "base" / "services" / "replica.yaml").read_text("utf-8"))
    named = {name: merged(one, patch) for name, one in of_kind("StatefulSet").items()}
    return {name: one | {"metadata": of_kind("StatefulSet")[name]["metadata"]} for name, one in named.items()}


def pod_of(name: str) -> Document:
    """The pod of a service."""
    return stateful_sets()[name]["spec"]["template"]["spec"]


def settings_of(name: str) -> dict[str, str]:
    """The environment of a service's first replica."""
    kustomization = yaml.safe_load((HOME / "base" / "services" / "kustomization.yaml").read_text("utf-8"))
    (generator,) = kustomization["configMapGenerator"]
    common = dict(line.split("=", 1) for line in generator["literals"])
    (container,) = pod_of(name)["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": generator["name"]}}]
    return common | {one["name"]: one.get("value", f"{name}-0") for one in container["env"]}


def kustomizations() -> Iterator[tuple[Path, Document]]:
    """Every kustomization with its directory."""
    for path in sorted(HOME.rglob("kustomization.yaml")):
        yield path.parent, yaml.safe_load(path.read_text("utf-8"))


# --- equal to the code


def test_every_service_is_there_and_no_other() -> None:
    for kind in ("StatefulSet", "ServiceAccount", "PodDisruptionBudget", "ScaledObject"):
        assert set(of_kind(kind)) == set(SERVICES), kind
    assert set(SERVICES) < set(of_kind("NetworkPolicy"))
    assert set(of_kind("Service")) == {*SERVICES, *(f"{name}-replicas" for name in SERVICES)}


def test_the_services_differ_in_nothing_but_their_names_and_topics() -> None:
    def anonymous(name: str) -> str:
        text = (HOME / "base" / "services" / f"{name}.yaml").read_text("utf-8")
        return text[: text.index("  triggers:")].replace(name, "SERVICE")

    assert len({anonymous(name) for name in SERVICES}) == 1


def test_topics_are_those_of_the_code_and_kept_as_it_demands() -> None:
    access = Access(Settings.read({}), "test")
    topics = of_kind("KafkaTopic")
    assert set(topics) == set(all_topics(all_services()))
    for topic in topics.values():
        assert topic["spec"] == {
            "partitions": access.settings.partitions,
            "replicas": access.replication,
            "config": TOPIC_CONFIG | {"min.insync.replicas": str(access.min_insync)},
        }


def test_rights_on_kafka_are_those_that_follow_from_the_code() -> None:
    services = all_services()
    users = of_kind("KafkaUser")
    assert set(users) == {*SERVICES, AUDITOR, SCALER}
    assert all(user["spec"]["authentication"] == {"type": "scram-sha-512"} for user in users.values())
    operations = {"Read": Operation.READ, "Write": Operation.WRITE, "DescribeConfigs": Operation.DESCRIBE_CONFIGS}
    granted = {
        Acl(name, Resource[kind.upper()], thing, operations[operation])
        for name in users
        if name != SCALER
        for kind, thing, operation in rights_of(users[name])
    }
    assert granted == acls_of_auditor(services).union(*map(acls_of, services))


def test_the_autoscaler_sees_how_far_everybody_is_and_no_content() -> None:
    topics = {("topic", name, "Describe") for name in all_topics(all_services())}
    assert rights_of(of_kind("KafkaUser")[SCALER]) == topics | {("group", name, "Describe") for name in SERVICES}


def rights_of(user: Document) -> set[tuple[str, str, str]]:
    """What a Strimzi user may do: kind and name of a thing, and the operation."""
    authorization = user["spec"]["authorization"]
    assert authorization["type"] == "simple"
    for rule in authorization["acls"]:
        # Without more words Strimzi takes a name literally, allows, and from anywhere.
        assert set(rule) == {"resource", "operations"} and set(rule["resource"]) == {"type", "name"}
    return {
        (rule["resource"]["type"], rule["resource"]["name"], operation)
        for rule in authorization["acls"]
        for operation in rule["operations"]
    }


@EVERY_SERVICE
def test_the_environment_is_one_that_the_service_accepts_in_production(name: str, tmp_path: Path) -> None:
    told = settings_of(name)
    secret = {f"{field.alias}_FILE" for field in Settings.model_fields.values() if "SecretStr" in str(field.annotation)}
    assert set(told) <= secret | {field.alias for field in Settings.model_fields.values()}
    assert secret <= set(told)
    for variable in secret:
        (tmp_path / variable).write_text("mongodb://nobody")
    settings = Settings.read(told | {variable: str(tmp_path / variable) for variable in secret})
    assert not settings.development and settings.issuer_jwks and not settings.start_unverified
    assert settings.url == f"http://{name}-0.{name}-replicas:{PORT}" and settings.http_port == PORT
    assert settings.kafka_sasl_username == name and settings.kafka_security_protocol == "SASL_SSL"
    assert settings.partitions == of_kind("KafkaTopic")[f"{name}.events"]["spec"]["partitions"]


@EVERY_SERVICE
def test_what_is_named_as_a_file_is_mounted(name: str) -> None:
    (container,) = pod_of(name)["containers"]
    (volume,) = [one for one in pod_of(name)["volumes"] if one["name"] == "secrets"]
    (mount,) = [one for one in container["volumeMounts"] if one["name"] == "secrets"]
    assert f"{mount['mountPath']}/" == SECRETS and mount["readOnly"]
    sources = [next(iter(source.values())) for source in volume["projected"]["sources"]]
    files = {f"{SECRETS}{item['path']}" for source in sources for item in source["items"]}
    assert files == {value for value in settings_of(name).values() if value.startswith("/")}
    assert {source["name"] for source in sources} == {name, f"{name}-mongodb", "owlbus-cluster-ca-cert", "issuer"}


@EVERY_SERVICE
def test_a_replica_has_a_name_for_life(name: str) -> None:
    spec = stateful_sets()[name]["spec"]
    (container,) = pod_of(name)["containers"]
    (instance,) = [one for one in container["env"] if one["name"] == "OWLBUS_INSTANCE"]
    assert instance["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    headless = of_kind("Service")[spec["serviceName"]]["spec"]
    assert headless["clusterIP"] == "None" and headless["publishNotReadyAddresses"]
    assert "clusterIP" not in of_kind("Service")[name]["spec"]
    assert "replicas" not in spec, "the autoscaler says how many"


@EVERY_SERVICE
def test_it_is_started_probed_and_reached_where_the_service_answers(name: str) -> None:
    (container,) = pod_of(name)["containers"]
    assert container["command"] == ["python", "-m", f"services.{name}"]
    assert (ROOT / "services" / name / "__main__.py").exists()
    assert container["ports"] == [{"name": "http", "containerPort": PORT}]
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {probe["path"] for probe in probes.values()} <= PUBLIC
    assert probes["liveness"] == probes["startup"] == {"path": "/health/live", "port": "http"}
    assert probes["readiness"] == {"path": "/health/ready", "port": "http"}
    for service in (name, f"{name}-replicas"):
        assert of_kind("Service")[service]["spec"]["ports"] == [{"name": "http", "port": PORT, "targetPort": "http"}]


@EVERY_SERVICE
def test_it_is_given_the_time_that_its_end_takes(name: str) -> None:
    pod = pod_of(name)
    (container,) = pod["containers"]
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = Settings.read(
        {"OWLBUS_DRAIN_TIMEOUT_SECONDS": settings_of(name)["OWLBUS_DRAIN_TIMEOUT_SECONDS"]}
    ).drain_timeout
    # The server's own patience; a drain for callers and one for what is unpublished; five steps of closing.
    assert pod["terminationGracePeriodSeconds"] >= pause + (drain + 5) + 2 * drain + 5 * CLOSE_SECONDS


@EVERY_SERVICE
def test_it_scales_on_the_lag_of_every_topic_it_reads(name: str) -> None:
    spec = of_kind("ScaledObject")[name]["spec"]
    (service,) = [one for one in all_services() if one.name == name]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name}
    assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"] <= Settings.read({}).partitions
    asked = [trigger["metadata"] for trigger in spec["triggers"]]
    assert {one["topic"] for one in asked} == set(service.topics) and len(asked) == len(service.topics)
    assert {one["consumerGroup"] for one in asked} == {name}
    assert {one["offsetResetPolicy"] for one in asked} == {"earliest"}
    # Brokers of Kafka 4 don't understand what a client of an older one says, which is how KEDA speaks unless told.
    assert all(int(one["version"].split(".")[0]) >= 3 for one in asked)
    assert all(trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication") for trigger in spec["triggers"])


# --- closed


@EVERY_SERVICE
def test_its_pod_may_do_nothing_that_it_need_not(name: str) -> None:
    pod = pod_of(name)
    assert pod["automountServiceAccountToken"] is False
    assert of_kind("ServiceAccount")[name]["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == name
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
    assert all({"emptyDir", "projected"} & set(volume) for volume in pod["volumes"])
    context = pod["securityContext"]
    assert context["runAsNonRoot"] and context["seccompProfile"] == {"type": "RuntimeDefault"}
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    assert f"USER {context['runAsUser']}:{context['runAsGroup']}" in dockerfile
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"]) and container["resources"]["limits"]["memory"]


@EVERY_SERVICE
def test_one_replica_at_a_time_is_taken_away_and_they_are_spread(name: str) -> None:
    own = {"matchLabels": {"app.kubernetes.io/name": name}}
    budget = of_kind("PodDisruptionBudget")[name]["spec"]
    assert budget["maxUnavailable"] == 1 and budget["selector"] == own
    assert stateful_sets()[name]["spec"]["selector"] == own
    spread = pod_of(name)["topologySpreadConstraints"]
    assert {one["topologyKey"] for one in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    assert all(one["labelSelector"] == own for one in spread)


def test_nobody_reaches_anybody_unless_it_is_said() -> None:
    policies = {name: one["spec"] for name, one in of_kind("NetworkPolicy").items()}
    assert set(policies) == {*SERVICES, "default-deny", "dns", "services", "kafka"}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {port["port"] for rule in policies["dns"]["egress"] for port in rule["ports"]} == {53}
    assert {reached(rule) for rule in policies["services"]["egress"]} == {("Kafka", 9093), ("mongodb", 27017)}
    assert {reached(rule, peer) for rule in policies["services"]["ingress"] for peer in rule["from"]} == {
        ("gateway", PORT),
        ("prometheus", PORT),
    }
    for rule in [
        rule for name in (*SERVICES, "services") for way in ("ingress", "egress") for rule in policies[name][way]
    ]:
        assert (rule.get("from") or rule.get("to")) and rule["ports"], "an empty side is everybody"


@EVERY_SERVICE
def test_replicas_reach_those_of_their_own_service(name: str) -> None:
    policy = of_kind("NetworkPolicy")[name]["spec"]
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}
    ports = [{"protocol": "TCP", "port": PORT}]
    assert policy["podSelector"] == own["podSelector"]
    assert policy["ingress"] == [{"from": [own], "ports": ports}] and policy["egress"] == [
        {"to": [own], "ports": ports}
    ]
    labels = stateful_sets()[name]["spec"]["template"]["metadata"]["labels"]
    assert of_kind("NetworkPolicy")["services"]["spec"]["podSelector"]["matchLabels"].items() <= labels.items()


def reached(rule: Document, peer: Document | None = None) -> tuple[str, int]:
    """Whom a rule of a policy lets through, by its last label, and on which port."""
    (side,) = [peer] if peer else rule["to"]
    labels: Mapping[str, str] = (side.get("podSelector") or side["namespaceSelector"])["matchLabels"]
    (port,) = rule["ports"]
    return list(labels.values())[-1], port["port"]


def test_no_secret_is_in_what_is_committed() -> None:
    assert not of_kind("Secret")
    for path in HOME.rglob("*.*"):
        text = path.read_text("utf-8")
        assert not re.search(r"mongodb(\+srv)?://[^/\s]*@|BEGIN .*KEY|[0-9a-f]{32}|secretGenerator", text), path
        for value in re.findall(r"(?i)password(?:_file)?[=:]\s*\"?([^\s\",;\]}]+)", text):
            assert value.startswith(SECRETS), f"{path}: {value}"


def test_images_are_pinned_by_name_and_version() -> None:
    assert {pod_of(name)["containers"][0]["image"] for name in SERVICES} == {"owlbus:0.1.0"}
    (image,) = yaml.safe_load((OVERLAY / "kustomization.yaml").read_text("utf-8"))["images"]
    assert image["name"] == "owlbus" and "/" in image["newName"] and image["newTag"] not in ("", "latest")


# --- whole


def test_every_file_is_named_and_every_name_is_a_file() -> None:
    for directory, one in kustomizations():
        named = {*one["resources"], *(patch["path"] for patch in one.get("patches", ()) if "path" in patch)}
        assert all((directory / name).exists() for name in named)
        beside = {path.name for path in directory.iterdir() if path.suffix == ".yaml"} - {"kustomization.yaml"}
        below = {path.parent.name for path in directory.glob("*/kustomization.yaml")}
        assert beside | below <= named, f"{directory} has files that nothing names"


@cache
def built() -> tuple[Document, ...]:
    """The overlay as it would be applied."""
    command = [tool] if (tool := shutil.which("kustomize")) else ["kubectl", "kustomize"]
    if not shutil.which(command[0]):
        pytest.skip("neither kustomize nor kubectl is here")
    build = [*command, *(["build"] if tool else []), str(OVERLAY)]
    text = subprocess.run(build, check=True, capture_output=True, text=True, timeout=60).stdout
    return tuple(yaml.safe_load_all(text))


def test_kustomize_builds_the_overlay_out_of_the_same_pods() -> None:
    found = built()
    assert {one["metadata"].get("namespace", "owlbus") for one in found} == {"owlbus"}
    expected = sorted([one["kind"] for one in documents()] + ["ConfigMap"])
    assert sorted(one["kind"] for one in found) == expected
    (settings,) = [one for one in found if one["metadata"]["name"].startswith("settings-")]
    for one in (one for one in found if one["kind"] == "StatefulSet"):
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
        assert container["image"] == "registry.example.org/owlbus:0.1.0"
        ours = pod_of(one["metadata"]["name"])
        overlaid = {"image", "resources", "envFrom"}
        assert {k: v for k, v in container.items() if k not in overlaid} == {
            k: v for k, v in ours["containers"][0].items() if k not in overlaid
        }
        assert {k: v for k, v in pod.items() if k not in ("containers", "volumes")} == {
            k: v for k, v in ours.items() if k not in ("containers", "volumes")
        }
    assert {one["spec"]["minReplicaCount"] for one in found if one["kind"] == "ScaledObject"} == {2}


def test_what_is_built_fits_the_schemas_of_kubernetes() -> None:
    schemas: Any = pytest.importorskip("kubernetes_validate")
    own = [one for one in built() if not re.match(r"kafka\.strimzi\.io/|keda\.sh/", one["apiVersion"])]
    assert len(own) > len(SERVICES)
    for version in ("1.30", schemas.latest_version()):
        for one in own:
            schemas.validate(one, version, strict=True)
