"""Programs after bug reports: densities, bijectors, surrogates and losses that answered nan.

Each docstring names where such a program was reported, as project#number; all are written anew.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import nn

from naive_programs.form import Form

GOLD = jnp.array([1.0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1])


def surrogate_spikes(x):
    """A spike's surrogate slope, then a rate code's loss (snntorch#427)."""
    slope = 25.0
    membrane = jnp.cumsum(x.reshape(3, 4), axis=0) * 0.5 - 1
    surrogate = slope * jnp.exp(-slope * membrane) / (jnp.exp(-slope * membrane) + 1) ** 2
    fast = 1 / (1 + slope * jnp.abs(membrane)) ** 2
    return surrogate.sum() + fast.sum()


def log_one_less_exponential(x):
    """log(1 - exp(-y)) of what is positive, chosen by a cut (klay#17)."""
    y = jnp.log(1 + jnp.exp(x)) + 1e-3
    small = y < 0.6931472
    return jnp.where(small, jnp.log(-jnp.expm1(-y)), jnp.log1p(-jnp.exp(-y))).sum()


def counts_by_logits(x):
    """A negative binomial by its logits, through probabilities (tensorflow#12371)."""
    total, seen = 10.0, jnp.array([10.0, 0.0, 3.0])[:, None]
    probability = 1 / (1 + jnp.exp(-x))
    return (total * jnp.log(1 - probability) + seen * jnp.log(probability)).sum()


def continuous_bernoulli(x):
    """The mean and the constant of a continuous Bernoulli (probability#1512)."""
    p = 1 / (1 + jnp.exp(-x))
    far = jnp.abs(p - 0.5) > 0.02
    safe = jnp.where(far, p, 0.2)
    mean = jnp.where(far, safe / (2 * safe - 1) + 1 / jnp.log((1 - safe) / safe), 0.5)
    return mean.sum()


def dirichlet_of_sticks(x):
    """A Dirichlet's density at a point of broken sticks (pytorch#28441)."""
    alpha = jnp.array([2.5, 10.0, 2.0, 3.0])
    stick = 1 / (1 + jnp.exp(-(x - jnp.log(jnp.array([3.0, 2.0, 1.0])))))
    left = jnp.concatenate([jnp.ones(1), jnp.cumprod(1 - stick)])
    point = jnp.concatenate([stick, jnp.ones(1)]) * left
    return ((alpha - 1) * jnp.log(point)).sum()


def gumbel_by_parts(x):
    """A Gumbel's density as a transform of a uniform law (pytorch#15681)."""
    z = jnp.clip(x, -40.0, 1e9)
    uniform = jnp.exp(-jnp.exp(-z))
    return -(jnp.log(-jnp.log(uniform)) + jnp.log(-jnp.log(uniform) * uniform) - 0).sum()


def squashed_actor(x):
    """A Gaussian action with clipped deviation, squashed, its density by inverse (distrax#216)."""
    mean, log_deviation = x[:6], jnp.clip(x[6:], -20.0, 2.0)
    noise = jnp.array([0.3, -1.2, 0.5, 2.0, -0.1, 0.8])
    deviation = jnp.exp(log_deviation)
    raw = mean + deviation * noise
    density = jnp.exp(-0.5 * ((raw - mean) / deviation) ** 2) / (deviation * 2.5066283)
    correction = 1 - jnp.tanh(raw) ** 2
    return (jnp.log(density) - jnp.log(correction)).sum()


def focal_of_probabilities(x):
    """Focal loss through p and 1 - p, both classes weighted (optax#1346)."""
    p = nn.sigmoid(x)
    truth = p * GOLD + (1 - p) * (1 - GOLD)
    balance = 0.25 * GOLD + 0.75 * (1 - GOLD)
    cross_entropy = -(GOLD * jnp.log(p) + (1 - GOLD) * jnp.log(1 - p))
    return (balance * cross_entropy * (1 - truth) ** 2).sum()


def focal_tversky(x):
    """Tversky's index of a soft mask to a fractional power (segmentation_models#932)."""
    p = 1 / (1 + jnp.exp(-x))
    hit = (p * GOLD).sum()
    missed = ((1 - p) * GOLD).sum()
    false = (p * (1 - GOLD)).sum()
    index = hit / (hit + 0.7 * missed + 0.3 * false)
    return (1 - index) ** 0.75


def jaccard_hinge(x):
    """Errors beyond a margin by tanh, and a soft Jaccard index of what they leave."""
    signs = 2 * GOLD - 1
    error = nn.relu(1 - nn.tanh(x) * signs)
    soft = jnp.exp(-error)
    index = (soft * GOLD).sum() / (GOLD + soft - soft * GOLD).sum()
    return -jnp.log(index) + (error**2).mean()


def tracked_piecewise(x):
    """log of a sigmoid in four pieces, of which one overflows unchosen (pytensor#2264)."""
    j = -x
    first = jnp.where(j < -37, jnp.exp(j), jnp.log1p(jnp.exp(j)))
    second = jnp.where(j < 33.3, j + jnp.exp(-j), j)
    return -jnp.where(j < 18, first, second).sum()


def mixture_with_impossible(x):
    """Components of which one is impossible at the datum (numpyro#1870)."""
    possible = jnp.array([True, False, True, True])
    component = jnp.where(possible, x, -jnp.inf)
    weight = jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)
    joint = weight * jnp.exp(component)
    return jnp.log(joint.sum(-1)).sum() + (joint / joint.sum(-1, keepdims=True))[:, 2].sum()


