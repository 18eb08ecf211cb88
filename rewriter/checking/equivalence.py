"""Translation validation: are two graphs equal over the reals?

The identity test of `rewriter.checking.identity` on whole graphs, at random sizes of the named
dimensions, and ball arithmetic at ordinary and hostile floats. The cost of a draw is linear in the
number of nodes. Constants that a rewrite rounded are read as what they were rounded from
(`rewriter.checking.reading`): a difference that rounding explains refutes nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from typing import Any

import numpy as np

from rewriter.checking import balls
from rewriter.checking.arguments import Arguments, sizes_of
from rewriter.checking.counterexample import Counterexample
from rewriter.checking.critical import CriticalPlaces
from rewriter.checking.deciders import GraphDeciders
from rewriter.checking.definedness import defined_places
from rewriter.checking.domain import Domain
from rewriter.checking.evaluation import at_each_point, text_of
from rewriter.checking.identity import LARGEST_HEIGHT, Agreement, Draw, agreement
from rewriter.checking.reading import new_constants, readings, separated
from rewriter.checking.verdict import Evidence, Verdict
from rewriter.errors import AttributeValueError, BackendError, EvaluationError
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]
MOST_POINTS, FEWEST_POINTS, POINTS_TIMES_NODES = 48, 8, 4800
"""Points at which graphs are compared: the more, the smaller they are."""
FEWER_POINTS = 9
"""Points at which each rounded constant is moved."""
EFFORT, LEAST_EFFORT = 400_000, 2000
"""Nodes that are computed to find where a graph changes its branch, and the fewest points."""
STARTS = 16
MOST_DIFFERING, OTHERS = 24, 4
"""Points next to those places at which the graphs are compared."""
LARGE = 2000
"""Nodes from which on a graph is given fewer draws and points."""


def equivalent(before: Graph, after: Graph, seed: int = 0, assuming: Any = ()) -> Verdict:
    """Tell whether two graphs are equal wherever the first is defined.

    Args:
        before: a graph.
        after: another; inputs of one name have one shape and dtype.
        seed: the same seed gives the same draws.
        assuming: comparisons of expressions of the graphs; where they do not hold, the graphs may
            differ (`rewriter.optimize`).

    Returns:
        "proved" by the identity test and by points at which they agree, "refuted" with numbers, or
        "unknown" with the reason. Where only rounded constants differ, "proved" says that the
        graphs are equal with the constants that its evidence "constants" names, each within two
        units in the last place of what is written; "unknown" that no point differs by more than
        two units in the last place of each new constant explain.

    Raises:
        AttributeValueError: the graphs take different inputs of one name, or have different
            numbers of outputs.
        ConditionError: something assumed is no comparison of expressions of the graphs.
    """
    start = time.perf_counter()
    verdict = _Comparison(before, after, seed, assuming).verdict()
    return Verdict(**{**vars(verdict), "seconds": time.perf_counter() - start})


class _Comparison:
    def __init__(self, before: Graph, after: Graph, seed: int, assuming: Any) -> None:
        self.before, self.after, self.seed, self.assuming = before, after, seed, assuming
        self.inputs = _joined(before, after)
        if len(before.outputs) != len(after.outputs):
            counts = (len(before.outputs), len(after.outputs))
            raise AttributeValueError("the graphs have different numbers of outputs", counts)
        self.pairs = list(zip(before.outputs, after.outputs, strict=True))
        size = sum(1 for _ in before.nodes()) + sum(1 for _ in after.nodes())
        self.large = size > LARGE
        self.count = max(FEWEST_POINTS, min(MOST_POINTS, POINTS_TIMES_NODES // size))
        self.domain = Domain(self.inputs, assuming)
        self.arguments = Arguments(before, after, self.inputs, self.large, self.domain)

    def verdict(self) -> Verdict:
        """Compare shapes, then meanings, then numbers."""
        if self.before.outputs == self.after.outputs:
            return Verdict("graphs", "proved", evidence=(Evidence("fields", True, "one graph"),))
        for k, (one, other) in enumerate(self.pairs):
            if (one.shape, one.dtype) != (other.shape, other.dtype):
                reason = f"output {k} is {one.dtype}{one.shape} before, {other.dtype}{other.shape}"
                return Verdict("graphs", "refuted", f"{reason} after")
        try:
            found = self._compared()
            return found if found.proved else self._with_constants_read(found)
        except BackendError as error:
            return Verdict("graphs", "unknown", f"{error.reason} [{error.culprit}]")

    def _with_constants_read(self, found: Verdict) -> Verdict:
        """Return the verdict when constants that may have been rounded are allowed for."""
        if not new_constants(self.before, self.after):
            return found
        for after, said in readings(self.before, self.after):
            read = _Comparison(self.before, after, self.seed, self.assuming)._compared()
            if read.proved:
                known = Evidence("constants", True, f"before they were rounded: {said}")
                return replace(read, evidence=(*read.evidence, known))
        if found.counterexample is None:
            return found
        for numbers, sizes in self._points_of(found.counterexample):
            if separated(self.before, self.after, self.inputs, numbers, sizes):
                example = self._at(numbers, sizes)[1]
                if example is not None:
                    return replace(found, reason=example.reason, counterexample=example)
        reason = (
            f"the sides differ by no more than rounded constants explain, {found.evidence[-1].text}"
        )
        return Verdict("graphs", "unknown", reason, found.evidence[:1])

    def _points_of(self, example: Counterexample) -> Iterator[tuple[list[Array], dict[str, int]]]:
        """Yield the point of a counterexample, and some that are drawn."""
        numbers = [example.values[node.attribute("name")] for node in self.inputs]
        yield numbers, sizes_of(self.inputs, numbers)
        yield from self.arguments.points(self.seed + 1, FEWER_POINTS)

    def _compared(self) -> Verdict:
        evidence = []
        begun = time.perf_counter()
        most, enough = (12, 2) if self.large else (60, 8)
        found = agreement(self._draws(0), most, enough, not self.large)
        if found.disagreements:
            found = agreement(self._draws(LARGEST_HEIGHT), most, enough, not self.large)
        evidence.append(Evidence("fields", found.likely(enough) or None, str(found),
                                 time.perf_counter() - begun))  # fmt: skip
        begun = time.perf_counter()
        try:
            agreed, example = self._points(
                2 if self.large and not found.disagreements else self.count
            )
            text = f"{agreed} points agree" if example is None else str(example)
        except BackendError as error:
            agreed, example, text = 0, None, f"{error.reason} [{error.culprit}]"
        evidence.append(Evidence("balls", agreed > 0 if example is None else False, text,
                                 time.perf_counter() - begun))  # fmt: skip
        if example is not None:
            return Verdict("graphs", "refuted", example.reason, tuple(evidence), example)
        reason = _doubt(found, agreed, enough, text)
        return Verdict("graphs", "unknown" if reason else "proved", reason, tuple(evidence))

    def _draws(self, height: int) -> Iterator[Callable[[], Draw]]:
        sides = [side for pair in self.pairs for side in pair]
        graph = Graph(self.inputs, [*sides, *self.domain.conditions])
        rng = random.Random(self.seed)
        k = 0
        while True:
            sizes = self.arguments.drawn_sizes(rng, k)
            numbers = self.arguments.drawn(rng, sizes, "ordinary")
            k += 1
            seed = 1000 * self.seed + k
            yield partial(Draw, graph, numbers, sizes, seed, len(self.pairs), height, True)

    def _points(self, count: int) -> tuple[int, Counterexample | None]:
        agreed = 0
        for numbers, sizes in chain(self.arguments.points(self.seed + 1, count), self._critical()):
            if not self.domain.holds(numbers):
                continue
            try:
                same, example = self._at(numbers, sizes)
            except EvaluationError:
                continue
            agreed += same
            if example is not None:
                return agreed, example
        return agreed, None

    def _critical(self) -> Iterator[tuple[list[Array], dict[str, int]]]:
        """Yield points next to those at which a graph has no value or changes its branch.

        Of these, those at which the graphs differ as they compute, and some others.
        """
        drawn = list(self.arguments.points(self.seed + 2, STARTS))
        sizes = drawn[0][1]
        starts = [numbers for numbers, own in drawn if own == sizes]
        subject = GraphDeciders(self.before, self.after, self.inputs, starts)
        effort = EFFORT // max(1, subject.nodes)
        if not subject.nodes or effort < LEAST_EFFORT:
            return
        rng = random.Random(self.seed)
        for rows in CriticalPlaces(subject, rng, effort).rounds():
            points = [subject.arguments(row) for row in rows]
            differ = [numbers for numbers in points if self._computes_apart(numbers)]
            others = rng.sample(points, min(len(points), OTHERS))
            for numbers in (*differ[:MOST_DIFFERING], *others):
                yield numbers, sizes

    def _computes_apart(self, numbers: Sequence[Array]) -> bool:
        given = [
            array.astype(array_type(node.dtype))
            for array, node in zip(numbers, self.inputs, strict=True)
        ]
        with np.errstate(all="ignore"):
            found = self.computed(*given)
        return any(
            not np.allclose(np.asarray(found[2 * k], np.float64),
                            np.asarray(found[2 * k + 1], np.float64), 1e-3, 1e-6, equal_nan=True)
            for k in range(len(self.pairs))
        )  # fmt: skip

    @cached_property
    def computed(self) -> Callable[..., Any]:
        """Both graphs as they compute: the sides of each pair after one another."""
        return lower(Graph(self.inputs, [side for pair in self.pairs for side in pair]))

    def _at(
        self, numbers: Sequence[Array], sizes: dict[str, int]
    ) -> tuple[bool, Counterexample | None]:
        graph = Graph(self.inputs, [side for pair in self.pairs for side in pair])
        found = at_each_point(graph, numbers, sizes)
        if found is None:
            return False, None
        for k, (one, other) in enumerate(self.pairs):
            if not _difference(found[2 * k], found[2 * k + 1], None)[0]:
                continue
            places = defined_places(self.inputs, one, numbers, sizes)
            if places is None:
                continue
            reason, shown = _difference(found[2 * k], found[2 * k + 1], places)
            if reason:
                names = [node.attribute("name") for node in self.inputs]
                values = dict(zip(names, numbers, strict=True))
                sides = Graph(self.inputs, [one]), Graph(self.inputs, [other])
                return False, Counterexample(values, *sides, *shown, reason)
        return True, None


def _doubt(found: Agreement, agreed: int, enough: int, text: str) -> str:
    if found.disagreements:
        return f"fields: {found}, but no point was found that shows it"
    if not found.likely(enough):
        return f"fields: {found}"
    return "" if agreed else f"balls: {text}"


def _difference(left: Array, right: Array, places: Array | None) -> tuple[str, tuple[str, str]]:
    """Say how two arrays differ, at some places or anywhere; empty where they do not."""
    if left.dtype != object:
        same = np.array_equal(left, right)
        return ("" if same else balls.DIFFERENT), (str(left.tolist()), str(right.tolist()))
    owed = np.broadcast_to(True if places is None else places, left.shape)
    one, other, kept = np.broadcast_arrays(left, right, owed)
    for x, y, is_owed in zip(*(a.ravel().tolist() for a in (one, other, kept)), strict=True):
        reason = balls.compare(x, y)
        if is_owed and reason and reason != balls.UNDEFINED_LEFT:
            return reason, (text_of(x), text_of(y))
    return "", ("", "")


def _joined(before: Graph, after: Graph) -> tuple[Node, ...]:
    known: dict[str, Node] = {}
    for node in (*before.inputs, *after.inputs):
        name = node.attribute("name")
        if known.setdefault(name, node) is not node:
            raise AttributeValueError("the graphs take different inputs of one name", culprit=name)
    return tuple(known.values())
