"""The account on a terminal, titles in Korean and English."""

from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus import words
from owlbus.demo.account import Account, Step
from owlbus.demo.data import cast
from owlbus.demo.procedure.terminal import tell as tell_procedure
from shared.rules.calendar import SEOUL

BAR = 36
MOST_FAULTS = 20
"""As many are printed; the figures hold all."""

NOTICE = "ideas.NoticeIssued"


def tell(console: Console, account: Account) -> None:
    """Print it."""
    console.print()
    if account.rule:
        console.print(f"[bold]규칙[/]  {escape(account.rule)}\n", highlight=False)
    _counted(console, account)
    _funnel(console, account)
    _timeline(console, account)
    _awards(console, account)
    _spread(console, account)
    _procedure(console, account)
    _refusals(console, account)
    _log(console, account)
    _times(console, account)
    _verdict(console, account)


def _title(console: Console, korean: str, english: str) -> None:
    console.print(f"\n[bold]{korean}[/]  [dim]{english}[/]", highlight=False)


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _counted(console: Console, account: Account) -> None:
    if not account.counted:
        return
    _title(console, "가져온 자료", "what was imported, held against the files")
    table = _table("", "files", "Owlbus", "", right=("files", "Owlbus"))
    for name, (korean, english) in words.COUNTED.items():
        found, wanted = account.counted[name], account.wanted[name]
        same = "[green]=[/]" if found == wanted else "[red]≠[/]"
        table.add_row(f"{korean} [dim]{english}[/]", f"{wanted:,}", f"{found:,}", same)
    console.print(table, highlight=False)


def _funnel(console: Console, account: Account) -> None:
    _title(console, "단계별 제안 현황", "the funnel")
    table = _table("step", "ideas", "", right=("ideas",))
    most = max(1, account.ideas)
    for step, (korean, english) in words.FUNNEL.items():
        count = account.funnel[step]
        bar = "█" * max(round(BAR * count / most), 1 if count else 0)
        table.add_row(f"{korean} [dim]{english}[/]", f"{count:,}", f"[cyan]{bar}[/]")
    console.print(table, highlight=False)
    aside = [
        f"{korean} [dim]{english}[/] {account.endings[code]:,}" for code, (korean, english) in words.SIDEWAYS.items()
    ]
    console.print("  ".join(aside), highlight=False)


def _timeline(console: Console, account: Account) -> None:
    if not account.timeline:
        return
    _title(console, f"처리 경과: {escape(account.timeline_title)}", "one idea across the four services")
    table = _table("when", "service", "step", "who", "event", "caused by")
    for step in account.timeline:
        if step.type == NOTICE:
            continue
        table.add_row(
            datetime.fromisoformat(step.time).astimezone(SEOUL).strftime("%Y-%m-%d %H:%M"),
            step.service,
            _what(step),
            words.who(step.type, step.role),
            step.id,
            cause(step.caused_by),
        )
    console.print(table, highlight=False)
    told = sum(step.type == NOTICE for step in account.timeline)
    console.print(
        f"통지 {told}건은 줄였습니다 [dim]{told} notices to the authors are left out here[/]", highlight=False
    )


def _what(step: Step) -> str:
    korean, english = words.EVENTS.get(step.type, (step.type, ""))
    detail = f" [cyan]{escape(_placed(step.detail))}[/]" if step.detail else ""
    return f"{korean} [dim]{english}[/]{detail}"


def _placed(detail: str) -> str:
    """A detail that begins with the code of a department names it instead."""
    code, colon, rest = detail.partition(":")
    return cast().place(code) + colon + rest


def cause(caused_by: str) -> str:
    """What caused an event, short: a position, a command, a deadline."""
    kind, _, rest = caused_by.partition("/")
    if kind == "command":
        return f"command {rest[:8]}"
    if kind == "deadline":
        return f"deadline {rest.rpartition('/')[2]}"
    return caused_by


