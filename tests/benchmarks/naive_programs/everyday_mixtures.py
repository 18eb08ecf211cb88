"""Long naive programs: mixtures, counts, losses as reported, lattices, decisions over time."""

import jax.numpy as jnp
from jax import nn

from naive_programs.form import Form


def soft(x, axis=-1):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=axis, keepdims=True)


def exp3_weights(x):
    """EXP3: weights updated by rewards over probabilities, three rounds."""
    gamma, k = 0.2, 4
    w = jnp.exp(x[0])
    arms, rewards = [1, 3, 0], [1.0, 0.5, 0.8]
    regret = 0.0
    for arm, reward in zip(arms, rewards, strict=True):
        p = (1 - gamma) * w / w.sum() + gamma / k
        estimate = reward / p[arm]
        w = w * jnp.exp(gamma * estimate / k * nn.one_hot(arm, 4))
        regret = regret + (p * jnp.array([0.1, 0.5, 0.2, 0.9])).sum()
    final = w / w.sum()
    return jnp.concatenate([final, regret[None], jnp.log(w.sum())[None]])


def saha_clipped(x):
    """Plasma: the ionised fraction from the root of a quadratic, electrons and neutrals."""
    s = jnp.exp(jnp.clip(x, -200.0, 200.0))
    fraction = (-s + jnp.sqrt(s**2 + 4 * s)) / 2
    neutral = 1 - fraction
    return jnp.log(fraction) + jnp.log(neutral)


def capacity_of_channels(x):
    """Information: a binary symmetric channel's capacity, Bhattacharyya and a mutual entropy."""
    p = 1 / (1 + jnp.exp(-x.ravel()[:6]))
    q = 1 / (1 + jnp.exp(-x.ravel()[6:]))
    h = -(p * jnp.log2(p) + (1 - p) * jnp.log2(1 - p))
    r = p * (1 - q) + (1 - p) * q
    hr = -(r * jnp.log2(r) + (1 - r) * jnp.log2(1 - r))
    chernoff = -jnp.log(2 * jnp.sqrt(p * (1 - p)))
    return jnp.stack([1 - h, hr - h, chernoff])


def masked_softmax_where(x):
    """jax#17117: a softmax over kept entries, the masked ones large."""
    keep = jnp.array([True, True, False, True])
    e = jnp.where(keep, jnp.exp(x), 0.0)
    p = e / e.sum(-1, keepdims=True)
    logp = jnp.where(keep, jnp.log(jnp.where(keep, p, 1.0)), 0.0)
    return -(p * logp).sum(1)


def binomial_logits(x):
    """pytorch#17843: a binomial's log-probability through probabilities, counts of a total."""
    p = 1 / (1 + jnp.exp(-x))
    n = jnp.array([1.0, 3.0, 5.0, 5.0])
    k = jnp.array([1.0, 0.0, 5.0, 2.0])
    coefficient = jnp.array([1.0, 1.0, 1.0, 10.0])
    pmf = coefficient * p**k * (1 - p) ** (n - k)
    return jnp.log(pmf).sum(1)


def logit_crossentropy_flux(x):
    """NNlib#68: gradient of a softmax's log through a quotient by the softmax."""
    p = soft(x)
    y = nn.one_hot(jnp.array([0, 2, 1]), 4)
    ratio = y / p
    back = -(ratio - (ratio * p).sum(1, keepdims=True)) * p
    return (back**2).sum() - (y * jnp.log(p)).sum()


def tanh_normal(x):
    """garage#2129: a squashed normal's density by the inverse of tanh at the squashed point."""
    mean, raw = jnp.tanh(x[0]), x[1]
    action = jnp.tanh(raw)
    back = 0.5 * (jnp.log(1 + action) - jnp.log(1 - action))
    z = (back - mean) / 2.0
    log_prob = -0.5 * jnp.log(1 + z**2) - jnp.log(1 - action**2)
    entropy = -log_prob * 0.2
    return entropy.sum() + jnp.minimum(x[2], 3.0).max() * 0.1


