"""Conflicts of interest: found, declared, challenged, recused; whoever has one neither scores nor is named."""

from collections.abc import Iterable

import pytest

from services.evaluation.domain import COLLEAGUE, UNIT
from services.evaluation.domain.commands import (
    AssignRaters,
    ChallengeRater,
    CloseEvaluation,
    Recuse,
    VoteOnChallenge,
)
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.round_commands import NameRaters, SignStatement
from shared.contracts.evaluation import IdeaEvaluated, RatersAssigned
from shared.contracts.evaluation_conflicts import (
    AuthorDescribed,
    AuthorNamed,
    ChallengeDecided,
    ChallengeRaised,
    ChallengeVoted,
    CoauthorsNoted,
    ConflictDeclared,
    DepartmentAsked,
    DepartmentDescribed,
    Interest,
    NamedRater,
    RaterExcluded,
    RatersNamed,
    RaterUnfit,
    RelationsNoted,
    StatementSigned,
    TeamMoved,
    TeamNamed,
    TeamNoted,
    TeamPlaced,
    TeamsNoted,
    UnfitNoted,
)
from shared.contracts.evaluation_rounds import IdeaAdmitted, RoundJoined
from shared.contracts.ideas import DepartmentRegistered, PersonRegistered
from shared.engine.message import Actor, Event, Message
from tests.support.given import NOON, Given
from tests.unit.evaluation.rounds import a_round, id_of, joined, lived, scoring
from tests.unit.evaluation.support import (
    AUTHOR,
    CHAIR,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STAGES,
    SYSTEM,
    after,
    given,
    rater,
    requested,
    scores,
    withdrawn,
)

COLLEAGUES = Actor("r-1", "rater", "t-bus")


def described(pack_id: str, *coauthors: str, team: str | None = "t-bus") -> AuthorDescribed:
    return AuthorDescribed(idea_id="i-1", stage=STAGES[pack_id], person_id="p-1", team=team, coauthors=coauthors)


def department(pack_id: str, *units: str) -> DepartmentDescribed:
    return DepartmentDescribed(idea_id="i-1", stage=STAGES[pack_id], units=units)


def heard(pack_id: str, *steps: Message | tuple[Message, Actor]) -> tuple[Event, ...]:
    return after(pack_id, *(step if isinstance(step, tuple) else (step, SYSTEM) for step in steps))


def now(pack_id: str, *steps: Message | tuple[Message, Actor]) -> Evaluation:
    return given(pack_id, *heard(pack_id, *steps)).state


# --- found by the system


def test_who_the_authors_work_with_is_asked_only_where_the_pack_wants_to_know() -> None:
    for pack_id, asked in ((SEOUL, 1), (NATIONAL, 1), (OPEN_CALL, 0)):
        events = given(pack_id).when(requested(pack_id), actor=SYSTEM).events
        assert len([event for event in events if isinstance(event, AuthorNamed)]) == asked


def test_packs_differ_in_what_is_too_near() -> None:
    steps = {
        pack_id: (described(pack_id, "r-9"), department(pack_id, "d-transport", "t-bus", "t-taxi"))
        for pack_id in (NATIONAL, SEOUL)
    }
    for pack_id, told in steps.items():
        outcome = given(pack_id, *heard(pack_id)).when(told[0], actor=SYSTEM)
        asks_on = [TeamNamed] if pack_id == NATIONAL else []
        outcome.emits(RelationsNoted, *asks_on)
    national = now(NATIONAL, *steps[NATIONAL])
    assert national.conflict_of("r-1", "t-bus") == "same_team"
    assert national.conflict_of("r-1", "t-taxi") == "same_department" == national.conflict_of("r-1", "d-transport")
    assert national.conflict_of("r-9") == "past_coauthor" and national.conflict_of("p-1") == "author"
    assert national.conflict_of("r-1", "t-parks") is None and national.conflict_of("r-1") is None
    seoul = now(SEOUL, steps[SEOUL][0])
    assert seoul.conflict_of("r-1", "t-bus") == "same_team" and seoul.conflict_of("r-1", "t-taxi") is None
    assert now(OPEN_CALL).conflict_of("r-1", "t-bus") is None


