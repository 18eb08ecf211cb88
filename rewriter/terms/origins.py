"""Differences of averages: what is the same wherever the origin of what is averaged lies.

``Σ_k a[k]·x[k] = Σ_k a[k]·(x[k] − c)`` for every c where ``Σ_k a[k] = 0``, as in ``x[i] − Σ_j
p[j]·x[j]``. Where x is exponentiated too and large, the left side cancels, the right side does not.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import TypeGuard

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.algebra import add, as_combination, multiply, negate
from rewriter.terms.binding import bound_sum, evaluated, open_body
from rewriter.terms.functions import stop_gradient
from rewriter.terms.index import Axis, Fixed, IndexExpression, axes_in
from rewriter.terms.interning import remembered
from rewriter.terms.maxima import bound_maximum, bound_minimum
from rewriter.terms.naming import at_indices
from rewriter.terms.reading import Reader
from rewriter.terms.sign import is_nonzero
from rewriter.terms.term import UNIT, ZERO, BoundSum, Combination, Element, Product, Term
from rewriter.terms.traversal import nodes_in

_SUMS = frozenset((
    o.ADD, o.SUBTRACT, o.NEGATIVE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE,
))  # fmt: skip
"""What is looked through for what a node adds and subtracts."""

Change = Callable[[Element], Combination]


@remembered
def centred(term: Combination) -> Combination | None:
    """Return a sum with what it averages less its outermost value, where that changes nothing.

    None where nothing that is exponentiated is averaged, or the weights do not add up to 0.
    """
    if len(term.products) < 2:
        return None
    exponents = list(_exponents_in(term))
    exponentiated = _exponentiated(exponents)
    inside = {node for exponent in exponents for node in nodes_in(exponent)}
    for node in dict.fromkeys(e.node for p in term.products for e, _ in _averaged_in(p)):
        rises = exponentiated.get(node)
        linear = _linear(node) if rises is None else None
        if linear is not None and not _is_of_squares(linear, exponentiated, inside):
            continue
        holding = [p for p in term.products if _times_held(p, node)]
        if any(_times_held(p, node) > 1 for p in holding):
            continue
        if add(_changed(p, node, lambda _: UNIT) for p in holding) is ZERO:
            if linear is not None:
                opened = _with(term, holding, node, _reading(linear))
                return centred(opened) or opened
            if all(_is_plainly_averaged(p, node) for p in holding):
                origin = _outermost(node, holding, rises=bool(rises))
                return _with(term, holding, node, _less(origin))
    return None


def _is_of_squares(
    linear: Combination, exponentiated: Container[Node], inside: Container[Node]
) -> bool:
    """Tell whether a sum is of what is exponentiated in a power alone, as in ``exp(−(x − m)²)``.

    What is exponentiated by itself may be -inf where it is masked: it is left in its sum.
    """
    leaves = nodes_in(linear)
    if any(leaf in exponentiated for leaf in leaves):
        return False
    return len(linear.products) > 1 and any(leaf in inside for leaf in leaves)


def _is_plainly_averaged(product: Product, node: Node) -> bool:
    """Tell whether each sum over elements of a node weighs them by exponentials and what is not 0.

    Where another weight is 0, or a mask in the exponent says so, an element may be anything: the
    largest of all would not be near those that count.
    """
    for base, _ in product.factors:
        if type(base) is not BoundSum or not _holds(base.body, node):
            continue
        exponents = [p for p in base.body.exponent.products if base.axis in p.free]
        plain = len(exponents) == 1 and _is_multiple_of(exponents[0], node)
        weights = (b for b, _ in base.body.factors if not _is_element_of(b, node))
        if not plain or any(base.axis in one.free and not is_nonzero(one) for one in weights):
            return False
    return True


def _is_multiple_of(product: Product, node: Node) -> bool:
    return len(product.factors) == 1 and _is_element_of(product.factors[0][0], node)


def _holds(product: Product, node: Node) -> bool:
    return any(_is_element_of(base, node) for base, _ in product.factors)


def _is_element_of(base: Term, node: Node) -> TypeGuard[Element]:
    return isinstance(base, Element) and base.node is node


def _reading(linear: Combination) -> Change:
    return lambda one: at_indices(linear, one)


def _less(origin: Combination) -> Change:
    away = negate(stop_gradient(origin))
    return lambda one: evaluated(None, add((as_combination(one), away)))


def _linear(node: Node) -> Combination:
    """A node as a sum of what it adds and subtracts."""
    return Reader(lambda one: one.operator in _SUMS)(node)


def _with(term: Combination, holding: list[Product], node: Node, change: Change) -> Combination:
    rest = [as_combination(p) for p in term.products if p not in holding]
    return add([*rest, *(_changed(p, node, change) for p in holding)])


def _exponents_in(term: Combination) -> Iterator[Combination]:
    """Yield the exponents of a term's products, and of what it sums."""
    for product in term.products:
        yield product.exponent
        for base, _ in product.factors:
            if isinstance(base, BoundSum) and base.wild:
                yield base.body.exponent


