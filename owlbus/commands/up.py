"""`owlbus up`."""

from rich.console import Console

from owlbus import supervisor
from owlbus.commands.status import print_status
from owlbus.running import HOME

STEPS = {
    "servers": "starting Kafka and MongoDB",
    "topics": "creating the topics",
    "services": "starting the four services",
    "ready": "ready",
}


def up() -> None:
    """Start Kafka, MongoDB and the four services in the background, and wait until all of them serve.

    Servers named in KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI are used instead of embedded ones. Data stays in
    .owlbus/ (or OWLBUS_HOME) from one `up` to the next. A second `up` finds what runs and changes nothing.
    """
    console = Console()
    with console.status("starting") as status:
        found = supervisor.up(HOME, lambda step: status.update(STEPS.get(step, step)))
    print_status(console, found)
    console.print("\nA token to call them with: owlbus token p-101 --role author", highlight=False)
    console.print(
        "Documents of each service: /docs and /asyncapi at its address\nTo stop it: owlbus down", highlight=False
    )
