"""Whole small networks with their losses: a transformer's block, autoencoders, flows, experts."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import nn

from naive_programs.form import Form

MIX = jnp.array([[0.5, -0.25, 0.125, 1.0], [-0.5, 0.75, 0.25, -0.125],
                 [1.0, 0.5, -0.75, 0.25], [0.125, -1.0, 0.5, 0.375]])  # fmt: skip
TARGETS = jnp.array([[1.0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1]])
CLASSES = jnp.array([2, 0, 3])


def exponentiated(scores, axis=-1):
    """The softmax of the textbook."""
    unnormalised = jnp.exp(scores)
    return unnormalised / jnp.sum(unnormalised, axis=axis, keepdims=True)


def transformer_block(x):
    """Attention, a norm, a gated layer, and the loss of the next token."""
    tokens, width = x.shape
    normed = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
    query, key, value = normed @ MIX, normed @ MIX.T, normed @ (MIX * 0.5)
    scores = 40 * jnp.einsum("qd,kd->qk", query, key) / jnp.sqrt(width)
    causal = jnp.tril(jnp.ones((tokens, tokens), dtype=bool))
    weights = exponentiated(jnp.where(causal, scores, -1e9))
    hidden = x + jnp.einsum("qk,kd->qd", weights, value)
    gate = 1.0 / (1.0 + jnp.exp(-hidden))
    logits = hidden + (hidden * gate) @ MIX
    probabilities = exponentiated(logits)
    picked = probabilities[jnp.arange(tokens), CLASSES]
    return -jnp.mean(jnp.log(picked))


def two_headed_attention(x):
    """Two heads by einsum, key padding, attention's entropy as a penalty."""
    heads = x.reshape(3, 2, 2)
    scores = jnp.einsum("qhd,khd->hqk", heads, heads / (1 + jnp.abs(heads))) * 3
    keep = jnp.array([True, True, False])
    scores = jnp.where(keep[None, None, :], scores, -jnp.inf)
    e = jnp.exp(scores)
    attention = e / jnp.sum(e, -1, keepdims=True)
    mixed = jnp.einsum("hqk,khd->qhd", attention, jnp.tanh(heads))
    safe = jnp.where(attention > 0, attention, 1.0)
    entropy = -jnp.sum(attention * jnp.log(safe), -1)
    return mixed.reshape(3, 4).sum() + 0.1 * entropy.mean()


def mixture_density_head(x):
    """Mixing weights, means and scales of a network's head, in one array."""
    raw_weights, means, raw_scales = x[0], x[1], x[2]
    targets = jnp.array([0.3, -1.0])
    weights = jnp.exp(raw_weights) / jnp.exp(raw_weights).sum()
    scales = jnp.log(1 + jnp.exp(raw_scales)) + 0.01
    z = (targets[:, None] - jnp.tanh(means)[None, :]) / scales[None, :]
    density = jnp.exp(-0.5 * z**2) / (scales[None, :] * jnp.sqrt(2 * jnp.pi))
    return -jnp.log((weights[None, :] * density).sum(-1)).mean()


def bernoulli_autoencoder(x):
    """An evidence bound: a Gaussian code, Bernoulli pixels, the divergence weighted by beta."""
    noise = jnp.array([[0.1, -0.3], [0.7, 0.2], [-0.4, 0.9]])
    mean, log_variance = x[:, :2], x[:, 2:]
    code = mean + jnp.exp(0.5 * jnp.clip(log_variance, -20.0, 10.0)) * noise
    decoded = code @ MIX[:2]
    pixel = 1 / (1 + jnp.exp(-decoded))
    likelihood = pixel**TARGETS * (1 - pixel) ** (1 - TARGETS)
    reconstruction = -jnp.log(likelihood).sum(1)
    clipped = jnp.clip(log_variance, -20.0, 10.0)
    divergence = 0.5 * (jnp.exp(clipped) + jnp.tanh(mean) ** 2 - 1 - clipped).sum(1)
    return (reconstruction + 4.0 * divergence).mean()


def product_of_experts_bound(x):
    """Two modalities' Gaussians multiplied, precisions by exponentials, and their bound."""
    first, second = x[:, :2], x[:, 2:]
    precision = jnp.exp(first) + jnp.exp(second) + 1.0
    weight = jnp.exp(first) / precision
    mean = weight * 0.5 - jnp.exp(second) / precision
    variance = 1.0 / precision
    return 0.5 * (variance + mean**2 - 1 - jnp.log(variance)).sum()


