"""Graph text in tokens, and the place of each for messages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from rewriter.errors import ParseError, RewriterError

_NUMBER = r"(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
_PART = rf"(?:{_NUMBER}|nan|inf)"

COMPLEX = re.compile(rf"(-?{_PART})([+-]{_PART})j")
"""A complex number: its real part and its imaginary part with the sign."""

_TOKEN = re.compile(
    rf"""
    (?P<skip>     [ \t\r\f]+ | \#[^\n]* )
  | (?P<newline>  \n )
  | (?P<complex>  -?{_PART}[+-]{_PART}j\b )
  | (?P<number>   {_NUMBER} )
  | (?P<name>     [^\W\d]\w* )
  | (?P<string>   "[^"\\\n]*(?:\\.[^"\\\n]*)*" )
  | (?P<symbol>   -> | \*\* | // | <= | >= | == | != | [-+*/<>=&|~()\[\],:@] )
  | (?P<unknown>  . )
    """,
    re.VERBOSE,
)


_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


class Token(NamedTuple):
    """A piece of text.

    Attributes:
        kind: "number", "complex", "name", "string", "symbol", "newline" or "end".
        text: the piece itself.
        start: where it begins.
    """

    kind: str
    text: str
    start: int


class Source:
    """A text that is being read.

    Args:
        text: the whole text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def lines(self) -> Iterator[list[Token]]:
        """Yield the tokens of one line after the other, each line with its end; then the end.

        A line goes on while a bracket is open. Empty lines are left out.

        Raises:
            ParseError: a character begins no token.
        """
        line: list[Token] = []
        depth = 0
        for match in _TOKEN.finditer(self.text):
            kind, text = match.lastgroup, match.group()
            if kind == "skip" or (kind == "newline" and (depth or not line)):
                continue
            if kind is None or kind == "unknown":
                self.fail(Token("symbol", text, match.start()), "a name, a number or a symbol")
            line.append(Token(kind, text, match.start()))
            if text in _BRACKETS:
                depth = max(0, depth + _BRACKETS[text])
            elif kind == "newline":
                yield line
                line = []
        if line:
            yield [*line, Token("newline", "\n", len(self.text))]
        yield [Token("end", "", len(self.text))]

    def line(self, start: int) -> int:
        """Return the number of the line in which a place lies, counted from 1."""
        return bisect_left(self._ends, start) + 1

    def place(self, start: int) -> str:
        """Return ``line 3, column 7``, both counted from 1."""
        column = start - (self.text.rfind("\n", 0, start) + 1) + 1
        return f"line {self.line(start)}, column {column}"

    def fail(self, token: Token, expected: str) -> NoReturn:
        """Refuse a token.

        Raises:
            ParseError: always; it names the place, the token and what was expected.
        """
        raise ParseError(
            f"{self.place(token.start)}: expected {expected}", culprit=_shown(token)
        ) from None

    def refuse(self, token: Token, reason: str, culprit: object) -> NoReturn:
        """Refuse what the text says at a token.

        Raises:
            ParseError: always; it names the place, the reason and the culprit.
        """
        raise ParseError(f"{self.place(token.start)}: {reason}", culprit=culprit) from None

    def located(self, error: RewriterError, token: Token) -> RewriterError:
        """Return an error of the same class whose reason names a place: a token's, if none yet."""
        if error.reason.startswith("line "):
            return error
        return type(error)(f"{self.place(token.start)}: {error.reason}", error.culprit)


def _shown(token: Token) -> str:
    if token.kind == "end":
        return "end of text"
    if token.kind == "newline":
        return "end of line"
    return token.text if len(token.text) <= 40 else token.text[:40] + "…"
