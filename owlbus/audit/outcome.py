"""How an auditor's command ends: 0 it is whole, 1 something is wrong, 2 it could not be checked."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from owlbus.errors import OwlbusError
from shared.runtime.kafka.access import KafkaUnavailable, TopicsUnfit
from shared.runtime.settings import SettingsError
from shared.runtime.store.protocol import StoreUnavailable

WRONG = 1


class Wrong(OwlbusError):
    """What was asked for can't be given, because of what the log says; the message tells it."""

    code = WRONG


class Unchecked(OwlbusError):
    """Nothing was found out, neither good nor bad; the message says why."""

    code = 2


@contextmanager
def auditing() -> Generator[None]:
    """Turn whatever keeps a check from being made into Unchecked, so that it is never taken for a finding."""
    try:
        yield
    except KafkaUnavailable as error:
        raise Unchecked(f"Kafka can't be reached: {error}; is it running? (`owlbus status`)") from error
    except StoreUnavailable as error:
        raise Unchecked(f"the database can't be read: {error}") from error
    except Wrong:
        raise
    except (SettingsError, TopicsUnfit, OwlbusError) as error:
        raise Unchecked(str(error)) from error


def text_of(path: Path) -> str:
    """The text of a file. Raises Unchecked where it can't be read as such."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unchecked(f"{path} can't be read: {error}") from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole. Raises Unchecked where it can't be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unchecked(f"{path} can't be written: {error}") from None
