"""Cells as text. What a person wrote is never changed; only numbers have to be given a way of writing."""

from datetime import date, datetime
from decimal import Decimal

from shared.intake.problems import RowProblem


def text_of(value: object, column: str) -> str:
    """A cell as text: numbers as they are written, nothing as an empty text. Raises RowProblem."""
    match value:
        case None:
            return ""
        case str():
            return _whole_characters(value, column)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _decimal_text(Decimal(repr(value)))
        case Decimal():
            return _decimal_text(value)
        case date() | datetime():
            return value.isoformat()
        case _:
            raise RowProblem("not_a_text", column, kind=type(value).__name__)


def _whole_characters(text: str, column: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RowProblem("half_character", column) from None
    return text


def _decimal_text(value: Decimal) -> str:
    """Without an exponent, and without ".0" where a spreadsheet knows only fractional numbers."""
    text = format(value, "f")
    return text.removesuffix(".0")


def squeezed(text: str) -> str:
    """Without any white space: for identifiers that were typed."""
    return "".join(text.split())
