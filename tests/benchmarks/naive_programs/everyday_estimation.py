"""Statistics by hand: survival, tests, ratings, topics, filters, events, neighbours, transport."""

from __future__ import annotations

import jax.numpy as jnp
from jax import nn

from naive_programs.form import Form


def share(scores, axis=-1):
    """Shares in proportion to exponentials."""
    e = jnp.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


def breslow_strata(x):
    """Cox's partial likelihood in two strata, ties by Breslow, and baseline hazards."""
    time = jnp.array([3.0, 1, 4, 1, 5, 9])
    event = jnp.array([1.0, 1, 0, 1, 1, 0])
    total = 0.0
    for risk in (jnp.exp(x[:6]), jnp.exp(x[6:])):
        at_risk = (time[None, :] >= time[:, None]).astype(risk.dtype)
        denominator = at_risk @ risk
        total = total - (event * (jnp.log(risk) - jnp.log(denominator))).sum()
        total = total + 1e-3 * (event * risk / denominator).sum()
    return total


def proportional_odds_survival(x):
    """Odds of death that are proportional, grouped times, censored."""
    baseline = jnp.cumsum(jnp.exp(x[:4] / 100))
    odds = baseline[None, :] * jnp.exp(x[4:8])[:, None]
    survive = 1 / (1 + odds)
    before = jnp.concatenate([jnp.ones((4, 1)), survive[:, :-1]], axis=1)
    grouped = (before - survive)[jnp.arange(4), jnp.array([0, 2, 1, 3])]
    alive = jnp.array([True, False, True, True])
    return -jnp.log(jnp.where(alive, grouped, survive[:, 2])).sum() + 1e-3 * x[8:].sum()


def gompertz(x):
    """Gompertz mortality with a frailty: hazards and survivors by exponentials of exponentials."""
    rate, slope = jnp.exp(jnp.clip(x[:6] / 5, -30.0, 30.0)), jnp.log(1 + jnp.exp(x[6:]))
    time = jnp.array([0.5, 1.0, 1.5, 0.25, 2.0, 0.75])
    hazard = rate * jnp.exp(slope * time / (1 + slope))
    cumulative = rate * (jnp.exp(slope * time / (1 + slope)) - 1)
    survivor = jnp.exp(-cumulative)
    return -jnp.log(hazard * survivor).sum()


def three_parameter_responses(x):
    """Item response with guessing and slipping, the likelihood of a pattern and information."""
    ability, difficulty = x[0], x[1]
    guess = 0.2
    chance = guess + (0.95 - guess) / (1 + jnp.exp(-1.7 * (ability[:, None] - difficulty)))
    correct = jnp.array([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 1, 1], [0, 1, 0, 0]])
    likelihood = jnp.prod(chance**correct * (1 - chance) ** (1 - correct), axis=1)
    information = (chance - guess) ** 2 * (1 - chance) / chance
    return -jnp.log(likelihood).sum() + information.sum() + 1e-3 * x[2].sum()


def partial_credit(x):
    """Rasch's partial credit: cumulative steps, exponentials, expected scores."""
    steps = jnp.cumsum(x, axis=1)
    category = jnp.exp(jnp.concatenate([jnp.zeros((3, 1)), steps], axis=1))
    category = category / category.sum(1, keepdims=True)
    expected = (category * jnp.arange(5.0)).sum(1)
    variance = (category * (jnp.arange(5.0) - expected[:, None]) ** 2).sum(1)
    return -jnp.log(category[jnp.arange(3), jnp.array([0, 4, 2])]).sum() + variance.sum()


def ordinal_cutpoints(x):
    """Ordinal regression: cut points by softplus, differences of sigmoids."""
    gaps = jnp.log(1 + jnp.exp(x[:3]))
    cuts = jnp.concatenate([x[3:4], x[3] + jnp.cumsum(gaps)])
    cumulative = 1 / (1 + jnp.exp(-(cuts[None, :] - x[4:8, None])))
    padded = jnp.concatenate([jnp.zeros((4, 1)), cumulative, jnp.ones((4, 1))], axis=1)
    chance = padded[:, 1:] - padded[:, :-1]
    return -jnp.log(chance[jnp.arange(4), jnp.array([0, 2, 4, 1])]).sum() + 1e-3 * x[8:].sum()


