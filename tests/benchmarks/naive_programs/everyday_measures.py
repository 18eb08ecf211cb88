"""Short measures: attention variants, losses of labels, copulas, capacities, weights of levels."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def log_cosh_influence(x):
    """Log-cosh regression on six targets: loss, influence and curvature from two exponentials."""
    residual = x[:6] - 0.5 * x[6:]
    up, down = jnp.exp(residual), jnp.exp(-residual)
    loss = jnp.log((up + down) / 2)
    influence = (up - down) / (up + down)
    curvature = 4 * (up + down) ** -2
    return jnp.stack([loss.mean(), influence.mean(), curvature.mean()])


def attention_free_transformer(x):
    """AFT-full, causal: exponentiated keys times exponentiated position bias."""
    query, key, value = x.reshape(3, 4)
    bias = jnp.tril(jnp.exp(0.1 * jnp.arange(16.0).reshape(4, 4) - 0.8))
    top = jnp.einsum("ts,s,s->t", bias, jnp.exp(key), value)
    return top / (bias @ jnp.exp(key)) * (1 / (1 + jnp.exp(-query)))


def quiet_attention_sink(x):
    """Softmax-off-by-one: attention that may keep quiet, log of the unspent mass, per query."""
    scores, values = x.reshape(3, 4), jnp.array([[0.4], [-1.1], [0.9], [0.2]])
    e = jnp.exp(scores)
    spent = e / (1 + e.sum(axis=-1, keepdims=True))
    unspent = 1 - spent.sum(axis=-1)
    return jnp.append((spent @ values)[:, 0], jnp.log(unspent))


def qam_soft_demapper(x):
    """Gray-coded 4-PAM receiver: bit log-likelihood ratios from summed densities, soft symbols."""
    level, bit = jnp.array([-3.0, -1.0, 1.0, 3.0]), jnp.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    density = jnp.exp(-((x[:, None] - level) ** 2) / 5.0)
    ratio = (density @ (1.0 - bit)) / (density @ (1.0 * bit))
    symbol = (density @ level) / jnp.sum(density, axis=1)
    return jnp.concatenate([jnp.log(ratio).mean(axis=0), symbol[:2]])


def complementary_loglog_events(x):
    """Complementary log-log link: event probabilities, any of three causes, attributed shares."""
    hazard = jnp.exp(x.reshape(3, 4))
    each = 1 - jnp.exp(-hazard)
    ever = 1 - jnp.exp(-hazard.sum(axis=0))
    attributed = hazard[0] / hazard.sum(axis=0) * ever
    return jnp.stack([jnp.log(each).sum(axis=0), jnp.log(ever), jnp.log(attributed)])


def gamma_frailty_survival(x):
    """Weibull hazards with shared gamma frailty: marginal survival, hazard."""
    log_time = jnp.array([-0.5, 0.0, 0.4, 0.9, 1.3, 1.6])
    theta = jnp.log(1 + jnp.exp(x[6:])) + 0.1
    cumulative = jnp.exp(1.4 * (log_time - x[:6]))
    survival = (1 + theta * cumulative) ** (-1 / theta)
    hazard = 1.4 * cumulative / (1 + theta * cumulative)
    survivors = 1 / (1 + theta * cumulative)
    return jnp.stack([jnp.log(survival), jnp.log(hazard), jnp.log(survivors)])


def clayton_gumbel_copulas(x):
    """Clayton and Gumbel copulas of two logistic margins: log distribution, lower-tail lift."""
    u, v = (1 + jnp.exp(-x.reshape(2, 6))) ** -1
    clayton = (u**-2 + v**-2 - 1) ** -0.5
    gumbel = jnp.exp(-(((-jnp.log(u)) ** 1.5 + (-jnp.log(v)) ** 1.5) ** (2 / 3)))
    return jnp.stack([jnp.log(clayton), jnp.log(gumbel), jnp.log(clayton / (u * v))])


def robust_label_losses(x):
    """Noisy labels: forward correction by a transition matrix, generalised and reverse losses."""
    label, flips = jnp.array([[0], [2], [1], [2]]), 0.1 + 0.7 * jnp.eye(3)
    p = jnp.exp(x.reshape(4, 3)) / jnp.sum(jnp.exp(x.reshape(4, 3)), axis=1, keepdims=True)
    py = jnp.take_along_axis(p, label, axis=1)
    forward = -jnp.log(jnp.take_along_axis(p @ flips, label, axis=1))
    generalised = (1 - py**0.7) / 0.7
    reverse = 4.0 * (1 - py) - 0.2 * jnp.log(py)
    return jnp.stack([forward.mean(), generalised.mean(), reverse.mean()])


def bald_acquisition(x):
    """BALD: three ensemble members, two points, two classes; total minus expected entropy."""
    e = jnp.exp(x.reshape(3, 2, 2))
    p = e * e.sum(axis=-1, keepdims=True) ** -1
    mean = p.mean(axis=0)
    total = -jnp.einsum("nc,nc->n", mean, jnp.log(mean))
    expected = -jnp.einsum("mnc,mnc->n", p, jnp.log(p)) / 3
    return jnp.concatenate([total - expected, jnp.log(1 - (mean**2).sum(axis=-1))])


def gallager_exponent(x):
    """Gallager's E0 of a three-input, four-output channel at three tilts."""
    channel = jnp.exp(x.reshape(3, 4))
    channel = channel / channel.sum(axis=1)[:, None]
    q, rho = jnp.array([0.5, 0.3, 0.2]), jnp.array([0.25, 0.6, 1.0])
    e0 = jax.vmap(lambda r: -jnp.log(jnp.sum((q @ channel ** (1 / (1 + r))) ** (1 + r))))(rho)
    return jnp.append(e0, jnp.max(e0 - 0.1 * rho))


