"""Long naive programs: discrete choice, ecology, reading items, topics, attention, chemistry."""

import jax.numpy as jnp
import numpy as np
from jax import lax, nn

from naive_programs.form import Form


def cross_nested_logit(x):
    """Econometrics: cross-nested logit, allocations, nests' sums to powers, probabilities."""
    utility = x[0]
    mu = jnp.array([0.5, 0.8])
    alpha = jnp.array([[1.0, 0.5, 0.3, 0.0], [0.0, 0.5, 0.7, 1.0]])
    y = jnp.exp(utility)
    terms = (alpha * y[None, :]) ** (1 / mu[:, None])
    nest = terms.sum(1)
    upper = nest**mu
    total = upper.sum()
    within = terms / nest[:, None]
    p = (upper[:, None] / total * within).sum(0)
    chosen = jnp.array([0, 2, 3])
    return -jnp.log(p[chosen]).sum() + jnp.log(total) + 1e-3 * x[1:].sum()


def diversion_and_surplus(x):
    """Industrial organisation: shares with an outside good, elasticities, diversion, surplus."""
    price = jnp.array([1.0, 1.5, 2.0, 0.5])
    markets = []
    for t in range(3):
        e = jnp.exp(x[t] - 0.7 * price)
        shares = e / (1.0 + e.sum())
        own = -0.7 * price * (1 - shares)
        diversion = shares[None, :] / (1 - shares)[:, None]
        diversion = jnp.where(jnp.eye(4, dtype=bool), 0.0, diversion)
        surplus = jnp.log(1.0 + e.sum()) / 0.7
        markets.append(own.sum() + diversion.sum(1).mean() + surplus)
    return jnp.stack(markets)


def demand_inversion(x):
    """BLP: simulated shares over consumers, a step of the contraction, the implied markups."""
    observed = jnp.array([0.3, 0.2, 0.1, 0.25])
    tastes = jnp.array([-1.0, -0.2, 0.4, 1.3])
    sugar = jnp.array([0.5, 1.0, -0.5, 0.25])
    delta = x[0]
    for _ in range(2):
        v = jnp.exp(delta[None, :] + tastes[:, None] * sugar[None, :])
        individual = v / (1 + v.sum(axis=1, keepdims=True))
        share = individual.mean(axis=0)
        delta = delta + jnp.log(observed) - jnp.log(share)
    slope = -(individual * (1 - individual)).mean(0)
    return delta.sum() + 1e-3 * (share / slope).sum() + 1e-3 * x[1:].sum()


def household_outbreak(x):
    """Epidemiology: a Reed-Frost chain in a household, escape probabilities multiplied."""
    rate = jnp.log(1 + jnp.exp(x.ravel()[:6]))
    escape = jnp.exp(-rate)
    infect = 1 - escape
    # 3 susceptibles, one primary: final sizes 0..3
    none = escape**3
    one = 3 * infect * escape**2 * escape**2
    two = 3 * infect**2 * escape * escape**2 + 6 * infect**2 * escape**4 * (1 - escape**1) ** 0
    seen = jnp.array([0, 2, 1, 0, 1, 2])
    chance = jnp.where(seen == 0, none, jnp.where(seen == 1, one, two))
    return -jnp.sum(jnp.log(chance)) + 1e-3 * x.ravel()[6:].sum()


def n_mixture(x):
    """Ecology: counts of animals, detection by visits, the latent number summed out."""
    counts = jnp.array([[1, 0, 2], [0, 1, 1]])
    detect = 1 / (1 + jnp.exp(-x[0, :2]))
    mean = jnp.exp(x[1, :2])
    n = jnp.arange(2, 7)
    fact = jnp.array([1.0, 1, 2, 6, 24, 120, 720])
    total = 0.0
    for site in range(2):
        prior = mean[site] ** n / fact[n]
        like = jnp.ones(5)
        for visit in range(3):
            y = counts[site, visit]
            choose = fact[n] / (fact[y] * fact[n - y])
            like = like * choose * detect[site] ** y * (1 - detect[site]) ** (n - y)
        joint = prior * like
        expected = (joint * n).sum() / joint.sum()
        total = total - jnp.log(joint.sum()) + expected
    return total + 1e-3 * x[2].sum()


def recaptured_birds(x):
    """Cormack-Jolly-Seber: survival and recapture, never seen again by a recursion."""
    phi = 1 / (1 + jnp.exp(-x[0]))
    p = 1 / (1 + jnp.exp(-x[1]))
    chi = [1.0]
    for t in range(3, -1, -1):
        chi.insert(0, 1 - phi[t] + phi[t] * (1 - p[t]) * chi[0])
    histories = [[1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 1]]
    like = 1.0
    for h in histories:
        last = max(i for i, v in enumerate(h) if v)
        for t in range(last):
            seen = p[t] if h[t + 1] else 1 - p[t]
            like = like * phi[t] * seen
        like = like * chi[last]
    return -jnp.log(like) + 1e-3 * x[2].sum()