def actor_critic(x):
    """Clipped ratio, value loss and entropy, the probabilities naive."""
    actions = jnp.array([0, 2, 1])
    policy_logits, value = x[:, :3], x[:, 3]
    policy = exponentiated(policy_logits)
    chosen = jnp.take_along_axis(policy, actions[:, None], axis=1).squeeze(1)
    behaviour = jnp.array([0.3, 0.5, 0.2])
    advantage = jnp.array([1.2, -0.4, 0.6])
    ratio = chosen / behaviour
    surrogate = jnp.minimum(ratio * advantage, jnp.clip(ratio, 0.8, 1.2) * advantage)
    entropy = -(policy * jnp.log(policy)).sum(1)
    critic = jnp.where(jnp.abs(value - 1) < 1, 0.5 * (value - 1) ** 2, jnp.abs(value - 1) - 0.5)
    return -surrogate.mean() - 0.01 * entropy.mean() + 1e-6 * critic.mean()


def affine_coupling(x):
    """Two coupling layers and the density of what flows through them."""
    left, right = x[:, :2], x[:, 2:]
    log_determinant = jnp.zeros(3)
    for _ in range(2):
        scale = 1 / (1 + jnp.exp(-(left @ MIX[:2, :2] + 2.0)))
        right = right * scale + jnp.tanh(left @ MIX[2:, :2])
        log_determinant = log_determinant + jnp.log(scale).sum(1)
        left, right = right, left
    code = jnp.concatenate([left, right], 1)
    prior = jnp.exp(-jnp.abs(code)) / 2
    return -(jnp.log(prior).sum(1) + log_determinant).mean()


def logistic_mixture_flow(x):
    """A monotone layer: a mixture of logistic cumulatives, its logit, its density."""
    weights = exponentiated(x[0])
    z = (x[1][:, None] - jnp.array([-1.0, 0, 0.5, 2.0])) / 0.7
    cumulative = (weights / (1 + jnp.exp(-z))).sum(-1)
    density = (weights * jnp.exp(-z) / (1 + jnp.exp(-z)) ** 2 / 0.7).sum(-1)
    latent = jnp.log(cumulative) - jnp.log(1 - cumulative)
    return latent.sum() + jnp.log(density).sum() + 1e-3 * x[2].sum()


def capsule_routing(x):
    """Routing by agreement: three rounds of couplings, squashed outputs, a margin loss."""
    votes = jnp.stack([x, x[::-1] * 0.5], axis=1).reshape(3, 2, 4)
    votes = votes / (1 + jnp.abs(votes))
    agreement = jnp.zeros((3, 2))
    for _ in range(3):
        coupling = jnp.exp(20 * agreement)
        coupling = coupling / coupling.sum(1, keepdims=True)
        pooled = jnp.einsum("io,iod->od", coupling, votes)
        length = jnp.sqrt((pooled**2).sum(-1, keepdims=True) + 1e-9)
        squashed = pooled * length / (1 + length**2)
        agreement = agreement + jnp.einsum("iod,od->io", votes, squashed)
    lengths = jnp.sqrt((squashed**2).sum(-1) + 1e-9)
    return (nn.relu(0.9 - lengths[0]) ** 2 + 0.5 * nn.relu(lengths[1] - 0.1) ** 2) * 10


def pooled_contrast(x):
    """Attention pooling of two views, then their contrast at a low temperature."""

    def pooled(view, query):
        weight = exponentiated(view @ query)
        return weight @ jnp.tanh(view)

    query = jnp.array([1.0, -0.5, 0.25, 0.75])
    first = jnp.stack([pooled(x, query), pooled(x[:2], query), pooled(x[1:], query)])
    second = jnp.stack([pooled(x, -query), pooled(x[:2], -query), pooled(x[1:], -query)])
    similarity = jnp.exp(first @ second.T / 0.02)
    return -jnp.log(jnp.diag(similarity) / similarity.sum(1)).mean()


def mixture_of_experts(x):
    """Gated experts, a load-balancing loss, a router's z-loss, importance's variation."""
    router = exponentiated(x)
    experts = jnp.stack([jnp.tanh(x @ MIX[:, e]) * (e + 1) for e in range(4)], axis=1)
    output = (router * experts).sum(1)
    assigned = jax.nn.one_hot(jnp.argmax(x, axis=1), 4)
    balance = 4 * (assigned.mean(0) * router.mean(0)).sum()
    importance = router.sum(0)
    variation = importance.var() / (importance.mean() ** 2 + 1e-10)
    z = jnp.log(jnp.sum(jnp.exp(x), axis=1))
    return (output**2).mean() + 0.01 * balance + 0.1 * variation + 1e-8 * jnp.abs(z).mean()


def graph_attention(x):
    """Attention along edges with a leaky rectifier, then the loss of labelled nodes."""
    adjacency = jnp.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    source = x @ jnp.array([1.0, 0.5, -0.5, 0.25])
    target = x @ jnp.array([-0.25, 1.0, 0.5, 0.5])
    scores = source[:, None] + target[None, :]
    scores = jnp.where(scores > 0, scores, 0.2 * scores)
    weights = jnp.exp(scores) * adjacency
    weights = weights / weights.sum(1, keepdims=True)
    logits = weights @ x
    probability = exponentiated(logits)
    return -jnp.log(probability[jnp.array([0, 2]), jnp.array([1, 3])]).mean()


