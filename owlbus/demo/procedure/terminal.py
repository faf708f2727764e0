"""The procedure on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus.demo.data import cast
from owlbus.demo.procedure import words
from owlbus.demo.procedure.facts import Conflict, Look, Merge, Pause, Procedure, ScoreSet


def tell(console: Console, told: Procedure) -> None:
    """Print it, after the title."""
    for pause in told.pauses:
        _pause(console, pause)
    for change in told.changes:
        dates = f"{change.from_date} → {change.to_date}"
        _say(console, "실시 시기 변경", "changed date", f"{escape(change.title)}: {dates}")
        console.print(f"  {escape(change.reason)}", highlight=False)
    for merge in told.merges:
        _merge(console, merge)
    for look in told.looks:
        _look(console, look)
    for conflict in told.conflicts:
        _conflict(console, conflict)
    for one in told.sets:
        _set(console, one)


def _say(console: Console, korean: str, english: str, text: str) -> None:
    console.print(f"[bold]{korean}[/] [dim]{english}[/] {text}", highlight=False)


def _both(pair: tuple[str, str]) -> str:
    return f"{escape(pair[0])} [dim]{escape(pair[1])}[/]"


def _pause(console: Console, pause: Pause) -> None:
    days = f"{pause.stopped_on} 보완 요청 → {pause.resumed_on} 보완"
    _say(console, "기한 정지", "pause", f"{escape(pause.title)}: {days}")
    console.print(f"  {escape(pause.reason)}", highlight=False)
    moves = ", ".join(_both(words.moved(move)) for move in pause.moves)
    due = f"{pause.before} → {pause.after}"
    console.print(f"  결정 기한 [dim]decision due[/] {due} ({_both(words.bare(pause))}, {moves})", highlight=False)


def _merge(console: Console, merge: Merge) -> None:
    name = cast().name
    alike = f", 유사도 {merge.similarity}% [dim]alike[/]" if merge.similarity else ""
    _say(console, "병합", "merge", f"{escape(merge.other_title)} → {escape(merge.title)}{alike}")
    consents = ", ".join(escape(name(person)) for person in merge.consents)
    shares = ", ".join(f"{escape(name(person))} {share}%" for person, share in merge.shares)
    settled = _both(words.SETTLED[merge.settled_by]) if merge.settled_by else ""
    console.print(f"  동의 [dim]consent of[/] {consents}", highlight=False)
    console.print(f"  기여도 [dim]shares[/] {shares} ({settled})", highlight=False)
    console.print(
        f"  투표 {merge.votes}건 가운데 {merge.voters}명의 표를 한 번씩 셈 "
        f"[dim]of {merge.votes} votes, {merge.voters} people count, each once[/]",
        highlight=False,
    )


def _look(console: Console, look: Look) -> None:
    _say(console, *words.LOOKS[look.kind], escape(look.title))
    until = f" [dim](~{look.until})[/]" if look.until else ""
    asked = f"{escape(cast().name(look.asked_by))} {look.asked_on}{until}"
    console.print(f"  {asked} {escape(look.reason)}", highlight=False)
    if look.alike is not None:
        title, similarity = look.alike
        console.print(f"  시책 [dim]read like[/] {escape(title)}, 유사도 {similarity}% [dim]alike[/]", highlight=False)
    if look.panel is not None:
        console.print(f"  {_both(words.panel(look))}", highlight=False)
    outcome = f"{look.decided_on} [bold]{_both(words.OUTCOMES[look.outcome])}[/]"
    console.print(f"  → {outcome}, {escape(look.answer)}", highlight=False)


def _conflict(console: Console, conflict: Conflict) -> None:
    _say(console, "이해관계", "conflict", f"{conflict.person_id}: {escape(conflict.title)}")
    console.print(f"  {_both(words.ground(conflict))}", highlight=False)
    for status in sorted({one.status for one in conflict.withheld}):
        asked = [words.ASKED[one.what] for one in conflict.withheld if one.status == status]
        listed = _both((", ".join(korean for korean, _ in asked), ", ".join(english for _, english in asked)))
        console.print(f"  볼 수 없던 것 [dim]refused[/] {status}: {listed}", highlight=False)


def _set(console: Console, one: ScoreSet) -> None:
    name = _both(words.name_of(one))
    if one.abstained:
        _say(console, "보정하지 않음", "abstained", f"{len(one.ideas)}편 [dim]ideas[/]")
        reasons = "; ".join(_both(words.reason(reason)) for reason in one.abstained)
        console.print(f"  {name}\n  {reasons}", highlight=False)
        return
    _say(console, "법적 점수와 보정 점수", "legal and calibrated scores", f"{one.level}% 구간 [dim]interval[/]")
    console.print(f"  {name}", highlight=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("idea", "legal", "rank", "calibrated", "interval", "rank"):
        table.add_column(column, justify="left" if column == "idea" else "right", overflow="fold")
    for idea in one.ideas:
        table.add_row(
            escape(idea.title),
            idea.legal or "-",
            str(idea.legal_rank or "-"),
            idea.calibrated,
            f"{idea.low}–{idea.high}" if idea.low else "",
            str(idea.calibrated_rank or "-"),
        )
    console.print(table, highlight=False)
