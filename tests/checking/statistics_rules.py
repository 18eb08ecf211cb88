"""Right rules of statistics and learning: cross entropies, means and variances, counts, losses."""

import math

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


def _count(i: I) -> rw.Real:
    return rw.sum(1.0, over=i)


def _mean(x: F, i: I) -> rw.Real:
    return rw.sum(x[i], over=i) / _count(i)


# Cross entropies ------------------------------------------------------------------------------


@rw.rule.once
def binary_cross_entropy(x: R, y: R) -> rw.Rewrite:
    p = rw.sigmoid(x)
    return to(-(y * rw.log(p) + (1 - y) * rw.log(1 - p)), to=rw.softplus(x) - x * y)


@rw.rule.once
def binary_cross_entropy_of_a_batch(x: F, y: F, i: I) -> rw.Rewrite:
    p = rw.sigmoid(x[i])
    return to(rw.sum(-(y[i] * rw.log(p) + (1 - y[i]) * rw.log(1 - p)), over=i),
              to=rw.sum(rw.softplus(x[i]), over=i) - rw.sum(x[i] * y[i], over=i))  # fmt: skip


@rw.rule.once
def focal_loss(x: R) -> rw.Rewrite:
    p = rw.sigmoid(x)
    return to(-((1 - p) ** 2) * rw.log(p), to=rw.sigmoid(-x) ** 2 * rw.softplus(-x))


@rw.rule.once
def log_density_of_a_beta_logit(x: R, a: R, b: R) -> rw.Rewrite:
    p = rw.sigmoid(x)
    return to(a * rw.log(p) + b * rw.log(1 - p), to=-a * rw.softplus(-x) - b * rw.softplus(x))


@rw.rule.once
def log_complement_of_softmax(x: F, t: F, i: I, k: I) -> rw.Rewrite:
    z = rw.sum(rw.exp(x[i]), over=i)
    return to(rw.sum(t[k] * rw.log(1 - rw.exp(x[k]) / z), over=k),
              to=rw.sum(t[k] * (rw.log(z - rw.exp(x[k])) - rw.log(z)), over=k))  # fmt: skip


@rw.rule.once
def share_of_products_of_sigmoids(x: R, y: R) -> rw.Rewrite:
    both, neither = rw.sigmoid(x) * rw.sigmoid(y), rw.sigmoid(-x) * rw.sigmoid(-y)
    return to(both / (both + neither), to=rw.sigmoid(x + y))


# Counts, means, variances ---------------------------------------------------------------------


@rw.rule.once
def squared_cosines_by_sines(b: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.cos(b[i]) ** 2, over=i),
              to=_count(i) - rw.sum(rw.sin(b[i]) ** 2, over=i))  # fmt: skip


@rw.rule.once
def squared_differences_of_pairs(b: F, i: I, j: I) -> rw.Rewrite:
    squares = rw.sum(b[i] ** 2, over=i)
    return to(rw.sum(rw.sum((b[i] - b[j]) ** 2, over=j), over=i),
              to=2 * _count(j) * squares - 2 * rw.sum(b[i], over=i) ** 2)  # fmt: skip


@rw.rule.once
def sum_of_pairs(x: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(x[i] + x[j], over=j), over=i),
              to=2 * _count(i) * rw.sum(x[i], over=i))  # fmt: skip


@rw.rule.once
def variance_of_scaled(x: F, a: R, i: I, j: I) -> rw.Rewrite:
    scaled = rw.sum(a * x[i], over=i) / _count(i)
    return to(rw.sum((a * x[j] - scaled) ** 2, over=j),
              to=a * a * rw.sum((x[j] - _mean(x, i)) ** 2, over=j))  # fmt: skip


@rw.rule.once
def centred_after_a_shift(x: F, c: R, i: I, k: I) -> rw.Rewrite:
    return to(x[k] + c - rw.sum(x[i] + c, over=i) / _count(i), to=x[k] - _mean(x, i))


@rw.rule.once
def cosine_of_mean(x: F, i: I) -> rw.Rewrite:
    return to(rw.cos(_mean(x, i)), to=1 - 2 * rw.sin(_mean(x, i) / 2) ** 2)


