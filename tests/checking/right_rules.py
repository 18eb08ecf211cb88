"""Right rules of ordinary practice: textbook identities, each under the conditions it needs.

Every one is an identity of real analysis; none is shipped.
"""

import rewriter as rw

R, F, I = rw.Real, rw.Function, rw.Index  # noqa: E741


@rw.rule
def log_of_product(x: R, rest: rw.Rest) -> rw.Rewrite:
    """log(x · rest) = log x + log rest, for x > 0."""
    return rw.rewrite(rw.log(x * rest), to=rw.log(x) + rw.log(rest), when=[x > 0])


@rw.rule
def log_of_quotient(x: R, y: R) -> rw.Rewrite:
    """log(x / y) = log x − log y, for x, y > 0."""
    return rw.rewrite(rw.log(x / y), to=rw.log(x) - rw.log(y), when=[x > 0, y > 0])


@rw.rule
def log_of_power(x: R, y: R) -> rw.Rewrite:
    """log(x^y) = y · log x, for x > 0."""
    return rw.rewrite(rw.log(x**y), to=y * rw.log(x), when=[x > 0])


@rw.rule
def sum_of_logs(x: rw.Positive, y: rw.Positive) -> rw.Rewrite:
    """log x + log y = log(x·y), for x, y > 0."""
    return rw.rewrite(rw.log(x) + rw.log(y), to=rw.log(x * y))


@rw.rule
def log_of_reciprocal(x: R) -> rw.Rewrite:
    """log(1/x) = −log x, for x > 0."""
    return rw.rewrite(rw.log(1 / x), to=-rw.log(x), when=[x > 0])


@rw.rule
def log_of_root(x: R) -> rw.Rewrite:
    """log √x = log(x)/2, for x > 0."""
    return rw.rewrite(rw.log(rw.sqrt(x)), to=rw.log(x) / 2, when=[x > 0])


@rw.rule
def log_of_square(x: R) -> rw.Rewrite:
    """log(x²) = 2·log|x|, for x ≠ 0."""
    return rw.rewrite(rw.log(x * x), to=2 * rw.log(rw.absolute(x)), when=[rw.not_equal(x, 0.0)])


@rw.rule
def log_of_scaled_sum(c: R, a: R, b: R) -> rw.Rewrite:
    """log(c·a + c·b) = log c + log(a + b), for c > 0."""
    return rw.rewrite(rw.log(c * a + c * b), to=rw.log(c) + rw.log(a + b), when=[c > 0])


@rw.rule
def product_of_exponentials(x: R, y: R) -> rw.Rewrite:
    """e^x · e^y = e^(x+y)."""
    return rw.rewrite(rw.exp(x) * rw.exp(y), to=rw.exp(x + y))


@rw.rule
def exponential_of_sum(x: R, y: R) -> rw.Rewrite:
    """e^(x+y) = e^x · e^y."""
    return rw.rewrite(rw.exp(x + y), to=rw.exp(x) * rw.exp(y))


@rw.rule
def quotient_of_exponentials(x: R, y: R) -> rw.Rewrite:
    """e^x / e^y = e^(x−y)."""
    return rw.rewrite(rw.exp(x) / rw.exp(y), to=rw.exp(x - y))


@rw.rule
def power_of_exponential(x: R, y: R) -> rw.Rewrite:
    """(e^x)^y = e^(x·y)."""
    return rw.rewrite(rw.exp(x) ** y, to=rw.exp(x * y))


@rw.rule
def exponential_of_multiple_of_log(x: R, y: R) -> rw.Rewrite:
    """e^(y · log x) = x^y, for x > 0."""
    return rw.rewrite(rw.exp(y * rw.log(x)), to=x**y, when=[x > 0])


@rw.rule
def logarithm_of_exponential(x: R, y: R) -> rw.Rewrite:
    """y · log e^x = y·x."""
    return rw.rewrite(y * rw.log(rw.exp(x)), to=y * x)


@rw.rule
def exponential_of_logarithm(x: R) -> rw.Rewrite:
    """e^(log x) = x, for x > 0."""
    return rw.rewrite(rw.exp(rw.log(x)), to=x, when=[x > 0])


@rw.rule
def root_of_product(x: R, y: R) -> rw.Rewrite:
    """√(x·y) = √x · √y, for x, y ≥ 0."""
    return rw.rewrite(rw.sqrt(x * y), to=rw.sqrt(x) * rw.sqrt(y), when=[x >= 0, y >= 0])


