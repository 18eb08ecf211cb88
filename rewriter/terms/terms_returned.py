"""What sums leave out put back: of two sums of logarithms one is left, and one of their terms."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.terms.algebra import add, as_combination, negate, scale
from rewriter.terms.exclusion import sole, sum_in, wholes
from rewriter.terms.term import ZERO, BoundSum, Combination


def with_terms_returned(exponent: Combination) -> tuple[Combination, Combination]:
    """Return (rest, terms), in all an exponent: sums and what they leave out are put together.

    ``c·Σ_j [j ≠ t]·f[j] + d·Σ_j f[j]`` is ``(c + d)·Σ_j f[j] − c·f[t]`` for c and d of opposite
    signs: of two sums of logarithms one is left, or none, and one of their terms.
    """
    sums = [(p, base) for p in exponent.products if (base := sum_in(p)) is not None]
    present = {product.monomial: product.coefficient for product, _ in sums}
    for product, base in sums if len(sums) > 1 else ():
        for whole, gone in _wholes_within(base):
            one = sole(whole)
            if one is not None and present.get(one.monomial, 0) * product.coefficient < 0:
                moved = scale(whole, product.coefficient)
                left = add((exponent, negate(as_combination(product)), moved))
                rest, terms = with_terms_returned(left)
                return rest, add((terms, scale(gone, -product.coefficient)))
    return exponent, ZERO


def _wholes_within(total: BoundSum) -> Iterator[tuple[Combination, Combination]]:
    """(a sum with more or all of what was left out, what that is), the least returned first."""
    found = [(as_combination(total), ZERO)]
    while found:
        below = [
            (whole, add((gone, as_combination(at_place))))
            for sums, gone in found
            if (one := sole(sums)) is not None and (inner := sum_in(one)) is not None
            for whole, at_place in wholes(inner)
        ]
        yield from below
        found = below
