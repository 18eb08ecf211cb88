"""Layers and losses of networks: attention, routing, contrast, flows, ranking; and of lattices."""

from __future__ import annotations

import jax.numpy as jnp

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax

VALUES = jnp.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.1, 0.3]])


def attention_with_a_sink(x):
    """One more in the divisor than the scores, so that nothing may be attended to."""
    weights = jnp.exp(x) / (1 + jnp.exp(x).sum(1, keepdims=True))
    return weights @ VALUES


def capped_attention(x):
    """Scores capped by a tanh that is written out, causal, weighted values."""
    t = (jnp.exp(x / 30) - jnp.exp(-x / 30)) / (jnp.exp(x / 30) + jnp.exp(-x / 30))
    scores = jnp.where(jnp.tril(jnp.ones((3, 4), bool)), 30 * t, -jnp.inf)
    e = jnp.exp(scores)
    return (e @ VALUES) / e.sum(1, keepdims=True)


def linear_attention(x):
    """Feature maps in place of a softmax: elu + 1 of queries and keys."""
    features = jnp.where(x > 0, x + 1, jnp.exp(jnp.where(x > 0, 0.0, x)))
    key = features[:, :2]
    query = features[:, 2:]
    memory = key.T @ VALUES[:3]
    return (query @ memory) / (query @ key.sum(0))[:, None]


def noisy_top_two(x):
    """A router that keeps two experts, its balance and the square of its logsumexp."""
    first = jnp.max(x, axis=1, keepdims=True)
    second = jnp.max(jnp.where(x < first, x, -jnp.inf), axis=1, keepdims=True)
    kept = jnp.where(x >= second, x, -jnp.inf)
    gates = jnp.exp(kept) / jnp.exp(kept).sum(1, keepdims=True)
    chance = softmax(x)
    balance = 4 * (gates > 0).mean(0) @ chance.mean(0)
    z = jnp.log(jnp.exp(x).sum(1))
    return (gates @ VALUES).sum() + balance + 1e-9 * (z**2).mean()


def soft_codebook(x):
    """Soft assignment to a codebook by squared distances, perplexity of its use."""
    codes = jnp.array([[0.0, 0, 0, 1], [1, 0, 1, 0], [-1, 1, 0, 0]])
    distance = ((x[:, None] - codes[None]) ** 2).sum(-1)
    assign = jnp.exp(-distance) / jnp.exp(-distance).sum(1, keepdims=True)
    used = assign.mean(0)
    return jnp.exp(-(used * jnp.log(used + 1e-10)).sum()) + (assign @ codes)[0, 0]


def swapped_codes(x):
    """Codes by two rounds of Sinkhorn, cross entropy with the other view."""
    q = jnp.exp(x / 0.5)
    q = q / q.sum()
    for _ in range(2):
        q = q / q.sum(0, keepdims=True) / 4
        q = q / q.sum(1, keepdims=True) / 3
    p = softmax(x[::-1] / 0.1)
    return -(3 * q * jnp.log(p)).sum()


def neighbour_embedding(x):
    """Stochastic neighbours: Gaussian affinities against Student's, their divergence."""
    y = jnp.array([[0.1, 0.2], [-0.4, 0.3], [0.5, -0.6]])
    off = 1 - jnp.eye(3)
    distance = ((x[:, None] - x[None]) ** 2).sum(-1)
    p = jnp.exp(-0.5 * distance) * off
    p = p / p.sum(1, keepdims=True)
    p = (p + p.T) / 6
    q = off / (1 + ((y[:, None] - y[None]) ** 2).sum(-1))
    q = q / q.sum()
    return (p * jnp.log((p + 1e-12) / (q + 1e-12))).sum()


def debiased_contrast(x):
    """Contrast with hard negatives weighted by their exponentials, a correction, a floor."""
    positive = jnp.exp(x[:, 0] / 0.5)
    negatives = jnp.exp(x[:, 1:] / 0.5)
    weight = negatives / negatives.mean(1, keepdims=True)
    hard = (weight * negatives).sum(1)
    corrected = jnp.maximum((hard - 0.1 * 3 * positive) / 0.9, 3 * jnp.exp(-2.0))
    return -jnp.log(positive / (positive + corrected)).mean()