@pytest.mark.parametrize("who", [COLLEAGUES, Actor("r-9", "rater"), Actor("p-1", "rater")], ids=lambda a: a.id)
def test_whoever_is_too_near_does_not_score(who: Actor) -> None:
    past = heard(SEOUL, described(SEOUL, "r-9"))
    given(SEOUL, *past).when(scores(SEOUL), actor=who).refused("conflict_of_interest")
    chair = Actor(who.id, "chair", who.department)
    for command in (CloseEvaluation(), AssignRaters(raters=("r-5", "r-6"))):
        given(SEOUL, *past).when(command, actor=chair).refused("conflict_of_interest")
    assert now(SEOUL, described(SEOUL, "r-9")).visible_to(who) == {}


def test_nobody_assigns_a_past_coauthor() -> None:
    past = heard(SEOUL, described(SEOUL, "r-9"))
    given(SEOUL, *past).when(AssignRaters(raters=("r-9", "r-2"))).refused("conflict_of_interest")


def test_what_is_found_late_excludes_who_was_assigned_or_has_scored_meanwhile() -> None:
    steps = ((AssignRaters(raters=("r-9", "r-2")), CHAIR), (scores(SEOUL), Actor("r-9", "rater")))
    outcome = given(SEOUL, *heard(SEOUL, *steps)).when(described(SEOUL, "r-9"), actor=SYSTEM)
    outcome.emits(RelationsNoted, RaterExcluded)
    state = given(SEOUL, *heard(SEOUL, *steps), *outcome.events).state
    assert state.raters == ("r-2",) and state.sheets == ()
    given(SEOUL, *heard(SEOUL, *steps), *outcome.events).when(described(SEOUL, "r-9"), actor=SYSTEM).emits()


def test_without_the_excluded_nobody_else_may_score_until_others_are_assigned() -> None:
    steps = ((AssignRaters(raters=("r-9", "r-8")), CHAIR), described(SEOUL, "r-8", "r-9"))
    past = heard(SEOUL, *steps)
    assert given(SEOUL, *past).state.raters == ()
    given(SEOUL, *past).when(scores(SEOUL), actor=rater(1)).refused("not_assigned")
    given(SEOUL, *past).when(AssignRaters(raters=("r-1", "r-2"))).emits(RatersAssigned)


def test_scoring_does_not_end_with_fewer_raters_than_the_pack_needs() -> None:
    steps = (
        (AssignRaters(raters=("r-1", "r-2")), CHAIR),
        (Recuse(reason="이해관계"), rater(2)),
        (scores(SEOUL), rater(1)),
    )
    assert now(SEOUL, *steps).phase.value == "open"


# --- what colleagues and units know


def colleague(*past: Event) -> Given:
    return Given(COLLEAGUE, "p-1", actor=SYSTEM)(*past)


def test_a_colleague_answers_with_what_was_known_before() -> None:
    named = AuthorNamed(person_id="p-1", idea_id="i-1", stage="review", coauthors=("p-2",))
    first = colleague(TeamNoted(person_id="p-1", team="t-bus")).when(named)
    first.emits(AuthorDescribed, CoauthorsNoted)
    told = first.event(AuthorDescribed)
    assert (told.team, told.coauthors) == ("t-bus", ())
    again = colleague(*first.events).when(named.model_copy(update={"idea_id": "i-2"}))
    again.emits(AuthorDescribed)
    assert again.event(AuthorDescribed).coauthors == ("p-2",)


def test_a_colleague_follows_the_directory() -> None:
    registered = PersonRegistered(person_id="p-1", department="t-bus")
    colleague().when(registered).emits(TeamNoted)
    colleague(TeamNoted(person_id="p-1", team="t-bus")).when(registered).emits()
    assert colleague(TeamNoted(person_id="p-1", team="t-bus")).state.visible_to(CHAIR) == {}


def unit(id: str, *past: Event) -> Given:
    return Given(UNIT, id, actor=SYSTEM)(*past)


def registered(parent: str | None) -> DepartmentRegistered:
    return DepartmentRegistered(department_id="t-bus", name="버스팀", parent=parent, registered_from=NOON.date())


def test_a_department_knows_its_teams_and_a_team_asks_it() -> None:
    placed = unit("t-bus").when(registered("d-transport"))
    placed.emits(TeamPlaced, TeamMoved)
    unit("t-bus", *placed.events).when(registered("d-transport")).emits()
    moved = unit("t-bus", *placed.events).when(registered("d-parks"))
    assert [(e.partition_key, e.inside) for e in moved.events if isinstance(e, TeamMoved)] == [
        ("d-transport", False),
        ("d-parks", True),
    ]
    named = TeamNamed(department_id="t-bus", idea_id="i-1", stage="review")
    asked = unit("t-bus", *placed.events).when(named).event(DepartmentAsked)
    assert asked.department_id == "d-transport"
    teams = unit("d-transport").when(placed.event(TeamMoved)).event(TeamsNoted)
    told = unit("d-transport", teams).when(asked).event(DepartmentDescribed)
    assert told.units == ("d-transport", "t-bus")
    assert unit("t-bus").when(named).event(DepartmentDescribed).units == ("t-bus",)
    left = TeamMoved(department_id="d-transport", team="t-bus", inside=False)
    assert unit("d-transport", teams).when(left).event(TeamsNoted).teams == ()


