"""Differences with a root by their conjugate: ``√a − b = (a − b²)/(√a + b)``.

The roots of a quadratic, ``(−s + √(s² + 4·s))/2``, and complements of roots, ``1 − √(e/(1 + e))``,
lose the digits that the root has in common with what is beside it; over the conjugate they have
none, where ``a − b²`` is of one sign.
"""

from __future__ import annotations

from rewriter.terms.algebra import add, as_combination, multiply, negate, power, split_content
from rewriter.terms.sign import interval_of, is_nonzero
from rewriter.terms.term import Combination, Product

MOST_BESIDE = 4
"""Summands beside a root up to which they are squared."""


def by_conjugate(total: Combination) -> Combination | None:
    """Return a difference of a root and other exponentials as a fraction, or None.

    None where its numerator is not of one sign, as far as is known: then it cancels still.
    """
    if not 1 < len(total.products) <= MOST_BESIDE + 1:
        return None
    content, base = split_content(total)
    roots = [product for product in base.products if _has_root(product)]
    if len(roots) != 1:
        return None
    root = as_combination(roots[0])
    beside = add((base, negate(root)))
    below = add((root, negate(beside)))
    if not _is_of_one_sign(below) or not is_nonzero(below):
        return None
    above = add((multiply(root, root), negate(multiply(beside, beside))))
    if not _is_of_one_sign(above) or len(above.products) > len(base.products):
        return None
    return multiply(as_combination(content), multiply(above, power(below, -1)))


def _has_root(product: Product) -> bool:
    """Tell whether a sum of exponentials has a root taken of it in a product."""
    return any(q.denominator == 2 and q > 0 and base.wild for base, q in product.factors)


def _is_of_one_sign(term: Combination) -> bool:
    """Tell whether no summand is of the other sign than another."""
    bounds = [interval_of(product) for product in term.products]
    return all(one.nonnegative for one in bounds) or all(one.nonpositive for one in bounds)
