"""Sigmoids and what is made of them."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import nn

from naive_programs.form import Form

LABELS = np.float64([1, 0, 1, 0, 1])


def sigmoid(x):
    """As the mathematics has it."""
    return 1 / (1 + jnp.exp(-x))


def binary_cross_entropy(x):
    """From probabilities."""
    p = sigmoid(x)
    return -jnp.mean(LABELS * jnp.log(p) + (1 - LABELS) * jnp.log(1 - p))


def logistic_regression(x):
    """Of weights against a small table."""
    table = np.float64([[1, -2, 0.5, 3, 1], [0.25, 1, -1, 2, -0.5], [2, 0.5, 1, -1, 0.125]])
    p = sigmoid(table @ x)
    y = np.float64([1, 0, 1])
    return -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))


GATES = (
    Form("sigmoid", "1 / (1 + exp(-x))", sigmoid),
    Form("sigmoid", "e / (1 + e)", lambda x: jnp.exp(x) / (1 + jnp.exp(x))),
    Form("sigmoid", "e0 / (e0 + e1)", lambda x: jnp.exp(x[0]) / (jnp.exp(x[0]) + jnp.exp(x[1]))),
    Form("sigmoid", "1 - sigmoid", lambda x: 1 - sigmoid(x)),
    Form("sigmoid", "log sigmoid", lambda x: jnp.log(sigmoid(x))),
    Form("sigmoid", "log(1 - sigmoid)", lambda x: jnp.log(1 - sigmoid(x))),
    Form("sigmoid", "log(1 - nn.sigmoid)", lambda x: jnp.log(1 - nn.sigmoid(x))),
    Form("sigmoid", "logit", lambda x: jnp.log(sigmoid(x) / (1 - sigmoid(x)))),
    Form("sigmoid", "cross entropy", binary_cross_entropy),
    Form("sigmoid", "regression", logistic_regression),
    Form("sigmoid", "s·(1 - s)", lambda x: sigmoid(x) * (1 - sigmoid(x))),
    Form("sigmoid", "absorbed epsilon", lambda x: jnp.log(1e-10 + 1 - sigmoid(x))),
    Form("sigmoid", "Hill", lambda x: jnp.exp(x) ** 3 / (2 + jnp.exp(x) ** 3)),
    Form("softplus", "log(1 + e)", lambda x: jnp.log(1 + jnp.exp(x))),
    Form("softplus", "log1p(e)", lambda x: jnp.log1p(jnp.exp(x))),
    Form("softplus", "inverse", lambda x: jnp.log(jnp.exp(nn.softplus(x)) - 1)),
    Form("softplus", "log(e - 1)", lambda x: jnp.log(jnp.exp(jnp.abs(x) + 1) - 1)),
    Form("softplus", "mish", lambda x: x * jnp.tanh(jnp.log(1 + jnp.exp(x)))),
    Form("softplus", "swish", lambda x: x / (1 + jnp.exp(-x))),
    Form("tanh", "(e - 1/e) / (e + 1/e)", lambda x: (
        (jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x)))),
    Form("tanh", "(e² - 1) / (e² + 1)", lambda x: (jnp.exp(2 * x) - 1) / (jnp.exp(2 * x) + 1)),
    Form("tanh", "1 - tanh²", lambda x: 1 - jnp.tanh(x) ** 2),
    Form("tanh", "log cosh", lambda x: jnp.log(jnp.cosh(x))),
    Form("tanh", "squashed", lambda x: jnp.sum(jnp.log(1 - jnp.tanh(x) ** 2))),
    Form("tanh", "GELU", lambda x: 0.5 * x * (
        1 + jnp.tanh(0.7978845608 * (x + 0.044715 * x**3)))),
)  # fmt: skip
