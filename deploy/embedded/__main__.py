"""`python -m deploy.embedded --directory DIR`: Kafka and MongoDB until a signal; see `--help`."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from deploy.embedded import supervisor
from deploy.embedded.process import EmbeddedError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where data and logs lie")
    parser.add_argument("--auth", action="store_true", help="MongoDB asks for users")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--detach", action="store_true", help="leave it running in the background")
    mode.add_argument("--stop", action="store_true", help="stop the one in the background")
    mode.add_argument("--status", action="store_true", help="print its addresses, or fail if none runs")
    arguments = parser.parse_args()
    directory: Path = arguments.directory
    try:
        if arguments.stop:
            supervisor.down(directory)
        elif arguments.detach or arguments.status:
            running = (
                supervisor.up(directory, auth=arguments.auth) if arguments.detach else supervisor.status(directory)
            )
            if running is None:
                print("nothing runs", file=sys.stderr)
                return 1
            print(json.dumps(asdict(running), indent=2))
        else:
            return supervisor.run(directory, auth=arguments.auth)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
