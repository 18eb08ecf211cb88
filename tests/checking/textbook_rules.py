"""Right rules of textbooks: hyperbolic functions, powers, whole numbers, masks, operators."""

import math
from typing import Any

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


# Logarithms, exponentials, powers -------------------------------------------------------------


@rw.rule.once
def power_of_square(x: R, p: R) -> rw.Rewrite:
    return to((x * x) ** p, to=rw.absolute(x) ** (2 * p), when=[rw.not_equal(x, 0)])


@rw.rule.once
def root_of_factor(x: R, y: R) -> rw.Rewrite:
    return to(rw.sqrt(x * x * y), to=rw.absolute(x) * rw.sqrt(y), when=[y >= 0])


@rw.rule.once
def log_of_fourth_power(x: R) -> rw.Rewrite:
    return to(rw.log(x**4), to=4 * rw.log(rw.absolute(x)), when=[rw.not_equal(x, 0)])


@rw.rule.once
def log_of_shared_sign(x: R, y: R) -> rw.Rewrite:
    return to(rw.log(x / y), to=rw.log(rw.absolute(x)) - rw.log(rw.absolute(y)), when=[x * y > 0])


@rw.rule.once
def root_of_perfect_square(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x * x + 2 * x + 1), to=rw.absolute(x + 1))


@rw.rule.once
def root_of_root(x: R) -> rw.Rewrite:
    return to(rw.sqrt(rw.sqrt(x)), to=x**0.25, when=[x >= 0])


@rw.rule.once
def three_halves(x: R) -> rw.Rewrite:
    return to(x * rw.sqrt(x), to=x**1.5, when=[x >= 0])


@rw.rule.once
def sum_over_one_divisor(a: R, b: R, c: R) -> rw.Rewrite:
    return to(a / c - b / c + c / c, to=(a - b) / c + 1)


@rw.rule.once
def quotient_of_powers(x: P, p: R, q: R) -> rw.Rewrite:
    return to(x**p / x**q, to=x ** (p - q))


@rw.rule.once
def power_by_base_two(x: P, p: R) -> rw.Rewrite:
    return to(x**p, to=rw.exp2(p * rw.log2(x)))


@rw.rule.once
def exponential_by_base_two(x: R) -> rw.Rewrite:
    return to(rw.exp(x * rw.log(2.0)), to=rw.exp2(x))


@rw.rule.once
def log_of_geometric_mean(x: P, y: P, w: R) -> rw.Rewrite:
    return to(rw.log(x**w * y ** (1 - w)), to=w * rw.log(x) + (1 - w) * rw.log(y))


@rw.rule.once
def log_of_odds(p: R) -> rw.Rewrite:
    return to(rw.log(p / (1 - p)), to=rw.log(p) - rw.log1p(-p), when=[p > 0, p < 1])


@rw.rule.once
def log_plus_one_of_product(x: R, y: R) -> rw.Rewrite:
    return to(rw.log1p(x) + rw.log1p(y), to=rw.log1p(x + y + x * y), when=[x > -1, y > -1])


@rw.rule.once
def exponential_less_one_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.expm1(x + y), to=rw.expm1(x) + rw.expm1(y) + rw.expm1(x) * rw.expm1(y))


@rw.rule.once
def logaddexp_of_shifted(x: R, y: R, c: R) -> rw.Rewrite:
    return to(rw.logaddexp(x + c, y + c), to=c + rw.logaddexp(x, y))


@rw.rule.once
def logaddexp_by_maximum(x: R, y: R) -> rw.Rewrite:
    return to(rw.logaddexp(x, y), to=rw.maximum(x, y) + rw.log1p(rw.exp(-rw.absolute(x - y))))


@rw.rule.once
def logaddexp_of_logs(x: P, y: P) -> rw.Rewrite:
    return to(rw.logaddexp(rw.log(x), rw.log(y)), to=rw.log(x + y))


