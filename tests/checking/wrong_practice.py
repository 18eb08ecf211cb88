"""Wrong rules of practice: densities, losses, means, clips, masks, series cut short."""

import math

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


@rw.rule.once
def exponential_of_sum_with_a_rest(x: R, rest: rw.Rest) -> rw.Rewrite:
    return to(rw.exp(x + rest), to=rw.exp(x) * rest)


@rw.rule.once
def cube_of_size(x: R) -> rw.Rewrite:
    return to(rw.absolute(x) ** 3, to=x**3)


@rw.rule.once
def root_of_cube_by_a_rounded_third(x: R) -> rw.Rewrite:
    return to((x**3) ** (1 / 3), to=x)


@rw.rule.once
def log_of_mean_is_mean_of_logs(x: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(x[i] - x[i]), over=i)
    return to(rw.log(rw.sum(rw.exp(x[i]), over=i) / n), to=rw.sum(x[i], over=i) / n)


@rw.rule.once
def largest_term_counted_twice(x: F, i: I) -> rw.Rewrite:
    m = rw.max(x[i], over=i)
    return to(
        rw.log(rw.sum(rw.exp(x[i]), over=i)), to=m + rw.log1p(rw.sum(rw.exp(x[i] - m), over=i))
    )


@rw.rule.once
def temperature_by_a_power(x: F, t: R, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.exp(x[i] / t) / rw.sum(rw.exp(x[j] / t), over=j),
        to=(rw.exp(x[i]) / rw.sum(rw.exp(x[j]), over=j)) ** (1 / t),
        when=[t > 0],
    )


@rw.rule.once
def minimum_under_any_factor(x: F, c: R, i: I) -> rw.Rewrite:
    return to(-rw.max(-c * x[i], over=i), to=c * (-rw.max(-x[i], over=i)))


@rw.rule.once
def divergence_by_two_entropies(p: F, q: F, i: I) -> rw.Rewrite:
    return to(
        rw.sum(p[i] * rw.log(p[i] / q[i]), over=i),
        to=rw.sum(p[i] * rw.log(p[i]), over=i) - rw.sum(q[i] * rw.log(q[i]), over=i),
        when=[p[i] > 0, q[i] > 0],
    )


@rw.rule.once
def norm_by_sizes(x: F, i: I) -> rw.Rewrite:
    return to(rw.sqrt(rw.sum(x[i] * x[i], over=i)), to=rw.sum(rw.absolute(x[i]), over=i))


@rw.rule.once
def squares_of_row_sums(a: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(rw.sum(a[i, j] * a[i, j], over=j), over=i),
        to=rw.sum(rw.square(rw.sum(a[i, j], over=j)), over=i),
    )


@rw.rule.once
def outer_product_summed_over_the_other(a: F, b: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(a[i] * b[j], over=j), to=b[i] * rw.sum(a[j], over=j))


@rw.rule.once
def product_with_the_diagonal(a: F, b: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(rw.sum(a[i, k] * b[k, j], over=k), to=rw.sum(a[i, k] * b[k, k], over=k))


@rw.rule.once
def logarithm_over_itself_from_one_on(x: R) -> rw.Rewrite:
    return to(rw.log(x) / rw.log(x), to=rw.exp(x - x), when=[x >= 1])


@rw.rule.once
def root_over_itself_from_two_on(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x - 2) * rw.sqrt(x - 2) / (x - 2), to=rw.exp(x - x), when=[x >= 2])


@rw.rule.once
def sigmoid_of_log_odds(p: R) -> rw.Rewrite:
    return to(rw.logistic(rw.log(p / (1 - p))), to=p)


@rw.rule.once
def tangent_of_double(x: R) -> rw.Rewrite:
    return to(rw.tan(2 * x), to=2 * rw.tan(x))


@rw.rule.once
def arc_tangent_as_reciprocal(x: R) -> rw.Rewrite:
    return to(rw.arctan(x), to=rw.sin(x) / rw.cos(x))


