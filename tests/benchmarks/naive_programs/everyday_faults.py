"""Faults reported of public projects: gaps, tails, profiles, counts, steps of an algorithm."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def inverse_logit_gaps(x):
    """stan-dev/math #2796: log of the difference of two inverse logits, with its odds."""
    upper = x[:6]
    lower = upper - jnp.log(1 + jnp.exp(x[6:]))
    mass = 1 / (1 + jnp.exp(-upper)) - 1 / (1 + jnp.exp(-lower))
    return jnp.stack([jnp.log(mass), jnp.log(mass / (1 - mass))])


def mish_by_polynomials(x):
    """AlexeyAB/darknet #5452: mish as a ratio in exp(x), and its hand-written slope."""
    e = jnp.exp(x)
    mish = x * (e * e + 2 * e) / (e * e + 2 * e + 2)
    omega = 4 * (x + 1) + 4 * e**2 + e**3 + e * (4 * x + 6)
    delta = 2 * e + e**2 + 2
    return jnp.stack([mish, e * omega / delta**2])


def box_cox_profile(x):
    """scipy #10072: Box-Cox profile log likelihood of positive data, at four powers."""
    y = jnp.exp(x + 0.1 * jnp.arange(12.0))
    profile = []
    for power in (-3.0, -0.5, 0.5, 2.0):
        t = (y**power - 1) / power
        variance = jnp.mean((t - t.mean()) ** 2)
        profile.append((power - 1) * jnp.sum(jnp.log(y)) - 6 * jnp.log(variance))
    return jnp.stack(profile)


def customers_still_alive(x):
    """lifetimes #332: BG/NBD probability that each of four customers is alive, and its odds."""
    r, alpha, a, b = jnp.log(1 + jnp.exp(x[:4])) + 0.01
    recency, silence = jnp.exp(x[4:8]), jnp.exp(x[8:])
    count = jnp.array([2.0, 4.0, 7.0, 12.0])
    growth = ((alpha + recency + silence) / (alpha + recency)) ** (r + count)
    alive = 1 / (1 + a / (b + count - 1) * growth)
    return jnp.stack([jnp.log(alive), jnp.log(1 - alive)])


def coherent_point_drift(x):
    """siavashk/pycpd #20: one EM step of coherent point drift, with uniform outliers."""
    target, source = x.reshape(6, 2), jnp.array([[0.0, 0.2], [1.0, -0.5], [-0.8, 0.6]])
    sigma2, w = 0.7, 0.1
    d2 = jnp.sum((target[None] - source[:, None]) ** 2, axis=-1)
    kernel = jnp.exp(-d2 / (2 * sigma2))
    c = 2 * math.pi * sigma2 * w / (1 - w) * 3 / 6
    p = kernel / (kernel.sum(axis=0) + c)
    total = p.sum()
    shift = (p.sum(axis=0) @ target - p.sum(axis=1) @ source) / total
    moved = jnp.sum((target[None] - source[:, None] - shift) ** 2, axis=-1)
    return jnp.concatenate([shift, jnp.log(total)[None], jnp.log((p * moved).sum() / total)[None]])


def imitation_rewards(x):
    """ikostrikov/pytorch-a2c-ppo-acktr-gail #236: AIRL and GAIL rewards of a discriminator."""
    f, logits = x[:6], x[6:].reshape(2, 3)
    policy = (jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)).ravel()
    expert = jnp.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    d = jnp.exp(f) / (jnp.exp(f) + policy)
    airl = jnp.log(d) - jnp.log(1 - d)
    gail = -jnp.log(1 - d)
    loss = -jnp.mean(expert * jnp.log(d) + (1 - expert) * jnp.log(1 - d))
    return jnp.stack([policy @ airl / 2, policy @ gail / 2, loss])


def richardson_lucy_steps(x):
    """scikit-image #4378: three Richardson-Lucy iterations of a dim and bright row, in logs."""
    image = jnp.exp(x)
    blur = jnp.asarray(0.6 * np.eye(12) + 0.25 * np.eye(12, k=1) + 0.15 * np.eye(12, k=-1))
    blur = blur.astype(x.dtype)
    estimate = 0.5 * jnp.ones_like(x)
    for _ in range(3):
        relative = image / (blur @ estimate)
        estimate = estimate * (blur.T @ relative)
    return jnp.log(estimate)


