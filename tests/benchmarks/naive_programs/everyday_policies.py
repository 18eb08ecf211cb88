"""Objectives of policies, preferences and bandits, written from probabilities."""

from __future__ import annotations

import jax.numpy as jnp

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax

ACTIONS = jnp.array([2, 0, 3])
OLD = jnp.array([[0.2, 0.3, 0.4, 0.1], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])


def taken(probabilities):
    """The probability of the action that was taken, a row each."""
    return jnp.take_along_axis(probabilities, ACTIONS[:, None], axis=1)[:, 0]


def advantage_weighted(x):
    """Regression weighted by the exponential of an advantage, normalised over the batch."""
    pi = softmax(x)
    value = (pi * jnp.array([1.0, 0.5, -0.5, 2.0])).sum(1)
    weight = jnp.exp((x.mean(1) - value) / 0.5)
    weight = weight / weight.sum()
    return -(weight * jnp.log(taken(pi))).sum()


def proximal_gaussian(x):
    """Proximal policy of a Gaussian: clipped ratio, clipped value, entropy."""
    mean, log_std, value = x[0], 0.01 * x[1], x[2]
    action = jnp.array([0.3, -0.2, 1.0, 0.1])
    old = jnp.array([-1.1, -0.9, -2.0, -1.3])
    density = jnp.exp(-0.5 * ((action - mean) / jnp.exp(log_std)) ** 2)
    density = density / (jnp.exp(log_std) * jnp.sqrt(2 * jnp.pi))
    ratio = density / jnp.exp(old)
    advantage = jnp.array([1.0, -0.5, 2.0, -1.0])
    surrogate = jnp.minimum(ratio * advantage, jnp.clip(ratio, 0.8, 1.2) * advantage)
    error = jnp.maximum((value - 0.5) ** 2, (jnp.clip(value, -0.2, 0.2) - 0.5) ** 2)
    entropy = 0.5 * jnp.log(2 * jnp.pi * jnp.e * jnp.exp(log_std) ** 2)
    return -surrogate.mean() + 1e-3 * error.mean() - 0.01 * entropy.sum()


def trust_region(x):
    """A surrogate and the divergence from the old policy, with a multiplier."""
    new = softmax(x)
    old = softmax(0.5 * x)
    ratio = taken(new) / taken(old)
    kl = jnp.sum(old * (jnp.log(old) - jnp.log(new)), axis=1)
    return -(ratio * jnp.array([1.0, -1.0, 0.5])).mean() + 0.1 * kl.mean()


def soft_q_learning(x):
    """Soft values and the policy that they imply, at a temperature."""
    alpha = 0.2
    value = alpha * jnp.log(jnp.sum(jnp.exp(x / alpha), axis=1))
    policy = jnp.exp((x - value[:, None]) / alpha)
    target = jnp.array([1.0, 0.0, -1.0]) + 0.99 * (policy * (x - alpha * jnp.log(policy))).sum(1)
    return (1e-4 * (taken(x) - target)).mean()


def paths_of_reward(x):
    """Inverse reinforcement by maximal entropy: every path's weight over the partition function."""
    reward = x[0]
    moves = jnp.array([[0, 1, 2], [0, 3, 2], [1, 1, 3], [2, 0, 1], [3, 3, 3]])
    weight = jnp.exp(x[1, :2].sum()) * jnp.prod(jnp.exp(reward)[moves], axis=1)
    chance = weight / weight.sum()
    visits = (chance[:, None] * (moves == 3)).sum()
    return -jnp.log(chance[1] * chance[4]) + visits


def exploring_bandit(x):
    """Exponential weights with exploration, and their estimated losses."""
    arms = 4
    weights = jnp.exp(0.1 * x)
    chance = 0.9 * weights / weights.sum(1, keepdims=True) + 0.1 / arms
    estimate = jnp.array([0.3, 1.0, 0.6]) / taken(chance)
    return estimate.mean() + jnp.log(taken(chance)).sum()


def odds_ratio_preference(x):
    """Preference by an odds ratio: log odds of the mean likelihood of two answers."""
    good = jnp.exp(jnp.log(softmax(x[:1])).mean(1))
    bad = jnp.exp(jnp.log(softmax(x[1:2])).mean(1))
    odds = (good / (1 - good)) / (bad / (1 - bad))
    return -jnp.log(odds / (1 + odds)).sum() - jnp.log(good).sum()


