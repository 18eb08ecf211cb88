"""Naive programs with gates, attention, and bounds of latent variables."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def sigmoid(z):
    return 1.0 / (1.0 + jnp.exp(-z))


# ---------------------------------------------------------------- recurrent, attention


def pondernet_halting(x):
    """PonderNet: halting probabilities, expected loss over steps, KL to a geometric prior."""
    halt_logit, logits = x[:4], x[4:].reshape(4, 2)
    lam = jax.nn.sigmoid(halt_logit).at[-1].set(1.0)
    still = jnp.ones(())
    p = []
    for n in range(4):
        p.append(lam[n] * still)
        still = still * (1 - lam[n])
    p = jnp.stack(p)
    probs = jnp.exp(logits) / jnp.exp(logits).sum(-1, keepdims=True)
    step_loss = -jnp.log(probs[:, 0])
    prior = 0.3 * 0.7 ** jnp.arange(4)
    prior = prior / prior.sum()
    kl = (p * (jnp.log(p) - jnp.log(prior))).sum()
    expected_steps = p @ jnp.arange(1.0, 5.0)
    return (p * step_loss).sum() + 0.1 * kl + 0.01 * expected_steps


def stick_breaking_attention(x):
    """Attention by sticks: each query walks back, takes beta of what is left."""
    q = x @ jnp.array([[0.5, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.1, -0.6, 0.9]])
    k = x @ jnp.array([[0.7, -0.2, 0.3], [0.4, 0.5, -0.5], [-0.1, 0.3, 0.6]])
    v = jnp.tanh(x)
    z = jnp.einsum("id,jd->ij", q, k) / jnp.sqrt(3.0)
    beta = 1 / (1 + jnp.exp(-z))
    rows = []
    for i in range(4):
        remaining = 1.0
        row = [jnp.zeros(())] * 4
        for j in range(i, -1, -1):
            row[j] = beta[i, j] * remaining
            remaining = remaining * (1 - beta[i, j])
        rows.append(jnp.stack(row))
    attention = jnp.stack(rows)
    out = attention @ v + (1 - attention.sum(axis=1, keepdims=True)) * v.mean(axis=0)
    logits = out @ jnp.array([[1.0, -1.0], [0.5, 0.7], [-0.8, 0.2]])
    p = jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)
    return -jnp.mean(jnp.log(p[jnp.arange(4), jnp.array([0, 1, 1, 0])]))


def slstm_exponential_gates(x):
    """xLSTM's scalar cell: exponential input gates, a normaliser state, four steps."""
    i_pre, f_pre, z_pre = x[:4], x[4:8], x[8:]
    o = jax.nn.sigmoid(jnp.array([0.3, -0.2, 0.9, 0.1]) + 0.1 * jnp.tanh(z_pre))
    cell = jnp.zeros(())
    norm = jnp.zeros(())
    hidden = []
    for t in range(4):
        i = jnp.exp(i_pre[t])
        f = jnp.exp(f_pre[t]) if t % 2 else jax.nn.sigmoid(f_pre[t])
        cell = f * cell + i * jnp.tanh(z_pre[t])
        norm = f * norm + i
        hidden.append(o[t] * cell / norm)
    hidden = jnp.stack(hidden)
    prediction = 1 / (1 + jnp.exp(-3.0 * hidden))
    y = jnp.array([1.0, 0.0, 1.0, 1.0])
    return -(y * jnp.log(prediction) + (1 - y) * jnp.log(1 - prediction)).mean()


def mamba_selective_scan(x):
    """S6 block: zero-order hold (exp(ΔA) - 1)/A, unrolled recurrence, SiLU gate."""
    u, raw_delta, gate = x[:4], x[4:8], x[8:]
    a = -jnp.exp(jnp.array([-0.5, 0.7]))
    b = jnp.array([[0.5, -0.3], [0.2, 0.9], [-0.7, 0.4], [1.0, 0.1]])
    c = jnp.array([[1.0, 0.4], [-0.6, 0.8], [0.3, 0.3], [0.9, -0.5]])
    delta = jnp.log(1 + jnp.exp(raw_delta - 2.0))
    a_bar = jnp.exp(delta[:, None] * a)
    b_bar = (a_bar - 1.0) / a * b
    signal = jnp.tanh(u)
    state = jnp.zeros(2)
    outputs = []
    for t in range(4):
        state = a_bar[t] * state + b_bar[t] * signal[t]
        outputs.append(c[t] @ state + 0.5 * signal[t])
    y = jnp.stack(outputs)
    y = y * gate / (1 + jnp.exp(-gate))
    return y / jnp.sqrt(jnp.mean(y**2) + 1e-6)


