"""Longer estimates: pixels, regimes, panels, particles, barycentres, clicks."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def pixelcnn_logistic_mixture(x):
    """PixelCNN++: discretised mixture of logistics, edge bins, tiny-bin fallback, three pixels."""
    mix_logit, raw_mean, log_scale = x[:4], x[4:8], x[8:]
    pixels = jnp.array([-1.0, 0.145, 1.0])
    means = jnp.tanh(raw_mean)[None, :]
    log_scale = jnp.maximum(log_scale, -7.0)[None, :]
    centred = pixels[:, None] - means
    inv_std = jnp.exp(-log_scale)
    plus_in = inv_std * (centred + 1.0 / 255.0)
    cdf_plus = 1 / (1 + jnp.exp(-plus_in))
    min_in = inv_std * (centred - 1.0 / 255.0)
    cdf_min = 1 / (1 + jnp.exp(-min_in))
    log_cdf_plus = jnp.log(cdf_plus)  # the darkest bin
    log_one_minus_cdf_min = jnp.log(1 - cdf_min)  # the brightest bin
    cdf_delta = cdf_plus - cdf_min
    mid_in = inv_std * centred
    log_pdf_mid = mid_in - log_scale - 2.0 * jnp.log(1 + jnp.exp(mid_in))
    middle = jnp.where(
        cdf_delta > 1e-5, jnp.log(jnp.maximum(cdf_delta, 1e-12)), log_pdf_mid - math.log(127.5)
    )
    log_probs = jnp.where(
        pixels[:, None] < -0.999,
        log_cdf_plus,
        jnp.where(pixels[:, None] > 0.999, log_one_minus_cdf_min, middle),
    )
    weights = jnp.exp(mix_logit) / jnp.exp(mix_logit).sum()
    joint = log_probs + jnp.log(weights)
    log_likelihood = jnp.log(jnp.sum(jnp.exp(joint), axis=1))
    responsibility = jnp.exp(joint) / jnp.sum(jnp.exp(joint), axis=1, keepdims=True)
    bits = -log_likelihood.sum() / (3 * math.log(2.0))
    return jnp.append(responsibility.mean(axis=0), bits)


def monotonic_chunk_attention(x):
    """MoChA: monotonic selection by exclusive cumprods, chunk softmax by moving sums, latency."""
    energy = x.reshape(3, 4)  # output steps by frames
    chunk_energy = 0.8 * energy[:, ::-1] - 0.1
    values = jnp.array([[0.4, -1.0], [1.1, 0.3], [-0.2, 0.9], [0.7, -0.5]])
    width = 2

    def moving_sum(row, back, forward):
        padded = jnp.concatenate([jnp.zeros(back), row, jnp.zeros(forward)])
        return jnp.stack([padded[i : i + back + forward + 1].sum() for i in range(4)])

    p_choose = 1 / (1 + jnp.exp(-energy))
    previous = jnp.array([1.0, 0.0, 0.0, 0.0])
    contexts, delays, emitted = [], [], []
    for step in range(3):
        p = p_choose[step]
        stay = jnp.concatenate([jnp.ones(1), jnp.cumprod(1 - p)[:-1]])
        alpha = p * stay * jnp.cumsum(previous / jnp.clip(stay, 1e-10, 1.0))
        u = jnp.exp(chunk_energy[step])
        normaliser = moving_sum(u, width - 1, 0)
        beta = u * moving_sum(alpha / normaliser, 0, width - 1)
        contexts.append(beta @ values)
        delays.append(alpha @ jnp.arange(4.0))
        emitted.append(alpha.sum())
        previous = alpha
    context = jnp.stack(contexts)
    latency = jnp.stack(delays).mean()
    quantity = jnp.abs(3.0 - jnp.stack(emitted).sum())
    logits = context @ jnp.array([[1.2, -0.4], [0.3, 0.8]])
    probability = jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)
    nll = -jnp.log(probability[jnp.arange(3), jnp.array([0, 1, 0])]).mean()
    return nll + 0.05 * latency + 0.1 * quantity


def hamilton_regime_filter(x):
    """Markov-switching returns: Hamilton filter with densities, Kim smoother."""
    returns, stay_logit = x[:8], x[8:10]
    gap, log_vol = x[10], jnp.tanh(x[11])
    mean = jnp.stack([0.2 + 0.0 * gap, 0.2 - jnp.log(1 + jnp.exp(gap))])
    vol = jnp.stack([0.6 + 0.0 * log_vol, 1.2 * jnp.exp(0.5 * log_vol)])
    stay = 1 / (1 + jnp.exp(-stay_logit))
    P = jnp.stack([jnp.stack([stay[0], 1 - stay[0]]), jnp.stack([1 - stay[1], stay[1]])])
    stationary = (1 - stay[::-1]) / (2 - stay.sum())

    def density(r):
        return jnp.exp(-0.5 * ((r - mean) / vol) ** 2) / (vol * jnp.sqrt(2 * jnp.pi))

    predicted, filtered = [stationary], []
    loglik = 0.0
    for t in range(8):
        joint = predicted[t] * density(returns[t])
        likelihood = joint.sum()
        loglik = loglik + jnp.log(likelihood)
        filtered.append(joint / likelihood)
        predicted.append(filtered[t] @ P)
    smoothed = filtered[7]
    path = [smoothed]
    for t in range(6, -1, -1):
        smoothed = filtered[t] * (P @ (smoothed / predicted[t + 1]))
        path.append(smoothed)
    path = jnp.stack(path[::-1])
    log_duration = -jnp.log(1 - stay)
    crisis = path[:, 1].mean()
    ambiguity = -jnp.sum(path * jnp.log(path + 1e-10), axis=1).mean()
    return jnp.concatenate([log_duration, jnp.stack([-loglik / 8, crisis, ambiguity])])


def rasch_conditional_likelihood(x):
    """Rasch CML: elementary symmetric functions by recursion, two groups, Andersen's statistic."""
    easy_a, easy_b = x.reshape(2, 6)
    answers_a = np.array(
        [[1, 0, 1, 0, 0, 0], [1, 1, 1, 0, 1, 0], [0, 1, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0]]
    )
    answers_b = np.array([[1, 1, 1, 1, 0, 1], [0, 0, 1, 0, 0, 0], [1, 0, 0, 1, 1, 0]])

    def symmetric(eps):
        gamma = [jnp.ones(())] + [jnp.zeros(())] * len(eps)
        for i in range(len(eps)):
            for r in range(i + 1, 0, -1):
                gamma[r] = gamma[r] + eps[i] * gamma[r - 1]
        return jnp.stack(gamma)

    def conditional(easiness, answers):
        eps = jnp.exp(easiness)
        gamma = symmetric(eps)
        score = answers.sum(axis=1)
        pattern = jnp.prod(eps[None, :] ** answers, axis=1)
        return jnp.sum(jnp.log(pattern / gamma[score]))

    def expected_item(easiness, item, score):
        eps = jnp.exp(easiness)
        rest = symmetric(jnp.delete(eps, item, assume_unique_indices=True))
        return eps[item] * rest[score - 1] / symmetric(eps)[score]

    separate = conditional(easy_a, answers_a) + conditional(easy_b, answers_b)
    pooled = 0.5 * (easy_a + easy_b)
    together = conditional(pooled, answers_a) + conditional(pooled, answers_b)
    andersen = 2 * (separate - together)
    first = expected_item(easy_a, 0, 2)
    last = expected_item(easy_b, 5, 3)
    information = first * (1 - first) + last * (1 - last)
    return jnp.stack([-separate, andersen / 10, first, last, jnp.log(information)])