def prospect_preference(x):
    """Preference by utilities: a sigmoid of a log ratio above its mean."""
    new, old = softmax(x), OLD
    ratio = jnp.log(taken(new) / taken(old))
    base = jnp.mean((new * (jnp.log(new) - jnp.log(old))).sum(1))
    wanted = sigmoid(ratio[:2] - base)
    unwanted = sigmoid(base - ratio[2:])
    return (1 - wanted).sum() + 1.3 * (1 - unwanted).sum()


def identity_preference(x):
    """Preference by a sigmoid of a difference of log ratios, smoothed labels."""
    chosen, rejected = jnp.log(softmax(x[0])), jnp.log(softmax(x[1]))
    margin = 0.1 * (chosen[jnp.array([0, 2])].sum() - rejected[jnp.array([1, 3])].sum())
    win = 1 / (1 + jnp.exp(-margin))
    return -0.9 * jnp.log(win) - 0.1 * jnp.log(1 - win)


def multiplied_weights(x):
    """Hedge: weights times exponentials of losses, normalised at every step."""
    weights = jnp.ones(4) / 4
    regret = 0.0
    for loss in x:
        regret = regret + (weights * jnp.tanh(loss)).sum()
        weights = weights * jnp.exp(-0.5 * loss)
        weights = weights / weights.sum()
    return regret - (weights * jnp.log(weights)).sum()


def truncated_traces(x):
    """Off-policy returns: ratios cut at 1, multiplied along a path."""
    new = taken(softmax(x))
    ratio = new / jnp.array([0.4, 0.7, 0.25])
    rho, trace = jnp.minimum(1.0, ratio), jnp.minimum(1.0, ratio)
    delta = rho * jnp.array([0.5, -1.0, 2.0])
    target, product = 0.0, 1.0
    for step in range(3):
        target = target + 0.99**step * product * delta[step]
        product = product * trace[step]
    return target - jnp.log(new).sum()


def relative_entropy_dual(x):
    """The dual of relative entropy policy search, and its weights."""
    eta = 0.7
    advantage = x - x.mean()
    dual = eta * 0.1 + eta * jnp.log(jnp.mean(jnp.exp(advantage / eta)))
    weights = jnp.exp(advantage / eta) / jnp.sum(jnp.exp(advantage / eta))
    return dual + (weights * jnp.arange(12.0)).sum()


def conservative_values(x):
    """Soft maximum of values less the value of the action taken, and a Bellman error."""
    gap = jnp.log(jnp.exp(x).sum(1)) - taken(x)
    greedy = jnp.exp(x) / jnp.exp(x).sum(1, keepdims=True)
    backup = jnp.array([1.0, 0.5, 0.0]) + 0.9 * (greedy * jnp.tanh(x)).sum(1)
    return gap.mean() + 0.5 * (jnp.tanh(taken(x)) - backup).mean() ** 2


def quantile_policy(x):
    """Actor by a Boltzmann policy over mean quantiles."""
    quantiles = x.reshape(3, 4)
    mean = quantiles.mean(0)
    policy = jnp.exp(mean) / jnp.exp(mean).sum()
    spread = jnp.sqrt(((quantiles - mean) ** 2).mean(0) + 1e-6)
    return (policy * spread * 1e-3).sum() - (policy * jnp.log(policy)).sum()


POLICIES = (
    Form("everyday", "advantage_weighted", advantage_weighted, "logits", (3, 4)),
    Form("everyday", "proximal_gaussian", proximal_gaussian, "logits", (3, 4)),
    Form("everyday", "trust_region", trust_region, "logits", (3, 4)),
    Form("everyday", "soft_q_learning", soft_q_learning, "logits", (3, 4)),
    Form("everyday", "paths_of_reward", paths_of_reward, "logits", (3, 4)),
    Form("everyday", "exploring_bandit", exploring_bandit, "logits", (3, 4)),
    Form("everyday", "odds_ratio_preference", odds_ratio_preference, "logits", (3, 4)),
    Form("everyday", "prospect_preference", prospect_preference, "logits", (3, 4)),
    Form("everyday", "identity_preference", identity_preference, "logits", (3, 4)),
    Form("everyday", "multiplied_weights", multiplied_weights, "logits", (3, 4)),
    Form("everyday", "truncated_traces", truncated_traces, "logits", (3, 4)),
    Form("everyday", "relative_entropy_dual", relative_entropy_dual, "logits", (12,)),
    Form("everyday", "conservative_values", conservative_values, "logits", (3, 4)),
    Form("everyday", "quantile_policy", quantile_policy, "logits", (12,)),
)
