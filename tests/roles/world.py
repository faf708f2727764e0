"""A house with all four services in which there is something of everything that the table's views tell apart.

Everything comes in through the public HTTP APIs. Where each thing is, is in `places`, by view and column.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from owlbus.docs import ROLES_TABLE, SERVICES
from owlbus.docs_roles import Table, read_table
from services.ideas.domain import IDEA
from services.ideas.domain.idea_state import Idea
from shared.engine.message import Actor
from shared.rules.calendar import SEOUL as SEOUL_TIME
from tests.support.house import PARTITIONS, House
from tests.support.line import adopted_idea
from tests.unit.awards.support import (
    APPROVER,
    OFFICER,
    PANELISTS,
    confirmation,
    main_category,
    opening,
)
from tests.unit.evaluation import final_house
from tests.unit.evaluation.support import CHAIR, STAGES, rater, scores
from tests.unit.ideas.support import (
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    adoption,
    authority,
    authors,
    submission,
)
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import OWNER, registration

CITIZEN = Actor("c-1", "citizen")
AUDITOR = Actor("p-8", "auditor")
OPERATOR = Actor("o-9", "operator")
OTHER_LEAD = Actor("p-3", "author", "d-1")

VIEWERS: dict[str, Actor] = {
    "its author": LEAD,
    "its co-author": CO_AUTHOR,
    "another author": STRANGER,
    "its author as rater": Actor(LEAD.id, "rater"),
    "its author as chair": Actor(LEAD.id, "chair"),
    "its author as receiver": Actor(LEAD.id, "receiver"),
    "receiver": RECEIVER,
    "department in charge": HEAD,
    "another department": OTHER_HEAD,
    "assigned rater": rater(1),
    "another rater": rater(9),
    "chair": CHAIR,
    "award officer": OFFICER,
    "panelist of the round": PANELISTS[0],
    "another panelist": Actor("panel-99", "panelist"),
    "lead of the group": GROUP_LEAD,
    "another lead": Actor("han", "group_lead", "parks"),
    "member of the group": Actor("lee", "member", "transport"),
    "owner of the offer": OWNER,
    "union": Actor("u-1", "union"),
    "citizen": CITIZEN,
    "auditor": AUDITOR,
    "operator": OPERATOR,
}
"""The table's viewers as persons."""

WORDS = (
    "올빼미버스",
    "심야에 다니는 버스가 없다.",
    "효과가 크다",
    "밤길 연구모임",
    "현장 답사",
    "단지 안에서만",
    "버스정책과",
    "김하늘",
    "아직 한 줄뿐인 생각",
    "한정면허로 되는가",
)
"""Content that people wrote, some of everywhere."""


@cache
def table() -> Table:
    """The table."""
    return read_table(ROLES_TABLE)


@dataclass
class Place:
    """Where one thing is: its id, and the parts of the paths that lead to it."""

    id: str
    params: dict[str, str]


@dataclass
class World:
    """The house, where things are by view and column, and which ids are a person's own by query."""

    house: House
    places: dict[tuple[str, str], Place] = field(default_factory=dict[tuple[str, str], Place])
    own: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])

    def put(self, column: str, id: str, params: dict[str, str], *views: str) -> None:
        """Remember where something is, for a view and its relatives."""
        for view in views:
            self.places[view, column] = Place(id, params)

    def lists(self, query: str, ids: set[str], *people: Actor) -> None:
        """Remember what a query lists to these people."""
        self.own |= {(query, person.id): ids for person in people}


async def world(directory: Path) -> World:
    """Make all of it."""
    made = World(await House(directory, *SERVICES).open())
    parts = (
        _directories,
        _intake,
        _ended_ideas,
        _policies,
        _awarded,
        _adopted,
        _scored,
        _rounds,
        _computed,
        _final,
        _waiting,
        _groups,
        _merges,
        _own,
        _held,
    )
    for part in parts:
        await part(made)
    return made


# --- directories


async def _directories(made: World) -> None:
    await made.house.must(RECEIVER, "PUT", f"/departments/{HEAD.department}", {"name": WORDS[6]})
    made.put("listed", HEAD.department, {"department_id": HEAD.department}, "department")
    for column, who, department in (("author", LEAD, HEAD.department), ("citizen", CITIZEN, None)):
        body = {"name": WORDS[7], "department": department}
        await made.house.must(RECEIVER, "PUT", f"/people/{who.id}", body)
        made.put(column, who.id, {"person_id": who.id}, "person", "people")
    for who in (CO_AUTHOR, STRANGER, OTHER_LEAD):
        await made.house.must(RECEIVER, "PUT", f"/people/{who.id}", {})
    duty = {"name": WORDS[6], "covers": [{"work": "ideas"}], "department": HEAD.department}
    await made.house.must(RECEIVER, "PUT", "/duties/proposals", duty)
    made.put("held", "proposals", {"duty_id": "proposals"}, "duty")


