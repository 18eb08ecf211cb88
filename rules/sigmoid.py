"""Forms of one exponential that a stable primitive computes.

``logistic(u) = 1 / (1 + exp(−u))`` and ``logaddexp(u, v) = log(exp(u) + exp(v))`` are primitives of
every backend; near 0 and in both tails they keep their digits.
"""

import rewriter as rw


@rw.rule
def sigmoid(u: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """The quotient exp(u) / (1 + exp(u)) = logistic(u)."""
    return rw.rewrite(rest * rw.exp(u) / (1 + rw.exp(u)), to=rest * rw.evaluated(rw.logistic(u)))


@rw.rule
def complement_of_sigmoid(u: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """1 / (1 + exp(u)) = 1 − sigmoid(u) = sigmoid(−u)."""
    return rw.rewrite(rest / (1 + rw.exp(u)), to=rest * rw.evaluated(rw.logistic(-u)))


@rw.rule
def softplus(u: rw.Real) -> rw.Rewrite:
    """The softplus: log(1 + exp(u)) = logaddexp(0, u)."""
    return rw.rewrite(rw.log(1 + rw.exp(u)), to=rw.evaluated(rw.logaddexp(0.0, u)))


@rw.rule
def log_of_two_exponentials(u: rw.Rest, v: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """v + log(1 + exp(u − v)) = log(exp(v) + exp(u)) = logaddexp(v, u)."""
    return rw.rewrite(
        v + rw.log(1 + rw.exp(u - v)) + rest, to=rw.evaluated(rw.logaddexp(v, u)) + rest
    )


@rw.rule
def log_of_sigmoid(u: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """u − log(1 + exp(u)) = log sigmoid(u) = −softplus(−u)."""
    return rw.rewrite(
        u - rw.log(1 + rw.exp(u)) + rest, to=rest - rw.evaluated(rw.logaddexp(0.0, -u))
    )


@rw.rule
def softplus_of_the_opposite(u: rw.Real, rest: rw.Rest) -> rw.Rewrite:
    """log(1 + exp(u)) − u = log(1 + exp(−u)) = logaddexp(0, −u)."""
    return rw.rewrite(
        rw.log(1 + rw.exp(u)) - u + rest, to=rest + rw.evaluated(rw.logaddexp(0.0, -u))
    )


PRIMITIVE_FORMS = (
    log_of_sigmoid,
    softplus_of_the_opposite,
    log_of_two_exponentials,
    sigmoid,
    complement_of_sigmoid,
    softplus,
)