def topics_step(x):
    """A step of expectation and maximisation of latent topics, and its perplexity."""
    counts = jnp.array([[2.0, 1, 0, 3], [0, 4, 1, 1]])
    words = share(x[:2])
    documents = share(x[2].reshape(2, 2))
    joint = documents[:, :, None] * words[None]
    posterior = joint / joint.sum(1, keepdims=True)
    updated = (counts[:, None, :] * posterior).sum(0)
    updated = updated / updated.sum(-1, keepdims=True)
    likelihood = (counts * jnp.log(joint.sum(1))).sum()
    return jnp.exp(-likelihood / counts.sum() / 1e19) + (updated * jnp.arange(4.0)).sum()


def dirichlet_prior_counts(x):
    """A multinomial of softmaxed counts under a Dirichlet prior, its predictive."""
    counts = jnp.array([4.0, 0.0, 1.0, 7.0])
    theta = share(x)
    posterior = jnp.prod(theta**counts, axis=-1) * jnp.prod(theta**-0.5, axis=-1)
    weight = posterior / posterior.sum()
    predictive = weight @ theta
    return -jnp.log(predictive).sum() + jnp.log(posterior.mean())


def switching_filter(x):
    """Two regimes of a Kalman filter, their likelihoods and mixed estimate."""
    observed = jnp.array([0.5, -0.25, 1.0])
    mean, variance = jnp.zeros(2), jnp.ones(2)
    weight = jnp.array([0.5, 0.5])
    evidence = 0.0
    for t in range(3):
        noise = jnp.log(1 + jnp.exp(x[t, :2])) + 0.1
        prior = variance + 0.2
        residual = observed[t] + jnp.tanh(x[t, 2:]) - mean
        total = prior + noise
        likelihood = jnp.exp(-0.5 * residual**2 / total) / jnp.sqrt(2 * jnp.pi * total)
        joint = weight * likelihood
        evidence = evidence + jnp.log(joint.sum())
        weight = joint / joint.sum()
        gain = prior / total
        mean, variance = mean + gain * residual, (1 - gain) * prior
    return -evidence + (weight * mean).sum()


def laplace_evidence(x):
    """Bayesian logistic regression of one slope: the curvature at the point, and evidence."""
    design = jnp.array([0.5, -1.0, 2.0, 0.25])
    labels = jnp.array([1.0, 0, 1, 0])
    chance = 1 / (1 + jnp.exp(-design * x[:, None]))
    loss = -(labels * jnp.log(chance) + (1 - labels) * jnp.log(1 - chance)).sum(1)
    curvature = (design**2 * chance * (1 - chance)).sum(1) + 1.0
    return (loss + 0.5 * jnp.log(curvature)).sum()


def hawkes_pair(x):
    """Two processes that excite one another: intensities and their compensator."""
    times = jnp.array([0.2, 0.9, 1.4, 2.0])
    base, jump = jnp.exp(x[:4] / 10), jnp.log(1 + jnp.exp(x[4:8]))
    lag = times[:, None] - times[None, :]
    kernel = jnp.where(lag > 0, jnp.exp(-2.0 * jnp.where(lag > 0, lag, 0.0)), 0.0)
    intensity = base + kernel @ jump
    compensator = (base * 2.5 / 4).sum() + (jump / 2 * (1 - jnp.exp(-2 * (2.5 - times)))).sum()
    return compensator / (1 + compensator) - jnp.log(intensity).sum() + 1e-3 * x[8:].sum()


def tournament(x):
    """Bradley-Terry with ties (Davidson) and a home advantage."""
    strength = jnp.exp(x[:5])
    home, tie = jnp.exp(x[5]), jnp.exp(x[6])
    i, j = jnp.array([0, 1, 2, 3, 4]), jnp.array([1, 2, 3, 4, 0])
    won = home * strength[i]
    drawn = tie * jnp.sqrt(strength[i] * strength[j])
    total = won + strength[j] + drawn
    outcome = jnp.array([0, 1, 2, 0, 1])
    chance = jnp.stack([won, drawn, strength[j]], axis=1) / total[:, None]
    return -jnp.log(chance[jnp.arange(5), outcome]).sum() + 1e-3 * x[7:].sum()


