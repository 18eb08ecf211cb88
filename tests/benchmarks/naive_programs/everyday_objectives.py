"""Longer objectives: topics, flows, policies, experts, trees, diffusion, planning."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def prodlda_topic_elbo(x):
    """ProdLDA and its mixture twin: Laplace prior, logistic-normal topics, KL, topic diversity."""
    mu, raw_logvar, word_score = x[:3], x[3:6], x[6:].reshape(3, 2)
    logvar = 2.0 * jnp.tanh(0.5 * raw_logvar)
    alpha, k = 0.7, 3
    prior_mean = jnp.zeros(k)
    prior_var = (1 / alpha) * (1 - 2 / k) + 1 / (k * alpha)
    noise = jnp.array([[0.5, -0.9, 0.2], [-1.1, 0.3, 0.8]])
    counts = jnp.array([3.0, 0.0, 1.0, 2.0])
    base = jnp.array([[0.3, -0.2], [-0.5, 0.6], [0.1, 0.4]])
    beta = jnp.concatenate([word_score, base], axis=1)  # topics by words
    z = mu[None, :] + jnp.exp(0.5 * logvar)[None, :] * noise
    theta = jnp.exp(z) / jnp.exp(z).sum(axis=1, keepdims=True)
    # product of experts: mix in the natural parameters
    eta = theta @ beta
    words = jnp.exp(eta) / jnp.exp(eta).sum(axis=1, keepdims=True)
    recon_product = (counts * jnp.log(words + 1e-10)).sum(axis=1).mean()
    # mixture: normalise every topic first
    topics = jnp.exp(beta) / jnp.exp(beta).sum(axis=1, keepdims=True)
    recon_mixture = (counts * jnp.log(theta @ topics)).sum(axis=1).mean()
    var_ratio = jnp.exp(logvar) / prior_var
    distance = (mu - prior_mean) ** 2 / prior_var
    kl = 0.5 * jnp.sum(var_ratio + distance + math.log(prior_var) - logvar - 1)
    theta_entropy = -(theta * jnp.log(theta)).sum(axis=1).mean()
    mean_topic = topics.mean(axis=0)
    diversity = jnp.sum(topics * jnp.log(topics / mean_topic)) / k
    perplexity = jnp.exp(-recon_mixture / counts.sum())
    return jnp.stack(
        [
            -(recon_product - kl),
            -(recon_mixture - kl),
            theta_entropy,
            diversity,
            jnp.log(perplexity),
        ]
    )


def continuous_flow_midpoint(x):
    """FFJORD in the plane: tanh network by exponentials, midpoint steps, trace, logistic base."""
    z, w, b, gate_raw = x[:2], x[2:8].reshape(3, 2), x[8:11], x[11]
    out = jnp.array([[0.7, -0.2, 0.4], [-0.5, 0.6, 0.3]])
    steps, dt = 4, 0.25

    def tanh(v):
        return (jnp.exp(2 * v) - 1) / (jnp.exp(2 * v) + 1)

    def field(point, time):
        gate = 1 / (1 + jnp.exp(-(gate_raw + time)))
        h = tanh(w @ point + b)
        velocity = gate * (out @ h)
        slope = 1 - h**2
        trace = gate * jnp.einsum("ih,h,hi->", out, slope, w)
        return velocity, trace

    total_trace = 0.0
    kinetic = 0.0
    for i in range(steps):
        t = i * dt
        v0, _ = field(z, t)
        v1, tr = field(z + 0.5 * dt * v0, t + 0.5 * dt)
        z = z + dt * v1
        total_trace = total_trace + dt * tr
        kinetic = kinetic + dt * jnp.sum(v1**2)
    base = jnp.exp(-z) / (1 + jnp.exp(-z)) ** 2
    log_prob = jnp.log(jnp.prod(base)) - total_trace
    label = 1 / (1 + jnp.exp(-(z[0] - z[1])))
    classified = -jnp.log(1 - label)
    return jnp.stack([-log_prob, 0.01 * kinetic, classified])


def dapo_group_tokens(x):
    """DAPO: four completions of three tokens, clip-higher, token mean, overlong penalty."""
    logits = x.reshape(4, 3)
    old_p = jnp.array([[0.5, 0.6, 0.4], [0.3, 0.7, 0.5], [0.8, 0.5, 0.6], [0.4, 0.2, 0.9]])
    took_one = jnp.array([[1, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0]])
    mask = jnp.array([[1.0, 1, 1], [1, 1, 0], [1, 1, 1], [1, 0, 0]])
    correct = jnp.array([1.0, -1.0, -1.0, 1.0])
    p_one = 1.0 / (1.0 + jnp.exp(-logits))
    p = jnp.where(took_one == 1, p_one, 1 - p_one)
    logp, old_logp = jnp.log(p), jnp.log(old_p)
    # soft overlong punishment: from two tokens on
    length = mask.sum(axis=1)
    overlong = jnp.clip((2.0 - length) / 2.0, -1.0, 0.0)
    reward = correct + overlong
    mean = reward.mean()
    std = jnp.sqrt(((reward - mean) ** 2).mean())
    advantage = ((reward - mean) / (std + 1e-8))[:, None]
    ratio = jnp.exp(logp - old_logp)
    low, high = 0.2, 0.28
    unclipped = ratio * advantage
    clipped = jnp.clip(ratio, 1 - low, 1 + high) * advantage
    objective = jnp.minimum(unclipped, clipped)
    # dual clip for negative advantages
    objective = jnp.where(advantage < 0, jnp.maximum(objective, 3.0 * advantage), objective)
    policy = -(objective * mask).sum() / mask.sum()
    entropy = -(p_one * jnp.log(p_one) + (1 - p_one) * jnp.log(1 - p_one))
    entropy = (entropy * mask).sum() / mask.sum()
    # REINFORCE with a detached, truncated weight (CISPO) as a second objective
    weight = jax.lax.stop_gradient(jnp.minimum(ratio, 1.5))
    cispo = -(weight * advantage * logp * mask).sum() / mask.sum()
    kl = (ratio * (logp - old_logp) * mask).sum() / mask.sum()
    dynamic = (jnp.abs(advantage[:, 0]) > 1e-6).mean()
    return jnp.stack([policy - 0.01 * entropy, cispo, kl * dynamic])


def deepseek_sigmoid_moe(x):
    """DeepSeek-V3 routing: sigmoid affinities, bias for choice only, top-2, SwiGLU, balance."""
    h = x.reshape(4, 3)  # tokens by width
    centroid = jnp.array([[1.0, -0.3, 0.2, 0.5], [0.1, 0.9, -0.6, -0.2], [-0.4, 0.3, 0.8, 0.6]])
    bias = jnp.array([0.02, -0.05, 0.0, 0.1])
    gate_w = jnp.array([[0.6, -0.2], [0.3, 0.9], [-0.7, 0.4]])
    up_w = jnp.array([[0.5, 0.1], [-0.4, 0.8], [0.2, -0.6]])
    expert_scale = jnp.array([[1.0, 0.4], [-0.8, 1.2], [0.3, -0.9], [0.7, 0.6]])
    affinity = 1 / (1 + jnp.exp(-(h @ centroid)))  # tokens by experts
    ranked = jax.lax.stop_gradient(affinity + bias)
    second = jnp.sort(ranked, axis=1)[:, -2:-1]
    chosen = (ranked >= second).astype(jnp.float32)
    kept = affinity * chosen
    weight = kept / (kept.sum(axis=1, keepdims=True) + 1e-20)
    gate, up = h @ gate_w, h @ up_w
    swish = gate / (1 + jnp.exp(-gate))
    hidden = swish * up / (1 + jnp.abs(up))
    expert = jnp.einsum("td,ed->ted", hidden, expert_scale)
    routed = 2.5 * jnp.einsum("te,ted->td", weight, expert)
    residual = jnp.concatenate([routed + hidden, h[:, :1]], axis=1)
    normed = residual * (jnp.mean(residual**2, axis=1, keepdims=True) + 1e-6) ** -0.5
    # balance over the sequence
    share = affinity / affinity.sum(axis=1, keepdims=True)
    balance = 1e-3 * jnp.sum(chosen.mean(axis=0) * 2 * share.mean(axis=0))
    # next token, and the one after (multi-token prediction)
    head = jnp.array([[2.0, -1.0, 0.5], [0.4, 1.5, -0.9], [-0.7, 0.2, 1.1]])
    logits = jnp.stack([normed[:-1] @ head, (normed[1:] + h[1:]) @ head])
    prob = jnp.exp(logits) / jnp.exp(logits).sum(axis=-1, keepdims=True)
    targets = jnp.array([[1, 2, 0], [2, 0, 1]])
    nll = -jnp.log(jnp.take_along_axis(prob, targets[..., None], axis=-1)).mean(axis=(1, 2))
    router_entropy = -(weight * jnp.log(weight + 1e-9)).sum(axis=1).mean()
    return nll[0] + 0.3 * nll[1] + balance - 0.001 * router_entropy


def birth_death_tree(x):
    """Reconstructed birth-death tree: incomplete sampling, survival conditioning, relaxed clock."""
    birth = jnp.log(1 + jnp.exp(x[0])) + 0.05
    turnover = 1 / (1 + jnp.exp(-x[1]))
    sampled = 0.1 + 0.9 / (1 + jnp.exp(-x[2]))
    waits = jnp.log(1 + jnp.exp(x[3:9]))
    clock = x[9:]
    death = birth * turnover
    net = birth - death
    age = jnp.cumsum(waits)  # node ages, youngest first
    root = age[-1]

    def still_here(t):
        """Chance that a lineage has a sampled descendant after time t."""
        decay = jnp.exp(-net * t)
        return sampled * net / (sampled * birth + (birth * (1 - sampled) - death) * decay)

    def one_lineage(t):
        decay = jnp.exp(-net * t)
        bottom = sampled * birth + (birth * (1 - sampled) - death) * decay
        return sampled * net**2 * decay / bottom**2

    loglik = jnp.sum(jnp.log(birth * one_lineage(age[:-1])))
    loglik = loglik + 2 * jnp.log(one_lineage(root))
    conditioned = loglik - 2 * jnp.log(still_here(root))
    extinct = 1 - still_here(age)
    # clock: three branches, Jukes-Cantor mismatches among ten sites
    rate = jnp.log(1 + jnp.exp(clock))
    differ = 0.75 * (1 - jnp.exp(-4 / 3 * rate * waits[:3]))
    mismatches = jnp.array([1.0, 4.0, 2.0])
    sites = jnp.sum(mismatches * jnp.log(differ / 3) + (10 - mismatches) * jnp.log(1 - differ))
    expected = jnp.log(net) + net * root / (1 + net * root)
    return jnp.stack([-conditioned / 6, jnp.mean(extinct), -sites / 10, expected])


def masked_diffusion_elbo(x):
    """Masked diffusion (MDLM): substitution parameters, weighted ELBO at two times."""
    logits = x.reshape(4, 3)  # positions by words, the mask itself is word 3
    tokens = jnp.array([0, 2, 1, 2])
    clean = jax.nn.one_hot(tokens, 3)
    masked_early = jnp.array([0.0, 1.0, 0.0, 1.0])
    masked_late = jnp.array([1.0, 1.0, 0.0, 1.0])
    times = [0.35, 0.8]
    expo = jnp.exp(logits)
    network = expo / jnp.sum(expo, axis=1, keepdims=True)
    eps = 1e-3
    elbo, unweighted = 0.0, 0.0
    for t, masked in zip(times, [masked_early, masked_late], strict=True):
        # log-linear noise: sigma(t) = -log(1 - (1 - eps) t)
        sigma = -math.log1p(-(1 - eps) * t)
        rate = (1 - eps) / (1 - (1 - eps) * t)
        prediction = masked[:, None] * network + (1 - masked[:, None]) * clean
        token_p = jnp.sum(prediction * clean, axis=1)
        nll = -jnp.log(token_p) * masked
        elbo = elbo + rate / (math.exp(sigma) - 1) * nll.sum() / 2
        unweighted = unweighted + nll.sum() / masked.sum() / 2
    # one reverse step from the late time, by posterior of the substitution
    alpha_t = 1 - (1 - eps) * times[1]
    alpha_s = 1 - (1 - eps) * (times[1] - 0.2)
    unmask = (alpha_s - alpha_t) / (1 - alpha_t)
    posterior = jnp.concatenate([unmask * network, jnp.full((4, 1), 1 - unmask)], axis=1)
    sharp = posterior ** (1 / 0.7)
    sharp = sharp / sharp.sum(axis=1, keepdims=True)
    step_entropy = -jnp.sum(masked_late * jnp.sum(sharp * jnp.log(sharp), axis=1))
    confidence = jnp.where(masked_late > 0, jnp.max(network, axis=1), -1e9)
    most_sure = jnp.log(jnp.max(confidence))
    return jnp.stack([elbo, unweighted, step_entropy, most_sure])


def maxent_inverse_rl(x):
    """Maximum-entropy IRL: soft value iteration, visitation counts, demonstration likelihood."""
    reward = x.reshape(4, 3)  # states by actions: back, stay, onward
    destination = np.array([[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 3]])
    horizon, gamma = 5, 0.9
    demos = [[(0, 2), (1, 2), (2, 2), (3, 1)], [(1, 0), (0, 2), (1, 2), (2, 1)]]

    def soft_value(q):
        return jnp.log(jnp.sum(jnp.exp(q), axis=1))

    value = jnp.zeros(4)
    policies = []
    for _ in range(horizon):
        q = reward + gamma * value[destination]
        value = soft_value(q)
        policy = jnp.exp(q) / jnp.exp(q).sum(axis=1, keepdims=True)
        policies.append(policy)
    # the first backup belongs to the last step
    policies = policies[::-1]
    occupancy = jnp.array([0.5, 0.5, 0.0, 0.0])
    visits = jnp.zeros((4, 3))
    causal_entropy = 0.0
    for t in range(horizon):
        joint = occupancy[:, None] * policies[t]
        visits = visits + gamma**t * joint
        causal_entropy = causal_entropy - gamma**t * jnp.sum(joint * jnp.log(policies[t]))
        occupancy = jax.ops.segment_sum(joint.ravel(), destination.ravel(), num_segments=4)
    likelihood = 0.0
    empirical = np.zeros((4, 3), np.float32)
    for demo in demos:
        path = 1.0
        for t, (s, a) in enumerate(demo):
            path = path * policies[t][s, a]
            empirical[s, a] += gamma**t / 2
        likelihood = likelihood + jnp.log(path) / len(demos)
    feature_gap = jnp.sum((visits - empirical) ** 2)
    return jnp.stack([-likelihood, feature_gap, causal_entropy, value[0] - value[3]])


def gated_delta_network(x):
    """Gated DeltaNet: normalised keys, decays exp(-A softplus), delta rule, gated RMS norm."""
    h = x.reshape(4, 3)  # tokens by width
    wq = jnp.array([[0.8, -0.3], [0.2, 0.7], [-0.5, 0.4]])
    wk = jnp.array([[0.4, 0.6], [-0.7, 0.3], [0.5, 0.9]])
    wv = jnp.array([[1.0, 0.2], [-0.1, 0.6], [0.3, -0.8]])
    wg = jnp.array([[0.3, -0.5], [0.9, 0.4], [-0.2, 0.7]])
    a_log, dt_bias = 0.4, -0.5

    def silu(u):
        return u * (1 / (1 + jnp.exp(-u)))

    def unit(u):
        return u / jnp.sqrt(jnp.sum(u**2, axis=-1, keepdims=True) + 1e-6)

    q, k, v = unit(silu(h @ wq)), unit(silu(h @ wk)), silu(h @ wv)
    beta = 1 / (1 + jnp.exp(-h[:, 0]))
    step = jnp.log(1 + jnp.exp(h[:, 1] + dt_bias))
    decay = jnp.exp(-math.exp(a_log) * step)
    state = jnp.zeros((2, 2))
    outs = []
    for t in range(4):
        state = decay[t] * state
        recalled = state @ k[t]
        state = state + beta[t] * jnp.outer(v[t] - recalled, k[t])
        outs.append(state @ q[t])
    out = jnp.stack(outs)
    normed = out / jnp.sqrt(jnp.mean(out**2, axis=1, keepdims=True) + 1e-5)
    gated = normed * jax.nn.silu(h @ wg)
    logits = gated @ jnp.array([[1.0, -0.6, 0.3], [0.2, 0.8, -0.9]])
    expo = jnp.exp(logits)
    p = expo / expo.sum(axis=-1)[:, None]
    nll = -jnp.log(p[jnp.arange(4), jnp.array([2, 0, 1, 1])]).mean()
    forget = -jnp.mean(jnp.log(1 - decay))
    return jnp.stack([nll, 0.01 * forget, jnp.log(jnp.prod(decay)) / 4])


OBJECTIVES = (
    Form("everyday", "prodlda_topic_elbo", prodlda_topic_elbo, "logits", (12,)),
    Form("everyday", "continuous_flow_midpoint", continuous_flow_midpoint, "logits", (12,)),
    Form("everyday", "dapo_group_tokens", dapo_group_tokens, "logits", (12,)),
    Form("everyday", "deepseek_sigmoid_moe", deepseek_sigmoid_moe, "logits", (12,)),
    Form("everyday", "birth_death_tree", birth_death_tree, "logits", (12,)),
    Form("everyday", "masked_diffusion_elbo", masked_diffusion_elbo, "logits", (12,)),
    Form("everyday", "maxent_inverse_rl", maxent_inverse_rl, "logits", (12,)),
    Form("everyday", "gated_delta_network", gated_delta_network, "logits", (12,)),
)