def similarity_in_circles(x):
    """Circle loss: log(1 + a sum of exponentials times another)."""
    gamma, margin = 8.0, 0.25
    s = x / (1 + jnp.abs(x))
    near, far = s[:6], s[6:]
    positive = jnp.exp(-gamma * jnp.maximum(1 + margin - near, 0) * (near - 1 + margin) * 20)
    negative = jnp.exp(gamma * jnp.maximum(far + margin, 0) * (far - margin) * 20)
    return jnp.log(1 + positive.sum() * negative.sum())


def many_similarities(x):
    """Multi-similarity: two logarithms of one more than a sum."""
    near, far = x[:6], x[6:]
    pull = jnp.log(1 + jnp.exp(-2 * (near - 0.5)).sum()) / 2
    push = jnp.log(1 + jnp.exp(50 * (far - 0.5)).sum()) / 50
    return pull + push


def asymmetric_labels(x):
    """Asymmetric loss of many labels: a shifted probability, focused."""
    p = sigmoid(x)
    y = jnp.array([1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1])
    shifted = jnp.maximum(p - 0.05, 0)
    return -(y * (1 - p) * jnp.log(p) + (1 - y) * shifted**4 * jnp.log(1 - shifted)).sum()


def adjusted_logits(x):
    """Logits adjusted by the prior of the classes, and a margin of it."""
    prior = jnp.array([0.7, 0.2, 0.09, 0.01])
    e = prior * jnp.exp(x)
    p = e / e.sum(1, keepdims=True)
    return -jnp.log(p[jnp.arange(3), jnp.array([0, 3, 2])]).mean()


def denoised_categories(x):
    """The posterior of a categorical diffusion, and its divergence from the true one."""
    keep, noise = 0.8, 0.2 / 4
    start = softmax(x)
    ahead = jnp.array([2, 0, 3])
    likelihood = keep * jnp.eye(4)[ahead] + noise
    marginal = 0.6 * start + 0.4 / 4
    model = likelihood * marginal
    model = model / model.sum(1, keepdims=True)
    true = likelihood * (0.6 * jnp.eye(4)[jnp.array([1, 0, 3])] + 0.1)
    true = true / true.sum(1, keepdims=True)
    return (true * (jnp.log(true) - jnp.log(model))).sum()


def score_of_a_mixture(x):
    """Tweedie's formula: a posterior mean under a mixture of points."""
    points = jnp.array([-2.0, 0.0, 1.0, 3.0])
    sigma = 0.5
    weight = jnp.exp(-((x[:, None] - points) ** 2) / (2 * sigma**2))
    mean = (weight * points).sum(1) / weight.sum(1)
    return (mean - x) / sigma**2


def spline_bins(x):
    """Widths and slopes of a spline's bins: softmax, running sum, softplus."""
    widths = 0.01 + (1 - 0.04) * softmax(x[0])
    heights = 0.01 + (1 - 0.04) * softmax(x[1])
    slopes = 0.01 + jnp.log(1 + jnp.exp(x[2]))
    knots = jnp.cumsum(widths)
    rise = heights / widths
    share = (0.3 - knots[0]) / widths[1]
    top = heights[1] * (rise[1] * share**2 + slopes[0] * share * (1 - share))
    bottom = rise[1] + (slopes[1] + slopes[0] - 2 * rise[1]) * share * (1 - share)
    return jnp.stack([jnp.log(rise).sum(), knots[2], top / bottom])


def mixture_flow(x):
    """A flow by the logit of a mixture of logistic functions, and its slope."""
    share = softmax(x[0])
    width = 1 + sigmoid(x[2])
    inner = sigmoid((0.4 - x[1]) / width)
    y = (share * inner).sum()
    slope = (share * inner * (1 - inner) / width).sum()
    return jnp.log(y) - jnp.log(1 - y) + jnp.log(slope / (y * (1 - y)))


def sorted_softly(x):
    """A permutation by softmaxes: ranks against sums of absolute differences."""
    spread = jnp.abs(x[:, None] - x[None]).sum(1)
    scores = (5 - 2 * jnp.arange(6.0))[:, None] * x[None] - spread[None]
    p = jnp.exp(scores / 0.5)
    p = p / p.sum(1, keepdims=True)
    return p @ jnp.arange(6.0)


