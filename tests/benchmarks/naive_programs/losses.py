"""Losses on probabilities: cross entropies, divergences, focal, contrastive, ranking."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import nn

from naive_programs.form import Form
from naive_programs.softmaxes import NOISE, VALUES, softmax

TARGET = np.float64([0.125, 0.25, 0.25, 0.125, 0.25])
LABELS = np.array([2, 0, 3])


def label_smoothing(x):
    """At 0.1."""
    target = 0.9 * nn.one_hot(2, 5) + 0.02
    return -jnp.sum(target * jnp.log(softmax(x)))


def distillation(x):
    """At a temperature of 4, times its square."""
    teacher = softmax(NOISE / 4)
    return 16 * jnp.sum(teacher * (jnp.log(teacher) - jnp.log(softmax(x / 4))))


def contrastive(x):
    """InfoNCE in both directions over a square of scores."""
    p, q = softmax(x, 1), softmax(x, 0)
    return -jnp.mean(jnp.log(jnp.diag(p)) + jnp.log(jnp.diag(q))) / 2


def plackett_luce(x):
    """-log probability of the order 2, 0, 4, 1, 3."""
    chosen = jnp.exp(x)[jnp.array([2, 0, 4, 1, 3])]
    loss = 0.0
    for k in range(5):
        loss = loss - jnp.log(chosen[k] / chosen[k:].sum())
    return loss


def cross_entropy_of_rows(x):
    """Mean over a batch, the label's probability picked by an index array."""
    p = softmax(x)
    return -jnp.mean(jnp.log(p[jnp.arange(3), LABELS]))


def one_hot_of_rows(x):
    """Mean over a batch, by a one-hot product inside the log."""
    return -jnp.mean(jnp.log(jnp.sum(nn.one_hot(LABELS, 4) * softmax(x), -1)))


def perplexity(x):
    """Of one distribution."""
    return jnp.exp(-jnp.sum(softmax(x) * jnp.log(softmax(x))))


def jensen_shannon(x):
    """Between p and a fixed q."""
    p, q = softmax(x), softmax(NOISE)
    m = (p + q) / 2
    return jnp.sum(p * jnp.log(p / m)) / 2 + jnp.sum(q * jnp.log(q / m)) / 2


def policy_gradient(x):
    """Clipped ratio of probabilities times an advantage."""
    ratio = softmax(x)[1] / softmax(NOISE)[1]
    return -jnp.minimum(ratio * 2.0, jnp.clip(ratio, 0.8, 1.2) * 2.0)


LOSSES = (
    Form("cross entropy", "-log p[2]", lambda x: -jnp.log(softmax(x))[2]),
    Form("cross entropy", "-log(p[2])", lambda x: -jnp.log(softmax(x)[2])),
    Form("cross entropy", "log Σe - x[2]", lambda x: jnp.log(jnp.exp(x).sum()) - x[2]),
    Form("cross entropy", "one hot", lambda x: -jnp.sum(nn.one_hot(2, 5) * jnp.log(softmax(x)))),
    Form("cross entropy", "-Σ q·log p", lambda x: -jnp.sum(TARGET * jnp.log(softmax(x)))),
    Form("cross entropy", "label smoothing", label_smoothing),
    Form("cross entropy", "rows, index", cross_entropy_of_rows, shape=(3, 4)),
    Form("cross entropy", "rows, one hot inside", one_hot_of_rows, shape=(3, 4)),
    Form("cross entropy", "distillation", distillation),
    Form("cross entropy", "focal", lambda x: -((1 - softmax(x)[2]) ** 2) * jnp.log(softmax(x)[2])),
    Form("cross entropy", "InfoNCE", contrastive, shape=(3, 3)),
    Form("cross entropy", "Plackett-Luce", plackett_luce),
    Form("cross entropy", "clipped ratio", policy_gradient),
    Form("entropy", "-Σ p·log p", lambda x: -jnp.sum(softmax(x) * jnp.log(softmax(x)))),
    Form("entropy", "perplexity", perplexity),
    Form("entropy", "KL(p, q)", lambda x: jnp.sum(
        softmax(x) * jnp.log(softmax(x) / softmax(NOISE)))),
    Form("entropy", "KL(q, p)", lambda x: jnp.sum(TARGET * jnp.log(TARGET / softmax(x)))),
    Form("entropy", "Jensen-Shannon", jensen_shannon),
    Form("entropy", "log Σp²", lambda x: jnp.log(jnp.sum(softmax(x) ** 2))),
    Form("entropy", "Σ √(p·q)", lambda x: jnp.sum(jnp.sqrt(softmax(x) * softmax(NOISE)))),
    Form("entropy", "Brier", lambda x: jnp.sum((softmax(x) - TARGET) ** 2)),
    Form("entropy", "geometric mean", lambda x: jnp.exp(jnp.mean(jnp.log(softmax(x))))),
    Form("entropy", "variance", lambda x: softmax(x) @ VALUES**2 - (softmax(x) @ VALUES) ** 2),
)  # fmt: skip
