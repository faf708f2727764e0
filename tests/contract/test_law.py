"""docs/law.md leaves no article of the decrees out, and says of each what shows it."""

import pytest

from owlbus.docs_law import Decree, found, read_law, sourced
from owlbus.errors import OwlbusError
from shared.rules.loader import pack
from shared.rules.rule import Source

LAW = read_law()


@pytest.mark.parametrize("decree", LAW, ids=lambda decree: decree.pack)
def test_every_article_that_the_pack_rests_on_is_on_the_page(decree: Decree) -> None:
    cited = {rule.article for _, rule in sourced(pack(decree.pack), "") if rule.source is Source.STATUTE}
    named = {f"{decree.decree} {one.article}" for one in decree.articles}
    assert len(cited) > 1
    assert not {article for article in cited if not any(one.startswith(article) for one in named)}


@pytest.mark.parametrize("decree", LAW, ids=lambda decree: decree.pack)
def test_every_article_is_shown_by_a_test_or_says_what_is_left(decree: Decree) -> None:
    assert not [one.article for one in decree.articles if not one.tests and not one.left]


def test_a_rule_that_the_pack_does_not_have_is_an_error() -> None:
    with pytest.raises(OwlbusError, match="no rule"):
        found(pack("open-call"), "ideas.grounds.never_heard_of")