def rating_update(x):
    """Elo: expected scores by powers of ten, updates, then the next round's loss."""
    rating = x
    for first, second, score in ((0, 1, 1.0), (2, 3, 0.0), (0, 2, 0.5)):
        expected = 1 / (1 + 10 ** ((rating[second] - rating[first]) / 4))
        change = 0.5 * (score - expected)
        rating = rating.at[first].add(change).at[second].add(-change)
    final = 10 ** (rating[0] / 4) / (10 ** (rating[0] / 4) + 10 ** (rating[3] / 4))
    return -jnp.log(final)


def label_propagation(x):
    """Labels spread along a Gaussian graph, two rounds, clamped, then their entropy."""
    distance = jnp.abs(x[:, None] - x[None, :])
    weight = jnp.exp(-distance)
    transition = weight / weight.sum(1, keepdims=True)
    given = jnp.array([[1.0, 0], [0, 1]])
    labels = jnp.concatenate([given, jnp.full((3, 2), 0.5)])
    for _ in range(2):
        labels = jnp.concatenate([given, (transition @ labels)[2:]])
    return -jnp.log(labels[2:, 0]).sum()


def student_neighbours(x):
    """Student's affinities of a map against fixed ones, their divergence."""
    points = x.reshape(6, 2)
    given = jnp.abs(jnp.arange(6.0)[:, None] - jnp.arange(6.0))
    p = jnp.exp(-given) * (1 - jnp.eye(6))
    p = p / p.sum()
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    q = (1 / (1 + squared)) * (1 - jnp.eye(6))
    q = q / q.sum()
    return (p * jnp.log(jnp.where(p > 0, p, 1.0) / jnp.where(p > 0, q, 1.0))).sum()


def fuzzy_neighbours(x):
    """UMAP's cross entropy: memberships by exponentials of distances over a local scale."""
    nearest = jnp.array([0.1, 0.2, 0.3])[:, None]
    member = jnp.exp(-jnp.maximum(jnp.abs(x) - nearest, 0.0) / 0.5)
    low = 1 / (1 + 1.5 * jnp.array([[0.3, 1.0, 2.0, 0.1]] * 3) ** 1.8)
    attract = -member * jnp.log(low)
    repel = -(1 - member) * jnp.log(1 - low)
    return (attract + repel).sum()


def entropic_transport(x):
    """Sinkhorn's scalings from a kernel, the plan's cost and its dual."""
    kernel = jnp.exp(-jnp.abs(x) / 0.1)
    rows, columns = jnp.array([0.5, 0.3, 0.2]), jnp.array([0.25, 0.25, 0.4, 0.1])
    v = jnp.ones(4)
    for _ in range(3):
        u = rows / (kernel @ v)
        v = columns / (kernel.T @ u)
    plan = u[:, None] * kernel * v[None, :]
    return (plan * jnp.tanh(x)).sum() + 0.1 * (rows * jnp.log(u)).sum() * 1e-3


def gaussian_mixture_step(x):
    """Responsibilities from densities, then the updated means and weights."""
    data = jnp.array([-1.0, 0.25, 0.5, 2.0, 3.5])
    weight = share(x[:3])
    scale = jnp.log(1 + jnp.exp(x[3:6])) + 0.1
    density = jnp.exp(-0.5 * ((data[:, None] - jnp.tanh(x[6:9]) * 3) / scale) ** 2) / scale
    joint = weight * density
    responsibility = joint / joint.sum(1, keepdims=True)
    size = responsibility.sum(0)
    mean = (responsibility * data[:, None]).sum(0) / size
    return mean.sum() + jnp.log(size / 5).sum() - jnp.log(joint.sum(1)).sum()