@rw.rule.once
def normal_log_density(x: R) -> rw.Rewrite:
    return to(rw.log(rw.exp(-x * x / 2) / rw.sqrt(8 * rw.arctan(1.0))),
              to=-x * x / 2 - rw.log(8 * rw.arctan(1.0)) / 2)  # fmt: skip


@rw.rule.once
def box_and_cox_at_one_half(x: P) -> rw.Rewrite:
    return to((x**0.5 - 1) / 0.5, to=2 * (rw.sqrt(x) - 1))


# Hyperbolic and circular functions ------------------------------------------------------------


@rw.rule.once
def hyperbolic_sine_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.sinh(x) * rw.cosh(y) + rw.cosh(x) * rw.sinh(y), to=rw.sinh(x + y))


@rw.rule.once
def hyperbolic_tangent_by_sigmoid(x: R) -> rw.Rewrite:
    return to(2 * rw.logistic(2 * x) - 1, to=rw.tanh(x))


@rw.rule.once
def hyperbolic_tangent_is_odd(x: R) -> rw.Rewrite:
    return to(rw.tanh(-x), to=-rw.tanh(x))


@rw.rule.once
def hyperbolic_tangent_by_its_parts(x: R) -> rw.Rewrite:
    return to(rw.sinh(x) / rw.cosh(x), to=rw.tanh(x))


@rw.rule.once
def sizes_under_hyperbolic_tangent(x: R) -> rw.Rewrite:
    return to(rw.absolute(rw.tanh(x)), to=rw.tanh(rw.absolute(x)))


@rw.rule.once
def product_of_sigmoids(x: R) -> rw.Rewrite:
    return to(rw.logistic(x) * rw.logistic(-x), to=1 / (2 + rw.exp(x) + rw.exp(-x)))


@rw.rule.once
def sum_of_mirrored_sigmoids(x: R) -> rw.Rewrite:
    return to(x * rw.logistic(x) + x * rw.logistic(-x), to=x)


@rw.rule.once
def cosine_of_double(x: R) -> rw.Rewrite:
    return to(1 - 2 * rw.square(rw.sin(x)), to=rw.cos(2 * x))


@rw.rule.once
def sine_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.sin(x) * rw.cos(y) + rw.cos(x) * rw.sin(y), to=rw.sin(x + y))


@rw.rule.once
def tangent_by_its_parts(x: R) -> rw.Rewrite:
    return to(rw.sin(x) / rw.cos(x), to=rw.tan(x))


@rw.rule.once
def product_of_sine_and_cosine(x: R) -> rw.Rewrite:
    return to(2 * rw.sin(x) * rw.cos(x), to=rw.sin(2 * x))


@rw.rule.once
def error_functions_are_complements(x: R) -> rw.Rewrite:
    return to(1 - rw.erf(x), to=rw.erfc(x))


@rw.rule.once
def error_function_of_size(x: R) -> rw.Rewrite:
    return to(rw.erf(rw.absolute(x)), to=rw.absolute(rw.erf(x)))


@rw.rule.once
def complementary_error_function_of_opposite(x: R) -> rw.Rewrite:
    return to(2 - rw.erfc(-x), to=rw.erfc(x))


@rw.rule.once
def normal_share_by_complement(x: R) -> rw.Rewrite:
    return to(0.5 * (1 + rw.erf(x / math.sqrt(2))), to=0.5 * rw.erfc(-x / math.sqrt(2)))


# Extremes, branches, whole numbers ------------------------------------------------------------


@rw.rule.once
def clipped_twice(x: R) -> rw.Rewrite:
    return to(rw.maximum(rw.maximum(x, 0), 0), to=rw.maximum(x, 0))


@rw.rule.once
def clip_in_either_order(x: R) -> rw.Rewrite:
    return to(rw.minimum(rw.maximum(x, -1), 1), to=rw.maximum(rw.minimum(x, 1), -1))


