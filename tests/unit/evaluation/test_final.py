"""A final in pairs: drawn evenly, compared by judges without a conflict, ordered, and hidden till its end."""

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.domain.final_commands import RecordDraw, RecordOrder
from services.evaluation.finals import DrawQuestion, OrderQuestion, draw, order
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.evaluation_finals import Finalist
from shared.engine.message import Actor, seal
from shared.rules.loader import pack
from shared.runtime.worker import work
from tests.support.house import House
from tests.unit.evaluation.final_house import EXPERT, JUDGES, STAGE, begun, choose, disclosed, ended, where
from tests.unit.evaluation.round_house import get, opened
from tests.unit.evaluation.rounds import id_of
from tests.unit.evaluation.support import AUDITOR, CHAIR, NATIONAL, OPEN_CALL, RECEIVER, SEOUL
from tests.unit.ideas.support import LEAD

OFFICER = Actor("p-30", "award_officer")
POINTS = ("8", "7", "6", "5")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


def question(ideas: int, judges: int, comparisons: int = 10, seed: int = 1, **more: Any) -> DrawQuestion:
    whole: dict[str, Any] = {
        "ask_id": "ask",
        "seed": seed,
        "finalists": tuple(Finalist(idea_id=f"i-{n:02}", title=seal("제안", "p-1")) for n in range(ideas)),
        "judges": tuple(f"j-{n}" for n in range(judges)),
        "judges_min": 3,
        "comparisons": comparisons,
        "left_out": (),
        "organiser_near": False,
        "withheld_from": (),
        "withheld_units": (),
    }
    return DrawQuestion(**(whole | more))


def ordering(wins: list[tuple[str, str]], prior: str | None, level: str = "95") -> OrderQuestion:
    ideas = tuple(sorted({idea for pair in wins for idea in pair}))
    variance = None if prior is None else Decimal(prior)
    return OrderQuestion(
        ask_id="ask", seed=1, ideas=ideas, compared=tuple(wins), prior_variance=variance, level=Decimal(level)
    )


# --- the draw


@pytest.mark.parametrize(
    ("ideas", "judges", "comparisons"), [(15, 10, 10), (10, 3, 8), (2, 3, 4), (3, 5, 10), (7, 4, 2)]
)
def test_every_idea_is_compared_equally_often_and_every_judge_has_an_even_share(
    ideas: int, judges: int, comparisons: int
) -> None:
    pairs = draw(question(ideas, judges, comparisons)).pairs
    often = Counter(idea for pair in pairs for idea in (pair.left, pair.right))
    assert set(often.values()) == {comparisons} and len(often) == ideas
    shares = Counter(pair.judge_id for pair in pairs)
    assert max(shares.values()) - min(shares[f"j-{n}"] for n in range(judges)) <= 1
    assert [pair.number for pair in pairs] == list(range(1, len(pairs) + 1))
    reached, before = {pairs[0].left}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {idea for pair in pairs if {pair.left, pair.right} & reached for idea in (pair.left, pair.right)}
    assert len(reached) == ideas, "all ideas hang together"


def test_no_pair_comes_again_before_all_have_come_and_the_seed_decides_the_draw() -> None:
    pairs = draw(question(15, 10)).pairs
    assert max(Counter(frozenset((pair.left, pair.right)) for pair in pairs).values()) == 1
    assert draw(question(15, 10)).pairs == pairs != draw(question(15, 10, seed=2)).pairs


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"judges_min": 6}, "too_few_judges"),
        ({"organiser_near": True}, "organiser_in_conflict"),
        ({"finalists": ()}, "too_few_ideas"),
    ],
)
def test_without_judges_ideas_or_a_fit_organiser_nothing_is_drawn(changes: dict[str, Any], obstacle: str) -> None:
    found = draw(question(5, 5, **changes))
    assert (found.obstacle, found.pairs, found.finalists) == (obstacle, (), ())


async def test_a_worker_process_draws_and_orders_the_same() -> None:
    drawing, ordered = question(5, 4), ordering(ROUND_ROBIN, "4")
    assert RecordDraw.model_validate_json(await work(draw, drawing, 60)) == draw(drawing)
    assert RecordOrder.model_validate_json(await work(order, ordered, 60)) == order(ordered)


# --- the order

ROUND_ROBIN = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "b"), ("a", "c")]


