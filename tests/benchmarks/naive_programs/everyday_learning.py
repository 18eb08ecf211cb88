"""Losses and layers of everyday practice: policies, contrasts, rankings, gates."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax, nn

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax

SCORES = np.float32(
    [[-0.375, -0.5625, -1.5625, 1.0], [-1.125, -1.1875, -0.1875, 1.5], [0.25, -1.0, -0.6875, 0.625]]
)
VALUES = np.float32([[-0.1875, -0.75], [-0.25, 0.75], [2.0, -1.25], [-0.625, -0.8125]])
TARGET = np.float32([1, 0, 0, 1, 1])


def categorical_autoencoder(x):
    """Reconstruction from categorical probabilities, and a divergence from the uniform prior."""
    probs = softmax(x)
    labels = jnp.array([0, 3, 1])
    rec = -jnp.sum(jnp.log(probs[jnp.arange(3), labels]))
    q = softmax(x.T, axis=-1)
    kl = jnp.sum(q * (jnp.log(q) - jnp.log(1 / 3.0)))
    return rec + 0.5 * kl


def reinforce(x):
    """Policy gradient: log probabilities of actions times normalised returns, and an entropy."""
    actions = jnp.array([1, 0, 3])
    returns = []
    g = 0.0
    for r in [0.5, -2.0, 1.0]:
        g = r + 0.9 * g
        returns.insert(0, g)
    returns = jnp.stack([jnp.asarray(r) for r in returns])
    returns = (returns - returns.mean()) / returns.std()
    pi = softmax(x)
    logp = jnp.log(jnp.take_along_axis(pi, actions[:, None], 1))[:, 0]
    entropy = -(pi * jnp.log(pi)).sum(-1)
    return -jnp.sum(logp * returns) - 0.01 * entropy.mean()


def group_relative_policy(x):
    """Group-relative policy: a ratio to the same policy with its gradient stopped."""
    actions = jnp.array([2, 0, 1])
    lp = jnp.take_along_axis(jnp.log(softmax(x)), actions[:, None], -1)[:, 0]
    advantage = jnp.array([1.0, -0.7, 0.3])
    ratio = jnp.exp(lp - lax.stop_gradient(lp))
    return -jnp.mean(ratio * advantage)


def soft_actor_critic(x):
    """Actor and critic over discrete actions."""
    q1 = jnp.array(SCORES)
    q2 = jnp.array(SCORES[::-1] * 0.9 + 0.1)
    alpha = 0.2
    pi = softmax(x)
    logpi = jnp.log(pi)
    minq = jnp.minimum(q1, q2)
    policy = jnp.sum(pi * (alpha * logpi - minq), 1).mean()
    v = jnp.sum(pi * (minq - alpha * logpi), 1)
    target = jnp.array([1.0, 0.0, 0.5]) + 0.99 * v
    return policy + jnp.mean((target - 1.0) ** 2)


def tanh_squash(x):
    """log(1 − tanh²), tanh by exponentials: the density of a squashed action."""
    a = (jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x))
    return jnp.sum(jnp.log(1 - a**2))


def router_balance(x):
    """Load balance of a mixture of experts, and the router's z-loss."""
    p = softmax(x)
    onehot = nn.one_hot(jnp.argmax(x, -1), 3)
    f = onehot.mean(0)
    P = p.mean(0)
    aux = 3 * jnp.sum(f * P)
    z = jnp.mean(jnp.log(jnp.sum(jnp.exp(x * 0.001), -1)) ** 2)
    return aux + 0.001 * z


def image_text_contrast(x):
    """Contrastive loss of images and texts, by rows and by columns."""
    rows = jnp.exp(x) / jnp.exp(x).sum(1, keepdims=True)
    cols = jnp.exp(x) / jnp.exp(x).sum(0, keepdims=True)
    return -(jnp.log(jnp.diag(rows)).mean() + jnp.log(jnp.diag(cols)).mean()) / 2


def supervised_contrast(x):
    """Supervised contrastive loss: the own place is left out by a mask."""
    y = jnp.array([0, 0, 1, 1])
    eye = jnp.eye(4)[:3]
    mask = (y[:3, None] == y[None]) * (1 - eye)
    e = jnp.exp(x) * (1 - eye)
    lp = jnp.log(jnp.exp(x) / e.sum(1, keepdims=True))
    return -jnp.mean((mask * lp).sum(1) / jnp.maximum(mask.sum(1), 1))


