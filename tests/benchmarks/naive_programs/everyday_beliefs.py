"""Bayesian models, survival and information, written from probabilities."""

from __future__ import annotations

import jax.numpy as jnp

from naive_programs.everyday_models import normal_pdf
from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax


def topic_mixture(x):
    """Words from topics: a mixture of categorical distributions."""
    topics = softmax(x)
    share = softmax(x[:, 0])
    words = jnp.array([0, 2, 3, 3, 1])
    return -jnp.log((share @ topics)[words]).sum()


def spike_and_slab(x):
    """A prior of two scales, and the chance of the slab."""
    slab = 0.3 * normal_pdf(x, 0.0, 2.0)
    spike = 0.7 * normal_pdf(x, 0.0, 0.1)
    chance = slab / (slab + spike)
    return jnp.log(slab + spike).sum() * 1e-3 + chance.sum()


def averaged_models(x):
    """Models weighted by their evidence, predictions averaged."""
    evidence = x[:6] - 0.5 * jnp.array([2, 3, 4, 5, 6, 7]) * jnp.log(30.0)
    weights = jnp.exp(evidence) / jnp.exp(evidence).sum()
    prediction = (weights * jnp.tanh(x[6:])).sum()
    variance = (weights * (jnp.tanh(x[6:]) - prediction) ** 2).sum()
    return jnp.stack([prediction, variance, -(weights * jnp.log(weights)).sum()])


def predictive_density(x):
    """Pointwise predictive density of posterior draws, and its effective parameters."""
    likelihood = jnp.exp(x)
    pointwise = jnp.log(likelihood.mean(0))
    parameters = ((x - x.mean(0)) ** 2).mean(0)
    return pointwise.sum() - 1e-6 * parameters.sum()


def left_out_weights(x):
    """Leave one out by importance: weights are inverse likelihoods."""
    likelihood = jnp.exp(x)
    ratio = 1 / likelihood
    weights = ratio / ratio.sum(0)
    return jnp.log((weights * likelihood).sum(0)).sum() + 1 / (weights**2).sum(0).max()


def rated_by_annotators(x):
    """Posterior of a true label from annotators' confusion, and its evidence."""
    confusion = softmax(x)
    prior = jnp.array([0.5, 0.3, 0.2])
    given = (1, 3, 0, 1)
    joint = prior * confusion[:, given[0]] * confusion[:, given[1]]
    joint = joint * confusion[:, given[2]] * confusion[:, given[3]]
    posterior = joint / joint.sum()
    return jnp.log(joint.sum()) + (posterior * jnp.log(posterior)).sum()


def change_point(x):
    """Posterior of the time of a change between two rates."""
    before = jnp.exp(jnp.cumsum(x[:6]))
    after = jnp.exp(jnp.cumsum(x[6:][::-1]))[::-1]
    joint = before * after / 6
    posterior = joint / joint.sum()
    mean = (posterior * jnp.arange(6.0)).sum()
    return jnp.stack(
        [jnp.log(joint.sum()), mean, (posterior * (jnp.arange(6.0) - mean) ** 2).sum()]
    )


def block_model(x):
    """A stochastic block model with soft memberships."""
    member = softmax(x[:, :2])
    rates = sigmoid(x[:2, 2:])
    edges = jnp.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    chance = member @ rates @ member.T
    likelihood = jnp.where(edges == 1, chance, 1 - chance)
    return -jnp.log(likelihood).sum()


def negative_sampling(x):
    """Skip-gram with negative samples, sigmoids written out."""
    word, context, others = x[0], jnp.tanh(x[1]), jnp.tanh(x[2])
    positive = 1 / (1 + jnp.exp(-(word * context).sum()))
    negative = 1 / (1 + jnp.exp(word * others))
    return -jnp.log(positive) - jnp.log(negative).sum()


def expected_counts(x):
    """Forward and backward passes in probability space, expected transitions."""
    emit = jnp.exp(x)
    move = jnp.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    alpha = [jnp.array([0.5, 0.3, 0.2]) * emit[0]]
    for t in range(1, 4):
        alpha.append((alpha[-1] @ move) * emit[t])
    beta = [jnp.ones(3)]
    for t in range(3, 0, -1):
        beta.insert(0, move @ (emit[t] * beta[0]))
    total = alpha[-1].sum()
    pairs = [alpha[t][:, None] * move * (emit[t + 1] * beta[t + 1])[None] / total for t in range(3)]
    count = sum(pairs)
    return count / count.sum(1, keepdims=True)