def weighted_bce(x):
    """tensorflow: weighted sigmoid cross entropy with a positive weight, and its mean by mask."""
    p = nn.sigmoid(x)
    y = jnp.array([[1.0, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 0]])
    mask = jnp.array([[1.0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 0, 0]])
    loss = -(3.0 * y * jnp.log(p) + (1 - y) * jnp.log(1 - p))
    hard = jnp.where(loss > 0.7, loss, 0.0)
    return (loss * mask).sum() / mask.sum() + hard.max()


def gumbel_sigmoid(x):
    """pytorch forum: a relaxed Bernoulli of log-probabilities plus logistic noise, a KL."""
    p = nn.sigmoid(x)
    u = jnp.array([0.1, 0.9, 0.5, 0.3])
    logits = jnp.log(p) - jnp.log(1 - p) + jnp.log(u) - jnp.log(1 - u)
    sample = 1 / (1 + jnp.exp(-logits / 0.5))
    kl = p * jnp.log(p / 0.3) + (1 - p) * jnp.log((1 - p) / 0.7)
    return sample.sum() + kl.sum()


def mdn_stack_overflow(x):
    """StackOverflow: a mixture density network whose log of a sum of densities is -inf."""
    pi = soft(x[0])
    mu, sigma = x[1], jnp.exp(jnp.tanh(x[2]))
    y = jnp.array([0.3, -1.2, 2.0])[:, None]
    normal = jnp.exp(-0.5 * jnp.square((y - mu) / sigma)) / (sigma * jnp.sqrt(2 * jnp.pi))
    return -jnp.log(jnp.sum(pi * normal, axis=1)).mean()


def vmf_mixture(x):
    """Directional: von Mises-Fisher in three dimensions, sinh in the constant, a mixture."""
    kappa = jnp.log(1 + jnp.exp(x[0])) + 0.1
    cosine = jnp.tanh(x[1])
    constant = kappa / (2 * jnp.pi * (jnp.exp(kappa) - jnp.exp(-kappa)))
    density = constant * jnp.exp(kappa * cosine)
    mean = (jnp.exp(kappa) + jnp.exp(-kappa)) / (jnp.exp(kappa) - jnp.exp(-kappa)) - 1 / kappa
    share = soft(x[2])
    return -jnp.log((share * density).sum()) + mean.sum()


def ordinal_coral(x):
    """CORAL: ranks by cumulative sigmoids, products of conditionals (CORN), a predicted level."""
    conditional = 1 / (1 + jnp.exp(-x))
    cumulative = jnp.cumprod(conditional, axis=1)
    level = 1 + cumulative.sum(1)
    bounds = jnp.concatenate([jnp.ones((3, 1)), cumulative, jnp.zeros((3, 1))], axis=1)
    pmf = bounds[:, :-1] - bounds[:, 1:]
    y = jnp.array([0, 4, 2])
    picked = pmf[jnp.arange(3), y]
    return -jnp.log(picked).sum() + ((level - y) ** 2).mean()


def soft_nms_and_giou(x):
    """Detection: focal classification with quality, suppression by exponentials of overlap."""
    score = 1 / (1 + jnp.exp(-x[0]))
    quality = jnp.array([0.8, 0.0, 0.5, 0.0])
    gap = jnp.abs(quality - score)
    qfl = -(gap**2) * (quality * jnp.log(score) + (1 - quality) * jnp.log(1 - score))
    bins = soft(x[1])
    dfl = -(0.3 * jnp.log(bins[1]) + 0.7 * jnp.log(bins[2]))
    centre = (bins * jnp.arange(4.0)).sum()
    decay = jnp.exp(-(jnp.tanh(x[2]) ** 2) / 0.5)
    return qfl.sum() + dfl + centre + (score * decay).max()


def stick_breaking_mixture(x):
    """A truncated Dirichlet process: sticks by sigmoids, expected log weights, a cluster's KL."""
    v = 1 / (1 + jnp.exp(-x[0, :3]))
    rest = jnp.cumprod(1 - v)
    pi = jnp.concatenate([v, jnp.ones(1)]) * jnp.concatenate([jnp.ones(1), rest])
    like = jnp.exp(-0.5 * (jnp.array([-1.0, 0.0, 2.0])[:, None] - x[1][None, :]) ** 2)
    joint = pi * like
    resp = joint / joint.sum(1, keepdims=True)
    counts = resp.sum(0)
    bound = (resp * (jnp.log(joint) - jnp.log(resp))).sum()
    return bound + counts @ jnp.arange(4.0)


