"""Numbers of any size: norms, means of powers, differences, densities."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form

MEANS = np.float64([0.5, -1, 2, 0.25, 1.5])
OTHER = np.float64([1, -2, 0.5, 3, -1.5])
PRIOR = np.float64([0.125, 0.25, 0.25, 0.125, 0.25])


def cosine(x):
    """Of x and a fixed vector."""
    return x @ OTHER / (jnp.sqrt(jnp.sum(x**2)) * jnp.sqrt(jnp.sum(OTHER**2)))


def mixture_density(x):
    """Log density of a mixture of Gaussians at x[0]."""
    return jnp.log(jnp.sum(PRIOR * jnp.exp(-((x[0] - MEANS) ** 2) / 2)))


def responsibilities(x):
    """Of the components of a mixture, at the points x."""
    e = PRIOR * jnp.exp(-((x[:, None] - MEANS) ** 2) / 2)
    return e / e.sum(1, keepdims=True)


def covariance(x):
    """Of x with a multiple of it and something else."""
    y = 2 * x + OTHER
    return jnp.mean(x * y) - jnp.mean(x) * jnp.mean(y)


def standardised(x):
    """To mean 0 and deviation 1."""
    return (x - jnp.mean(x)) / jnp.std(x)


def naive_bayes(x):
    """The posterior of three classes, from a product of likelihoods each."""
    likelihoods = jnp.stack([x, 1.25 * x[::-1], x[0] * jnp.ones_like(x)])
    joint = PRIOR[:3] * jnp.prod(likelihoods, axis=1)
    return joint / jnp.sum(joint)


MAGNITUDES = (
    Form("norm", "jnp.linalg.norm", jnp.linalg.norm, "signed"),
    Form("norm", "norm of order 3", lambda x: jnp.sum(jnp.abs(x) ** 3) ** (1 / 3), "signed"),
    Form("norm", "RMS norm", lambda x: x * jax.lax.rsqrt(jnp.mean(x**2)), "signed"),
    Form("norm", "standardised", standardised, "signed"),
    Form("norm", "distance", lambda x: jnp.linalg.norm(x - 2 * x[::-1]), "signed"),
    Form("norm", "x / √(x² + 1)", lambda x: x / jnp.sqrt(x**2 + 1), "signed"),
    Form("norm", "log(x + √(x² + 1))", lambda x: jnp.log(x + jnp.sqrt(x**2 + 1)), "signed"),
    Form("norm", "exp(-norm²)", lambda x: jnp.exp(-(jnp.linalg.norm(x) ** 2)), "signed"),
    Form("norm", "naive Bayes", naive_bayes, "positive"),
    Form("norm", "√Σx²", lambda x: jnp.sqrt(jnp.sum(x**2)), "signed"),
    Form("norm", "x / √Σx²", lambda x: x / jnp.sqrt(jnp.sum(x**2)), "signed"),
    Form("norm", "cosine", cosine, "signed"),
    Form("norm", "hypot", lambda x: jnp.sqrt(x[0] ** 2 + x[1] ** 2), "signed"),
    Form("norm", "squared norm", lambda x: jnp.sqrt(jnp.sum(x**2)) ** 2, "signed"),
    Form("norm", "x / Σx", lambda x: x / x.sum(), "positive"),
    Form("norm", "geometric mean", lambda x: jnp.prod(x) ** 0.2, "positive"),
    Form("norm", "log prod x", lambda x: jnp.log(jnp.prod(x)), "positive"),
    Form("norm", "deviation", lambda x: jnp.sqrt(jnp.mean(x**2) - jnp.mean(x) ** 2), "signed"),
    Form("norm", "covariance", covariance, "signed"),
    Form("norm", "variance", lambda x: jnp.mean(x**2) - jnp.mean(x) ** 2, "signed"),
    Form("difference", "√(x+1) - √x", lambda x: jnp.sqrt(x + 1) - jnp.sqrt(x), "positive"),
    Form("difference", "(e - 1) / x", lambda x: (jnp.exp(x) - 1) / x, "signed"),
    Form("difference", "log(1 + x)", lambda x: jnp.log(1 + x), "positive"),
    Form("difference", "1/x - 1/(x+1)", lambda x: 1 / x - 1 / (x + 1), "positive"),
    Form("difference", "log(x+1) - log(x)", lambda x: jnp.log(x + 1) - jnp.log(x), "positive"),
    Form("difference", "1 - cos x", lambda x: 1 - jnp.cos(x), "signed"),
    Form("difference", "x² - y²", lambda x: x[0] ** 2 - x[1] ** 2, "signed"),
    Form("difference", "√exp(s)", lambda x: jnp.sqrt(jnp.exp(x))),
    Form("difference", "exp(a) / exp(b)", lambda x: jnp.exp(x[0]) / jnp.exp(x[1])),
    Form("density", "mixture", mixture_density),
    Form("density", "responsibilities", responsibilities),
    Form("density", "log Gaussian", lambda x: jnp.log(jnp.exp(-(x**2) / 2) / 2.5066283)),
)
