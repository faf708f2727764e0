"""Whatever authors say in whatever order: shares stand only once they agree, and always add up."""

from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.ideas.domain.merging import together
from services.ideas.domain.shares import DEADLINE, ConfirmShare, DisputeShare, ProposeShares
from services.ideas.domain.values import Joined
from shared.contracts.ideas import ShareConfirmed, ShareDisputed, SharesOpened, SharesSettled
from shared.contracts.types import Author
from shared.engine.message import Actor, Event
from tests.unit.ideas.support import LEAD, NATIONAL, SEOUL, authors, given_idea, submission

PERSONS = ("p-1", "p-2", "p-3")
SPLITS = (("40", "30", "30"), ("40", "40", "20"), ("50", "30", "20"))

says = st.one_of(
    st.builds(ConfirmShare, lead=st.sampled_from((None, *PERSONS))),
    st.just(DisputeShare(reason="다르다")),
    st.sampled_from(SPLITS).map(lambda split: ProposeShares(authors=split_by(split))),
)


def split_by(split: tuple[str, ...]) -> tuple[Author, ...]:
    return authors(*zip(PERSONS, split, strict=True))


def agreed(events: tuple[Event, ...]) -> bool:
    """Told by the events alone: since the shares were opened last, everybody's latest word is a yes, to one lead."""
    words: dict[str, str] = {}
    shares: tuple[Author, ...] = ()
    for event in events:
        match event:
            case SharesOpened():
                shares, lead = event.authors, event.authors[0].person_id
                words = dict.fromkeys(event.confirmed, lead)
            case ShareConfirmed():
                words[event.person_id] = event.lead
            case ShareDisputed():
                words[event.person_id] = ""
            case _:
                pass
    largest = max((author.share for author in shares), default=Decimal(0))
    leads = {words.get(author.person_id, "") for author in shares if author.share == largest}
    return all(words.get(person) for person in PERSONS) and len(leads) == 1


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
@for_all(st.lists(st.tuples(st.sampled_from(PERSONS), says), max_size=12), st.sampled_from(SPLITS))
def test_shares_stand_once_all_agree_and_never_before(
    pack_id: str, words: list[tuple[str, ConfirmShare | DisputeShare | ProposeShares]], split: tuple[str, ...]
) -> None:
    given = given_idea()
    given = given(*given.when(submission(pack_id, authors=split_by(split)), actor=LEAD).events)
    for person, word in words:
        outcome = given.when(word, actor=Actor(person, "author"))
        given = given(*given.past, *outcome.events)
        state = given.state
        settled = any(isinstance(event, SharesSettled) for event in given.past)
        assert settled == agreed(given.past) == (not state.shares.open)
        assert sum(author.share for author in state.authors) == 100
        assert (DEADLINE in state.deadlines) <= (state.shares.open and not state.shares.disputed_by)


people = st.dictionaries(st.sampled_from([f"p-{n}" for n in range(12)]), st.integers(1, 9_999), min_size=1, max_size=8)


def whole(parts: dict[str, int]) -> tuple[Author, ...]:
    """Authors whose shares add up to 100, in hundredths, as `parts` stand to one another."""
    total = sum(parts.values())
    hundredths = {person: max(1, part * 10_000 // total) for person, part in parts.items()}
    first = next(iter(hundredths))
    hundredths[first] += 10_000 - sum(hundredths.values())
    return tuple(Author(person_id=who, share=Decimal(part) / 100) for who, part in hundredths.items())


@for_all(people, st.lists(people, min_size=1, max_size=4))
def test_merged_authors_are_each_there_once_and_their_shares_add_up(
    own: dict[str, int], others: list[dict[str, int]]
) -> None:
    joined = [Joined(other_id=f"i-{number}", authors=whole(parts)) for number, parts in enumerate(others)]
    made = together(whole(own), joined)
    assert sum(author.share for author in made) == 100
    assert {author.person_id for author in made} == own.keys() | {who for parts in others for who in parts}
    assert len({author.person_id for author in made}) == len(made) and made[0].person_id == next(iter(own))
