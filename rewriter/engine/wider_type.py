"""The cure of digits that no law keeps: what is computed in float32 is computed in float64.

The laws see to it that nothing overflows, vanishes, or cancels that is known to. What is left may
still lose digits: logits that are a product of matrices round at their own size, 1e4, and so do a
softmax of them; moments of data far from 0 cancel. Rounded to 53 bits in place of 24 all that is
the program's own mathematics, so that nothing needs to be proved; but wide floats take time, on
some machines much. So it is done where a graph is small, and only if, at a few hostile points, it
is seen to lose digits in float32 that it keeps in float64: those that are left when each of its
operations is wrong by a little more than its rounding (`perturbing`).

What overflows in float64 as well, or vanishes there, is carried in its extended range
(`extended_range`): indices have 64 bits then, so that exponentials of 1e18 have a place.

Where numbers of everyday size are added to large ones, which cancel, 53 bits are too few as well:
what is made of data by sums and products is then carried in two words (`double_word`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from rewriter.engine.double_word.carrying import in_double_words
from rewriter.engine.extended_range.cure import in_extended_range
from rewriter.engine.perturbing import Perturbation, perturbed
from rewriter.engine.probing import (
    AGREEMENT,
    ORDINARY,
    PRECISIONS,
    Points,
    Results,
    agreeing,
    points_among_large,
    points_of,
    results_at,
)
from rewriter.engine.result import Result, Step
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.elementwise import astype, constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.origin import Origin, origin_of
from rewriter.graph.precision import computed_in, in_precision

NARROW, WIDE = PRECISIONS
WIDER_TYPE = "wider_type"
"""The rule that is the origin of conversions to the wider type and back."""

HAZARD = "digits that cancel, which no law keeps"
REASON = f"the same operations in {WIDE}"
REASON_EXTENDED = f"{REASON}, each value v = p·2^k with an index k (extended-range arithmetic)"
REASON_IN_TWO = f"{REASON}, sums and products of data in two of them each"
DIFFERS = "what the laws made differs from the program, which is sound there: it is not used"

MOST_ELEMENTS = 2**18
"""Elements of all nodes together, up to which a graph may be computed in the wider type."""

AMONG_LARGE = range(12)
"""Points of everyday numbers with large ones among them; seeds of random numbers."""

LARGEST_CURED = 2500
"""Nodes of a graph that the laws are used on once more, in the wider type; that takes long."""

LARGEST_IN_TWO_WORDS = 3000
"""Nodes of a graph some of which are carried in two words; compilers take long."""

LARGEST_EXTENDED = 6000
"""Nodes of a graph in the extended range of float64: compilers take 5 to 20 seconds for 5,000."""

LARGEST_WIDENED = 8000
"""Nodes of a graph that is looked at in the wider type; evaluating it takes seconds."""

SHORT = 10
"""Bits of numbers that are no roundings of others: of these one in ``2**14`` has as few."""

LOST = 2.0**-17
"""What float32 may be wrong by, as a share of the largest element, here or at ordinary numbers: 7
of its 24 bits."""

KEPT = 2.0**-20
"""What float64 may be wrong by."""


@dataclass(frozen=True)
class _Candidate:
    """A graph in float64.

    Attributes:
        graph: the graph.
        shaken: the same with each of its operations a little wrong.
        reason: why it may be taken.
        of_program: it is the program as it stands, without the laws.
    """

    graph: Graph
    shaken: Graph
    reason: str = REASON
    of_program: bool = False


def cure_by_wider_type(
    written: Graph, cured: Graph, result: Result, kept: int, laws: Callable[[Graph], Graph | None]
) -> Graph:
    """Return a program in float64 where float32 is seen to lose its digits, else what there is.

    The numbers that the laws brought along, 1/q for a q of the program, are then rounded to 53 bits
    as well; where what they were is not known, the laws are used once more, on the program in
    float64.

    What differs from the program at ordinary numbers, where that keeps its digits, would be a wrong
    rewrite, and what loses them where that keeps them at all points, a needless one: then the
    program stays as it is.

    Args:
        written: the program.
        cured: what the laws have made of it.
        result: knows the numbers, and takes the steps; no hazard is left in the extended range.
        kept: how many of its steps are not of the laws.
        laws: makes a cured graph of a program, or None.
    """
    pairs = zip(written.outputs, cured.outputs, strict=True)
    changed = [k for k, (old, new) in enumerate(pairs) if old is not new or result.notes]
    if not changed:
        return cured
    carried = result.carried or cured
    before, after, base = (
        Graph(g.inputs, [g.outputs[k] for k in changed]) for g in (written, cured, carried)
    )
    chosen = _chosen(before, after, base, result, laws)
    if chosen is after:
        return cured
    if isinstance(chosen, _Candidate):
        if chosen.of_program:
            del result.steps[kept:]
        _take(chosen, before if chosen.of_program else after, result)
        result.narrow = cured
        chosen = chosen.graph
    outputs = list(cured.outputs)
    for k, node in zip(changed, chosen.outputs, strict=True):
        outputs[k] = node
    return written if outputs == list(written.outputs) else cured.with_outputs(outputs)


def _take(chosen: _Candidate, replaced: Graph, result: Result) -> None:
    """Record the step from one graph to another that is taken in its place."""
    if chosen.reason == REASON_EXTENDED:
        result.left = []
    result.steps += [
        Step(old, new, HAZARD, [], None, reason=chosen.reason)
        for old, new in zip(replaced.outputs, chosen.graph.outputs, strict=True)
    ]


def _chosen(
    written: Graph,
    cured: Graph,
    carried: Graph,
    result: Result,
    laws: Callable[[Graph], Graph | None],
) -> _Candidate | Graph:
    """Return a program in float64, or what the laws have made of it, or itself.

    At other than ordinary numbers a program may come to the same in both precisions, and be wrong:
    exp(x) > exp(y) is false of what is infinite. So there the cured graph, where it keeps its
    digits, is the one that is believed.
    """
    if {node.dtype for node in cured.ordered if is_float(node.dtype)} != {NARROW}:
        return cured
    points = points_of(cured, MOST_ELEMENTS)
    if not points:
        return cured
    every = [*points, *points_among_large(cured, AMONG_LARGE)]
    wide = in_precision(cured, WIDE)
    exactly, off = (results_at(one, every) for one in (wide, perturbed(wide)))
    programs = (cured, written, in_precision(written, WIDE))
    found, as_it_is, meant = (results_at(one, points) for one in programs)
    usual = set(range(ORDINARY))
    same = agreeing(exactly, meant, AGREEMENT, ORDINARY).keys()
    firm = agreeing(exactly, off, KEPT).keys()
    differs = firm - same
    sound = _finite(agreeing(as_it_is, meant, AGREEMENT)) - (differs - usual)
    amiss = sound - agreeing(found, meant, AGREEMENT, ORDINARY).keys()
    held = agreeing(found, exactly, LOST, ORDINARY).keys() - amiss
    always = len(sound & _finite(agreeing(as_it_is, meant, LOST))) == len(points)
    wrong = not sound.isdisjoint(differs & usual)
    needless = always and len(held) < len(points)
    if wrong or needless:
        result.notes.append(DIFFERS)
    if needless:
        return written
    doubtful = len(held & firm) < len(points) or len(firm) < len(every)
    if doubtful:
        needed = sound - (amiss - usual)
        known = _Known(written, cured, every, found, meant, held, needed, carried, result.numbers)
        better = _better(known, _candidates(known, laws))
        if better is not None:
            return better
    return written if wrong else cured


@dataclass(frozen=True)
class _Known:
    """What is known of a cured graph.

    Attributes:
        written: its program.
        cured: the graph.
        every: points.
        found: its results at the first of these.
        meant: those of its program in float64.
        kept: the points at which it keeps its digits.
        needed: those at which the program is sound, so that a graph has to come to the same.
        carried: what was taken to the extended range, before it was; the cured graph where it was
            not.
        numbers: what constants that the laws made are roundings of.
    """

    written: Graph
    cured: Graph
    every: Points
    found: Results
    meant: Results
    kept: set[int]
    needed: set[int]
    carried: Graph
    numbers: Mapping[Node, float]

    @property
    def is_carried(self) -> bool:
        """The cured graph is computed in the extended range."""
        return self.carried is not self.cured

    def brought(self, graph: Graph) -> list[Node]:
        """Return the constants of a graph that the program has not."""
        written = set(_constants(self.written))
        return [node for node in _constants(graph) if node not in written]


def _better(known: _Known, candidates: Iterable[_Candidate]) -> _Candidate | None:
    """Return the last of graphs in float64 that has digits the one before it has not, if any has.

    Where it differs from a cured graph that keeps its digits it keeps its own, and at more points;
    the program itself differs nowhere there: laws may know of digits that it absorbs everywhere.
    """
    chosen, trusted = None, set[int]()
    current: Results = [*known.found, *results_at(known.cured, known.every[len(known.found) :])]
    for candidate in candidates:
        graphs = (candidate.graph, candidate.shaken)
        better, off = (results_at(one, known.every) for one in graphs)
        more = _finite(agreeing(better, off, KEPT))
        gained = more - agreeing(current, better, LOST, ORDINARY).keys()
        same = agreeing(better, known.meant, AGREEMENT, ORDINARY).keys()
        apart = known.kept - agreeing(known.found, better, AGREEMENT, ORDINARY).keys()
        several = apart <= more and len(apart) < len(more - known.kept)
        believed = not apart or (several and not candidate.of_program)
        right = same >= known.needed and believed
        if right and gained and more >= trusted:
            chosen, trusted, current = candidate, more, better
        if len(more) == len(known.every):
            break
    return chosen


def _cured_in_wide(known: _Known, laws: Callable[[Graph], Graph | None]) -> Graph | None:
    """Return what the laws make of a program in float64; None where that would take too long.

    It is what they made in float32, with the numbers that they brought along as they were before
    they were rounded, if these are known; else they are used once more.
    """
    made = known.carried
    if len(known.cured.ordered) > LARGEST_WIDENED:
        return None
    brought = known.brought(made)
    if all(node in known.numbers or _is_short(node.attribute("value").array) for node in brought):
        wide = _with_numbers(made, known)
        return in_extended_range(wide) if known.is_carried else wide
    return laws(widened(known.written)) if len(known.cured.ordered) <= LARGEST_CURED else None


def _with_numbers(graph: Graph, known: _Known) -> Graph:
    """Return a graph in float64, with what is known of the numbers that laws brought along."""
    brought = [node for node in known.brought(graph) if node in known.numbers]
    return widened(graph, {node: constant(known.numbers[node], WIDE) for node in brought})


def _constants(graph: Graph) -> Iterator[Node]:
    """The constants of a graph that are floats."""
    return (n for n in graph.ordered if n.operator is o.CONSTANT and is_float(n.dtype))


def _is_short(numbers: np.ndarray[Any, Any]) -> bool:
    """Tell whether numbers are written in few bits: what has been rounded hardly ever is."""
    fractions = np.frexp(numbers.astype(WIDE))[0] * 2.0**SHORT
    return bool(np.all((fractions == np.round(fractions)) | ~np.isfinite(fractions)))


def _candidates(known: _Known, laws: Callable[[Graph], Graph | None]) -> Iterator[_Candidate]:
    """Graphs in float64, dearer ones later: in its own range, in the extended one, in two words."""
    wide = _cured_in_wide(known, laws)
    if wide is not None:
        reason = REASON_EXTENDED if known.is_carried else REASON
        yield _Candidate(wide, perturbed(wide), reason, known.carried is known.written)
    for graph in dict.fromkeys((known.written, known.carried)):
        is_first = graph is known.carried and known.is_carried
        if is_first or len(graph.ordered) > LARGEST_EXTENDED:
            continue
        extended = in_extended_range(_with_numbers(graph, known))
        if len(extended.ordered) <= LARGEST_EXTENDED:
            of_program = graph is known.written
            yield _Candidate(extended, perturbed(extended), REASON_EXTENDED, of_program)
    if wide is None or len(wide.ordered) > LARGEST_IN_TWO_WORDS:
        return
    double = in_double_words(wide)
    if len(double.ordered) <= LARGEST_IN_TWO_WORDS:
        yield _Candidate(double, in_double_words(wide, Perturbation()), REASON_IN_TWO)


def _finite(agreeing: Mapping[int, bool]) -> set[int]:
    """The points at which two graphs agree, and all is finite."""
    return {k for k, finite in agreeing.items() if finite}


def widened(graph: Graph, numbers: Mapping[Node, Node] = MappingProxyType({})) -> Graph:
    """Return a graph of the same inputs and outputs that computes all floats in float64.

    Args:
        graph: a graph.
        numbers: what becomes of some of its constants.
    """
    inputs = {node: _converted(node, WIDE) for node in graph.inputs}
    made = computed_in(graph, {**inputs, **numbers}, WIDE)
    outputs = [_converted(made[one], one.dtype) for one in graph.outputs]
    return graph.with_outputs(outputs)


def _converted(node: Node, dtype: str) -> Node:
    if not is_float(node.dtype) or node.dtype == dtype:
        return node
    with origin_of(Origin(node.origin.file, node.origin.line, WIDER_TYPE)):
        return astype(node, dtype)
