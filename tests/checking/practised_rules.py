"""Right rules as people in practice state them: with conditions on sums, hinges, signs, tails."""

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


@rw.rule
def difference_of_logs(a: P, b: P) -> rw.Rewrite:
    return to(rw.log(a) - rw.log(b), to=rw.log(a / b))


@rw.rule
def log_of_cube(x: P) -> rw.Rewrite:
    return to(rw.log(x * x * x), to=3 * rw.log(x))


@rw.rule
def log_ratio_by_log1p(a: P, b: P) -> rw.Rewrite:
    return to(rw.log((a + b) / a), to=rw.log1p(b / a))


@rw.rule
def log_of_root_of_product(a: P, b: P) -> rw.Rewrite:
    return to(rw.log(rw.sqrt(a * b)), to=(rw.log(a) + rw.log(b)) / 2)


@rw.rule
def log_base_two(x: P) -> rw.Rewrite:
    return to(rw.log2(x), to=rw.log(x) / rw.log(2.0))


@rw.rule
def log_of_both_negative(x: R, y: R) -> rw.Rewrite:
    return to(rw.log(x * y), to=rw.log(-x) + rw.log(-y), when=[x < 0, y < 0])


@rw.rule
def log_of_difference_of_exponentials(x: R, y: R) -> rw.Rewrite:
    return to(rw.log(rw.exp(x) - rw.exp(y)), to=x + rw.log(-rw.expm1(y - x)), when=[x > y])


@rw.rule
def exponential_of_half_log(x: P) -> rw.Rewrite:
    return to(rw.exp(rw.log(x) / 2), to=rw.sqrt(x))


@rw.rule
def exponential_of_difference(x: R, y: R) -> rw.Rewrite:
    return to(rw.exp(x - y), to=rw.exp(x) / rw.exp(y))


@rw.rule
def square_of_exponential(x: R) -> rw.Rewrite:
    return to(rw.square(rw.exp(x)), to=rw.exp(2 * x))


@rw.rule
def root_of_exponential(x: R) -> rw.Rewrite:
    return to(rw.sqrt(rw.exp(x)), to=rw.exp(x / 2))


@rw.rule
def exponential_less_one(x: R) -> rw.Rewrite:
    return to(rw.exp(x) - 1, to=rw.expm1(x))


@rw.rule
def weighted_exponential(w: P, x: R) -> rw.Rewrite:
    return to(w * rw.exp(x), to=rw.exp(x + rw.log(w)))


@rw.rule
def root_of_fourth_power(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x**4), to=x * x)


@rw.rule
def root_of_scaled_square(c: R, x: R) -> rw.Rewrite:
    return to(rw.sqrt(c * x * x), to=rw.sqrt(c) * rw.absolute(x), when=[c >= 0])


@rw.rule
def root_of_square_of_negative(x: R) -> rw.Rewrite:
    return to(rw.sqrt(x * x), to=-x, when=[x <= 0])


@rw.rule
def reciprocal_root(x: P) -> rw.Rewrite:
    return to(1 / rw.sqrt(x), to=rw.sqrt(x) / x)


@rw.rule
def conjugate_difference(a: P, b: P) -> rw.Rewrite:
    return to(rw.sqrt(a) - rw.sqrt(b), to=(a - b) / (rw.sqrt(a) + rw.sqrt(b)))


@rw.rule
def half_power(x: R) -> rw.Rewrite:
    return to(x**0.5, to=rw.sqrt(x), when=[x >= 0])


@rw.rule
def negative_power(x: P, p: R) -> rw.Rewrite:
    return to(x ** (-p), to=1 / x**p)


@rw.rule
def power_of_quotient(x: P, y: P, p: R) -> rw.Rewrite:
    return to((x / y) ** p, to=x**p / y**p)


@rw.rule
def power_of_exponential(x: R, p: R) -> rw.Rewrite:
    return to(rw.exp(x) ** p, to=rw.exp(p * x))


@rw.rule
def power_times_base(x: P, p: R) -> rw.Rewrite:
    return to(x**p * x, to=x ** (p + 1))


@rw.rule
def difference_of_squares(x: R, y: R) -> rw.Rewrite:
    return to((x - y) * (x + y), to=x * x - y * y)


@rw.rule
def expanded_square(x: R, y: R) -> rw.Rewrite:
    return to(rw.square(x - y), to=x * x - 2 * x * y + y * y)


@rw.rule
def sum_over_common_divisor(a: R, b: R, c: R) -> rw.Rewrite:
    return to(a / c + b / c, to=(a + b) / c)


@rw.rule
def sum_of_fractions(a: R, b: R, c: R, d: R) -> rw.Rewrite:
    return to(
        a / b + c / d, to=(a * d + c * b) / (b * d), when=[rw.not_equal(b, 0), rw.not_equal(d, 0)]
    )


@rw.rule
def complement_of_share(a: P, b: P) -> rw.Rewrite:
    return to(1 - a / (a + b), to=b / (a + b))


@rw.rule
def cancelled_common_factor(a: R, b: P, c: R) -> rw.Rewrite:
    return to((c * a) / (c * b), to=a / b, when=[rw.not_equal(c, 0)])


@rw.rule
def size_of_quotient(x: R, y: R) -> rw.Rewrite:
    return to(rw.absolute(x / y), to=rw.absolute(x) / rw.absolute(y), when=[rw.not_equal(y, 0)])


@rw.rule
def number_by_sign_and_size(x: R) -> rw.Rewrite:
    return to(rw.sign(x) * rw.absolute(x), to=x)


