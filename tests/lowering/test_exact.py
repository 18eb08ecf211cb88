"""Exact evaluation where floats fail: extreme inputs, ties, true zeros, branches not taken."""

from __future__ import annotations

import math

import flint
import mpmath
import numpy as np
import pytest
from mpmath import mpf

import rewriter as rw
from rewriter.errors import EvaluationError
from rewriter.lowering import balls, compile, exact
from rewriter.lowering.exact_backend import ExactFunction

X = rw.input("x", ("n",), "float64")
SMALL, EXTREME = [1.0, 2.0, 1000.0], [1e-18, 1e18, -1e18]


def value(node: rw.Graph, point: list[float]) -> list[float]:
    return exact(rw.Graph([X], node), point).tolist()


def by_mpmath(function, point: list[float], digits: int = 1000) -> list[float]:
    with mpmath.workdps(digits):
        return [float(v) for v in function([mpf(p) for p in point])]


def mp_softmax(x: list[mpf]) -> list[mpf]:
    exponentials = [mpmath.exp(v) for v in x]
    return [e / mpmath.fsum(exponentials) for e in exponentials]


SOFTMAX = rw.softmax(X)


@pytest.mark.parametrize(
    "point", [SMALL, [0.5, -0.25, 0.125], [1e4, 1e4 - 1, 0.0], [0.0, 700.0, 709.0]]
)
def test_softmax_and_its_relatives_against_mpmath(point: list[float]) -> None:
    digits = 10_000
    assert value(SOFTMAX, point) == by_mpmath(mp_softmax, point, digits)
    assert value(rw.log(SOFTMAX), point) == by_mpmath(
        lambda x: [mpmath.log(p) for p in mp_softmax(x)], point, digits
    )
    assert value(rw.log(1 - SOFTMAX), point) == by_mpmath(
        lambda x: [mpmath.log(1 - p) for p in mp_softmax(x)], point, digits
    )
    assert value(rw.softmax(SOFTMAX), point) == by_mpmath(
        lambda x: mp_softmax(mp_softmax(x)), point, digits
    )


def test_softmax_at_the_extremes() -> None:
    assert value(SOFTMAX, EXTREME) == [0, 1, 0]
    assert value(rw.log(SOFTMAX), EXTREME) == [-1e18, 0, -2e18]
    e = math.e
    np.testing.assert_allclose(
        value(rw.softmax(SOFTMAX), EXTREME), [1 / (2 + e), e / (2 + e), 1 / (2 + e)], rtol=2e-16
    )


def test_complements_keep_what_one_ball_would_swallow() -> None:
    """1 - p for p = 1 - exp(-1e18) is exp(-1e18), and its logarithm -1e18."""
    assert value(rw.log(1 - SOFTMAX), EXTREME) == [0, -1e18, 0]
    assert value(rw.log(1 - rw.sigmoid(X)), [1e18, -1e18]) == [-1e18, 0]
    assert value(rw.log(1 - rw.tanh(X)), [1e18]) == [-2e18]
    assert value(rw.log(1 - rw.erf(X)), [1e9]) == [-1e18]
    assert value(rw.log(rw.expm1(X) + 1), [-1e18]) == [-1e18]
    assert value(rw.log(1 - rw.exp(X - rw.logsumexp(X))), EXTREME) == [0, -1e18, 0]
    assert value(rw.logsumexp(X) - rw.max(X), [0.0, -1e4, -2e4]) == 0
    assert value(rw.log(rw.logsumexp(X) - rw.max(X)), [0.0, -1e18, -2e18]) == -1e18


def test_absorbed_terms_come_back() -> None:
    assert value(X + 1e300 - 1e300, [1e-300, 1.0]) == [1e-300, 1.0]
    assert value((rw.exp(X) + 3) - rw.exp(X), [1e18, 1.0]) == [3, 3]
    assert value(rw.sqrt(X + 1) - rw.sqrt(X), [1e18]) == [5e-10]