# --- statements of a round


def statement(*interests: tuple[str, str], **more: object) -> SignStatement:
    about = [Interest(idea_id=idea, ground=ground) for idea, ground in interests]
    return SignStatement.model_validate({"complete": True, "interests": about, **more})


def signed(pack_id: str, *people: str, interests: Iterable[tuple[str, str]] = ()) -> tuple[Event, ...]:
    events = lived(pack_id, *scoring(pack_id, "i-1"))
    for person in people:
        actor = Actor(person, "rater", "t-bus")
        events += a_round(pack_id, *events).when(statement(*interests), actor=actor).events
    return events


def test_without_a_statement_nobody_is_named_where_the_pack_asks_for_one() -> None:
    naming = NameRaters(idea_id="i-1", raters=("r-1", "r-2"))
    a_round(SEOUL, *signed(SEOUL, "r-1")).when(naming).refused("statement_missing")
    named = a_round(SEOUL, *signed(SEOUL, "r-1", "r-2")).when(naming).event(RatersNamed)
    assert named.raters[0] == NamedRater(person_id="r-1", department="t-bus")
    a_round(OPEN_CALL, *signed(OPEN_CALL)).when(naming).emits(RatersNamed)


def test_in_a_round_only_whom_it_named_scores_where_the_pack_asks_for_a_statement() -> None:
    for pack_id, closed in ((SEOUL, True), (OPEN_CALL, False)):
        stage, due = STAGES[pack_id], NOON.replace(month=4)
        admitted = IdeaAdmitted(idea_id="i-1", stage=stage, round_id=id_of(pack_id), due=due)
        past = heard(pack_id, admitted)
        score = given(pack_id, *past).when(scores(pack_id), actor=rater(1))
        assign = given(pack_id, *past).when(AssignRaters(raters=("r-1", "r-2")))
        if closed:
            score.refused("not_assigned")
            assign.refused("round_names_raters")
            assert given(pack_id, *past).state.visible_to(rater(1)) == {}
        else:
            assert score.refusal is None and assign.refusal is None


def test_a_declared_conflict_bars_from_being_named_and_reaches_the_evaluation() -> None:
    events = lived(SEOUL, *scoring(SEOUL, "i-1"))
    outcome = a_round(SEOUL, *events).when(statement(("i-1", "kinship"), ("i-9", "advice")), actor=rater(1))
    outcome.emits(StatementSigned, ConflictDeclared)
    after_it = a_round(SEOUL, *events, *outcome.events)
    after_it.when(NameRaters(idea_id="i-1", raters=("r-1", "r-2"))).refused("statement_missing")
    both = (*events, *outcome.events, *after_it.when(statement(), actor=rater(2)).events)
    a_round(SEOUL, *both).when(NameRaters(idea_id="i-1", raters=("r-1", "r-2"))).refused("conflict_of_interest")
    a_round(SEOUL, *both).when(statement(("i-1", "kinship")), actor=rater(1)).emits()
    more = a_round(SEOUL, *both).when(statement(("i-2", "advice")), actor=rater(1))
    state = a_round(SEOUL, *both, *more.events).state
    assert state.statement("r-1").interests.ideas == {"i-1", "i-2", "i-9"}
    a_round(SEOUL, *both).when(statement(("i-1", "luck")), actor=rater(1)).refused("unknown_ground")


def test_a_statement_says_that_it_is_complete() -> None:
    past = lived(SEOUL, *scoring(SEOUL, "i-1"))
    a_round(SEOUL, *past).when(statement(complete=False), actor=rater(1)).refused("statement_incomplete")


def test_an_idea_that_joins_later_hears_what_was_declared_about_it() -> None:
    past = signed(SEOUL, "r-1", interests=[("i-2", "advice")])
    admitted = a_round(SEOUL, *past).when(scoring(SEOUL, "i-2")[0]).events
    outcome = a_round(SEOUL, *past, *admitted).when(joined(SEOUL, "i-2"))
    assert outcome.event(ConflictDeclared).person_id == "r-1"