def differential_attention(x):
    """Differential transformer: softmax minus lambda softmax, causal, normed, next-token loss."""
    w1 = jnp.array([[0.6, -0.2], [0.1, 0.9], [-0.5, 0.3]])
    w2 = jnp.array([[-0.4, 0.3], [0.7, 0.2], [0.2, -0.8]])
    lam = jnp.exp(0.3) - jnp.exp(-0.2) + 0.2
    mask = jnp.tril(jnp.ones((4, 4), dtype=bool))

    def weights(w):
        s = jnp.where(mask, (x @ w) @ (x @ w).T / 1.414, -jnp.inf)
        e = jnp.exp(s)
        return e / jnp.sum(e, axis=-1)[:, None]

    attention = weights(w1) - lam * weights(w2)
    out = attention @ jnp.tanh(x)
    out = out / jnp.sqrt((out**2).mean(-1, keepdims=True) + 1e-5) * (1 - 0.2)
    logits = out @ jnp.array([[1.0, -0.4, 0.3], [0.2, 0.9, -0.7], [-0.5, 0.1, 0.8]])
    probs = jnp.exp(logits) / jnp.exp(logits).sum(axis=-1, keepdims=True)
    return -jnp.log(probs[jnp.arange(3), jnp.array([1, 2, 0])]).sum()


def forgetting_attention(x):
    """Forgetting transformer: products of forget gates multiply the exponentials."""
    q, k, f_logit = x[:4], x[4:8], x[8:]
    v = jnp.array([[0.3, -1.0], [1.2, 0.4], [-0.6, 0.8], [0.9, 0.1]])
    forget = 1 / (1 + jnp.exp(-f_logit))
    decay = jnp.stack(
        [
            jnp.stack(
                [jnp.prod(forget[j + 1 : i + 1]) if j <= i else jnp.zeros(()) for j in range(4)]
            )
            for i in range(4)
        ]
    )
    score = jnp.exp(q[:, None] * k[None, :])
    unnormalised = decay * score
    attention = unnormalised / unnormalised.sum(axis=1, keepdims=True)
    entropy = -jnp.sum(attention * jnp.log(attention + 1e-9), axis=1)
    out = attention @ v
    return jnp.append(out.sum(axis=0), entropy.mean())


def ntm_addressing(x):
    """Neural Turing machine head: content, interpolation, shift, sharpening, read."""
    key, beta_raw, gate_raw = x[:3], x[3], x[4]
    shift_raw, gamma_raw = x[5:8], x[8]
    memory = jnp.array([[0.9, -0.1, 0.3], [0.2, 0.8, -0.5], [-0.7, 0.4, 0.6], [0.1, -0.9, 0.2]])
    previous = jnp.array([0.1, 0.6, 0.2, 0.1])
    beta = jnp.log(1 + jnp.exp(beta_raw))
    gamma = 1 + jnp.log(1 + jnp.exp(gamma_raw))
    dot = memory @ key
    cosine = dot / (jnp.sqrt(jnp.sum(memory**2, 1)) * jnp.sqrt(jnp.sum(key**2)) + 1e-8)
    content = jnp.exp(beta * cosine)
    content = content / content.sum()
    g = 1 / (1 + jnp.exp(-gate_raw))
    gated = g * content + (1 - g) * previous
    s = jnp.exp(shift_raw) / jnp.exp(shift_raw).sum()
    shifted = s[0] * jnp.roll(gated, -1) + s[1] * gated + s[2] * jnp.roll(gated, 1)
    sharp = shifted**gamma
    w = sharp / (sharp.sum() + 1e-16)
    return w @ memory


def relaxed_subset(x):
    """Relaxed top-3: repeatedly take a softmax, discount by log(1 - p); then a masked loss."""
    gumbel = jnp.array([0.2, -0.4, 0.7, 0.0, 1.1, -0.3])
    keys = x + gumbel
    khot = jnp.zeros_like(x)
    onehot = jnp.zeros_like(x)
    for _ in range(3):
        keys = keys + jnp.log(1 - onehot + 1e-7)
        e = jnp.exp(keys / 0.5)
        onehot = e / e.sum()
        khot = khot + onehot
    features = jnp.array([0.5, -1.0, 0.25, 2.0, -0.5, 1.5])
    margin = khot @ features
    return -jnp.log(1 / (1 + jnp.exp(-margin)))