# --- drafts, calls, the register


async def _intake(made: World) -> None:
    draft = str((await made.house.must(LEAD, "POST", "/drafts", {"title": WORDS[8]}))["id"])
    made.put("any", draft, {"idea_id": draft}, "own draft", "own draft history")
    made.lists("own drafts", {draft}, LEAD)
    year = made.house.clock.now().astimezone(SEOUL_TIME).year
    body = {"pack": SEOUL, "title": "여름 공모", "closes_on": f"{year + 1}-01-31"}
    call = str((await made.house.must(RECEIVER, "POST", "/calls", body))["id"])
    made.put("open", call, {"call_id": call}, "call", "call history")
    register = f"seoul.{year}"
    made.put("of the year", register, {"register_id": register}, "register", "register history")


# --- ideas and their evaluations


async def _submitted(made: World, pack: str = SEOUL, author: Actor | None = None) -> str:
    changes = {"authors": authors((author.id, "100"))} if author else {}
    body = submission(pack, **changes).model_dump(mode="json")
    return str((await made.house.must(author or LEAD, "POST", "/ideas", body))["id"])


async def _received(made: World, pack: str = SEOUL) -> str:
    idea_id = await _submitted(made, pack)
    await made.house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    return idea_id


async def _evaluating(made: World, pack: str = SEOUL) -> str:
    """An idea under evaluation by three raters, the first of whom has scored."""
    idea_id = await _received(made, pack)
    await made.house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    where = f"/evaluations/{idea_id}/{STAGES[pack]}"
    raters = {"raters": [f"r-{number}" for number in (1, 2, 3)]}
    await made.house.must(CHAIR, "POST", f"{where}/raters", raters, service="evaluation")
    await _score(made, idea_id, pack, 1)
    return idea_id


async def _score(made: World, idea_id: str, pack: str, *raters: int) -> None:
    body = scores(pack, "9", comment=WORDS[2]).model_dump(mode="json")
    for number in raters:
        path = f"/evaluations/{idea_id}/{STAGES[pack]}/scores"
        await made.house.must(rater(number), "POST", path, body, service="evaluation")


async def _merges(made: World) -> None:
    """Two ideas that read alike, and a merge that their lead authors are asked about."""
    first, other = await _received(made), await _submitted(made, author=OTHER_LEAD)
    await made.house.must(RECEIVER, "POST", f"/ideas/{other}/receipt", {})
    await made.house.must(RECEIVER, "POST", f"/ideas/{first}/merges", {"other_id": other, "reason": WORDS[0]})
    made.put("found", "", {"idea_id": first}, "duplicates")
    params = {"idea_id": first, "other_id": other}
    made.put("open", f"{first}/{other}", params, "merge", "merge history")
    made.lists("own merges", {f"{first}/{other}"}, LEAD)


async def _own(made: World) -> None:
    """Of all these ideas one is somebody else's."""
    others = await _submitted(made, author=STRANGER)
    await made.house.must(RECEIVER, "POST", f"/ideas/{others}/receipt", {})
    all_of_them = await made.house.rooms["ideas"].reader.find(IDEA, {}, limit=200)
    ours = {stored.state.id for stored in all_of_them.items} - {others}
    decided = {
        stored.state.id for stored in all_of_them.items if isinstance(stored.state, Idea) and stored.state.decision
    }
    made.lists("own rights", decided, LEAD, CO_AUTHOR)
    for query in ("own ideas", "own notices"):
        made.lists(query, ours, LEAD, CO_AUTHOR)
        made.lists(query, {others}, STRANGER)


def _idea(made: World, column: str, idea_id: str) -> None:
    made.put(column, idea_id, {"idea_id": idea_id}, "idea", "idea history", "idea clocks", "idea panels", "tally")
    made.put(column, "", {"idea_id": idea_id}, "consultations", "grounds for protection")