def growing_coalescent(x):
    """CompEvol/beast2 #846: intensity and inverse intensity under exponential growth."""
    rate, size = jnp.log(1 + jnp.exp(x[:6])), jnp.exp(x[6:])
    time = jnp.array([0.2, 0.5, 1.0, 1.5, 2.5, 4.0])
    draw = jnp.array([0.1, 0.4, 0.7, 1.1, 1.9, 3.0])
    intensity = (jnp.exp(time * rate) - 1) / size / rate
    inverse = jnp.log(1 + draw * size * rate) / rate
    return jnp.stack([jnp.log(intensity), jnp.log(inverse)])


def nmf_multiplicative(x):
    """scikit-learn #10142: Kullback-Leibler NMF, two multiplicative updates and the fit."""
    data = jnp.exp(x.reshape(3, 4))
    w = jnp.array([[0.5, 0.2], [0.1, 0.9], [0.6, 0.4]])
    h = jnp.array([[0.3, 0.8, 0.5, 0.1], [0.7, 0.2, 0.4, 0.9]])
    for _ in range(2):
        w = w * ((data / (w @ h)) @ h.T) / h.sum(axis=1)
        h = h * (w.T @ (data / (w @ h))) / w.sum(axis=0)[:, None]
    share = data / data.sum()
    fit = jnp.sum(share * jnp.log(data / (w @ h)))
    return jnp.concatenate([jnp.log(w).ravel(), jnp.log(h).mean(axis=1), fit[None]])


def density_prominence(x):
    """GUDHI #1060: kernel densities at three seeds, mean-shift moves, log prominence."""
    data, seed = x.reshape(6, 2), jnp.array([[0.0, 0.0], [1.5, -1.0], [-2.0, 0.5]])
    kernel = jnp.exp(-jnp.sum((seed[:, None] - data) ** 2, axis=-1) / (2 * 0.6**2))
    density = kernel.mean(axis=1) / (2 * math.pi * 0.6**2)
    moved = (kernel @ data) / kernel.sum(axis=1, keepdims=True)
    prominence = jnp.log(density / density.sum())
    return jnp.concatenate([prominence, moved.mean(axis=0)])


def maxent_optimality_grammar(x):
    """connormayer/maxent.ot #31: maximum-entropy grammar, three speakers' weighted violations."""
    weight = jnp.log(1 + jnp.exp(x)).reshape(3, 4)
    marks = jnp.array(
        [
            [[0.0, 1.0, 0.0, 2.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 1.0]],
            [[2.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 2.0, 0.0, 1.0]],
        ]
    )
    count = jnp.array([[7.0, 2.0, 1.0], [0.0, 5.0, 5.0]])
    harmony = jnp.exp(-jnp.einsum("sc,tkc->stk", weight, marks))
    p = harmony / harmony.sum(axis=-1, keepdims=True)
    each = jnp.einsum("tk,stk->s", count, jnp.log(p))
    shared = jnp.sum(count * jnp.log(p.mean(axis=0)))
    return jnp.append(each, shared)


def destination_logsums(x):
    """ActivitySim #1115: mode logsums feeding a sampled destination choice with size terms."""
    mode = jnp.exp(x.reshape(4, 3)).sum(axis=1)
    size, drawn = jnp.array([120.0, 40.0, 900.0, 15.0]), jnp.array([0.4, 0.1, 0.45, 0.05])
    picks = jnp.array([2.0, 1.0, 3.0, 1.0])
    utility = jnp.exp(0.6 * jnp.log(mode)) * size * picks / (7 * drawn)
    p = utility / utility.sum()
    surplus = jnp.log(utility.sum()) / 0.6
    return jnp.concatenate([jnp.log(p), surplus[None], (p @ jnp.log(mode))[None]])


def mallows_rankings(x):
    """ocbe-uio/BayesMallows #33: two-cluster Mallows model, Kendall partition function."""
    alpha = jnp.log(1 + jnp.exp(x[:8])).reshape(2, 4)
    weight = 1 / (1 + jnp.exp(-x[8:]))
    distance = jnp.array([[0.0, 3.0, 7.0, 1.0], [6.0, 2.0, 1.0, 9.0]])
    z = jnp.ones_like(alpha)
    for i in range(2, 6):
        z = z * (1 - jnp.exp(-i * alpha)) / (1 - jnp.exp(-alpha))
    p = jnp.exp(-alpha * distance) / z
    mixed = weight * p[0] + (1 - weight) * p[1]
    return jnp.stack([jnp.log(mixed), jnp.log(weight * p[0] / mixed), jnp.log(z).sum(axis=0)])