def test_no_author_and_nobody_found_unfit_is_named() -> None:
    past = signed(SEOUL, "p-1", "r-1", "r-2")
    a_round(SEOUL, *past).when(NameRaters(idea_id="i-1", raters=("p-1", "r-2"))).refused("conflict_of_interest")
    found = RaterUnfit(
        round_id=id_of(SEOUL), idea_id="i-1", stage=STAGES[SEOUL], person_id="r-1", ground="past_coauthor"
    )
    noted = a_round(SEOUL, *past).when(found)
    noted.emits(UnfitNoted)
    a_round(SEOUL, *past, *noted.events).when(found).emits()
    naming = NameRaters(idea_id="i-1", raters=("r-1", "r-2"))
    a_round(SEOUL, *past, *noted.events).when(naming).refused("conflict_of_interest")
    for wrong, code in (
        (NameRaters(idea_id="i-1", raters=("r-2", "r-2")), "rater_named_twice"),
        (NameRaters(idea_id="i-1", raters=("r-2",)), "too_few_raters"),
        (NameRaters(idea_id="i-7", raters=("r-1", "r-2")), "not_in_round"),
    ):
        a_round(SEOUL, *past).when(wrong).refused(code)
    author = Actor("p-1", "chair")
    a_round(SEOUL, *past).when(naming, actor=author).refused("conflict_of_interest")


def test_an_evaluation_takes_from_its_round_only_who_is_not_too_near() -> None:
    joining = IdeaAdmitted(idea_id="i-1", stage=STAGES[SEOUL], round_id=id_of(SEOUL), due=NOON.replace(month=4))
    past = heard(SEOUL, described(SEOUL, "r-9"), joining)
    assert any(isinstance(event, RoundJoined) for event in past)
    naming = RatersNamed(
        idea_id="i-1",
        stage=STAGES[SEOUL],
        round_id=id_of(SEOUL),
        raters=(
            NamedRater(person_id="r-9"),
            NamedRater(person_id="r-1", department="t-bus"),
            NamedRater(person_id="r-2", department="t-parks"),
        ),
    )
    outcome = given(SEOUL, *past).when(naming, actor=SYSTEM)
    outcome.emits(RaterUnfit, RaterUnfit, RatersAssigned)
    assert outcome.event(RatersAssigned).raters == ("r-2",)
    elsewhere = naming.model_copy(update={"round_id": "other"})
    given(SEOUL, *past).when(elsewhere, actor=SYSTEM).emits()


def test_what_is_declared_excludes_also_before_the_idea_arrives() -> None:
    told = ConflictDeclared(
        idea_id="i-1", stage=STAGES[SEOUL], round_id=id_of(SEOUL), person_id="r-1", ground="kinship"
    )
    early = given(SEOUL).when(told, actor=SYSTEM).events
    arrived = given(SEOUL, *early).when(requested(SEOUL), actor=SYSTEM).events
    given(SEOUL, *early, *arrived).when(scores(SEOUL), actor=rater(1)).refused("conflict_of_interest")
    given(SEOUL, *early).when(told, actor=SYSTEM).emits()


# --- recusal and challenge

THREE = ((AssignRaters(raters=("r-1", "r-2", "r-3")), CHAIR),)


def test_who_steps_back_is_out_and_so_is_what_they_said() -> None:
    steps = (*THREE, (scores(SEOUL), rater(1)), (Recuse(reason="제안자와 친분"), rater(1)))
    state = now(SEOUL, *steps)
    assert state.raters == ("r-2", "r-3") and state.sheets == ()
    assert state.visible_to(rater(1)) == {} == state.visible_to(Actor("r-1", "chair"))
    past = heard(SEOUL, *steps)
    for command in (scores(SEOUL), Recuse(reason="또")):
        given(SEOUL, *past).when(command, actor=rater(1)).refused("conflict_of_interest")
    given(SEOUL, *heard(SEOUL, *THREE)).when(Recuse(reason=" "), actor=rater(1)).refused("reason_required")


def challenge(person: str = "r-1") -> tuple[ChallengeRater, Actor]:
    return ChallengeRater(person_id=person, reason="편파적이다"), AUTHOR


def vote(person: str, upholds: bool) -> VoteOnChallenge:
    return VoteOnChallenge(person_id=person, upholds=upholds)