def _evaluation(made: World, column: str, idea_id: str, pack: str) -> None:
    params = {"idea_id": idea_id, "stage": STAGES[pack]}
    made.put(column, f"{idea_id}/{STAGES[pack]}", params, "evaluation", "evaluation history", "own evaluations")


async def _ended_ideas(made: World) -> None:
    closed = await _received(made)
    body = {"outcome": "closed", "ground": "complaint", "reason": "단순 민원"}
    await made.house.must(RECEIVER, "POST", f"/ideas/{closed}/completeness", body)
    _idea(made, "closed", closed)
    withdrawn = await _evaluating(made)
    await made.house.must(LEAD, "POST", f"/ideas/{withdrawn}/withdrawal", {"reason": "다시 쓰겠다"})
    _idea(made, "withdrawn", withdrawn)
    _evaluation(made, "cancelled", withdrawn, SEOUL)
    refused = await _evaluating(made)
    await _score(made, refused, SEOUL, 2, 3)
    body = {"reason": "예산이 없다", "authority": authority().model_dump(mode="json")}
    await made.house.must(HEAD, "POST", f"/ideas/{refused}/refusal", body)
    _idea(made, "refused", refused)
    reexamined = await _evaluating(made)
    await _score(made, reexamined, SEOUL, 2, 3)
    await made.house.must(HEAD, "POST", f"/ideas/{reexamined}/refusal", body)
    await _reexamined(made, reexamined)


async def _reexamined(made: World, idea_id: str) -> None:
    """A refusal that was kept after a panel had found, and a claim that waits for one."""
    house, path = made.house, f"/ideas/{idea_id}"
    await house.must(LEAD, "POST", f"{path}/reexamination", {"reason": WORDS[0]})
    members = [f"v-{number}" for number in range(1, 5)]
    panel = {"matter": "reexamination", "members": members, "non_officials": members[:2]}
    await house.must(RECEIVER, "POST", f"{path}/panels", panel)
    said = {"matter": "reexamination", "attended": members, "votes_for": 1, "votes_against": 3, "reason": WORDS[2]}
    await house.must(RECEIVER, "POST", f"{path}/panels/finding", said)
    kept = {"outcome": "kept", "reason": WORDS[2], "authority": authority().model_dump(mode="json")}
    await house.must(HEAD, "POST", f"{path}/reexamination/decision", kept)
    await house.must(LEAD, "POST", f"{path}/claims", {"reason": WORDS[0]})
    _idea(made, "reexamined", idea_id)


async def _policies(made: World) -> None:
    """A policy that reads like the refused ideas."""
    today = str(made.house.clock.now().astimezone(SEOUL_TIME).date())
    body = {"title": WORDS[0], "text": WORDS[1], "department": HEAD.department, "in_force_on": today}
    policy = str((await made.house.must(RECEIVER, "POST", "/policies", body))["id"])
    made.put("entered", policy, {"policy_id": policy}, "policy", "policy history")


async def _scored(made: World) -> None:
    pending = await _evaluating(made)
    await _score(made, pending, SEOUL, 2, 3)
    _idea(made, "decision pending", pending)
    _evaluation(made, "disclosed", pending, SEOUL)
    closed = await _evaluating(made, NATIONAL)
    await _score(made, closed, NATIONAL, 2, 3)
    _evaluation(made, "closed", closed, NATIONAL)


def _results(made: World, column: str, set_id: str, idea_id: str) -> None:
    params = {"round_id": set_id, "stage": "review", "idea_id": idea_id}
    made.put(column, f"{set_id}/review", params, "results", "figures of an idea", "picture of results")


async def _computed(made: World) -> None:
    """Figures of the national pack's evaluations outside rounds, one of which is to be disclosed tomorrow."""
    await made.house.must(CHAIR, "POST", f"/results/{NATIONAL}/review", {}, service="evaluation")
    _results(made, "computed", NATIONAL, made.places["evaluation", "closed"].params["idea_id"])


