"""Everyday programs of the normal distribution's tails, by the error function as it is written."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax.scipy.special import erf, erfc
from jax.scipy.stats import norm

from naive_programs.form import Form

ROOT_TWO = math.sqrt(2.0)


def distribution(z):
    """Φ(z) by the error function."""
    return 0.5 * (1.0 + erf(z / ROOT_TWO))


def density(z):
    """φ(z)."""
    return jnp.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)


def probit_regression(x):
    """Labels by a probit link, the probabilities of both outcomes logged."""
    y = jnp.array([[0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    p = distribution(x)
    return -(y * jnp.log(p) + (1 - y) * jnp.log(1 - p)).mean()


def ordered_probit(x):
    """Ratings between thresholds: differences of distribution functions."""
    cuts = jnp.array([-1.0, 0.3, 1.5])
    below = norm.cdf(cuts[None, :] - x[:, :1])
    edges = jnp.concatenate([jnp.zeros((3, 1)), below, jnp.ones((3, 1))], axis=1)
    chances = edges[:, 1:] - edges[:, :-1]
    return -jnp.log(chances[jnp.arange(3), jnp.array([0, 2, 3])]).sum()


def tobit(x):
    """Responses censored at 0: a density where one is seen, a tail where none is."""
    y = jnp.array([0.0, 1.3, 0.4])
    sigma = 1.5
    mean = x[:, 0] + 0.5 * x[:, 1]
    seen = jnp.log(density((y - mean) / sigma) / sigma)
    hidden = jnp.log(1 - distribution(mean / sigma))
    return -jnp.where(y > 0, seen, hidden).sum()


def rounded_readings(x):
    """Readings rounded to whole units: the chance of an interval of length 1."""
    y = jnp.array([0.0, 3.0, -2.0])
    mean, spread = x[:, 0], 0.8
    upper = distribution((y + 0.5 - mean) / spread)
    lower = distribution((y - 0.5 - mean) / spread)
    return -jnp.log(upper - lower).sum()


def expected_improvement(x):
    """The logarithm of how much a trial is expected to gain over the best value so far."""
    best = 0.7
    spread = jnp.array([0.5, 1.0, 2.0])
    z = (x[:, 0] - best) / spread
    return jnp.log(spread * (z * norm.cdf(z) + norm.pdf(z))).sum()


def selection_correction(x):
    """A two-step regression corrected by the inverse Mills ratio of who was selected."""
    ratio = density(x[:, 0]) / distribution(x[:, 0])
    residual = jnp.array([0.2, -1.0, 0.5]) - x[:, 1] - 0.6 * ratio
    return 0.5 * (residual**2).mean() - jnp.log(distribution(x[:, 0])).mean()


def skewed_mixture(x):
    """A mixture of skew normal components."""
    shares = jnp.exp(x[0]) / jnp.exp(x[0]).sum()
    points = jnp.array([-1.5, 0.2, 2.0])[:, None]
    z = points - x[1]
    return -jnp.log((shares * 2 * density(z) * distribution(1.7 * z)).sum(1)).sum()


def paired_contests(x):
    """Skills of players by who won against whom."""
    skill = x[:, 0]
    winners, losers = jnp.array([0, 1, 0]), jnp.array([1, 2, 2])
    wins = norm.cdf((skill[winners] - skill[losers]) / (ROOT_TWO * 0.9))
    return -jnp.log(wins).sum() + 0.005 * (skill**2).sum()


def censored_lifetimes(x):
    """Lognormal lifetimes, some of them only known to be longer."""
    times = jnp.array([0.5, 2.0, 7.0])
    dead = jnp.array([1.0, 0.0, 1.0])
    z = (jnp.log(times) - x[:, 0]) / 0.7
    event = jnp.log(density(z) / (0.7 * times))
    survival = jnp.log(0.5 * erfc(z / ROOT_TWO))
    return -(dead * event + (1 - dead) * survival).sum()


def hazard_of_normal(x):
    """The hazard rate of a normal lifetime, averaged over a population."""
    rates = norm.pdf(x) / (1 - norm.cdf(x))
    return (rates * jnp.array([0.1, 0.2, 0.3, 0.4])).sum(1).mean()


def quantised_pixels(x):
    """Pixels by a mixture of normal components cut into bins, with open bins at the ends."""
    shares = jnp.exp(x[0]) / jnp.exp(x[0]).sum()
    pixels = jnp.array([-1.0, 0.1, 1.0])[:, None]
    upper = jnp.where(pixels > 0.99, 1.0, distribution((pixels + 0.1 - x[1]) / 0.4))
    lower = jnp.where(pixels < -0.99, 0.0, distribution((pixels - 0.1 - x[1]) / 0.4))
    return -jnp.log((shares * (upper - lower)).sum(1)).sum()


def random_effects_probit(x):
    """Repeated binary outcomes of one person, the random effect integrated on a grid."""
    nodes = jnp.array([-1.7, 0.0, 1.7])
    weights = jnp.array([1 / 6, 2 / 3, 1 / 6])
    signs = jnp.array([1.0, -1.0, 1.0, 1.0])
    chances = distribution(signs * (x[:, :, None] + nodes).transpose(0, 2, 1))
    return -jnp.log((weights * jnp.prod(chances, axis=2)).sum(1)).sum()


def truncated_normal(x):
    """Observations from a normal distribution seen between two limits only."""
    y = jnp.array([0.3, 1.1, 2.4])
    mean, spread = x[:, 0], 1.3
    whole = norm.cdf((3.0 - mean) / spread) - norm.cdf((0.0 - mean) / spread)
    return -jnp.log(norm.pdf((y - mean) / spread) / spread / whole).sum()


def gated_by_errors(x):
    """A network of Gaussian error gates, its scores turned to shares."""
    hidden = x * 0.5 * (1.0 + erf(x / ROOT_TWO))
    scores = hidden @ jnp.array([[0.5, -0.2], [0.1, 0.4], [-0.3, 0.8], [0.6, 0.0]])
    shares = jnp.exp(scores) / jnp.exp(scores).sum(1, keepdims=True)
    return -jnp.log(shares[:, 0]).mean()


def shortfall(x):
    """The expected loss beyond a limit, and the logarithm of the chance of it."""
    z = 1.5 - x[:, 0]
    tail = 1 - norm.cdf(z)
    return (x[:, 0] + norm.pdf(z) / tail).mean() - 0.1 * jnp.log(tail).mean()


NORMALS = (
    Form("normals", "probit_regression", probit_regression, "logits", (3, 4)),
    Form("normals", "ordered_probit", ordered_probit, "logits", (3, 4)),
    Form("normals", "tobit", tobit, "logits", (3, 4)),
    Form("normals", "rounded_readings", rounded_readings, "logits", (3, 4)),
    Form("normals", "expected_improvement", expected_improvement, "logits", (3, 4)),
    Form("normals", "selection_correction", selection_correction, "logits", (3, 4)),
    Form("normals", "skewed_mixture", skewed_mixture, "logits", (3, 4)),
    Form("normals", "paired_contests", paired_contests, "logits", (3, 4)),
    Form("normals", "censored_lifetimes", censored_lifetimes, "logits", (3, 4)),
    Form("normals", "hazard_of_normal", hazard_of_normal, "logits", (3, 4)),
    Form("normals", "quantised_pixels", quantised_pixels, "logits", (3, 4)),
    Form("normals", "random_effects_probit", random_effects_probit, "logits", (3, 4)),
    Form("normals", "truncated_normal", truncated_normal, "logits", (3, 4)),
    Form("normals", "gated_by_errors", gated_by_errors, "logits", (3, 4)),
    Form("normals", "shortfall", shortfall, "logits", (3, 4)),
)