def minimal_recurrence(x):
    """A gated recurrence under checkpoint, gate and candidate by exponentials, a loss a step."""

    @jax.checkpoint
    def step(state, row):
        update = 1 / (1 + jnp.exp(-(row + state)))
        candidate = 1 - 2 / (jnp.exp(2 * (row - state)) + 1)
        state = (1 - update) * state + update * candidate
        return state, jnp.log(jnp.exp(state).sum()) - state[0]

    state, losses = jnp.zeros(4), []
    for row in x:
        state, loss = step(state, row)
        losses.append(loss)
    return sum(losses) / 3


def swish_and_gelu(x):
    """Gates by hand: swish, mish, the sigmoid's approximation of gelu, then a softmax."""
    swish = x / (1 + jnp.exp(-x))
    mish = x * jnp.tanh(jnp.log(1 + jnp.exp(x)))
    gelu = x * (1 / (1 + jnp.exp(-1.702 * x)))
    mixed = jnp.stack([swish.sum(1), mish.sum(1), gelu.sum(1)], axis=1) * 0.3
    return -jnp.log(exponentiated(mixed)[:, 1]).sum()


def denoising_score(x):
    """A Gaussian kernel density's score at data, matched with noise."""
    centres = jnp.array([[-1.0, 0.5, 0.25, 0.0], [1.0, -0.5, 0.75, 2.0]])

    def log_density(row):
        squared = ((row[None] - centres) ** 2).sum(-1)
        return jnp.log(jnp.exp(-squared / 0.5).mean())

    score = jax.vmap(jax.grad(log_density))(x)
    return (score / (1 + jnp.abs(score))).sum()


def vector_quantised(x):
    """Distances to a codebook, Gumbel weights, a commitment and the codes' entropy."""
    codebook = MIX
    distance = (x**2).sum(1, keepdims=True) - 2 * x @ codebook.T + (codebook**2).sum(1)
    logits = -distance
    noise = jnp.array([[0.3, 1.2, -0.4, 0.1], [0.9, -0.2, 0.5, 2.0], [-0.6, 0.0, 0.8, 0.4]])
    weights = exponentiated((logits + noise) / 0.5)
    quantised = weights @ codebook
    usage = exponentiated(logits).mean(0)
    entropy = -(usage * jnp.log(jnp.maximum(usage, 1e-30))).sum()
    return quantised.sum() + entropy


def policy_of_options(x):
    """Options with terminations: intra-option policies, the chance of a trajectory."""
    policy = exponentiated(x)
    stop = 1 / (1 + jnp.exp(-x[:, 0]))
    over = exponentiated(x[:, 3])
    belief = over
    evidence = 0.0
    for action in (1, 3, 0):
        belief = belief * policy[:, action]
        evidence = evidence + jnp.log(belief.sum())
        belief = belief / belief.sum()
        belief = belief * (1 - stop) + (belief * stop).sum() * over
    return -evidence


NETWORKS = (
    Form("networks", "transformer_block", transformer_block, "logits", (3, 4)),
    Form("networks", "two_headed_attention", two_headed_attention, "logits", (3, 4)),
    Form("networks", "mixture_density_head", mixture_density_head, "logits", (3, 4)),
    Form("networks", "bernoulli_autoencoder", bernoulli_autoencoder, "logits", (3, 4)),
    Form("networks", "product_of_experts_bound", product_of_experts_bound, "logits", (3, 4)),
    Form("networks", "actor_critic", actor_critic, "logits", (3, 4)),
    Form("networks", "affine_coupling", affine_coupling, "logits", (3, 4)),
    Form("networks", "logistic_mixture_flow", logistic_mixture_flow, "logits", (3, 4)),
    Form("networks", "capsule_routing", capsule_routing, "logits", (3, 4)),
    Form("networks", "pooled_contrast", pooled_contrast, "logits", (3, 4)),
    Form("networks", "mixture_of_experts", mixture_of_experts, "logits", (3, 4)),
    Form("networks", "graph_attention", graph_attention, "logits", (3, 4)),
    Form("networks", "minimal_recurrence", minimal_recurrence, "logits", (3, 4)),
    Form("networks", "swish_and_gelu", swish_and_gelu, "logits", (3, 4)),
    Form("networks", "denoising_score", denoising_score, "logits", (3, 4)),
    Form("networks", "vector_quantised", vector_quantised, "logits", (3, 4)),
    Form("networks", "policy_of_options", policy_of_options, "logits", (3, 4)),
)
