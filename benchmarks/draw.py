"""The comparison as one page: bars in SVG, nothing to load from anywhere."""

from html import escape

from benchmarks.bench import Results

WIDTH, BAR, GAP, LABEL = 860, 22, 8, 260

GROUPS = (
    (
        "One service, events a second: 3,000 hot keys",
        (("Owlbus", "stage_hot_per_s"), ("floor, no guarantee", "floor_hot_per_s")),
    ),
    (
        "One service, events a second: every key once",
        (
            ("Owlbus", "stage_distinct_per_s"),
            ("floor, no guarantee", "floor_distinct_per_s"),
            ("Kafka Streams, exactly once", "streams_distinct_per_s"),
            ("tutorial, one at a time", "tutorial_per_s"),
        ),
    ),
    ("Four services in a chain, events a second", (("Owlbus", "chain_per_s"), ("floor", "floor_chain_per_s"))),
    (
        "Latency through the chain, milliseconds",
        (
            ("50 a second, median", "latency_50_p50_ms"),
            ("50 a second, 99 %", "latency_50_p99_ms"),
            ("70 % of what it can do, median", "latency_70pct_p50_ms"),
            ("70 % of what it can do, 99 %", "latency_70pct_p99_ms"),
        ),
    ),
    (
        "Commands a second, 50 clients",
        (
            ("in process", "commands_per_s"),
            ("HTTP and JWT, one replica", "http_commands_per_s"),
            ("HTTP and JWT, two replicas", "http_two_commands_per_s"),
            ("whole main line, four services", "line_commands_per_s"),
        ),
    ),
    (
        "The log, events a second",
        (
            ("rebuild", "rebuild_events_per_s"),
            ("verify from topics", "verify_topics_events_per_s"),
            ("verify from an export", "verify_export_events_per_s"),
        ),
    ),
)

STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em;color:#222}
h2{font-size:1.05em;margin:1.6em 0 .3em}svg{width:100%;height:auto}text{font:13px system-ui,sans-serif;fill:#222}
@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}text{fill:#eee}}"""


def page(results: Results) -> str:
    """The page."""
    parts = [_group(results, title, rows) for title, rows in GROUPS]
    noise = ", ".join(f"{name} {value:.0%}" for name, value in results.noise().items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Owlbus benchmark</title><style>{STYLE}</style>'
        "<h1>Owlbus benchmark</h1><p>Medians over rounds in which the sides took turns, on one machine, on the same"
        f" servers, with the same events.</p>{''.join(parts)}<p>Spread of the rounds: {escape(noise)}.</p></html>\n"
    )


def _group(results: Results, title: str, rows: tuple[tuple[str, str], ...]) -> str:
    found = [(label, results.figures[name]) for label, name in rows if name in results.figures]
    if not found:
        return ""
    largest = max(value for _, value in found) or 1.0
    height = len(found) * (BAR + GAP)
    bars = "".join(_bar(place, label, value, largest) for place, (label, value) in enumerate(found))
    name = escape(title)
    return f'<h2>{name}</h2><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{bars}</svg>'


def _bar(place: int, label: str, value: float, largest: float) -> str:
    y = place * (BAR + GAP)
    width = max(1.0, (WIDTH - LABEL - 90) * value / largest)
    fill = "#2a6f97" if place == 0 else "#a9b4bd"
    middle = y + BAR * 0.7
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    return (
        f'<text x="{LABEL - 10}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3" fill="{fill}"/>'
        f'<text x="{LABEL + width + 8:.1f}" y="{middle}">{figure}</text>'
    )
