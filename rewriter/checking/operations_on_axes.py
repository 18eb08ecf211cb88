"""What a declared operator owes that has a shape rule: it takes axes away, or adds some.

At shapes of its operands that both its shape rule and its definition take, they are to say one
shape; its facts and functions are put to the definition's value at every place, its derivative to
the definition's by the identity test.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from rewriter.autodiff.reverse import vjp
from rewriter.checking.comparison import FEWEST_POINTS
from rewriter.checking.equivalence import equivalent
from rewriter.checking.evaluation import at_each_point, kind_of, text_of
from rewriter.checking.operations import OperationCheck, fair, inside, wide
from rewriter.checking.points import TAME, WILD
from rewriter.checking.verdict import Verdict
from rewriter.errors import RewriterError
from rewriter.graph.dimension import shape_text
from rewriter.graph.graph import Graph, input
from rewriter.graph.node import Node
from rewriter.lowering.accuracy import bits_of_error
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]
SHAPES: tuple[tuple[int, ...], ...] = ((3,), (2, 3), (3, 3), (2, 1, 3), (1,), (4, 2), ())
"""Shapes that are tried for each operand."""
MOST_SHAPES = 6
DRAWS = 24
"""Arguments of each shape."""
REGIMES = ("tame", "ordinary", "everyday", "wild")


class OperationOnAxesCheck(OperationCheck):
    """Checks an operator that has a shape rule; arguments as for `OperationCheck`."""

    def verdict(self) -> Verdict:
        """Return the verdict."""
        taken = list(itertools.islice(self._taken(), MOST_SHAPES))
        if not taken:
            return self.said("unknown", "no shapes were found that its rule and definition take")
        for operands, defined in taken:
            declared = tuple(self.declaration.shape(*(p.shape for p in operands)))
            if declared != defined.shape:
                shapes = ", ".join(shape_text(p.shape) for p in operands)
                reason = (f"the shape rule says {shape_text(declared)}, the definition is "
                          f"{shape_text(defined.shape)}, of operands {shapes}")  # fmt: skip
                self.note("shapes", False, reason)
                return self.said("refuted", reason)
        self.note("shapes", True, f"one shape at {len(taken)} choices of operands")
        return self._of_derivatives(taken) or self._of_values(taken)

    def _taken(self) -> Iterator[tuple[list[Node], Node]]:
        """Yield operands that the rule and the definition take, with the definition of them.

        Those of different ranks, of which the two make different things, are refused where they
        are given.
        """
        for shapes in itertools.product(SHAPES, repeat=self.declaration.arity):
            operands = [input(n, s, "float64") for n, s in zip(self.names, shapes, strict=True)]
            with suppress(RewriterError, IndexError, TypeError, ValueError, KeyError):
                declared = tuple(self.declaration.shape(*shapes))
                defined = self.declaration.definition(*operands)
                alike = len(set(map(len, shapes))) < 2
                if defined is not None and (alike or declared == defined.shape):
                    yield operands, defined

    def _of_derivatives(self, taken: Sequence[tuple[list[Node], Node]]) -> Verdict | None:
        """Compare the declared derivative with the definition's, where one is declared."""
        if self.declaration.derivatives is None:
            return None
        proved = 0
        for operands, defined in taken:
            cotangent = input("cotangent", defined.shape, "float64")
            try:
                given = vjp([self.operation(*operands)], operands, [cotangent])
            except RewriterError as error:
                reason = f"the derivative does not fit at {operands[0]!r}: {error}"
                return self.said("refuted", reason)
            true = vjp([defined], operands, [cotangent])
            inputs = [*operands, cotangent]
            found = equivalent(Graph(inputs, true), Graph(inputs, given))
            if found.status == "refuted":
                self.note("balls", False, f"derivative: {found.reason}")
                reason = f"the derivative is not that of the definition: {found.reason}"
                return self.said("refuted", reason, found.counterexample)
            proved += found.proved
        known = proved == len(taken)
        self.note("fields", known or None, f"derivative: equal at {proved} choices of operands")
        return None

    def _of_values(self, taken: Sequence[tuple[list[Node], Node]]) -> Verdict:
        rng = np.random.default_rng(5)
        worst = dict.fromkeys(self.backends(), (0.0, 0))
        count = 0
        for operands, defined in taken:
            graph = Graph(operands, [defined])
            for k in range(DRAWS):
                drawn = [_drawn(p.shape, rng, REGIMES[k % len(REGIMES)]) for p in operands]
                truth = at_each_point(graph, drawn)
                if truth is None:
                    continue
                values = [x for x in np.ravel(truth[0]) if kind_of(x) == "number"]
                outside = [x for x in values if not inside(x, self.operation.bounds)]
                if outside:
                    return self._outside(drawn, text_of(outside[0]))
                count += len(values)
                self._add_losses(worst, operands, drawn, truth[0])
        self.note("balls", count >= FEWEST_POINTS or None, f"{count} points agree (facts)")
        return self.concluded(worst)

    def _outside(self, drawn: Sequence[Array], value: str) -> Verdict:
        text = f"it is {value} at {[x.tolist() for x in drawn]}"
        self.note("balls", False, text)
        return self.said("refuted", f"a fact does not hold: {text}")

    def _add_losses(self, worst: dict[Any, tuple[float, int]], operands: Sequence[Node],
                    drawn: Sequence[Array], truth: Array) -> None:  # fmt: skip
        """Add to the most bits that each backend loses more than the definition as it computes."""
        for backend, dtype in worst:
            with np.errstate(over="ignore"):
                given = [x.astype(dtype) for x in drawn]
            exact = all(np.array_equal(x, y) for x, y in zip(given, drawn, strict=True))
            if not exact or not all(fair(np.asarray([x], object), dtype) for x in np.ravel(truth)):
                continue
            inputs = [input(p.attribute("name"), p.shape, dtype) for p in operands]
            sides = (self.operation(*inputs), self.declaration.definition(*inputs))
            with np.errstate(all="ignore"), wide(backend, dtype):
                lost, usual = (_loss(Graph(inputs, [s]), backend, given, truth) for s in sides)
            most, count = worst[backend, dtype]
            worst[backend, dtype] = (max(most, lost - usual), count + 1)


def _loss(graph: Graph, backend: str, given: Sequence[Array], truth: Array) -> float:
    """Return the most bits that a place loses; all of them where it is no number, or no shape."""
    try:
        values = np.asarray(lower(graph, backend)(*given))
    except RewriterError:
        return 64.0
    if not np.isfinite(values.astype(np.float64)).all() or values.shape != truth.shape:
        return 64.0
    return float(np.max(bits_of_error(values, truth), initial=0.0))


def _drawn(shape: tuple[Any, ...], rng: np.random.Generator, regime: str) -> Array:
    if regime == "tame":
        return rng.choice(np.array(TAME, float), shape)
    values = np.float32(rng.normal(size=shape) * (1.0 if regime == "everyday" else 4.0))
    wild = rng.choice(np.array([x for x in WILD if abs(x) < 1e300], float), shape)
    chosen = (rng.random(shape) < 0.3) & (regime == "wild")
    return np.where(chosen, wild, values.astype(float))