def triplet_softmax(x):
    """Distances to a positive and a negative by their softmax."""
    dp = x[:3]
    dn = x[3:]
    p = jnp.exp(dp) / (jnp.exp(dp) + jnp.exp(dn))
    return jnp.mean(p**2) + jnp.mean(-jnp.log(1 - p))


def smoothed_tokens(x):
    """Cross entropy of smoothed labels, padding masked."""
    y = jnp.array([1, 2, 0])
    keep = jnp.array([1.0, 1.0, 0.0])
    t = nn.one_hot(y, 4) * 0.9 + 0.025
    lp = jnp.log(softmax(x))
    return -(keep * (t * lp).sum(-1)).sum() / keep.sum()


def distillation_both(x):
    """Divergences both ways between two softened classifiers."""
    t = softmax(x[0] / 2)
    s = softmax(x[1] / 2)
    return 4 * (t * jnp.log(t / s)).sum() + 0.1 * 4 * (s * jnp.log(s / t)).sum()


def straight_through(x):
    """Gumbel softmax with the gradient of the soft sample."""
    g = jnp.array([0.3, -0.2, 1.1, 0.4])
    y = softmax((x + g) / 0.3)
    hard = nn.one_hot(jnp.argmax(y), 4)
    z = hard - lax.stop_gradient(y) + y
    return (z * jnp.array([1.0, 2.0, 3.0, 4.0])).sum()


def noise_contrast(x):
    """Noise contrastive estimation from unnormalised probabilities."""
    k = 4.0
    q = jnp.array([0.2, 0.1, 0.3, 0.2, 0.2])
    p = jnp.exp(x)
    h = p / (p + k * q)
    return -(jnp.log(h[0]) + jnp.sum(jnp.log(1 - h[1:])))


def distance_bias(x):
    """Attention weights with a distance bias and a causal mask of -1e9."""
    i = jnp.arange(3)[:, None]
    j = jnp.arange(4)
    s = x - 0.5 * jnp.abs(i - j)
    s = jnp.where(i >= j, s, -1000000000.0)
    e = jnp.exp(s)
    p = e / e.sum(-1, keepdims=True)
    return jnp.sum((p @ jnp.array(VALUES)) ** 2)


def sliding_window(x):
    """Attention within a window, masked by multiplication."""
    i = jnp.arange(3)[:, None]
    m = (jnp.abs(i - jnp.arange(4)) <= 1).astype(jnp.float32)
    e = jnp.exp(x) * m
    p = e / e.sum(-1, keepdims=True)
    return -jnp.sum(jnp.log(jnp.diag(p))) + (p @ jnp.array(VALUES)).sum()


def focal_binary(x):
    """Focal loss of sigmoids."""
    p = sigmoid(x)
    ce = -(TARGET * jnp.log(p) + (1 - TARGET) * jnp.log(1 - p))
    pt = p * TARGET + (1 - p) * (1 - TARGET)
    al = 0.25 * TARGET + 0.75 * (1 - TARGET)
    return jnp.mean(al * (1 - pt) ** 2 * ce)


def dice(x):
    """Dice loss of sigmoids with cross entropy."""
    p = sigmoid(x)
    overlap = (2 * jnp.sum(p * TARGET) + 1) / (jnp.sum(p) + jnp.sum(TARGET) + 1)
    return 1 - overlap + jnp.mean(-(TARGET * jnp.log(p) + (1 - TARGET) * jnp.log(1 - p)))


def dice_softmax(x):
    """Dice loss over classes."""
    p = softmax(x)
    t = nn.one_hot(jnp.array([0, 2, 3]), 4)
    i = (p * t).sum(0)
    u = p.sum(0) + t.sum(0)
    return 1 - jnp.mean(2 * i / u)


def evidential(x):
    """Evidential classification: softplus evidence of a Dirichlet."""
    ev = jnp.log(1 + jnp.exp(x))
    a = ev + 1
    S = a.sum()
    y = jnp.array([0, 1.0, 0, 0])
    p = a / S
    return jnp.sum((y - p) ** 2 + p * (1 - p) / (S + 1))


def pair_and_list_ranking(x):
    """Ranking: list-wise cross entropy and pair-wise sigmoids."""
    t = softmax(jnp.array(SCORES))
    p = softmax(x)
    listed = -(t * jnp.log(p)).sum(-1).mean()
    return listed - jnp.log(sigmoid(x[:, 0] - x[:, 1])).mean()


def order_likelihood(x):
    """Ranking: the likelihood of an order by running sums."""
    e = jnp.exp(x)
    c = jnp.cumsum(e[::-1])[::-1]
    return -jnp.sum(jnp.log(e / c))