def dense_field_smoothing(x):
    """DrSleep/tensorflow-deeplab-resnet #161: softmax unaries, three dense-CRF mean-field steps."""
    p = jnp.exp(x.reshape(4, 3)) / jnp.exp(x.reshape(4, 3)).sum(axis=1, keepdims=True)
    unary = -jnp.log(p)
    place = jnp.array([0.0, 1.0, 2.5, 3.0])
    near = jnp.exp(-((place[:, None] - place) ** 2) / 2) * (1 - jnp.eye(4))
    q = p
    for _ in range(3):
        q = jnp.exp(-unary + 1.5 * near @ q)
        q = q / q.sum(axis=1, keepdims=True)
    label = jnp.array([[0], [2], [1], [1]])
    return -jnp.log(jnp.take_along_axis(q, label, axis=1))[:, 0]


def dose_fractions_response(x):
    """nlmixr2/nlmixr2lib #503: exp/(1+exp) bioavailability, three-way fractions, sigmoid Emax."""
    e = jnp.exp(x[:9]).reshape(3, 3)
    available = e[0] / (1 + e[0])
    first = e[1] / (1 + e[1] + e[2])
    second = e[2] / (1 + e[1] + e[2])
    rest = 1 - first - second
    conc = 80 * available * (first + 0.5 * second + 0.1 * rest)
    effect = conc**1.8 / (jnp.exp(x[9:]) ** 1.8 + conc**1.8)
    return jnp.stack([jnp.log(effect), jnp.log(1 - effect), jnp.log(rest)])


def bank_of_filters(x):
    """rlabbe/filterpy #70: three Kalman filters weighed by raw likelihoods over four readings."""
    readings, prior = x[:4], jnp.exp(x[4:7]) / jnp.exp(x[4:7]).sum()
    process, noise = jnp.array([0.01, 0.3, 2.0]), jnp.log(1 + jnp.exp(x[7:10])) + 0.1
    mean, variance, weight = x[10] * jnp.ones(3), jnp.log(1 + jnp.exp(x[11])) + jnp.ones(3), prior
    for z in readings:
        variance = variance + process
        s = variance + noise
        likelihood = jnp.exp(-((z - mean) ** 2) / (2 * s)) / jnp.sqrt(2 * math.pi * s)
        mean = mean + variance / s * (z - mean)
        variance = variance * noise / s
        weight = weight * likelihood
        weight = weight / weight.sum()
    return jnp.concatenate([jnp.log(weight), (weight @ mean)[None]])


FAULTS = (
    Form("everyday", "inverse_logit_gaps", inverse_logit_gaps, "logits", (12,)),
    Form("everyday", "mish_by_polynomials", mish_by_polynomials, "logits", (12,)),
    Form("everyday", "box_cox_profile", box_cox_profile, "logits", (12,)),
    Form("everyday", "customers_still_alive", customers_still_alive, "logits", (12,)),
    Form("everyday", "coherent_point_drift", coherent_point_drift, "logits", (12,)),
    Form("everyday", "imitation_rewards", imitation_rewards, "logits", (12,)),
    Form("everyday", "richardson_lucy_steps", richardson_lucy_steps, "logits", (12,)),
    Form("everyday", "growing_coalescent", growing_coalescent, "logits", (12,)),
    Form("everyday", "nmf_multiplicative", nmf_multiplicative, "logits", (12,)),
    Form("everyday", "density_prominence", density_prominence, "logits", (12,)),
    Form("everyday", "maxent_optimality_grammar", maxent_optimality_grammar, "logits", (12,)),
    Form("everyday", "destination_logsums", destination_logsums, "logits", (12,)),
    Form("everyday", "mallows_rankings", mallows_rankings, "logits", (12,)),
    Form("everyday", "dense_field_smoothing", dense_field_smoothing, "logits", (12,)),
    Form("everyday", "dose_fractions_response", dose_fractions_response, "logits", (12,)),
    Form("everyday", "bank_of_filters", bank_of_filters, "logits", (12,)),
)