@rw.rule.once
def sine_by_two_terms(x: R) -> rw.Rewrite:
    return to(rw.sin(x) / x, to=1 - x * x / 6)


@rw.rule.once
def exponential_by_two_terms(x: R) -> rw.Rewrite:
    return to(rw.expm1(x), to=x + x * x / 2, when=[x < 1e-3, x > -1e-3])


@rw.rule.once
def error_function_of_double(x: R) -> rw.Rewrite:
    return to(rw.erf(2 * x), to=2 * rw.erf(x) / (1 + rw.erf(x) * rw.erf(x)))


@rw.rule.once
def logaddexp_of_three(x: R, y: R, z: R) -> rw.Rewrite:
    return to(rw.logaddexp(x, rw.logaddexp(y, z)), to=rw.logaddexp(x, y) + z)


@rw.rule.once
def maximum_of_three(x: R, y: R, z: R) -> rw.Rewrite:
    return to(rw.maximum(x, rw.maximum(y, z)), to=rw.maximum(rw.maximum(x, y), rw.minimum(y, z)))


@rw.rule.once
def median_of_three(x: R, y: R, z: R) -> rw.Rewrite:
    return to(
        rw.maximum(rw.minimum(x, y), rw.minimum(rw.maximum(x, y), z)),
        to=(x + y + z) - rw.maximum(x, rw.maximum(y, z)) - rw.minimum(x, y),
    )


@rw.rule.once
def sign_of_exponential_less_one(x: R) -> rw.Rewrite:
    return to(rw.sign(rw.exp(x) - 1), to=rw.sign(rw.exp(x)))


@rw.rule.once
def hinge_over_its_argument(x: R) -> rw.Rewrite:
    return to(rw.where(x >= 0, x, 0) / x * x, to=rw.maximum(x, 0))


@rw.rule.once
def clip_in_either_order(x: R, a: R, b: R) -> rw.Rewrite:
    return to(rw.minimum(rw.maximum(x, a), b), to=rw.maximum(rw.minimum(x, b), a))


@rw.rule.once
def capped_hinge(x: R) -> rw.Rewrite:
    return to(rw.minimum(rw.maximum(x, 0), 6), to=rw.maximum(x, 0) - rw.maximum(x - 7, 0))


@rw.rule.once
def threshold_of_a_hinge_loss(x: R) -> rw.Rewrite:
    return to(
        rw.where(rw.absolute(x) <= 1, 0.5 * x * x, rw.absolute(x) - 0.5),
        to=rw.where(rw.absolute(x) <= 2, 0.5 * x * x, rw.absolute(x) - 0.5),
    )


@rw.rule.once
def variance_without_the_count(x: F, i: I, j: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(x[i] - x[i]), over=i)
    m = rw.sum(x[j], over=j) / n
    return to(rw.sum(rw.square(x[i] - m), over=i), to=rw.sum(x[i] * x[i], over=i) - m * m)


@rw.rule.once
def covariance_is_nothing(x: F, y: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(x[i] - x[i]), over=i)
    return to(rw.sum(x[i] * y[i], over=i) * n, to=rw.sum(x[i], over=i) * rw.sum(y[i], over=i))


@rw.rule.once
def share_times_itself(x: F, i: I, j: I) -> rw.Rewrite:
    s = rw.sum(x[j], over=j)
    return to(rw.sum(x[i] / s, over=i) * x[i], to=x[i])


@rw.rule.once
def ties_of_the_largest(x: F, i: I) -> rw.Rewrite:
    m = rw.max(x[i], over=i)
    return to(rw.sum(rw.where(x[i] >= m, 1.0, 0.0) * x[i], over=i), to=m * rw.exp(m - m))


@rw.rule.once
def weights_left_out_of_the_sum(w: F, x: F, i: I) -> rw.Rewrite:
    return to(
        rw.sum(w[i] * rw.exp(x[i]), over=i),
        to=rw.exp(rw.max(x[i], over=i, where=w[i]))
        * rw.sum(rw.exp(x[i] - rw.max(x[i], over=i, where=w[i])), over=i),
    )


