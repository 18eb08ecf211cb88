"""Reading what stands inside a line of graph text: types, attribute values, constants."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from rewriter.errors import DataTypeError, ParseError, RewriterError
from rewriter.graph.dimension import Dimension, checked_dimension, parse_dimension
from rewriter.graph.opaque import Label, labelled
from rewriter.text.literals import Number
from rewriter.text.names import DATA_TYPES, RESERVED, SPECIAL_NUMBERS, Quoted, unquoted
from rewriter.text.syntax import GraphName, Literal, Type
from rewriter.text.tokens import COMPLEX, Source, Token

_SPECIAL: dict[str, Any] = {
    "nan": math.nan,
    "inf": math.inf,
    "True": True,
    "False": False,
    "None": None,
}
_INTEGER = re.compile(r"\d+")


class Reader:
    """A place in a line of tokens, and what can be read from there.

    Args:
        source: the text.
        objects: objects that the text may name, beside those that are alive in the process.
    """

    def __init__(self, source: Source, objects: Mapping[str, Any]) -> None:
        self.source = source
        self._lines = source.lines()
        self.tokens = next(self._lines)
        self.position = 0
        self.objects = objects

    # Tokens --------------------------------------------------------------------------------------
    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def following(self, steps: int = 1) -> Token:
        """Return the token that many steps after the next one, or the end of the line."""
        return self.tokens[min(self.position + steps, len(self.tokens) - 1)]

    def at(self, symbol: str) -> bool:
        """Tell whether the next token is that symbol."""
        kind, text, _ = self.tokens[self.position]
        return text == symbol and kind == "symbol"

    def take(self) -> Token:
        """Return the next token and go past it."""
        token = self.tokens[self.position]
        self.position += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Go past a symbol where it is the next token, and tell whether it was."""
        found = self.at(symbol)
        self.position += found
        return found

    def expect(self, symbol: str, purpose: str = "") -> Token:
        """Go past a symbol.

        Raises:
            ParseError: something else stands there.
        """
        if not self.at(symbol):
            self.fail(f"'{symbol}'{purpose}")
        return self.take()

    def fail(self, expected: str) -> NoReturn:
        """Refuse the next token.

        Raises:
            ParseError: always.
        """
        self.source.fail(self.token, expected)

    def end_line(self) -> None:
        """Go past the end of the line.

        Raises:
            ParseError: the line does not end here.
        """
        if self.token.kind not in ("newline", "end"):
            self.fail("the end of the line")
        if self.token.kind == "newline":
            self.tokens, self.position = next(self._lines), 0

    # Names and types -----------------------------------------------------------------------------
    def name(self, what: str) -> str:
        """Return a name, in quotes or not.

        Raises:
            ParseError: there is none, or it is reserved and not in quotes.
        """
        token = self.token
        if token.kind == "string":
            return str(self.string())
        if token.kind != "name" or token.text in RESERVED:
            self.fail(what)
        return self.take().text

    def string(self) -> Quoted:
        """Return a text that stands in quotes.

        Raises:
            ParseError: it has an escape that does not exist.
        """
        token = self.take()
        try:
            return unquoted(token.text)
        except ValueError:
            self.source.refuse(token, "no such escape in a text", token.text)

    def dtype(self) -> str:
        """Return a dtype.

        Raises:
            ParseError, DataTypeError: there is none, or none of that name.
        """
        token = self.token
        if token.kind == "string":
            return str(self.string())
        if token.kind != "name":
            self.fail("a dtype")
        if token.text not in DATA_TYPES:
            raise self.source.located(DataTypeError("no such dtype", token.text), token)
        return self.take().text

    def type(self) -> Type:
        """Return ``float32[n, 5]``.

        Raises:
            ParseError, DataTypeError, ShapeError: it is no type.
        """
        token = self.token
        dtype = self.dtype()
        return Type(dtype, self.shape() if self.at("[") else (), token)

    def shape(self) -> tuple[Dimension, ...]:
        """Return ``[n, 5]``.

        Raises:
            ParseError, ShapeError: it is no shape.
        """
        self.expect("[")
        shape = []
        while not self.at("]"):
            shape.append(self.dimension())
            if not self.accept(","):
                break
        self.expect("]", " after the dimensions")
        return tuple(shape)

    def dimension(self) -> Dimension:
        """Return ``n``, ``5`` or ``2*n+1``.

        Raises:
            ParseError, ShapeError: it is no dimension.
        """
        token = self.token
        text = self._sum()
        if not text:
            self.fail("a dimension")
        try:
            return checked_dimension(int(text) if _INTEGER.fullmatch(text) else text)
        except (RewriterError, ValueError):
            self.source.refuse(token, "expected a dimension", text)

    def _sum(self) -> str:
        """Return the text of integers and names joined by ``+ - *``."""
        start = self.position
        while self.token.kind in ("number", "name") or self.token.text in ("+", "-", "*"):
            self.position += 1
        return "".join(token.text for token in self.tokens[start : self.position])

    # Attribute values ----------------------------------------------------------------------------
    def value(self) -> Any:
        """Return an attribute's value: a number, a text, a dimension, an object, a tuple of such.

        Raises:
            ParseError: it is none.
        """
        open_tuples: list[list[Any]] = []
        while True:
            if self.accept("("):
                open_tuples.append([])
                if not self.at(")"):
                    continue
            else:
                item = self._atom()
                if not open_tuples:
                    return item
                open_tuples[-1].append(item)
                if self.accept(",") and not self.at(")"):
                    continue
            while True:
                self.expect(")", " or ','")
                done = tuple(open_tuples.pop())
                if not open_tuples:
                    return done
                open_tuples[-1].append(done)
                if self.accept(",") and not self.at(")"):
                    break

    def _atom(self) -> Any:
        token = self.token
        if token.kind == "string":
            return self.string()
        if self.accept("<"):
            return self._object(token)
        if self.accept("@"):
            return GraphName(self.name("the name of a graph"), token)
        text = self._sum()
        if not text:
            self.fail("a value")
        if text in _SPECIAL:
            return _SPECIAL[text]
        if text.removeprefix("-") in ("nan", "inf"):
            return -_SPECIAL[text[1:]]
        return self._numeral(text, token)

    def _numeral(self, text: str, token: Token) -> Any:
        digits = text.removeprefix("-")
        try:
            if _INTEGER.fullmatch(digits):
                return int(text)
            if digits[0].isdigit() or digits[0] == ".":
                return float(text)
        except ValueError:
            pass
        try:
            return parse_dimension(text)
        except RewriterError:
            self.source.refuse(token, "expected a value", text)

    def _object(self, token: Token) -> Any:
        name = self.name("the name of an object")
        number = 1
        if self.accept(":"):
            if not _INTEGER.fullmatch(self.token.text):
                self.fail("the number of an object")
            number = int(self.take().text)
        self.expect(">")
        written = name if number == 1 else f"{name}:{number}"
        if written in self.objects:
            return self.objects[written]
        try:
            return labelled(Label(name, number))
        except ParseError as error:
            raise self.source.located(error, token) from None

    # Constants -----------------------------------------------------------------------------------
    def literal(self) -> Literal:
        """Return ``float32(0.5)``, ``int64([1, 2])``, ``float32[n](0.0)``, ``float32[2]("…")``.

        Raises:
            ParseError, DataTypeError, ShapeError: it is none.
        """
        token = self.token
        dtype = self.dtype()
        shape = self.shape() if self.at("[") else None
        self.expect("(")
        if self.token.kind == "string":
            content: str | list[Number] = str(self.string())
            counts: tuple[int, ...] = ()
        else:
            content, counts = self._numbers()
        self.expect(")", " after the value of a constant")
        return Literal(dtype, shape, content, counts, token)

    def _numbers(self) -> tuple[list[Number], tuple[int, ...]]:
        """Return the numbers of nested brackets, in order, and the shape of the nesting."""
        rows = Rows(self)
        while not rows.complete:
            if self.accept("["):
                rows.begin()
                if not self.accept("]"):
                    continue
                rows.end()
            else:
                rows.add(self.number())
            while not rows.complete and not self.accept(","):
                self.expect("]", " or ','")
                rows.end()
        return rows.numbers, tuple(rows.lengths)

    def number(self) -> Number:
        """Return a number, with its sign.

        Raises:
            ParseError: it is none, or it is too large for a float64.
        """
        token = self.token
        negative = self.accept("-")
        kind, text, _ = self.take()
        if kind == "complex":
            real, imaginary = COMPLEX.fullmatch(text).groups()  # type: ignore[union-attr]
            number: Number = complex(float(real), float(imaginary))
        elif kind == "number":
            number = self._magnitude(text, token)
        elif kind == "name" and text in (("nan", "inf") if negative else SPECIAL_NUMBERS):
            number = _SPECIAL[text]
        else:
            self.position -= 1
            self.fail("a number")
        return -number if negative else number

    def _magnitude(self, text: str, token: Token) -> int | float:
        try:
            magnitude = int(text) if _INTEGER.fullmatch(text) else float(text)
        except ValueError:
            self.source.refuse(token, "an integer of too many digits", text[:40] + "…")
        if magnitude == math.inf:
            self.source.refuse(token, "larger than any float64", text)
        return magnitude


