"""Long naive programs: what people ask about, experts, clamps, entropies, rankings."""

import jax.numpy as jnp
from jax import lax, nn

from naive_programs.form import Form


def soft(x, axis=-1):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=axis, keepdims=True)


def expert_load(x):
    """Experts chosen by a threshold of the largest gate, renormalised, their loads by squares."""
    gates = soft(x)
    top = gates.max(axis=1, keepdims=True)
    kept = jnp.where(gates >= 0.5 * top, gates, 0.0)
    kept = kept / kept.sum(1, keepdims=True)
    out = (kept * jnp.array([1.0, -0.5, 2.0, 0.25])).sum(1)
    importance = gates.sum(0)
    cv2 = importance.var() / (importance.mean() ** 2 + 1e-10)
    return jnp.concatenate([out, cv2[None]])


def hurdle_clipped(x):
    """Econometrics: a hurdle with a zero-truncated Poisson, a conditional mean and loss."""
    cross = nn.sigmoid(x.ravel()[:6])
    lam = jnp.exp(jnp.clip(x.ravel()[6:], -60.0, 8.0))
    y = jnp.array([0, 1, 2, 0, 3, 1])
    fact = jnp.array([1.0, 1, 2, 1, 6, 1])
    truncated = lam**y * jnp.exp(-lam) / (fact * (1 - jnp.exp(-lam)))
    like = jnp.where(y == 0, 1 - cross, cross * truncated)
    mean = lam / (1 - jnp.exp(-lam))
    return -jnp.log(like).sum() + jnp.log(mean).sum()


def scaled_attention(x):
    """The textbook: queries and keys, scores over a root, a mask by a large negative, values."""
    q, k = x, jnp.tanh(x) * 3
    scores = q @ k.T / jnp.sqrt(q.shape[-1] * 1.0)
    mask = jnp.tril(jnp.ones((3, 3)))
    scores = scores * mask - 1e10 * (1 - mask)
    weights = jnp.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ jnp.tanh(x)


def cold_temperature(x):
    """StackOverflow: a temperature that is learned, softplus of a logit, divides the scores."""
    temperature = jnp.log(1 + jnp.exp(x[2, 0])) + 0.05
    p = jnp.exp(x[0] / temperature) / jnp.exp(x[0] / temperature).sum()
    q = soft(x[1])
    return -(q * jnp.log(p)).sum() + (p * jnp.arange(4.0)).sum()


def log_of_clamped(x):
    """pytorch forum: log of a probability plus epsilon beside log of one less it, per class."""
    p = soft(x)
    y = nn.one_hot(jnp.array([1, 0, 3]), 4)
    eps = 1e-8
    one_vs_all = y * jnp.log(p + eps) + (1 - y) * jnp.log(1 - p + eps)
    margin = jnp.log(p[:, 0] / (1 - p[:, 0]))
    return -one_vs_all.sum(1).mean() + jnp.tanh(margin).sum()


def entropy_of_sigmoids(x):
    """jax discussions: entropy of Bernoulli masks with where on zero, sparsity by a KL."""
    p = 1 / (1 + jnp.exp(-x))
    h = -jnp.where(p > 0, p * jnp.log(jnp.where(p > 0, p, 1.0)), 0.0)
    g = -jnp.where(p < 1, (1 - p) * jnp.log(jnp.where(p < 1, 1 - p, 1.0)), 0.0)
    rho = p.mean(0)
    sparse = 0.05 * jnp.log(0.05 / rho) + 0.95 * jnp.log(0.95 / (1 - rho))
    return (h + g).sum() + sparse.sum()


def power_temperature(x):
    """Sharpening (MixMatch): an average of softmaxes to a power, renormalised, guessed labels."""
    p = soft(x).mean(axis=0)
    sharp = p ** (1 / 0.5)
    sharp = sharp / sharp.sum()
    guess = lax.stop_gradient(sharp)
    consistency = ((soft(x) - guess) ** 2).sum(1).mean()
    return -(guess * jnp.log(soft(x)[0])).sum() + consistency - jnp.log(p).mean()


def generalised_cross_entropy(x):
    """Noisy labels: GCE by a power, a transition matrix forward correction, bootstrapping."""
    p = soft(x)
    y = jnp.array([0, 2, 3])
    py = p[jnp.arange(3), y]
    gce = (1 - py**0.7) / 0.7
    noise = 0.8 * jnp.eye(4) + 0.05
    forward = -jnp.log((p @ noise)[jnp.arange(3), y])
    target = 0.8 * nn.one_hot(y, 4) + 0.2 * p
    boot = -(target * jnp.log(p)).sum(1)
    return (gce + forward + boot).mean()


def noisy_rank_metric(x):
    """Learning to rank: softmax of pair losses, row softmaxes as in NeuralNDCG, hinges."""
    s = x.ravel()[:6]
    pair = jnp.log(1 + jnp.exp(-(s[:, None] - s[None, :]) * 2.0))
    upper = jnp.triu(jnp.ones((6, 6)), 1)
    pairwise = (pair * upper).sum() / upper.sum()
    smooth = jnp.log(1 + (jnp.exp(s[1:] - s[0])).sum())
    top = jnp.exp(s) / jnp.exp(s).sum()
    relevance = soft(x.ravel()[6:])
    return pairwise + smooth - (relevance * jnp.log(top)).sum()


def tied_bradley_mixture(x):
    """Two groups of voters with opposite strengths, mixed, their posterior and a swing."""
    s = x[0]
    share = 1 / (1 + jnp.exp(-x[1, 0]))
    i, j = jnp.array([0, 1, 2]), jnp.array([1, 2, 3])
    a = jnp.prod(jnp.exp(s[i]) / (jnp.exp(s[i]) + jnp.exp(s[j])))
    b = jnp.prod(jnp.exp(-s[i]) / (jnp.exp(-s[i]) + jnp.exp(-s[j])))
    like = share * a + (1 - share) * b
    post = share * a / like
    return -jnp.log(like) - jnp.log(post) + post * (1 - post)


def cumulative_incidence_log(x):
    """Weibull and Gompertz survivors by log times, the log of one less a survivor (cloglog)."""
    eta = -jnp.abs(x.ravel()[:6])
    hazard = jnp.exp(eta)
    failed = 1 - jnp.exp(-hazard)
    survive = 1 - failed
    y = jnp.array([1, 0, 1, 0, 1, 1])
    ll = jnp.where(y == 1, jnp.log(failed), jnp.log(survive)).sum()
    odds = failed / survive
    return -ll + jnp.log(odds).mean() + soft(x.ravel()[6:])[1]


FORUMS = tuple(
    Form("everyday", f.__name__, f, "logits", (3, 4))
    for f in (
        expert_load,
        hurdle_clipped,
        scaled_attention,
        cold_temperature,
        log_of_clamped,
        entropy_of_sigmoids,
        power_temperature,
        generalised_cross_entropy,
        noisy_rank_metric,
        tied_bradley_mixture,
        cumulative_incidence_log,
    )
)