def mixed_logit_panel(x):
    """Mixed logit on a panel: simulated product of choice probabilities."""
    mean, raw_sd, offset = x[:3], x[3:6], x[6:].reshape(2, 3)
    sd = jnp.log(1 + jnp.exp(raw_sd)) / 2
    draws = jnp.array([[0.3, -1.1, 0.6], [-0.7, 0.4, 1.3], [1.5, 0.2, -0.4], [-0.2, 0.9, -1.6]])
    beta = mean[None, :] + sd[None, :] * draws
    # persons, periods, alternatives, attributes
    attribute = jnp.array(
        [
            [
                [[1, 0.2, 0], [0, 0.8, 1], [0.5, 0.1, 1]],
                [[0.4, 1, 0], [1, 0.3, 0], [0, 0, 1]],
                [[0, 1, 1], [1, 1, 0], [0.2, 0.4, 0]],
            ],
            [
                [[0.7, 0, 1], [0.1, 0.9, 0], [0.3, 0.5, 0]],
                [[1, 1, 1], [0, 0.6, 0], [0.8, 0, 0]],
                [[0, 0, 0], [0.9, 0.2, 1], [0.4, 1, 1]],
            ],
        ],
        dtype=jnp.float32,
    )
    chosen = jnp.array([[0, 1, 1], [2, 0, 1]])
    utility = jnp.einsum("ptak,rk->rpta", attribute, beta) + offset[None, :, None, :]
    expo = jnp.exp(utility)
    prob = expo / expo.sum(axis=3, keepdims=True)
    picked = jnp.take_along_axis(prob, chosen[None, :, :, None], axis=3)[..., 0]
    sequence = jnp.prod(picked, axis=2)  # draws, persons
    simulated = sequence.mean(axis=0)
    loglik = jnp.log(simulated).sum()
    posterior = sequence / sequence.sum(axis=0)
    individual = jnp.einsum("rp,rk->pk", posterior, beta)
    own_elasticity = (prob * (1 - prob)).mean(axis=(0, 1, 2))
    surplus = jnp.mean(jnp.log(expo.sum(axis=3)))
    return jnp.concatenate([individual.mean(axis=0), own_elasticity, jnp.stack([-loglik, surplus])])