def _awards(console: Console, account: Account) -> None:
    if not account.round:
        return
    _title(console, "시상 내역", "awards, split by shares to the won")
    table = _table("category", "grade", "idea", "prize", "authors", right=("prize",))
    for award in account.awards:
        parts = "\n".join(f"{part.name} {part.share}%  {words.won(part.won)}" for part in award.payments)
        table.add_row(award.category, award.grade, escape(award.title), words.won(award.prize_won), parts)
    console.print(table, highlight=False)
    for category in account.no_winner:
        console.print(f"{category}: 수상작 없음 [dim]no winner[/]", highlight=False)
    money = {name: words.won(account.round[f"{name}_won"]) for name in ("budget", "granted", "returned")}
    console.print(
        f"예산 {money['budget']} = 시상 {money['granted']} + 반납 {money['returned']} "
        "[dim]budget = granted + returned[/]",
        highlight=False,
    )


def _spread(console: Console, account: Account) -> None:
    if not account.spread:
        return
    _title(console, "확산", "cases at other departments")
    table = _table("case", "target", "answer", "on", "reason")
    for offer in account.spread:
        korean, english = words.ANSWERS[offer.answer]
        title, reason = escape(offer.title), escape(offer.reason)
        day = f"~{offer.on}" if offer.answer in words.UNANSWERED else offer.on
        table.add_row(title, cast().place(offer.target), f"{korean} [dim]{english}[/]", day, reason)
    console.print(table, highlight=False)


def _procedure(console: Console, account: Account) -> None:
    if account.procedure.told:
        _title(console, "절차와 공정성", "pauses, merges, re-examination, claims, conflicts, calibrated scores")
        tell_procedure(console, account.procedure)


def _refusals(console: Console, account: Account) -> None:
    if not account.refusals:
        return
    _title(console, "거절된 요청", "what the rules refused, and why")
    table = _table("request", "role", "status", "reason")
    for refusal in account.refusals:
        role = words.ROLES.get(refusal["role"], refusal["role"])
        table.add_row(refusal["what"], role, refusal["status"], refusal["code"])
    console.print(table, highlight=False)


def _log(console: Console, account: Account) -> None:
    _title(console, "기록 확인", "the log, read from its topics alone")
    table = _table("topic", "events", right=("events",))
    for topic, count in account.log["topics"].items():
        table.add_row(topic, f"{count:,}")
    console.print(table, highlight=False)
    sources: dict[str, list[str]] = {}
    for source, head in account.log["heads"].items():
        service, _, number = source.partition("/")
        sources.setdefault(service, []).append(f"{number}:{head['sequence']}")
    for service, ends in sources.items():
        console.print(f"[dim]{service}[/] {len(ends)} chains, last event of each {' '.join(ends)}", highlight=False)
    log = account.log
    console.print(
        f"{log['events']:,} events of {log['sources']} sources, {log['redelivered']:,} copies, "
        f"{'every chain is whole' if log['ok'] else 'CHAINS ARE BROKEN'}",
        highlight=False,
    )


def _times(console: Console, account: Account) -> None:
    _title(console, "걸린 시간", "wall seconds")
    spent = "  ".join(f"{name} {seconds:.1f}" for name, seconds in account.seconds.items())
    phases = "  ".join(f"{name} {seconds:.1f}" for name, seconds in account.phases.items())
    console.print(f"{spent}\n[dim]{phases}[/]", highlight=False)
    console.print(f"{account.requests:,} requests, {account.retries:,} of them sent again", highlight=False)


def _verdict(console: Console, account: Account) -> None:
    for fault in account.fault_list[:MOST_FAULTS]:
        console.print(f"[red]어긋남 fault[/]: {escape(fault)}", highlight=False)
    if account.faults > MOST_FAULTS:
        more = account.faults - MOST_FAULTS
        console.print(f"[red]그 밖에 {more:,}건[/] [dim]{more:,} more stand in demo.json[/]", highlight=False)
    colour = "red" if account.faults else "green"
    console.print(f"\n[bold {colour}]{account.ideas:,} ideas, {account.faults} faults[/]", highlight=False)
