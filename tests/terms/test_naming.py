"""Names of pieces of terms: equal pieces have one, different ones never share it."""

from __future__ import annotations

import numpy as np

import rewriter as rw
from rewriter.engine.named_sums import NamedSums
from rewriter.graph.node import Node
from rewriter.terms.algebra import add, as_combination, exponential, multiply, number, plain, power
from rewriter.terms.binding import bound_sum, evaluated, replace
from rewriter.terms.functions import logarithm
from rewriter.terms.index import Data, Fixed, axis
from rewriter.terms.naming import definition_of, meaning_of, with_names
from rewriter.terms.reading import element
from rewriter.terms.term import BoundSum, Combination, Delta, Element

X = rw.input("x", (6,), "float32")


def gathered(places: Node) -> Combination:
    """``Σ_j x[j]·δ(places[j], i)``, computed as it stands."""
    delta = Delta.make(Data(places, (axis(0, 6),)), axis(1, 3))
    return evaluated(axis(0, 6), multiply(element(X), as_combination(delta)))


def name_of(piece: Combination) -> Node:
    named = plain(with_names(piece, "float32"))
    assert isinstance(named, Element)
    return named.node


def test_pieces_that_differ_in_the_data_that_index_them_have_names_of_their_own() -> None:
    sources = rw.constant(np.array([0, 1, 2, 0, 1, 2], "int32"))
    targets = rw.constant(np.array([1, 1, 0, 2, 2, 1], "int32"))
    one, other = name_of(gathered(sources)), name_of(gathered(targets))
    assert one is not other
    assert definition_of(one) is not definition_of(other)
    assert name_of(gathered(sources)) is one


def test_a_sum_that_has_a_name_is_called_by_it() -> None:
    """``log(1 + e^x) − log(1 + e^x)`` is 0 whichever of the two was named."""
    total = add([number(1), exponential(element(X))])
    name = exponential(element(rw.input("m", (6,), "float32")))
    names = NamedSums()
    names.keep(plain(total), name)
    quotient = multiply(power(total, -1), name)
    assert names.by_name(quotient) is number(1)
    assert names.by_name(logarithm(total)) is logarithm(name)
    assert names.by_name(element(X)) is element(X)


def test_a_sum_at_other_places_is_called_by_its_name_there() -> None:
    """``Σ_j exp(y[i, j])`` at i = k, and at i = 2."""
    y = rw.input("y", (4, 6), "float32")
    rows, name = axis(0, 4), rw.input("m", (4,), "float32")
    total = bound_sum(axis(1, 6), exponential(as_combination(Element.make(y, (rows, axis(1, 6))))))
    names = NamedSums()
    names.keep(plain(total), exponential(as_combination(Element.make(name, (rows,)))))
    for place in (axis(3, 4), Fixed(2)):
        called = names.by_name(replace(total, {rows: place}))
        assert called is exponential(as_combination(Element.make(name, (place,))))
    turned = Element.make(y, (axis(1, 4), rows))
    columns = bound_sum(axis(1, 4), exponential(as_combination(turned)))
    assert names.by_name(columns) is columns


def test_an_index_that_is_bound_around_a_name_is_none_that_its_piece_binds() -> None:
    """``Σ_j x[j]·S[j]``, where S[i] stands for ``Σ_j y[i, j]``: what reads S sees two indices."""
    y = rw.input("y", (6, 6), "float32")
    rows, columns = axis(0, 6), axis(1, 6)
    piece = evaluated(columns, as_combination(Element.make(y, (rows, columns))))
    named = with_names(piece, "float32")
    total = plain(bound_sum(rows, multiply(element(X), named)))
    assert isinstance(total, BoundSum)
    (inside,) = (base for base, _ in total.body.factors if base.node is not X)
    meant = meaning_of(inside)
    assert meant is not None
    assert meant.free == inside.free == {total.axis}
    inner = plain(meant)
    assert isinstance(inner, BoundSum)
    assert inner.axis is not total.axis
