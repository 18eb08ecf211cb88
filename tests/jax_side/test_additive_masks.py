"""Additive masks, ``scores − 10⁹·(1 − m)``, in every spelling: what is kept keeps its digits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

SCORES = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
DATA = np.float32([[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 1]])
LOWER = np.tri(3, 4)
WEIGHTS = np.arange(4.0)


def softmax(z):
    e = jnp.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def lower():
    return jnp.tril(jnp.ones((3, 4)))


FORMS = {
    "a triangle times scores": (LOWER, lambda s, m: s * lower() - 1e10 * (1 - lower())),
    "a triangle": (LOWER, lambda s, m: s - 1e9 * (1 - lower())),
    "a triangle less one": (LOWER, lambda s, m: s + (lower() - 1) * 1e9),
    "data": (DATA, lambda s, m: s + (1 - m) * -1e9),
    "data times scores": (DATA, lambda s, m: s * m - 1e9 * (1 - m)),
    "data, and a smaller number": (DATA, lambda s, m: s - 1e4 * (1 - m)),
    "data, and a huge number": (DATA, lambda s, m: s * m + (1 - m) * -1e30),
    "an array": (DATA, lambda s, m: s - 1e9 * (1 - jnp.asarray(DATA))),
    "a comparison": (DATA, lambda s, m: s + (1.0 - (m > 0.5).astype(jnp.float32)) * -1e9),
    "a comparison, both ways": (DATA, lambda s, m: s * (m > 0.5) + (m < 0.5) * -1e9),
    "two masks": (DATA * LOWER, lambda s, m: s + ((1 - m) + (1 - lower())) * -1e9),
    "all but a label": (np.eye(3, 4), lambda s, m: s - 1e9 * (1 - jax.nn.one_hot([0, 1, 2], 4))),
}


def by_hand(scores, mask):
    """Masked softmax and the gradient of its weighted sum, in float64."""
    scores = np.where(mask > 0, np.float64(scores), -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p, p * (WEIGHTS - (p * WEIGHTS).sum(axis=1, keepdims=True))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("form", FORMS)
def test_softmax_of_masked_scores(form, size):
    mask, masked = FORMS[form]
    scores = SCORES * np.float32(size)
    p, slope = by_hand(scores, mask)
    value = rw.stabilize(lambda s: softmax(masked(s, DATA)))(scores)
    np.testing.assert_allclose(value, p, atol=2e-6)
    loss = jax.grad(lambda s: (softmax(masked(s, DATA)) * WEIGHTS).sum())
    np.testing.assert_allclose(rw.stabilize(loss)(scores), slope, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", FORMS)
def test_what_was_stable_keeps_its_digits(form):
    """``jax.nn`` shifts by the maximum already."""
    mask, masked = FORMS[form]
    p, _ = by_hand(SCORES, mask)
    value = rw.stabilize(lambda s: jax.nn.softmax(masked(s, DATA)))(SCORES)
    np.testing.assert_allclose(value, p, atol=2e-6)
    logarithm = rw.stabilize(lambda s: jax.nn.log_softmax(masked(s, DATA))[:, 0])(SCORES)
    kept = mask[:, 0] > 0
    np.testing.assert_allclose(logarithm[kept], np.log(p[kept, 0]), atol=4e-6)
