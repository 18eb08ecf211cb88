"""Likelihoods and posteriors of everyday practice: counts, survival, choices, chains."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax

TARGET = np.float32([1, 0, 0, 1, 1])


def negative_binomial(x):
    """Log likelihood of counts from logits (TensorFlow 12371)."""
    p = sigmoid(x)
    k = jnp.array([0.0, 3.0, 1.0, 10.0])
    r = 10.0
    return jnp.sum(r * jnp.log(1 - p) + k * jnp.log(p))


def negative_binomial_mean(x):
    """Log likelihood of counts from a logarithmic mean."""
    mu = jnp.exp(x)
    r = 2.5
    k = jnp.array([0.0, 3.0, 1.0, 4.0])
    p = mu / (mu + r)
    return jnp.sum(k * jnp.log(p) + r * jnp.log(1 - p))


def interval_censored(x):
    """Logistic survival times known up to an interval."""
    lo = jnp.array([0.5, 1.0, 2.0])
    hi = jnp.array([1.5, 3.0, 2.25])
    survived = [1 / (1 + jnp.exp(t - x)) for t in (lo, hi)]
    return -jnp.sum(jnp.log(survived[0] - survived[1]))


def tied_survival(x):
    """Partial likelihood with tied times."""
    w = jnp.exp(x)
    risk = jnp.cumsum(w[::-1])[::-1]
    tied = w[1] + w[2]
    loss = jnp.log(risk[0]) - x[0] + jnp.log(risk[1]) - x[1] + jnp.log(risk[1] - tied / 2) - x[2]
    return loss + jnp.log(risk[3]) - x[3]


def item_response(x):
    """Three-parameter item response: a chance to guess."""
    c = 0.25
    p = c + (1 - c) * sigmoid(1.3 * (x - 0.4))
    y = jnp.array([1.0, 0.0, 1.0, 0.0])
    return -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))


def graded_response(x):
    """Graded item response: differences of sigmoids."""
    b = jnp.array([-1.0, 0.0, 1.0])
    s = sigmoid(1.7 * (x[:, None] - b))
    p0 = 1 - s[:, 0]
    p1 = s[:, 0] - s[:, 1]
    p2 = s[:, 1] - s[:, 2]
    p3 = s[:, 2]
    return -(jnp.log(p0[0]) + jnp.log(p1[1]) + jnp.log(p2[2]) + jnp.log(p3[3]))


def expected_scores(x):
    """Powers of ten: expected scores and their update."""
    r = x
    qa = 10 ** (r[0] / 400)
    qb = 10 ** (r[1] / 400)
    ea = qa / (qa + qb)
    qc = 10 ** (r[2] / 400)
    qd = 10 ** (r[3] / 400)
    ec = qc / (qc + qd)
    return -(jnp.log(ea) + jnp.log(1 - ec)) + 32 * (1 - ea)


def nested_logit(x):
    """Discrete choice in two nests."""
    l1, l2 = (0.5, 0.7)
    a = jnp.exp(x[:2] / l1)
    b = jnp.exp(x[2:] / l2)
    i1 = a.sum() ** l1
    i2 = b.sum() ** l2
    p = jnp.concatenate([a / a.sum() * i1 / (i1 + i2), b / b.sum() * i2 / (i1 + i2)])
    return -jnp.log(p[1]) - 0.5 * jnp.log(p[2])


def chain_marginals(x):
    """Marginals of a chain by forward and backward messages."""
    T = jnp.exp(jnp.array([[0.1, -0.2, 0.3], [0.0, 0.4, -0.1], [0.2, 0.1, 0.0]]))
    e = jnp.exp(x)
    a = [e[0]]
    for t in (1, 2):
        a.append(a[-1] @ T * e[t])
    b = [jnp.ones(3)]
    for t in (1, 0):
        b.insert(0, T @ (e[t + 1] * b[0]))
    Z = a[-1].sum()
    m = jnp.stack([u * v for u, v in zip(a, b, strict=True)]) / Z
    return -jnp.log(m[0, 1]) - jnp.log(m[1, 2]) - jnp.log(m[2, 0])


def smoothed_chain(x):
    """Smoothing of a hidden Markov model, messages normalised."""
    A = jnp.array([[0.9, 0.1], [0.3, 0.7]])
    B = jnp.exp(x)
    a = jnp.array([0.6, 0.4]) * B[0]
    a = a / a.sum()
    al = [a]
    for t in range(1, 4):
        a = a @ A * B[t]
        a = a / a.sum()
        al.append(a)
    b = jnp.ones(2)
    be = [b]
    for t in (3, 2, 1):
        b = A @ (B[t] * b)
        b = b / b.sum()
        be.insert(0, b)
    g = jnp.stack(al) * jnp.stack(be)
    g = g / g.sum(1, keepdims=True)
    return jnp.sum(g[:, 0] * jnp.arange(1.0, 5.0))


def mixture_means(x):
    """Log likelihood of a mixture of Gaussians in its means."""
    y = jnp.array([0.2, -1.0, 0.7, 3.0])
    pi = jnp.array([0.2, 0.5, 0.3])
    d = pi * jnp.exp(-((y[:, None] - x) ** 2) / 2) / jnp.sqrt(2 * jnp.pi)
    return -jnp.sum(jnp.log(d.sum(1)))


def bayes_posterior_loss(x):
    """Two updates of a posterior, normalised each time."""
    p = jnp.array([0.2, 0.5, 0.1, 0.1, 0.1])
    like = jnp.exp(x)
    post = p * like
    post = post / post.sum()
    like2 = jnp.exp(-x * 0.5)
    post = post * like2
    post = post / post.sum()
    return -jnp.log(post[2])


def naive_bayes(x):
    """Posterior of a class by products of features."""
    feats = sigmoid(x)
    on = jnp.array([1, 0, 1, 1])
    a = jnp.prod(jnp.where(on == 1, feats, 1 - feats)) * 0.4
    b = 0.6 * 0.5**4
    return a / (a + b)


def particle_filter(x):
    """Effective sample size after a reweighting."""
    w = jnp.exp(x)
    w = w / jnp.sum(w)
    s = jnp.array([0.1, 0.5, -0.3, 2.0, 1.0])
    w2 = w * jnp.exp(-0.5 * (1.0 - s) ** 2)
    ess = 1 / jnp.sum((w2 / w2.sum()) ** 2)
    return ess + jnp.log(w2.sum())


def off_policy(x):
    """Truncated importance ratios of two softmaxes."""
    p = softmax(x[:3])
    q = softmax(x[3:])
    r = p / q
    a = jnp.array([0, 2])
    return jnp.sum(jnp.minimum(r[a], 5.0) * jnp.array([1.0, -1.0]))


def annealed_weights(x):
    """Annealed importance weights as products of ratios."""
    w = jnp.ones(3)
    for t in range(3):
        w = w * jnp.exp(x[t + 1]) / jnp.exp(x[t])
    return jnp.log(jnp.mean(w))


def logit_flow(x):
    """A flow through a sigmoid and a logit, with its Jacobian."""
    y = 0.05 + 0.9 * sigmoid(x)
    z = jnp.log(y) - jnp.log(1 - y)
    ld = jnp.sum(jnp.log(sigmoid(x)) + jnp.log(1 - sigmoid(x)))
    return jnp.sum(z**2) / 2 - ld


def platt(x):
    """Calibration by a sigmoid with smoothed targets."""
    A = -1.3
    B = 0.2
    p = 1 / (1 + jnp.exp(A * x + B))
    t = (TARGET * 3 + 1) / 5
    return -jnp.sum(t * jnp.log(p) + (1 - t) * jnp.log(1 - p))


def bernoulli_kl(x):
    """Divergence of Bernoulli distributions from logits (PyTorch 15288)."""
    q1 = sigmoid(x[:3])
    p1 = sigmoid(x[3:])
    q0 = 1 - q1
    p0 = 1 - p1
    return jnp.sum(q1 * (jnp.log(q1) - jnp.log(p1)) + q0 * (jnp.log(q0) - jnp.log(p0)))


def concrete_density(x):
    """Density of a relaxed categorical variable (PyTorch 18730)."""
    t = 0.5
    z = jnp.array([0.27, 0.29, 0.22, 0.22])
    a = softmax(x)
    num = a * z ** (-t - 1)
    den = (a * z ** (-t)).sum()
    return jnp.sum(jnp.log(num)) - 4 * jnp.log(den)


def mean_responsibilities(x):
    """Entropy of mean responsibilities."""
    r = softmax(jnp.stack([x, -x, x * 0.5]))
    Nk = r.sum(0)
    return jnp.sum(Nk * jnp.log(Nk / 3))


def mutual_information(x):
    """Of a joint table of exponentials."""
    J = jnp.exp(x.reshape(2, 2))
    J = J / J.sum()
    return jnp.sum(J * jnp.log(J / (J.sum(0, keepdims=True) * J.sum(1, keepdims=True))))


def discrete_survival(x):
    """Hazards by sigmoids, survival by a running product."""
    h = sigmoid(x)
    S = jnp.cumprod(1 - h)
    like = S[3] * h[4] / (1 - h[2] * 0)
    return -jnp.log(like)


INFERENCE = (
    Form("everyday", "negative_binomial", negative_binomial, "logits", (4,)),
    Form("everyday", "negative_binomial_mean", negative_binomial_mean, "logits", (4,)),
    Form("everyday", "interval_censored", interval_censored, "logits", (3,)),
    Form("everyday", "tied_survival", tied_survival, "logits", (5,)),
    Form("everyday", "item_response", item_response, "logits", (4,)),
    Form("everyday", "graded_response", graded_response, "logits", (4,)),
    Form("everyday", "expected_scores", expected_scores, "logits", (4,)),
    Form("everyday", "nested_logit", nested_logit, "logits", (4,)),
    Form("everyday", "chain_marginals", chain_marginals, "logits", (3, 3)),
    Form("everyday", "smoothed_chain", smoothed_chain, "logits", (4, 2)),
    Form("everyday", "mixture_means", mixture_means, "logits", (3,)),
    Form("everyday", "bayes_posterior_loss", bayes_posterior_loss, "logits", (5,)),
    Form("everyday", "naive_bayes", naive_bayes, "logits", (4,)),
    Form("everyday", "particle_filter", particle_filter, "logits", (5,)),
    Form("everyday", "off_policy", off_policy, "logits", (6,)),
    Form("everyday", "annealed_weights", annealed_weights, "logits", (4, 3)),
    Form("everyday", "logit_flow", logit_flow, "logits", (4,)),
    Form("everyday", "platt", platt, "logits", (5,)),
    Form("everyday", "bernoulli_kl", bernoulli_kl, "logits", (6,)),
    Form("everyday", "concrete_density", concrete_density, "logits", (4,)),
    Form("everyday", "mean_responsibilities", mean_responsibilities, "logits", (4,)),
    Form("everyday", "mutual_information", mutual_information, "logits", (4,)),
    Form("everyday", "discrete_survival", discrete_survival, "logits", (5,)),
)