def capacity_step(x):
    """One step of Blahut and Arimoto: an input law and the capacity's bound."""
    channel = softmax(x)
    prior = jnp.array([0.5, 0.25, 0.25])
    joint = prior[:, None] * channel
    reverse = joint / joint.sum(0)
    score = jnp.exp((channel * jnp.log(reverse)).sum(1))
    return jnp.log(score.sum()) + (score / score.sum() * jnp.arange(3.0)).sum()


def rate_distortion(x):
    """A test channel at a slope, its rate and distortion."""
    cost = jnp.abs(x)
    marginal = jnp.array([0.4, 0.3, 0.2, 0.1])
    channel = marginal * jnp.exp(-0.5 * cost)
    channel = channel / channel.sum(1, keepdims=True)
    rate = (channel * jnp.log(channel / marginal)).sum(1).mean()
    return rate + 1e-3 * (channel * cost).sum(1).mean()


def divergences(x):
    """Of two softmaxes: Renyi, Hellinger, chi squared, total variation."""
    p, q = softmax(x[:6]), softmax(x[6:])
    renyi = 2 * jnp.log((p**0.5 * q**0.5).sum())
    hellinger = 1 - jnp.sqrt(p * q).sum()
    tsallis = (1 - (p**2).sum()) / (2 - 1)
    return renyi + hellinger + tsallis + 0.5 * jnp.abs(p - q).sum()


def pointwise_information(x):
    """Normalised pointwise mutual information of a table of counts."""
    table = jnp.exp(x)
    joint = table / table.sum()
    rows, columns = joint.sum(1, keepdims=True), joint.sum(0, keepdims=True)
    pmi = jnp.log(joint / (rows * columns))
    return (pmi / -jnp.log(joint))[1] + (joint * pmi).sum()


def transfer_of_information(x):
    """Conditional mutual information of three binary variables."""
    p = jnp.exp(x[:8]) / jnp.exp(x[:8]).sum()
    p = p.reshape(2, 2, 2)
    given = p.sum((0, 1))
    return (p * jnp.log(p * given / (p.sum(0) * p.sum(1)[:, None]))).sum()


def accelerated_failure(x):
    """Log-logistic survival, censored: density and survivor."""
    time = jnp.array([0.5, 1.0, 2.0, 3.0, 0.7, 1.5])
    event = jnp.array([1, 0, 1, 1, 0, 1])
    shape = 1.5
    ratio = (time * jnp.exp(-x[:6])) ** shape
    survive = 1 / (1 + ratio)
    density = shape / time * ratio * survive**2
    return -jnp.log(jnp.where(event == 1, density, survive)).sum()


def cured_fraction(x):
    """Survival where a part is cured: a mixture of 1 and an exponential's survivor."""
    time = jnp.array([0.5, 1.0, 2.0, 3.0, 0.7, 1.5])
    event = jnp.array([1, 0, 1, 1, 0, 1])
    cured = sigmoid(x[:6])
    rate = jnp.log(1 + jnp.exp(x[6:]))
    survive = jnp.exp(-rate * time)
    likelihood = jnp.where(event == 1, (1 - cured) * rate * survive, cured + (1 - cured) * survive)
    return -jnp.log(likelihood).sum()


def competing_causes(x):
    """Discrete competing risks: cause-specific hazards and cumulative incidence."""
    scores = jnp.exp(x)
    total = 1 + scores.sum(1, keepdims=True)
    hazard = scores / total
    alive = 1 - hazard.sum(1)
    survive = jnp.cumprod(jnp.concatenate([jnp.ones(1), alive[:-1]]))
    incidence = jnp.cumsum(survive[:, None] * hazard, axis=0)
    return -jnp.log(incidence[2, 1]) - jnp.log(survive[2])


def shared_frailty(x):
    """Gamma frailty: a marginal survivor by a power."""
    hazard = jnp.exp(x[:6])
    theta = 0.5
    marginal = (1 + theta * hazard) ** (-1 / theta)
    density = hazard * (1 + theta * hazard) ** (-1 / theta - 1)
    return -jnp.log(marginal).sum() - jnp.log(density[:3]).sum() + x[6:].sum() * 0


