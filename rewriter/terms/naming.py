"""Names for pieces of terms: a computed sum, or a maximum, stands as the element of a node.

Where sums nest (a forward recursion, alternating normalisations), a term that holds all of them
grows with the depth of the program. A named piece is one element, whatever it holds; what it
stands for is looked up where a difference ``u − max u`` is sought, and where it is built. Equal
pieces have one name, so that they still cancel.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

from rewriter.facts.ranges import refine
from rewriter.graph import operators as o
from rewriter.graph.dimension import Shape
from rewriter.graph.node import Node, make_node
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply, single_power
from rewriter.terms.binding import (
    CaseAxis,
    axis_to_open,
    evaluated,
    open_body,
    open_support,
    replace,
)  # fmt: skip
from rewriter.terms.functions import apply, maximum_in
from rewriter.terms.index import Axis, axis
from rewriter.terms.interning import remembered
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.sign import interval_of
from rewriter.terms.term import (
    ONE,
    Application,
    BoundMaximum,
    Combination,
    Element,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import nodes_in

_DEFINITIONS: weakref.WeakKeyDictionary[Node, Combination] = weakref.WeakKeyDictionary()


def definition_of(node: Node) -> Combination | None:
    """Return what a node stands for, at its axes in order, or None where it stands for itself."""
    return _DEFINITIONS.get(node)


def names_in(term: Term) -> set[Node]:
    """Return the nodes in a term that stand for something."""
    return {node for node in nodes_in(term) if definition_of(node) is not None}


def meaning_of(element: Element) -> Combination | None:
    """Return what an element of such a node stands for, at its indices, or None."""
    found = _DEFINITIONS.get(element.node)
    return None if found is None else at_indices(found, element)


@remembered
def at_indices(term: Combination, element: Element) -> Combination:
    """Return the term of an element's node, given at its own axes, at the element's indices."""
    places = enumerate(zip(element.node.shape, element.indices, strict=True))
    return replace(term, {axis(k, extent): index for k, (extent, index) in places})


def weight_of(term: Term) -> int:
    """Return the number of parts of a term, written out; computed once for each term.

    Of what an exponent adds up that is read at one place, ``x[j] − c[j]``, the largest counts.
    """
    found: int | None = term.__dict__.get("weight")
    if found is None:
        if isinstance(term, Product):
            found = 1 + sum(weight_of(base) for base, _ in term.factors) + _of_exponent(term)
        else:
            found = 1 + sum(_weights(term.parts))
        term.__dict__["weight"] = found
    return found


def _of_exponent(product: Product) -> int:
    at_places: dict[frozenset[Axis], int] = {}
    for one in product.exponent.products:
        at_places[one.free] = max(at_places.get(one.free, 0), weight_of(one))
    return 1 + sum(at_places.values())


def _weights(parts: tuple[Any, ...]) -> Iterator[int]:
    for part in parts:
        if isinstance(part, Term):
            yield weight_of(part)
        elif isinstance(part, tuple):
            yield from _weights(part)


@remembered
def with_names(term: Combination, dtype: str) -> Combination:
    """Return the term with every computed sum and every shift replaced by a named element.

    Args:
        term: any term.
        dtype: what the pieces are to be computed in.
    """
    return add(_product(product, dtype) for product in term.products)


def _product(product: Product, dtype: str) -> Combination:
    exponent = with_names(product.exponent, dtype)
    return with_bases(product, exponent, lambda base: _base(base, dtype))


def with_bases(
    product: Product, exponent: Combination, change: Callable[[Term], Any]
) -> Combination:
    """Return a product of another exponent, each base changed; those that stay are not opened."""
    result = Combination.make((Product.make(product.coefficient, (), exponent),))
    for base, q in product.factors:
        changed = change(base)
        factor = single_power(base, q) if changed is base else algebra.power(changed, q)
        result = multiply(result, factor)
    return result


def _base(base: Term, dtype: str) -> Any:
    if isinstance(base, Combination):
        changed: Combination = with_names(base, dtype)
        return base if changed is base else changed
    if isinstance(base, Inverse):
        inner = _base(base.parts[0], dtype)
        return base if inner is base.parts[0] else algebra.power(as_combination(inner), -ONE)
    if isinstance(base, Evaluated):
        return _named(_evaluated(base, dtype), dtype)
    if maximum_in(base) is not None and not isinstance(base, Element):
        return _named(_maximum(base, dtype), dtype)
    if isinstance(base, Application):
        arguments = tuple(with_names(a, dtype) for a in base.arguments)
        return base if arguments == base.arguments else apply(base.operator, *arguments)
    return base


def _evaluated(base: Evaluated, dtype: str) -> Combination:
    if base.axis is None:
        return evaluated(None, with_names(base.body, dtype))
    fresh = axis_to_open(base)
    return evaluated(fresh, with_names(open_body(base, fresh), dtype))


def _maximum(base: Term, dtype: str) -> Combination:
    """A shift, with the pieces inside it named."""
    if isinstance(base, BoundMaximum):
        fresh = axis_to_open(base)
        body = with_names(open_body(base, fresh), dtype)
        return bound_maximum(fresh, body, with_names(open_support(base, fresh), dtype))
    assert isinstance(base, Application)
    return apply(base.operator, *(with_names(a, dtype) for a in base.arguments))


def _named(piece: Combination, dtype: str) -> Combination:
    """Return the element that stands for a piece; a sole element is its own name."""
    atom = algebra.plain(piece)
    if not isinstance(atom, (Evaluated, BoundMaximum, Application)):
        return piece
    if any(isinstance(one, CaseAxis) for one in atom.free):
        return piece
    free = sorted(atom.free, key=lambda one: (one.name, one.number))
    places = {one: axis(k, one.extent) for k, one in enumerate(free)}
    canonical = replace(piece, places)
    kind = "sum" if isinstance(atom, Evaluated) else "max"
    node = _node_of(
        f"~{kind}{canonical.order[2]:x}", canonical, tuple(a.extent for a in free), dtype
    )
    return as_combination(Element.make(node, tuple(free)))


def _node_of(name: str, piece: Combination, shape: Shape, dtype: str) -> Node:
    """Return the node that stands for a piece: digests that meet by chance are told apart."""
    while True:
        attributes = (("dtype", dtype), ("level", piece.level), ("name", name), ("shape", shape))
        node = make_node(o.INPUT, (), attributes, shape, dtype)
        if node not in _DEFINITIONS:
            _DEFINITIONS[node] = piece
        if _DEFINITIONS[node] is piece:
            refine(node, interval_of(piece))
            return node
        name += "'"