def zero_inflated_negative_binomial(x):
    """scVI: zero inflation by a logit, a mean by exp, dispersion by softplus, likelihoods."""
    pi = nn.sigmoid(x[0])
    mu = jnp.exp(x[1])
    theta = jnp.log(1 + jnp.exp(x[2])) + 0.1
    y = jnp.array([0.0, 1.0, 0.0, 1.0])
    zero = (theta / (theta + mu)) ** theta
    one = theta * zero * (mu / (theta + mu))
    like = jnp.where(y == 0, pi + (1 - pi) * zero, (1 - pi) * one)
    return -jnp.log(like).sum()


def double_exponential_jump(x):
    """Extreme values: Gumbel and Weibull-type log likelihoods, complementary log-log links."""
    eta = jnp.clip(x.ravel(), -80.0, 80.0)
    p = 1 - jnp.exp(-jnp.exp(eta))
    y = jnp.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0])
    ll = jnp.where(y == 1, jnp.log(p), jnp.log(1 - p))
    gumbel = jnp.exp(-(eta + jnp.exp(-eta)))
    cdf = jnp.exp(-jnp.exp(-eta))
    return jnp.stack([ll, gumbel, cdf, 1 - cdf])


def lambert_activity(x):
    """Chemistry: Wilson-like activity of a mixture, fractions by softmax, log of weighted sums."""
    frac = soft(x)
    lam = jnp.array(
        [[1.0, 0.5, 2.0, 0.1], [0.7, 1.0, 0.3, 1.5], [0.2, 2.5, 1.0, 0.6], [1.1, 0.4, 0.9, 1.0]]
    )
    mix = frac @ lam.T
    ratio = frac / mix
    log_gamma = 1 - jnp.log(mix) - ratio @ lam
    gibbs = (frac * (jnp.log(frac) + log_gamma)).sum(1)
    return gibbs


def adsorption_sites(x):
    """Grand canonical: two coupled sites, occupations, a correlation and fluctuation."""
    mu, coupling = x[0], jnp.tanh(x[1])
    z = jnp.exp(mu)
    w = jnp.exp(coupling)
    xi = 1 + 2 * z + z**2 * w
    mean = (2 * z + 2 * z**2 * w) / xi
    square = (2 * z + 4 * z**2 * w) / xi
    both = z**2 * w / xi
    one = (z + z**2 * w) / xi
    correlation = both - one**2
    return jnp.stack([mean, square - mean**2, correlation, jnp.log(xi) + 1e-3 * jnp.tanh(x[2])])


def lattice_of_potts(x):
    """A row of a Potts model: transfer matrices multiplied, a correlation from their products."""
    j = x.ravel()
    t = [jnp.full((3, 3), 1.0) + (jnp.exp(j[k]) - 1) * jnp.eye(3) for k in range(4)]
    field = jnp.exp(x[2, :3])
    left = field
    for m in t:
        left = (left @ m) * field
    z = left.sum()
    p = left / z
    return jnp.stack([jnp.log(z), (p**2).sum(), p[1]])


def energy_based_joint(x):
    """JEM: class logits' log-sum as an energy, entropy of p(y|x), outlier margins, a ratio."""
    z = jnp.exp(x).sum(1)
    p = jnp.exp(x) / z[:, None]
    energy = -jnp.log(z)
    conf = jnp.max(p, axis=1)
    odin = jnp.max(soft(x / 1000.0), axis=1)
    ratio = z[:, None] / z[None, :]
    rank = ratio / (1 + ratio)
    return energy.sum() * 1e-2 - jnp.log(conf).sum() + odin.sum() + rank.sum() - jnp.log(rank[0, 1])