def recurrent_unit(x):
    """Three steps of a gated recurrent unit under a sigmoid loss."""
    h = 0.3
    for _ in range(3):
        z = sigmoid(x[0] + 0.5 * h)
        r = sigmoid(x[1] - h)
        n = jnp.tanh(x[2] + r * h)
        h = (1 - z) * n + z * h
    return -jnp.log(sigmoid(h + x[3]))


def gated_logits(x):
    """A gate mixes the probabilities of three heads."""
    w = softmax(x[0])
    heads = jnp.stack([softmax(x[1]), softmax(x[2]), softmax(x[1] + x[2])])
    p = w @ heads
    return -jnp.log(p[1])


def token_margin_unlikelihood(x):
    """Likelihood of a token, unlikelihood of another."""
    p = softmax(x)
    y = jnp.array([0, 1, 3])
    neg = jnp.array([1, 3, 0])
    return -jnp.mean(jnp.log(p[jnp.arange(3), y])) - jnp.mean(jnp.log(1 - p[jnp.arange(3), neg]))


def jensen_shannon(x):
    """Of two categorical distributions."""
    p, q = (softmax(x[0]), softmax(x[1]))
    m = 0.5 * (p + q)
    return 0.5 * jnp.sum(p * jnp.log(p / m)) + 0.5 * jnp.sum(q * jnp.log(q / m))


def polynomial_loss(x):
    """Cross entropy with powers of 1 − p."""
    p = softmax(x)[1]
    return -jnp.log(p) + 1.0 * (1 - p) + 0.5 * (1 - p) ** 2


def symmetric_cross_entropy(x):
    """Cross entropy, and its reverse with clipped labels."""
    p = softmax(x)
    return -jnp.log(p[1]) * 0.1 - jnp.sum(p * jnp.log(jnp.array([0.0001, 1.0, 0.0001, 0.0001])))


def energy_classifier(x):
    """Free energy of logits with a hinge, and cross entropy."""
    E = -jnp.log(jnp.exp(x).sum(-1))
    return jnp.mean(jnp.maximum(0, E + 5) ** 2 * 0.001) + jnp.mean(-jnp.log(softmax(x)[:, 0]))


LEARNING = (
    Form("everyday", "categorical_autoencoder", categorical_autoencoder, "logits", (3, 4)),
    Form("everyday", "reinforce", reinforce, "logits", (3, 4)),
    Form("everyday", "group_relative_policy", group_relative_policy, "logits", (3, 4)),
    Form("everyday", "soft_actor_critic", soft_actor_critic, "logits", (3, 4)),
    Form("everyday", "tanh_squash", tanh_squash, "logits", (4,)),
    Form("everyday", "router_balance", router_balance, "logits", (4, 3)),
    Form("everyday", "image_text_contrast", image_text_contrast, "logits", (3, 3)),
    Form("everyday", "supervised_contrast", supervised_contrast, "logits", (3, 4)),
    Form("everyday", "triplet_softmax", triplet_softmax, "logits", (6,)),
    Form("everyday", "smoothed_tokens", smoothed_tokens, "logits", (3, 4)),
    Form("everyday", "distillation_both", distillation_both, "logits", (2, 4)),
    Form("everyday", "straight_through", straight_through, "logits", (4,)),
    Form("everyday", "noise_contrast", noise_contrast, "logits", (5,)),
    Form("everyday", "distance_bias", distance_bias, "logits", (3, 4)),
    Form("everyday", "sliding_window", sliding_window, "logits", (3, 4)),
    Form("everyday", "focal_binary", focal_binary, "logits", (5,)),
    Form("everyday", "dice", dice, "logits", (5,)),
    Form("everyday", "dice_softmax", dice_softmax, "logits", (3, 4)),
    Form("everyday", "evidential", evidential, "logits", (4,)),
    Form("everyday", "pair_and_list_ranking", pair_and_list_ranking, "logits", (3, 4)),
    Form("everyday", "order_likelihood", order_likelihood, "logits", (5,)),
    Form("everyday", "recurrent_unit", recurrent_unit, "logits", (4,)),
    Form("everyday", "gated_logits", gated_logits, "logits", (3, 3)),
    Form("everyday", "token_margin_unlikelihood", token_margin_unlikelihood, "logits", (3, 4)),
    Form("everyday", "jensen_shannon", jensen_shannon, "logits", (2, 4)),
    Form("everyday", "polynomial_loss", polynomial_loss, "logits", (4,)),
    Form("everyday", "symmetric_cross_entropy", symmetric_cross_entropy, "logits", (4,)),
    Form("everyday", "energy_classifier", energy_classifier, "logits", (3, 3)),
)
