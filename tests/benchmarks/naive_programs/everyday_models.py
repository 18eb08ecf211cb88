"""Models written out in full: likelihoods, chains, attention, rankings."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax


def normal_pdf(x, mu, sigma):
    """The density of a normal distribution."""
    return jnp.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * jnp.sqrt(2 * jnp.pi))


def cumulative_links(x):
    """Ordinal regression, cumulative link with 0/1 ends."""
    cuts = jnp.array([-1.0, 0.5, 2.0])
    eta = x[:, 0]
    cdf = sigmoid(cuts[None] - eta[:, None])
    full = jnp.concatenate([jnp.zeros((3, 1)), cdf, jnp.ones((3, 1))], axis=1)
    probs = full[:, 1:] - full[:, :-1]
    y = jnp.array([0, 2, 3])
    picked = jnp.take_along_axis(probs, y[:, None], axis=1)[:, 0]
    return -jnp.mean(jnp.log(picked))


def discretised_logistics(x):
    """Discretised mixture of logistics, one pixel."""
    pi = softmax(x[0])
    mu = x[1]
    inv = jnp.exp(-0.01 * x[2])
    v = 0.25
    up = sigmoid(inv * (v - mu + 1 / 255))
    lo = sigmoid(inv * (v - mu - 1 / 255))
    return -jnp.log(jnp.sum(pi * (up - lo)))


def two_heads(x):
    """Two heads, causal and padding mask, output projection."""
    wq = jnp.array(np.random.RandomState(0).randn(2, 4, 2), "float32")
    wk = jnp.array(np.random.RandomState(1).randn(2, 4, 2), "float32")
    wv = jnp.array(np.random.RandomState(2).randn(2, 4, 2), "float32")
    wo = jnp.array(np.random.RandomState(3).randn(4, 3), "float32")
    q = jnp.einsum("td,hdk->htk", x, wq) * 0.01
    k = jnp.einsum("td,hdk->htk", jnp.tanh(x), wk)
    v = jnp.einsum("td,hdk->htk", jnp.tanh(x), wv)
    scores = jnp.einsum("hik,hjk->hij", q, k) / jnp.sqrt(2.0)
    causal = jnp.tril(jnp.ones((3, 3), bool))
    scores = jnp.where(causal[None], scores, -jnp.inf)
    p = softmax(scores)
    o = jnp.einsum("hij,hjk->ihk", p, v).reshape(3, 4)
    return o @ wo


def attention_by_lengths(x):
    """Luong attention with length masks, context, then a softmax over words."""
    lengths = jnp.array([4, 2, 3])
    keys = jnp.array(np.random.RandomState(4).randn(3, 4, 2), "float32")
    mask = jnp.arange(4)[None, :] < lengths[:, None]
    e = jnp.exp(x) * mask
    alpha = e / e.sum(axis=1, keepdims=True)
    ctx = (alpha[..., None] * keys).sum(axis=1)
    w = jnp.array(np.random.RandomState(5).randn(2, 5), "float32")
    words = softmax(ctx @ w)
    target = jnp.array([0, 3, 4])
    return -jnp.log(jnp.take_along_axis(words, target[:, None], 1)).mean()


def gaussian_chain(x):
    """Gaussian HMM in probability space, unrolled."""
    obs = x[:6]
    means = jnp.array([-1.0, 0.0, 2.0])
    A = softmax(x[6:9][:, None] * jnp.array([0.1, 0.2, -0.1]) + jnp.eye(3))
    alpha = softmax(x[9:12]) * normal_pdf(obs[0], means, 1.0)
    for t in range(1, 6):
        alpha = (alpha @ A) * normal_pdf(obs[t], means, 1.0)
    return jnp.log(alpha.sum())


def normalised_chain(x):
    """Forward algorithm with normalisation each step (scaled), log-likelihood of the scales."""
    B = softmax(x, axis=1)
    A = jnp.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    obs = [0, 3, 1, 2]
    a = jnp.ones(3) / 3 * B[:, obs[0]]
    ll = 0.0
    for o in obs[1:]:
        c = a.sum()
        ll = ll + jnp.log(c)
        a = (a / c) @ A * B[:, o]
    return ll + jnp.log(a.sum())


def temporal_labels(x):
    """CTC of label sequence [1, 2] over 3 frames."""
    p = softmax(x)
    blank = 0
    ext = [0, 1, 0, 2, 0]
    a = [p[0, 0], p[0, 1], 0.0, 0.0, 0.0]
    for t in range(1, 3):
        n = []
        for s in range(5):
            v = a[s]
            if s > 0:
                v = v + a[s - 1]
            if s > 1 and ext[s] != blank and ext[s] != ext[s - 2]:
                v = v + a[s - 2]
            n.append(v * p[t, ext[s]])
        a = n
    return -jnp.log(a[4] + a[3])


def weibull_censored(x):
    """Weibull survival with right censoring: density and survivor in probability space."""
    t = jnp.array([0.5, 1.0, 2.0, 3.0, 0.7, 1.5])
    event = jnp.array([1, 0, 1, 1, 0, 1])
    k = 1.0 + 0.5 * sigmoid(x[:6])
    lam = jnp.exp(0.0005 * x[6:])
    hazard = (k / lam) * (t / lam) ** (k - 1)
    surv = jnp.exp(-((t / lam) ** k))
    like = jnp.where(event == 1, hazard * surv, surv)
    return -jnp.sum(jnp.log(like))


def hazards_of_steps(x):
    """Discrete-time hazards: survival is a product of 1 - h."""
    h = sigmoid(x.reshape(3, 4))
    died = jnp.array([1, 3, 2])
    event = jnp.array([1, 0, 1])
    steps = jnp.arange(4)
    alive = jnp.where(steps[None] < died[:, None], 1 - h, 1.0)
    surv = jnp.prod(alive, axis=1)
    hd = jnp.take_along_axis(h, died[:, None], axis=1)[:, 0]
    lik = jnp.where(event == 1, surv * hd, surv * (1 - hd))
    return -jnp.log(lik).sum()


def noisy_or(x):
    """Noisy-or network: p = 1 - prod(1 - w)^parents."""
    w = sigmoid(x.reshape(3, 4))
    parents = jnp.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1]])
    off = jnp.prod(jnp.where(parents == 1, 1 - w, 1.0), axis=1)
    on = 1 - off
    y = jnp.array([1, 0, 1])
    return -jnp.sum(jnp.where(y == 1, jnp.log(on), jnp.log(off)))


def ranking_one_by_one(x):
    """Plackett-Luce of a ranking, python loop."""
    s = jnp.exp(x)
    order = [3, 0, 7, 11, 5, 2]
    left = list(range(12))
    lik = 1.0
    for k in order:
        lik = lik * s[k] / sum(s[j] for j in left)
        left.remove(k)
    return -jnp.log(lik)


def matches_won(x):
    """Elo / Bradley-Terry of matches."""
    r = x
    i = jnp.array([0, 1, 2, 3, 4, 5, 0, 2])
    j = jnp.array([1, 2, 3, 4, 5, 6, 7, 11])
    won = jnp.array([1, 0, 1, 1, 0, 0, 1, 0])
    si, sj = jnp.exp(r[i]), jnp.exp(r[j])
    p = si / (si + sj)
    p = jnp.where(won == 1, p, 1 - p)
    return -jnp.log(jnp.prod(p))


def copied_words(x):
    """Pointer-generator: mixture of vocabulary and copy distributions, scatter-add."""
    vocab = softmax(x[0])
    attn = softmax(x[1])
    gate = sigmoid(x[2, 0])
    src = jnp.array([2, 0, 2, 3])
    copy = jnp.zeros(4).at[src].add(attn)
    p = gate * vocab + (1 - gate) * copy
    return -jnp.log(p[jnp.array([2, 0])]).sum()


def inflated_counts(x):
    """Zero-inflated Poisson: mixture of a point mass and a Poisson."""
    pi = sigmoid(x[:6])
    lam = jnp.exp(0.001 * x[6:])
    y = jnp.array([0, 1, 0, 3, 2, 0])
    fact = jnp.array([1.0, 1, 1, 6, 2, 1])
    pois = lam**y * jnp.exp(-lam) / fact
    like = jnp.where(y == 0, pi + (1 - pi) * pois, (1 - pi) * pois)
    return -jnp.log(like).sum()


def squashed_flow(x):
    """Normalising flow: sigmoid, affine, logit; log-det in naive form."""
    s = sigmoid(x)
    y = 0.05 + 0.9 * s
    z = jnp.log(y) - jnp.log(1 - y)
    logdet = jnp.log(0.9 * s * (1 - s)) - jnp.log(y * (1 - y))
    return jnp.sum(-0.5 * z**2 + logdet)


def responsibilities_step(x):
    """One EM step of a mixture of two Gaussians: responsibilities, new means."""
    mu = jnp.array([-1.0, 1.5])
    sd = jnp.array([0.7, 1.2])
    w = jnp.array([0.4, 0.6])
    lik = w * normal_pdf(x[:, None], mu, sd)
    resp = lik / lik.sum(1, keepdims=True)
    nk = resp.sum(0)
    new_w = nk / 12
    ll = jnp.log(lik.sum(1)).mean()
    return jnp.concatenate([new_w, ll[None]])


def path_of_a_chain(x):
    """Linear-chain CRF, probability space: score of a path over the partition function."""
    moves = jnp.array(
        [[0.1, -0.2, 0.3, 0], [0.5, 0, -0.4, 0.2], [0, 0.1, 0.2, -0.3], [0.3, -0.1, 0, 0.2]]
    )
    psi = jnp.exp(x)
    alpha = psi[0]
    for t in range(1, 3):
        alpha = jnp.einsum("i,ij->j", alpha, jnp.exp(moves)) * psi[t]
    path = [1, 3, 0]
    num = psi[0, path[0]]
    for t in range(1, 3):
        num = num * jnp.exp(moves[path[t - 1], path[t]]) * psi[t, path[t]]
    return -jnp.log(num / alpha.sum())


def pooled_twice(x):
    """Pooling by attention, twice, residual and layer normalisation."""
    seed = jnp.array([[0.5, -0.3, 0.2, 0.1]])
    s = seed @ x.T
    p = softmax(s)
    h = p @ jnp.tanh(x)
    c = h - h.mean(-1, keepdims=True)
    h = c / jnp.sqrt((c**2).mean(-1, keepdims=True) + 1e-5)
    s2 = h @ x.T
    return softmax(s2) @ jnp.tanh(x)


MODELS = (
    Form("everyday", "cumulative_links", cumulative_links, "logits", (3, 4)),
    Form("everyday", "discretised_logistics", discretised_logistics, "logits", (3, 4)),
    Form("everyday", "two_heads", two_heads, "logits", (3, 4)),
    Form("everyday", "attention_by_lengths", attention_by_lengths, "logits", (3, 4)),
    Form("everyday", "gaussian_chain", gaussian_chain, "logits", (12,)),
    Form("everyday", "normalised_chain", normalised_chain, "logits", (3, 4)),
    Form("everyday", "temporal_labels", temporal_labels, "logits", (3, 4)),
    Form("everyday", "weibull_censored", weibull_censored, "logits", (12,)),
    Form("everyday", "hazards_of_steps", hazards_of_steps, "logits", (12,)),
    Form("everyday", "noisy_or", noisy_or, "logits", (12,)),
    Form("everyday", "ranking_one_by_one", ranking_one_by_one, "logits", (12,)),
    Form("everyday", "matches_won", matches_won, "logits", (12,)),
    Form("everyday", "copied_words", copied_words, "logits", (3, 4)),
    Form("everyday", "inflated_counts", inflated_counts, "logits", (12,)),
    Form("everyday", "squashed_flow", squashed_flow, "logits", (12,)),
    Form("everyday", "responsibilities_step", responsibilities_step, "logits", (12,)),
    Form("everyday", "path_of_a_chain", path_of_a_chain, "logits", (3, 4)),
    Form("everyday", "pooled_twice", pooled_twice, "logits", (3, 4)),
)
