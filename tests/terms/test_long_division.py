"""Long division of sums of exponentials: exact quotients are found, and others soon given up."""

from __future__ import annotations

import pytest

import rewriter as rw
from rewriter.terms import fractions
from rewriter.terms.algebra import add, collect, exponential, multiply_products, scale
from rewriter.terms.fractions import divide_exactly
from rewriter.terms.reading import element
from rewriter.terms.term import UNIT

X, Y = (exponential(element(rw.input(name, ()))) for name in "xy")
DENOMINATORS = [add((UNIT, X)), add((UNIT, scale(X, 3))), add((UNIT, X, Y))]
SQUARE = exponential(scale(element(rw.input("x", ())), 2))
QUOTIENTS = [
    X,
    add((UNIT, scale(Y, -1))),
    add((UNIT, scale(X, -1), SQUARE)),
    add((scale(X, 2), Y)),
]


def product_of(left, right):
    """The product, multiplied out without a budget."""
    return collect(
        p for a in left.products for b in right.products for p in multiply_products(a, b).products
    )


@pytest.mark.parametrize("quotient", QUOTIENTS)
@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_an_exact_quotient_is_found(denominator, quotient):
    assert divide_exactly(product_of(denominator, quotient), denominator) is quotient


@pytest.mark.parametrize("quotient", QUOTIENTS)
@pytest.mark.parametrize("denominator", DENOMINATORS[:2])
def test_what_leaves_a_rest_is_given_up_beyond_the_greatest(denominator, quotient, monkeypatch):
    """``(5·e⁻ˣ + eˣ + e²ˣ)/(1 + eˣ)`` has no end, ``5·e⁻ˣ − 5 + 6·eˣ − …``."""
    looked_for = []
    least = fractions.least_product
    monkeypatch.setattr(
        fractions, "least_product", lambda term: looked_for.append(term) or least(term)
    )
    rest = scale(exponential(scale(element(rw.input("x", ())), -1)), 5)
    numerator = add((product_of(denominator, quotient), rest))
    assert divide_exactly(numerator, denominator) is None
    assert len(looked_for) < fractions.LONGEST_QUOTIENT
