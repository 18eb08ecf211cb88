"""Naive programs of rendering, survival, clicks and losses."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def sigmoid(z):
    return 1.0 / (1.0 + jnp.exp(-z))


# ---------------------------------------------------------------- rendering


def nerf_ray_rendering(x):
    """Volume rendering of one ray: alphas, transmittance, colour loss, depth, opacity entropy."""
    raw_sigma, raw_grey = x[:6], x[6:]
    t = jnp.array([0.5, 0.9, 1.4, 1.8, 2.5, 3.1, 4.0])
    delta = t[1:] - t[:-1]
    sigma = jnp.log(1 + jnp.exp(raw_sigma - 1.0))
    grey = 1 / (1 + jnp.exp(-raw_grey))
    alpha = 1.0 - jnp.exp(-sigma * delta)
    transmittance = jnp.cumprod(1.0 - alpha + 1e-10)
    transmittance = jnp.concatenate([jnp.ones(1), transmittance[:-1]])
    weights = alpha * transmittance
    colour = jnp.sum(weights * grey)
    acc = jnp.sum(weights)
    mid = 0.5 * (t[1:] + t[:-1])
    depth = jnp.sum(weights * mid) / acc
    colour = colour + (1.0 - acc) * 1.0  # white background
    beta_prior = jnp.log(acc + 1e-6) + jnp.log(1.0 - acc + 1e-6)
    distortion = jnp.sum(weights[:, None] * weights[None, :] * jnp.abs(mid[:, None] - mid[None, :]))
    return (colour - 0.35) ** 2 + 0.01 * distortion + 0.001 * beta_prior + 0.1 * (depth - 2.0) ** 2


def neus_sdf_weights(x):
    """NeuS: alpha from the difference of logistic CDFs of the signed distance along a ray."""
    sdf, log_s = x[:7], 0.1 * jnp.tanh(x[7])
    inv_s = jnp.exp(log_s * 10.0)
    cdf = jax.nn.sigmoid(sdf * inv_s)
    prev_cdf, next_cdf = cdf[:-1], cdf[1:]
    alpha = (prev_cdf - next_cdf + 1e-5) / (prev_cdf + 1e-5)
    alpha = jnp.clip(alpha, 0.0, 1.0)
    weights = alpha * jnp.concatenate([jnp.ones(1), jnp.cumprod(1.0 - alpha + 1e-7)[:-1]])
    depth = weights @ jnp.arange(1.0, 7.0)
    return jnp.stack([weights.sum(), depth])


def soft_rasteriser(x):
    """SoftRas: silhouettes 1 - Π(1 - D), colours blended by softmax of depth, IoU loss."""
    signed = x.reshape(3, 4)  # triangles by pixels
    depth = jnp.array([0.9, 0.4, 0.6])
    rgb = jnp.array([0.2, 0.8, 0.5])
    sigma, gamma, eps = 0.5, 0.1, 1e-3
    coverage = 1 / (1 + jnp.exp(-signed / sigma))
    silhouette = 1.0 - jnp.prod(1.0 - coverage, axis=0)
    blend = coverage * jnp.exp(depth / gamma)[:, None]
    background = jnp.exp(eps / gamma)
    image = (blend * rgb[:, None]).sum(axis=0) / (blend.sum(axis=0) + background)
    target = jnp.array([1.0, 0.0, 1.0, 1.0])
    inter = (silhouette * target).sum()
    union = (silhouette + target - silhouette * target).sum()
    bce = -(target * jnp.log(silhouette) + (1 - target) * jnp.log(1 - silhouette)).mean()
    return 1.0 - inter / union + bce + ((image - 0.3 * target) ** 2).mean()


# ---------------------------------------------------------------- survival, clicks


def deephit_competing(x):
    """DeepHit: joint softmax over risks and times, likelihood, CIFs, ranking loss."""
    logits = x.reshape(2, 6)  # two subjects, 2 risks x 3 times
    expo = jnp.exp(logits)
    joint = (expo / expo.sum(axis=1, keepdims=True)).reshape(2, 2, 3)
    cif = jnp.cumsum(joint, axis=2)
    # subject 0: event of risk 1 at time 1; subject 1: censored at time 1
    event_likelihood = joint[0, 1, 1]
    survival = 1.0 - cif[1, :, 1].sum()
    nll = -jnp.log(event_likelihood + 1e-8) - jnp.log(survival + 1e-8)
    ranking = jnp.exp(-(cif[0, 1, 1] - cif[1, 1, 1]) / 0.1)
    at_risk = 1.0 - jnp.cumsum(joint.sum(axis=1), axis=1)[:, :-1]
    hazard = joint[:, :, 1:] / at_risk[:, None, :]
    calibration = ((cif[:, :, -1].mean(axis=0) - jnp.array([0.4, 0.6])) ** 2).sum()
    return nll + 0.2 * ranking + calibration + 1e-3 * (hazard**2).sum()


def mtlr_survival(x):
    """Multi-task logistic regression: sequences of survival indicators as cumulative scores."""
    scores = x.reshape(2, 4)
    reach = jnp.array([[1.0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]])
    psi = jnp.exp(scores @ reach)
    density = psi / psi.sum(axis=-1, keepdims=True)
    survival = 1 - jnp.cumsum(density, axis=-1)
    uncensored = -jnp.log(density[0, 2])
    censored = -jnp.log(survival[1, 2])
    mean_time = (density * jnp.array([0.5, 1.5, 2.5, 3.5, 5.0])).sum(axis=-1)
    return uncensored + censored + 0.01 * mean_time.sum()


def esmm_click_conversion(x):
    """ESMM: pCTCVR = pCTR * pCVR, binary cross entropies over the entire space."""
    ctr_logit, cvr_logit = x[:6], x[6:]
    click = jnp.array([1.0, 0, 1, 0, 1, 0])
    conversion = jnp.array([1.0, 0, 0, 0, 1, 0])
    p_ctr = jax.nn.sigmoid(ctr_logit)
    p_cvr = jax.nn.sigmoid(cvr_logit)
    p_ctcvr = p_ctr * p_cvr
    ctr_loss = -(click * jnp.log(p_ctr) + (1 - click) * jnp.log(1 - p_ctr))
    ctcvr_loss = -(conversion * jnp.log(p_ctcvr) + (1 - conversion) * jnp.log(1 - p_ctcvr))
    return jnp.mean(ctr_loss) + jnp.mean(ctcvr_loss)


def delayed_feedback(x):
    """Chapelle's delayed feedback: converted late or never, exponential delay."""
    p = 1 / (1 + jnp.exp(-x[:4]))
    lam = jnp.exp(x[4:8])
    converted = jnp.array([True, False, True, False])
    delay = jnp.array([0.5, 0.0, 2.0, 0.0])
    elapsed = jnp.array([3.0, 1.0, 4.0, 6.0])
    positive = jnp.log(p) + jnp.log(lam) - lam * delay
    negative = jnp.log(1 - p + p * jnp.exp(-lam * elapsed))
    posterior = p * jnp.exp(-lam * elapsed) / (1 - p + p * jnp.exp(-lam * elapsed))
    still_expected = jnp.where(converted, 0.0, posterior).sum()
    return jnp.append(-jnp.where(converted, positive, negative).sum(), still_expected)


