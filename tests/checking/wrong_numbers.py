"""Wrong rules of numbers: conditions dropped, branches, places, constants."""

import math

import rewriter as rw

R, P = rw.Real, rw.Positive
to = rw.rewrite


# Signs and conditions -------------------------------------------------------------------------


@rw.rule.once
def root_of_factor(x: R, y: R) -> rw.Rewrite:
    return to(rw.sqrt(x * x * y), to=x * rw.sqrt(y), when=[y >= 0])


@rw.rule.once
def root_of_quotient_by_square(x: P, y: R) -> rw.Rewrite:
    return to(rw.sqrt(x / (y * y)), to=rw.sqrt(x) / y, when=[rw.not_equal(y, 0)])


@rw.rule.once
def power_of_square(x: R, p: R) -> rw.Rewrite:
    return to((x * x) ** p, to=x ** (2 * p), when=[rw.not_equal(x, 0)])


@rw.rule.once
def power_of_product(x: R, y: R, p: R) -> rw.Rewrite:
    return to((x * y) ** p, to=x**p * y**p, when=[x * y > 0])


@rw.rule.once
def log_of_cube_and_fourth(x: R) -> rw.Rewrite:
    return to(rw.log(x**4), to=4 * rw.log(x), when=[rw.not_equal(x, 0)])


@rw.rule.once
def log_of_squared_quotient(x: R, y: P) -> rw.Rewrite:
    return to(rw.log(x * x / y), to=2 * rw.log(x) - rw.log(y), when=[rw.not_equal(x, 0)])


@rw.rule.once
def log_of_shared_sign(x: R, y: R) -> rw.Rewrite:
    return to(rw.log(x / y), to=rw.log(x) - rw.log(y), when=[x * y > 0])


@rw.rule.once
def fourth_root_of_fourth_power(x: R) -> rw.Rewrite:
    return to(rw.sqrt(rw.sqrt(x**4)), to=x)


@rw.rule.once
def reciprocal_of_root_of_square(x: R) -> rw.Rewrite:
    return to(rw.rsqrt(x * x), to=1 / x, when=[rw.not_equal(x, 0)])


@rw.rule.once
def conjugate_root(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x * x + 2 * x + 1), to=x + 1)


@rw.rule.once
def maximum_under_factor(c: R, x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(c * x, c * y), to=c * rw.maximum(x, y))


@rw.rule.once
def maximum_of_squares(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x * x, y * y), to=rw.square(rw.maximum(x, y)))


@rw.rule.once
def maximum_of_reciprocals(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(1 / x, 1 / y), to=1 / rw.minimum(x, y),
              when=[rw.not_equal(x, 0), rw.not_equal(y, 0)])  # fmt: skip


@rw.rule.once
def size_of_difference(x: R, y: R) -> rw.Rewrite:
    return to(rw.absolute(x - y), to=rw.absolute(rw.absolute(x) - rw.absolute(y)))


@rw.rule.once
def hinge_of_product(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x * y, 0), to=rw.maximum(x, 0) * rw.maximum(y, 0))


@rw.rule.once
def hinge_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x + y, 0), to=rw.maximum(x, 0) + rw.maximum(y, 0))


@rw.rule.once
def arc_tangent_of_reciprocal(x: R) -> rw.Rewrite:
    return to(rw.arctan(1 / x) + rw.arctan(x), to=2 * rw.arctan(1.0), when=[rw.not_equal(x, 0)])


@rw.rule.once
def arc_tangent_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.arctan(x) + rw.arctan(y), to=rw.arctan((x + y) / (1 - x * y)),
              when=[rw.not_equal(x * y, 1)])  # fmt: skip


@rw.rule.once
def sine_by_its_square(x: R) -> rw.Rewrite:
    return to(rw.sin(x), to=rw.sqrt(1 - rw.square(rw.cos(x))))


@rw.rule.once
def hyperbolic_sine_by_cosine(x: R) -> rw.Rewrite:
    return to(rw.sinh(x), to=rw.sqrt(rw.square(rw.cosh(x)) - 1))


@rw.rule.once
def error_function_is_even(x: R) -> rw.Rewrite:
    return to(rw.erf(-x), to=rw.erf(x))


@rw.rule.once
def complementary_error_function_is_odd(x: R) -> rw.Rewrite:
    return to(rw.erfc(-x), to=-rw.erfc(x))


@rw.rule.once
def log_of_difference_of_exponentials(x: R, y: R) -> rw.Rewrite:
    return to(rw.log(rw.absolute(rw.exp(x) - rw.exp(y))), to=x + rw.log(-rw.expm1(y - x)))


# Places at which a side has no value ----------------------------------------------------------


@rw.rule.once
def quotient_near_seven(x: R) -> rw.Rewrite:
    return to((x * x - 49) / (x - 7), to=x + 7)


@rw.rule.once
def quotient_at_a_place_of_its_own(x: R) -> rw.Rewrite:
    return to((x - 12345.678) / (x - 12345.678), to=1.0)