def quadrature_rasch(x):
    """Psychometrics: 2PL items, ability integrated by nodes, posterior mean of ability."""
    nodes = jnp.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    weights = jnp.array([0.05, 0.25, 0.4, 0.25, 0.05])
    slope = jnp.log1p(jnp.exp(x[0]))
    intercept = x[1]
    p = nn.sigmoid(slope[None, :] * nodes[:, None] + intercept[None, :])
    answers = jnp.array([[1, 0, 1, 1], [0, 0, 1, 0]])
    like = jnp.prod(jnp.where(answers[:, None, :] == 1, p[None], 1.0 - p[None]), axis=-1)
    marginal = like @ weights
    posterior = like * weights / marginal[:, None]
    ability = posterior @ nodes
    return -jnp.log(marginal).sum() + (ability**2).sum() + 1e-3 * x[2].sum()


def cognitive_diagnosis(x):
    """DINA: classes of mastered skills, slips and guesses by logits, posterior class shares."""
    slip = 0.5 / (1 + jnp.exp(-x[0]))
    guess = 0.5 / (1 + jnp.exp(-x[1]))
    share = jnp.exp(x[2]) / jnp.exp(x[2]).sum()
    skills = jnp.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    need = jnp.array([[1, 0], [0, 1], [1, 1], [1, 0]])
    master = jnp.all(skills[:, None, :] >= need[None], axis=-1)
    right = jnp.where(master, 1 - slip, guess)
    answers = jnp.array([1.0, 0.0, 1.0, 0.0])
    like = jnp.prod(right**answers * (1 - right) ** (1 - answers), axis=1)
    posterior = share * like / (share * like).sum()
    return jnp.concatenate([posterior, -jnp.log((share * like).sum())[None]])


def piecewise_hazard(x):
    """Survival: hazards constant between cuts, exposures, deaths within an interval."""
    width = jnp.array([1.0, 1.0, 2.0, 3.0])
    hazard = jnp.exp(jnp.clip(x[0], -50.0, 20.0))
    exposure = jnp.array([[1.0, 0.5, 0, 0], [1, 1, 2, 1.5], [1, 1, 0.3, 0]])
    cumulative = (hazard * exposure).sum(1)
    survive = jnp.exp(-cumulative)
    dead = 1 - jnp.exp(-hazard * width)
    interval = jnp.array([1, 3, 2])
    event = jnp.array([1, 0, 1])
    like = jnp.where(event == 1, survive * dead[interval], survive)
    return -jnp.log(like).sum() / 1e3 + 1e-6 * x[1:].sum()


def cascade_clicks(x):
    """Ranking: expected reciprocal rank and a cascade of clicks, by running products."""
    relevance = 1 / (1 + jnp.exp(-x))
    passed = jnp.cumprod(1 - relevance, axis=1)
    reach = jnp.concatenate([jnp.ones((3, 1)), passed[:, :-1]], axis=1)
    stop = reach * relevance
    err = (stop / jnp.arange(1.0, 5.0)).sum(1)
    clicked = jnp.array([0, 2, 3])
    like = jnp.take_along_axis(stop, clicked[:, None], axis=1)[:, 0]
    abandoned = passed[:, -1]
    return -jnp.log(like).mean() - jnp.log(abandoned).mean() + err.sum()


def position_bias(x):
    """Click models: the posterior of examination and relevance given no click, one EM step."""
    theta = 1 / (1 + jnp.exp(-x[0]))
    gamma = 1 / (1 + jnp.exp(-x[1:]))
    click = jnp.array([[1, 0, 0, 1], [0, 0, 1, 0]])
    no_click = 1 - theta * gamma
    examined = theta * (1 - gamma) / no_click
    relevant = (1 - theta) * gamma / no_click
    new_theta = jnp.where(click == 1, 1.0, examined).mean(0)
    new_gamma = jnp.where(click == 1, 1.0, relevant)
    like = jnp.where(click == 1, theta * gamma, no_click)
    return -jnp.log(like).sum() - jnp.log(new_theta).mean() + new_gamma.sum()


