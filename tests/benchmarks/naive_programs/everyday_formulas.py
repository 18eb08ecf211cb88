"""Short formulas: means of exponentials, distances of laws, odds, calibration."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from naive_programs.form import Form
from naive_programs.gates import sigmoid


def clip_two_directions(x):
    """CLIP on three images and three captions, both directions, with an exponentiated scale."""
    sim = math.exp(1.0) * jnp.einsum("id,jd->ij", x[0::2].reshape(3, 2), x[1::2].reshape(3, 2))
    e = jnp.exp(sim)
    image, text = jnp.diag(e) / e.sum(1), jnp.diag(e) / e.sum(0)
    return -0.5 * jnp.mean(jnp.log(image) + jnp.log(text))


def perplexity_in_bits(x):
    """Perplexity of four tempered predictions, classes on the first axis, entropy in bits."""
    p = jnp.power(math.e, x.reshape(4, 3).T / 0.8)
    p = p * jnp.sum(p, axis=0) ** -1
    bits = -jnp.sum(p * jnp.log2(p), axis=0)
    return jnp.exp2(bits.mean())


def sound_level_average(x):
    """Equivalent sound level: power mean of decibels over time, then A-weighted sum of bands."""
    leq = 10 * jnp.log10(jnp.mean(10.0 ** (x.reshape(4, 3) / 10), axis=0))
    weighting = jnp.array([-8.6, 0.0, 1.2])
    return jnp.append(leq, 10 * jnp.log10((10 ** ((leq + weighting) / 10)).sum()))


def risk_and_odds_ratios(x):
    """Log odds ratio, log relative risk of illness and of health, for six paired trials."""
    treated, control = jnp.split(1.0 / (1.0 + jnp.exp(-x)), 2)
    odds_ratio = (treated * (1 - control)) / (control * (1 - treated))
    return jnp.log(
        jnp.stack([odds_ratio, treated / control, (1 - treated) / (1 - control)], axis=-1)
    )


def dose_response_infection(x):
    """Microbial risk: exponential dose response per exposure, at least one infection, log odds."""
    rate, dose = jnp.log(1 + jnp.exp(x.reshape(2, 6))), jnp.array([[0.1], [2.0]])
    each = 1 - jnp.exp(-rate * dose)
    ever = 1.0 - jnp.prod(1.0 - each, axis=0)
    return jnp.log(ever / (1 - ever))


def scatter_log_mean_exp(x):
    """Log-mean-exp over ragged groups, as in torch_scatter's composite before it took maxima."""
    group = jnp.array([0, 2, 1, 1, 0, 3, 2, 2, 3, 0, 1, 3])
    total = jax.ops.segment_sum(jnp.exp(x), group, num_segments=4)
    count = jax.ops.segment_sum(jnp.ones_like(x), group, num_segments=4)
    return jnp.log(total * (1 / count))[group] - x


def bhattacharyya_of_logits(x):
    """Bhattacharyya distance of two categorical laws, square roots of exponentials, no softmax."""
    a, b = x[::2], x[1::2]
    overlap = jnp.sqrt(jnp.exp(a)) @ jnp.sqrt(jnp.exp(b))
    return -jnp.log(overlap / jnp.sqrt(jnp.exp(a).sum() * jnp.exp(b).sum()))


def renyi_spectrum(x):
    """Rényi entropies of one categorical law at four orders, by vmap over the order."""
    p = jnp.exp(x) / jnp.exp(x).sum()
    order = jnp.array([0.5, 2.0, 5.0, 12.0])
    return jax.vmap(lambda a: jnp.log(jnp.sum(p**a)) / (1.0 - a))(order)


def mellowmax_and_boltzmann(x):
    """Mellowmax and the Boltzmann operator of action values, four states by rows, their gap."""
    q, omega = x.reshape(3, 4).swapaxes(0, 1), 5.0
    mellow = jnp.log(jnp.mean(jnp.exp(omega * q), axis=1)) / omega
    boltzmann = jnp.average(q, axis=1, weights=jnp.exp(omega * q))
    return boltzmann - mellow


