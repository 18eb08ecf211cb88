"""Comparisons of exponentials, and the gradients of maxima that ask by them where they go."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

pytestmark = pytest.mark.filterwarnings("ignore")

SCORES = np.float32([[0.125, -0.5, 0.75, 0.3125], [-1.25, 0.5, -0.0625, 1.5], [2, 2, -1, 0.5]])
LARGEST = np.float32([[0, 0, 1, 0], [0, 0, 0, 1], [0.5, 0.5, 0, 0]])
OFFSETS = pytest.mark.parametrize("offset", [0, 1e3, -1e3])


def agree(program, offset, wanted):
    """The stabilised program comes to what it is wanted to, at once and under jit."""
    x = SCORES + np.float32(offset)
    for run in (rw.stabilize(program), jax.jit(rw.stabilize(program))):
        np.testing.assert_allclose(run(x), wanted, rtol=2**-20, atol=2**-22)


@OFFSETS
def test_exponentials_beside_the_largest(offset):
    wanted = np.exp(np.float64(SCORES) - np.float64(SCORES).max(1, keepdims=True))
    agree(lambda x: jnp.exp(x) / jnp.exp(x).max(1, keepdims=True), offset, wanted)


@OFFSETS
def test_gradient_of_the_largest_exponential(offset):
    """The logarithm of the largest has slope 1 where it is attained; ties share it."""

    def program(x):
        return jnp.log(jnp.max(jnp.exp(x), axis=1)).sum()

    agree(jax.grad(program), offset, LARGEST)
    agree(jax.grad(rw.stabilize(program)), offset, LARGEST)


@OFFSETS
def test_which_is_the_largest(offset):
    def program(x):
        e = jnp.exp(x)
        return jnp.where(e == e.max(1, keepdims=True), 1.0, 0.0)

    agree(program, offset, LARGEST > 0)


@OFFSETS
def test_which_is_larger(offset):
    def program(x):
        e = jnp.exp(x)
        return jnp.where(e[:, 0] > e[:, 1], 1.0, 0.0), jnp.where(e[:, 2] >= e[:, 3], 1.0, 0.0)

    x = SCORES + np.float32(offset)
    first, second = jax.jit(rw.stabilize(program))(x)
    assert first.tolist() == [1, 0, 0]
    assert second.tolist() == [1, 0, 0]


@OFFSETS
def test_which_sum_is_larger(offset):
    """e^0.125 + e^0.3125 > 2·e^-0.5, and so on; all three signs by hand."""

    def program(x):
        e = jnp.exp(x)
        return jnp.where(e[:, 0] + e[:, 3] > 2 * e[:, 1], 1.0, 0.0)

    agree(program, offset, [1, 1, 0])


@OFFSETS
def test_logarithm_of_the_larger_of_two(offset):
    def program(x):
        return jnp.log(jnp.maximum(jnp.exp(x[:, 0]), jnp.exp(x[:, 1]))).sum()

    slopes = [[1, 0, 0, 0], [0, 1, 0, 0], [0.5, 0.5, 0, 0]]
    agree(program, offset, np.float64(SCORES[:, :2] + np.float32(offset)).max(1).sum())
    agree(jax.grad(program), offset, slopes)


@OFFSETS
def test_a_difference_with_a_floor(offset):
    """``log(1 + max(q - p, c)/p)``, where the difference is below the floor and where it is not."""

    def program(x):
        e = jnp.exp(x)
        return jnp.log(1 + jnp.maximum(e[:, 0] - e[:, 1], 0.5 * e[:, 1]) / e[:, 1]).sum()

    def slopes(x):
        """Of log(1 + max(exp(d) - 1, 1/2)) in d = x[:, 0] - x[:, 1]: 1 where exp(d) > 3/2."""
        slope = np.where(np.exp(x[:, 0] - x[:, 1]) > 1.5, 1.0, 0.0)
        return np.stack([slope, -slope, 0 * slope, 0 * slope], 1)

    d = np.float64(SCORES[:, 0] - SCORES[:, 1])
    agree(program, offset, np.log(1 + np.maximum(np.exp(d) - 1, 0.5)).sum())
    agree(jax.grad(program), offset, slopes(np.float64(SCORES)))


def test_a_comparison_with_a_number_is_left_alone():
    def program(x):
        return jnp.where(jnp.exp(x) > 0.5, x, 0.0)

    graph = rw.from_jax(program, SCORES)
    assert rw.optimize(graph) is graph


def spread(x):
    """The logarithm of the largest ``eˣ + e⁻ˣ`` of each row."""
    return jnp.log(jnp.max(jnp.exp(x) + jnp.exp(-x), axis=1)).sum()


@OFFSETS
def test_the_largest_of_sums_of_exponentials(offset):
    """``log(eˣ + e⁻ˣ)`` grows with ``|x|``: the largest is at the largest, with the slope tanh."""
    x = np.float64(SCORES[:2] + np.float32(offset))
    at = np.abs(x) == np.abs(x).max(1, keepdims=True)
    wanted = np.abs(x).max(1) + np.log1p(np.exp(-2 * np.abs(x).max(1)))
    got = jax.jit(rw.stabilize(spread))(np.float32(x))
    np.testing.assert_allclose(got, wanted.sum(), rtol=2**-20)
    slopes = jax.jit(rw.stabilize(jax.grad(spread)))(np.float32(x))
    np.testing.assert_allclose(slopes, np.where(at, np.tanh(x), 0), rtol=0, atol=2**-20)


@OFFSETS
def test_the_largest_of_rows(offset):
    """The gradient goes to the row whose sum is the largest: its softmax."""

    def program(x):
        return jnp.log(jnp.max(jnp.exp(x).sum(1)))

    total = np.exp(np.float64(SCORES)).sum(1, keepdims=True)
    wanted = np.where(total == total.max(), np.exp(np.float64(SCORES)) / total, 0)
    agree(jax.grad(program), offset, wanted)


@OFFSETS
def test_the_largest_under_a_mask(offset):
    """The largest of those shown; of the last row, which shows none, the logarithm of 0."""
    shown = np.array([[True, True, False, True], [True, False, True, False], [False] * 4])

    def program(x):
        return jnp.log(jnp.max(jnp.where(shown, jnp.exp(x), 0.0), axis=1))

    agree(program, offset, [0.3125 + offset, -0.0625 + offset, -np.inf])
    slopes = [[0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]]
    agree(jax.grad(lambda x: program(x)[:2].sum()), offset, slopes)


@OFFSETS
def test_the_largest_difference(offset):
    """``max_j (e^x0j − e^x1j)`` over a sum: where it is attained, of whichever sign."""

    def program(x):
        e = jnp.exp(x)
        return jnp.max(e[0] - e[1]) / e.sum(), jnp.max(e[1] - e[0] - e[2]) / e.sum()

    e = np.exp(np.float64(SCORES))
    wanted = [(e[0] - e[1]).max() / e.sum(), (e[1] - e[0] - e[2]).max() / e.sum()]
    got = jax.jit(rw.stabilize(program))(SCORES + np.float32(offset))
    np.testing.assert_allclose(got, wanted, rtol=2**-19)


@OFFSETS
def test_the_largest_share_under_a_mask(offset):
    """Shares of a softmax that are not shown are -inf, and beneath whatever is."""
    shown = np.array([[True, True, False, True], [True, False, True, False], [True] * 4])
    share = np.exp(np.float64(SCORES)) / np.exp(np.float64(SCORES)).sum(1, keepdims=True)

    def program(x):
        e = jnp.exp(x)
        return jnp.max(jnp.where(shown, e / e.sum(1, keepdims=True), -jnp.inf), axis=1)

    agree(program, offset, np.where(shown, share, -np.inf).max(1))


@pytest.mark.parametrize("offset", [0, 1e3])
def test_the_largest_of_nothing_beside_a_sum(offset):
    """Where a mask shows none, the largest is 0 and adds nothing."""

    def program(x):
        e = jnp.exp(x)
        return jnp.log(jnp.max(jnp.where(x > 1e9, e, 0.0), axis=1) + e.sum(1))

    agree(program, offset, np.log(np.exp(np.float64(SCORES)).sum(1)) + offset)


@OFFSETS
def test_the_largest_of_effective_shares(offset):
    """``1 / max_j Σ_i w_ij²``, of weights that are inverse exponentials: no exponential is left."""

    def program(x):
        ratio = 1 / jnp.exp(x)
        return 1 / ((ratio / ratio.sum(0)) ** 2).sum(0).max()

    weights = np.exp(-np.float64(SCORES)) / np.exp(-np.float64(SCORES)).sum(0)
    agree(program, offset, 1 / (weights**2).sum(0).max())


def test_a_value_beside_itself_in_bounds():
    """``min(r·a, clip(r)·a)`` ties wherever r is in its bounds, and a tie shares the gradient."""
    advantage = np.float32([1, -0.5, 2, -1])

    def program(x):
        ratio = jnp.exp(0.3 * x[0] - x[1] ** 2) / (jnp.exp(0.01 * x[2]) * 1.7)
        bounded = jnp.clip(ratio, 0.2, 1.2)
        return jnp.minimum(ratio * advantage, bounded * advantage).sum()

    wanted = jax.grad(program)(SCORES)
    for gradient in (rw.stabilize(jax.grad(program)), jax.grad(rw.stabilize(program))):
        np.testing.assert_allclose(gradient(SCORES), wanted, rtol=2**-20, atol=2**-22)
    graph = rw.optimize(rw.from_jax(jax.grad(program), SCORES))
    exact = rw.compile(graph, backend="exact")(SCORES)
    np.testing.assert_allclose(exact, wanted, rtol=2**-20, atol=2**-22)


def test_the_largest_of_values_with_named_sums_in_them():
    """What scalings come to has sums in sums, which have names: they stay within their terms."""

    def program(x):
        kernel = jnp.exp(-jnp.abs(x[:3, None] - x[None, 3:]))
        u, v = jnp.ones(3), jnp.ones(3)
        for _ in range(2):
            u = (1 / (kernel @ v)) ** 0.5
            v = (1 / (kernel.T @ u)) ** 0.5
        return jnp.max((u[:, None] * kernel * v[None]).sum(1))

    x = np.float32([0.125, -0.5, 0.75, 0.3125, -1.25, 0.5])
    graph = rw.from_jax(jax.grad(program), x)
    truth = np.asarray(rw.compile(graph, backend="exact")(x), "float64")
    np.testing.assert_allclose(rw.compile(rw.optimize(graph))(x), truth, rtol=0, atol=1e-6)
