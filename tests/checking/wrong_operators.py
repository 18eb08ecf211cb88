"""Wrong declarations of operators, and wrong rules about right ones."""

from typing import Any

import numpy as np

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


@rw.operator
def cube(x: Any) -> Any:
    """x³."""
    return x * x * x


@rw.operator
def hinge(x: Any) -> Any:
    """max(x, 0)."""
    return rw.maximum(x, 0)


@rw.operator
def gated(x: Any) -> Any:
    """x·sigmoid(x)."""
    return x * rw.logistic(x)


RIGHT_OPERATORS = (cube, hinge, gated)


# Rules ----------------------------------------------------------------------------------------


@rw.rule.once
def cube_is_additive(x: R, y: R) -> rw.Rewrite:
    return to(cube(x + y), to=cube(x) + cube(y))


@rw.rule.once
def cube_of_size(x: R) -> rw.Rewrite:
    return to(cube(rw.absolute(x)), to=cube(x))


@rw.rule.once
def root_of_cube(x: P) -> rw.Rewrite:
    return to(rw.sqrt(cube(x)), to=x * x / rw.sqrt(x) * 1.000001)


@rw.rule.once
def hinge_of_opposite(x: R) -> rw.Rewrite:
    return to(hinge(-x), to=-hinge(x))


@rw.rule.once
def hinge_over_its_argument(x: R) -> rw.Rewrite:
    return to(hinge(x) / x, to=rw.where(x > 0, 1, 0) * rw.exp(x - x))


@rw.rule.once
def gated_is_odd(x: R) -> rw.Rewrite:
    return to(gated(-x), to=-gated(x))


@rw.rule.once
def gated_over_itself(x: R) -> rw.Rewrite:
    return to(gated(x) / gated(x), to=rw.exp(x - x))


@rw.rule.once
def slope_of_gated(x: R) -> rw.Rewrite:
    (slope,) = rw.grad(gated(x), [x])
    return to(rw.square(slope), to=rw.square(rw.logistic(x) + gated(x)))


@rw.rule.once
def slope_of_logarithm_of_size(x: R) -> rw.Rewrite:
    (slope,) = rw.grad(rw.log(rw.absolute(x)), [x])
    return to(slope * x * x, to=rw.absolute(x), when=[rw.not_equal(x, 0)])


@rw.rule.once
def sum_of_hinges_of_differences(f: F, c: R, i: I) -> rw.Rewrite:
    return to(rw.sum(hinge(f[i] - c), over=i), to=hinge(rw.sum(f[i], over=i) - c))


# Operators ------------------------------------------------------------------------------------


@rw.operator(derivative=lambda x: 3 * rw.absolute(x))
def derivative_right_at_one(x: Any) -> Any:
    """x³."""
    return x * x * x


@rw.operator(derivative=lambda x: rw.where(x > 5000, 2.0, 1.0) + 0 * x)
def derivative_wrong_far_out(x: Any) -> Any:
    """x."""
    return x + 0 * x * x


@rw.operator(derivative=lambda x: rw.logistic(x) * (1 + rw.logistic(x)))
def derivative_of_sigmoid_with_a_wrong_sign(x: Any) -> Any:
    """sigmoid(x)."""
    return rw.logistic(x)


@rw.operator(derivative=lambda x: 1.000001 * rw.cos(x))
def derivative_off_by_a_millionth(x: Any) -> Any:
    """sin x."""
    return rw.sin(x)


@rw.operator(derivative=lambda x, y: [y, rw.absolute(x)])
def derivative_by_the_second_wrong(x: Any, y: Any) -> Any:
    """x·y."""
    return x * y


@rw.operator(facts=lambda y: [y > 0])
def fact_fails_at_zero(x: Any) -> Any:
    """x²."""
    return x * x


@rw.operator(facts=lambda y: [y < 1000])
def fact_fails_far_out(x: Any) -> Any:
    """max(x, 0)."""
    return rw.maximum(x, 0)


@rw.operator(facts=lambda y: [y >= 0])
def fact_fails_in_a_dip(x: Any) -> Any:
    """(x − 2)·(x − 2.01)."""
    return (x - 2) * (x - 2.01)


@rw.operator(numpy=lambda x: np.sin(x) * (1 + 1e-9))
def function_off_by_a_billionth(x: Any) -> Any:
    """sin x."""
    return rw.sin(x)


@rw.operator(numpy=lambda x: np.sqrt(x * x))
def function_of_size(x: Any) -> Any:
    """x."""
    return x + 0 * x * x


@rw.operator(jax=lambda x: x * x * 1.0001)
def function_of_another_backend(x: Any) -> Any:
    """x²."""
    return x * x