def bic_model_average(x):
    """Model averaging with BIC weights exp(-BIC/2): mean effect, its variance."""
    bic, effect = x.reshape(2, 6) * jnp.array([[4.0], [1.0]])
    w = jnp.exp(-0.5 * bic)
    w = w * (1.0 / w.sum())
    mean = w @ effect
    return jnp.stack([mean, w @ (0.1 + (effect - mean) ** 2), jnp.log(w[0] / (1 - w[0]))])


def positive_transform_round_trip(x):
    """Softplus with a floor, back by log(exp(y)-1), log Jacobian; as in GPflow's old `positive`."""
    y = jnp.log(1 + jnp.exp(x)) + 1e-6
    back = jnp.log(jnp.exp(y - 1e-6) - 1)
    log_jacobian = jnp.log(1 - jnp.exp(-(y - 1e-6)))
    return jnp.stack([y.mean(), (back * log_jacobian).mean(), log_jacobian.sum()])


def single_where_branches(x):
    """Softplus and ELU guarded by a single where, whose gradient is NaN, as in a JAX FAQ issue."""
    soft = jnp.where(x > 20.0, x, jnp.log(1 + jnp.exp(x)))
    elu = jnp.where(x > 0, x, jnp.exp(x) - 1)
    root = jnp.where(soft < 1e-3, soft, jnp.sqrt(soft))
    return root.mean() + 0.1 * elu.mean()


def beta_calibration_map(x):
    """Beta calibration: a log p - b log(1-p) + c of a sigmoid score, a second sigmoid, log loss."""
    p = 1.0 - 1.0 / (1.0 + jnp.exp(x))
    lifted = 1.3 * jnp.log(p) - 0.6 * jnp.log(1 - p) + 0.2
    q = sigmoid(lifted)
    hit = jnp.tile(jnp.array([1.0, 0.0, 0.0]), 4)
    return -jnp.mean(hit * jnp.log(q) + (1 - hit) * jnp.log(1 - q)) + jnp.mean((q - p) ** 2)


def bernoulli_naive_bayes(x):
    """Three classes, four binary features: product of likelihoods, prior, log posterior."""
    p, seen = sigmoid(x.reshape(3, 4)), jnp.array([True, False, True, True])
    joint = jnp.array([0.5, 0.2, 0.3]) * jnp.prod(jnp.where(seen, p, 1 - p), axis=-1)
    return jnp.log(joint) - jnp.log(joint.sum())


FORMULAS = (
    Form("everyday", "clip_two_directions", clip_two_directions, "logits", (12,)),
    Form("everyday", "perplexity_in_bits", perplexity_in_bits, "logits", (12,)),
    Form("everyday", "sound_level_average", sound_level_average, "logits", (12,)),
    Form("everyday", "risk_and_odds_ratios", risk_and_odds_ratios, "logits", (12,)),
    Form("everyday", "dose_response_infection", dose_response_infection, "logits", (12,)),
    Form("everyday", "scatter_log_mean_exp", scatter_log_mean_exp, "logits", (12,)),
    Form("everyday", "bhattacharyya_of_logits", bhattacharyya_of_logits, "logits", (12,)),
    Form("everyday", "renyi_spectrum", renyi_spectrum, "logits", (12,)),
    Form("everyday", "mellowmax_and_boltzmann", mellowmax_and_boltzmann, "logits", (12,)),
    Form("everyday", "bic_model_average", bic_model_average, "logits", (12,)),
    Form(
        "everyday", "positive_transform_round_trip", positive_transform_round_trip, "logits", (12,)
    ),
    Form("everyday", "single_where_branches", single_where_branches, "logits", (12,)),
    Form("everyday", "beta_calibration_map", beta_calibration_map, "logits", (12,)),
    Form("everyday", "bernoulli_naive_bayes", bernoulli_naive_bayes, "logits", (12,)),
)