def lognormal_moment_match(x):
    """Log-normal parameters from six means and six variances (both exponentiated), log median."""
    mean, variance = jnp.exp(x[:6]), jnp.exp(x[6:])
    mu = jnp.log(mean**2 / jnp.sqrt(variance + mean**2))
    sigma2 = jnp.log(1 + variance / mean**2)
    mode = jnp.log(jnp.exp(mu) / jnp.exp(sigma2))
    return jnp.stack([mu, sigma2, mode])


def replica_exchange_rates(x):
    """Parallel tempering: Metropolis swaps of neighbours, heat-bath swaps."""
    energy, beta = x.reshape(3, 4), jnp.array([1.0, 0.8, 0.55, 0.3])
    boost = jnp.diff(energy, axis=1) * jnp.diff(beta)
    metropolis = jnp.minimum(1.0, jnp.exp(boost))
    heat_bath = jnp.exp(boost) / (1 + jnp.exp(boost))
    climb = jnp.prod(heat_bath, axis=1)
    return jnp.stack([jnp.log(climb), jnp.log(metropolis.mean(axis=1)), metropolis.prod(axis=1)])


def snr_loss_weights(x):
    """Diffusion weights from log-SNR: min-SNR for noise and velocity, P2, EDM; logs averaged."""
    alpha2 = 1 / (1 + jnp.exp(-x))
    sigma2 = 1 - alpha2
    snr = alpha2 / sigma2
    clipped = jnp.minimum(snr, 5.0)
    sd = jnp.sqrt(sigma2 / alpha2)
    edm = (sd**2 + 0.25) / (0.5 * sd) ** 2
    every = jnp.stack([clipped / snr, clipped / (snr + 1), (1 + snr) ** -0.5, edm])
    return jnp.log(every).mean(axis=1)


MEASURES = (
    Form("everyday", "log_cosh_influence", log_cosh_influence, "logits", (12,)),
    Form("everyday", "attention_free_transformer", attention_free_transformer, "logits", (12,)),
    Form("everyday", "quiet_attention_sink", quiet_attention_sink, "logits", (12,)),
    Form("everyday", "qam_soft_demapper", qam_soft_demapper, "logits", (12,)),
    Form("everyday", "complementary_loglog_events", complementary_loglog_events, "logits", (12,)),
    Form("everyday", "gamma_frailty_survival", gamma_frailty_survival, "logits", (12,)),
    Form("everyday", "clayton_gumbel_copulas", clayton_gumbel_copulas, "logits", (12,)),
    Form("everyday", "robust_label_losses", robust_label_losses, "logits", (12,)),
    Form("everyday", "bald_acquisition", bald_acquisition, "logits", (12,)),
    Form("everyday", "gallager_exponent", gallager_exponent, "logits", (12,)),
    Form("everyday", "lognormal_moment_match", lognormal_moment_match, "logits", (12,)),
    Form("everyday", "replica_exchange_rates", replica_exchange_rates, "logits", (12,)),
    Form("everyday", "snr_loss_weights", snr_loss_weights, "logits", (12,)),
)
