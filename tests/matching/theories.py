"""Operators of every theory, constants and variables, and how a problem's text is read."""

from typing import Any

from rewriter.matching import Operator, constants, rest, variables

a, b, c, d, zero, one = constants("a b c d zero one")
x, y, z, u, v, w = variables("x y z u v w")
r, s, t = map(rest, "rst")

free = Operator("free")
wrap = Operator("wrap")
pair = Operator("pair", commutative=True)
sequence = Operator("sequence", associative=True)
word = Operator("word", associative=True, unit=one)
bag = Operator("bag", associative=True, commutative=True)
plus = Operator("plus", associative=True, commutative=True, unit=zero)
times = Operator("times", associative=True, commutative=True, unit=one)
chain = Operator("chain", associative=True, commutative=True, idempotent=True)
union = Operator("union", associative=True, commutative=True, idempotent=True, unit=zero)

OPERATORS = {
    each.name: each for each in (free, wrap, pair, sequence, word, bag, plus, times, chain, union)
}
NAMES: dict[str, Any] = {
    **OPERATORS,
    **{each.name: each for each in (a, b, c, d, zero, one, x, y, z, u, v, w, r, s, t)},
}


def read(text: str) -> Any:
    """Return the term that a text in Python's syntax spells."""
    return eval(text, {"__builtins__": {}}, NAMES)
