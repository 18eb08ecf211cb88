"""Labels that pick nothing: one-hot rows of zeros, indices that are clipped; as JAX has it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

ROWS, CLASSES = 3, 4
INSIDE, OUTSIDE = np.int32([1, 3, 0]), np.int32([1, -1, 7])


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def one_hot(labels):
    return jax.nn.one_hot(labels, CLASSES)


PROGRAMS = {
    "one-hot": lambda x, labels: -jnp.sum(one_hot(labels) * jnp.log(softmax(x))),
    "all but one": lambda x, labels: jnp.sum((1 - one_hot(labels)) * softmax(x) ** 2),
    "clipped": lambda x, labels: (
        -jnp.sum(jax.vmap(lambda row, label: jnp.log(softmax(row))[label])(x, labels))
    ),
    "one place": lambda x, labels: -jnp.log(softmax(x))[0, labels[2]],
    "complement": lambda x, labels: (
        -jnp.sum(jax.vmap(lambda row, label: jnp.log(1 - softmax(row)[label]))(x, labels))
    ),
    "segments": lambda x, labels: jnp.sum(
        jnp.log(1 + jax.ops.segment_sum(jnp.exp(x[:, 0]), labels, ROWS))
    ),
}


@pytest.mark.parametrize(
    "derivative", [lambda f: f, jax.grad, jax.hessian], ids=["value", "gradient", "hessian"]
)
@pytest.mark.parametrize("name", PROGRAMS)
def test_labels_mean_what_they_mean_in_jax(name, derivative):
    written = derivative(PROGRAMS[name])
    plain, cured = jax.jit(written), jax.jit(rw.stabilize(written))
    x = np.random.default_rng(0).normal(size=(ROWS, CLASSES)).astype(np.float32)
    for labels in (INSIDE, OUTSIDE):
        with jax.enable_x64(True):
            expected = plain(x.astype(np.float64), labels)
        np.testing.assert_allclose(cured(x, labels), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("kept", [2, 3])
def test_a_sum_over_fewer_places_than_an_index_has(kept):
    """Σ_{k < 2} δ(i, k)·f[k] is 0 from i = 2 on: the Hessian's basis meets the slice's axis."""

    def share(x):
        return jnp.exp(x[:kept]).sum() / jnp.exp(x).sum()

    x = np.float32([0.3, -1, 2, 0.5])
    with jax.enable_x64(True):
        expected = jax.jit(jax.hessian(share))(x.astype(np.float64))
    found = jax.jit(rw.stabilize(jax.hessian(share)))(x)
    np.testing.assert_allclose(found, expected, atol=1e-6)
