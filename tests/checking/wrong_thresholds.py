"""Wrong rules of numbers that hold up to a threshold, or of whole numbers alone."""

import rewriter as rw

R, P = rw.Real, rw.Positive
to = rw.rewrite


# Thresholds -----------------------------------------------------------------------------------


@rw.rule.once
def clipped_is_itself(x: R) -> rw.Rewrite:
    return to(rw.minimum(rw.maximum(x, -1e5), 1e5), to=x)


@rw.rule.once
def clipped_from_far_above(x: R) -> rw.Rewrite:
    return to(rw.minimum(x, 3e19), to=x)


@rw.rule.once
def saturated_tangent(x: R) -> rw.Rewrite:
    return to(rw.tanh(x), to=1.0, when=[x > 40])


@rw.rule.once
def softplus_is_the_hinge(x: R) -> rw.Rewrite:
    return to(rw.log(1 + rw.exp(x)), to=x, when=[x > 300])


@rw.rule.once
def branch_between_two_thresholds(x: R) -> rw.Rewrite:
    return to(rw.where(rw.logical_and(x > 211, x < 213), 0, x), to=x)


@rw.rule.once
def branch_at_one_place(x: R) -> rw.Rewrite:
    return to(rw.where(rw.equal(x, 77), 0, x), to=x)


@rw.rule.once
def branch_at_one_place_of_two(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(rw.equal(2 * x + y, 771), 0, x), to=x)


@rw.rule.once
def branch_at_two_places(x: R, y: R) -> rw.Rewrite:
    here = rw.logical_and(rw.equal(x, 53), rw.equal(y, 59))
    return to(rw.where(here, 0, x), to=x)


@rw.rule.once
def tie_goes_to_the_other(x: R, y: R) -> rw.Rewrite:
    return to(x * y * rw.where(x > y, 1, 0), to=x * y * rw.where(x >= y, 1, 0))


@rw.rule.once
def tie_of_scaled(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(x > 7 * y + 5, x, y), to=rw.where(x >= 7 * y + 5, x, y))


@rw.rule.once
def not_less_is_greater(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(rw.logical_not(x < y), x, 0), to=rw.where(x > y, x, 0))


@rw.rule.once
def both_for_either(x: R, y: R) -> rw.Rewrite:
    return to(x * y * rw.where(rw.logical_and(x > 0, y > 0), 1, 0),
              to=x * y * rw.where(rw.logical_or(x > 0, y > 0), 1, 0))  # fmt: skip


@rw.rule.once
def negation_over_conjunction(x: R, y: R) -> rw.Rewrite:
    return to(x * y * rw.where(rw.logical_not(rw.logical_and(x > 0, y > 0)), 1, 0),
              to=x * y * rw.where(rw.logical_and(x <= 0, y <= 0), 1, 0))  # fmt: skip


@rw.rule.once
def comparison_multiplied(c: R, x: R, y: R) -> rw.Rewrite:
    return to(c * x * y * rw.where(c * x > c * y, 1, 0), to=c * x * y * rw.where(x > y, 1, 0),
              when=[rw.not_equal(c, 0)])  # fmt: skip


@rw.rule.once
def comparison_of_squares(x: R, y: R) -> rw.Rewrite:
    return to(x * y * rw.where(x * x > y * y, 1, 0), to=x * y * rw.where(x > y, 1, 0))


@rw.rule.once
def comparison_of_reciprocals(x: R, y: R) -> rw.Rewrite:
    return to(x * y * rw.where(1 / x < 1 / y, 1, 0), to=x * y * rw.where(x > y, 1, 0),
              when=[rw.not_equal(x, 0), rw.not_equal(y, 0)])  # fmt: skip


@rw.rule.once
def branches_swapped(x: R, y: R) -> rw.Rewrite:
    return to(rw.where(x > 0, x, y), to=rw.where(x > 0, y, x))


# Whole numbers --------------------------------------------------------------------------------


@rw.rule.once
def floor_of_sum(x: R, y: R) -> rw.Rewrite:
    return to(rw.floor(x + y), to=rw.floor(x) + rw.floor(y))


@rw.rule.once
def floor_of_double(x: R) -> rw.Rewrite:
    return to(rw.floor(2 * x), to=2 * rw.floor(x))


@rw.rule.once
def floor_of_opposite(x: R) -> rw.Rewrite:
    return to(rw.floor(-x), to=-rw.floor(x))


@rw.rule.once
def ceiling_by_floor(x: R) -> rw.Rewrite:
    return to(rw.ceil(x), to=rw.floor(x) + 1)


@rw.rule.once
def rounded_by_floor(x: R) -> rw.Rewrite:
    return to(rw.round(x), to=rw.floor(x + 0.5))


@rw.rule.once
def floor_is_the_number(x: R) -> rw.Rewrite:
    return to(rw.floor(x), to=x, when=[x >= 0])


@rw.rule.once
def remainder_of_opposite(x: R, y: P) -> rw.Rewrite:
    return to(rw.remainder(-x, y), to=-rw.remainder(x, y))


@rw.rule.once
def remainder_of_sum(x: R, y: R, z: P) -> rw.Rewrite:
    return to(rw.remainder(x + y, z), to=rw.remainder(x, z) + rw.remainder(y, z))


@rw.rule.once
def alternating_sign(x: R) -> rw.Rewrite:
    return to(rw.square(rw.cos(4 * rw.arctan(1.0) * x)), to=rw.exp(x - x))


@rw.rule.once
def square_is_at_least_the_number(x: R) -> rw.Rewrite:
    return to(rw.maximum(x * x, x), to=x * x)


@rw.rule.once
def product_of_consecutive(x: R) -> rw.Rewrite:
    return to(rw.where(x * (x - 1) * (x - 2) >= 0, x, 0), to=x, when=[x >= 0])
