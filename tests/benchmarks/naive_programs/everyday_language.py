"""Language models: preferences, sampling, large vocabularies, distillation, transducers."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from naive_programs.form import Form

REFERENCE = jnp.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.4, 0.1]])
WORDS = jnp.array([1, 3, 0])


def next_token(scores):
    """Probabilities of the next token, by dividing exponentials."""
    return jnp.exp(scores) / jnp.exp(scores).sum(-1)[..., None]


def logistic(x):
    """The sigmoid, from the other side."""
    return jnp.exp(x) / (jnp.exp(x) + 1)


def direct_preference(x):
    """DPO of two answers' log probabilities against a reference's."""
    good = jnp.log(next_token(x)[jnp.arange(3), WORDS]).sum()
    bad = jnp.log(next_token(x)[jnp.arange(3), WORDS[::-1]]).sum()
    base = jnp.log(REFERENCE[jnp.arange(3), WORDS]).sum()
    worse = jnp.log(REFERENCE[jnp.arange(3), WORDS[::-1]]).sum()
    margin = 0.1 * ((good - base) - (bad - worse))
    return -jnp.log(1 / (1 + jnp.exp(-margin)))


def unpaired_preference(x):
    """KTO: rewards as logs of ratios, against a reference point without gradient."""
    policy = next_token(x)
    reward = jnp.log(policy / REFERENCE)[jnp.arange(3), WORDS]
    point = lax.stop_gradient((policy * jnp.log(policy / REFERENCE)).sum(-1).mean())
    wanted = jnp.array([True, False, True])
    value = jnp.where(wanted, logistic(0.2 * (reward - point)), logistic(0.2 * (point - reward)))
    return (1 - value).mean()


def length_normalised_preference(x):
    """SimPO: mean log probabilities, a margin, and a smoothed label (cDPO)."""
    tokens = jnp.log(next_token(x))
    chosen = tokens[:2, 1].mean()
    rejected = tokens[1:, 2].mean()
    chance = logistic(2.0 * (chosen - rejected) - 0.5)
    return -(0.9 * jnp.log(chance) + 0.1 * jnp.log(1 - chance))


def ranked_answers(x):
    """Preferences of a list of answers: Plackett and Luce by a cumulative sum from the end."""
    strength = jnp.exp(x.mean(1) * 2)
    order = jnp.array([2, 0, 1])
    placed = strength[order]
    remaining = jnp.cumsum(placed[::-1])[::-1]
    return -jnp.log(placed / remaining).sum()


def speculative_acceptance(x):
    """Chance that drafts are accepted, and the residual law when not."""
    draft = REFERENCE
    target = next_token(x)
    accept = jnp.minimum(1.0, target / draft)
    rate = (draft * accept).sum(-1)
    residual = jnp.maximum(target - draft, 0.0)
    residual = residual / residual.sum(-1, keepdims=True)
    return -jnp.log(rate).sum() + (residual * jnp.arange(4.0)).sum()


def nucleus(x):
    """The law cut to what is at least a share of its largest, renormalised."""
    p = next_token(x / 0.8)
    kept = jnp.where(p >= 0.1 * p.max(-1, keepdims=True), p, 0.0)
    q = kept / kept.sum(-1, keepdims=True)
    return -jnp.log(q[jnp.arange(3), jnp.argmax(x, -1)]).sum() + (q * jnp.arange(4.0)).sum()


def hierarchical_vocabulary(x):
    """A binary tree over eight words: products of sigmoids along paths."""
    paths = jnp.array([[0, 1, 3], [0, 2, 5], [0, 2, 6]])
    turns = jnp.array([[1.0, -1, 1], [-1, 1, 1], [-1, -1, -1]])
    scores = x.ravel()[paths] * turns
    chance = jnp.prod(1 / (1 + jnp.exp(-scores)), axis=1)
    return -jnp.log(chance).sum()


def adaptive_vocabulary(x):
    """A head that holds a cluster's token, the tail below it."""
    head = next_token(x[:, :2])
    tail = next_token(x[:, 2:])
    words = jnp.concatenate([head[:, :1], head[:, 1:] * tail], axis=1)
    return -jnp.log(words[jnp.arange(3), jnp.array([0, 2, 1])]).mean()


def sampled_vocabulary(x):
    """A sampled softmax with corrections of the proposal's log, accidental hits removed."""
    proposal = jnp.array([0.4, 0.3, 0.2, 0.1])
    corrected = x - jnp.log(proposal)
    hit = jnp.array([[False, False, True, False], [False, False, False, False],
                     [False, True, False, False]])  # fmt: skip
    e = jnp.where(hit, 0.0, jnp.exp(corrected))
    return -jnp.log(e[:, 0] / e.sum(1)).mean()


def mixture_of_softmaxes(x):
    """The softmax bottleneck broken: several softmaxes, mixed."""
    prior = next_token(x[:, :2])
    first, second = next_token(jnp.tanh(x) * 30), next_token(x * 2)
    mixed = prior[:, :1] * first + prior[:, 1:] * second
    return -jnp.log(mixed[jnp.arange(3), WORDS]).mean()


def distilled_tokens(x):
    """A teacher's softened law, forward and reverse divergence, a skewed one."""
    teacher = REFERENCE
    student = next_token(x / 2.0)
    forward = (teacher * jnp.log(teacher / student)).sum(-1)
    reverse = (student * jnp.log(student / teacher)).sum(-1)
    skewed = 0.1 * teacher + 0.9 * student
    skew = (teacher * jnp.log(teacher / skewed)).sum(-1)
    return (forward + reverse + skew).mean() * 4.0