def embedded_clustering(x):
    """Deep embedded clustering: soft assignments sharpened by their squares over frequency."""
    centres = jnp.array([[0.0, 1.0], [1.0, -1.0], [-1.0, 0.5]])
    points = x.reshape(6, 2)
    d2 = ((points[:, None] - centres[None]) ** 2).sum(-1)
    q = (1 + d2) ** -1.0
    q = q / q.sum(1, keepdims=True)
    weight = q**2 / q.sum(0)
    p = weight / weight.sum(1, keepdims=True)
    return (p * jnp.log(p / q)).sum()


def sharpened_assignments(x):
    """Clustering by softmax assignments, sharpened by squares over frequency, balanced."""
    q = jnp.exp(x) / jnp.exp(x).sum(axis=1, keepdims=True)
    frequency = q.sum(0)
    weight = q**2 / frequency
    p = weight / weight.sum(1, keepdims=True)
    target = lax.stop_gradient(p)
    loss = (target * jnp.log(target / q)).sum(1).mean()
    balance = frequency / frequency.sum()
    return loss + (balance * jnp.log(balance * 4)).sum()


def product_of_topics(x):
    """ProdLDA: a softmax of a mixture of logits, a document's words, and a prior on the shares."""
    theta = jnp.exp(x[0, :3]) / jnp.sum(jnp.exp(x[0, :3]))
    beta = jnp.array([[0.5, -1.0, 2.0, 0.0], [1.5, 0.2, -0.3, 0.7]])
    logits = theta[0] * x[1] + theta[1] * beta[0] + theta[2] * beta[1]
    words = jnp.exp(logits) / jnp.sum(jnp.exp(logits))
    counts = jnp.array([3.0, 0.0, 1.0, 2.0])
    rec = -(counts * jnp.log(words + 1e-10)).sum()
    prior_mean = jnp.log(jnp.array([0.3, 0.3, 0.4]))
    m = jnp.log(theta) - jnp.log(theta).mean()
    return rec + 0.1 * jnp.abs(m - prior_mean).sum()


def inclusion_probabilities(x):
    """Model comparison: eight regressions by BIC, inclusion, Bayes factors, averaged effect."""
    bic = x.ravel()[:8]
    models = jnp.array([[(m >> k) & 1 for k in range(3)] for m in range(8)])
    post = jnp.exp(-0.5 * bic)
    post = post / post.sum()
    include = (post[:, None] * models).sum(0)
    odds = include / (1 - include)
    bayes_factor = jnp.exp(-0.5 * (bic[1:] - bic[0]))
    effect = (post * jnp.array([0.0, 1, -1, 2, 0.5, 1, 0, 3])).sum()
    return jnp.log(odds).sum() + jnp.log(bayes_factor.mean()) + effect


def truncated_importance(x):
    """Importance sampling: weights cut at the root of their number, evidence and a mean."""
    log_p, log_q = x.ravel()[:6], x.ravel()[6:]
    w = jnp.exp(log_p) / jnp.exp(log_q)
    cap = jnp.sqrt(6.0) * w.mean()
    cut = jnp.minimum(w, cap)
    values = jnp.array([0.3, -0.2, 1.0, 0.5, -1.5, 2.0])
    plain = (w * values).sum() / w.sum()
    truncated = (cut * values).sum() / cut.sum()
    ess = w.sum() ** 2 / (w**2).sum()
    return jnp.stack([plain, truncated, ess, jnp.log(w.mean())])


def best_path(x):
    """Viterbi in probability space: the best path's share of all paths' probability."""
    emit = jnp.exp(x) / jnp.exp(x).sum(1, keepdims=True)
    move = jnp.array(
        [[0.7, 0.1, 0.1, 0.1], [0.1, 0.6, 0.2, 0.1], [0.2, 0.2, 0.5, 0.1], [0.25, 0.25, 0.25, 0.25]]
    )
    best = emit[0] * 0.25
    total = emit[0] * 0.25
    for t in (1, 2):
        best = jnp.max(best[:, None] * move, axis=0) * emit[t]
        total = (total[:, None] * move).sum(0) * emit[t]
    top = best.max()
    return -jnp.log(top) + jnp.log(total.sum()) + top / total.sum()


def monotonic_attention(x):
    """Monotonic alignments: running products of what is not chosen, divided out, clipped."""
    p = 1 / (1 + jnp.exp(-x))
    previous = jnp.array([1.0, 0.0, 0.0, 0.0])
    outs = []
    for i in range(3):
        keep = jnp.concatenate([jnp.ones(1), jnp.cumprod(1 - p[i])[:-1]])
        alpha = p[i] * keep * jnp.cumsum(previous / jnp.clip(keep, 1e-10, 1.0))
        outs.append(alpha)
        previous = alpha
    alpha = jnp.stack(outs)
    return (alpha @ jnp.array([1.0, -2.0, 0.5, 3.0])).sum() + alpha[:, -1].sum()