def perceptual_choice(x):
    """Psychophysics: a lapse, a softmax choice, signal detection, a staircase's posterior."""
    lapse = 0.02
    p = lapse / 2 + (1 - lapse) * nn.sigmoid(x[0])
    y = jnp.array([1.0, 0.0, 1.0, 0.0])
    ll = (y * jnp.log(p) + (1 - y) * jnp.log(1 - p)).sum()
    grid = soft(x[1])
    slope = nn.sigmoid(jnp.array([-1.0, 0.0, 1.0, 2.0]))
    like = slope[:, None] ** y * (1 - slope[:, None]) ** (1 - y)
    post = grid * jnp.prod(like, axis=1)
    post = post / post.sum()
    info = (post * jnp.log(post)).sum()
    dprime = jnp.log(p / (1 - p)).sum() * 0.1
    return jnp.stack([-ll, info, dprime]) + jnp.tanh(x[2, 0])


def hyperbolic_discount(x):
    """Behavioural economics: a softmax of discounted values, prospect weights of probabilities."""
    p = soft(x)
    gamma = 0.61
    w = p**gamma / (p**gamma + (1 - p) ** gamma) ** (1 / gamma)
    prelec = jnp.exp(-((-jnp.log(p)) ** 0.65))
    value = (w * jnp.array([10.0, -5.0, 2.0, 0.0])).sum(1)
    choose = 1 / (1 + jnp.exp(-value))
    return jnp.stack([choose.sum(), prelec.sum(), w.sum()])


def token_merging(x):
    """Speech: a joint of CTC and attention by interpolated logarithms, an entropy, a beam."""
    ctc, att = soft(x), soft(x[:, ::-1] * 0.7)
    joint = ctc**0.3 * att**0.7
    joint = joint / joint.sum(1, keepdims=True)
    beam = jnp.max(joint, axis=1).prod()
    entropy = -(joint * jnp.log(joint)).sum()
    confidence = 1 - entropy / (3 * jnp.log(4.0))
    return -jnp.log(beam) + confidence - jnp.log(1 - jnp.prod(1 - ctc[:, 1]))


def tree_probabilities(x):
    """Soft decision tree: paths of products of sigmoids, leaves of softmaxes, balanced splits."""
    d = nn.sigmoid(x[0])
    leaves = soft(jnp.concatenate([x[1:], x[1:] * -0.5], axis=0))
    root, left, right = d[0], d[1], d[2]
    path = jnp.stack([root * left, root * (1 - left), (1 - root) * right, (1 - root) * (1 - right)])
    y = 2
    loss = -jnp.log((path * leaves[:, y]).sum())
    hard = -(path * jnp.log(leaves[:, y])).sum()
    balance = -0.5 * (jnp.log(root) + jnp.log(1 - root))
    return loss + hard * 0.1 + balance + jnp.log(path[3]) * 0.01


def kalman_of_logits(x):
    """A Polya-gamma bound: tanh over its argument, a quadratic bound of a logistic likelihood."""
    xi = jnp.abs(x.ravel()[:6]) + 0.1
    lam = (1 / (1 + jnp.exp(-xi)) - 0.5) / (2 * xi)
    eta = jnp.tanh(x.ravel()[6:])
    bound = jnp.log(1 / (1 + jnp.exp(-xi))) + (eta - xi) / 2 - lam * (eta**2 - xi**2)
    precision = 1 + 2 * lam.sum()
    return bound.sum() * 1e-3 - 0.5 * jnp.log(precision)


MIXTURES = tuple(
    Form("everyday", f.__name__, f, "logits", (3, 4))
    for f in (
        exp3_weights,
        saha_clipped,
        capacity_of_channels,
        masked_softmax_where,
        binomial_logits,
        logit_crossentropy_flux,
        tanh_normal,
        weighted_bce,
        gumbel_sigmoid,
        mdn_stack_overflow,
        vmf_mixture,
        ordinal_coral,
        soft_nms_and_giou,
        stick_breaking_mixture,
        zero_inflated_negative_binomial,
        double_exponential_jump,
        lambert_activity,
        adsorption_sites,
        lattice_of_potts,
        energy_based_joint,
        perceptual_choice,
        hyperbolic_discount,
        token_merging,
        tree_probabilities,
        kalman_of_logits,
    )
)