async def _rounds(made: World) -> None:
    """A round of evaluations that has ended, and one that goes on; the author's idea is in both."""
    for pack, column in ((OPEN_CALL, "ended"), (NATIONAL, "open")):
        idea_id = await _received(made, pack)
        body = {"pack": pack, "name": "2025", "title": "2025년 제안심사"}
        round_id = (await made.house.must(CHAIR, "POST", "/rounds", body, service="evaluation"))["id"]
        path = f"/rounds/{round_id}"
        await made.house.must(CHAIR, "POST", f"{path}/ideas", {"ideas": [idea_id]}, service="evaluation")
        await made.house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
        if column == "ended":
            signed = {"complete": True}
            await made.house.must(rater(1), "POST", f"{path}/statements", signed, service="evaluation")
            named = {"idea_id": idea_id, "raters": ["r-1"]}
            await made.house.must(CHAIR, "POST", f"{path}/raters", named, service="evaluation")
            score = {"scores": [{"criterion": "merit", "points": "80"}]}
            await made.house.must(
                rater(1), "POST", f"/evaluations/{idea_id}/review/scores", score, service="evaluation"
            )
            await made.house.must(CHAIR, "POST", f"{path}/closing", {}, service="evaluation")
        else:
            await _assignment(made, path, round_id)
        made.put(column, round_id, {"round_id": round_id}, "evaluation round", "evaluation round history")
        made.put(column, "", {"round_id": round_id}, "evaluation round rankings")
        if column == "ended":
            _results(made, "disclosed", round_id, idea_id)


async def _final(made: World) -> None:
    """Finals in pairs over two ideas of the author each, one that goes on and one that is disclosed."""
    for pack, column in ((final_house.EXPERT, "open"), (SEOUL, "disclosed")):
        ideas = await final_house.ended(made.house, pack, ("8", "7"), apart=False)
        soon = (made.house.clock.now() + timedelta(minutes=1)).isoformat()
        await final_house.begun(made.house, pack, due=soon if column == "disclosed" else None)
        if column == "disclosed":
            await final_house.choose(made.house, pack, ideas, "r-1")
            await final_house.disclosed(made.house, pack)
        _, _, round_id, stage = final_house.where(pack).split("/")
        params = {"round_id": round_id, "stage": stage, "idea_id": ideas[0]}
        made.put(column, f"{round_id}/{stage}", params, "final", "place in a final")
    made.put("of a pack", "", {"pack_id": final_house.EXPERT}, "outcomes")


async def _assignment(made: World, path: str, round_id: str) -> None:
    people = [rater(number) for number in range(1, 6)]
    for person in people:
        await made.house.must(person, "POST", f"{path}/statements", {"complete": True}, service="evaluation")
    body = {"raters": [{"person_id": one.id, "department": "d-parks"} for one in people]}
    where = {"round_id": round_id, "stage": STAGES[NATIONAL]}
    await made.house.must(CHAIR, "POST", "/assignments/{round_id}/{stage}".format(**where), body, service="evaluation")
    made.put("made", f"{round_id}/{where['stage']}", where, "assignment")


async def _waiting(made: World) -> None:
    _idea(made, "submitted", await _submitted(made))
    _idea(made, "received without votes", await _received(made, NATIONAL))
    received = await _received(made)
    _idea(made, "received", received)
    await made.house.must(CITIZEN, "PUT", f"/ideas/{received}/vote", {"choice": "endorse"})
    params = {"idea_id": received, "voter_id": CITIZEN.id}
    votes = ("own vote", "own vote history", "vote history")
    made.put("cast by the citizen", f"{received}/{CITIZEN.id}", params, *votes)
    open_one = await _evaluating(made)
    _idea(made, "under evaluation", open_one)
    _evaluation(made, "open", open_one, SEOUL)


# --- awards


async def _open_round(made: World, pack: str) -> str:
    body = opening(pack, closes_at=None).model_dump(mode="json")
    return str((await made.house.must(OFFICER, "POST", "/rounds", body, service="awards"))["id"])


async def _awarded(made: World) -> None:
    """A round of one pack that is over; and a category that waits for its round to open."""
    idea_id = await adopted_idea(made.house, OPEN_CALL, "90")
    round_id = await _open_round(made, OPEN_CALL)
    category = main_category(OPEN_CALL)
    for voter in PANELISTS[:6]:
        path = f"/categories/{category}/ballots/{idea_id}"
        await made.house.must(voter, "PUT", path, {"points": "85"}, service="awards")
    await made.house.must(OFFICER, "POST", f"/categories/{category}/closing", {}, service="awards")
    body = confirmation(category).model_dump(mode="json")
    await made.house.must(APPROVER, "POST", f"/rounds/{round_id}/confirmations", body, service="awards")
    _round(made, "closed", round_id)
    made.put("closed", category, {"category_id": category}, "category", "category history")
    made.put("awarded", idea_id, {"idea_id": idea_id}, "nomination", "nomination history")
    made.lists("own payments", {idea_id}, LEAD, CO_AUTHOR)
    await adopted_idea(made.house, NATIONAL, "20")
    waiting = main_category(NATIONAL)
    made.put("collecting", waiting, {"category_id": waiting}, "category", "category history")