# ---------------------------------------------------------------- losses


def early_learning_regularised(x):
    """ELR: cross entropy plus log(1 - <p, target>) against a moving average of predictions."""
    p = jnp.exp(x) / jnp.sum(jnp.exp(x), axis=1, keepdims=True)
    p_norm = p / p.sum(axis=1, keepdims=True)
    history = jnp.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.5, 0.2, 0.1], [0.05, 0.05, 0.1, 0.8]])
    target = 0.7 * history + 0.3 * jax.lax.stop_gradient(p_norm)
    ce = -jnp.log(p[jnp.arange(3), jnp.array([0, 2, 3])]).mean()
    elr = jnp.log(1 - (target * p).sum(axis=1)).mean()
    return ce + 3.0 * elr


def quality_focal_dfl(x):
    """Generalised focal loss: quality focal term and distribution focal loss on box offsets."""
    score_logit, offset_logits = x[:4], x[4:].reshape(2, 4)
    quality = jnp.array([0.8, 0.0, 0.35, 0.0])
    p = sigmoid(score_logit)
    ce = -(quality * jnp.log(p) + (1 - quality) * jnp.log(1 - p))
    qfl = (jnp.abs(quality - p) ** 2 * ce).sum()
    dist = jnp.exp(offset_logits) / jnp.exp(offset_logits).sum(axis=1)[:, None]
    y = jnp.array([1.3, 2.6])
    left = jnp.array([1, 2])
    right = left + 1
    rows = jnp.arange(2)
    dfl = -((right - y) * jnp.log(dist[rows, left]) + (y - left) * jnp.log(dist[rows, right]))
    edge = dist @ jnp.arange(4.0)
    giou_like = 1 - jnp.minimum(edge, y) / jnp.maximum(edge, y)
    return qfl + 0.25 * dfl.sum() + giou_like.sum()