@rw.rule.once
def weights_into_the_exponent(w: F, x: F, i: I) -> rw.Rewrite:
    return to(
        rw.log(rw.sum(w[i] * rw.exp(x[i]), over=i)),
        to=rw.log(rw.sum(rw.exp(x[i] + rw.log(w[i])), over=i)),
    )


@rw.rule.once
def power_times_its_reciprocal(x: R, p: R) -> rw.Rewrite:
    return to(x**p * x ** (-p), to=rw.exp(x - x), when=[rw.not_equal(x, 0)])


@rw.rule.once
def base_two_nearly(x: R) -> rw.Rewrite:
    return to(rw.exp2(x), to=rw.exp(0.6931 * x))


@rw.rule.once
def logarithm_far_out(x: P) -> rw.Rewrite:
    return to(rw.log1p(x), to=rw.log(x) + 1 / x)


@rw.rule.once
def floor_before_division(x: R, y: R) -> rw.Rewrite:
    return to(rw.floor_divide(x, y), to=rw.floor(x) / y, when=[y > 0])


@rw.rule.once
def truncated_is_floored(x: R) -> rw.Rewrite:
    return to(rw.sign(x) * rw.floor(rw.absolute(x)), to=rw.floor(x))


@rw.rule.once
def rounded_half_up(x: R) -> rw.Rewrite:
    return to(rw.round(x + 0.5), to=rw.floor(x) + 1)


@rw.rule.once
def guarded_logarithm(x: R) -> rw.Rewrite:
    return to(rw.where(x > 0, rw.log(rw.where(x > 0, x, 1)), 0), to=rw.log(x))


@rw.rule.once
def guarded_entropy(x: R) -> rw.Rewrite:
    return to(rw.where(x > 0, x * rw.log(x), 0), to=x * rw.log(x))


@rw.rule.once
def terms_and_summands_swapped(x: F, y: F, i: I, j: I) -> rw.Rewrite:
    return to(x[i] - rw.sum(y[j], over=j), to=y[i] - rw.sum(x[j], over=j))


@rw.rule.once
def twice_the_symmetric_part(a: F, i: I, j: I) -> rw.Rewrite:
    return to(a[i, j] * 2, to=a[i, j] + a[j, i])


@rw.rule.once
def symmetry_assumed(a: F, x: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(a[i, j] * x[j], over=j) + rw.sum(a[j, i] * x[j], over=j),
        to=2 * rw.sum(a[i, j] * x[j], over=j),
    )


@rw.rule.once
def the_other_number_of_places(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(f[i], over=i) * rw.sum(rw.sign(rw.exp(g[j])), over=j),
        to=rw.sum(f[i], over=i) * rw.sum(rw.sign(rw.exp(f[i])), over=i),
    )


@rw.rule.once
def ratio_of_means_is_mean_of_ratios(f: F, g: F, i: I) -> rw.Rewrite:
    return to(
        rw.sum(f[i], over=i) / rw.sum(g[i], over=i),
        to=rw.sum(f[i] / g[i], over=i) / rw.sum(rw.exp(f[i] - f[i]), over=i),
    )


@rw.rule.once
def factor_off_by_ten_millionths(x: R) -> rw.Rewrite:
    return to(x * 3.0000001, to=x * 3)


@rw.rule.once
def normal_log_density_nearly(x: R, s: P) -> rw.Rewrite:
    return to(
        rw.log(rw.exp(-x * x / (2 * s * s)) / (s * math.sqrt(2 * math.pi))),
        to=-x * x / (2 * s * s) - rw.log(s) - 0.9189,
    )


@rw.rule.once
def sign_of_nearly_positive(x: R, y: R) -> rw.Rewrite:
    return to(rw.sign(x + y), to=rw.sign(x), when=[x > 0, y > -1e-300])