def test_the_order_has_intervals_that_widen_with_the_packs_level() -> None:
    wide, narrow = (order(ordering(ROUND_ROBIN, None, level)).ranking for level in ("99", "90"))
    assert [one.idea_id for one in wide] == ["a", "b", "c"] and [one.won for one in wide] == [3, 1, 1]
    for outer, inner in zip(wide, narrow, strict=True):
        assert None not in (outer.strength.low, outer.strength.high, inner.strength.low, inner.strength.high)
        assert outer.strength.low < inner.strength.low < inner.strength.value < inner.strength.high  # pyright: ignore[reportOperatorIssue, reportOptionalOperand]
    assert [one.rank for one in order(ordering([("a", "b"), ("b", "a")], None)).ranking] == [1, 1]


def test_the_prior_of_the_pack_decides_whether_an_unbeaten_idea_can_be_placed() -> None:
    unbeaten = [("a", "b"), ("b", "c"), ("c", "b"), ("a", "c")]
    variances = {name: pack(name).evaluation.final.prior_variance.value for name in (SEOUL, EXPERT)}  # pyright: ignore[reportOptionalMemberAccess]
    with_prior, without = (
        order(ordering(unbeaten, None if variances[name] is None else str(variances[name]))) for name in (SEOUL, EXPERT)
    )
    assert with_prior.abstained is None and with_prior.ranking[0].idea_id == "a" and with_prior.separation is not None
    assert (without.abstained, without.ranking, without.separation) == ("not_connected", (), None)
    assert order(ordering([], "4")).abstained == "nothing_compared"


# --- over HTTP


async def test_judges_compare_and_the_order_is_disclosed_after_the_announced_end(house: House) -> None:
    ideas = await ended(house, SEOUL, POINTS)
    state = await begun(house, SEOUL)
    assert state["phase"] == "open" and len(state["pairs"]) == 4 * 10 / 2 and len(state["finalists"]) == 4
    for judge in JUDGES:
        await choose(house, SEOUL, ideas[::-1], judge)
    assert (await get(house, AUDITOR, where(SEOUL)))["phase"] == "ranked"
    early = await get(house, CHAIR, where(SEOUL))
    assert (await house.ask(LEAD, "GET", f"{where(SEOUL)}/ideas/{ideas[0]}", service="evaluation")).status_code == 404
    assert early["phase"] == "open" and "ranking" not in early, "that all have compared is not told"
    state = await disclosed(house, SEOUL)
    assert state["phase"] == "disclosed" and [one["idea_id"] for one in state["ranking"]] == ideas[::-1]
    assert state["method"]["versions"][0]["name"] == "choix" and state["rule"]["pack"] == SEOUL
    for actor in (CHAIR, RECEIVER, OFFICER):
        assert (await get(house, actor, where(SEOUL)))["ranking"] == state["ranking"]
    assert "ranking" not in await get(house, Actor("r-1", "rater"), where(SEOUL))
    for place, idea in enumerate(ideas[::-1], start=1):
        seen = await get(house, LEAD, f"{where(SEOUL)}/ideas/{idea}")
        assert seen == {"round_id": id_of(SEOUL), "stage": STAGE, "over": 4, "idea": state["ranking"][place - 1]}
    again = await house.ask(CHAIR, "POST", where(SEOUL), {"judges": list(JUDGES)}, service="evaluation")
    assert again.json()["code"] == "final_already_open"


async def test_two_packs_have_finals_of_their_own(house: House) -> None:
    ideas = await ended(house, EXPERT, POINTS)
    state = await begun(house, EXPERT)
    assert len(state["pairs"]) == 4 * 8 / 2
    for judge in JUDGES:
        await choose(house, EXPERT, ideas, judge)
    state = await disclosed(house, EXPERT)
    assert (state["abstained"], state["ranking"]) == ("not_connected", []), "without a prior the unbeaten has no place"
    for pack_id in (OPEN_CALL, NATIONAL):
        path = await opened(house, pack_id)
        to = f"/finals/{path.rpartition('/')[2]}/paired_final"
        answer = await house.ask(CHAIR, "POST", to, {"judges": list(JUDGES)}, service="evaluation")
        assert answer.json()["code"] == "no_final", pack_id


async def test_a_final_begins_when_the_orders_of_all_stages_are_disclosed(house: House) -> None:
    await opened(house, SEOUL)
    answer = await house.ask(CHAIR, "POST", where(SEOUL), {"judges": list(JUDGES)}, service="evaluation")
    assert (answer.status_code, answer.json()["code"]) == (409, "round_not_ended")


