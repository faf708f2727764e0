"""`python -m tests.contract.accept` keeps today's contracts as golden ones, unless one broke its version."""

import sys

from tests.contract.contracts import accepted, contracts, faults, read, write


def main() -> int:
    """Accept what may be accepted; 1 where something may not."""
    refused = 0
    for name, kind in contracts().items():
        golden = read(name)
        for fault in faults(kind, golden):
            refused += 1
            print(fault, file=sys.stderr)
            break
        else:
            if (fresh := accepted(kind, golden)) != golden:
                write(name, fresh)
                print(f"accepted {name}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
