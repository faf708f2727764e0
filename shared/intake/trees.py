"""Trees of a mapping file: an expression, a constant, or an object or a list of trees, in the shape of what is sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

from pydantic import Discriminator, Tag
from typing_extensions import TypeAliasType

from shared.intake.cells import text_of
from shared.intake.expressions import (
    ABSENT,
    Column,
    Day,
    Expression,
    Lookup,
    Moment,
    Scalar,
    Split,
    Surroundings,
    Text,
)
from shared.intake.rows import Row

WORDS = ("column", "text", "date", "moment", "split", "lookup", "given", "fields")


def word_of(tree: object) -> str:
    """Which sort of tree it is: the word of its expression, "object", "list" or "constant"."""
    match tree:
        case Expression():
            return next(iter(word for word in WORDS if word in type(tree).model_fields))
        case dict():
            return next((word for word in WORDS if word in tree), "object")
        case list():
            return "list"
        case _:
            return "constant"


if TYPE_CHECKING:
    Tree: TypeAlias = Any
else:
    Tree = TypeAliasType(
        "Tree",
        Annotated[
            Annotated[Column, Tag("column")]
            | Annotated[Text, Tag("text")]
            | Annotated[Day, Tag("date")]
            | Annotated[Moment, Tag("moment")]
            | Annotated[Split, Tag("split")]
            | Annotated[Lookup, Tag("lookup")]
            | Annotated["Given", Tag("given")]
            | Annotated["Fields", Tag("fields")]
            | Annotated[dict[str, "Tree"], Tag("object")]
            | Annotated[list["Tree"], Tag("list")]
            | Annotated[Scalar, Tag("constant")],
            Discriminator(word_of),
        ],
    )


class Given(Expression):
    """`{given: …}`: the tree where at least one of its columns holds something; else it is left out."""

    given: Tree

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield from columns_of(self.given)

    def of(self, row: Row, around: Surroundings) -> Any:
        """See `Expression`."""
        if any(text_of(row.cell(column), column).strip() for column in self.columns()):
            return evaluate(self.given, row, around)
        return ABSENT


class Fields(Expression):
    """`{fields: {text: …}}`: an object, where the name of a field would be taken for an expression."""

    fields: dict[str, Tree]

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield from columns_of(self.fields)

    def of(self, row: Row, around: Surroundings) -> Any:
        """See `Expression`."""
        return evaluate(self.fields, row, around)


def evaluate(tree: Any, row: Row, around: Surroundings) -> Any:
    """What a tree gives for a row; ABSENT parts are left out. Raises RowProblem."""
    match tree:
        case Expression():
            return tree.of(row, around)
        case dict():
            fields = {name: evaluate(part, row, around) for name, part in cast("dict[str, Any]", tree).items()}
            return {name: value for name, value in fields.items() if value is not ABSENT}
        case list():
            parts = [evaluate(part, row, around) for part in cast("list[Any]", tree)]
            return [part for part in parts if part is not ABSENT]
        case _:
            return tree


def columns_of(tree: Any) -> Iterator[str]:
    """The columns that a tree reads."""
    match tree:
        case Expression():
            yield from tree.columns()
        case dict():
            for part in cast("dict[str, Any]", tree).values():
                yield from columns_of(part)
        case list():
            for part in cast("list[Any]", tree):
                yield from columns_of(part)
        case _:
            return
