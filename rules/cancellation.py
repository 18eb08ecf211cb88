"""Differences that lose their digits where their terms are near one another.

``exp(u) - 1`` near u = 0, ``log(1 + x)`` near x = 0 and ``sqrt(x + 1) - sqrt(x)`` for large x: each
has a form, of as many or few more operations, that keeps them.

Source: Higham, "Accuracy and Stability of Numerical Algorithms" (SIAM 2002), sections 1.7 and 1.14.
"""

import rewriter as rw


@rw.rule
def exponential_less_one(u: rw.Real) -> rw.Rewrite:
    """exp(u) − 1 = expm1(u)."""
    return rw.rewrite(rw.exp(u) - 1, to=rw.evaluated(rw.expm1(u)))


@rw.rule
def one_less_exponential(u: rw.Real) -> rw.Rewrite:
    """1 − exp(u) = −expm1(u)."""
    return rw.rewrite(1 - rw.exp(u), to=-rw.evaluated(rw.expm1(u)))


@rw.rule
def logarithm_near_one(x: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """log(1 + x + …) = log1p(x + …)."""
    return rw.rewrite(rw.log(1 + x + rest), to=rw.evaluated(rw.log1p(x + rest)))


@rw.rule
def difference_of_roots(a: rw.Real, b: rw.Real) -> rw.Rewrite:
    """√a − √b = (a − b) / (√a + √b), for a ≠ b; worth it where a − b is a number."""
    return rw.rewrite(
        rw.sqrt(a) - rw.sqrt(b),
        to=(a - b) / (rw.sqrt(a) + rw.sqrt(b)),
        when=[rw.not_equal(a, b)],
        worth=[rw.is_constant(a - b)],
    )


@rw.rule
def inverse_hyperbolic_sine(x: rw.Real) -> rw.Rewrite:
    """log(x + √(x² + 1)) = ±log1p(y + y²/(1 + √(x² + 1))), y = ±x not negative."""
    side = rw.sign(rw.sign(x) + 0.5)
    y = rw.evaluated(side * x)
    near = rw.evaluated(1 + y / (1 + rw.sqrt(x**2 + 1)))
    return rw.rewrite(rw.log(x + rw.sqrt(x**2 + 1)), to=side * rw.evaluated(rw.log1p(y * near)))


CONJUGATES = (inverse_hyperbolic_sine,)

DIFFERENCES = (
    exponential_less_one,
    one_less_exponential,
    logarithm_near_one,
    difference_of_roots,
)
