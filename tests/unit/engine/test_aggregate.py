"""What is read off a domain module, and what a table of contents may not say."""

import pytest

from shared.engine.aggregate import Aggregate, Deciders, aggregate, derive_id
from tests.support.counter import COUNTER, TALLY, VAULT, Add, Counter, Noted, deciders


def test_what_a_decider_takes_is_read_off_its_annotation() -> None:
    assert (COUNTER.name, COUNTER.state, COUNTER.key) == ("counter", Counter, "counter_id")
    assert deciders().takers(Noted) == (TALLY,)
    assert deciders().takers(Add) == (COUNTER,)
    assert deciders().events_taken == (Noted,)


def test_two_aggregates_may_not_share_a_name_or_a_command() -> None:
    with pytest.raises(ValueError, match="share a name"):
        Deciders("test", [COUNTER, COUNTER])
    other = Aggregate("other", COUNTER.state, COUNTER.takes, COUNTER.decide, COUNTER.evolve, 1, ("counter_id",))
    with pytest.raises(ValueError, match="more than one"):
        Deciders("test", [COUNTER, other])


def test_an_id_begins_with_its_key() -> None:
    with pytest.raises(ValueError, match="begin"):
        aggregate(VAULT, key="a", id="b/a")  # pyright: ignore[reportArgumentType]


def test_derived_ids_depend_on_their_parts_alone() -> None:
    assert derive_id("a", "b") == derive_id("a", "b")
    assert derive_id("a", "b") != derive_id("ab", "")