@rw.rule
def product_of_roots(x: R, y: R) -> rw.Rewrite:
    """√x · √y = √(x·y), for x, y ≥ 0."""
    return rw.rewrite(rw.sqrt(x) * rw.sqrt(y), to=rw.sqrt(x * y), when=[x >= 0, y >= 0])


@rw.rule
def root_of_quotient(x: R, y: R) -> rw.Rewrite:
    """√(x/y) = √x / √y, for x ≥ 0, y > 0."""
    return rw.rewrite(rw.sqrt(x / y), to=rw.sqrt(x) / rw.sqrt(y), when=[x >= 0, y > 0])


@rw.rule
def root_of_square(x: R) -> rw.Rewrite:
    """√(x²) = |x|."""
    return rw.rewrite(rw.sqrt(x * x), to=rw.absolute(x))


@rw.rule
def root_of_square_of_positive(x: R) -> rw.Rewrite:
    """√(x²) = x, for x ≥ 0."""
    return rw.rewrite(rw.sqrt(x * x), to=x, when=[x >= 0])


@rw.rule
def square_of_root(x: R) -> rw.Rewrite:
    """(√x)² = x, for x ≥ 0."""
    return rw.rewrite(rw.square(rw.sqrt(x)), to=x, when=[x >= 0])


@rw.rule
def quotient_by_root(x: R) -> rw.Rewrite:
    """x / √x = √x, for x > 0."""
    return rw.rewrite(x / rw.sqrt(x), to=rw.sqrt(x), when=[x > 0])


@rw.rule
def power_of_product(x: R, y: R, p: R) -> rw.Rewrite:
    """(x·y)^p = x^p · y^p, for x, y > 0."""
    return rw.rewrite((x * y) ** p, to=x**p * y**p, when=[x > 0, y > 0])


@rw.rule
def product_of_powers(x: R, p: R, q: R) -> rw.Rewrite:
    """x^p · x^q = x^(p+q), for x > 0."""
    return rw.rewrite(x**p * x**q, to=x ** (p + q), when=[x > 0])


@rw.rule
def power_of_power(x: R, p: R, q: R) -> rw.Rewrite:
    """(x^p)^q = x^(p·q), for x > 0."""
    return rw.rewrite((x**p) ** q, to=x ** (p * q), when=[x > 0])


@rw.rule
def cancelled_quotient(x: R, y: R) -> rw.Rewrite:
    """x·y / y = x, for y ≠ 0."""
    return rw.rewrite(x * y / y, to=x, when=[rw.not_equal(y, 0.0)])


@rw.rule
def quotient_of_quotients(a: R, b: R, c: R, d: R) -> rw.Rewrite:
    """(a/b) / (c/d) = a·d / (b·c), for b, c, d ≠ 0."""
    nonzero = [rw.not_equal(one, 0.0) for one in (b, c, d)]
    return rw.rewrite((a / b) / (c / d), to=a * d / (b * c), when=nonzero)


@rw.rule
def sum_through_quotient(a: R, b: F, i: I) -> rw.Rewrite:
    """Σ_i b[i]/a = (Σ_i b[i])/a."""
    return rw.rewrite(rw.sum(b[i] / a, over=i), to=rw.sum(b[i], over=i) / a)


@rw.rule
def factor_out_of_sum(a: R, b: F, i: I) -> rw.Rewrite:
    """Σ_i a·b[i] = a·Σ_i b[i]."""
    return rw.rewrite(rw.sum(a * b[i], over=i), to=a * rw.sum(b[i], over=i))


@rw.rule
def sum_of_sum(a: F, b: F, i: I) -> rw.Rewrite:
    """Σ_i (a[i] + b[i]) = Σ_i a[i] + Σ_i b[i]."""
    return rw.rewrite(rw.sum(a[i] + b[i], over=i), to=rw.sum(a[i], over=i) + rw.sum(b[i], over=i))


@rw.rule
def exchanged_sums(f: F, i: I, j: I) -> rw.Rewrite:
    """Σ_i Σ_j f[i,j] = Σ_j Σ_i f[i,j]."""
    return rw.rewrite(
        rw.sum(rw.sum(f[i, j], over=j), over=i), to=rw.sum(rw.sum(f[i, j], over=i), over=j)
    )