def _round(made: World, column: str, round_id: str) -> None:
    made.put(column, round_id, {"round_id": round_id}, "round", "round history", "award table")


async def _adopted(made: World) -> None:
    """An adopted idea that is nominated in an open round, carried out, and on offer to departments."""
    done = await adopted_idea(made.house, SEOUL, "9")
    await made.house.must(HEAD, "POST", f"/ideas/{done}/implementation/start", {})
    body = {"result": "8개 노선"}
    await made.house.must(HEAD, "POST", f"/ideas/{done}/implementation/completion", body)
    made.put("completed", done, {"idea_id": done}, "implementation", "implementation history")
    idea_id = await _evaluating(made)
    await _score(made, idea_id, SEOUL, 2, 3)
    await made.house.must(HEAD, "POST", f"/ideas/{idea_id}/adoption", adoption().model_dump(mode="json"))
    await made.house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/start", {})
    _idea(made, "adopted", idea_id)
    await _measured(made, idea_id)
    made.put("started", idea_id, {"idea_id": idea_id}, "implementation", "implementation history")
    _round(made, "open", await _open_round(made, SEOUL))
    category = main_category(SEOUL)
    await made.house.must(
        PANELISTS[0], "PUT", f"/categories/{category}/ballots/{idea_id}", {"points": "8"}, service="awards"
    )
    made.put("open", category, {"category_id": category}, "category", "category history")
    made.put("nominated", idea_id, {"idea_id": idea_id}, "nomination", "nomination history")
    await _offers(made, idea_id)


async def _measured(made: World, idea_id: str) -> None:
    """What the idea is expected to bring and brings, and what the audit office was asked beforehand."""
    body = {"gains": [{"what": WORDS[0], "won": 1_000_000}], "basis": WORDS[2]}
    await made.house.must(HEAD, "POST", f"/ideas/{idea_id}/outcome/forecasts", body)
    await made.house.must(HEAD, "POST", f"/ideas/{idea_id}/outcome/effect", {})
    made.put("measured", idea_id, {"idea_id": idea_id}, "outcome", "outcome history")
    body = {"question": WORDS[9], "facts": WORDS[1]}
    await made.house.must(HEAD, "POST", f"/ideas/{idea_id}/consultations", body)


async def _offers(made: World, idea_id: str) -> None:
    made.put("open", idea_id, {"idea_id": idea_id}, "case", "case history", "spread")
    for column, target, owner in (("offered", "d-parks", OWNER.id), ("answered", "d-housing", "o-2")):
        body = {"target": target, "owner": owner}
        await made.house.must(OFFICER, "POST", f"/cases/{idea_id}/offers", body, service="learning")
        params = {"idea_id": idea_id, "target": target}
        made.put(column, f"{idea_id}/{target}", params, "offer", "offer history")
    head = Actor("h-2", "department", "d-housing")
    body = {"answer": "adapted", "reason": WORDS[5]}
    await made.house.must(head, "POST", f"/cases/{idea_id}/offers/d-housing/answer", body, service="learning")
    made.lists("own offers", {f"{idea_id}/d-parks"}, OWNER)


# --- learning, and what was set aside


async def _groups(made: World) -> None:
    for column in ("active", "closed"):
        body = registration(SEOUL).model_dump(mode="json")
        group = (await made.house.must(GROUP_LEAD, "POST", "/groups", body, service="learning"))["id"]
        today = made.house.clock.now().astimezone(SEOUL_TIME).date()
        day = {"held_on": str(today), "title": WORDS[4], "attendees": ["kim"]}
        await made.house.must(GROUP_LEAD, "POST", f"/groups/{group}/activities", day, service="learning")
        made.put(column, group, {"group_id": group}, "group", "group history")
    await made.house.must(GROUP_LEAD, "POST", f"/groups/{group}/closing", {}, service="learning")


async def _held(made: World) -> None:
    """A record full of content that no service could read."""
    for service, room in made.house.rooms.items():
        for number in range(PARTITIONS):
            content = f"{WORDS[0]} {LEAD.id} {service} {number}".encode()
            made.house.topics.setdefault((f"{service}.journal", number), []).append(content)
        while await room.advance():
            pass
    made.put("any", "", {"partition": "0", "number": "1"}, "evidence")
