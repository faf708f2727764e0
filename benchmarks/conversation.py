"""What people do with one idea in `ideas`, ten commands: submit, receive, eight votes. In process and through HTTP."""

from dataclasses import dataclass
from typing import Any

from benchmarks.events import DEPARTMENT, PACK, TITLE, text_of

VOTERS = 8
COMMANDS = 2 + VOTERS


@dataclass(frozen=True)
class Step:
    """One command: who, in which role, how it is sent; `idea` stands for the id of the idea in `path`."""

    person: str
    role: str
    method: str
    path: str
    body: dict[str, Any]
    department: str = ""


def submission(person: str) -> dict[str, Any]:
    """A short idea."""
    return {
        "pack": PACK,
        "kind": "improve",
        "category": "교통",
        "department": DEPARTMENT,
        "title": TITLE,
        "sections": {"content": text_of(person)},
        "authors": [{"person_id": person, "share": "100"}],
    }


def steps(client: int) -> list[Step]:
    """Everything up to the last vote, by the people of one client."""
    person = f"p-{client}"
    votes = [Step(f"v-{n}", "citizen", "PUT", "/ideas/{idea}/vote", {"choice": "endorse"}) for n in range(VOTERS)]
    return [
        Step(person, "author", "POST", "/ideas", submission(person)),
        Step("p-office", "receiver", "POST", "/ideas/{idea}/receipt", {}),
        *votes,
    ]


def whole_line(client: int) -> list[tuple[str, Step]]:
    """One idea from submission to its completion over `ideas` and `evaluation`, ten commands, each with its service."""
    votes = [Step(f"v-{n}", "citizen", "PUT", "/ideas/{idea}/vote", {"choice": "endorse"}) for n in range(3)]
    head = ("p-head", "department")
    score = {"scores": [{"criterion": "merit", "points": "90"}]}
    return [
        *(("ideas", step) for step in steps(client)[:2]),
        *(("ideas", vote) for vote in votes),
        ("ideas", Step("p-office", "receiver", "POST", "/ideas/{idea}/completeness", {"outcome": "complete"})),
        ("evaluation", Step("r-1", "rater", "POST", "/evaluations/{idea}/review/scores", score)),
        ("ideas", Step(*head, "POST", "/ideas/{idea}/adoption", {"reason": "좋은 제안입니다."}, DEPARTMENT)),
        ("ideas", Step(*head, "POST", "/ideas/{idea}/implementation/start", {}, DEPARTMENT)),
        (
            "ideas",
            Step(*head, "POST", "/ideas/{idea}/implementation/completion", {"result": "시행했습니다."}, DEPARTMENT),
        ),
    ]