@rw.rule
def product_of_sums(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    """Σ_i f[i] · Σ_j g[j] = Σ_i Σ_j f[i]·g[j]."""
    return rw.rewrite(
        rw.sum(f[i], over=i) * rw.sum(g[j], over=j),
        to=rw.sum(rw.sum(f[i] * g[j], over=j), over=i),
    )


@rw.rule
def factor_out_of_inner_sum(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    """Σ_i Σ_j f[i]·g[i,j] = Σ_i f[i]·Σ_j g[i,j]."""
    return rw.rewrite(
        rw.sum(rw.sum(f[i] * g[i, j], over=j), over=i),
        to=rw.sum(f[i] * rw.sum(g[i, j], over=j), over=i),
    )


@rw.rule
def shifted_exponentials(x: F, a: R, i: I) -> rw.Rewrite:
    """Σ_i e^(x[i]−a) = e^(−a)·Σ_i e^(x[i])."""
    return rw.rewrite(
        rw.sum(rw.exp(x[i] - a), over=i), to=rw.exp(-a) * rw.sum(rw.exp(x[i]), over=i)
    )


@rw.rule
def log_of_sum_of_exponentials(x: F, i: I) -> rw.Rewrite:
    """log Σ_i e^(x[i]) = m + log Σ_i e^(x[i]−m), m = max_i x[i]."""
    m = rw.max(x[i], over=i)
    return rw.rewrite(
        rw.log(rw.sum(rw.exp(x[i]), over=i)), to=m + rw.log(rw.sum(rw.exp(x[i] - m), over=i))
    )


@rw.rule
def softmax_of_shifted(x: F, a: R, i: I, j: I) -> rw.Rewrite:
    """e^(x[j]+a) / Σ_i e^(x[i]+a) = e^(x[j]) / Σ_i e^(x[i])."""
    return rw.rewrite(
        rw.exp(x[j] + a) / rw.sum(rw.exp(x[i] + a), over=i),
        to=rw.exp(x[j]) / rw.sum(rw.exp(x[i]), over=i),
    )


@rw.rule
def norm_by_its_largest(x: F, i: I) -> rw.Rewrite:
    """√Σ x[i]² = m·√Σ (x[i]/m)², m = max|x[i]| > 0."""
    m = rw.max(rw.absolute(x[i]), over=i)
    return rw.rewrite(
        rw.sqrt(rw.sum(x[i] * x[i], over=i)),
        to=m * rw.sqrt(rw.sum(rw.square(x[i] / m), over=i)), when=[m > 0],
    )  # fmt: skip


@rw.rule
def maximum_of_shifted(x: F, a: R, i: I) -> rw.Rewrite:
    """max_i (x[i] + a) = a + max_i x[i]."""
    return rw.rewrite(rw.max(x[i] + a, over=i), to=a + rw.max(x[i], over=i))


@rw.rule
def maximum_of_scaled(x: F, c: R, i: I) -> rw.Rewrite:
    """max_i c·x[i] = c·max_i x[i], for c > 0."""
    return rw.rewrite(rw.max(c * x[i], over=i), to=c * rw.max(x[i], over=i), when=[c > 0])


@rw.rule
def maximum_of_exponentials(x: F, i: I) -> rw.Rewrite:
    """max_i e^(x[i]) = e^(max_i x[i])."""
    return rw.rewrite(rw.max(rw.exp(x[i]), over=i), to=rw.exp(rw.max(x[i], over=i)))


@rw.rule
def maximum_of_maxima(f: F, i: I, j: I) -> rw.Rewrite:
    """max_i max_j f[i,j] = max_j max_i f[i,j]."""
    return rw.rewrite(
        rw.max(rw.max(f[i, j], over=j), over=i), to=rw.max(rw.max(f[i, j], over=i), over=j)
    )


@rw.rule
def minimum_by_maximum(x: R, y: R) -> rw.Rewrite:
    """min(x, y) = −max(−x, −y)."""
    return rw.rewrite(rw.minimum(x, y), to=-rw.maximum(-x, -y))


@rw.rule
def sum_of_extremes(x: R, y: R) -> rw.Rewrite:
    """max(x, y) + min(x, y) = x + y."""
    return rw.rewrite(rw.maximum(x, y) + rw.minimum(x, y), to=x + y)


@rw.rule
def size_of_product(x: R, y: R) -> rw.Rewrite:
    """|x|·|y| = |x·y|."""
    return rw.rewrite(rw.absolute(x) * rw.absolute(y), to=rw.absolute(x * y))


@rw.rule
def one_minus_cosine(x: R) -> rw.Rewrite:
    """1 − cos x = 2·sin²(x/2)."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


@rw.rule
def logarithm_of_normal_density(x: R, m: R, s: R) -> rw.Rewrite:
    """log(e^(−(x−m)²/2s²)/s) = −(x−m)²/2s² − log s, for s > 0."""
    exponent = -rw.square(x - m) / (2 * rw.square(s))
    return rw.rewrite(rw.log(rw.exp(exponent) / s), to=exponent - rw.log(s), when=[s > 0])
