"""The shipped packs: what they say, that every rule says where it comes from, and what a pack may not say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

import pytest
from pydantic import BaseModel

from shared.contracts import types as contracts
from shared.rules.ideas import ClockStart, IdeaDecision, VoteOption
from shared.rules.learning import SpreadAnswer
from shared.rules.library import InvalidPack
from shared.rules.loader import pack, packs
from shared.rules.pack import Pack
from shared.rules.rule import Header, Kind, Source, Sourced, Text
from tests.unit.rules.support import altered

ALL = packs()


def values(model: BaseModel) -> Iterator[tuple[str, object]]:
    """The fields of `model` with their values, a tuple of models one by one."""
    for name in type(model).model_fields:
        value: object = getattr(model, name)
        if isinstance(value, tuple):
            yield from ((name, found) for found in cast("tuple[object, ...]", value))
        else:
            yield name, value


def unsourced(model: BaseModel, way: str = "") -> Iterator[str]:
    """Paths of values below `model` that stand under nothing with a source."""
    for name, found in values(model):
        if isinstance(found, Sourced) or found is None:
            continue  # what is absent claims nothing
        if isinstance(found, BaseModel):
            yield from unsourced(found, f"{way}{name}.")
        else:
            yield f"{way}{name}"


def test_the_packs_of_the_main_line_are_there() -> None:
    assert ALL == (
        "expert-review",
        "kr-citizens-2023-04",
        "kr-national-2017",
        "kr-national-2023-09",
        "open-call",
        "seoul-2025-1",
    )


@pytest.mark.parametrize("pack_id", ALL)
def test_every_rule_says_where_it_comes_from(pack_id: str) -> None:
    found = pack(pack_id)
    assert not [
        way for part in (found.ideas, found.evaluation, found.awards, found.learning) for way in unsourced(part)
    ]


@pytest.mark.parametrize("pack_id", ["seoul-2025-1", "open-call"])
def test_no_law_is_claimed_where_none_was_read(pack_id: str) -> None:
    def sources(model: BaseModel) -> Iterator[Source]:
        if isinstance(model, Sourced):
            yield model.source
        for _, found in values(model):
            if isinstance(found, BaseModel):
                yield from sources(found)

    assert set(sources(pack(pack_id))) == {Source.POLICY, Source.ASSUMED}


@pytest.mark.parametrize("pack_id", ALL)
def test_a_pack_survives_being_written_and_read(pack_id: str) -> None:
    assert Pack.model_validate_json(pack(pack_id).model_dump_json()) == pack(pack_id)


def test_the_national_pack_has_the_figures_of_the_decree() -> None:
    ideas = pack("kr-national-2023-09").ideas
    assert [section.key for section in ideas.sections] == ["present_state", "problem", "improvement", "effect"]
    assert not any(section.may_be_empty for section in ideas.sections)
    assert (ideas.clock_starts.value, str(ideas.decision_within.value)) == (ClockStart.RECEIPT, "30 days")
    assert (ideas.decision_within.source, ideas.decision_within.article) == (
        Source.STATUTE,
        "공무원 제안 규정 제9조제1항",
    )
    terms = (
        ideas.supplement_request_within,
        ideas.opinion_within,
        ideas.reexamination_within,
        ideas.claim_within,
        ideas.management_period,
        ideas.refused_kept,
    )
    assert [str(rule.value) for rule in terms] == ["7 days", "3 weeks", "15 days", "2 years", "3 years", "2 years"]
    assert {rule.source for rule in terms} == {Source.STATUTE}
    assert len([ground for ground in ideas.grounds if ground.article.endswith("제2조제1항")]) == 7


def test_the_national_criteria_are_law_and_their_weights_are_not() -> None:
    stage = pack("kr-national-2023-09").evaluation.stage("review")
    assert stage is not None
    codes = [criterion.code for criterion in stage.criteria]
    assert codes == ["feasibility", "creativity", "effect", "scope", "continuity"]
    assert {criterion.source for criterion in stage.criteria} == {Source.STATUTE}
    assert {(criterion.weight.value, criterion.weight.source) for criterion in stage.criteria} == {
        (Decimal(20), Source.ASSUMED)
    }


def test_the_national_prizes_lie_in_the_ranges_of_the_decree() -> None:
    awards = pack("kr-national-2023-09").awards
    category = awards.category_of(Kind.IMPROVE)
    assert category is not None
    million = 1_000_000
    assert [(g.code, g.prize_range.value.min, g.prize_range.value.max) for g in category.grades] == [
        ("gold", 5 * million, 8 * million),
        ("silver", 3 * million, 5 * million),
        ("bronze", 1 * million, 3 * million),
        ("encouragement", million // 2, million),
    ]
    assert awards.uplift.value is not None
    assert (awards.uplift.value.authors_min, awards.uplift.value.percent) == (3, Decimal(50))
    assert awards.no_winner_allowed.value


def test_seoul_gives_ten_prizes_by_experts_and_citizens() -> None:
    awards = pack("seoul-2025-1").awards
    creative = awards.category("creative")
    assert creative is not None
    assert [(grade.label.ko, grade.count.value) for grade in creative.grades] == [
        ("대상", 1),
        ("최우수", 1),
        ("우수", 3),
        ("장려", 5),
    ]
    assert [(voice.code, voice.share.value) for voice in awards.voices] == [
        ("experts", Decimal(70)),
        ("citizens", Decimal(30)),
    ]


def test_the_city_asks_whether_it_is_the_citys_business() -> None:
    city, state = pack("seoul-2025-1").ideas, pack("kr-national-2023-09").ideas
    ground = city.ground("not_city_business")
    assert ground is not None
    assert ground.text.ko == "시 소관 사무가 아닌 것"
    assert city.ground("not_national_business") is None
    assert state.ground("not_national_business") is not None


@pytest.mark.parametrize("pack_id", ["seoul-2025-1", "kr-national-2023-09"])
def test_a_running_practice_is_never_closed_as_already_in_force(pack_id: str) -> None:
    ground = pack(pack_id).ideas.ground("already_in_force")
    assert ground is not None
    assert ground.not_for == (Kind.PRACTICE,)


def test_an_open_call_takes_one_text_that_may_be_empty() -> None:
    found = pack("open-call")
    assert [(section.key, section.may_be_empty) for section in found.ideas.sections] == [("content", True)]
    stage = found.evaluation.stage(found.ideas.evaluation_stages.value[0])
    assert stage is not None
    assert [stage.raters_min_for(criterion) for criterion in stage.criteria] == [1]
    assert not found.ideas.authority_required.value


@pytest.mark.parametrize("pack_id", ALL)
def test_every_kind_that_is_taken_can_win(pack_id: str) -> None:
    found = pack(pack_id)
    assert all(found.awards.category_of(kind) for kind in found.ideas.kinds.value)


@pytest.mark.parametrize("pack_id", ALL)
def test_the_budget_pays_for_every_prize_whose_number_is_limited(pack_id: str) -> None:
    awards = pack(pack_id).awards
    grades = [grade for category in awards.categories for grade in category.grades]
    assert sum((grade.count.value or 0) * grade.prize_won.value for grade in grades) <= awards.budget_won.value


def test_the_words_of_packs_are_the_words_of_events() -> None:
    assert [kind.value for kind in Kind] == [kind.value for kind in contracts.Kind]
    assert [option.value for option in VoteOption] == [choice.value for choice in contracts.Choice]
    assert contracts.Kind.PRACTICE in pack("seoul-2025-1").ideas.kinds.value
    assert contracts.Choice.OBJECT in pack("seoul-2025-1").ideas.voting.options.value


def test_what_is_not_there_is_none() -> None:
    found = pack("kr-national-2023-09")
    assert found.ideas.ground("weather") is None
    assert found.evaluation.stage("weather") is None
    assert found.awards.category("weather") is None
    assert found.awards.category_of(Kind.DROP_WORK) is None
    assert found.awards.voice("weather") is None
    assert found.awards.categories[0].grade("weather") is None
    assert found.evaluation.stages[0].criterion("weather") is None


def test_what_is_there_is_found() -> None:
    found = pack("seoul-2025-1")
    assert found.awards.voice("citizens") is found.awards.voices[1]
    assert found.awards.categories[0].grade("top") is found.awards.categories[0].grades[1]
    assert found.evaluation.stages[0].criterion("effect") is found.evaluation.stages[0].criteria[1]


def test_a_criterion_may_ask_for_raters_of_its_own() -> None:
    library = altered(
        "seoul-2025-1", "evaluation.stages.0.criteria.0.raters_min", {"value": 3, "source": "assumed"}, relock=True
    )
    stage = library.pack("seoul-2025-1").evaluation.stages[0]
    assert [stage.raters_min_for(criterion) for criterion in stage.criteria] == [3, 2, 2, 2]


def assumed(value: object) -> dict[str, object]:
    return {"value": value, "source": "assumed"}


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("colour", "red", "Extra inputs are not permitted"),
        ("ideas.colour", assumed("red"), "Extra inputs are not permitted"),
        ("id", "seoul-2026-1", "calls itself"),
        ("status", "lost", "Input should be"),
        ("title", {"ko": "", "en": "x"}, "at least 1 character"),
        ("in_force_from", "2025-02-30", "valid date"),
        ("ideas.authors_max", {"value": 10}, "source: Field required"),
        ("ideas.authors_max", {"value": 10, "source": "rumour"}, "Input should be"),
        ("ideas.authors_max", {"value": 10, "source": "statute"}, "must name its article"),
        ("ideas.authors_max", {"value": 10, "source": "ordinance", "article": " "}, "must name its article"),
        ("ideas.authors_max", assumed(0), "greater than or equal to 1"),
        ("ideas.authors_max", assumed("10"), "valid integer"),
        ("ideas.authors_max", assumed(True), "valid integer"),
        ("ideas.kinds", assumed([]), "at least one kind"),
        ("ideas.kinds", assumed(["poem"]), "Input should be"),
        ("ideas.kinds", assumed(["improve"]), "takes kinds that ideas does not allow"),
        ("ideas.sections", [], "at least 1 item"),
        ("ideas.sections.1.key", "problem", "sections named more than once: problem"),
        ("ideas.grounds.1.code", "complaint", "grounds named more than once: complaint"),
        ("ideas.decision_within", assumed("a while"), "not a term"),
        ("ideas.decision_within", assumed("0 days"), "not a term"),
        ("ideas.evaluation_stages", assumed(["final"]), "does not define: final"),
        ("ideas.evaluation_stages", assumed([]), "no stage is named"),
        ("ideas.evaluation_stages", assumed(["first_pass", "first_pass"]), "more than once"),
        ("evaluation.stages", [], "at least 1 item"),
        ("evaluation.stages.0.criteria.0.weight", assumed("29.5"), "add up to 99.5, not to 100"),
        ("evaluation.stages.0.criteria.0.weight", assumed(30), "as decimal text"),
        ("evaluation.stages.0.criteria.0.weight", assumed("NaN"), "as decimal text"),
        ("evaluation.stages.0.criteria.0.weight", assumed("-30"), "above zero"),
        ("evaluation.stages.0.criteria.0.code", "effect", "more than once: effect"),
        ("evaluation.stages.0.criteria.0.scale", assumed({"min": "5", "max": "5", "step": "1"}), "runs upwards"),
        ("evaluation.stages.0.criteria.0.scale", assumed({"min": "-1", "max": "5", "step": "1"}), "runs upwards"),
        ("evaluation.stages.0.criteria.0.scale", assumed({"min": "0", "max": "5", "step": "2"}), "do not lead"),
        ("evaluation.stages.0.criteria.0.scale", assumed({"min": "0", "max": "5", "step": "0"}), "do not lead"),
        ("evaluation.stages.0.criteria.0.raters_min", assumed(4), "needs 4 raters but asks only 3"),
        ("evaluation.stages.0.raters_min", assumed(4), "needs 4 raters but asks only 3"),
        ("evaluation.stages.0.sum_places", assumed(7), "0 to 6 places"),
        ("evaluation.final.best", assumed(51), "2 to 50 ideas"),
        ("evaluation.final.comparisons", assumed(9), "an even number of comparisons"),
        ("evaluation.final.prior_variance", assumed("0"), "a variance is above zero"),
        ("evaluation.final.level", assumed("100"), "50 to 100 per cent"),
        ("evaluation.final.code", "first_pass", "a stage and a final"),
        ("evaluation.outcome.forecast", "outcome", "two stages that are defined"),
        ("evaluation.outcome.stage", "nothing", "two stages that are defined"),
        ("awards.categories.0.grades.1.band_min", assumed("85"), "grand must stand above top"),
        ("awards.categories.0.grades.2.prize_won", assumed(9), "outside its range"),
        ("awards.categories.0.grades.0.prize_range", assumed({"min": 2, "max": 1}), "runs upwards"),
        ("awards.categories.0.grades.1.code", "grand", "more than once: grand"),
        ("awards.categories.1.code", "creative", "more than once: creative"),
        ("awards.categories.1.kinds", ["improve", "drop_work"], "more than once: improve"),
        ("awards.categories.0.grades.0.band_min", assumed("100.01"), "no award score reaches"),
        ("awards.voices.0.share", assumed("60"), "add up to 100, not to 90"),
        ("awards.voices.0.code", "citizens", "more than once: citizens"),
        ("awards.score_places", assumed(-1), "0 to 6 places"),
        ("awards.panel.quorum", assumed(11), "never meet its quorum"),
        ("awards.budget_won", assumed(-1), "greater than or equal to 0"),
        ("awards.uplift", assumed({"authors_min": 1, "percent": "50"}), "greater than or equal to 2"),
        ("learning.group.members_min", assumed(13), "fewer members at most"),
        ("learning.group.output_kinds", assumed(["improve", "poem"]), "Input should be"),
        ("learning.spread.answers", assumed(["adopted"]), "not allowed"),
    ],
)
def test_a_pack_that_makes_no_sense_is_refused(path: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidPack, match=complaint) as caught:
        altered("seoul-2025-1", path, value, relock=True).pack("seoul-2025-1")
    assert str(caught.value).startswith("seoul-2025-1: ")


def test_outputs_have_a_kind_that_ideas_take() -> None:
    library = altered("kr-national-2023-09", "learning.group.output_kinds", assumed(["drop_work"]), relock=True)
    with pytest.raises(InvalidPack, match="output_kinds"):
        library.pack("kr-national-2023-09")


def test_the_enumerations_keep_their_words() -> None:
    assert [answer.value for answer in SpreadAnswer] == ["adopted", "adapted", "declined"]
    assert IdeaDecision.ADOPT in pack("seoul-2025-1").ideas.authority_required.value
    assert set(Text.model_fields) == {"ko", "en"}
    assert set(Header.model_fields) == {"id", "title", "status", "in_force_from", "calendar"}