def random_features_attention(x):
    """Performer: positive random features of queries and keys, a normalised product."""
    w = jnp.array([[0.5, -1.0, 0.25, 1.0], [1.0, 0.5, -0.5, 0.0], [-0.75, 0.25, 1.0, 0.5]])
    q, k, v = x, x[::-1] * 0.5, jnp.tanh(x)
    phi_q = jnp.exp(q @ w.T - 0.5 * (q**2).sum(-1, keepdims=True))
    phi_k = jnp.exp(k @ w.T - 0.5 * (k**2).sum(-1, keepdims=True))
    kv = jnp.einsum("tm,td->md", phi_k, v)
    z = phi_k.sum(0)
    return jnp.einsum("tm,md->td", phi_q, kv) / jnp.einsum("tm,m->t", phi_q, z)[:, None]


def aligned_and_uniform(x):
    """Contrast on a sphere: alignment of pairs, and the logarithm of a mean Gaussian potential."""
    z = x.reshape(6, 2)
    z = z / jnp.maximum(jnp.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    align = ((z[:3] - z[3:]) ** 2).sum(1).mean()
    i, j = np.triu_indices(6, 1)
    d2 = ((z[i] - z[j]) ** 2).sum(-1)
    uniform = jnp.log(jnp.exp(-2.0 * d2).mean())
    return align + uniform


def sigmoid_pairs(x):
    """SigLIP: all pairs of images and texts by sigmoids, with a temperature and a bias."""
    scale, bias = jnp.exp(2.3), -10.0
    logits = scale * x[:, :3] + bias
    labels = 2 * jnp.eye(3) - 1
    p = 1 / (1 + jnp.exp(-labels * logits))
    loss = -jnp.sum(jnp.log(p)) / 3
    retrieval = jnp.exp(logits) / jnp.exp(logits).sum(0)
    return loss + (1 - jnp.diag(retrieval)).mean() + 1e-3 * x[:, 3].sum()


def learned_schedule(x):
    """Variational diffusion: signal to noise by a monotone network, loss of a step, KL of ends."""
    gamma = -5.0 + jnp.cumsum(jnp.log(1 + jnp.exp(x[0])))
    alpha2 = 1 / (1 + jnp.exp(gamma))
    sigma2 = 1 - alpha2
    snr = alpha2 / sigma2
    step = snr[:-1] / snr[1:] - 1
    error = jnp.array([0.3, 0.2, 0.5])
    loss = jnp.log(1 + 0.5 * step * error).sum()
    end = 0.5 * (sigma2[-1] + alpha2[-1] - 1 - jnp.log(sigma2[-1]))
    start = -0.5 * jnp.log(sigma2[0])
    return loss + end + start + 1e-3 * x[1:].sum()


def planar_flow(x):
    """A planar flow kept invertible by softplus, its log determinant and a Gaussian base."""
    u, w, z = x[0], jnp.tanh(x[1]), jnp.tanh(x[2])
    wu = (w * u).sum()
    m = -1 + jnp.log(1 + jnp.exp(wu))
    u_hat = u + (m - wu) * w / (w**2).sum()
    a = (w * z).sum() + 0.1
    slope = 1 - jnp.tanh(a) ** 2
    det = 1 + slope * (w * u_hat).sum()
    return jnp.log(jnp.abs(det))


def beta_calibration(x):
    """Calibration of a classifier's probability by its two logarithms, and log loss."""
    p = 1 / (1 + jnp.exp(-x.ravel()))
    a, b, c = 0.8, 1.3, 0.2
    z = a * jnp.log(p) - b * jnp.log(1 - p) + c
    q = 1 / (1 + jnp.exp(-z))
    y = jnp.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0])
    loss = -(y * jnp.log(q) + (1 - y) * jnp.log(1 - q)).mean()
    brier = ((q - y) ** 2).mean()
    skill = 1 - brier / ((y.mean() - y) ** 2).mean()
    return loss - skill


def thermal_qubit(x):
    """Quantum: a spin in a field at a temperature, purity, entropy, and free energy."""
    field = x.reshape(3, 4)[:, :3]
    size = jnp.sqrt((field**2).sum(1) + 1e-6)
    z = jnp.exp(-size) + jnp.exp(size)
    up, down = jnp.exp(-size) / z, jnp.exp(size) / z
    purity = up**2 + down**2
    entropy = -(up * jnp.log(up) + down * jnp.log(down))
    free = -jnp.log(z)
    mean = -(field * ((jnp.exp(size) - jnp.exp(-size)) / (z * size))[:, None]).sum(1)
    return jnp.stack([purity, entropy, free, mean])


