"""Numbers of a draw: each has images in a tower of fields and a ball among the reals.

How they are computed with is in `rewriter.checking.world`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from rewriter.errors import RewriterError

Logs = dict["Atom", Fraction]
LARGEST_LOGS = 24
"""Logarithms that a value is known to be made of; beyond, it is a value like any other."""


class Undecided(RewriterError):
    """A branch that the balls do not decide, or a draw that met a zero by chance."""


class Atom:
    """A positive quantity that logarithms are made of.

    Attributes:
        value: the quantity.
        logs: the image of its logarithm on every storey.
        root: a storey-0 element whose ``EXPONENT``-th power is the image, or None.
        summands: what it is the sum of, or None.
    """

    __slots__ = ("logs", "name", "root", "summands", "value", "variable")

    def __init__(self, value: Value, logs: tuple[int, ...], variable: bool, root: int | None,
                 name: str) -> None:  # fmt: skip
        self.value, self.logs, self.variable, self.root = value, logs, variable, root
        self.name = name
        self.summands: list[Value] | None = None


EXPONENT = 5040
"""What the images of variables on storey 0 are powers of, so that they have roots."""


class Value:
    """A number.

    Attributes:
        ball: contains the real number.
        images: one on each storey.
        logs: the atoms whose logarithms, times these rationals, are summands of it; or None.
        floor: the lowest storey on which all its exponentials are homomorphisms.
        recipe: how it was made: ("add", a, b), ("exp", logs, rest), …; or None.
        monomial: what `rewriter.checking.monomials` found, or None.
    """

    __slots__ = ("ball", "floor", "images", "logs", "monomial", "recipe")

    def __init__(
        self,
        ball: arb,
        images: tuple[int, ...],
        recipe: Any = None,
        logs: Logs | None = None,
        floor: int = 0,
    ) -> None:
        self.ball, self.images, self.recipe, self.logs = ball, images, recipe, logs
        self.floor = floor
        self.monomial: Any = None


def are_constants(*values: Value) -> bool:
    """Tell whether values are rational numbers; what is made of them is one too."""
    return all(value.recipe is not None and value.recipe[0] == "constant" for value in values)


def combined(x: Logs | None, y: Logs | None, factor: int | Fraction) -> Logs | None:
    """Return ``x + factor·y``."""
    result = dict(x or {})
    for atom, r in (y or {}).items():
        result[atom] = result.get(atom, Fraction(0)) + factor * r
    kept = {atom: r for atom, r in result.items() if r}
    return kept if kept and len(kept) <= LARGEST_LOGS else None
