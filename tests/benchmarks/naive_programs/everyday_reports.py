"""Programs in the manner of reports in bug trackers, of losses and their masks."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def stick_breaking_density(x):
    """A Dirichlet's density of a stick that is broken by logits (PyTorch 28441)."""
    z = 1 / (1 + jnp.exp(-(x - jnp.log(jnp.arange(12, 0, -1.0)))))
    rest = jnp.cumprod(1 - z)
    y = jnp.concatenate([z, jnp.ones(1)]) * jnp.concatenate([jnp.ones(1), rest])
    alpha = jnp.linspace(1.5, 3.0, 13)
    return jnp.sum((alpha - 1) * jnp.log(y))


def stick_breaking_pieces(x):
    """Weights of a broken stick, piece by piece, and their log density."""
    z = jax.nn.sigmoid(x)
    w, left = [], 1.0
    for k in range(6):
        w.append(z[k] * left)
        left = left * (1 - z[k])
    w.append(left)
    w = jnp.stack(w)
    return jnp.sum(jnp.array([1.5, 2, 0.5, 3, 1, 2, 0.25]) * jnp.log(w))


def fisher_information(x):
    """Fisher information of a categorical from its logits (ExponentialFamily.jl 294)."""
    p = jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)
    return jax.vmap(lambda q: jnp.diag(q) - jnp.outer(q, q))(p)


def mixture_network(x):
    """A mixture density network, its variances as logarithms (VT-ADL 10)."""
    mu, logvar = x[..., :2], x[..., 2:] * 0.01
    y = jnp.array([0.3, -0.4, 1.0])[:, None]
    logp = -0.5 * (logvar + (y - mu) ** 2 / jnp.exp(logvar))
    return -jnp.log(jnp.sum(0.5 * jnp.exp(logp), -1)).mean()


def contrast_within_labels(x):
    """Contrast within labels, an anchor apart from itself (SupContrast 104)."""
    y = np.array([0, 1, 0])
    weighed = (x[:, None] * jnp.array([1.0, -0.5, 0.25, 2])).sum(-1)
    sim = weighed - jnp.abs(x[:, None] - x[None]).sum(-1)
    eye = jnp.eye(3)
    pos = (y[:, None] == y[None]) * (1 - eye)
    e = jnp.exp(sim) * (1 - eye)
    logp = sim - jnp.log(e.sum(1, keepdims=True))
    mean = (pos * logp).sum(1) / jnp.maximum(pos.sum(1), 1)
    return -mean.mean()


def negative_pairs(x):
    """One positive against its negatives (PyTorch-Image-Retrieval 16)."""
    pos = x[:, :1]
    neg = x[:, 1:]
    return jnp.mean(jnp.log(1 + jnp.sum(jnp.exp(neg - pos), 1)))


def mixture_zero_weight(x):
    """A mixture one of whose weights is 0 (numpyro 2224)."""
    w = jnp.array([0.0, 0.5, 0.5])
    loc = x.reshape(4, 3)
    dens = w * jnp.exp(-0.5 * (0.3 - loc) ** 2) / jnp.sqrt(2 * jnp.pi)
    return jnp.log(dens.sum(-1))


def clipped_ratio(x):
    """Proximal policy: a ratio of probabilities, clipped, and an entropy (Coach 87)."""
    old = jnp.array([[0.2, 0.3, 0.4, 0.1], [0.7, 0.1, 0.1, 0.1], [0.25] * 4])
    a = jnp.array([2, 0, 3])
    adv = jnp.array([1.0, -2.0, 0.5])
    p = jnp.exp(x) / jnp.sum(jnp.exp(x), 1, keepdims=True)
    pa = jnp.take_along_axis(p, a[:, None], 1)[:, 0]
    oa = jnp.take_along_axis(old, a[:, None], 1)[:, 0]
    r = pa / oa
    s = jnp.minimum(r * adv, jnp.clip(r, 0.8, 1.2) * adv)
    ent = -jnp.sum(p * jnp.log(p), 1)
    return -(s + 0.01 * ent).mean()