def test_true_zeros_are_zero() -> None:
    total = rw.sum(rw.exp(X))
    gradient = rw.exp(X) / total + rw.sum(-rw.exp(X) / (total * total)) * rw.exp(X)
    for point in (SMALL, EXTREME, [1e300, -1e300, 0.0]):
        assert value(gradient, point) == [0, 0, 0]
        assert value(rw.sum(SOFTMAX) - 1, point) == 0
        assert value(rw.exp(X + 2.5) - rw.exp(X) * rw.exp(rw.constant(2.5)), point) == [0, 0, 0]
        assert value(rw.log(rw.exp(X)) - X, point) == [0, 0, 0]
        assert value(rw.cosh(X) ** 2 - rw.sinh(X) ** 2 - 1, point) == [0, 0, 0]


def test_a_zero_that_marks_do_not_see_is_found_by_precision() -> None:
    """sin² + cos² - 1 has no algebraic reason to vanish; below 2**-1100 it counts as 0."""
    node = rw.sin(X) ** 2 + rw.cos(X) ** 2 - 1
    assert value(node, [1.0, 1e18]) == [0, 0]
    (ball, _) = balls(rw.Graph([X], node), [1.0, 1e18])
    assert ball.abs_upper() < flint.arb(2) ** -1100


def test_what_cannot_be_told_is_an_error_not_a_guess() -> None:
    """Dividing by such a zero: no precision shows whether it is one."""
    graph = rw.Graph([X], 1 / (rw.sin(X) ** 2 + rw.cos(X) ** 2 - 1))
    with pytest.raises(EvaluationError, match="not settled at 2048 bits"):
        ExactFunction(graph, largest_precision=2048)([1.0])


def test_ties_are_ties() -> None:
    tied = [1e18, -3.0, 1e18]
    assert value(rw.equal(SOFTMAX, rw.max(SOFTMAX)), tied) == [True, False, True]
    assert value(rw.equal(rw.exp(X), rw.exp(rw.max(X))), tied) == [True, False, True]
    assert value(rw.argmax(SOFTMAX), tied) == 0
    assert value(rw.maximum(rw.sin(X), rw.sin(X + 0)) - rw.sin(X), tied) == [0, 0, 0]
    assert value(rw.less(SOFTMAX * 2, SOFTMAX + SOFTMAX), tied) == [False] * 3
    assert value(rw.floor(rw.exp(X) / rw.exp(X) * 3), tied) == [3, 3, 3]


def test_nearly_tied_is_not_tied() -> None:
    close = rw.exp(X) * (1 + 1e-200 * rw.exp(-rw.absolute(X)))
    assert value(rw.less(rw.exp(X), close), [1.0, 100.0]) == [True, True]
    assert value(rw.greater(X + 1e-300, X), [1e300]) == [True]


def test_the_branch_not_taken_does_not_poison() -> None:
    safe = rw.where(X > 0, rw.log(X), 0)
    assert value(safe, [-1.0, 0.0, 1.0]) == [0, 0, 0]
    hopeless = 1 / (rw.sin(X) ** 2 + rw.cos(X) ** 2 - 1)
    assert value(rw.where(X > 0, X, hopeless), [1.0, 2.0]) == [1, 2]
    masked = rw.softmax(X, where=rw.less(X, 1e30))
    assert value(masked, [0.0, 1e300, 0.0]) == [0.5, 0, 0.5]


def test_masks_and_infinite_inputs() -> None:
    inf, nan = math.inf, math.nan
    assert value(SOFTMAX, [0.0, -inf, 0.0]) == [0.5, 0, 0.5]
    assert value(rw.logsumexp(X), [-inf, -inf]) == -inf
    np.testing.assert_array_equal(value(SOFTMAX, [-inf, -inf]), [nan, nan])
    np.testing.assert_array_equal(value(SOFTMAX, [inf, 1.0]), [nan, 0])
    np.testing.assert_array_equal(value(SOFTMAX, [nan, 1.0]), [nan, nan])
    np.testing.assert_array_equal(value(X * 0, [inf, -inf, nan, 1e308]), [nan, nan, nan, 0])
    np.testing.assert_array_equal(value(X - X, [inf, 1.0]), [nan, 0])
    np.testing.assert_array_equal(value(rw.log(X), [0.0, -0.0, -1.0]), [-inf, -inf, nan])
    assert value(1 / X, [0.0, -0.0, inf, -inf]) == [inf, -inf, 0, 0]


