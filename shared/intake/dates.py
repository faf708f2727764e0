"""Dates as people write them: by a format, or by the order of day, month and year in named languages. Never guessed.

A number is only a date where the mapping says that it counts seconds; what a spreadsheet stores as a date is one.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

import dateparser

from shared.intake.problems import RowProblem, quoted

Order = Literal["YMD", "MDY", "DMY"]
Epoch = Literal["seconds", "milliseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMERIC = re.compile(r"\s*(\d+)\s*[./-]\s*(\d+)\s*[./-]\s*(\d+)")


def read_epoch(value: object, unit: Epoch) -> datetime:
    """A count since 1970 (UTC) as a moment. Raises RowProblem."""
    try:
        count = Decimal(str(value).strip())
        return _EPOCH + timedelta(microseconds=int(count * (1_000 if unit == "milliseconds" else 1_000_000)))
    except (InvalidOperation, OverflowError, ValueError):
        raise RowProblem("not_a_date", value=quoted(value)) from None


def read_moment(
    value: object, zone: ZoneInfo, formats: Sequence[str], order: Order | None, languages: Sequence[str]
) -> datetime:
    """A moment; what is written without an offset is in `zone`, and a day without a time begins at midnight.

    Formats are tried first, then `order` in the languages, then ISO 8601 where neither is given. Raises RowProblem.
    """
    found = _stored(value) or _formatted(str(value).strip(), formats)
    if found is None and order is not None:
        found = _ordered(str(value), order, languages)
    if found is None and order is None and not formats:
        found = _iso(str(value).strip())
    if found is None:
        raise RowProblem("not_a_date", value=quoted(value))
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _stored(value: Any) -> datetime | None:
    """What a spreadsheet holds as a date."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time()) if isinstance(value, date) else None


def _formatted(text: str, formats: Sequence[str]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _ordered(text: str, order: Order, languages: Sequence[str]) -> datetime | None:
    """Strictly: day, month and year must all be there, nothing is relative to today, and the order is kept."""
    found = dateparser.parse(
        text,
        languages=list(languages),
        settings={
            "DATE_ORDER": order,
            "PREFER_LOCALE_DATE_ORDER": False,
            "STRICT_PARSING": True,
            "PARSERS": ["absolute-time"],
        },
    )
    if found and (figures := _NUMERIC.match(text)):
        day, month = int(figures[order.index("D") + 1]), int(figures[order.index("M") + 1])
        if (day, month) != (found.day, found.month):
            raise RowProblem("date_in_other_order", order=order, value=quoted(text.strip()))
    return found