def soft_moe_dispatch(x):
    """Soft MoE: dispatch softmax over tokens, combine softmax over slots, expert tanh, loss."""
    phi = x  # tokens by slots
    tokens = jnp.array([[0.4, -1.0], [1.3, 0.2], [-0.7, 0.9], [0.1, 0.6]])
    dispatch = jnp.exp(phi) / jnp.exp(phi).sum(axis=0, keepdims=True)
    combine = jnp.exp(phi) / jnp.exp(phi).sum(axis=1, keepdims=True)
    slots = dispatch.T @ tokens
    experts = jnp.array(
        [[[0.9, 0.1], [-0.3, 0.7]], [[0.2, -0.8], [0.5, 0.5]], [[-0.6, 0.4], [1.0, 0.3]]]
    )
    processed = jnp.tanh(jnp.einsum("sd,sde->se", slots, experts))
    out = combine @ processed
    importance = combine.sum(axis=0)
    cv = importance.var() / importance.mean() ** 2
    z_loss = jnp.mean(jnp.log(jnp.sum(jnp.exp(phi), axis=1)) ** 2)
    return ((out - tokens) ** 2).mean() + 0.01 * cv + 0.001 * z_loss


# ---------------------------------------------------------------- variational


def kumaraswamy_sticks(x):
    """Stick-breaking VAE: Kumaraswamy samples by inverse CDF, sticks, log density, class loss."""
    a = jnp.log(1 + jnp.exp(x[:3])) + 0.05
    b = jnp.log(1 + jnp.exp(x[3:6])) + 0.05
    u = jnp.array([0.35, 0.6, 0.15])
    v = (1 - (1 - u) ** (1 / b)) ** (1 / a)
    pieces = []
    left = 1.0
    for k in range(3):
        pieces.append(v[k] * left)
        left = left * (1 - v[k])
    pi = jnp.stack([*pieces, left])
    log_q = jnp.log(a) + jnp.log(b) + (a - 1) * jnp.log(v) + (b - 1) * jnp.log(1 - v**a)
    log_p = jnp.log(2.0) + (2.0 - 1) * jnp.log(1 - v)
    emission = jnp.array([0.1, 0.5, 0.3, 0.05])
    return -jnp.log(pi @ emission) + (log_q - log_p).sum()


def improved_ddpm_bound(x):
    """Improved DDPM: interpolated log variances, Gaussian KL, discretised decoder likelihood."""
    eps_out, var_out = x[:6], x[6:]
    beta, beta_tilde = 0.02, 0.012
    frac = (jnp.tanh(var_out) + 1) / 2
    log_var = frac * jnp.log(beta) + (1 - frac) * jnp.log(beta_tilde)
    true_mean = jnp.array([0.3, -0.5, 0.1, 0.8, -0.2, 0.0])
    mean = true_mean + 0.1 * jnp.tanh(eps_out)
    true_log_var = jnp.log(beta_tilde)
    kl = 0.5 * (
        -1.0
        + log_var
        - true_log_var
        + jnp.exp(true_log_var - log_var)
        + (true_mean - mean) ** 2 * jnp.exp(-log_var)
    )

    def approx_cdf(z):
        return 0.5 * (1.0 + jnp.tanh(jnp.sqrt(2.0 / jnp.pi) * (z + 0.044715 * z**3)))

    target = jnp.array([0.302, -0.498, 1.0, 0.8039, -1.0, 0.0039])
    centred = target - mean
    inv_std = jnp.exp(-0.5 * log_var)
    plus = approx_cdf(inv_std * (centred + 1.0 / 255))
    minus = approx_cdf(inv_std * (centred - 1.0 / 255))
    log_cdf_plus = jnp.log(jnp.clip(plus, 1e-12))
    log_one_minus = jnp.log(jnp.clip(1.0 - minus, 1e-12))
    middle = jnp.log(jnp.clip(plus - minus, 1e-12))
    log_probs = jnp.where(
        target < -0.999, log_cdf_plus, jnp.where(target > 0.999, log_one_minus, middle)
    )
    return kl.mean() / jnp.log(2.0) - log_probs.mean() / jnp.log(2.0)


