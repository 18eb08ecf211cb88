"""Naive cores of public code in which nan or infinity was reported."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.special import erf

from naive_programs.form import Form


def listmle_padded(x):
    """ListMLE over padded lists (huggingface/sentence-transformers #4012, #3827): scores near
    +-1000 overflow, as the Plackett-Luce normaliser exponentiates and adds epsilon."""
    mask = jnp.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]], bool)
    logits = jnp.where(mask, x, 1e-16)
    scores = jnp.exp(logits)
    remaining = jnp.flip(jnp.cumsum(jnp.flip(scores * mask, 1), 1), 1)
    log_probs = jnp.log(scores / (remaining + 1e-10))
    log_probs = jnp.where(mask, log_probs, 0.0)
    return -jnp.sum(log_probs) / mask.sum()


def orpo_odds_ratio(x):
    """ORPO loss (huggingface/trl #2564, #3237; ColossalAI #6407): log1p(-exp(logp)) is nan when
    the policy is sure of the response."""
    logits = x.reshape(2, 2, 3)
    labels = jnp.array([[0, 2], [1, 1]])
    probs = jnp.exp(logits) / jnp.exp(logits).sum(-1, keepdims=True)
    picked = jnp.take_along_axis(probs, labels[..., None], axis=-1)[..., 0]
    logps = jnp.log(picked).mean(-1)
    chosen, rejected = logps[0], logps[1]
    log_odds = (chosen - rejected) - (jnp.log1p(-jnp.exp(chosen)) - jnp.log1p(-jnp.exp(rejected)))
    ratio = jnp.log(1 / (1 + jnp.exp(-log_odds)))
    return -chosen - 0.1 * ratio


def supcon_self_masked(x):
    """SupConLoss (HobbitLong/SupContrast #104, #111; TS-TCC #25): the row's maximum is the
    masked-out self similarity, so the sum of the rest is zero and its log -inf."""
    anchor_dot_contrast = x / 0.07
    logits_max = jnp.max(anchor_dot_contrast, axis=1, keepdims=True)
    logits = anchor_dot_contrast - lax.stop_gradient(logits_max)
    logits_mask = jnp.ones((3, 4)) - jnp.eye(3, 4)
    positives = jnp.array([[0, 1, 0, 0], [1, 0, 0, 1], [0, 1, 0, 1.0]])
    exp_logits = jnp.exp(logits) * logits_mask
    log_prob = logits - jnp.log(exp_logits.sum(1, keepdims=True))
    mean_log_prob_pos = (positives * log_prob).sum(1) / positives.sum(1)
    return -mean_log_prob_pos.mean()


def mdn_component_sum(x):
    """Mixture density network loss (keras-team/keras #1061): the mixture likelihood is summed
    over components as it is written, then logged; loss inf, then nan."""
    means, raw, alpha = x[:4], x[4:8], x[8:]
    sigmas = jnp.log(1 + jnp.exp(raw)) + 1e-3
    weights = jnp.exp(alpha) / jnp.sum(jnp.exp(alpha))
    true = 0.4

    def component(mu, sig, al):
        ps = jnp.exp(-((true - mu) ** 2) / (2 * sig**2)) / (sig * jnp.sqrt(2 * jnp.pi))
        return al * ps

    r = jax.vmap(component)(means, sigmas, weights)
    return -jnp.log(jnp.sum(r, axis=0))


def softmax_where_unselected(x):
    """softmax with where= (jax-ml/jax #17117): the maximum is taken over selected entries only,
    exp overflows at the others and where's gradient is nan."""
    where = jnp.array([True, True, False, True, False])
    x_max = jnp.max(x, where=where, initial=-jnp.inf)
    unnormalized = jnp.exp(x - lax.stop_gradient(x_max))
    result = jnp.where(where, unnormalized, 0.0)
    result = result / jnp.sum(result)
    return result @ jnp.array([0.5, -1.0, 9.0, 2.0, 4.0])


def gat_scatter_softmax(x):
    """Edge softmax of graph attention (pyg-team/pytorch_geometric #53, keras-gat #23): exp of raw
    edge scores, scattered sums per target node."""
    dst = jnp.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3])
    src = jnp.array([1, 2, 3, 0, 2, 0, 1, 3, 2, 3, 0, 1])
    feature = jnp.array([[0.2, -1.0], [1.5, 0.3], [-0.4, 0.8], [0.9, 0.1]])
    alpha = jnp.where(x > 0, x, 0.2 * x)
    out = jnp.exp(alpha)
    denominator = jnp.zeros(4).at[dst].add(out)
    coefficient = out / (denominator[dst] + 1e-16)
    message = coefficient[:, None] * feature[src]
    return jnp.zeros((4, 2)).at[dst].add(message)


def mnlogit_loglike(x):
    """MNLogit.loglike (statsmodels #3635, #4738): cdf = eXB / eXB.sum gives inf/inf, and the log
    of zero probabilities multiplied by zero dummies gives nan."""
    d_wendog = jnp.eye(4)[jnp.array([0, 2, 3, 1])]
    e_xb = jnp.column_stack((jnp.ones(len(x)), jnp.exp(x)))
    prob = e_xb / e_xb.sum(1)[:, None]
    logprob = jnp.log(prob)
    return jnp.sum(d_wendog * logprob)


def nested_logit_predict(x):
    """predict of a nested logit (ycroissant/mlogit #17): probabilities do not sum to one because
    exp(V / lambda) overflows or the nest's sum is zero."""
    lam = jnp.array([0.35, 0.8])
    nest = jnp.array([0, 0, 1, 1, 1])
    scaled = jnp.exp(x / lam[nest])
    nest_sum = jax.ops.segment_sum(scaled, nest, num_segments=2)
    within = scaled / nest_sum[nest]
    inclusive = nest_sum**lam
    marginal = inclusive / inclusive.sum()
    probability = within * marginal[nest]
    share = probability @ jnp.array([1.0, -0.5, 2.0, 0.3, -1.2])
    return jnp.stack([share, jnp.log(probability[3])])


def truncated_normal_logprob(x):
    """TruncatedNormal.log_prob (pyro-ppl/numpyro #1492, tensorflow/probability #518): the
    difference of two cdf values in the tail is zero and the log density inf."""
    low, high = -1.0, 2.0
    y = jnp.array([0.3, -0.7, 1.9, 0.0, 1.1])

    def cdf(z):
        return 0.5 * (1 + erf(z / jnp.sqrt(2.0)))

    log_density = -0.5 * (y - x) ** 2 - 0.5 * jnp.log(2 * jnp.pi)
    return jnp.sum(log_density - jnp.log(cdf(high - x) - cdf(low - x)))


def binary_focal_half_gamma(x):
    """binary_focal_loss_with_logits, gamma 0.5 (kornia #918, optax #1267): pow and log both have
    an infinite slope where the sigmoid saturates."""
    alpha, gamma = 0.25, 0.5
    target = jnp.array([0.0, 1.0, 0.0, 1.0, 1.0])
    probs = 1 / (1 + jnp.exp(-x))
    positive = -alpha * jnp.power(1.0 - probs, gamma) * target * jnp.log(probs)
    negative = -(1 - alpha) * jnp.power(probs, gamma) * (1.0 - target) * jnp.log(1.0 - probs)
    return jnp.mean(positive + negative)


def sac_squashed_logprob(x):
    """Squashed Gaussian policy (openai/spinningup, ray #14878, garage #1174, CleanRL's log_std):
    log(1 - tanh(u)^2) without an epsilon, and (u - mean) recomputed from the sample."""
    mean, raw = x[0], x[1]
    noise = jnp.array([0.3, -1.2, 0.8, 0.05, -0.6, 1.7])
    log_std = -5 + 0.5 * (2 + 5) * (jnp.tanh(raw) + 1)
    std = jnp.exp(log_std)
    u = mean + std * noise
    action = jnp.tanh(u)
    log_prob = -((u - mean) ** 2) / (2 * std**2) - jnp.log(std) - 0.5 * jnp.log(2 * jnp.pi)
    log_prob = log_prob - jnp.log(1 - action**2)
    return log_prob.sum()


def discretized_logistic_mixture(x):
    """discretized_mix_logistic_loss (openai/pixel-cnn, r9y9/wavenet_vocoder) before its guards:
    log of the difference of two sigmoids, then log of a sum of exps."""
    logit_probs, means, log_scales = x[0], x[1], jnp.maximum(x[2], -7.0)
    y = 0.1
    centered = y - means
    inv_stdv = jnp.exp(-log_scales)
    plus_in = inv_stdv * (centered + 1.0 / 255.0)
    min_in = inv_stdv * (centered - 1.0 / 255.0)
    cdf_plus = 1 / (1 + jnp.exp(-plus_in))
    cdf_min = 1 / (1 + jnp.exp(-min_in))
    log_probs = jnp.log(cdf_plus - cdf_min)
    log_weights = jnp.log(jnp.exp(logit_probs) / jnp.sum(jnp.exp(logit_probs)))
    return -jnp.log(jnp.sum(jnp.exp(log_probs + log_weights)))


def ordered_logistic(x):
    """Ordered logistic likelihood (pymc #2746, #5064): category probabilities as differences of
    cumulative sigmoids, logged."""
    cutpoints = jnp.array([-1.5, 0.0, 2.0])
    y = jnp.array([0, 2, 3, 1, 2])
    cumulative = 1 / (1 + jnp.exp(-(cutpoints - x[:, None])))
    padded = jnp.concatenate([jnp.zeros((5, 1)), cumulative, jnp.ones((5, 1))], axis=1)
    probabilities = padded[:, 1:] - padded[:, :-1]
    return jnp.log(probabilities[jnp.arange(5), y]).sum()


def multinomial_diffusion_kl(x):
    """Posterior KL of multinomial diffusion, without the log trick (ehoogeboom/
    multinomial_diffusion #2, tab-ddpm #2)."""
    k, alpha_t, bar_prev = 4, 0.95, 0.8
    x_t = jax.nn.one_hot(jnp.array([1, 3, 0]), k)
    x_0 = jax.nn.one_hot(jnp.array([1, 2, 0]), k)
    x_0_hat = jnp.exp(x) / jnp.exp(x).sum(axis=1, keepdims=True)

    def posterior(start):
        prior = bar_prev * start + (1 - bar_prev) / k
        likelihood = alpha_t * x_t + (1 - alpha_t) / k
        unnormed = prior * likelihood
        return unnormed / unnormed.sum(axis=1, keepdims=True)

    q, p = posterior(x_0), posterior(x_0_hat)
    kl = (q * (jnp.log(q) - jnp.log(p))).sum(axis=1)
    nll = -jnp.log((x_0 * x_0_hat).sum(axis=1))
    return kl.sum() + 0.1 * nll.sum()


def colvars_path_cv(x):
    """Arithmetic path collective variables s and z (Colvars #553): numerator, denominator and
    -log(denominator) / lambda of plain exponentials of distances."""
    lam = 2.5
    frames = jnp.arange(5.0)
    weights = jnp.exp(-lam * x)
    denominator_s = weights.sum()
    numerator_s = (frames * weights).sum()
    s = numerator_s / denominator_s / 4
    z = -1.0 / lam * jnp.log(denominator_s)
    return jnp.stack([s, z])


def unlikelihood_tokens(x):
    """Token unlikelihood (facebookresearch/unlikelihood_training #10): log_softmax is stable but
    1 - exp(lprob) cancels."""
    lprobs = jax.nn.log_softmax(x, axis=-1)
    target = jnp.array([0, 2, 1])
    nll = -lprobs[jnp.arange(3), target]
    negatives = jnp.array([[0, 1, 0, 1], [1, 1, 0, 0], [1, 0, 0, 1.0]])
    one_minus_probs = 1.0 - jnp.exp(lprobs)
    unlikelihood = -jnp.log(one_minus_probs) * negatives
    return nll.mean() + 0.5 * unlikelihood.sum() / negatives.sum()


def occupancy_sites(x):
    """Single-season site occupancy (stan-dev/example-models BPA ch. 13, #99, unmarked):
    psi * prod(p^y (1-p)^(1-y)) + (1 - psi) * [never seen]."""
    y = jnp.array([[0, 1, 0], [0, 0, 0], [1, 1, 0.0]])
    psi = 1.0 / (1.0 + jnp.exp(-x[:, 0]))
    p = 1.0 / (1.0 + jnp.exp(-x[:, 1:]))
    detection = jnp.prod(p**y * (1 - p) ** (1 - y), axis=1)
    never = (y.sum(axis=1) == 0).astype(jnp.float32)
    likelihood = psi * detection + (1 - psi) * never
    psi_nd = psi[1] * detection[1] / (psi[1] * detection[1] + 1 - psi[1])
    return jnp.array([jnp.log(likelihood).sum(), psi_nd])


def sat_clause_loss(x):
    """Unsupervised SAT clause loss V_c (LUMII-Syslab/QuerySAT #1): one minus the product of one
    minus literal values, then logged."""
    variable = jnp.array([[0, 1, 2], [0, 3, 4], [1, 2, 4], [2, 3, 0]])
    sign = jnp.array([[1, -1, 1], [-1, 1, 1], [1, -1, -1], [1, -1, -1]])
    value = 1 / (1 + jnp.exp(-x))
    literal = jnp.where(sign > 0, value[variable], 1 - value[variable])
    unsatisfied = jnp.prod(1 - literal, axis=1)
    clause = 1 - unsatisfied
    return -jnp.sum(jnp.log(clause))


def von_mises_fisher_3d(x):
    """3D von Mises-Fisher loss (graphnet-team/graphnet #900, stan-dev/math #3035): the
    normaliser kappa / (4 pi sinh kappa) overflows for large kappa."""
    target = jnp.array([[1.0, 0, 0], [0, 0.6, 0.8], [-0.6, 0, 0.8], [0, -1.0, 0]])
    kappa = jnp.linalg.norm(x, axis=1)
    dotprod = jnp.sum(x * target, axis=1)
    log_cmk = jnp.log(kappa) - jnp.log(4 * jnp.pi * jnp.sinh(kappa))
    return -jnp.mean(log_cmk + dotprod)


PUBLIC = (
    Form("everyday", "listmle_padded", listmle_padded, "logits", (3, 4)),
    Form("everyday", "orpo_odds_ratio", orpo_odds_ratio, "logits", (2, 6)),
    Form("everyday", "supcon_self_masked", supcon_self_masked, "logits", (3, 4)),
    Form("everyday", "mdn_component_sum", mdn_component_sum, "logits", (12,)),
    Form("everyday", "softmax_where_unselected", softmax_where_unselected, "logits", (5,)),
    Form("everyday", "gat_scatter_softmax", gat_scatter_softmax, "logits", (12,)),
    Form("everyday", "mnlogit_loglike", mnlogit_loglike, "logits", (4, 3)),
    Form("everyday", "nested_logit_predict", nested_logit_predict, "logits", (5,)),
    Form("everyday", "truncated_normal_logprob", truncated_normal_logprob, "logits", (5,)),
    Form("everyday", "binary_focal_half_gamma", binary_focal_half_gamma, "logits", (5,)),
    Form("everyday", "sac_squashed_logprob", sac_squashed_logprob, "logits", (2, 6)),
    Form(
        "everyday", "discretized_logistic_mixture", discretized_logistic_mixture, "logits", (3, 4)
    ),
    Form("everyday", "ordered_logistic", ordered_logistic, "logits", (5,)),
    Form("everyday", "multinomial_diffusion_kl", multinomial_diffusion_kl, "logits", (3, 4)),
    Form("everyday", "colvars_path_cv", colvars_path_cv, "logits", (5,)),
    Form("everyday", "unlikelihood_tokens", unlikelihood_tokens, "logits", (3, 4)),
    Form("everyday", "occupancy_sites", occupancy_sites, "logits", (3, 4)),
    Form("everyday", "sat_clause_loss", sat_clause_loss, "logits", (5,)),
    Form("everyday", "von_mises_fisher_3d", von_mises_fisher_3d, "logits", (4, 3)),
)
