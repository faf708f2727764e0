"""When a repeated command is the same wish."""

from typing import Any

from pydantic import create_model

from shared.engine.message import Command
from shared.runtime.caller import fingerprint_of


def _release(**fields: tuple[type, object]) -> type[Command]:
    untyped: Any = create_model
    return untyped("Add", __base__=Command, **fields)


OLDER = _release(amount=(int, ...))
NEWER = _release(amount=(int, ...), unit=(str, ""))


def test_a_wish_repeated_across_an_upgrade_stays_the_same_wish() -> None:
    wish = {"amount": 3}
    assert fingerprint_of(OLDER.model_validate(wish)) == fingerprint_of(NEWER.model_validate(wish))


def test_what_was_said_counts() -> None:
    said = [{"amount": 3}, {"amount": 4}, {"amount": 3, "unit": "pieces"}]
    assert len({fingerprint_of(NEWER.model_validate(one)) for one in said}) == 3