def bayes_by_backprop(x):
    """Weight uncertainty: softplus deviations, a scale mixture as prior, a logistic regression."""
    mu, rho = x[:4], x[4:8]
    noise = jnp.array([0.4, -1.2, 0.3, 0.9])
    sigma = jnp.log(1 + jnp.exp(rho))
    w = mu + sigma * noise

    def normal(value, m, s):
        return jnp.exp(-0.5 * ((value - m) / s) ** 2) / (jnp.sqrt(2 * jnp.pi) * s)

    log_q = jnp.log(normal(w, mu, sigma)).sum()
    log_prior = jnp.log(0.25 * normal(w, 0.0, 1.0) + 0.75 * normal(w, 0.0, 0.05)).sum()
    data = jnp.array([[1.0, 0.3, -0.5, 1], [0.2, -1.1, 0.4, 1], [-0.6, 0.7, 0.9, 1]])
    label = jnp.array([1.0, 0.0, 1.0])
    p = sigmoid(data @ w)
    log_likelihood = jnp.sum(label * jnp.log(p) + (1 - label) * jnp.log(1 - p))
    return (log_q - log_prior) / 10 - log_likelihood


def sparse_variational_dropout(x):
    """Molchanov's KL approximation, multiplicative noise from log alpha, sparsity fraction."""
    theta, log_sigma2 = x[:5], x[5:10]
    log_alpha = log_sigma2 - jnp.log(theta**2 + 1e-8)
    k1, k2, k3 = 0.63576, 1.87320, 1.48695
    alpha = jnp.exp(log_alpha)
    minus_kl = k1 * (1 / (1 + jnp.exp(-(k2 + k3 * log_alpha)))) - 0.5 * jnp.log(1 + 1 / alpha) - k1
    keep = jnp.where(log_alpha < 3.0, theta, 0.0)
    features = jnp.array([0.5, -0.3, 0.8, 0.1, -0.9])
    activation = keep @ features
    spread = jnp.sqrt(jnp.sum(features**2 * jnp.exp(log_sigma2)) + 1e-8)
    return -minus_kl.sum() + jnp.log(1 + jnp.exp(-(activation + 0.3 * spread)))


def semi_supervised_vae(x):
    """Kingma's M2: per-class bounds weighted by q(y|x), its entropy, labelled class loss."""
    class_logits, mu, logvar = x[:3], x[3:6], x[6:9]
    image = jnp.array([1.0, 0.0, 1.0, 1.0])
    decode = jnp.array([[0.7, -0.4, 0.5, 0.2], [-0.9, 1.1, -0.3, 0.6], [0.1, 0.3, 1.2, -0.8]])
    label_bias = jnp.array([[0.2, 0.1, -0.4, 0.5], [-0.6, 0.3, 0.8, 0.0], [0.4, -0.7, 0.1, 0.9]])
    q_y = jnp.exp(class_logits) / jnp.exp(class_logits).sum()
    z = mu + jnp.exp(0.5 * logvar) * jnp.array([0.3, -0.8, 0.5])
    kl_z = -0.5 * jnp.sum(1 + logvar - mu**2 - jnp.exp(logvar))

    def bound(y):
        pixel = 1 / (1 + jnp.exp(-(jnp.tanh(z) @ decode + label_bias[y])))
        recon = (image * jnp.log(pixel) + (1 - image) * jnp.log(1 - pixel)).sum()
        return recon + jnp.log(1 / 3) - kl_z

    per_class = jnp.stack([bound(y) for y in range(3)])
    entropy = -jnp.sum(q_y * jnp.log(q_y))
    unlabelled = jnp.dot(q_y, per_class) + entropy
    labelled = per_class[1] + 0.1 * jnp.log(q_y[1])
    return -(unlabelled + labelled)


GATING = (
    Form("everyday", "pondernet_halting", pondernet_halting, "logits", (12,)),
    Form("everyday", "stick_breaking_attention", stick_breaking_attention, "logits", (4, 3)),
    Form("everyday", "slstm_exponential_gates", slstm_exponential_gates, "logits", (12,)),
    Form("everyday", "mamba_selective_scan", mamba_selective_scan, "logits", (12,)),
    Form("everyday", "differential_attention", differential_attention, "logits", (4, 3)),
    Form("everyday", "forgetting_attention", forgetting_attention, "logits", (12,)),
    Form("everyday", "ntm_addressing", ntm_addressing, "logits", (9,)),
    Form("everyday", "relaxed_subset", relaxed_subset, "logits", (6,)),
    Form("everyday", "soft_moe_dispatch", soft_moe_dispatch, "logits", (4, 3)),
    Form("everyday", "kumaraswamy_sticks", kumaraswamy_sticks, "logits", (6,)),
    Form("everyday", "improved_ddpm_bound", improved_ddpm_bound, "logits", (12,)),
    Form("everyday", "bayes_by_backprop", bayes_by_backprop, "logits", (8,)),
    Form("everyday", "sparse_variational_dropout", sparse_variational_dropout, "logits", (10,)),
    Form("everyday", "semi_supervised_vae", semi_supervised_vae, "logits", (9,)),
)
