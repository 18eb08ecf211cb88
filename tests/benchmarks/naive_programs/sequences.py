"""Dynamic programs in probability space, unrolled."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form

TRANSITION = np.float64([[0.5, 0.25, 0.25], [0.125, 0.625, 0.25], [0.25, 0.25, 0.5]])
START = np.float64([0.5, 0.25, 0.25])
STEPS = np.float64([[0.5, -1, 0.25], [1, 0.5, -0.5], [-0.25, 2, 0.125]])


def forward(x):
    """Log likelihood of a hidden Markov model, scores x of shape (4, 3)."""
    alpha = START * jnp.exp(x[0])
    for t in range(1, 4):
        alpha = (alpha @ TRANSITION) * jnp.exp(x[t])
    return jnp.log(alpha.sum())


def filtered(x):
    """The distribution of the last state."""
    alpha = START * jnp.exp(x[0])
    for t in range(1, 4):
        alpha = (alpha @ TRANSITION) * jnp.exp(x[t])
    return alpha / alpha.sum()


def partition(x):
    """Log partition function of a chain, transition scores fixed."""
    alpha = jnp.exp(x[0])
    for t in range(1, 4):
        alpha = jnp.exp(x[t]) * (jnp.exp(STEPS).T @ alpha)
    return jnp.log(jnp.sum(alpha))


def chain_of_softmaxes(x):
    """Probability of a sequence, a step at a time."""
    p = 1.0
    for t, label in enumerate((0, 2, 1, 1)):
        e = jnp.exp(x[t])
        p = p * (e[label] / e.sum())
    return jnp.log(p)


SEQUENCES = (
    Form("sequence", "forward", forward, shape=(4, 3)),
    Form("sequence", "filtered", filtered, shape=(4, 3)),
    Form("sequence", "chain partition", partition, shape=(4, 3)),
    Form("sequence", "log of a product", chain_of_softmaxes, shape=(4, 3)),
)
