"""Every element to a few ulps: each value as its limit, and what is beside that.

Where one exponential is far larger than the others, a softmax is nearly 1 there and nearly 0
elsewhere, and what is made of it is nearly what is made of a 1 and zeros: its *limit*, which floats
have exactly. What is beside the limit is small and is computed by itself, so that where the limits
cancel it is what remains: ``p − 1`` is ``(1 − 1) − Σ_others p``.

An exponential whose largest is ``exp(0) = 1``, as the shift leaves them, has the limit
``t = [x = 0]``, and beside it ``exp(x) − t``; sums add limits and what is beside them; for products
and quotients there is a law each. The laws hold whatever t is, so that t carries no gradient, and
where nothing is much larger than the rest nothing is lost: a quotient whose divisor is not mostly
its limit has the limit 0.

Source: Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions",
IMA Journal of Numerical Analysis 41 (2021), section 4, for the logarithm.
"""

from collections.abc import Callable
from typing import Any

import rewriter as rw

Parts = tuple[Any, Any]
"""The limit, and what is beside it."""

AsIs = Callable[[Any], Any]
"""Marks what is to be computed as it stands; of nodes, which are, nothing is to be marked."""


def exponential(x: Any, as_is: AsIs) -> Parts:
    """The parts of ``exp(x)`` for x that are not positive."""
    largest = as_is(rw.astype(rw.equal(x, 0.0), x.dtype))
    return largest, as_is(rw.exp(x) - largest)


def _mostly(a: Any, b: Any, as_is: AsIs) -> Any:
    """1 where a is most of ``a + b``, and below 3: a third is no float, and n of n thirds not 1."""
    most = as_is(rw.maximum(rw.sign(as_is(a - rw.absolute(b))), 0.0))
    return as_is(most * as_is(rw.maximum(rw.sign(as_is(3.0 - a)), 0.0)))


def quotient(a: Any, b: Any, c: Any, d: Any, as_is: AsIs) -> Parts:
    """The parts of ``(a + b)/(c + d)`` for c that is not negative."""
    mostly = _mostly(c, d, as_is)
    inverse = as_is(mostly / as_is(c + as_is(1.0 - mostly)))
    less = as_is(as_is(1.0 - as_is(inverse * c)) - as_is(inverse * d))
    return as_is(a * inverse), as_is(as_is(b + as_is(a * less)) / as_is(c + d))


def root(a: Any, b: Any, as_is: AsIs) -> Parts:
    """The parts of ``√(a + b)`` of a sum that is positive."""
    limit = as_is(a * _mostly(a, b, as_is))
    beside = as_is(as_is(a - limit) + b)
    return as_is(rw.sqrt(limit)), as_is(
        beside / as_is(as_is(rw.sqrt(limit)) + as_is(rw.sqrt(as_is(a + b))))
    )


def sigmoid(x: Any, as_is: AsIs) -> Parts:
    """The parts of ``logistic(x)``."""
    limit = as_is(rw.maximum(rw.sign(x), 0.0))
    side = as_is(1.0 - as_is(2.0 * limit))
    return limit, as_is(side * as_is(rw.logistic(as_is(side * x))))


def logarithm(a: Any, b: Any, as_is: AsIs) -> Any:
    """``log(a + b)``, where a is next to 1 by what is more than 1."""
    near = as_is(rw.maximum(rw.sign(as_is(0.5 - rw.absolute(as_is(a - 1.0)))), 0.0))
    more = as_is(near * as_is(as_is(a - 1.0) + b))
    far = as_is(near + as_is(as_is(1.0 - near) * as_is(a + b)))
    return as_is(rw.log1p(more)) + as_is(rw.log(far))


@rw.rule.once
def exponential_beside_its_limit(x: rw.Real) -> rw.Rewrite:
    """exp(x) = t + (exp(x) − t), t = [x = 0]."""
    limit, beside = exponential(x, rw.evaluated)
    return rw.rewrite(rw.exp(x), to=limit + beside)


@rw.rule.once
def product_beside_its_limit(a: rw.Real, b: rw.Real, c: rw.Real, d: rw.Real) -> rw.Rewrite:
    """(a + b)·(c + d) = a·c + (a·d + b·(c + d))."""
    beside = rw.evaluated(rw.evaluated(a * d) + rw.evaluated(b * rw.evaluated(c + d)))
    return rw.rewrite((a + b) * (c + d), to=rw.evaluated(a * c) + beside)


@rw.rule.once
def quotient_beside_its_limit(a: rw.Real, b: rw.Real, c: rw.Real, d: rw.Real) -> rw.Rewrite:
    """(a + b)/(c + d) = a·r + (b + a·((1 − r·c) − r·d))/(c + d), r = 1/c if |d| < c < 3, else 0."""
    limit, beside = quotient(a, b, c, d, rw.evaluated)
    return rw.rewrite((a + b) / (c + d), to=limit + beside, when=[c >= 0])


@rw.rule.once
def root_beside_its_limit(a: rw.Real, b: rw.Real) -> rw.Rewrite:
    """√(a + b) = √c + ((a − c) + b)/(√c + √(a + b)), c = a where |b| < a < 3, else 0."""
    limit, beside = root(a, b, rw.evaluated)
    return rw.rewrite(rw.sqrt(a + b), to=limit + beside, when=[a + b > 0])


@rw.rule.once
def sigmoid_beside_its_limit(x: rw.Real) -> rw.Rewrite:
    """logistic(x) = h + (1 − 2h)·logistic((1 − 2h)·x), h = [x > 0]."""
    limit, beside = sigmoid(x, rw.evaluated)
    return rw.rewrite(rw.logistic(x), to=limit + beside)


@rw.rule.once
def logarithm_beside_its_limit(a: rw.Real, b: rw.Real) -> rw.Rewrite:
    """log(a + b) = log1p(g·((a − 1) + b)) + log(g + (1 − g)·(a + b)), g = [|a − 1| < 1/2]."""
    return rw.rewrite(rw.log(a + b), to=logarithm(a, b, rw.evaluated))


COMPONENTWISE = (
    exponential_beside_its_limit, product_beside_its_limit, quotient_beside_its_limit,
    root_beside_its_limit, sigmoid_beside_its_limit, logarithm_beside_its_limit,
)  # fmt: skip