def approximate_gain(x):
    """Discounted gain at ranks that are sums of sigmoids."""
    gain = jnp.array([3.0, 0, 1, 2, 0, 1])
    rank = 0.5 + sigmoid((x[None] - x[:, None]) / 0.1).sum(1)
    return -(gain / jnp.log2(1 + rank)).sum() / 5.0


def weighted_pairs(x):
    """LambdaRank: pairs weighted by what their swap gains."""
    gain = jnp.array([3.0, 0, 1, 2, 0, 1])
    discount = 1 / jnp.log2(2 + jnp.arange(6.0))
    delta = jnp.abs((gain[:, None] - gain[None]) * (discount[:, None] - discount[None]))
    lose = 1 / (1 + jnp.exp(x[:, None] - x[None]))
    return (jnp.where(gain[:, None] > gain[None], -jnp.log(1 - lose), 0.0) * delta).sum()


def two_cells(x):
    """Two steps of a long short-term memory, gates written out, then a softmax."""
    h = c = jnp.zeros(3)
    for step in range(2):
        z = x[step]
        i, f, o = (1 / (1 + jnp.exp(-(z + k * h.sum()))) for k in (1.0, -0.5, 0.25))
        g = (jnp.exp(2 * z) - 1) / (jnp.exp(2 * z) + 1)
        c = f * c + i * g
        h = o * (jnp.exp(c) - jnp.exp(-c)) / (jnp.exp(c) + jnp.exp(-c))
    e = jnp.exp(h + x[2])
    return -jnp.log(e[1] / e.sum())


def transducer(x):
    """A transducer's lattice of two frames and one label, in probability space."""
    p = softmax(x)
    blank, label = p[:, 0], p[:, 2]
    stay = blank[0] * label[2] + label[0] * blank[1]
    return -jnp.log(stay * blank[3]) - jnp.log(1 - p[1, 1])


def segments_of_a_chain(x):
    """A semi-Markov partition function: segments of one or two steps."""
    one = jnp.exp(x[0])
    two = jnp.exp(x[0, 1:] + x[0, :-1]) * jnp.exp(x[1, :3])
    z = [1.0, one[0]]
    for t in range(1, 4):
        z.append(z[-1] * one[t] + z[-2] * two[t - 1])
    best = one[0] * two[1] * one[3]
    return -jnp.log(best / z[-1]) + jnp.exp(x[2, 0]) / (jnp.exp(x[2, 0]) + 1)


def spanning_trees(x):
    """The partition function over trees of three nodes, by a determinant written out."""
    w = jnp.exp(x.reshape(3, 4)[:, :3])
    a = w[0, 1] + w[0, 2]
    b = w[1, 0] + w[1, 2]
    z = (w[2, 0] + a) * (w[2, 1] + b) - w[0, 1] * w[1, 0]
    return jnp.log(z) - jnp.log(w[0, 1] * w[2, 1])


def exchanged_energies(x):
    """Ising spins of a ring of four by enumeration: magnetisation, energy, heat."""
    spins = jnp.array([[1 - 2 * ((s >> k) & 1) for k in range(4)] for s in range(16)])
    spins = spins.astype(jnp.float32)
    energy = -(spins * x[:4]).sum(1) - (spins * jnp.roll(spins, 1, 1) * x[4:8]).sum(1)
    weight = jnp.exp(-energy)
    z = weight.sum()
    return jnp.concatenate([(weight[:, None] * spins).sum(0) / z, jnp.log(z)[None]])


def transfer_matrix(x):
    """An Ising chain by its transfer matrix's larger eigenvalue."""
    j, h = x[:6], x[6:]
    inner = jnp.exp(2 * j) * jnp.sinh(h) ** 2 + jnp.exp(-2 * j)
    return jnp.log(jnp.exp(j) * jnp.cosh(h) + jnp.sqrt(inner))


def two_state_folding(x):
    """Allosteric states: a power of a binding polynomial against another."""
    c = jnp.exp(x)
    relaxed = (1 + c) ** 4
    tense = 1000.0 * (1 + 0.01 * c) ** 4
    saturation = (c * (1 + c) ** 3 + 1000.0 * 0.01 * c * (1 + 0.01 * c) ** 3) / (relaxed + tense)
    return jnp.stack([saturation, relaxed / (relaxed + tense)])


