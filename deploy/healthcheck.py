"""Whether the replica in this container takes commands: `python -m deploy.healthcheck`, for Docker.

Kafka's absence is not an illness: a replica that has verified its partitions goes on serving (docs/architecture.md).
"""

import json
import os
import sys
from urllib.error import URLError
from urllib.request import urlopen

SECONDS = 3.0


def trouble(url: str) -> str:
    """What keeps the replica at `url` from taking commands; empty where nothing does."""
    try:
        with urlopen(f"{url}/health/ready", timeout=SECONDS) as answer:
            report = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        return str(error)
    return "partitions are not verified yet" if "unverified" in report.get("degraded", ()) else ""


if __name__ == "__main__":
    sys.exit(trouble(f"http://127.0.0.1:{os.environ.get('OWLBUS_HTTP_PORT', '8080')}") or 0)
