"""Rights follow from what a service declares: no more, no less."""

import os
from pathlib import Path

import pytest

from deploy.provision.grants import (
    AUDITOR,
    Operation,
    Resource,
    acls_of,
    acls_of_auditor,
    all_services,
    all_topics,
    privileges_on,
)
from deploy.provision.secrets import make, mongodb_password
from owlbus.fleet import TOPICS
from shared.runtime.service import Service
from shared.runtime.store.documents import OWN_NAMES
from tests.support.counter_app import SERVICE

EVERY_SERVICE = pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)


@EVERY_SERVICE
def test_a_service_writes_its_own_two_topics_and_reads_what_it_takes(service: Service) -> None:
    acls = acls_of(service)
    assert {acl.user for acl in acls} == {service.name}
    assert {acl.name for acl in acls if acl.operation is Operation.WRITE} == set(service.own_topics)
    topics = {acl.name for acl in acls if acl.resource is Resource.TOPIC and acl.operation is Operation.READ}
    assert topics == set(service.topics)
    assert {acl.name for acl in acls if acl.resource is Resource.GROUP} == {service.name}


def test_nobody_else_writes_a_topic() -> None:
    everybody = acls_of_auditor(all_services()).union(*map(acls_of, all_services()))
    writers = [(acl.name, acl.user) for acl in everybody if acl.operation is Operation.WRITE]
    assert len(writers) == len(dict(writers)) == len(TOPICS)
    assert set(all_topics(all_services())) == set(TOPICS)


def test_a_journal_is_read_by_its_own_service_and_the_auditor() -> None:
    everybody = acls_of_auditor(all_services()).union(*map(acls_of, all_services()))
    readers = {acl.user for acl in everybody if acl.name == "awards.journal" and acl.operation is Operation.READ}
    assert readers == {"awards", AUDITOR}


def test_the_log_and_the_first_answers_can_be_added_to_and_nothing_can_be_dropped() -> None:
    privileges = privileges_on("owlbus_test", SERVICE.aggregates)
    may = {one["resource"]["collection"]: set(one["actions"]) for one in privileges}
    assert may["log"] == may["commands"] == {"find", "insert"}
    assert {one["resource"]["db"] for one in privileges} == {"owlbus_test"}
    assert set(may) == {"", *OWN_NAMES, *(aggregate.name for aggregate in SERVICE.aggregates)}
    assert not {action for actions in may.values() for action in actions if "drop" in action or "rename" in action}
    assert may[""] == {"listCollections", "createCollection", "createIndex"}


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users, which needs root (in its container it is)")
def test_secrets_are_made_once_and_each_is_given_its_own(tmp_path: Path) -> None:
    make(tmp_path, "mongodb:27017/?replicaSet=owlbus")
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    make(tmp_path, "mongodb:27017/?replicaSet=owlbus")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    names = [service.name for service in all_services()]
    passwords = {mongodb_password(tmp_path, name) for name in names} | {
        (tmp_path / name / "kafka_password").read_text() for name in names
    }
    assert len(passwords) == 2 * len(names) and min(map(len, passwords)) >= 32
    keys = [path for path in first if path.name == "issuer.pem"]
    assert [path.parent.name for path in keys] == ["issuer"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in first if path.name != "jwks.json")
    assert (tmp_path / "ideas" / "jwks.json").read_text() == (tmp_path / "issuer" / "jwks.json").read_text()