def acid_speciation(x):
    """Chemistry: fractions of a triprotic acid at a pH, mean charge and buffer capacity."""
    h = 10.0 ** (-x.ravel()[:4])
    k1, k2, k3 = 10.0**-2.1, 10.0**-7.2, 10.0**-12.3
    d = h**3 + k1 * h**2 + k1 * k2 * h + k1 * k2 * k3
    f0, f1 = h**3 / d, k1 * h**2 / d
    f2, f3 = k1 * k2 * h / d, k1 * k2 * k3 / d
    charge = -(f1 + 2 * f2 + 3 * f3)
    buffer = f1 + 4 * f2 + 9 * f3 - charge**2
    return jnp.stack([f0, charge, buffer, jnp.log(f1), jnp.log(f3)])


def helix_zipper(x):
    """Biophysics: the zipper model of a helix, mean length and fraction by powers of a weight."""
    s = jnp.exp(x.ravel())
    sigma, n = 1e-3, 8
    k = jnp.arange(1.0, n + 1)
    weights = sigma * (n - k + 1) * s[:, None] ** k
    z = 1 + weights.sum(1)
    mean = (k * weights).sum(1) / z
    broken = 1 / z
    return mean / n + jnp.log(z) - jnp.log(broken)


def replicator(x):
    """Game theory: replicator steps with exponential fitness, two populations, a best response."""
    payoff = jnp.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    row = jnp.exp(x[0, :3]) / jnp.exp(x[0, :3]).sum()
    col = jnp.exp(x[1, :3]) / jnp.exp(x[1, :3]).sum()
    for _ in range(3):
        r, c = row * jnp.exp(0.5 * payoff @ col), col * jnp.exp(-0.5 * payoff.T @ row)
        row, col = r / r.sum(), c / c.sum()
    value = row @ payoff @ col
    best = (payoff @ col).max() - value
    return jnp.stack([value, best, -(row * jnp.log(row)).sum(), -jnp.log(col[2])])


CHOICES = (
    Form("everyday", "cross_nested_logit", cross_nested_logit, "logits", (3, 4)),
    Form("everyday", "diversion_and_surplus", diversion_and_surplus, "logits", (3, 4)),
    Form("everyday", "demand_inversion", demand_inversion, "logits", (3, 4)),
    Form("everyday", "household_outbreak", household_outbreak, "logits", (3, 4)),
    Form("everyday", "n_mixture", n_mixture, "logits", (3, 4)),
    Form("everyday", "recaptured_birds", recaptured_birds, "logits", (3, 4)),
    Form("everyday", "quadrature_rasch", quadrature_rasch, "logits", (3, 4)),
    Form("everyday", "cognitive_diagnosis", cognitive_diagnosis, "logits", (3, 4)),
    Form("everyday", "piecewise_hazard", piecewise_hazard, "logits", (3, 4)),
    Form("everyday", "cascade_clicks", cascade_clicks, "logits", (3, 4)),
    Form("everyday", "position_bias", position_bias, "logits", (3, 4)),
    Form("everyday", "embedded_clustering", embedded_clustering, "logits", (12,)),
    Form("everyday", "sharpened_assignments", sharpened_assignments, "logits", (3, 4)),
    Form("everyday", "product_of_topics", product_of_topics, "logits", (3, 4)),
    Form("everyday", "inclusion_probabilities", inclusion_probabilities, "logits", (3, 4)),
    Form("everyday", "truncated_importance", truncated_importance, "logits", (3, 4)),
    Form("everyday", "best_path", best_path, "logits", (3, 4)),
    Form("everyday", "monotonic_attention", monotonic_attention, "logits", (3, 4)),
    Form("everyday", "random_features_attention", random_features_attention, "logits", (3, 4)),
    Form("everyday", "aligned_and_uniform", aligned_and_uniform, "logits", (12,)),
    Form("everyday", "sigmoid_pairs", sigmoid_pairs, "logits", (3, 4)),
    Form("everyday", "learned_schedule", learned_schedule, "logits", (3, 4)),
    Form("everyday", "planar_flow", planar_flow, "logits", (3, 4)),
    Form("everyday", "beta_calibration", beta_calibration, "logits", (12,)),
    Form("everyday", "thermal_qubit", thermal_qubit, "logits", (12,)),
    Form("everyday", "acid_speciation", acid_speciation, "logits", (12,)),
    Form("everyday", "helix_zipper", helix_zipper, "logits", (6,)),
    Form("everyday", "replicator", replicator, "logits", (3, 4)),
)