def efron_ties(x):
    """Partial likelihood of tied deaths by Efron's average."""
    risk = jnp.exp(x)
    tied = risk[2:5].sum()
    later = risk[2:].sum()
    likelihood = jnp.prod(risk[2:5])
    for k in range(3):
        likelihood = likelihood / (later - k / 3 * tied)
    return -jnp.log(likelihood)


def soft_concordance(x):
    """Pairs ordered as their times are, by sigmoids."""
    time = jnp.array([3.0, 1, 4, 1.5, 9, 2, 6, 5, 3.5, 8, 7, 10])
    before = time[:, None] < time[None]
    agree = sigmoid(x[:, None] - x[None])
    mean = jnp.where(before, agree, 0.0).sum() / before.sum()
    return -jnp.log(mean)


def latent_classes(x):
    """Choices of latent classes: a mixture over products of softmaxes."""
    share = softmax(x[:, 3])
    chance = softmax(x[:, :3])
    choices = jnp.array([0, 2, 2, 1])
    likelihood = (share * jnp.prod(chance[:, choices], axis=1)).sum()
    posterior = share * jnp.prod(chance[:, choices], axis=1) / likelihood
    return -jnp.log(likelihood) + (posterior**2).sum()


def mixed_logit(x):
    """Simulated choice probabilities: softmaxes averaged over draws."""
    draws = jnp.array([-1.0, -0.3, 0.2, 0.9])[:, None, None]
    utility = x[None] * (1 + 0.1 * draws)
    chance = jnp.exp(utility) / jnp.exp(utility).sum(-1, keepdims=True)
    simulated = chance.mean(0)
    return -jnp.log(simulated[jnp.arange(3), jnp.array([1, 3, 0])]).sum()


def calibrated_bins(x):
    """Temperature, Brier score and a soft calibration error of two bins."""
    chance = softmax(x / 1.5)
    top = jnp.max(chance, axis=1)
    label = jnp.array([1, 3, 0])
    right = jnp.array([1.0, 0.0, 1.0])
    brier = ((chance - jnp.eye(4)[label]) ** 2).sum(1).mean()
    near = softmax(-jnp.abs(top[:, None] - jnp.array([0.25, 0.75])) / 0.1)
    gap = jnp.abs((near * (top - right)[:, None]).sum(0)) / near.sum(0)
    return brier + (gap**2).sum() - jnp.log(chance[jnp.arange(3), label]).mean()


BELIEFS = (
    Form("everyday", "topic_mixture", topic_mixture, "logits", (3, 4)),
    Form("everyday", "spike_and_slab", spike_and_slab, "logits", (4,)),
    Form("everyday", "averaged_models", averaged_models, "logits", (12,)),
    Form("everyday", "predictive_density", predictive_density, "logits", (3, 4)),
    Form("everyday", "left_out_weights", left_out_weights, "logits", (3, 4)),
    Form("everyday", "rated_by_annotators", rated_by_annotators, "logits", (3, 4)),
    Form("everyday", "change_point", change_point, "logits", (12,)),
    Form("everyday", "block_model", block_model, "logits", (3, 4)),
    Form("everyday", "negative_sampling", negative_sampling, "logits", (3, 4)),
    Form("everyday", "expected_counts", expected_counts, "logits", (4, 3)),
    Form("everyday", "capacity_step", capacity_step, "logits", (3, 4)),
    Form("everyday", "rate_distortion", rate_distortion, "logits", (3, 4)),
    Form("everyday", "divergences", divergences, "logits", (12,)),
    Form("everyday", "pointwise_information", pointwise_information, "logits", (3, 4)),
    Form("everyday", "transfer_of_information", transfer_of_information, "logits", (12,)),
    Form("everyday", "accelerated_failure", accelerated_failure, "logits", (12,)),
    Form("everyday", "cured_fraction", cured_fraction, "logits", (12,)),
    Form("everyday", "competing_causes", competing_causes, "logits", (4, 3)),
    Form("everyday", "shared_frailty", shared_frailty, "logits", (12,)),
    Form("everyday", "efron_ties", efron_ties, "logits", (12,)),
    Form("everyday", "soft_concordance", soft_concordance, "logits", (12,)),
    Form("everyday", "latent_classes", latent_classes, "logits", (3, 4)),
    Form("everyday", "mixed_logit", mixed_logit, "logits", (3, 4)),
    Form("everyday", "calibrated_bins", calibrated_bins, "logits", (3, 4)),
)