_OPEN = -1
"""The length of rows of which none has ended."""


class Rows:
    """Numbers in nested rows that are being read.

    Args:
        reader: where they are read, for messages.
    """

    def __init__(self, reader: Reader) -> None:
        self.numbers: list[Number] = []
        self.lengths: list[int] = []
        self.complete = False
        self._reader = reader
        self._counts: list[int] = []
        self._deepest = False

    def begin(self) -> None:
        """Begin a row."""
        self._counts.append(0)
        if len(self._counts) > len(self.lengths):
            if self._deepest:
                self._refuse("rows beside numbers", "[")
            self.lengths.append(_OPEN)

    def add(self, number: Number) -> None:
        """Add a number to the innermost row."""
        self.numbers.append(number)
        self._deepest = True
        self._count_one(len(self.lengths))

    def end(self) -> None:
        """End a row."""
        count = self._counts.pop()
        depth = len(self._counts)
        self._deepest = True
        if self.lengths[depth] not in (_OPEN, count):
            self._refuse("rows of different lengths", f"{count} after {self.lengths[depth]}")
        self.lengths[depth] = count
        self._count_one(depth)

    def _count_one(self, depth: int) -> None:
        """Count an element of the row that is open; elements of one row lie equally deep."""
        if depth != len(self._counts):
            self._refuse("numbers beside rows", self._reader.tokens[self._reader.position - 1].text)
        if self._counts:
            self._counts[-1] += 1
        else:
            self.complete = True

    def _refuse(self, reason: str, culprit: str) -> NoReturn:
        token = self._reader.tokens[self._reader.position - 1]
        self._reader.source.refuse(token, reason, culprit)
