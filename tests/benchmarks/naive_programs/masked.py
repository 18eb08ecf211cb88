"""Masks: where, -inf, -1e9, multiplication; attention."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import nn

from naive_programs.form import Form
from naive_programs.softmaxes import softmax

KEPT = np.array([True, True, False, True, True])
ROWS = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]], bool)
CAUSAL = np.tril(np.ones((3, 3), bool))
QUERIES = np.float64([[0.5, -1, 2, 0.25], [1, 0.5, -0.5, 1], [-2, 1, 0.75, 0.5]])
VALUES = np.float64([[1, -2], [0.5, 3], [-1.5, 0.25]])


def where_kept(x):
    """Exponentials that are not kept are 0."""
    e = jnp.where(KEPT, jnp.exp(x), 0)
    return e / e.sum()


def masked_entropy(x):
    """Over what is kept, nothing else counted."""
    p = where_kept(x)
    return -jnp.sum(jnp.where(KEPT, p * jnp.log(p), 0))


def renormalised_entropy(x):
    """A softmax, masked, renormalised; its entropy over what is kept."""
    p = jnp.where(KEPT, nn.softmax(x), 0)
    p = p / p.sum()
    return -jnp.sum(jnp.where(KEPT, p * jnp.log(p), 0))


def careful_entropy(x):
    """The same without anything that is not kept."""
    p = softmax(x[KEPT])
    return -jnp.sum(p * jnp.log(p))


def careful_logarithm(x):
    """log_softmax of what is kept, 0 elsewhere."""
    log_p = jnp.log(softmax(x[KEPT]))
    return jnp.stack([log_p[0], log_p[1], 0.0 * x[2], log_p[2], log_p[3]])


def scores_of(x):
    """Scores of queries against keys x of shape (3, 4)."""
    return QUERIES @ x.T / 2.0


def attention(x):
    """Causal, by -inf."""
    return softmax(jnp.where(CAUSAL, scores_of(x), -jnp.inf)) @ VALUES


def attention_by_large(x):
    """Causal, by adding -1e9."""
    return softmax(scores_of(x) + jnp.where(CAUSAL, 0.0, -1e9)) @ VALUES


def attention_divided_last(x):
    """The division after the product with the values."""
    e = jnp.exp(scores_of(x))
    return (e @ VALUES) / e.sum(-1, keepdims=True)


def causal_divided_last(x):
    """Causal, the division after the product."""
    e = jnp.exp(jnp.where(CAUSAL, scores_of(x), -jnp.inf))
    return (e @ VALUES) / e.sum(-1, keepdims=True)


def alibi(x):
    """Linear biases by distance, causal by multiplication."""
    distance = np.float64(np.subtract.outer(np.arange(3), np.arange(3)))
    e = jnp.exp(scores_of(x) - 0.5 * distance) * CAUSAL
    return e / e.sum(-1, keepdims=True)


def segments(x):
    """A softmax within groups."""
    groups = np.array([0, 0, 1, 1, 1])
    e = jnp.exp(x)
    return e / jax.ops.segment_sum(e, groups, 2).at[groups].get(mode="promise_in_bounds")


MASKED = (
    Form("masked", "p(where(m, x, -inf))", lambda x: softmax(jnp.where(KEPT, x, -jnp.inf))),
    Form("masked", "where(m, e, 0) / Σ", where_kept),
    Form("masked", "e·m / Σ e·m", lambda x: jnp.exp(x) * KEPT / jnp.sum(jnp.exp(x) * KEPT)),
    Form("masked", "p·m / Σ p·m", lambda x: softmax(x) * KEPT / jnp.sum(softmax(x) * KEPT)),
    Form("masked", "entropy", masked_entropy, careful=careful_entropy),
    Form("masked", "renormalised entropy", renormalised_entropy, careful=careful_entropy),
    Form("masked", "where(m, log p, 0)", lambda x: jnp.where(KEPT, jnp.log(where_kept(x)), 0),
         careful=careful_logarithm),
    Form("masked", "rows", lambda x: softmax(jnp.where(ROWS, x, -jnp.inf)), shape=(3, 4)),
    Form("masked", "segments", segments),
    Form("attention", "causal", attention, shape=(3, 4)),
    Form("attention", "causal, -1e9", attention_by_large, shape=(3, 4)),
    Form("attention", "divided last", attention_divided_last, shape=(3, 4)),
    Form("attention", "causal, divided last", causal_divided_last, shape=(3, 4)),
    Form("attention", "ALiBi", alibi, shape=(3, 4)),
)  # fmt: skip
