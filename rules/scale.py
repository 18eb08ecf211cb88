"""The law of scale: a sum of powers is computed with its largest term taken out.

It is the shift law without the exponential: ``(Σ |x|^p)^(1/p) = m·(Σ |x/m|^p)^(1/p)``. Whatever the
scale m, the law holds, so that m carries no gradient; as a power of two it rounds nothing: where
the sum as it stands neither overflows nor vanishes, its bits stay the same.

Source: Blue, "A portable Fortran program to find the Euclidean norm of a vector", ACM TOMS 4
(1978).
"""

from functools import cache

import rewriter as rw
from rewriter.authoring.definition import Rule
from rewriter.terms.rational import Rational

MOST_INDICES = 4
"""Indices that one sum of powers may run over."""


@rw.rule
def scale_by_the_largest(w: rw.Rest, x: rw.Function, j: rw.Index) -> rw.Rewrite:
    """Σ_j w[j]·x[j]² = m²·Σ_j w[j]·(x[j]/m)², m next to max_j |x[j]| where w[j] ≠ 0."""
    m = rw.binade(rw.stop_gradient(rw.max(rw.absolute(x[j]), over=j, where=w[j])))
    scaled = rw.evaluated(rw.sum(w[j] * rw.evaluated(x[j] / m) ** 2, over=j))
    return rw.rewrite(rw.sum(w[j] * x[j] ** 2, over=j), to=m**2 * scaled)


@cache
def scale_of_powers(power: Rational, of_size: bool, indices: int) -> Rule:
    """Return the law for ``Σ w·x^power``, or ``Σ w·|x|^power``, over several indices.

    Args:
        power: larger than 1.
        of_size: |x| is raised.
        indices: how many the sum runs over.
    """
    if (power, of_size, indices) == (2, False, 1):
        return scale_by_the_largest

    def scale_by_the_largest_of_powers(
        w: rw.Rest, x: rw.Function, i: rw.Index, j: rw.Index, k: rw.Index, n: rw.Index
    ) -> rw.Rewrite:
        """Σ_j w[j]·|x[j]|^p = m^p·Σ_j w[j]·|x[j]/m|^p, m next to max_j |x[j]| where w[j] ≠ 0."""
        chosen = (i, j, k, n)[:indices]
        weight, value = w[chosen], x[chosen]
        largest, raised = rw.absolute(value), rw.absolute(value) if of_size else value
        for place, index in enumerate(chosen):
            largest = rw.max(largest, over=index, where=1.0 if place else weight)
        m = rw.binade(rw.stop_gradient(largest))
        before = weight * raised ** float(power)
        after = weight * rw.evaluated(raised / m) ** float(power)
        for index in chosen[:-1]:
            before, after = rw.sum(before, over=index), rw.sum(after, over=index)
        before = rw.sum(before, over=chosen[-1])
        after = rw.evaluated(rw.sum(after, over=chosen[-1]))
        return rw.rewrite(before, to=m ** float(power) * after)

    return rw.rule(scale_by_the_largest_of_powers)


SCALE = (scale_by_the_largest,)