@rw.rule.once
def maximum_by_size(x: R, y: R) -> rw.Rewrite:
    return to((x + y + rw.absolute(x - y)) / 2, to=rw.maximum(x, y))


@rw.rule.once
def difference_of_extremes(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x, y) - rw.minimum(x, y), to=rw.absolute(x - y))


@rw.rule.once
def maximum_over_minimum(x: R, y: R, z: R) -> rw.Rewrite:
    return to(rw.maximum(x, rw.minimum(y, z)), to=rw.minimum(rw.maximum(x, y), rw.maximum(x, z)))


@rw.rule.once
def maximum_of_powers(x: R, y: R, p: P) -> rw.Rewrite:
    return to(rw.maximum(x**p, y**p), to=rw.maximum(x, y) ** p, when=[x > 0, y > 0])


@rw.rule.once
def maximum_of_positive_reciprocals(x: P, y: P) -> rw.Rewrite:
    return to(rw.maximum(1 / x, 1 / y), to=1 / rw.minimum(x, y))


@rw.rule.once
def leaky_hinge(x: R, a: R) -> rw.Rewrite:
    return to(rw.where(x > 0, x, a * x), to=rw.maximum(x, a * x), when=[a > 0, a < 1])


@rw.rule.once
def branch_under_function(x: R, y: R, c: R) -> rw.Rewrite:
    return to(rw.exp(rw.where(c > 0, x, y)), to=rw.where(c > 0, rw.exp(x), rw.exp(y)))


@rw.rule.once
def branches_of_negation(x: R, y: R, c: R) -> rw.Rewrite:
    return to(rw.where(rw.logical_not(c > 0), x, y), to=rw.where(c > 0, y, x))


@rw.rule.once
def nested_branches(x: R, y: R, c: R, d: R) -> rw.Rewrite:
    return to(rw.where(c > 0, rw.where(d > 0, x, y), y),
              to=rw.where(rw.logical_and(c > 0, d > 0), x, y))  # fmt: skip


@rw.rule.once
def safe_quotient(x: R, y: R) -> rw.Rewrite:
    return to(x / y, to=rw.where(rw.equal(y, 0), x / y, x / y), when=[rw.not_equal(y, 0)])


@rw.rule.once
def floor_of_whole_shift(x: R) -> rw.Rewrite:
    return to(rw.floor(x + 1), to=rw.floor(x) + 1)


@rw.rule.once
def ceiling_by_floor(x: R) -> rw.Rewrite:
    return to(rw.ceil(x), to=-rw.floor(-x))


@rw.rule.once
def quotient_and_remainder(x: R, y: P) -> rw.Rewrite:
    return to(y * rw.floor_divide(x, y) + rw.remainder(x, y), to=x)


@rw.rule.once
def remainder_of_period(x: R, y: P) -> rw.Rewrite:
    return to(rw.remainder(x + y, y), to=rw.remainder(x, y))


# Operators of a user's own --------------------------------------------------------------------


@rw.operator(facts=lambda y: [y > 0])
def scaled_complement(x: Any) -> Any:
    """exp(x²)·erfc(x)."""
    return rw.exp(x * x) * rw.erfc(x)


@rw.operator
def swish(x: Any) -> Any:
    """x·sigmoid(x)."""
    return x * rw.logistic(x)


@rw.rule.once
def gaussian_times_complement(x: R) -> rw.Rewrite:
    return to(rw.exp(x * x) * rw.erfc(x), to=scaled_complement(x))


@rw.rule.once
def mirrored_swish(x: R) -> rw.Rewrite:
    return to(swish(x) - swish(-x), to=x)


@rw.rule.once
def swish_by_exponential(x: R) -> rw.Rewrite:
    return to(x / (1 + rw.exp(-x)), to=swish(x))


@rw.rule.once
def swish_over_its_argument(x: R) -> rw.Rewrite:
    return to(swish(x) / x, to=rw.logistic(x), when=[rw.not_equal(x, 0)])
