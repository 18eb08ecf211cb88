"""Reading expressions: operator precedence with a stack of its own, so depth is no recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rewriter.text.expression import INFIX, PREFIX, Level
from rewriter.text.names import DATA_TYPES, RESERVED, SPECIAL_NUMBERS
from rewriter.text.reader import Reader
from rewriter.text.syntax import Application, BareNumber, Bounds, Code, Reference, Subscript
from rewriter.text.tokens import Token

_INFIX = {symbol: (primitive.name, level) for primitive, (symbol, level) in INFIX.items()}
_PREFIX = {symbol: primitive.name for primitive, symbol in PREFIX.items()}


@dataclass(slots=True)
class _Operator:
    """An operator that waits for its right operand."""

    name: str
    level: Level
    count: int
    token: Token


@dataclass(slots=True)
class _Bracket:
    """An open parenthesis: of a call, or of a group where ``name`` is empty."""

    name: str
    token: Token
    count: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)


class Formula:
    """One expression, from where the reader stands to the first token that cannot continue it.

    Args:
        reader: where to read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._waiting: list[_Operator | _Bracket] = []
        self._code: Code = []

    def read(self) -> Code:
        """Return the expression in postfix order.

        Raises:
            ParseError, DataTypeError, ShapeError: it is none.
        """
        complete: bool | None = False
        while complete is not None:
            complete = self._after_operand() if complete else self._operand()
        return self._code

    # Where an operand is expected ----------------------------------------------------------------
    def _operand(self) -> bool:
        """Read one operand or an opening; tell whether an operand is complete."""
        reader = self._reader
        kind, text, _ = token = reader.token
        if kind == "name":
            return self._name(token)
        if kind == "string":
            return self._quoted(token)
        if kind == "number" or (text == "-" and self._starts_number()):
            self._code.append(BareNumber(reader.number(), token))
            return True
        if kind == "symbol" and text in _PREFIX:
            self._waiting.append(_Operator(_PREFIX[text], Level.SIGN, 1, reader.take()))
            return False
        if kind == "symbol" and text == "(":
            self._waiting.append(_Bracket("", reader.take()))
            return False
        reader.fail("an operand")

    def _starts_number(self) -> bool:
        """Tell whether a minus belongs to a number: not in ``-2 ** x``, which is ``-(2 ** x)``."""
        number, after = self._reader.following(1), self._reader.following(2)
        return (number.kind == "number" or number.text in ("nan", "inf")) and after.text != "**"

    def _quoted(self, token: Token) -> bool:
        """Read a name in quotes, or a constant of a dtype in quotes: ``"int4"[2]("…")``."""
        reader = self._reader
        steps = 1
        if reader.following().text == "[":
            while reader.following(steps).text not in ("]", ""):
                steps += 1
            steps += 1
        is_constant = reader.following(steps).text == "("
        self._code.append(
            reader.literal() if is_constant else Reference(reader.name("a name"), token)
        )
        return True

    def _name(self, token: Token) -> bool:
        reader, text = self._reader, token.text
        if text in DATA_TYPES:
            self._code.append(reader.literal())
            return True
        if text in SPECIAL_NUMBERS:
            self._code.append(BareNumber(reader.number(), token))
            return True
        if reader.following().text != "(":
            if text in RESERVED:
                reader.fail("an operand")
            self._code.append(Reference(text, reader.take()))
            return True
        reader.take()
        reader.take()
        self._waiting.append(_Bracket(text, token))
        return self._arguments()

    def _arguments(self) -> bool:
        """Read attributes up to the next operand or the end of the call; tell whether it ended."""
        reader = self._reader
        bracket = self._waiting[-1]
        assert isinstance(bracket, _Bracket)
        while not reader.at(")"):
            if reader.token.kind != "name" or reader.following().text != "=":
                return False
            name = reader.take()
            if name.text in bracket.attributes:
                reader.source.refuse(name, "an attribute is given twice", name.text)
            reader.take()
            bracket.attributes[name.text] = reader.value()
            if not reader.at(")"):
                reader.expect(",", " or ')'")
        reader.take()
        self._waiting.pop()
        self._code.append(
            Application(bracket.name, bracket.count, bracket.attributes, bracket.token)
        )
        return True

    # Where an operand is complete ----------------------------------------------------------------
    def _after_operand(self) -> bool | None:
        """Read what follows an operand; None where nothing of this expression does."""
        reader = self._reader
        kind, text, _ = reader.token
        if kind == "symbol":
            if text in _INFIX:
                self._infix(*_INFIX[text], reader.take())
                return False
            if text == "[":
                self._code.append(Subscript(self._bounds(), reader.token))
                return True
        self._apply_down_to(0)
        if not self._waiting:
            return None
        bracket = self._waiting[-1]
        assert isinstance(bracket, _Bracket)
        if bracket.name:
            bracket.count += 1
            if not reader.at(")"):
                reader.expect(",", f" or ')', to end {bracket.name}(…")
            return self._arguments()
        reader.expect(")", " or an operator")
        self._waiting.pop()
        return True

    def _infix(self, name: str, level: Level, token: Token) -> None:
        self._apply_down_to(level + 1)
        top = self._waiting[-1] if self._waiting else None
        if level is Level.COMPARISON and isinstance(top, _Operator):
            self._reader.source.refuse(
                token, "comparisons do not chain; use parentheses", token.text
            )
        if level is not Level.POWER:
            self._apply_down_to(level)
        self._waiting.append(_Operator(name, level, 2, token))

    def _apply_down_to(self, level: int) -> None:
        """Apply the waiting operators that hold at least that tightly."""
        while self._waiting:
            top = self._waiting[-1]
            if not isinstance(top, _Operator) or top.level < level:
                return
            self._waiting.pop()
            self._code.append(Application(top.name, top.count, {}, top.token))

    def _bounds(self) -> list[Bounds]:
        """Read ``[1:, :n, ::2]``."""
        reader = self._reader
        reader.expect("[")
        bounds = []
        while not reader.at("]"):
            start = None if reader.at(":") else reader.dimension()
            reader.expect(":", " between the bounds of a slice")
            stop = None if reader.token.text in (":", ",", "]") else reader.dimension()
            step = self._step() if reader.accept(":") else 1
            bounds.append(Bounds(start, stop, step))
            if not reader.accept(","):
                break
        reader.expect("]", " after the bounds of a slice")
        return bounds

    def _step(self) -> int:
        token = self._reader.token
        step = self._reader.dimension()
        if not isinstance(step, int) or step < 1:
            self._reader.source.refuse(token, "a step is a positive integer", token.text)
        return step