def test_only_authors_challenge_with_a_reason_once() -> None:
    past = heard(SEOUL, *THREE)
    given(SEOUL, *past).when(challenge()[0], actor=Actor("p-7", "author")).refused("not_found")
    blank = ChallengeRater(person_id="r-1", reason=" ")
    given(SEOUL, *past).when(blank, actor=AUTHOR).refused("reason_required")
    raised = given(SEOUL, *past).when(challenge()[0], actor=AUTHOR).emits(ChallengeRaised)
    given(SEOUL, *past, *raised.events).when(challenge()[0], actor=AUTHOR).emits()


def test_the_challenged_do_not_vote_on_any_challenge() -> None:
    past = heard(SEOUL, *THREE, challenge("r-1"), challenge("r-2"))
    for person in ("r-1", "r-2"):
        for about in ("r-1", "r-2"):
            outcome = given(SEOUL, *past).when(vote(about, False), actor=Actor(person, "rater"))
            outcome.refused("challenged_may_not_vote")
    given(SEOUL, *past).when(vote("r-1", True), actor=rater(9)).refused("not_assigned")
    given(SEOUL, *past).when(vote("r-3", True), actor=rater(3)).refused("no_such_challenge")


def test_a_challenge_is_upheld_by_more_than_half_of_those_who_may_vote() -> None:
    past = heard(SEOUL, *THREE, challenge())
    first = given(SEOUL, *past).when(vote("r-1", True), actor=rater(2)).emits(ChallengeVoted)
    second = given(SEOUL, *past, *first.events).when(vote("r-1", True), actor=rater(3))
    second.emits(ChallengeVoted, ChallengeDecided, RaterExcluded)
    assert second.event(ChallengeDecided).outcome == "upheld"
    split = given(SEOUL, *past, *first.events).when(vote("r-1", False), actor=rater(3))
    split.emits(ChallengeVoted, ChallengeDecided)
    assert split.event(ChallengeDecided).outcome == "dismissed"
    state = given(SEOUL, *past, *first.events, *split.events).state
    assert state.challenged == set() and "r-1" in state.raters
    late = given(SEOUL, *past, *first.events, *split.events).when(vote("r-1", True), actor=rater(2))
    late.refused("challenge_decided")


def test_the_chair_decides_where_nobody_else_can() -> None:
    past = heard(SEOUL, *THREE, *(challenge(f"r-{n}") for n in (1, 2, 3)))
    given(SEOUL, *past).when(vote("r-1", True), actor=CHAIR).emits(ChallengeVoted, ChallengeDecided, RaterExcluded)
    with_others = heard(SEOUL, *THREE, challenge())
    given(SEOUL, *with_others).when(vote("r-1", True), actor=CHAIR).refused("not_assigned")


def test_who_steps_back_may_leave_a_challenge_decided() -> None:
    past = heard(SEOUL, *THREE, challenge(), (vote("r-1", True), rater(2)))
    outcome = given(SEOUL, *past).when(Recuse(reason="친분"), actor=rater(3))
    outcome.emits(RaterExcluded, ChallengeDecided, RaterExcluded)


def test_a_challenge_shows_to_who_organises_without_votes_and_not_to_the_challenged() -> None:
    voted = now(SEOUL, *THREE, challenge(), (vote("r-1", True), rater(2)))
    fresh = now(SEOUL, *THREE, challenge())
    assert fresh.visible_to(RECEIVER) == voted.visible_to(RECEIVER)
    assert voted.visible_to(RECEIVER)["challenges"][0]["reason"]["value"] == "편파적이다"
    assert "challenges" not in voted.visible_to(Actor("r-1", "chair"))


# --- what shows after the disclosure


def test_authors_see_their_result_and_others_in_conflict_nothing_for_ever() -> None:
    steps = (described(SEOUL, "r-9"), (AssignRaters(raters=("r-1", "r-2", "r-3")), CHAIR))
    given_scores = tuple((scores(SEOUL, "8"), rater(n)) for n in (1, 2, 3))
    past = heard(SEOUL, *steps, *given_scores)
    assert any(isinstance(event, IdeaEvaluated) for event in past)
    state = given(SEOUL, *past).state
    assert state.visible_to(AUTHOR)["score"] == "80.00"
    for role in ("rater", "chair", "receiver", "award_officer"):
        assert state.visible_to(Actor("r-9", role)) == {}
    assert state.visible_to(Actor("x", "chair", "t-bus")) == {} != state.visible_to(CHAIR)
    given(SEOUL, *past).when(Recuse(reason="늦었다"), actor=rater(1)).refused("evaluation_closed")
    given(SEOUL, *past).when(withdrawn(SEOUL), actor=SYSTEM).emits()