def _exponentiated(exponents: list[Combination]) -> dict[Node, bool]:
    """The nodes that are exponentiated, and whether the exponentials rise with them."""
    return {
        base.node: product.coefficient > 0
        for exponent in exponents
        for product in exponent.products
        for base, _ in product.factors
        if isinstance(base, Element)
    }


def _averaged_in(product: Product) -> Iterator[tuple[Element, Axis | None]]:
    """Yield the elements that are factors of a product, or of a sum in it, with the sum's axis."""
    for base, q in product.factors:
        if isinstance(base, Element) and q == 1:
            yield base, None
        elif type(base) is BoundSum and q == 1:
            yield from ((b, base.axis) for b, p in base.body.factors
                        if isinstance(b, Element) and p == 1)  # fmt: skip


def _spread_over(product: Product, total: Combination) -> Combination:
    """A product times each summand: what is the same in all is not kept together."""
    return add(multiply(as_combination(product), as_combination(one)) for one in total.products)


def _times_held(product: Product, node: Node) -> int:
    """How often a product has elements of a node as factors, to whatever power."""
    count = 0
    for base, q in product.factors:
        if _is_element_of(base, node):
            count += 1 if q == 1 else 2
        elif type(base) is BoundSum:
            powers = (p for b, p in base.body.factors if _is_element_of(b, node))
            count += sum(1 if p == 1 and q == 1 else 2 for p in powers)
    return count


def _changed(product: Product, node: Node, change: Change) -> Combination:
    """Return a product with something else in place of its one element of a node."""
    for base, _ in product.factors:
        if _is_element_of(base, node):
            return _spread_over(product.without(base), change(base))
        if type(base) is BoundSum:
            axis = base.axis.fresh()
            for inside in open_body(base, axis).products:
                held = [b for b, _ in inside.factors if _is_element_of(b, node)]
                if held:
                    body = _spread_over(inside.without(held[0]), change(held[0]))
                    rest = as_combination(product.without(base))
                    return multiply(rest, bound_sum(axis, body))
    raise AssertionError("a product that holds such an element")


def _outermost(node: Node, holding: list[Product], rises: bool) -> Combination:
    """``max x`` or ``min x`` over the axes along which elements of x are averaged or differ."""
    elements = [(e, a) for p in holding for e, a in _averaged_in(p) if e.node is node]
    places: list[IndexExpression] = []
    axes: list[Axis] = []
    for a, extent in enumerate(node.shape):
        here = {e.indices[a] for e, _ in elements}
        bound = any(axis is not None and axis in axes_in(e.indices[a]) for e, axis in elements)
        if len(here) == 1 and not bound:
            places.append(here.pop())
        elif extent == 1:
            places.append(Fixed(0))
        else:
            axes.append(Axis("k", extent))
            places.append(axes[-1])
    found = as_combination(Element.make(node, tuple(places)))
    for axis in axes:
        found = (bound_maximum if rises else bound_minimum)(axis, found)
    return found
