"""What can be wrong with a file or a row that comes from elsewhere, with the words for it.

The codes are stable, the words may be improved. Nothing here quotes more of a cell than a person needs to find it.
"""

from typing import Any, Literal

Language = Literal["ko", "en"]

QUOTED = 40
"""Characters of a cell that a message quotes at most."""

TEXTS: dict[str, tuple[str, str]] = {
    # files
    "file_missing": ("파일을 찾을 수 없습니다", "There is no such file"),
    "no_files": ("폴더에 {pattern} 파일이 없습니다", "The folder holds no {pattern}"),
    "file_empty": ("빈 파일입니다", "The file is empty"),
    "file_unreadable": ("파일을 읽을 수 없습니다: {detail}", "The file can't be read: {detail}"),
    "format_unknown": (
        "확장자 {suffix}로는 형식을 알 수 없습니다. 매핑 파일에 format을 적어 주세요",
        "The ending {suffix} tells no format: name it in the mapping file (format)",
    ),
    "encoding_unknown": (
        "UTF-8도 CP949도 아닙니다 (UTF-8: {utf8}, CP949: {cp949})",
        "Neither UTF-8 nor CP949 (UTF-8: {utf8}; CP949: {cp949})",
    ),
    "encoding_wrong": ("{encoding} 인코딩이 아닙니다: {where}", "Not {encoding}: {where}"),
    "not_json": ("올바른 JSON이 아닙니다: {detail}", "Not JSON: {detail}"),
    "shape_unknown": (
        "객체의 목록도, 길이가 같은 목록의 객체도 아닙니다",
        "Neither a list of objects nor an object of lists",
    ),
    "columns_uneven": ("열의 길이가 서로 다릅니다: {lengths}", "The columns differ in length: {lengths}"),
    "not_a_workbook": (
        "XLSX 통합 문서가 아닙니다 (.xls 형식이나 암호로 보호된 문서는 .xlsx로 다시 저장해 주세요)",
        "Not an XLSX workbook (save an old .xls, or one with a password, as .xlsx)",
    ),
    "sheet_missing": ("시트 {sheet}이(가) 없습니다. 있는 시트: {sheets}", "No sheet {sheet}; there are: {sheets}"),
    "header_unnamed": ("{position}번째 열에 이름이 없습니다", "Column {position} has no name"),
    "header_twice": ("열 이름 {name}이(가) 두 번 나옵니다", "Two columns are called {name}"),
    "row_unreadable": ("{row}행: {said}", "Row {row}: {said}"),
    "looked_up_twice": (
        "{row}행: {key}이(가) 두 번 나오는데 값이 다릅니다",
        "Row {row}: {key} is there twice, with different values",
    ),
    # rows
    "ragged": (
        "칸이 {cells}개인데 머리글은 {columns}개입니다",
        "The row has {cells} cells, the header {columns}",
    ),
    "bad_quotes": ("따옴표가 맞지 않습니다 ({detail})", "Quotation marks don't match ({detail})"),
    "not_an_object": ("JSON 객체가 아닙니다", "Not a JSON object"),
    "formula_without_result": (
        "수식의 계산 결과가 저장되어 있지 않습니다. 엑셀에서 열어 다시 저장해 주세요",
        "A formula without its stored result: open and save the file in a spreadsheet program",
    ),
    "cell_error": ("칸에 오류 값 {value}이(가) 있습니다", "The cell holds the error {value}"),
    # mapping a row
    "no_column": ("그런 열이 없습니다. 있는 열: {columns}", "There is no such column; there are: {columns}"),
    "empty_cell": ("빈칸입니다", "The cell is empty"),
    "not_a_text": ("글이나 숫자가 아니라 {kind}입니다", "Neither text nor number but {kind}"),
    "half_character": (
        "글자의 절반만 있습니다 (짝 없는 서로게이트)",
        "Half a character (a surrogate without its other half)",
    ),
    "not_a_number": ("숫자가 아닙니다: {value}", "Not a number: {value}"),
    "not_a_date": ("날짜로 읽을 수 없습니다: {value}", "Can't be read as a date: {value}"),
    "date_in_other_order": ("{order} 순서의 날짜가 아닙니다: {value}", "A date, but not in the order {order}: {value}"),
    "value_unknown": ("표에 없는 값입니다: {value}", "Not in the table of values: {value}"),
    "part_unreadable": ("이 부분을 나눌 수 없습니다: {value}", "This part can't be taken apart: {value}"),
    "lookup_missing": ("{file}에 {value}이(가) 없습니다", "{value} is not in {file}"),
    "duplicate_key": ("{where}와(과) 키가 같습니다", "Same key as {where}"),
    "not_the_same": (
        "{where}와(과) 키가 같은데 내용이 다릅니다",
        "Same key as {where}, but what it gives differs",
    ),
    # notes: the row is sent
    "cut": ("{from_}자를 {to}자로 줄였습니다", "Cut from {from_} characters to {to}"),
}


class Problem(Exception):
    """Something is wrong; `code` is a key of TEXTS, `facts` fill its words."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def said(self, language: Language = "en") -> str:
        """What is wrong, for people."""
        korean, english = TEXTS[self.code]
        return (korean if language == "ko" else english).format(**self.facts)

    def __str__(self) -> str:
        return self.said()


class FileProblem(Problem):
    """A whole file can't be read. `file` names it as the person did."""

    def __init__(self, file: str, code: str, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.file = file

    def said(self, language: Language = "en") -> str:
        """What is wrong with which file, for people."""
        return f"{self.file}: {super().said(language)}"


class RowProblem(Problem):
    """One row can't be read or mapped; `column` is where, empty where it is the row as a whole."""

    def __init__(self, code: str, column: str = "", **facts: Any) -> None:
        super().__init__(code, **facts)
        self.column = column


def quoted(value: object) -> str:
    """A value for a message, short."""
    text = str(value)
    return f"“{text[:QUOTED]}{'…' if len(text) > QUOTED else ''}”"