async def test_only_judges_who_signed_and_only_the_own_pairs(house: House) -> None:
    ideas = await ended(house, SEOUL, POINTS[:2])
    for judges, code in (
        ([*JUDGES[:4], "r-9"], "statement_missing"),
        (JUDGES[:4], "too_few_raters"),
        ([*JUDGES, "r-1"], "rater_named_twice"),
    ):
        answer = await house.ask(CHAIR, "POST", where(SEOUL), {"judges": list(judges)}, service="evaluation")
        assert answer.json()["code"] == code
    state = await begun(house, SEOUL)
    pair = state["pairs"][0]
    to = f"{where(SEOUL)}/pairs/{pair['number']}"
    other = next(judge for judge in JUDGES if judge != pair["judge_id"])
    mine = Actor(pair["judge_id"], "rater")
    for actor, better, code in ((Actor(other, "rater"), ideas[0], "not_assigned"), (mine, "i-none", "not_in_pair")):
        answer = await house.ask(actor, "PUT", to, {"better": better}, service="evaluation")
        assert answer.json()["code"] == code
    for better in ideas:
        await house.must(mine, "PUT", to, {"better": better}, service="evaluation")
    seen = await get(house, mine, where(SEOUL))
    assert next(one for one in seen["pairs"] if one["number"] == pair["number"])["better"] == ideas[-1]
    await house.must(CHAIR, "POST", f"{where(SEOUL)}/closing", {}, service="evaluation")
    late = await house.ask(mine, "PUT", to, {"better": ideas[0]}, service="evaluation")
    assert late.json()["code"] == "final_closed"
    state = await disclosed(house, SEOUL)
    assert state["ranking"][0]["idea_id"] == ideas[-1] and state["ranking"][0]["compared"] == 1, "the later choice"


async def test_who_steps_back_is_out_and_what_they_compared_does_not_count(house: House) -> None:
    ideas = await ended(house, SEOUL, POINTS[:3])
    await begun(house, SEOUL)
    judge = Actor("r-1", "rater")
    await choose(house, SEOUL, ideas[::-1], "r-1")
    await house.must(judge, "POST", f"{where(SEOUL)}/recusal", {"reason": "친분"}, service="evaluation")
    assert (await house.ask(judge, "GET", where(SEOUL), service="evaluation")).status_code == 404
    for other in JUDGES[1:]:
        await choose(house, SEOUL, ideas, other)
    state = await disclosed(house, SEOUL)
    assert [one["idea_id"] for one in state["ranking"]] == ideas
    assert sum(one["compared"] for one in state["ranking"]) == 2 * 12, "three of the fifteen pairs were not counted"


# --- conflicts


async def test_a_judge_in_conflict_is_left_out_and_an_organiser_in_conflict_opens_nothing(house: House) -> None:
    near = Actor("w-0", "rater")
    await ended(house, SEOUL, POINTS[:3], near)
    state = await begun(house, SEOUL, *JUDGES, near.id, by=Actor(LEAD.id, "chair"))
    assert (state["phase"], state["obstacle"]) == ("not_drawn", "organiser_in_conflict") and not state["pairs"]
    state = await begun(house, SEOUL, *JUDGES, near.id)
    assert state["phase"] == "open" and near.id not in {pair["judge_id"] for pair in state["pairs"]}


async def test_to_whom_is_in_conflict_every_answer_is_the_same_before_and_after_others_compared(house: House) -> None:
    near = Actor("w-0", "rater")
    ideas = await ended(house, SEOUL, POINTS[:3], near)
    await begun(house, SEOUL, *JUDGES, near.id)
    pair, stage = f"{where(SEOUL)}/pairs/1", where(SEOUL)

    async def look() -> list[Any]:
        seen: list[Any] = []
        for person in (LEAD.id, near.id):
            for role in ("rater", "chair", "receiver", "award_officer"):
                for method, to, body in (
                    ("GET", stage, None),
                    ("GET", f"{stage}/ideas/{ideas[-1]}", None),
                    ("POST", stage, {"judges": list(JUDGES)}),
                    ("PUT", pair, {"better": ideas[0]}),
                    ("POST", f"{stage}/recusal", {"reason": "사유"}),
                    ("POST", f"{stage}/closing", {}),
                ):
                    answer = await house.ask(
                        Actor(person, role), method, to, body, service="evaluation", traceparent=TRACE
                    )
                    headers = sorted(answer.headers.items())
                    seen.append((person, role, method, to, answer.status_code, answer.text, headers))
        return seen

    before = await look()
    assert {one[4] for one in before} == {200, 403, 404, 409}
    assert all(one[5].count('"') <= 8 * 2 for one in before if one[4] == 200), "no more than that there is a final"
    for upto in (1, None):
        for judge in JUDGES:
            await choose(house, SEOUL, ideas, judge, upto=upto)
        assert await look() == before
    await disclosed(house, SEOUL)
    # w-0 wrote the first idea alone, and p-1 all of them: of those, their places.
    hidden = [one for one in before if one[2] == "GET" and (one[3] == stage or one[0] == near.id)]
    assert [one for one in await look() if one[2] == "GET" and (one[3] == stage or one[0] == near.id)] == hidden


TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
