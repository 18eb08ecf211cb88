"""What a declared operator owes: its derivative, its facts and its functions say one thing.

The definition is the judge. The declared derivative is compared with that of the definition like
the two sides of a rule; the facts are put to the definition's value at hostile floats; what each
backend computes is compared with it in ball arithmetic.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import flint
import numpy as np

from rewriter.authoring.pattern import unknown
from rewriter.autodiff.reverse import vjp
from rewriter.checking.balls import UNDEFINED_LEFT, Report, searches
from rewriter.checking.comparison import FEWEST_POINTS, agreement_of, counterexample
from rewriter.checking.counterexample import Counterexample
from rewriter.checking.elaboration import Law
from rewriter.checking.evaluation import at_each_point, kind_of, text_of
from rewriter.checking.floats import LOSS, overflows
from rewriter.checking.points import Points, Values, count_of, slices
from rewriter.checking.symbolic import proof
from rewriter.checking.verdict import Evidence, Verdict
from rewriter.facts.interval import Interval
from rewriter.graph.declared import opened
from rewriter.graph.graph import Graph, input
from rewriter.graph.node import Node
from rewriter.lowering.accuracy import bits_of_error
from rewriter.lowering.compile import compile as lower
from rewriter.matching.variable import Variable

Array = np.ndarray[Any, Any]
REGIMES = ("tame", "ordinary", "moderate", "everyday", "wild")
POINTS = 40
"""Points of each regime at which facts and functions are looked at."""
BACKENDS = {"numpy": ("float64",), "jax": ("float64", "float32")}
EXTREMES = 6
"""Smallest and largest values from which smaller and larger ones are looked for."""
LARGEST_LOSS = {"float64": LOSS, "float32": 10.0}
"""Bits that a function may lose in a dtype."""


class OperationCheck:
    """Checks an elementwise operator.

    Args:
        operation: the operator.
    """

    def __init__(self, operation: Any) -> None:
        self.operation, self.declaration = operation, operation.declaration
        self.evidence: list[Evidence] = []
        self.names = [f"x{k}" for k in range(self.declaration.arity)]

    def verdict(self) -> Verdict:
        """Return the verdict."""
        scalars = [unknown(Variable(name)) for name in self.names]
        defined = self.declaration.definition(*scalars)
        if defined is None:
            return self.said("unknown", "there is no definition to judge by")
        for one, other in self._derivatives(scalars, defined):
            example = self._compared(Law(one, other, ()))
            if example is not None:
                reason = f"the derivative is not that of the definition: {example.reason}"
                return self.said("refuted", reason, example)
        law = Law(defined, self.operation(*scalars), ())
        return self._at_points(law)

    def _derivatives(self, scalars: list[Node], defined: Node) -> Iterator[tuple[Node, Node]]:
        if self.declaration.derivatives is None:
            return
        declared = self.declaration.derivatives(*scalars)
        for scalar, partial in zip(scalars, declared, strict=True):
            if partial is not None:
                (true,) = vjp([defined], [scalar], [1.0])
                yield true, partial

    def _compared(self, law: Law) -> Counterexample | None:
        """Compare a derivative with the definition's; beyond where that is one, it may be any."""
        total = Report()
        for report in searches(law):
            total.add(report)
            failures = [one for one in report.failures if one.reason != UNDEFINED_LEFT]
            if failures:
                found = counterexample(law, failures[0])
                self.note("balls", False, f"derivative: {found}")
                return found
        enough = total.agreed >= FEWEST_POINTS
        self.note("balls", enough or None, f"{total.agreed} points agree (derivative)")
        agreed = agreement_of(law)
        self.note("fields", agreed.holds or None, f"derivative: {agreed}")
        said = proof(law)
        self.note("sympy", True if said else None, said or "no proof found")
        return None

    def _at_points(self, law: Law) -> Verdict:
        sides = law.graphs({}, 1)
        graph = sides.graph(sides.left)
        points, worst = Points(law, seed=5), dict.fromkeys(self.backends(), (0.0, 0))
        count = 0
        regimes = [points.draw({}, POINTS, regime) for regime in REGIMES]
        for drawn in (*regimes, extremes(graph, regimes)):
            for place in range(count_of(drawn)):
                arguments = list(slices(drawn, place).values())
                truth = at_each_point(graph, arguments)
                if truth is None or kind_of(truth[0].ravel()[0]) != "number":
                    continue
                count += 1
                true = truth[0].ravel()[0]
                if not inside(true, self.operation.bounds):
                    text = f"it is {text_of(true)} at {[x.item() for x in arguments]}"
                    self.note("balls", False, text)
                    return self.said("refuted", f"a fact does not hold: {text}")
                self._measure(worst, arguments)
        self.note("balls", count >= FEWEST_POINTS or None, f"{count} points agree (facts)")
        return self.concluded(worst)

    def backends(self) -> Iterator[tuple[str, str]]:
        """Yield the backends that have a function of the operator's own, with the dtypes."""
        for name, dtypes in BACKENDS.items():
            if name in self.declaration.implementations and importlib.util.find_spec(name):
                yield from ((name, dtype) for dtype in dtypes)

    def _measure(self, worst: dict[Any, tuple[float, int]], arguments: list[Array]) -> None:
        """Add to the most bits that each backend loses, and to the points at which it was tried."""
        for backend, dtype in worst:
            with np.errstate(over="ignore"):
                given = [np.asarray(x.ravel()[0], dtype) for x in arguments]
            if not np.isfinite(given).all():
                continue
            inputs = [input(name, (), dtype) for name in self.names]
            truth = at_each_point(Graph(inputs, [self.declaration.definition(*inputs)]), given)
            if truth is None or not fair(truth[0], dtype):
                continue
            with np.errstate(all="ignore"), wide(backend, dtype):
                found = lower(Graph(inputs, [self.operation(*inputs)]), backend)(*given)
            error = 64.0
            if np.isfinite(np.asarray(found, np.float64)).all():
                error = float(bits_of_error(np.asarray(found), truth[0]))
            most, count = worst[backend, dtype]
            worst[backend, dtype] = (max(most, error), count + 1)

    def concluded(self, worst: Mapping[tuple[str, str], tuple[float, int]]) -> Verdict:
        """Return the verdict where nothing is refuted but what its functions may lose.

        Args:
            worst: of each backend and dtype, the most bits lost, and at how many points.
        """
        text = "; ".join(
            f"{backend} ({dtype}) loses at most {bits:.0f} bits at {count} points"
            for (backend, dtype), (bits, count) in worst.items()
        )
        bad = [
            backend for (backend, dtype), (bits, _) in worst.items() if bits > LARGEST_LOSS[dtype]
        ]
        self.note("floats", not bad, text or "all functions are those of the definition")
        if bad:
            return self.said("refuted", f"the {bad[0]} function is not the definition's: {text}")
        doubtful = [e.text for e in self.evidence if e.means in ("fields", "balls") and not e.holds]
        return self.said("unknown" if doubtful else "proved", "; ".join(doubtful))

    def note(self, means: str, holds: bool | None, text: str) -> None:
        """Add evidence."""
        self.evidence.append(Evidence(means, holds, text))

    def said(self, status: Any, reason: str, example: Counterexample | None = None) -> Verdict:
        """Return a verdict with the evidence so far."""
        return Verdict(self.operation.name, status, reason, tuple(self.evidence), example, (),
                       self.operation.statement)  # fmt: skip


