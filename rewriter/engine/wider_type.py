"""The cure of digits that no law keeps: what is computed in float32 is computed in float64.

The laws see to it that nothing overflows, vanishes, or cancels that is known to. What is left may
still lose digits: logits that are a product of matrices round at their own size, 1e4, and so do a
softmax of them; moments of data far from 0 cancel. Rounded to 53 bits in place of 24 all that is
the program's own mathematics, so that nothing needs to be proved; but wide floats take time, on
some machines much. So it is done where a graph is small, and only if, at a few hostile points, it
is seen to lose digits in float32 that it keeps in float64: those that are left when each of its
operations is wrong by a little more than its rounding (the random arithmetic of Vignes' CESTAC,
Mathematics and Computers in Simulation 35, 1993, with numbers that are no matter of chance).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

import numpy as np

from rewriter.engine.probing import AGREEMENT, ORDINARY, PRECISIONS, agreeing, points_of, results_at
from rewriter.engine.result import Result, Step
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.elementwise import astype, constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply, rewritten
from rewriter.graph.origin import Origin, origin_of
from rewriter.graph.precision import computed_in, in_precision

NARROW, WIDE = PRECISIONS
WIDER_TYPE = "wider_type"
"""The rule that is the origin of conversions to the wider type and back."""

HAZARD = "digits that cancel, which no law keeps"
REASON = f"the same operations in {WIDE}"
DIFFERS = "what the laws made differs from the program, which is sound there: it stays as it is"

MOST_ELEMENTS = 2**18
"""Elements of all nodes together, up to which a graph may be computed in the wider type."""

LOST = 2.0**-17
"""What float32 may be wrong by, as a share of the largest element, here or at ordinary numbers: 7
of its 24 bits."""

KEPT = 2.0**-20
"""What float64 may be wrong by."""

WRONG_BY = 2.0**-50
"""By how much each operation is off where it is asked which digits are kept: some roundings."""

_EXACT = frozenset((
    o.INPUT, o.CONSTANT, o.IOTA, o.NEGATIVE, o.ABSOLUTE, o.SIGN, o.BINADE, o.MAXIMUM, o.MINIMUM,
    o.FLOOR, o.CEIL, o.ROUND, o.WHERE, o.STOP_GRADIENT, o.ASTYPE, o.MAX, o.MIN, o.RESHAPE,
    o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.PAD, o.CONCATENATE,
))  # fmt: skip
"""Operations on floats that do not round."""


def cure_by_wider_type(
    written: Graph, cured: Graph, result: Result, laws: Callable[[Graph], Graph]
) -> Graph:
    """Return a program in float64 where float32 is seen to lose its digits, else what there is.

    The laws are used once more, on the program in float64: the numbers that they bring along, 1/q
    for a q of the program, are then rounded to 53 bits as well.

    What differs from the program at ordinary numbers, where that keeps its digits, would be a wrong
    rewrite, and what loses them where that keeps them at all points, a needless one: then the
    program stays as it is.

    Args:
        written: the program.
        cured: what the laws have made of it.
        result: takes the steps.
        laws: makes a cured graph of a program.
    """
    pairs = zip(written.outputs, cured.outputs, strict=True)
    changed = [k for k, (old, new) in enumerate(pairs) if old is not new]
    if not changed:
        return cured
    before, after = (Graph(g.inputs, [g.outputs[k] for k in changed]) for g in (written, cured))
    chosen = _chosen(before, after, laws)
    if chosen is after:
        return cured
    outputs = list(cured.outputs)
    for k, node in zip(changed, chosen.outputs, strict=True):
        outputs[k] = node
    if chosen is before:
        result.notes.append(DIFFERS)
    else:
        several = zip(after.outputs, chosen.outputs, strict=True)
        result.steps += [Step(old, new, HAZARD, [], None, reason=REASON) for old, new in several]
        result.narrow = cured
    return written if outputs == list(written.outputs) else cured.with_outputs(outputs)


def _chosen(written: Graph, cured: Graph, laws: Callable[[Graph], Graph]) -> Graph:
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
    wide = in_precision(cured, WIDE)
    found, exactly, off = (results_at(one, points) for one in (cured, wide, perturbed(wide)))
    as_it_is, meant = (results_at(one, points) for one in (written, in_precision(written, WIDE)))
    usual = set(range(ORDINARY))
    same = agreeing(exactly, meant, AGREEMENT, ORDINARY).keys()
    differs = agreeing(exactly, off, KEPT).keys() - same
    sound = _finite(agreeing(as_it_is, meant, AGREEMENT)) - (differs - usual)
    amiss = sound - agreeing(found, meant, AGREEMENT, ORDINARY).keys()
    kept = agreeing(found, exactly, LOST, ORDINARY).keys() - amiss
    if len(kept) < len(points):
        if len(sound & _finite(agreeing(as_it_is, meant, LOST))) == len(points):
            return written
        wide = laws(widened(written))
        better, off = (results_at(one, points) for one in (wide, perturbed(wide)))
        gained = _finite(agreeing(better, off, KEPT)) - kept
        same = agreeing(better, meant, AGREEMENT, ORDINARY).keys()
        near = agreeing(found, better, AGREEMENT, ORDINARY).keys()
        if gained and same >= sound - (amiss - usual) and near >= kept:
            return wide
    return cured if sound.isdisjoint(differs & usual) else written


def _finite(agreeing: Mapping[int, bool]) -> set[int]:
    """The points at which two graphs agree, and all is finite."""
    return {k for k, finite in agreeing.items() if finite}


def widened(graph: Graph) -> Graph:
    """Return a graph of the same inputs and outputs that computes all floats in float64."""
    made = computed_in(graph, {node: _converted(node, WIDE) for node in graph.inputs}, WIDE)
    outputs = [_converted(made[one], one.dtype) for one in graph.outputs]
    return graph.with_outputs(outputs)


def _converted(node: Node, dtype: str) -> Node:
    if not is_float(node.dtype) or node.dtype == dtype:
        return node
    with origin_of(Origin(node.origin.file, node.origin.line, WIDER_TYPE)):
        return astype(node, dtype)


def perturbed(graph: Graph) -> Graph:
    """Return a graph whose operations are each wrong by a little, elements by different amounts."""
    seeds = count()

    def off(node: Node) -> Node:
        if not is_float(node.dtype) or node.operator in _EXACT:
            return node
        return apply(o.MULTIPLY, (node, _near_one(node, next(seeds))))

    return graph.with_outputs(rewritten(graph.outputs, off))


def _near_one(node: Node, seed: int) -> Node:
    shape = tuple(n if isinstance(n, int) else 1 for n in node.shape)
    waves = np.cos(1.7 * np.arange(int(np.prod(shape))) + seed).reshape(shape)
    return constant(1 + WRONG_BY * waves, node.dtype)