def log_variance_head(x):
    """Gaussian likelihood with a log variance divided by its exponential (VT-ADL#10)."""
    log_variance = jnp.clip(x[:6], -30.0, 30.0)
    residual = jnp.tanh(x[6:]) - 0.5
    exact = log_variance + residual**2 / jnp.exp(log_variance)
    robust = jnp.log(1 + residual**2 / (3 * jnp.exp(log_variance)))
    return exact.sum() + 2 * robust.sum()


def recalls_in_batches(x):
    """Normalised temperature-scaled cross entropy, self masked by an exponential of 1."""
    z = x / jnp.sqrt((x**2).sum(1, keepdims=True))
    e = jnp.exp(z @ z.T / 0.01)
    total = e.sum(1) - jnp.exp(1 / 0.01)
    positive = jnp.exp((z * jnp.roll(z, 1, axis=0)).sum(1) / 0.01)
    return -jnp.log(positive / (total + positive)).mean()


def log_cosh_and_smooth(x):
    """Log-cosh by exponentials, a generalised robust loss, a smooth maximum."""
    residual = x - 0.25
    log_cosh = jnp.log((jnp.exp(residual) + jnp.exp(-residual)) / 2)
    barron = jnp.sqrt((residual / 2) ** 2 + 1) - 1
    boltzmann = (x * jnp.exp(x)).sum() / jnp.exp(x).sum()
    return log_cosh.sum() + barron.sum() + boltzmann


def arctanh_flow(x):
    """A point pulled back through tanh by hand, and the volume it took."""
    y = jnp.tanh(x)
    back = 0.5 * jnp.log((1 + y) / (1 - y))
    return back.sum() - jnp.log(1 - y**2).sum()


def loglogistic_interval(x):
    """Log-logistic law: log-survivor, log-cumulative and quantile (probability#843)."""
    scale = 0.7
    z = (jnp.log(2.0) - x) / scale
    cumulative = 1 / (1 + jnp.exp(-z))
    survivor = 1 - cumulative
    hazard = cumulative * survivor / scale / 2.0 / survivor
    return jnp.log(cumulative).sum() + jnp.log(survivor).sum() + jnp.log(hazard).sum()


def beta_by_mean(x):
    """A Kumaraswamy law whose shapes are softplus: density and cumulative."""
    a, b = jnp.log(1 + jnp.exp(x[:6])) + 0.1, jnp.log(1 + jnp.exp(x[6:])) + 0.1
    a, b = a / (1 + a / 50), b / (1 + b / 50)
    value = jnp.array([0.2, 0.5, 0.9, 0.01, 0.99, 0.7])
    density = a * b * value ** (a - 1) * (1 - value**a) ** (b - 1)
    survivor = (1 - value**a) ** b
    return -jnp.log(density).sum() - jnp.log(survivor).sum()


def relaxed_bernoulli(x):
    """A relaxed Bernoulli's density by its probabilities and temperature."""
    odds = jnp.exp(x)
    t = 0.3
    y = jnp.array([0.1, 0.5, 0.9, 0.99, 0.3, 0.7, 0.2, 0.6, 0.8, 0.4, 0.05, 0.95])
    top = t * odds * y ** (-t - 1) * (1 - y) ** (-t - 1)
    return jnp.log(top / (odds * y**-t + (1 - y) ** -t) ** 2).sum()


