"""Pieces of Python source with what is needed to put them into larger ones.

``Phrase("x + y", SUM)`` gains parentheses as a factor and keeps none as an argument.
"""

from __future__ import annotations

from typing import NamedTuple

CHOICE, COMPARISON, BITWISE, SUM, PRODUCT, SIGN, POWER, ATOM = range(8)
"""How strongly an expression binds; Python's order."""


class Phrase(NamedTuple):
    """An expression.

    Attributes:
        code: its source text.
        binding: how strongly its outermost operator binds.
        names: the variables that it reads.
        weak: a number as plain Python writes it, where ``code`` is one with its dtype; else None.
        depth: how many calls and operators are nested in it.
    """

    code: str
    binding: int = ATOM
    names: tuple[str, ...] = ()
    weak: str | None = None
    depth: int = 0

    def within(self, binding: int) -> str:
        """Return the text as an operand of something that binds so strongly."""
        return self.code if self.binding >= binding else f"({self.code})"


def names_of(parts: tuple[Phrase, ...] | list[Phrase]) -> tuple[str, ...]:
    """Return the variables that any of them reads."""
    return tuple(dict.fromkeys(name for part in parts for name in part.names))


def joined(code: str, parts: tuple[Phrase, ...] | list[Phrase], binding: int = ATOM) -> Phrase:
    """Return a phrase made of others."""
    depth = 1 + max((part.depth for part in parts), default=0)
    return Phrase(code, binding, names_of(parts), None, depth)


def call(function: str, parts: tuple[Phrase, ...] | list[Phrase], *more: str) -> Phrase:
    """Return ``function(parts, more)``."""
    arguments = ", ".join([*(part.code for part in parts), *more])
    return joined(f"{function}({arguments})", parts)


def sequence(items: list[str]) -> str:
    """Return the text of a tuple."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