@rw.rule.once
def quotient_of_linear_form(x: R, y: R) -> rw.Rewrite:
    return to((3 * x + 11 * y - 41) / (3 * x + 11 * y - 41), to=1.0)


@rw.rule.once
def quotient_of_many(x: R, y: R, z: R, w: R) -> rw.Rewrite:
    form = x + 17 * y - 23 * z + 29 * w - 31
    return to(form * x / form, to=x)


@rw.rule.once
def quotient_by_far_logarithm(x: R) -> rw.Rewrite:
    return to(rw.log(x - 99) * x / rw.log(x - 99), to=x, when=[x > 99])


@rw.rule.once
def sign_by_quotient(x: R) -> rw.Rewrite:
    return to((x - 19) / rw.absolute(x - 19), to=rw.sign(x - 19))


@rw.rule.once
def square_of_sign(x: R) -> rw.Rewrite:
    return to(rw.square(rw.sign(x - 37)), to=rw.exp(x - x))


@rw.rule.once
def power_zero_of_zero(x: R) -> rw.Rewrite:
    return to(x * x**-1, to=x**0)


@rw.rule.once
def quotient_of_exponential_less_one(x: R) -> rw.Rewrite:
    return to(rw.expm1(x) * x / rw.expm1(x), to=x)


@rw.rule.once
def double_root_of_place(x: R) -> rw.Rewrite:
    return to(rw.square(x - 43) / rw.square(x - 43), to=1.0)


@rw.rule.once
def sum_of_logs_of_shifted(x: R) -> rw.Rewrite:
    return to(rw.log(x - 1) + rw.log(x + 1), to=rw.log(x * x - 1))


@rw.rule.once
def cancelled_under_a_root(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x - 4) * rw.sqrt(x - 4), to=x - 4)


# Constants ------------------------------------------------------------------------------------


@rw.rule.once
def logarithm_of_two_nearly(x: P) -> rw.Rewrite:
    return to(rw.log2(x), to=rw.log(x) * 1.442696)


@rw.rule.once
def half_pi_nearly(x: P) -> rw.Rewrite:
    return to(rw.arctan(1 / x), to=1.570797 - rw.arctan(x))


@rw.rule.once
def factor_off_by_a_millionth(x: R) -> rw.Rewrite:
    return to(rw.tanh(x), to=1.000001 * (2 * rw.logistic(2 * x) - 1))


@rw.rule.once
def normal_density_nearly(x: R) -> rw.Rewrite:
    return to(rw.log(rw.exp(-x * x / 2) / math.sqrt(2 * math.pi)), to=-x * x / 2 - 0.91893913)


@rw.rule.once
def root_of_two_nearly(x: P) -> rw.Rewrite:
    return to(rw.sqrt(2 * x), to=1.4142146 * rw.sqrt(x))


@rw.rule.once
def third_power_nearly(x: P) -> rw.Rewrite:
    return to(rw.exp(rw.log(x) / 3), to=x**0.333333)


@rw.rule.once
def offset_of_a_billionth(x: R) -> rw.Rewrite:
    return to(rw.log(rw.exp(x)) * x, to=(x + 1e-9) * x)


# Logarithms and exponentials of other things --------------------------------------------------


@rw.rule.once
def log_plus_one_of_product(x: P, y: P) -> rw.Rewrite:
    return to(rw.log1p(x * y), to=rw.log1p(x) + rw.log1p(y))


@rw.rule.once
def log_plus_one_of_sum(x: P, y: P) -> rw.Rewrite:
    return to(rw.log1p(x) + rw.log1p(y), to=rw.log1p(x + y))


@rw.rule.once
def exponential_less_one_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.expm1(x + y), to=rw.expm1(x) + rw.expm1(y))


@rw.rule.once
def tower_of_powers(x: P, p: R, q: R) -> rw.Rewrite:
    return to((x**p) ** q, to=x ** (p**q), when=[p > 0])


@rw.rule.once
def power_of_sum(x: P, p: R, q: R) -> rw.Rewrite:
    return to(x ** (p + q), to=x**p + x**q)


@rw.rule.once
def sigmoid_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.logistic(x + y), to=rw.logistic(x) * rw.logistic(y))


@rw.rule.once
def slope_of_sigmoid(x: R) -> rw.Rewrite:
    return to(rw.logistic(x) * (1 + rw.logistic(x)), to=rw.logistic(x) * rw.logistic(-x))


@rw.rule.once
def logaddexp_of_doubles(x: R, y: R) -> rw.Rewrite:
    return to(rw.logaddexp(2 * x, 2 * y), to=2 * rw.logaddexp(x, y))


@rw.rule.once
def tangent_of_double(x: R) -> rw.Rewrite:
    return to(rw.tanh(2 * x), to=2 * rw.tanh(x) / (1 - rw.square(rw.tanh(x))))


@rw.rule.once
def cosine_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.cos(x + y), to=rw.cos(x) * rw.cos(y) + rw.sin(x) * rw.sin(y))