@rw.rule
def sign_of_product(x: R, y: R) -> rw.Rewrite:
    return to(rw.sign(x * y), to=rw.sign(x) * rw.sign(y))


@rw.rule
def quotient_by_size(x: R) -> rw.Rewrite:
    return to(x / rw.absolute(x), to=rw.sign(x), when=[rw.not_equal(x, 0)])


@rw.rule
def square_of_size(x: R) -> rw.Rewrite:
    return to(rw.square(rw.absolute(x)), to=rw.square(x))


@rw.rule
def product_of_extremes(x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(x, y) * rw.minimum(x, y), to=x * y)


@rw.rule
def hinge_and_its_mirror(x: R) -> rw.Rewrite:
    return to(rw.maximum(x, 0) - rw.maximum(-x, 0), to=x)


@rw.rule
def sum_of_hinges(x: R) -> rw.Rewrite:
    return to(rw.maximum(x, 0) + rw.maximum(-x, 0), to=rw.absolute(x))


@rw.rule
def maximum_under_negative_factor(c: R, x: R, y: R) -> rw.Rewrite:
    return to(rw.maximum(c * x, c * y), to=c * rw.minimum(x, y), when=[c <= 0])


@rw.rule
def maximum_of_logs(x: P, y: P) -> rw.Rewrite:
    return to(rw.maximum(rw.log(x), rw.log(y)), to=rw.log(rw.maximum(x, y)))


@rw.rule
def hinge_by_indicator(x: R) -> rw.Rewrite:
    return to(rw.maximum(x, 0), to=rw.where(x > 0, x, 0))


@rw.rule
def size_by_branches(x: R) -> rw.Rewrite:
    return to(rw.where(x < 0, -x, x), to=rw.absolute(x))


@rw.rule
def factor_out_of_branches(c: R, x: R, y: R) -> rw.Rewrite:
    return to(rw.where(c > 0, x * c, y * c), to=c * rw.where(c > 0, x, y))


@rw.rule
def equal_branches(c: R, x: R) -> rw.Rewrite:
    return to(rw.where(c > 0, x, x), to=x)


@rw.rule
def mirrored_sigmoid(x: R) -> rw.Rewrite:
    return to(1 / (1 + rw.exp(x)), to=rw.logistic(-x))


@rw.rule
def tanh_of_double(x: R) -> rw.Rewrite:
    return to(rw.tanh(2 * x), to=2 * rw.tanh(x) / (1 + rw.square(rw.tanh(x))))


@rw.rule
def slope_of_sigmoid(x: R) -> rw.Rewrite:
    return to(rw.logistic(x) * (1 - rw.logistic(x)), to=rw.logistic(x) * rw.logistic(-x))


@rw.rule
def softplus_less_its_mirror(x: R) -> rw.Rewrite:
    return to(rw.log(1 + rw.exp(x)) - rw.log(1 + rw.exp(-x)), to=x)


@rw.rule
def log_odds_of_sigmoid(x: R) -> rw.Rewrite:
    return to(rw.log(rw.logistic(x) / (1 - rw.logistic(x))), to=x)


@rw.rule
def hyperbolic_identity(x: R) -> rw.Rewrite:
    return to(1 - rw.square(rw.tanh(x)), to=1 / rw.square(rw.cosh(x)))


@rw.rule
def sum_of_differences(f: F, g: F, i: I) -> rw.Rewrite:
    return to(rw.sum(f[i] - g[i], over=i), to=rw.sum(f[i], over=i) - rw.sum(g[i], over=i))


@rw.rule
def negated_sum(f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(-f[i], over=i), to=-rw.sum(f[i], over=i))


@rw.rule
def quotient_of_scaled_sums(c: R, f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(c * f[i], over=i) / rw.sum(c * g[j], over=j),
        to=rw.sum(f[i], over=i) / rw.sum(g[j], over=j), when=[rw.not_equal(c, 0)],
    )  # fmt: skip


@rw.rule
def square_of_sum(f: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.square(rw.sum(f[i], over=i)), to=rw.sum(rw.sum(f[i] * f[j], over=i), over=j)
    )  # fmt: skip


@rw.rule
def separated_exponentials(x: F, y: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(rw.sum(rw.exp(x[i] + y[j]), over=j), over=i),
        to=rw.sum(rw.exp(x[i]), over=i) * rw.sum(rw.exp(y[j]), over=j),
    )


@rw.rule
def inner_sums_exchanged(a: F, b: F, c: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.sum(a[i] * rw.sum(b[i, j] * c[j], over=j), over=i),
        to=rw.sum(c[j] * rw.sum(a[i] * b[i, j], over=i), over=j),
    )


@rw.rule
def maximum_of_negated(x: F, i: I) -> rw.Rewrite:
    return to(rw.max(x[i] - rw.max(x[i], over=i), over=i), to=0.0 * rw.max(x[i], over=i))


@rw.rule
def log_of_mean_shift(x: F, c: R, i: I) -> rw.Rewrite:
    return to(
        rw.log(rw.sum(rw.exp(c * x[i] + c), over=i)),
        to=c + rw.log(rw.sum(rw.exp(c * x[i]), over=i)),
    )


@rw.rule
def maximum_of_sum_of_two_axes(x: F, y: F, i: I, j: I) -> rw.Rewrite:
    return to(
        rw.max(rw.max(x[i] + y[j], over=j), over=i),
        to=rw.max(x[i], over=i) + rw.max(y[j], over=j),
    )