@rw.rule.once
def mean_of_exponentials_under_a_log(x: F, c: R, i: I) -> rw.Rewrite:
    total = rw.sum(rw.exp(x[i]), over=i)
    return to(rw.log(rw.sum(rw.exp(x[i] + c), over=i) / _count(i)),
              to=c + rw.log(total) - rw.log(_count(i)))  # fmt: skip


@rw.rule.once
def weighted_energies(e: F, v: F, b: R, i: I, j: I) -> rw.Rewrite:
    z = rw.sum(rw.exp(-b * e[j]), over=j)
    return to(rw.sum(v[i] * rw.exp(-b * e[i]) / z, over=i),
              to=rw.sum(v[i] * rw.exp(-b * e[i]), over=i) / z, when=[_count(j) > 0])  # fmt: skip


@rw.rule.once
def mean_of_chosen(m: F, x: F, i: I) -> rw.Rewrite:
    chosen = rw.sum(rw.where(m[i] > 0, 1.0, 0.0), over=i)
    return to(rw.cos(rw.sum(rw.where(m[i] > 0, x[i], 0.0), over=i) / chosen),
              to=rw.cos(rw.sum(x[i] * rw.where(m[i] > 0, 1.0, 0.0), over=i) / chosen))  # fmt: skip


@rw.rule.once
def divergence_of_normals(m: R, n: R, s: P, t: P) -> rw.Rewrite:
    return to(rw.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - 0.5,
              to=rw.log(t) - rw.log(s) + ((s / t) ** 2 + ((m - n) / t) ** 2 - 1) / 2)  # fmt: skip


@rw.rule.once
def log_density_of_weibull(x: P, k: P, s: P) -> rw.Rewrite:
    return to(rw.log(k / s * (x / s) ** (k - 1)),
              to=rw.log(k) - k * rw.log(s) + (k - 1) * rw.log(x))  # fmt: skip


@rw.rule.once
def density_of_cauchy(x: R, g: P) -> rw.Rewrite:
    return to(1 / (math.pi * g * (1 + (x / g) ** 2)), to=g / (math.pi * (g * g + x * x)))


# Losses, branches, extremes -------------------------------------------------------------------


@rw.rule.once
def loss_of_huber(x: R, d: P) -> rw.Rewrite:
    size = rw.absolute(x)
    return to(rw.where(size <= d, 0.5 * x * x, d * (size - 0.5 * d)),
              to=rw.minimum(size, d) * (size - 0.5 * rw.minimum(size, d)))  # fmt: skip


@rw.rule.once
def squared_hinge(x: R) -> rw.Rewrite:
    return to(rw.maximum(1 - x, 0) ** 2, to=rw.where(x < 1, (1 - x) ** 2, 0))


@rw.rule.once
def larger_by_choice(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(x > y, x, y), to=rw.maximum(x, y))


@rw.rule.once
def step_by_choice(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(x > 0, y + 1, y), to=y + rw.where(x > 0, 1, 0))


@rw.rule.once
def loss_of_quantile(x: R, q: R) -> rw.Rewrite:
    return to(rw.maximum(q * x, (q - 1) * x), to=q * rw.maximum(x, 0) + (1 - q) * rw.maximum(-x, 0))


@rw.rule.once
def soft_threshold(x: R, t: P) -> rw.Rewrite:
    return to(rw.sign(x) * rw.maximum(rw.absolute(x) - t, 0),
              to=rw.maximum(x - t, 0) - rw.maximum(-x - t, 0))  # fmt: skip


@rw.rule.once
def absorbed_minimum(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x, rw.minimum(x, y)), to=x)


@rw.rule.once
def largest_logarithm(f: F, i: I) -> rw.Rewrite:
    return to(rw.max(rw.log(f[i]), over=i), to=rw.log(rw.max(f[i], over=i)), when=[f[i] > 0])


@rw.rule.once
def median_of_three(x: R, y: R, z: R) -> rw.Rewrite:
    largest, least = (extreme(extreme(x, y), z) for extreme in (rw.maximum, rw.minimum))
    return to(x + y + z - largest - least,
              to=rw.maximum(rw.minimum(x, y), rw.minimum(rw.maximum(x, y), z)))  # fmt: skip
