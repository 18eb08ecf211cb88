"""Softmax, log_softmax and logsumexp in many spellings."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn

from naive_programs.form import Form

WEIGHTS = np.float64([0.5, 2, 1, 3, 0.25])
NOISE = np.float64([0.25, -0.75, 2, 0.125, -0.5])
VALUES = np.float64([1, -2, 0.5, 3, -1.5])


def softmax(x, axis=-1):
    """As the mathematics has it."""
    return jnp.exp(x) / jnp.sum(jnp.exp(x), axis=axis, keepdims=True)


def total(x):
    """The sum of the exponentials."""
    return jnp.sum(jnp.exp(x))


def unrolled(x):
    """Each element by itself, as a loop writes it."""
    e = [jnp.exp(x[k]) for k in range(5)]
    return jnp.stack([one / (e[0] + e[1] + e[2] + e[3] + e[4]) for one in e])


def sinkhorn(x):
    """Three rounds of rows and columns."""
    k = jnp.exp(x)
    for _ in range(3):
        k = k / k.sum(1, keepdims=True)
        k = k / k.sum(0, keepdims=True)
    return k


def spatial(x):
    """The expected place under a softmax over two axes."""
    p = jnp.exp(x) / jnp.exp(x).sum()
    rows, columns = jnp.arange(3.0), jnp.arange(4.0)
    return jnp.stack([(p.sum(1) * rows).sum(), (p.sum(0) * columns).sum()])


def gumbel(x):
    """At a temperature of 0.01."""
    return softmax((jnp.log(softmax(x)) + NOISE) / 0.01)


SOFTMAXES = (
    Form("softmax", "e / Σe", softmax),
    Form("softmax", "e · (1/Σe)", lambda x: jnp.exp(x) * (1 / total(x))),
    Form("softmax", "e / (e · ones)", lambda x: jnp.exp(x) / (jnp.exp(x) @ jnp.ones(5))),
    Form("softmax", "exp(x - log Σe)", lambda x: jnp.exp(x - jnp.log(total(x)))),
    Form("softmax", "1 / Σ exp(xj - xi)", lambda x: 1 / jnp.exp(x - x[:, None]).sum(1)),
    Form("softmax", "unrolled", unrolled),
    Form("softmax", "e / cumsum(e)[-1]", lambda x: jnp.exp(x) / jnp.cumsum(jnp.exp(x))[-1]),
    Form("softmax", "e / norm1(e)", lambda x: jnp.exp(x) / jnp.linalg.norm(jnp.exp(x), 1)),
    Form("softmax", "base 2", lambda x: jnp.exp2(x) / jnp.exp2(x).sum()),
    Form("softmax", "weighted", lambda x: WEIGHTS * jnp.exp(x) / jnp.sum(WEIGHTS * jnp.exp(x))),
    Form("softmax", "temperature 0.1", lambda x: softmax(x / 0.1)),
    Form("softmax", "of a softmax", lambda x: softmax(softmax(x))),
    Form("softmax", "squared, renormalised", lambda x: softmax(x) ** 2 / jnp.sum(softmax(x) ** 2)),
    Form("softmax", "off by one", lambda x: jnp.exp(x) / (1 + total(x))),
    Form("softmax", "negated", lambda x: softmax(-x)),
    Form("softmax", "over columns", lambda x: softmax(x, 0), shape=(3, 4)),
    Form("softmax", "of columns, vmap", lambda x: jax.vmap(softmax, 1, 1)(x), shape=(3, 4)),
    Form("softmax", "spatial", spatial, shape=(3, 4)),
    Form("softmax", "Gumbel", gumbel),
    Form("softmax", "Sinkhorn", sinkhorn, shape=(3, 4)),
    Form("softmax", "cumsum(p)", lambda x: jnp.cumsum(softmax(x))),
    Form("softmax", "√p", lambda x: jnp.sqrt(softmax(x))),
    Form("softmax", "p0 / (p0 + p1)", lambda x: softmax(x)[0] / (softmax(x)[0] + softmax(x)[1])),
    Form("softmax", "Σ p·v", lambda x: softmax(x) @ VALUES),
    Form("softmax", "Σ e·v / Σe", lambda x: jnp.exp(x) @ VALUES / total(x)),
    Form("softmax", "Σ e·x / Σe", lambda x: jnp.sum(jnp.exp(x) * x) / total(x)),
    Form("softmax", "1 - p", lambda x: 1 - softmax(x)),
    Form("log_softmax", "log p", lambda x: jnp.log(softmax(x))),
    Form("log_softmax", "log nn.softmax", lambda x: jnp.log(nn.softmax(x))),
    Form("log_softmax", "log2 p", lambda x: jnp.log2(softmax(x))),
    Form("log_softmax", "x - log Σe", lambda x: x - jnp.log(total(x))),
    Form("log_softmax", "log(1 - p)", lambda x: jnp.log(1 - softmax(x))),
    Form("log_softmax", "log(p / (1 - p))", lambda x: jnp.log(softmax(x) / (1 - softmax(x)))),
    Form("log_softmax", "log Σp[:3]", lambda x: jnp.log(softmax(x)[:3].sum())),
    Form("log_softmax", "log prod p", lambda x: jnp.log(jnp.prod(softmax(x)))),
    Form("log_softmax", "log mixture", lambda x: jnp.log(0.3 * softmax(x) + 0.7 * softmax(NOISE))),
    Form("logsumexp", "log Σe", lambda x: jnp.log(total(x))),
    Form("logsumexp", "log mean(e)", lambda x: jnp.log(jnp.exp(x).mean())),
    Form("logsumexp", "at 0.1", lambda x: 0.1 * jnp.log(total(x / 0.1))),
    Form("logsumexp", "log(1 + Σe)", lambda x: jnp.log(1 + total(x))),
    Form("logsumexp", "of two", lambda x: jnp.log(jnp.exp(x[0]) + jnp.exp(x[1]))),
    Form("logsumexp", "log cumsum(e)", lambda x: jnp.log(jnp.cumsum(jnp.exp(x)))),
    Form("logsumexp", "p-norm", lambda x: jnp.log(jnp.sum(jnp.exp(3 * x)) ** (1 / 3))),
    Form("logsumexp", "difference", lambda x: jnp.log(total(x)) - jnp.log(total(x[:2]))),
    Form("logsumexp", "weighted", lambda x: jnp.log(jnp.sum(WEIGHTS * jnp.exp(x)))),
    Form("logsumexp", "stop_gradient shift", lambda x: (
        lambda c: c + jnp.log(total(x - c)))(lax.stop_gradient(x[0]))),
)  # fmt: skip