def extremes(graph: Graph, regimes: Sequence[Values]) -> Values:
    """Return points near which a scalar function is smallest and largest.

    Args:
        graph: the function, of arrays with a leading axis of 1.
        regimes: where to start from.
    """
    starts = np.concatenate([np.stack(list(one.values()), axis=1) for one in regimes])
    function, rng = lower(opened(graph)), np.random.default_rng(0)
    found = []

    def value(rows: Array) -> Array:
        return np.array([np.ravel(function(*row[:, None]))[0] for row in rows])

    with np.errstate(all="ignore"):
        for sign in (1.0, -1.0):
            rows = starts[np.argsort(sign * value(starts))[:EXTREMES]]
            for step in np.repeat(10.0 ** -np.arange(0.0, 5.0), 3):
                moves = rng.normal(size=(8, *rows.shape)) * step * np.maximum(abs(rows), 1e-3)
                tried = np.concatenate([rows[None], rows + moves])
                values = np.array([value(some) for some in tried])
                chosen = np.argmin(np.where(np.isnan(values), np.inf, sign * values), axis=0)
                rows = tried[chosen, np.arange(len(rows))]
            found.append(rows)
    joined = np.concatenate(found)
    return {name: joined[:, k] for k, name in enumerate(regimes[0])}


def wide(backend: str, dtype: str) -> Any:
    """Let JAX compute in 64 bits for a while, where they are asked for."""
    if backend != "jax" or dtype != "float64":
        return contextlib.nullcontext()
    import jax

    return jax.enable_x64(True)


def inside(value: flint.arb, bounds: Interval) -> bool:
    """Tell whether a value is not proved to lie outside of an interval."""
    below = value < bounds.low or (bounds.low_open and value.is_exact() and value == bounds.low)
    above = value > bounds.high or (bounds.high_open and value.is_exact() and value == bounds.high)
    return not (below or above)


def fair(truth: Array, dtype: str) -> bool:
    """The value is a number that the dtype can hold with all its digits."""
    if kind_of(truth.ravel()[0]) != "number":
        return False
    if dtype == "float32":
        size = abs(truth.ravel()[0])
        return bool(size < 1e37) and bool(size > 1e-36)
    return not overflows(truth)
