"""The branches of two lists of operands that are to be equal under an equational operator.

x + a =? y + b      x := b + z, y := a + z      or      x := b, y := a
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from rewriter.matching.collapsing import (
    apart,
    collapses,
    is_general,
    may_vanish,
    ways_to_collapse,
)
from rewriter.matching.diophantine import Vector, covers, minimal_solutions
from rewriter.matching.operands import combine, takes_many
from rewriter.matching.protocol import Operator, is_ground, operator_of
from rewriter.matching.unifier import Node, Posed, Settling
from rewriter.matching.variable import Kind, Rest, kind_of

__all__ = ["branches_of"]

Atoms = list[tuple[Any, int]]


def branches_of(posed: Posed, settling: Settling) -> Iterator[Node]:
    """Return the nodes that solve a problem."""
    operator = posed.operator
    left, right = settling.flat(operator, posed.left), settling.flat(operator, posed.right)
    atoms = (*left, *right)
    sums_alone = operator.associative and operator.commutative and not operator.idempotent
    elementary = sums_alone and not settling.branched
    for atom in atoms:
        many = kind_of(atom) is Kind.APPLIED and takes_many(atom)
        if many or (kind_of(atom) is Kind.APPLIED and settling.search.horizon.collapsing):
            settling.search.horizon.cut(f"{atom} is taken to stand for one operand of {operator}")
    if not elementary or any(not (is_ground(each) or is_variable(each)) for each in atoms):
        settling.search.horizon.overlapping = True
    if not operator.commutative:
        from rewriter.matching.words import branches_of_words

        return branches_of_words(posed, left, right, settling)
    if not operator.associative:
        return arrangements(left, right, settling)
    if operator.idempotent:
        from rewriter.matching.idempotent import unions

        found = unions(operator, left, right, settling)
        atoms_of = [(atom, 1) for atom in dict.fromkeys(atoms)]
        return chain(found, collapsing(operator, atoms_of, left, right, settling))
    return sums(operator, left, right, settling)


def distinct_permutations(items: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield lazily the orders of some items, none twice where items are equal."""
    if not items:
        yield ()
        return
    order: list[Any] = []
    stack = [_firsts(items)]
    while stack:
        chosen = next(stack[-1], None)
        if chosen is None:
            stack.pop()
            order = order[:-1]
            continue
        item, others = chosen
        if others:
            order.append(item)
            stack.append(_firsts(others))
        else:
            yield (*order, item)


def _firsts(items: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each distinct item with the others."""
    for place, item in enumerate(items):
        if item not in items[:place]:
            yield item, [*items[:place], *items[place + 1 :]]


def arrangements(left: list[Any], right: list[Any], settling: Settling) -> Iterator[Node]:
    """Yield the ways to pair the operands of a commutative operator."""
    if len(left) != len(right):
        return
    for order in distinct_permutations(right):
        settling.search.spend()
        yield settling.node(tuple(zip(left, order, strict=True)))


def sums(
    operator: Operator, left: list[Any], right: list[Any], settling: Settling
) -> Iterator[Node]:
    """Yield the ways to make two sums equal: cancel, then share out by minimal solutions."""
    mine, others = Counter(left), Counter(right)
    common = mine & others
    lefts, rights = list((mine - common).items()), list((others - common).items())
    if not lefts or not rights:
        yield from vanishing(operator, lefts or rights, settling)
        return
    for one, many in ((lefts, rights), (rights, lefts)):
        (atom, count), *more = one
        if not more and count == 1 and is_general(atom):
            sum_of_many = [each for each, times in many for _ in range(times)]
            if operator.unit is not None or sum_of_many:
                yield settling.node(((atom, combine(operator, tuple(sum_of_many), False)),))
            return
    yield from shared(operator, lefts, rights, settling)
    yield from collapsing(operator, [*lefts, *rights], left, right, settling)


def is_variable(atom: Any) -> bool:
    """Whether an atom is a variable."""
    return kind_of(atom) is not Kind.TERM


def vanishing(operator: Operator, atoms: Atoms, settling: Settling) -> Iterator[Node]:
    """Yield the node in which some atoms add up to nothing."""
    if not atoms:
        yield settling.node()
    elif operator.unit is not None and all(may_vanish(atom) for atom, _ in atoms):
        yield settling.node(tuple((atom, operator.unit) for atom, _ in atoms))


def shared(operator: Operator, lefts: Atoms, rights: Atoms, settling: Settling) -> Iterator[Node]:
    """Yield a node for each way to share out the atoms of two sums."""
    atoms = [atom for atom, _ in (*lefts, *rights)]
    exact = [not is_general(atom) for atom in atoms]
    most = sum(count for _, count in (*lefts, *rights))
    vectors = minimal_solutions(
        tuple(count for _, count in lefts),
        tuple(count for _, count in rights),
        tuple(1 if one else most for one in exact),
        settling.search.spend,
    )
    fitting = [vector for vector in vectors if not clashes(vector, atoms, exact)]
    for chosen in covers(fitting, exact, operator.unit is None, settling.search.spend):
        yield branch(operator, atoms, exact, chosen, settling)


def clashes(vector: Vector, atoms: list[Any], exact: list[bool]) -> bool:
    """Whether a solution lets two atoms be equal that cannot be."""
    rigid = [atoms[at] for at, _ in vector if exact[at] and kind_of(atoms[at]) is Kind.TERM]
    return any(apart(rigid[0], other) for other in rigid[1:])


def branch(
    operator: Operator,
    atoms: list[Any],
    exact: list[bool],
    chosen: list[Vector],
    settling: Settling,
) -> Node:
    """Return the node that takes some solutions: each a new variable, or what it equals."""
    sums_of: list[list[Any]] = [[] for _ in atoms]
    equations: list[tuple[Any, Any]] = []
    for vector in chosen:
        equal = [atoms[at] for at, _ in vector if exact[at]]
        equal.sort(key=lambda atom: kind_of(atom) is not Kind.TERM)
        part = equal[0] if equal else Rest()
        equations.extend((part, each) for each in equal[1:])
        for at, number in vector:
            if not exact[at]:
                sums_of[at].extend([part] * number)
    for at, parts in enumerate(sums_of):
        if not exact[at]:
            equations.append((atoms[at], combine(operator, tuple(parts), False)))
    strict = tuple((a, operator) for a, one in zip(atoms, exact, strict=True) if one)
    return settling.node(tuple(equations), strict=strict)


def collapsing(
    operator: Operator, atoms: Atoms, left: list[Any], right: list[Any], settling: Settling
) -> Iterator[Node]:
    """Yield nodes in which an operand loses its own root and becomes several operands."""
    if not settling.search.horizon.collapsing:
        return
    for atom, _ in atoms:
        if operator_of(atom) is None or is_ground(atom):
            continue
        for operand, equal in ways_to_collapse(atom):
            root = operator_of(operand)
            if kind_of(operand) is Kind.TERM and root is not operator and not collapses(root):
                continue
            sides = [
                tuple(operand if each is atom else each for each in side) for side in (left, right)
            ]
            posed = Posed(operator, sides[0], sides[1], settling.search.horizon.depth)
            yield settling.node(equal, (posed,))
