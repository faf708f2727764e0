"""Bytes to text: UTF-8 or, as Korean spreadsheets export it, CP949; never with a character replaced."""

import codecs
from pathlib import Path

from shared.intake.problems import FileProblem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK = "\ufeff"
_REPLACED = "\ufffd"


def decode(path: Path, content: bytes, encoding: str | None = None) -> str:
    """The text of a file, in the encoding named, the one its byte-order mark tells, else UTF-8, else CP949.

    Raises FileProblem with line and byte where it does not decode. A text that is UTF-8 but for a few bytes is called
    broken UTF-8 and not guessed to be CP949, in which those bytes may mean something by chance.
    """
    named = encoding or _marked(content)
    if named:
        return _strictly(path, content, named).removeprefix(_MARK)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8 = error
    if _is_nearly_utf8(content):
        raise FileProblem(path.name, "encoding_wrong", encoding="UTF-8", where=_where(content, utf8.start))
    try:
        return content.decode("cp949")
    except UnicodeDecodeError as error:
        places = {"utf8": _where(content, utf8.start), "cp949": _where(content, error.start)}
    raise FileProblem(path.name, "encoding_unknown", **places)


def _marked(content: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)


def _strictly(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        where = _where(content, error.start)
    raise FileProblem(path.name, "encoding_wrong", encoding=encoding, where=where)


def _is_nearly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", errors="replace")
    replaced = text.count(_REPLACED)
    return sum(character > "\x7f" for character in text) - replaced > replaced


def _where(content: bytes, position: int) -> str:
    """Such as "line 3, byte 17 (0xff)": bytes count from 1 within the line."""
    line_start = content.rfind(b"\n", 0, position) + 1
    line = content.count(b"\n", 0, position) + 1
    return f"line {line}, byte {position - line_start + 1} (0x{content[position]:02x})"
