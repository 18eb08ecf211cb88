"""Centring: a variance is a mean of squared differences, not a difference of means.

The weights w add up to W; for a mean over n places they are 1, and W is n. Whatever is taken from x
first, c, the laws hold, so that c carries no gradient; as it is near the mean, ``x − c`` is exact
where the mean is far from 0.

Source: Chan, Golub & LeVeque, "Algorithms for computing the sample variance", The American
Statistician 37 (1983).
"""

from typing import Any

import rewriter as rw


def centred(w: Any, x: Any, i: Any, k: Any) -> Any:
    """``x[i] − Σ_k w[k]·x[k]/W``, of numbers from which c, about their mean, is taken first."""
    total = rw.sum(w[k], over=k)
    c = rw.stop_gradient(rw.evaluated(rw.sum(w[k] * x[k], over=k)) / total)
    left = rw.evaluated(rw.sum(w[k] * rw.evaluated(x[k] - c), over=k)) / total
    return rw.evaluated(rw.evaluated(x[i] - c) - left)


@rw.rule
def covariance_by_centring(
    w: rw.Rest, x: rw.Function, y: rw.Function, j: rw.Index, k: rw.Index
) -> rw.Rewrite:
    """Σ_j w[j]·x[j]·y[j]/W − (Σ_j w[j]·x[j]/W)·(Σ_j w[j]·y[j]/W) = Σ_j w[j]·x'[j]·y'[j]/W, centred.

    W = Σ_j w[j] and x'[j] = x[j] − Σ_k w[k]·x[k]/W; for y = x, a variance.
    """
    total = rw.sum(w[j], over=j)
    means = rw.sum(w[j] * x[j], over=j) / total * rw.sum(w[j] * y[j], over=j) / total
    products = w[j] * centred(w, x, j, k) * centred(w, y, j, k)
    return rw.rewrite(
        rw.sum(w[j] * x[j] * y[j], over=j) / total - means,
        to=rw.evaluated(rw.sum(products, over=j)) / total,
    )


@rw.rule
def difference_from_the_mean(w: rw.Rest, x: rw.Function, i: rw.Index, j: rw.Index) -> rw.Rewrite:
    """x[i] − Σ_j w[j]·x[j]/W = (x[i] − c) − Σ_j w[j]·(x[j] − c)/W, c near the mean, W = Σ_j w."""
    mean = rw.sum(w[j] * x[j], over=j) / rw.sum(w[j], over=j)
    return rw.rewrite(x[i] - mean, to=centred(w, x, i, j))


CENTRING = (covariance_by_centring, difference_from_the_mean)


@rw.condition
def one(values: Any) -> bool | None:
    """1."""
    return True if values.low == values.high == 1 else None


def of_known_weight() -> tuple[Any, ...]:
    """Return the two laws as a graph has them: for −1/W, a number or a product, stands a."""

    @rw.rule
    def covariance_by_centring(
        a: rw.Rest, w: rw.Rest, x: rw.Function, y: rw.Function, j: rw.Index, k: rw.Index
    ) -> rw.Rewrite:
        """Σ_j w[j]·x[j]·y[j] − (Σ_j w[j]·x[j])·(Σ_j w[j]·y[j])/W = Σ_j w[j]·x'[j]·y'[j]."""
        totals = rw.sum(w[j] * x[j], over=j) * rw.sum(w[j] * y[j], over=j)
        products = w[j] * centred(w, x, j, k) * centred(w, y, j, k)
        return rw.rewrite(
            rw.sum(w[j] * x[j] * y[j], over=j) + a * totals,
            to=rw.evaluated(rw.sum(products, over=j)),
            when=[one(-a * rw.sum(w[j], over=j))],
        )

    @rw.rule
    def difference_from_the_mean(
        a: rw.Rest, w: rw.Rest, x: rw.Function, i: rw.Index, j: rw.Index
    ) -> rw.Rewrite:
        """x[i] − Σ_j w[j]·x[j]/W = (x[i] − c) − Σ_j w[j]·(x[j] − c)/W, c near the mean."""
        return rw.rewrite(
            x[i] + a * rw.sum(w[j] * x[j], over=j),
            to=centred(w, x, i, j),
            when=[one(-a * rw.sum(w[j], over=j))],
        )

    return covariance_by_centring, difference_from_the_mean


LAWS_OF_KNOWN_WEIGHTS = of_known_weight()
