"""Forms that come out wrong as written: each as written, and as one writes it with care.

A form is a function of five numbers, traced in float32 as it is written, and in float64 as it is
written with care; the second, and its derivatives by JAX, are what the first is held against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn

WEIGHTS = np.float32([0.5, 2, 1, 3, 0.25])
TARGET = np.float32([0.125, 0.25, 0.25, 0.125, 0.25])
VALUES = np.float32([1, -2, 0.5, 3, -1.5])
OTHER = np.float32([0.25, -0.75, 2, 0.125, -0.5])
KEPT = np.array([True, True, False, True, True])
LABELS = np.float32([1, 0, 1, 0, 1])
TENTH = np.float32(0.1)


@dataclass(frozen=True)
class Form:
    """A function as written and as written with care.

    ``masked``: whether elements of −inf, which have no weight, leave it a meaning over the reals;
    −Σ p·log p has none, for its term 0·log 0.
    """

    name: str
    written: Callable[[Any], Any]
    careful: Callable[[Any], Any]
    masked: bool = True

    def __str__(self) -> str:
        return self.name


def shifted(x):
    """Subtract the largest element: exact in float64, and no part of a derivative."""
    return x - lax.stop_gradient(jnp.max(x))


def naive(x):
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


def total(x):
    return jnp.sum(jnp.exp(x))


def double(array):
    return np.asarray(array, np.float64)


def others(x):
    """Log of the sum of the exponentials of all elements but each one."""
    return jnp.stack([nn.logsumexp(jnp.delete(x, i)) for i in range(x.size)])


def selected(x):
    return jnp.where(KEPT, x, -jnp.inf)


def entropy(x):
    """−Σ p·log p, nothing where p is nothing."""
    kept = nn.softmax(x) > 0
    log_p = jnp.where(kept, nn.log_softmax(x), 0)
    return -jnp.sum(jnp.where(kept, nn.softmax(x) * log_p, 0))


def divergence(x):
    """Σ p·(log p − log q), nothing where p is nothing."""
    kept = nn.softmax(x) > 0
    log_p = jnp.where(kept, nn.log_softmax(x), 0)
    return jnp.sum(jnp.where(kept, nn.softmax(x) * (log_p - nn.log_softmax(double(OTHER))), 0))


def weighted(x):
    e = double(WEIGHTS) * jnp.exp(shifted(x))
    return e / e.sum()


def variance(x):
    p, v = nn.softmax(x), double(VALUES)
    return jnp.sum(p * (v - jnp.sum(p * v)) ** 2)


def where_kept(x):
    e = jnp.where(KEPT, jnp.exp(x), 0)
    return e / jnp.sum(e)


def times_kept(x):
    e = jnp.exp(x) * KEPT
    return e / jnp.sum(e)


def renormalised(x):
    p = naive(x) * KEPT
    return p / jnp.sum(p)


SPELLINGS = [
    Form("e / Σe", naive, nn.softmax),
    Form("e · (1/Σe)", lambda x: jnp.exp(x) * (1 / total(x)), nn.softmax),
    Form("e · Σe^-1", lambda x: jnp.exp(x) * total(x) ** -1, nn.softmax),
    Form("e / (e · ones)", lambda x: jnp.exp(x) / (jnp.exp(x) @ jnp.ones(5)), nn.softmax),
    Form("e / einsum", lambda x: jnp.exp(x) / jnp.einsum("i->", jnp.exp(x)), nn.softmax),
    Form("1 / Σ(e / e)", lambda x: 1 / (jnp.exp(x) / jnp.exp(x)[:, None]).sum(1), nn.softmax),
    Form("exp(x - log Σe)", lambda x: jnp.exp(x - jnp.log(total(x))), nn.softmax),
    Form("exp(log p)", lambda x: jnp.exp(jnp.log(naive(x))), nn.softmax),
    Form("e / mean(e) / 5", lambda x: jnp.exp(x) / jnp.mean(jnp.exp(x)) / 5, nn.softmax),
    Form("3e / Σ3e", lambda x: 3 * jnp.exp(x) / jnp.sum(3 * jnp.exp(x)), nn.softmax),
    Form("p(x - 7)", lambda x: naive(x - 7), nn.softmax),
    Form("p(x - max x)", lambda x: naive(x - x.max()), nn.softmax),
    Form("jit", lambda x: jax.jit(jnp.exp)(x) / jax.jit(total)(x), nn.softmax),
    Form("p(-x)", lambda x: naive(-x), lambda x: nn.softmax(-x), masked=False),
    Form(
        "e² / Σe²",
        lambda x: jnp.exp(x) ** 2 / jnp.sum(jnp.exp(x) ** 2),
        lambda x: nn.softmax(2 * x),
    ),
    Form("p² / Σp²", lambda x: naive(x) ** 2 / jnp.sum(naive(x) ** 2), lambda x: nn.softmax(2 * x)),
    Form(
        "√e / Σ√e",
        lambda x: jnp.sqrt(jnp.exp(x)) / jnp.sum(jnp.sqrt(jnp.exp(x))),
        lambda x: nn.softmax(x / 2),
    ),
    Form("w·e / Σw·e", lambda x: WEIGHTS * jnp.exp(x) / jnp.sum(WEIGHTS * jnp.exp(x)), weighted),
    Form("p(x / 0.1)", lambda x: naive(x / 0.1), lambda x: nn.softmax(shifted(x) / double(TENTH))),
    Form("p(p)", lambda x: naive(naive(x)), lambda x: nn.softmax(nn.softmax(x))),
    Form("exp(log_softmax)", lambda x: jnp.exp(nn.log_softmax(x)), nn.softmax),
    Form("softmax(log(softmax))", lambda x: nn.softmax(jnp.log(nn.softmax(x))), nn.softmax),
]

LOGARITHMS = [
    Form("log p", lambda x: jnp.log(naive(x)), nn.log_softmax),
    Form("log(softmax)", lambda x: jnp.log(nn.softmax(x)), nn.log_softmax),
    Form("log(jit(softmax))", lambda x: jnp.log(jax.jit(nn.softmax)(x)), nn.log_softmax),
    Form("log(softmax)[2]", lambda x: jnp.log(nn.softmax(x)[2]), lambda x: nn.log_softmax(x)[2]),
    Form("x - log Σe", lambda x: x - jnp.log(total(x)), nn.log_softmax),
    Form("log2 p", lambda x: jnp.log2(naive(x)), lambda x: nn.log_softmax(x) / np.log(2)),
    Form("log Σe", lambda x: jnp.log(total(x)), nn.logsumexp),
    Form(
        "log mean(e)", lambda x: jnp.log(jnp.exp(x).mean()), lambda x: nn.logsumexp(x) - np.log(5)
    ),
    Form("log p(p)", lambda x: jnp.log(naive(naive(x))), lambda x: nn.log_softmax(nn.softmax(x))),
    Form("log(p0 / p2)", lambda x: jnp.log(naive(x)[0] / naive(x)[2]), lambda x: x[0] - x[2]),
    Form(
        "log Σp²",
        lambda x: jnp.log(jnp.sum(naive(x) ** 2)),
        lambda x: nn.logsumexp(2 * nn.log_softmax(x)),
    ),
]

LOSSES = [
    Form("-log p, at 2", lambda x: -jnp.log(naive(x))[2], lambda x: -nn.log_softmax(x)[2]),
    Form("-log(p at 2)", lambda x: -jnp.log(naive(x)[2]), lambda x: -nn.log_softmax(x)[2]),
    Form(
        "-log(e2 / Σe)",
        lambda x: -jnp.log(jnp.exp(x[2]) / total(x)),
        lambda x: -nn.log_softmax(x)[2],
    ),
    Form("log Σe - x2", lambda x: jnp.log(total(x)) - x[2], lambda x: -nn.log_softmax(x)[2]),
    Form(
        "one hot",
        lambda x: -jnp.sum(nn.one_hot(2, 5) * jnp.log(naive(x))),
        lambda x: -nn.log_softmax(x)[2],
        masked=False,
    ),
    Form(
        "take along axis",
        lambda x: -jnp.take_along_axis(jnp.log(naive(x)), jnp.array([2]), 0)[0],
        lambda x: -nn.log_softmax(x)[2],
    ),
    Form(
        "-Σ q·log p",
        lambda x: -jnp.sum(TARGET * jnp.log(naive(x))),
        lambda x: -jnp.sum(double(TARGET) * nn.log_softmax(x)),
    ),
    Form(
        "Σ q·log(q / p)",
        lambda x: jnp.sum(TARGET * jnp.log(TARGET / naive(x))),
        lambda x: jnp.sum(double(TARGET) * (np.log(double(TARGET)) - nn.log_softmax(x))),
    ),
    Form("-Σ p·log p", lambda x: -jnp.sum(naive(x) * jnp.log(naive(x))), entropy, masked=False),
    Form(
        "-Σ softmax·log_softmax",
        lambda x: -jnp.sum(nn.softmax(x) * nn.log_softmax(x)),
        entropy,
        masked=False,
    ),
    Form(
        "exp(-Σ p·log p)",
        lambda x: jnp.exp(-jnp.sum(naive(x) * jnp.log(naive(x)))),
        lambda x: jnp.exp(entropy(x)),
        masked=False,
    ),
    Form(
        "Σ p·log(p / q)",
        lambda x: jnp.sum(naive(x) * jnp.log(naive(x) / naive(OTHER))),
        divergence,
        masked=False,
    ),
    Form("Σ p·v", lambda x: jnp.sum(naive(x) * VALUES), lambda x: nn.softmax(x) @ double(VALUES)),
    Form("Σ p·v²", lambda x: naive(x) @ VALUES**2 - (naive(x) @ VALUES) ** 2, variance),
    Form(
        "Σ (p - q)²",
        lambda x: jnp.sum((naive(x) - TARGET) ** 2),
        lambda x: jnp.sum((nn.softmax(x) - double(TARGET)) ** 2),
    ),
    Form(
        "Σ √(p·q)",
        lambda x: jnp.sum(jnp.sqrt(naive(x) * naive(OTHER))),
        lambda x: jnp.sum(jnp.exp((nn.log_softmax(x) + nn.log_softmax(double(OTHER))) / 2)),
    ),
]

RATIOS = [
    Form(
        "e0 / (e0 + e1)",
        lambda x: jnp.exp(x[0]) / (jnp.exp(x[0]) + jnp.exp(x[1])),
        lambda x: nn.sigmoid(x[0] - x[1]),
    ),
    Form("e01 / Σe", lambda x: jnp.exp(x[:2]).sum() / total(x), lambda x: nn.softmax(x)[:2].sum()),
    Form(
        "1 - p",
        lambda x: 1 - naive(x),
        lambda x: jnp.exp(others(shifted(x)) - nn.logsumexp(shifted(x))),
    ),
]

GATES = [
    Form("1 / (1 + 1/e)", lambda x: 1 / (1 + jnp.exp(-x)), nn.sigmoid),
    Form("e / (1 + e)", lambda x: jnp.exp(x) / (1 + jnp.exp(x)), nn.sigmoid),
    Form("log(1 + e)", lambda x: jnp.log(1 + jnp.exp(x)), nn.softplus),
    Form("log1p(e)", lambda x: jnp.log1p(jnp.exp(x)), nn.softplus),
    Form("1 - sigmoid", lambda x: 1 - 1 / (1 + jnp.exp(-x)), lambda x: nn.sigmoid(-x)),
    Form(
        "log(1 - 1/(1 + 1/e))",
        lambda x: jnp.log(1 - 1 / (1 + jnp.exp(-x))),
        lambda x: -nn.softplus(x),
    ),
    Form("log(1 - sigmoid)", lambda x: jnp.log(1 - nn.sigmoid(x)), lambda x: -nn.softplus(x)),
    Form("log(sigmoid)", lambda x: jnp.log(nn.sigmoid(x)), nn.log_sigmoid),
    Form("logit(sigmoid)", lambda x: jnp.log(nn.sigmoid(x) / (1 - nn.sigmoid(x))), lambda x: x),
    Form(
        "binary cross entropy",
        lambda x: -(LABELS * jnp.log(nn.sigmoid(x)) + (1 - LABELS) * jnp.log(1 - nn.sigmoid(x))),
        lambda x: nn.softplus(jnp.where(LABELS == 1, -x, x)),
        masked=False,
    ),
    Form(
        "soft binary cross entropy",
        lambda x: (
            -jnp.mean(
                TARGET * jnp.log(1 / (1 + jnp.exp(-x)))
                + (1 - TARGET) * jnp.log(1 - 1 / (1 + jnp.exp(-x)))
            )
        ),
        lambda x: jnp.mean(
            double(TARGET) * nn.softplus(-x) + (1 - double(TARGET)) * nn.softplus(x)
        ),
    ),
    Form(
        "(e - 1/e) / (e + 1/e)",
        lambda x: (jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x)),
        jnp.tanh,
    ),
    Form("(e² - 1) / (e² + 1)", lambda x: (jnp.exp(2 * x) - 1) / (jnp.exp(2 * x) + 1), jnp.tanh),
    Form(
        "log cosh",
        lambda x: jnp.log((jnp.exp(x) + jnp.exp(-x)) / 2),
        lambda x: jnp.logaddexp(x, -x) - np.log(2),
    ),
]

MASKS = [
    Form("p of -inf", lambda x: naive(selected(x)), lambda x: nn.softmax(selected(x))),
    Form("e where kept", where_kept, lambda x: nn.softmax(selected(x))),
    Form("e · kept", times_kept, lambda x: nn.softmax(selected(x))),
    Form(
        "e / Σe where",
        lambda x: jnp.where(KEPT, jnp.exp(x) / jnp.sum(jnp.exp(x), where=KEPT), 0),
        lambda x: nn.softmax(selected(x)),
    ),
]

FORMS = [*SPELLINGS, *LOGARITHMS, *LOSSES, *RATIOS, *GATES, *MASKS]