def test_conversions_between_floats_do_not_round() -> None:
    x = rw.input("x", (2,), "float32")
    narrowed = rw.astype(rw.astype(x, "float16"), "float32")
    assert exact(rw.Graph([x], narrowed), [1e30, 0.1]).tolist() == [
        np.float32(1e30),
        np.float32(0.1),
    ]


def test_conversions_to_integers_truncate_and_saturate() -> None:
    x = rw.input("x", (6,), "float64")
    graph = rw.Graph(
        [x], [rw.astype(x, "int8"), rw.astype(x, "bool"), rw.astype(x * 0 + 3, "int64")]
    )
    small, truth, three = exact(graph, [-1.9, 0.0, 99.99, 1e30, -1e30, -0.5])
    assert small.tolist() == [-1, 0, 99, 127, -128, 0]
    assert truth.tolist() == [True, False, True, True, True, True]
    assert three.tolist() == [3] * 6


def test_constants_are_taken_at_their_stored_value() -> None:
    x = rw.input("x", (1,), "float32")
    for dtype in ("float16", "bfloat16", "float32"):
        tenth = rw.constant(0.1, dtype)
        graph = rw.Graph([x], rw.astype(tenth, "float64") * rw.astype(x, "float64"))
        assert exact(graph, [1.0])[0] == float(tenth.attribute("value").array)


def test_outputs_are_rounded_once_to_the_dtype_asked_for() -> None:
    x = rw.input("x", (1,), "float32")
    graph = rw.Graph([x], rw.exp(x))
    with mpmath.workdps(50):
        truth = mpmath.exp(1)
    assert exact(graph, [1.0])[0] == np.float32(truth)
    assert exact(graph, [1.0], dtype="float64")[0] == float(truth)
    assert exact(graph, [1.0], dtype="float16").dtype == np.float16
    assert exact(graph, [89.0])[0] == np.inf
    assert exact(graph, [89.0], dtype="float64")[0] == float(mpmath.exp(89))
    assert compile(graph, "exact")([1.0]).dtype == np.float32


def test_balls_are_tight() -> None:
    found = balls(rw.Graph([X], [rw.log(1 - SOFTMAX), rw.less(X, 1), rw.log(X * 0)]), EXTREME)
    assert found[0].shape == (3,)
    for ball in found[0]:
        assert ball.rel_accuracy_bits() >= 80 or ball.abs_upper() < flint.arb(2) ** -1100
    assert [int(ball.unique_fmpz()) for ball in found[1]] == [1, 0, 1]
    assert [float(ball) for ball in found[2]] == [-math.inf] * 3


def test_the_working_precision_is_put_back() -> None:
    before = flint.ctx.prec
    value(rw.log(SOFTMAX), SMALL)
    assert flint.ctx.prec == before


def test_a_deep_chain_is_evaluated() -> None:
    node = X
    for _ in range(10_000):
        node = rw.exp(-node)
    with mpmath.workdps(30):
        assert value(node, [0.3]) == [float(mpmath.lambertw(1).real)]


def test_towers_of_exponentials() -> None:
    """exp(-exp(1e18)) has more digits than can be written; its logarithm has not."""
    assert value(rw.exp(-rw.exp(X)), [1e18, 0.0, -1e18]) == [0, float(mpmath.exp(-1)), 1]
    assert value(rw.log(rw.exp(-rw.exp(X))), [1e18, 5.0]) == [-math.inf, -math.exp(5.0)]
    assert value(rw.log(-rw.log(rw.exp(-rw.exp(X)))), [1e18, 5.0, -1e18]) == [1e18, 5, -1e18]
    assert value(rw.log(1 - rw.exp(-rw.exp(X))), [-1e18, 1e18]) == [-1e18, 0]


def test_many_scales_at_once() -> None:
    """All but the smallest of a hundred terms, each far below the one before, cancel."""
    point = [-1000.0 * k for k in range(40)]
    rest = rw.sum(rw.exp(X)) - rw.sum(rw.exp(X[:-1]))
    assert value(rw.log(rest), point) == -39000.0
    largest_left_out = rw.log(rw.sum(rw.exp(X)) - rw.max(rw.exp(X)))
    assert value(largest_left_out, point) == -1000.0
