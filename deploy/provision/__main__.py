"""`python -m deploy.provision secrets | servers`: the two steps before the services of docker-compose.yml start."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from pymongo.errors import PyMongoError

from deploy.provision import kafka, mongodb, secrets
from deploy.provision.grants import AUDITOR, acls_of, acls_of_auditor, all_services, all_topics
from deploy.provision.kafka import ProvisionError
from shared.runtime.kafka.access import Access, KafkaUnavailable, TopicsUnfit, create_topics
from shared.runtime.settings import Settings, SettingsError

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5


def main() -> None:
    """Take one step. Ends with 1 and one line where it can't be done."""
    arguments = _arguments()
    try:
        if arguments.step == "secrets":
            secrets.make(arguments.directory, f"{arguments.mongodb}/?replicaSet={mongodb.REPLICA_SET}")
        else:
            asyncio.run(_servers(arguments.directory, arguments.mongodb))
    except (ProvisionError, KafkaUnavailable, TopicsUnfit, PyMongoError, SettingsError, OSError) as error:
        sys.exit(f"provision: {error}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.provision", description=sys.modules[__name__].__doc__)
    parser.add_argument("step", choices=("secrets", "servers"), help="make passwords and keys; prepare the servers")
    parser.add_argument("--directory", type=Path, required=True, help="one directory of secrets per recipient")
    parser.add_argument("--mongodb", required=True, help="MongoDB's address, as its clients know it")
    return parser.parse_args()


async def _servers(root: Path, address: str) -> None:
    services = all_services()
    users = [*(service.name for service in services), AUDITOR]
    passwords = {user: secrets.mongodb_password(root, user) for user in users}
    setup = (root / secrets.SETUP / secrets.MONGODB_PASSWORD).read_text()
    mongodb.provision(address, secrets.SETUP, setup, services, passwords, PATIENCE_SECONDS)
    access = Access(Settings.read(os.environ), "owlbus-provision")
    await _until_reachable(access)
    acls = acls_of_auditor(services).union(*map(acls_of, services))
    await kafka.provision(access, {user: (root / user / secrets.KAFKA_PASSWORD).read_text() for user in users}, acls)
    topics = all_topics(services)
    await create_topics(access, topics, access.settings.partitions)
    print(f"{len(users)} users on both servers, {len(acls)} rights on Kafka, {len(topics)} topics")


async def _until_reachable(access: Access) -> None:
    """Kafka listens a moment before it lets its super user in."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                async with access.admin() as admin:
                    await admin.list_topics()
            except KafkaUnavailable:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return


if __name__ == "__main__":
    main()
