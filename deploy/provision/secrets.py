"""Passwords and keys, made once at random and laid out in one directory per recipient, so that each is given its own.

Nothing here is ever printed. What is there already stays: making them again changes nothing.
"""

import base64
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from deploy.provision.grants import AUDITOR, all_services, database_of
from owlbus.tokens import Issuer

SETUP = "setup"
"""The one super user of both servers. Only the set-up step and the servers know its passwords."""

KAFKA_PASSWORD = "kafka_password"
MONGODB_PASSWORD = "mongodb_password"
MONGODB_URI = "mongodb_uri"
ISSUER = "issuer"
OWLBUS_ID, KAFKA_ID, MONGODB_ID, GRAFANA_ID = 10_001, 1_000, 999, 472
"""Whom a recipient's files belong to: the users that the images run as."""


def make(root: Path, mongodb: str) -> None:
    """Make what is missing below `root`; `mongodb` is that server's address with its options."""
    keys = _issuer(root / ISSUER)
    kafka = keep(root / SETUP / KAFKA_PASSWORD, _password(), OWLBUS_ID)
    keep(root / "kafka" / SETUP, kafka, KAFKA_ID)
    keep(root / "kafka" / "controller", _password(), KAFKA_ID)
    keep(root / "kafka" / "cluster", base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="), KAFKA_ID)
    setup = keep(root / SETUP / MONGODB_PASSWORD, _password(), OWLBUS_ID)
    keep(root / "mongodb" / SETUP, setup, MONGODB_ID)
    keep(root / "mongodb" / "keyfile", secrets.token_hex(64), MONGODB_ID)
    keep(root / "grafana" / "admin", _password(), GRAFANA_ID)
    databases = {service.name: database_of(service) for service in all_services()} | {AUDITOR: "admin"}
    for user, database in databases.items():
        keep(root / user / KAFKA_PASSWORD, _password(), OWLBUS_ID)
        host, _, options = mongodb.partition("/?")
        keep(root / user / MONGODB_URI, f"mongodb://{user}:{_password()}@{host}/{database}?{options}", OWLBUS_ID)
        keep(root / user / "jwks.json", keys, OWLBUS_ID)


def keep(path: Path, content: str, owner: int) -> str:
    """Write a file that only `owner` can read, unless it is there; return what it then holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.chown(path.parent, owner, owner)
    path.parent.chmod(0o700)
    if not path.exists():
        fresh = path.with_name(f".{path.name}")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as stream:
            stream.write(content)
        os.chown(fresh, owner, owner)
        fresh.replace(path)
    return path.read_text()


def mongodb_password(root: Path, user: str) -> str:
    """The password in a user's connection string."""
    return urlsplit((root / user / MONGODB_URI).read_text()).password or ""


def _password() -> str:
    """Needs no quoting anywhere."""
    return secrets.token_hex(24)


def _issuer(directory: Path) -> str:
    """Make the key that tokens are signed with; its public half."""
    keys = Issuer(directory).jwks
    for path in (directory, *directory.iterdir()):
        os.chown(path, OWLBUS_ID, OWLBUS_ID)
    return keys.read_text()
