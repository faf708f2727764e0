"""docs/law.md leaves no article of the decrees out, and says of each what shows it."""

import pytest

from owlbus.docs_law import Decree, found, read_law, sourced
from owlbus.errors import OwlbusError
from shared.rules.loader import pack
from shared.rules.rule import Source

LAW = read_law()


def cited_as_statute(decree: Decree) -> set[str]:
    """The articles that the decree's pack rests on as law."""
    return {rule.article for _, rule in sourced(pack(decree.pack), "") if rule.source is Source.STATUTE}


def test_packs_of_decrees_rest_on_statute_and_those_of_a_city_do_not() -> None:
    assert [one.pack for one in LAW if len(cited_as_statute(one)) > 1] == ["kr-national-2023-09", "kr-citizens-2023-04"]


@pytest.mark.parametrize("decree", LAW, ids=lambda decree: decree.pack)
def test_every_article_that_the_pack_rests_on_is_on_the_page(decree: Decree) -> None:
    cited = cited_as_statute(decree)
    named = {f"{decree.decree} {one.article}" for one in decree.articles}
    assert not {article for article in cited if not any(one.startswith(article) for one in named)}


@pytest.mark.parametrize("decree", LAW, ids=lambda decree: decree.pack)
def test_every_article_is_shown_by_a_test_or_says_what_is_left(decree: Decree) -> None:
    assert not [one.article for one in decree.articles if not one.tests and not one.left]


def test_a_rule_that_the_pack_does_not_have_is_an_error() -> None:
    with pytest.raises(OwlbusError, match="no rule"):
        found(pack("open-call"), "ideas.grounds.never_heard_of")