def soft_resampled_filter(x):
    """Differentiable particle filter: likelihood weights, soft resampling, evidence, ESS."""
    particle, observation = x[:4], x[4:8]
    noise_scale = 0.3 + 0.5 / (1 + jnp.exp(-x[8]))
    persistence = jnp.tanh(x[9])
    drift, raw_obs = 0.1 * x[10], x[11]
    obs_scale = 0.2 + jnp.log(1 + jnp.exp(raw_obs))
    shocks = jnp.array(
        [
            [0.4, -1.2, 0.7, 0.1],
            [-0.3, 0.9, -0.8, 1.4],
            [0.2, 0.5, -1.1, -0.6],
            [1.0, -0.2, 0.3, -0.9],
        ]
    )
    ancestors = [
        jnp.array([0, 1, 1, 3]),
        jnp.array([0, 2, 2, 3]),
        jnp.array([1, 1, 2, 0]),
        jnp.array([3, 1, 2, 0]),
    ]
    mix, n = 0.5, 4
    weight = jnp.ones(4) / n
    evidence = 0.0
    effective, means = [], []
    for t in range(4):
        particle = persistence * particle + drift + noise_scale * shocks[t]
        z = (observation[t] - particle) / obs_scale
        like = jnp.exp(-0.5 * z**2) / (obs_scale * math.sqrt(2 * math.pi))
        weight = weight * like
        total = weight.sum()
        evidence = evidence + jnp.log(total)
        weight = weight / total
        effective.append(1 / jnp.sum(weight**2))
        means.append(weight @ particle)
        if t < 3:
            proposal = mix * weight + (1 - mix) / n
            index = ancestors[t]
            particle = particle[index]
            weight = weight[index] / proposal[index]
            weight = weight / jnp.sum(weight)
    ess = jnp.stack(effective)
    track = jnp.stack(means)
    roughness = jnp.log(1 + jnp.sum((track[1:] - track[:-1]) ** 2))
    return jnp.concatenate([ess / n, jnp.stack([-evidence / 4, roughness])])