def crps_logistic(x):
    """CRPS of a logistic forecast, and log score, from CDF values."""
    location, log_scale = x[:4], jnp.tanh(x[4:8])
    obs = jnp.array([0.4, -1.0, 2.2, 0.0])
    scale = jnp.exp(log_scale)
    cdf = 1 / (1 + jnp.exp(-(obs - location) / scale))
    crps = obs - location - 2 * scale * jnp.log(cdf) - scale
    density = cdf * (1 - cdf) / scale
    return jnp.stack([crps.mean(), -jnp.log(density).mean()])


def dsnt_heatmap(x):
    """Keypoint heatmap: spatial softmax, expected coordinates, JS divergence to a Gaussian."""
    heat = jnp.exp(x) / jnp.exp(x).sum()
    rows = jnp.array([-2 / 3, 0.0, 2 / 3])
    cols = jnp.array([-0.75, -0.25, 0.25, 0.75])
    mu_y = jnp.sum(heat * rows[:, None])
    mu_x = jnp.sum(heat * cols[None, :])
    gauss = jnp.exp(-((rows[:, None] - 0.1) ** 2 + (cols[None, :] + 0.2) ** 2) / (2 * 0.3**2))
    gauss = gauss / gauss.sum()
    m = 0.5 * (heat + gauss)
    js = 0.5 * (heat * jnp.log(heat / m)).sum() + 0.5 * (gauss * jnp.log(gauss / m)).sum()
    var = jnp.sum(heat * cols**2) - mu_x**2
    return jnp.sqrt((mu_x + 0.2) ** 2 + (mu_y - 0.1) ** 2) + js + 0.1 * var


def two_tower_logq(x):
    """Retrieval with in-batch negatives: cosine scores, temperature, log q correction, masking."""
    user = x[:2]
    item = x[2:]
    user = user / jnp.linalg.norm(user, axis=-1, keepdims=True)
    item = item / jnp.linalg.norm(item, axis=-1, keepdims=True)
    scores = jnp.matmul(user, item.T) / 0.05
    frequency = jnp.array([0.02, 0.3])
    scores = scores - jnp.log(frequency)[None, :]
    p = jnp.exp(scores) / jnp.exp(scores).sum(-1, keepdims=True)
    return -jnp.mean(jnp.log(jnp.diagonal(p)))


RENDERING = (
    Form("everyday", "nerf_ray_rendering", nerf_ray_rendering, "logits", (12,)),
    Form("everyday", "neus_sdf_weights", neus_sdf_weights, "logits", (8,)),
    Form("everyday", "soft_rasteriser", soft_rasteriser, "logits", (12,)),
    Form("everyday", "deephit_competing", deephit_competing, "logits", (12,)),
    Form("everyday", "mtlr_survival", mtlr_survival, "logits", (8,)),
    Form("everyday", "esmm_click_conversion", esmm_click_conversion, "logits", (12,)),
    Form("everyday", "delayed_feedback", delayed_feedback, "logits", (8,)),
    Form("everyday", "early_learning_regularised", early_learning_regularised, "logits", (3, 4)),
    Form("everyday", "quality_focal_dfl", quality_focal_dfl, "logits", (12,)),
    Form("everyday", "crps_logistic", crps_logistic, "logits", (8,)),
    Form("everyday", "dsnt_heatmap", dsnt_heatmap, "logits", (3, 4)),
    Form("everyday", "two_tower_logq", two_tower_logq, "signed", (4, 3)),
)