def low_variance_kl(x):
    """The estimator of a divergence by exp(d) - d - 1 (slime 2198)."""
    lp = jax.nn.log_softmax(x)
    lq = jnp.log(jnp.array([0.1, 0.2, 0.3, 0.4]))
    d = lq - lp
    return jnp.mean(jnp.sum(jnp.exp(lp) * (jnp.exp(d) - d - 1), -1))


def mask_as_logarithm(x):
    """A mask in a softmax as a logarithm (AllenNLP 890)."""
    mask = jnp.array([[1, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0.0]])
    v = x + jnp.log(mask + 1e-45)
    e = jnp.exp(v)
    return jnp.log(e / e.sum(-1, keepdims=True)) * mask


def edge_attention(x):
    """Attention on a graph, normalised over the edges into a node."""
    src = jnp.array([0, 1, 2, 0, 1, 2])
    dst = jnp.array([1, 1, 0, 2, 2, 1])
    h = x
    score = h[src].sum(-1) - h[dst].mean(-1)
    score = jnp.where(score > 0, score, 0.2 * score)
    e = jnp.exp(score)
    z = jax.ops.segment_sum(e, dst, 3)
    a = e / (z[dst] + 1e-16)
    return jax.ops.segment_sum(a[:, None] * h[src], dst, 3)


def overlap_loss(x):
    """Overlap of a segmentation, under log cosh."""
    p = jax.nn.sigmoid(x)
    t = jnp.array([1, 0, 0, 1, 1, 0] * 2)
    dice = 1 - (2 * jnp.sum(p * t) + 1) / (jnp.sum(p) + jnp.sum(t) + 1)
    return jnp.log(jnp.cosh(dice))


def log_cosh_residuals(x):
    """log cosh of residuals."""
    return jnp.mean(jnp.log(jnp.cosh(x - jnp.arange(12.0))))


def relaxed_sample(x):
    """A relaxed sample of a categorical and its entropy."""
    g = -jnp.log(-jnp.log(jnp.linspace(0.1, 0.9, 12).reshape(3, 4)))
    y = jnp.exp((x + g) / 0.1)
    y = y / y.sum(-1, keepdims=True)
    return (y * jnp.log(y * 4)).sum(-1)


def margin_softmax(x):
    """A softmax over cosines with a margin."""
    t = jnp.array([1, 3, 0])
    cos = jnp.tanh(x * 1e-3)
    oh = jax.nn.one_hot(t, 4)
    logits = 64.0 * (cos - 0.35 * oh)
    p = jnp.exp(logits) / jnp.exp(logits).sum(1, keepdims=True)
    return -jnp.mean(jnp.log((p * oh).sum(1)))


def projected_values(x):
    """Distributional values: cross entropy with a target projected on the support."""
    z = jnp.linspace(-10, 10, 4)
    p = jax.nn.softmax(x, -1)
    nxt = jnp.roll(p, 1, 0)
    tz = jnp.clip(jnp.array([1.0, 0.5, -0.3])[:, None] + 0.9 * z, -10, 10)
    w = jnp.clip(1 - jnp.abs(tz[:, None, :] - z[None, :, None]) / (20 / 3), 0, 1)
    m = jnp.einsum("bij,bj->bi", w, jax.lax.stop_gradient(nxt))
    return -(m * jnp.log(p)).sum(-1).mean()


def contrast_both_ways(x):
    """Contrast of two views, by rows and by columns."""
    logits = x[:, :3] * 10 + x[:, 3:]
    e = jnp.exp(logits)
    i = -jnp.log(jnp.diag(e) / e.sum(0))
    t = -jnp.log(jnp.diag(e) / e.sum(1))
    return (i.mean() + t.mean()) / 2