def bregman_barycentre(x):
    """Wasserstein barycentre by iterative Bregman projections, three histograms of four bins."""
    logits = x.reshape(3, 4)
    lam = jnp.array([0.5, 0.3, 0.2])
    eps = 0.25
    hist = jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)
    grid = jnp.array([0.0, 0.4, 0.7, 1.2])
    cost = (grid[:, None] - grid[None, :]) ** 2
    kernel = jnp.exp(-cost / eps)
    u = jnp.ones((3, 4))
    for _ in range(4):
        v = hist / (u @ kernel)
        ku = v @ kernel.T
        # geometric mean of the marginals
        bary = jnp.prod((u * ku) ** lam[:, None], axis=0)
        u = bary[None, :] / ku
    bary = bary / bary.sum()
    plans = u[:, :, None] * kernel[None] * v[:, None, :]
    transport = jnp.sum(plans * cost[None], axis=(1, 2))
    plan_entropy = -jnp.sum(plans * jnp.log(plans + 1e-20), axis=(1, 2))
    objective = lam @ (transport - eps * plan_entropy)
    mean = bary @ grid
    variance = bary @ grid**2 - mean**2
    entropy = -bary @ jnp.log(bary)
    arithmetic = lam @ hist
    gap = jnp.sum(bary * jnp.log(bary / arithmetic))
    return jnp.stack([objective, mean, variance, entropy, gap])


def position_click_em(x):
    """Position-based click model: EM for examination and attraction, debiased ranking loss."""
    examine_logit, attract_logit = x[:3], x[3:].reshape(3, 3)  # positions; queries by documents
    shown = np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]])  # document at each position
    impressions = jnp.array([[30.0, 30, 30], [20, 20, 20], [25, 25, 25]])
    clicks = jnp.array([[12.0, 4, 1], [9, 3, 2], [6, 5, 1]])
    theta = 1 / (1 + jnp.exp(-examine_logit))
    gamma = 1 / (1 + jnp.exp(-attract_logit))
    rows = np.arange(3)[:, None]
    for _ in range(2):
        attract = gamma[rows, shown]  # queries by positions
        examine = theta[None, :]
        no_click = 1 - examine * attract
        seen_not_liked = examine * (1 - attract) / no_click
        liked_not_seen = (1 - examine) * attract / no_click
        skipped = impressions - clicks
        theta = (clicks + skipped * seen_not_liked).sum(axis=0) / impressions.sum(axis=0)
        liked = (clicks + skipped * liked_not_seen) / impressions
        gamma = jnp.zeros((3, 3)).at[rows, shown].set(liked)
    attract = gamma[rows, shown]
    p = theta[None, :] * attract
    loglik = jnp.sum(clicks * jnp.log(p) + (impressions - clicks) * jnp.log(1 - p))
    propensity = 1 / jnp.maximum(theta / theta[0], 0.01)
    score = jnp.log(gamma / (1 - gamma))
    choice = jnp.exp(score) / jnp.exp(score).sum(axis=1, keepdims=True)
    listwise = -jnp.sum(propensity * clicks * jnp.log(choice[rows, shown])) / clicks.sum()
    perplexity = 2 ** (-loglik / math.log(2) / impressions.sum())
    return jnp.stack([-loglik / 225.0, listwise / 3, perplexity, jnp.log(theta[2] / theta[0])])


FILTERS = (
    Form("everyday", "pixelcnn_logistic_mixture", pixelcnn_logistic_mixture, "logits", (12,)),
    Form("everyday", "monotonic_chunk_attention", monotonic_chunk_attention, "logits", (12,)),
    Form("everyday", "hamilton_regime_filter", hamilton_regime_filter, "logits", (12,)),
    Form("everyday", "rasch_conditional_likelihood", rasch_conditional_likelihood, "logits", (12,)),
    Form("everyday", "mixed_logit_panel", mixed_logit_panel, "logits", (12,)),
    Form("everyday", "soft_resampled_filter", soft_resampled_filter, "logits", (12,)),
    Form("everyday", "bregman_barycentre", bregman_barycentre, "logits", (12,)),
    Form("everyday", "position_click_em", position_click_em, "logits", (12,)),
)