def credible_ab(x):
    """Conversion by logits: the lift, its log odds, and a beta's kernel."""
    control, treated = 1 / (1 + jnp.exp(-x[:6])), 1 / (1 + jnp.exp(-x[6:]))
    lift = jnp.log(treated / control)
    odds = (treated / (1 - treated)) / (control / (1 - control))
    kernel = control**3 * (1 - control) ** 5 * treated**4 * (1 - treated) ** 4
    return lift.sum() + jnp.log(odds).sum() - jnp.log(kernel).sum()


def zero_one_inflated(x):
    """A law with lumps at 0 and 1 and a logistic-normal between."""
    lumps = share(x[:, :3])
    y = jnp.array([0.0, 0.4, 1.0])
    inside = jnp.where((y > 0) & (y < 1), y, 0.5)
    logit = jnp.log(inside / (1 - inside))
    scale = jnp.log(1 + jnp.exp(x[:, 3])) + 0.05
    density = jnp.exp(-jnp.abs(logit) / scale) / (2 * scale) / (inside * (1 - inside))
    law = jnp.where(y == 0, lumps[:, 0], jnp.where(y == 1, lumps[:, 1], lumps[:, 2] * density))
    return -jnp.log(law).sum()


def dose_response(x):
    """Four-parameter logistic curves by powers of a dose, their Poisson likelihood."""
    dose = jnp.array([0.1, 1.0, 10.0])
    top, half, slope = jnp.exp(x[0] / 100), jnp.exp(x[1]), 1.5
    response = top[None] * dose[:, None] ** slope / (dose[:, None] ** slope + half[None] ** slope)
    counts = jnp.array([[1.0], [3.0], [2.0]])
    return (response / (1 + response) - counts * jnp.log(response)).sum() + 1e-3 * x[2].sum()


def occupancy(x):
    """Sites that are occupied or not, detected in visits or not: a mixture with a lump."""
    occupied = nn.sigmoid(x[:, 0])
    detect = 1 / (1 + jnp.exp(-x[:, 1:]))
    seen = jnp.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 1]])
    history = jnp.prod(jnp.where(seen == 1, detect, 1 - detect), axis=1)
    never = (seen.sum(1) == 0).astype(x.dtype)
    return -jnp.log(occupied * history + (1 - occupied) * never).sum()


ESTIMATION = (
    Form("estimation", "breslow_strata", breslow_strata, "logits", (12,)),
    Form("estimation", "proportional_odds", proportional_odds_survival, "logits", (12,)),
    Form("estimation", "gompertz", gompertz, "logits", (12,)),
    Form("estimation", "guessing_and_slipping", three_parameter_responses, "logits", (3, 4)),
    Form("estimation", "partial_credit", partial_credit, "logits", (3, 4)),
    Form("estimation", "ordinal_cutpoints", ordinal_cutpoints, "logits", (12,)),
    Form("estimation", "topics_step", topics_step, "logits", (3, 4)),
    Form("estimation", "dirichlet_prior_counts", dirichlet_prior_counts, "logits", (3, 4)),
    Form("estimation", "switching_filter", switching_filter, "logits", (3, 4)),
    Form("estimation", "laplace_evidence", laplace_evidence, "logits", (5,)),
    Form("estimation", "hawkes_pair", hawkes_pair, "logits", (12,)),
    Form("estimation", "tournament", tournament, "logits", (12,)),
    Form("estimation", "rating_update", rating_update, "logits", (5,)),
    Form("estimation", "label_propagation", label_propagation, "logits", (5,)),
    Form("estimation", "student_neighbours", student_neighbours, "logits", (12,)),
    Form("estimation", "fuzzy_neighbours", fuzzy_neighbours, "logits", (3, 4)),
    Form("estimation", "entropic_transport", entropic_transport, "logits", (3, 4)),
    Form("estimation", "gaussian_mixture_step", gaussian_mixture_step, "logits", (12,)),
    Form("estimation", "credible_ab", credible_ab, "logits", (12,)),
    Form("estimation", "zero_one_inflated", zero_one_inflated, "logits", (3, 4)),
    Form("estimation", "dose_response", dose_response, "logits", (3, 4)),
    Form("estimation", "occupancy", occupancy, "logits", (3, 4)),
)