def risk_sets(x):
    """Partial likelihood over risk sets that are running sums."""
    order = np.argsort(np.array([3, 1, 2, 9, 5, 6, 4, 8, 7, 12, 10, 11]))[::-1].copy()
    r = x[order]
    risk = jnp.cumsum(jnp.exp(r))
    ev = jnp.array([1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0])
    return -jnp.sum(ev * (r - jnp.log(risk))) / ev.sum()


def ranking_from_the_end(x):
    """Likelihood of a ranking by running sums from the end."""
    s = x[::-1]
    c = jnp.cumsum(jnp.exp(s)[::-1])[::-1]
    return jnp.sum(jnp.log(c / jnp.exp(s)))


def gated_units(x):
    """Gated units: the sigmoid's and Mish, spelt out."""
    return x * (1 / (1 + jnp.exp(-1.702 * x))) + x * jnp.tanh(jnp.log(1 + jnp.exp(x)))


def distillation_beside_labels(x):
    """Distillation at a temperature, beside hard labels."""
    T = 4.0
    teacher = jnp.array([[1.0, 2, 3, 4], [0, 0, 1, 0], [-1, 5, 2, 2]])
    q = jnp.exp(teacher / T) / jnp.exp(teacher / T).sum(-1, keepdims=True)
    p = jnp.exp(x / T) / jnp.exp(x / T).sum(-1, keepdims=True)
    kl = (q * (jnp.log(q) - jnp.log(p))).sum(-1).mean() * T * T
    hard = jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)
    ce = -jnp.log(hard[jnp.arange(3), jnp.array([0, 2, 1])]).mean()
    return 0.5 * kl + 0.5 * ce


def effective_sizes(x):
    """Effective sample sizes and perplexity of importance weights."""
    w = jnp.exp(x)
    wn = w / w.sum()
    ess = 1 / jnp.sum(wn**2)
    perp = jnp.exp(-jnp.sum(wn * jnp.log(wn)))
    return jnp.log(ess) + jnp.log(perp) + jnp.sum(w) ** 2 / jnp.sum(w**2)


REPORTS = (
    Form("everyday", "stick_breaking_density", stick_breaking_density, "logits", (12,)),
    Form("everyday", "stick_breaking_pieces", stick_breaking_pieces, "logits", (6,)),
    Form("everyday", "fisher_information", fisher_information, "logits", (3, 4)),
    Form("everyday", "mixture_network", mixture_network, "logits", (3, 4)),
    Form("everyday", "contrast_within_labels", contrast_within_labels, "logits", (3, 4)),
    Form("everyday", "negative_pairs", negative_pairs, "logits", (3, 4)),
    Form("everyday", "mixture_zero_weight", mixture_zero_weight, "logits", (12,)),
    Form("everyday", "clipped_ratio", clipped_ratio, "logits", (3, 4)),
    Form("everyday", "low_variance_kl", low_variance_kl, "logits", (3, 4)),
    Form("everyday", "mask_as_logarithm", mask_as_logarithm, "logits", (3, 4)),
    Form("everyday", "edge_attention", edge_attention, "logits", (3, 4)),
    Form("everyday", "overlap_loss", overlap_loss, "logits", (12,)),
    Form("everyday", "log_cosh_residuals", log_cosh_residuals, "logits", (12,)),
    Form("everyday", "relaxed_sample", relaxed_sample, "logits", (3, 4)),
    Form("everyday", "margin_softmax", margin_softmax, "logits", (3, 4)),
    Form("everyday", "projected_values", projected_values, "logits", (3, 4)),
    Form("everyday", "contrast_both_ways", contrast_both_ways, "logits", (3, 4)),
    Form("everyday", "risk_sets", risk_sets, "logits", (12,)),
    Form("everyday", "ranking_from_the_end", ranking_from_the_end, "logits", (12,)),
    Form("everyday", "gated_units", gated_units, "logits", (12,)),
    Form("everyday", "distillation_beside_labels", distillation_beside_labels, "logits", (3, 4)),
    Form("everyday", "effective_sizes", effective_sizes, "logits", (12,)),
)
