"""Near misses: how much of a rule's left side stands somewhere, and what stands for the rest.

A pattern and a subject are read side by side from their roots. Where their operators agree the
operands are paired, under a commutative operator each with the one that is most like it; where they
do not, that is a difference. Variables agree with anything, so long as each stands for one thing.

>>> import rewriter as rw
>>> @rw.rule
... def versed(x: rw.Real):
...     \"\"\"1 − cos x = 2·sin²(x/2).\"\"\"
...     return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))
>>> angle = rw.input("angle", ())
>>> graph = rw.Graph([angle], [2 - rw.cos(angle)])
>>> print(rw.why_not(graph, versed).nearest.differences[0])
1 is looked for, and 2 stands there
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rewriter.graph.node import Node
from rewriter.matching.protocol import (
    fresh_index,
    open_binder,
    operands_of,
    operator_of,
    variables_of,
)
from rewriter.matching.variable import Kind, Variable, kind_of

Bound = tuple[Any, Any]

TOGETHER = "each part is there, but not all of them with one value for each variable"


@dataclass(frozen=True)
class NearMiss:
    """A place that is like a rule's left side.

    Attributes:
        node: the place.
        agreeing: the largest part of the left side that is there; None if none of it is.
        likeness: how many of its operators and numbers are there.
        size: how many it has.
        differences: what is missing, or stands there instead.
    """

    node: Node
    agreeing: Any
    likeness: int
    size: int
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"nearest at {self.node.origin}: {self.node!r}"]
        if self.agreeing is not None:
            lines.append(f"  {self.agreeing} is there")
        return "\n".join([*lines, *(f"  {difference}" for difference in self.differences)])


@dataclass(frozen=True)
class Comparison:
    """How a subject compares with a pattern.

    Attributes:
        likeness: how many operators and numbers of the pattern are there.
        parts: parts of the pattern that are there whole, with their likeness.
        differences: what is not.
        bound: what its variables would stand for.
    """

    likeness: int
    parts: tuple[tuple[int, Any], ...] = ()
    differences: tuple[str, ...] = ()
    bound: tuple[Bound, ...] = ()


def size_of(pattern: Any) -> int:
    """Return how many operators and numbers a pattern has; variables count for nothing."""
    if kind_of(pattern) is not Kind.TERM:
        return 0
    return 1 + sum(map(size_of, operands_of(pattern)))


def nearest(places: Iterable[tuple[Node, Any]], pattern: Any) -> NearMiss | None:
    """Return the place that has most of a pattern, the first of those, or None.

    Args:
        places: nodes with their terms, in the forms that are matched.
        pattern: a rule's left side, of which no place is an instance.
    """
    size = size_of(pattern)
    best: NearMiss | None = None
    for node, term in places:
        found = compare(pattern, term)
        if found.likeness > (0 if best is None else best.likeness):
            differences = (*found.differences, *_clashes(found.bound)) or (TOGETHER,)
            largest = max(found.parts, key=lambda part: part[0], default=(0, None))
            best = NearMiss(
                node, largest[1], found.likeness, size, tuple(dict.fromkeys(differences))
            )
    return best


def compare(pattern: Any, subject: Any) -> Comparison:
    """Compare a pattern with a subject from their roots down."""
    if kind_of(pattern) is not Kind.TERM:
        bound = ((pattern, subject),) if kind_of(pattern) is Kind.ONE else ()
        return Comparison(0, bound=bound)
    if not variables_of(pattern) and pattern == subject:
        return Comparison(size_of(pattern), ((size_of(pattern), pattern),))
    operator = operator_of(pattern)
    if operator is None:
        return Comparison(0, differences=(_instead(pattern, subject),))
    if operator.associative and operator.commutative:
        found = _as_multisets(pattern, subject)
    elif operator_of(subject) is not operator:
        return Comparison(0, differences=(_instead(pattern, subject),))
    else:
        found = _joined(map(compare, *_in_order(pattern, subject)))
    if not found.likeness and operator.associative and operator_of(subject) is not operator:
        return Comparison(0, differences=(_instead(pattern, subject),))
    whole = not found.differences
    likeness = found.likeness + (operator_of(subject) is operator)
    parts = ((likeness, pattern),) if whole else found.parts
    return Comparison(likeness, parts, found.differences, found.bound)


def _in_order(pattern: Any, subject: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The operands of two terms with one operator, a bound index the same in both."""
    operator = operator_of(pattern)
    if operator is None or not operator.binder:
        return operands_of(pattern), operands_of(subject)
    index = fresh_index(subject)
    return open_binder(pattern, index), open_binder(subject, index)


def _as_multisets(pattern: Any, subject: Any) -> Comparison:
    """Pair each operand of a pattern with the operand of the subject that is most like it."""
    operator = operator_of(pattern)
    left = list(operands_of(subject)) if operator_of(subject) is operator else [subject]
    wanted = [one for one in operands_of(pattern) if kind_of(one) is Kind.TERM]
    found, unlike = [], []
    for one in sorted(wanted, key=size_of, reverse=True):
        ways = [(compare(one, other), place) for place, other in enumerate(left)]
        way, place = max(ways, key=lambda w: (w[0].likeness, -w[1]), default=(Comparison(0), 0))
        if way.likeness:
            found.append(way)
            del left[place]
        else:
            unlike.append(one)
    said = [_instead(one, left.pop(0)) if left else _missing(one, pattern) for one in unlike]
    variables = [one for one in operands_of(pattern) if kind_of(one) is not Kind.TERM]
    for variable in variables:
        if kind_of(variable) is Kind.ONE and left:
            found.append(Comparison(0, bound=((variable, left.pop(0)),)))
    if not any(kind_of(one) is not Kind.ONE for one in variables):
        said += [f"{one} stands there besides" for one in left]
    joined = _joined(found)
    return Comparison(joined.likeness, joined.parts, (*joined.differences, *said), joined.bound)


def _joined(found: Iterable[Comparison]) -> Comparison:
    every = list(found)
    return Comparison(
        sum(one.likeness for one in every),
        tuple(part for one in every for part in one.parts),
        tuple(difference for one in every for difference in one.differences),
        tuple(pair for one in every for pair in one.bound),
    )


def _instead(pattern: Any, subject: Any) -> str:
    return f"{pattern} is looked for, and {subject} stands there"


def _missing(part: Any, pattern: Any) -> str:
    return f"{part} is looked for in {pattern}, and is not there"


def _clashes(bound: Iterable[Bound]) -> list[str]:
    """Variables that would have to stand for several things at once, or for what they may not."""
    values: dict[Any, dict[Any, None]] = {}
    for variable, value in bound:
        values.setdefault(variable, {})[value] = None
    found = []
    for variable, several in values.items():
        if len(several) > 1:
            found.append(f"{variable} would be {' and '.join(sorted(map(str, several)))} at once")
        (first, *_) = several
        guard = variable.accepts if isinstance(variable, Variable) else None
        if guard is not None and not guard(first):
            found.append(f"{variable} may not be {first}")
    return found