def softplus_undone(x):
    """A positive weight kept by softplus and initialised by its inverse (optax, equinox)."""
    scale = jnp.log(jnp.exp(jnp.abs(x) + 0.5) - 1)
    rebuilt = jnp.log(1 + jnp.exp(scale))
    return jnp.log(rebuilt).sum() + (1 / rebuilt).sum()


def scheduled_noise(x):
    """A diffusion's schedule by sigmoids: signal, noise, their ratio and a weighted loss."""
    log_ratio = jnp.clip(x, -60.0, 60.0)
    alpha = jnp.sqrt(1 / (1 + jnp.exp(-log_ratio)))
    sigma = jnp.sqrt(1 - alpha**2)
    ratio = alpha**2 / sigma**2
    weight = jnp.minimum(ratio, 5.0) / ratio
    velocity = alpha * 0.3 - sigma * 0.8
    return (weight * velocity**2).sum() + jnp.log(ratio).sum() * 1e-3


def clipped_cross_entropy(x):
    """Cross entropy of clipped probabilities, as Keras has it, top-weighted by their square."""
    p = jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)
    p = jnp.clip(p, 1e-7, 1 - 1e-7)
    target = jnp.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]])
    return -(target * jnp.log(p)).sum(-1).mean() + (p**2).sum() * 0.1


def wasserstein_of_histograms(x):
    """Distance of cumulative softmaxes, of order one and two, and of logits' ranks."""
    p = jax.vmap(lambda row: jnp.exp(row) / jnp.exp(row).sum())(x)
    gap = jnp.cumsum(p[0]) - jnp.cumsum(p[1])
    squared = ((jnp.cumsum(p[2]) - jnp.array([0.0, 0.0, 1.0, 1.0])) ** 2).sum()
    return jnp.abs(gap).sum() + squared


def truncated_exponential(x):
    """An exponential law cut at one: density, mean, each with a rate of any sign."""
    rate = jnp.where(jnp.abs(x) < 1e-3, 1e-3, x)
    density = rate * jnp.exp(-rate * 0.3) / (1 - jnp.exp(-rate))
    mean = 1 / rate - 1 / (jnp.exp(rate) - 1)
    return jnp.log(density).sum() + mean.sum()


TRACKERS = (
    Form("trackers", "surrogate_spikes", surrogate_spikes, "logits", (12,)),
    Form("trackers", "log_one_less_exponential", log_one_less_exponential, "logits", (5,)),
    Form("trackers", "counts_by_logits", counts_by_logits, "logits", (3, 4)),
    Form("trackers", "continuous_bernoulli", continuous_bernoulli, "logits", (5,)),
    Form("trackers", "dirichlet_of_sticks", dirichlet_of_sticks, "logits", (3,)),
    Form("trackers", "gumbel_by_parts", gumbel_by_parts, "logits", (5,)),
    Form("trackers", "squashed_actor", squashed_actor, "logits", (12,)),
    Form("trackers", "focal_of_probabilities", focal_of_probabilities, "logits", (12,)),
    Form("trackers", "focal_tversky", focal_tversky, "logits", (12,)),
    Form("trackers", "jaccard_hinge", jaccard_hinge, "logits", (12,)),
    Form("trackers", "tracked_piecewise", tracked_piecewise, "logits", (12,)),
    Form("trackers", "mixture_with_impossible", mixture_with_impossible, "logits", (3, 4)),
    Form("trackers", "log_variance_head", log_variance_head, "logits", (12,)),
    Form("trackers", "recalls_in_batches", recalls_in_batches, "logits", (3, 4)),
    Form("trackers", "log_cosh_and_smooth", log_cosh_and_smooth, "logits", (5,)),
    Form("trackers", "arctanh_flow", arctanh_flow, "logits", (5,)),
    Form("trackers", "loglogistic_interval", loglogistic_interval, "logits", (5,)),
    Form("trackers", "beta_by_mean", beta_by_mean, "logits", (12,)),
    Form("trackers", "relaxed_bernoulli", relaxed_bernoulli, "logits", (12,)),
    Form("trackers", "softplus_undone", softplus_undone, "logits", (5,)),
    Form("trackers", "scheduled_noise", scheduled_noise, "logits", (12,)),
    Form("trackers", "clipped_cross_entropy", clipped_cross_entropy, "logits", (3, 4)),
    Form("trackers", "wasserstein_of_histograms", wasserstein_of_histograms, "logits", (3, 4)),
    Form("trackers", "truncated_exponential", truncated_exponential, "logits", (5,)),
)