def rotor_levels(x):
    """A rotor's partition function, its energy and populations."""
    level = jnp.arange(6.0)
    weight = (2 * level + 1) * jnp.exp(-level * (level + 1) * jnp.exp(-0.001 * x[:, None]))
    z = weight.sum(1, keepdims=True)
    return jnp.log(z[:, 0]) + (weight * level * (level + 1) / z).sum(1)


def solid_of_oscillators(x):
    """Heat capacity, energy and entropy of Einstein's solid."""
    t = jnp.log(1 + jnp.exp(x)) + 0.1
    heat = t**2 * jnp.exp(t) / (jnp.exp(t) - 1) ** 2
    energy = t / (jnp.exp(t) - 1)
    entropy = energy - jnp.log(1 - jnp.exp(-t))
    return jnp.stack([heat, energy, entropy])


def growth_to_capacity(x):
    """Logistic growth and a Gompertz curve of a logarithmic rate."""
    time = jnp.arange(12.0)
    population = 100 * jnp.exp(x) / (1 + 100 * jnp.exp(x) / 50 - jnp.exp(-0.1 * time) / 2)
    return jnp.log(population) - jnp.log(50.0)


def constant_field(x):
    """Currents through a membrane: voltage over one less its exponential."""
    inside, outside = 140.0, 5.0
    current = x * (inside - outside * jnp.exp(-x)) / (1 - jnp.exp(-x))
    open_ = 1 / (1 + jnp.exp(-(x - 1) / 0.3))
    return open_ * current * 1e-3


LAYERS = (
    Form("everyday", "attention_with_a_sink", attention_with_a_sink, "logits", (3, 4)),
    Form("everyday", "capped_attention", capped_attention, "logits", (3, 4)),
    Form("everyday", "linear_attention", linear_attention, "logits", (3, 4)),
    Form("everyday", "noisy_top_two", noisy_top_two, "logits", (3, 4)),
    Form("everyday", "soft_codebook", soft_codebook, "logits", (3, 4)),
    Form("everyday", "swapped_codes", swapped_codes, "logits", (3, 4)),
    Form("everyday", "neighbour_embedding", neighbour_embedding, "logits", (3, 4)),
    Form("everyday", "debiased_contrast", debiased_contrast, "logits", (3, 4)),
    Form("everyday", "similarity_in_circles", similarity_in_circles, "logits", (12,)),
    Form("everyday", "many_similarities", many_similarities, "logits", (12,)),
    Form("everyday", "asymmetric_labels", asymmetric_labels, "logits", (12,)),
    Form("everyday", "adjusted_logits", adjusted_logits, "logits", (3, 4)),
    Form("everyday", "denoised_categories", denoised_categories, "logits", (3, 4)),
    Form("everyday", "score_of_a_mixture", score_of_a_mixture, "logits", (6,)),
    Form("everyday", "spline_bins", spline_bins, "logits", (3, 4)),
    Form("everyday", "mixture_flow", mixture_flow, "logits", (3, 4)),
    Form("everyday", "sorted_softly", sorted_softly, "logits", (6,)),
    Form("everyday", "approximate_gain", approximate_gain, "logits", (6,)),
    Form("everyday", "weighted_pairs", weighted_pairs, "logits", (6,)),
    Form("everyday", "two_cells", two_cells, "logits", (3, 3)),
    Form("everyday", "transducer", transducer, "logits", (4, 3)),
    Form("everyday", "segments_of_a_chain", segments_of_a_chain, "logits", (3, 4)),
    Form("everyday", "spanning_trees", spanning_trees, "logits", (12,)),
    Form("everyday", "exchanged_energies", exchanged_energies, "logits", (12,)),
    Form("everyday", "transfer_matrix", transfer_matrix, "logits", (12,)),
    Form("everyday", "two_state_folding", two_state_folding, "logits", (6,)),
    Form("everyday", "rotor_levels", rotor_levels, "logits", (4,)),
    Form("everyday", "solid_of_oscillators", solid_of_oscillators, "logits", (6,)),
    Form("everyday", "growth_to_capacity", growth_to_capacity, "logits", (12,)),
    Form("everyday", "constant_field", constant_field, "logits", (6,)),
)
