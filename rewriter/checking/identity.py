"""The identity test: both sides drawn in finite fields, until chance is ruled out.

Two sides that differ as functions agree in one draw with a probability of at most

* ``d / p`` where every exponent is a linear form of variables: the sides are then quotients of
  polynomials in the variables and their exponentials, of degree at most d (Schwartz, Zippel);
* ``2·(d / q)^(1 / (k − 1))`` where an exponent is no linear form: a sum of k exponentials with
  different exponents has few zeros among the units of order q (Canetti, Friedlander, Konyagin,
  Larsen, Lieman & Shparlinski, "On the statistical properties of Diffie–Hellman distributions",
  2000, lemma 7).

Degrees and numbers of exponentials are bounded by `rewriter.checking.degrees`; the draws go on
until the product of the bounds is below 2^-60. A draw in which the left side is no number, or a
condition does not hold, is not counted; nor is a disagreement in a tainted draw.

Sources: TASO (Jia et al. 2019) and TensorRight (Arora et al. 2025) for graph rewrites checked as
equations, Mirage (Wu et al. 2025) for exponentials in a pair of fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from rewriter.checking.degrees import bits_of_draw, height
from rewriter.checking.fields import FieldEvaluator
from rewriter.checking.primes import BITS, tower
from rewriter.checking.values import Undecided, Value
from rewriter.checking.world import World
from rewriter.errors import EvaluationError
from rewriter.graph.declared import opened
from rewriter.graph.graph import Graph
from rewriter.lowering.exact_backend.tensor import tensor

Array = np.ndarray[Any, Any]
WANTED_BITS = 60
LARGEST_HEIGHT = 3
"""Exponentials that are homomorphisms above one another; below them they are uninterpreted."""
PRECISION = 256
TAINTED, MORE = 0.6, 5
"""Share of draws that say nothing for want of a root, from which on more are made, and how many."""


@dataclass
class Agreement:
    """What the draws showed.

    Attributes:
        draws: those in which the sides agreed.
        bits: the sides differ as functions with a probability below ``2**-bits``.
        disagreements: draws, not tainted, in which they did not agree.
        tainted: draws that say nothing for want of a root.
        undefined: draws in which the left side is no number.
        undecided: draws that met a branch that the balls do not decide, or an index out of bounds.
        outside: draws in which a condition does not hold.
    """

    draws: int = 0
    bits: float = 0.0
    disagreements: int = 0
    tainted: int = 0
    undefined: int = 0
    undecided: int = 0
    outside: int = 0

    @property
    def holds(self) -> bool:
        """The sides agreed in every draw, and chance is ruled out by the theorems above."""
        return not self.disagreements and self.bits >= WANTED_BITS

    def likely(self, enough: int) -> bool:
        """The sides agreed in every draw, and in enough of them."""
        return not self.disagreements and self.draws >= enough

    def __str__(self) -> str:
        if self.disagreements:
            return f"the sides differ as functions (draw {self.draws + self.disagreements})"
        if not self.draws:
            return "no draw in which the left side is a number"
        if self.bits < WANTED_BITS:
            return (
                f"{self.draws} draws agree; the bounds on degrees are too weak to rule chance out "
                f"by theorem (2^-{math.floor(self.bits)}), as of a random function it is "
                f"2^-{self.draws * BITS}"
            )
        return f"{self.draws} draws agree, by chance below 2^-{math.floor(self.bits)}"


class Draw:
    """One draw of a graph whose outputs are the left side, the right side, and conditions.

    Args:
        graph: outputs: ``sides`` pairs of left and right sides, then booleans that must hold.
        numbers: a real number for each element of each input, as arrays.
        sizes: the size of each named dimension.
        seed: of the draw.
        pairs: how many pairs of sides there are.
        largest_height: exponentials that are homomorphisms above one another.
        fills: where the left side is no number, the right side may be one.
    """

    def __init__(self, graph: Graph, numbers: Sequence[Array], sizes: dict[str, int], seed: int,
                 pairs: int = 1, largest_height: int = LARGEST_HEIGHT,
                 fills: bool = False) -> None:  # fmt: skip
        self.graph, self.numbers, self.sizes, self.pairs = opened(graph), numbers, sizes, pairs
        self.fills = fills
        self.world = World(tower(min(height(self.graph), largest_height) + 1), seed)

    def outcome(self) -> str:
        """Return "agree", "differ", "tainted", "undefined", "outside" or "undecided"."""
        try:
            with flint.ctx.workprec(PRECISION):
                return self._outcome()
        except (Undecided, EvaluationError, OverflowError):
            return "undecided"

    def _outcome(self) -> str:
        evaluator = FieldEvaluator(self.world)
        inputs = [
            self._variables(node.attribute("name"), array) if array.dtype.kind == "f" else array
            for node, array in zip(self.graph.inputs, self.numbers, strict=True)
        ]
        found = evaluator.evaluate(self.graph, inputs, self.sizes)
        if not all(bool(np.all(condition)) for condition in found[2 * self.pairs :]):
            return "outside"
        outcomes = {
            self._compared(left, right)
            for k in range(self.pairs)
            for left, right in _pairs(found[2 * k], found[2 * k + 1])
        }
        if "differ" in outcomes:
            return "tainted" if self.world.tainted else "differ"
        return "agree" if "agree" in outcomes or not outcomes else "undefined"

    def _variables(self, name: str, array: Array) -> Array:
        made = [
            self.world.variable(f"{name}{place}", number)
            for place, number in enumerate(array.ravel().tolist())
        ]
        return tensor(made, array.shape)

    def _compared(self, left: Any, right: Any) -> str:
        if not isinstance(left, Value):
            same = self.fills or left == right or not isinstance(right, Value)
            return "undefined" if same else "differ"
        if not isinstance(right, Value):
            return "differ"
        return "agree" if self.world.equal(left, right) else "differ"


def _pairs(left: Array, right: Array) -> Iterable[tuple[Any, Any]]:
    if left.dtype != object:
        same = np.array_equal(left, right)
        return [] if same else [(0.0, Value(flint.arb(1), (1,)))]
    one, other = np.broadcast_arrays(left, right)
    return zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)


def agreement(
    draws: Iterable[Callable[[], Draw]], largest: int, enough: int = 3, strict: bool = True
) -> Agreement:
    """Make draws until chance is ruled out, or the sides differ.

    Args:
        draws: makers of draws.
        largest: how many to try at most; ``MORE`` times as many where nearly all are tainted.
        enough: draws that must agree whatever the bound.
        strict: go on until the bound is reached.
    """
    result = Agreement()
    for k, make in enumerate(draws):
        done = result.draws >= enough and (result.holds or not strict)
        more = result.tainted > TAINTED * k and result.draws < enough and k < MORE * largest
        if (k >= largest and not more) or done or result.disagreements > 1:
            break
        draw = make()
        outcome = draw.outcome()
        if outcome == "agree":
            result.draws += 1
            result.bits += bits_of_draw(draw.graph, draw.sizes, draw.world)
        elif outcome == "differ":
            result.disagreements += 1
        else:
            setattr(result, outcome, getattr(result, outcome) + 1)
    return result
