"""Additive masks: ``x − 10⁹·(1 − m)``, in which ``1 − m`` is computed as it is written.

Multiplied out it reads ``x + 10⁹·m − 10⁹``, which is equal, and in floats has lost x wherever m is
1: the number leaves a softmax as a factor of every summand, and what is left is rounded at 10⁹.
"""

from __future__ import annotations

from rewriter.terms.algebra import add, as_combination, negate, scale
from rewriter.terms.binding import evaluated
from rewriter.terms.indicators import opposite_of
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.term import Combination, Product

LEAST_PENALTY = 64
"""The number from which on a sum that holds it is kept in one piece beside other summands.

What is multiplied out loses as many bits as the number has.
"""


def masked_sum(x: Combination, y: Combination) -> Combination:
    """Return ``x + y``, additive masks in one piece."""
    kept, other = _in_one_piece(x), _in_one_piece(y)
    if (kept is None and other is None) or _is_number(x) or _is_number(y):
        return add((x, y))
    return add((x if kept is None else kept, y if other is None else other))


def masked_difference(x: Combination, y: Combination) -> Combination:
    """Return ``x − y``, additive masks in one piece."""
    return masked_sum(x, negate(y))


def _is_number(term: Combination) -> bool:
    return all(_is_rational(product) for product in term.products)


def _is_rational(product: Product) -> bool:
    return not product.factors and not product.exponent.products


def _in_one_piece(term: Combination) -> Combination | None:
    """Return ``K·(1 − m)`` as K times what is computed as it stands; None of anything else."""
    if len(term.products) < 2 or term.wild:
        return None
    number = next((p.coefficient for p in term.products if _is_rational(p)), 0)
    others = [absolute(p.coefficient) for p in term.products if not _is_rational(p)]
    if absolute(number) < LEAST_PENALTY or max(others) < LEAST_PENALTY:
        return None
    beside = [p for p in term.products if not _is_rational(p)]
    opposite = _complement(beside[0]) if len(beside) == 1 else None
    if opposite is not None and beside[0].coefficient == -number:
        return scale(opposite, number)
    return scale(evaluated(None, scale(term, quotient(1, number))), number)


def _complement(product: Product) -> Combination | None:
    """Return ``1 − [c]``, of a product that is an indicator; else None."""
    if len(product.factors) != 1 or product.exponent.products:
        return None
    base, q = product.factors[0]
    other = opposite_of(base)
    return None if other is None or q != 1 else as_combination(other)