def calibrated_temperature(x):
    """Temperature and bias learned: scale by softplus, then the likelihood and margin."""
    temperature = jnp.log(1 + jnp.exp(x[2, 0])) + 0.5
    logits = x[:2, :3] / temperature + jnp.array([0.0, 0.1, -0.1])
    p = next_token(logits)
    best = p.max(-1, keepdims=True)
    margin = best[:, 0] - jnp.where(p < best, p, 0.0).max(-1)
    return -jnp.log(p[jnp.arange(2), jnp.array([1, 0])]).mean() + 0.1 * margin.mean()


def transducer_lattice(x):
    """A transducer's alphas on a small lattice, in probability space."""
    blank = 1 / (1 + jnp.exp(-x))
    emit = 1 - blank
    alpha = [[jnp.ones(())]]
    for t in range(3):
        row = []
        for u in range(3):
            if t == 0 and u == 0:
                row.append(jnp.ones(()))
                continue
            value = 0.0
            if t > 0:
                value = value + alpha[t - 1][u] * blank[t - 1, u]
            if u > 0:
                value = value + row[u - 1] * emit[t, u - 1]
            row.append(value)
        alpha[t:] = [row]
    return -jnp.log(alpha[2][2] * blank[2, 2])


def segment_marginals(x):
    """Alignment by monotone attention: the chance that each key is reached and chosen."""
    choose = logistic(x)
    missed = jnp.concatenate([jnp.ones((3, 1)), jnp.cumprod(1 - choose, axis=1)[:, :-1]], axis=1)
    attention = choose * missed
    return -jnp.log(attention.sum(0)).sum()


def unlikely_repeats(x):
    """Likelihood of tokens, unlikelihood of those seen before, label smoothing."""
    p = next_token(x)
    seen = jnp.array([[0.0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 1]])
    likely = -jnp.log(p[jnp.arange(3), WORDS])
    repeated = -(seen * jnp.log(1 - p)).sum(-1)
    smooth = -jnp.log(p).mean(-1)
    return (0.9 * likely + 0.1 * smooth + 0.5 * repeated).mean()


def infilled_entropy(x):
    """Confidence of masked positions: entropies sorted, weights by their exponentials."""
    p = next_token(x)
    entropy = -(p * jnp.log(p)).sum(-1)
    weight = jnp.exp(-entropy / 0.1) / jnp.exp(-entropy / 0.1).sum()
    loss = -jnp.log(p[jnp.arange(3), WORDS])
    return (weight * loss).sum() / (1 + loss.mean())


def reward_model_ensemble(x):
    """Bradley-Terry of an ensemble: mean chance, its disagreement, a margin's loss."""
    chosen, rejected = x[:, :2], x[:, 2:]
    chance = jnp.exp(chosen) / (jnp.exp(chosen) + jnp.exp(rejected))
    mean = chance.mean(0)
    spread = ((chance - mean) ** 2).mean(0)
    return -jnp.log(mean).sum() + spread.sum()


def importance_clipped(x):
    """Token ratios and a sequence's geometric mean (GSPO), both clipped, and a k3 penalty."""
    policy = next_token(x)[jnp.arange(3), WORDS]
    old = REFERENCE[jnp.arange(3), WORDS]
    sequence = jnp.prod(policy / old) ** (1 / 3)
    clipped = jnp.minimum(sequence * 0.7, jnp.clip(sequence, 0.8, 1.3) * 0.7)
    k3 = old / policy - 1 - jnp.log(old / policy)
    return -clipped + 0.01 * jnp.log(1 + k3.mean())


LANGUAGE = (
    Form("language", "direct_preference", direct_preference, "logits", (3, 4)),
    Form("language", "unpaired_preference", unpaired_preference, "logits", (3, 4)),
    Form("language", "length_normalised", length_normalised_preference, "logits", (3, 4)),
    Form("language", "ranked_answers", ranked_answers, "logits", (3, 4)),
    Form("language", "speculative_acceptance", speculative_acceptance, "logits", (3, 4)),
    Form("language", "nucleus", nucleus, "logits", (3, 4)),
    Form("language", "hierarchical_vocabulary", hierarchical_vocabulary, "logits", (3, 4)),
    Form("language", "adaptive_vocabulary", adaptive_vocabulary, "logits", (3, 4)),
    Form("language", "sampled_vocabulary", sampled_vocabulary, "logits", (3, 4)),
    Form("language", "mixture_of_softmaxes", mixture_of_softmaxes, "logits", (3, 4)),
    Form("language", "distilled_tokens", distilled_tokens, "logits", (3, 4)),
    Form("language", "calibrated_temperature", calibrated_temperature, "logits", (3, 4)),
    Form("language", "transducer_lattice", transducer_lattice, "logits", (3, 4)),
    Form("language", "segment_marginals", segment_marginals, "logits", (3, 4)),
    Form("language", "unlikely_repeats", unlikely_repeats, "logits", (3, 4)),
    Form("language", "infilled_entropy", infilled_entropy, "logits", (3, 4)),
    Form("language", "reward_model_ensemble", reward_model_ensemble, "logits", (3, 4)),
    Form("language", "importance_clipped", importance_clipped, "logits", (3, 4)),
)
