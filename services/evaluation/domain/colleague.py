"""What is known of a person in view of conflicts: the team, and with whom the person has written ideas. Nobody sees it.

Pure. Fed by the directory of `ideas` and by evaluations that open; answers those.
"""

from collections.abc import Iterator
from typing import Any, assert_never

from shared.contracts.evaluation_conflicts import AuthorDescribed, AuthorNamed, CoauthorsNoted, TeamNoted
from shared.contracts.ideas import PersonRegistered
from shared.engine.aggregate import Context, State
from shared.engine.message import Actor, Event

FOLD = 1


class Colleague(State):
    """One person."""

    team: str | None = None
    coauthors: tuple[str, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """Nothing: what follows from it shows where it matters."""
        return {}


def decide(colleague: Colleague, message: PersonRegistered | AuthorNamed, context: Context) -> Iterator[Event]:
    """Note what is new; tell an evaluation what was known before."""
    match message:
        case PersonRegistered():
            if message.department != colleague.team:
                yield TeamNoted(person_id=colleague.id, team=message.department)
        case AuthorNamed():
            yield AuthorDescribed(
                idea_id=message.idea_id,
                stage=message.stage,
                person_id=colleague.id,
                team=colleague.team,
                coauthors=colleague.coauthors,
            )
            fresh = tuple(other for other in message.coauthors if other not in colleague.coauthors)
            if fresh:
                yield CoauthorsNoted(person_id=colleague.id, coauthors=fresh)
        case _:
            assert_never(message)


def evolve(colleague: Colleague, event: TeamNoted | CoauthorsNoted | AuthorDescribed) -> Colleague:
    """What is known now."""
    match event:
        case TeamNoted():
            return colleague.but(team=event.team)
        case CoauthorsNoted():
            return colleague.but(coauthors=(*colleague.coauthors, *event.coauthors))
        case AuthorDescribed():
            return colleague
        case _:
            assert_never(event)
