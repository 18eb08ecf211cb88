"""Every element to a few ulps: what the largest exponential drowns is computed without it.

Of exponentials whose largest is ``exp(0) = 1``, as the shift leaves them, the sum is
``Σ_j exp(x[j]) = n + Σ_j (exp(x[j]) − t[j])``: t is 1 where x is 0, else 0, and n is how many those
are. What is added up is the sum without its largest terms, so that ``log Σ``, a target that is
taken from a probability near 1, and a gradient there keep their digits. The laws hold for any t,
so that t carries no gradient, and where no x is 0 nothing is lost.

Source: Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions",
IMA Journal of Numerical Analysis 41 (2021), section 4, for the logarithm.
"""

from typing import Any

import rewriter as rw


def largest(x: Any, j: Any) -> Any:
    """``t[j]``: 1 where x[j], which is not positive, is 0, else 0."""
    return rw.evaluated(1 + rw.sign(x[j]))


def others(x: Any, j: Any) -> Any:
    """``exp(x[j]) − t[j]``: an exponential, 0 where it is the largest."""
    return rw.evaluated(rw.exp(x[j]) - largest(x, j))


@rw.rule
def logarithm_without_the_largest(x: rw.Function, j: rw.Index) -> rw.Rewrite:
    """log Σ_j exp(x[j]) = log1p((n − 1) + Σ_j (exp(x[j]) − t[j])), t = [x = 0], n = Σ_j t[j]."""
    more = rw.evaluated(rw.evaluated(rw.sum(largest(x, j), over=j)) - 1)
    rest = rw.evaluated(rw.sum(others(x, j), over=j))
    return rw.rewrite(
        rw.log(rw.sum(rw.exp(x[j]), over=j)), to=rw.evaluated(rw.log1p(rw.evaluated(more + rest)))
    )


@rw.rule
def centred_at_the_largest(
    x: rw.Function, g: rw.Function, i: rw.Index, j: rw.Index, k: rw.Index
) -> rw.Rewrite:
    """g[i] − Σ_k g[k]·p[k] = (g[i] − c) − Σ_k (g[k] − c)·p[k], c = g where p is largest.

    What the gradient of a softmax p = exp(x)/Σ exp(x) multiplies p[i] by: a constant in g does not
    change it.
    """
    total = rw.sum(rw.exp(x[j]), over=j)
    count = rw.maximum(rw.evaluated(rw.sum(largest(x, j), over=j)), 1.0)
    c = rw.evaluated(rw.sum(largest(x, k) * g[k], over=k)) / count
    mean = rw.evaluated(rw.sum(rw.evaluated(g[k] - c) * rw.exp(x[k]), over=k))
    return rw.rewrite(
        g[i] - rw.sum(rw.exp(x[k]) * g[k], over=k) / total,
        to=rw.evaluated(rw.evaluated(g[i] - c) - mean / rw.evaluated(total)),
    )


@rw.rule
def probability_beside_another(
    a: rw.Rest, x: rw.Function, y: rw.Function, i: rw.Index, j: rw.Index
) -> rw.Rewrite:
    """a·p[i] + y[i] = (a·(exp(x[i]) − t[i]) + (a·t[i] + n·y[i]) + y[i]·Σ_j (exp(x[j]) − t[j])) / s.

    The gradient of a cross entropy, p − y: p[i] = exp(x[i])/s of s = Σ_j exp(x[j]), t = [x = 0].
    """
    total = rw.sum(rw.exp(x[j]), over=j)
    count = rw.evaluated(rw.sum(largest(x, j), over=j))
    rest = rw.evaluated(rw.sum(others(x, j), over=j))
    at_top = rw.evaluated(a * largest(x, i) + count * y[i])
    return rw.rewrite(
        a * rw.exp(x[i]) / total + y[i],
        to=rw.evaluated(a * others(x, i) + at_top + y[i] * rest) / rw.evaluated(total),
    )


COMPONENTWISE = (
    logarithm_without_the_largest, centred_at_the_largest, probability_beside_another,
)  # fmt: skip
