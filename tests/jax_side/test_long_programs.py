"""Programs of everyday practice, as people write them, at scores that overflow; against balls."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

SPREAD = np.float32([1, 2, 1000, -3])
OFFSET = np.float32([0.125, -0.5, 0.75, 0.3125]) + np.float32(1e4)


def softmax(x):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def preference(x):
    """Direct preference optimisation: what cancels meets before a constant is added."""
    log = jnp.log(softmax(x))
    return -jnp.log(sigmoid(0.5 * ((log[0] + 1.1) - (log[2] + 0.7))))


def gumbel(x):
    """A settled logarithm is a good reference for what is added to it."""
    noise = jnp.array([0.3, -0.2, 1.1, 0.4])
    return jnp.sum(softmax((jnp.log(softmax(x)) + noise) / 0.5) * jnp.arange(4.0))


def geometric_mean(x):
    e = jnp.exp(jnp.outer(jnp.array([1.0, 0.5]), x))
    return jnp.sum(jnp.exp(jnp.mean(jnp.log(e / jnp.sum(e)), axis=0)))


def cell(x):
    """An LSTM's cell: sums inside products stay whole."""
    kept, entered, out = sigmoid(x[0]), sigmoid(x[1]), sigmoid(x[3])
    state = kept * 0.7 + entered * jnp.tanh(x[2])
    return out * (jnp.exp(state) - jnp.exp(-state)) / (jnp.exp(state) + jnp.exp(-state))


def aligned(x):
    """Connectionist temporal classification, unrolled in probability space."""
    p = softmax(jnp.stack([x, x[::-1], 0.5 * x]))
    blank, label = p[:, 0], p[:, 1]
    ends = [blank[0], label[0], 0.0]
    for t in (1, 2):
        ends = [
            ends[0] * blank[t],
            (ends[1] + ends[0]) * label[t],
            (ends[2] + ends[1]) * blank[t],
        ]
    return -jnp.log(ends[2] + ends[1])


def mixture_step(x):
    """Expectation maximisation: a contraction of both signs over what may vanish."""
    data = jnp.array([0.1, 1.2, -0.7])
    densities = jnp.exp(-((data[:, None] - x * 0.01) ** 2) / 0.002)
    weights = densities / densities.sum(1, keepdims=True)
    return jnp.sum((weights.T @ data) / weights.sum(0) * jnp.arange(4.0))


PROGRAMS = [preference, gumbel, geometric_mean, cell]


def agrees(got, balls, bits=6):
    wanted = np.vectorize(lambda ball: float(ball.mid()))(np.asarray(balls, object))
    assert np.shape(got) == wanted.shape
    assert np.isfinite(wanted).all(), "of infinite size every error is small"
    scale = max(1.0, np.abs(wanted).max())
    ulp = 2.0 ** (np.floor(np.log2(scale)) - np.finfo(np.float32).nmant)
    assert np.abs(np.asarray(got, float) - wanted).max() <= ulp * (2**bits - 1), (got, wanted)


@pytest.mark.parametrize("x", [SPREAD, OFFSET], ids=["spread", "offset"])
@pytest.mark.parametrize("derivative", [jax.jit, jax.grad])
@pytest.mark.parametrize("program", PROGRAMS)
def test_long_programs_come_out_right(program, derivative, x):
    made = derivative(program)
    agrees(rw.stabilize(made)(x), rw.balls(rw.from_jax(made, x), x))


@pytest.mark.parametrize("x", [SPREAD, OFFSET], ids=["spread", "offset"])
def test_unrolled_alignments(x):
    agrees(rw.stabilize(aligned)(x), rw.balls(rw.from_jax(aligned, x), x))


def order(x):
    """Of a ranking: running sums from the end, whose places are counted from there."""
    e = jnp.exp(x)
    return -jnp.sum(jnp.log(e / jnp.cumsum(e[::-1])[::-1]))


def test_hessians_of_running_sums():
    x = SPREAD
    made = jax.hessian(order)
    agrees(rw.stabilize(made)(x), rw.balls(rw.from_jax(made, x), x))


def divergence(x):
    """Jensen-Shannon: its gradient sums products that are divided by what may vanish."""
    p, q = jnp.exp(x) / jnp.sum(jnp.exp(x)), jnp.exp(-x) / jnp.sum(jnp.exp(-x))
    m = 0.5 * (p + q)
    return jnp.sum(p * jnp.log(p / m)) + jnp.sum(q * jnp.log(q / m))


def stopped(x):
    """A ratio to itself: what stops the gradient is as large as without it."""
    log = jnp.log(softmax(x))[1]
    return jnp.exp(log - jax.lax.stop_gradient(log)) * 1.5


@pytest.mark.parametrize("x", [SPREAD, OFFSET], ids=["spread", "offset"])
@pytest.mark.parametrize("program", [divergence, stopped])
def test_gradients(program, x):
    made = jax.grad(program)
    agrees(rw.stabilize(made)(x), rw.balls(rw.from_jax(made, x), x))


def test_responsibilities_over_their_sums():
    balls = rw.balls(rw.from_jax(mixture_step, SPREAD), SPREAD)
    agrees(rw.stabilize(mixture_step)(SPREAD), balls, bits=12)


NEAR_ONE = {
    "log(1 - exp x)": (lambda x: jnp.log(1 - jnp.exp(x)), [-1e-20, -1e-6, -1.0, -40.0]),
    "log(exp x - 1)": (lambda x: jnp.log(jnp.exp(x) - 1), [1e-10, 1e-3, 1.0, 100.0]),
    "log1p(-exp(-x))": (lambda x: jnp.log1p(-jnp.exp(-x)), [1e-12, 1.0, 40.0]),
    "x / expm1 x": (lambda x: x / jnp.expm1(x), [1e-6, -1e-6, 50.0, -50.0]),
    "x / (exp x - 1)": (lambda x: x / (jnp.exp(x) - 1), [1e-6, -1e-6, 50.0, -50.0]),
    "1 / (exp x - 1)": (lambda x: 1 / (jnp.exp(x) - 1), [1e-6, 1.0, 50.0]),
}


@pytest.mark.parametrize("name", NEAR_ONE)
def test_differences_of_exponentials_near_one_another(name):
    """As reported to SciPy (19021, 18295), PyTorch (72759) and PyTensor (1476)."""
    program, points = NEAR_ONE[name]
    for point in points:
        x = np.float32(point)
        wanted = float(rw.balls(rw.from_jax(program, x), x)[()].mid())
        np.testing.assert_allclose(rw.stabilize(program)(x), wanted, rtol=4e-7)


def test_second_derivatives_of_a_softmax_written_element_by_element():
    """Five exponentials, twenty-five products of two: the truth is of the stable softmax."""
    weights = np.sin(1.0 + np.arange(5))

    def unrolled(x):
        e = [jnp.exp(x[k]) for k in range(5)]
        total = e[0] + e[1] + e[2] + e[3] + e[4]
        return jnp.sum(jnp.stack([one / total for one in e]) * weights)

    def product_with_hessian(loss):
        return lambda x: jax.jvp(jax.grad(loss), (x,), (jnp.cos(x),))[1]

    x = np.array([1.5, 0.25, -1.0, 2.0, 0.5])
    with jax.enable_x64():
        loss = lambda x: jnp.sum(jax.nn.softmax(x) * weights)  # noqa: E731
        truth = product_with_hessian(loss)(jnp.asarray(x - 10000.0))
    found = rw.stabilize(product_with_hessian(unrolled))(np.float32(x - 10000.0))
    np.testing.assert_allclose(found, truth, rtol=1e-4, atol=2e-6)
