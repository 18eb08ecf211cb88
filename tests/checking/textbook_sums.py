"""Right rules of textbooks over indices: sums, maxima, arrays."""

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


@rw.rule.once
def product_of_three_arrays(a: F, b: F, c: F, i: I, j: I, k: I, m: I) -> rw.Rewrite:
    return to(
        rw.sum(rw.sum(a[i, j] * b[j, k], over=j) * c[k, m], over=k),
        to=rw.sum(a[i, j] * rw.sum(b[j, k] * c[k, m], over=k), over=j),
    )


@rw.rule.once
def trace_goes_round(a: F, b: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(a[i, j] * b[j, i], over=j), over=i),
              to=rw.sum(rw.sum(b[j, i] * a[i, j], over=i), over=j))  # fmt: skip


@rw.rule.once
def quadratic_form_by_symmetry(a: F, x: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(rw.sum((a[i, j] + a[j, i]) * x[i] * x[j], over=j), over=i),
        to=2 * rw.sum(rw.sum(a[i, j] * x[i] * x[j], over=j), over=i),
    )


@rw.rule.once
def squared_distances(x: F, y: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(
        rw.sum(x[i, k] * x[i, k], over=k) + rw.sum(y[j, k] * y[j, k], over=k)
        - 2 * rw.sum(x[i, k] * y[j, k], over=k),
        to=rw.sum(rw.square(x[i, k] - y[j, k]), over=k),
    )  # fmt: skip


@rw.rule.once
def logits_of_an_outer_shift(x: F, a: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.log(rw.sum(rw.exp(x[i, j] + a[i]), over=j)),
        to=a[i] + rw.log(rw.sum(rw.exp(x[i, j]), over=j)),
    )


@rw.rule.once
def logsumexp_in_two_steps(x: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.log(rw.sum(rw.exp(rw.log(rw.sum(rw.exp(x[i, j]), over=j))), over=i)),
        to=rw.log(rw.sum(rw.sum(rw.exp(x[i, j]), over=j), over=i)),
    )


@rw.rule.once
def sum_of_rests(w: F, x: F, i: I, j: I) -> rw.Rewrite:
    mean = rw.sum(w[j] * x[j], over=j) / rw.sum(w[j], over=j)
    return to(rw.sum(w[i] * (x[i] - mean), over=i), to=0.0 * mean,
              when=[rw.not_equal(rw.sum(w[j], over=j), 0)])  # fmt: skip


@rw.rule.once
def mask_into_the_exponent(w: F, x: F, i: I) -> rw.Rewrite:
    return to(rw.sum(w[i] * rw.exp(x[i]), over=i), to=rw.sum(rw.exp(x[i] + rw.log(w[i])), over=i),
              when=[w[i] > 0])  # fmt: skip


@rw.rule.once
def maximum_of_two_arrays(f: F, g: F, i: I) -> rw.Rewrite:
    return to(rw.max(rw.maximum(f[i], g[i]), over=i),
              to=rw.maximum(rw.max(f[i], over=i), rw.max(g[i], over=i)))  # fmt: skip


@rw.rule.once
def maximum_of_logs(f: F, i: I) -> rw.Rewrite:
    return to(rw.max(rw.log(f[i]), over=i), to=rw.log(rw.max(f[i], over=i)), when=[f[i] > 0])


@rw.rule.once
def maximum_of_roots(f: F, i: I) -> rw.Rewrite:
    return to(rw.max(rw.sqrt(f[i]), over=i), to=rw.sqrt(rw.max(f[i], over=i)), when=[f[i] >= 0])


@rw.rule.once
def maximum_of_nonnegative_products(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.max(rw.max(f[i] * g[j], over=j), over=i),
              to=rw.max(f[i], over=i) * rw.max(g[j], over=j),
              when=[f[i] >= 0, g[j] >= 0])  # fmt: skip


@rw.rule.once
def maximum_through_hyperbolic_tangent(f: F, i: I) -> rw.Rewrite:
    return to(rw.max(rw.tanh(f[i]), over=i), to=rw.tanh(rw.max(f[i], over=i)))


@rw.rule.once
def divisor_out_of_a_maximum(c: P, f: F, i: I) -> rw.Rewrite:
    return to(rw.max(f[i] / c, over=i), to=rw.max(f[i], over=i) / c)


@rw.rule.once
def cosine_similarity_of_scaled(c: P, f: F, g: F, i: I) -> rw.Rewrite:
    norm = rw.sqrt(rw.sum(g[i] * g[i], over=i))
    return to(
        rw.sum(c * f[i] * g[i], over=i) / (rw.sqrt(rw.sum(rw.square(c * f[i]), over=i)) * norm),
        to=rw.sum(f[i] * g[i], over=i) / (rw.sqrt(rw.sum(rw.square(f[i]), over=i)) * norm),
    )


@rw.rule.once
def gibbs_mean_energy(b: P, e: F, i: I) -> rw.Rewrite:
    m = rw.max(-e[i], over=i)
    return to(
        rw.sum(e[i] * rw.exp(-b * e[i]), over=i) / rw.sum(rw.exp(-b * e[i]), over=i),
        to=rw.sum(e[i] * rw.exp(b * (-e[i] - m)), over=i) / rw.sum(rw.exp(b * (-e[i] - m)), over=i),
    )
