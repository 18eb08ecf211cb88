"""A dozen lines each: distillation, preferences, hazards, credit, chemistry, games."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def decoupled_distillation(x):
    """DKD: target and non-target parts, the target masked by -1000, as in mdistiller."""
    student, teacher = x.reshape(2, 2, 3)
    temperature, alpha, beta = 2.0, 1.0, 4.0
    gt = jax.nn.one_hot(jnp.array([0, 2]), 3)

    def soft(z):
        e = jnp.exp(z / temperature)
        return e / jnp.sum(e, axis=1, keepdims=True)

    ps, pt = soft(student), soft(teacher)
    two_s = jnp.stack([(ps * gt).sum(1), (ps * (1 - gt)).sum(1)], axis=1)
    two_t = jnp.stack([(pt * gt).sum(1), (pt * (1 - gt)).sum(1)], axis=1)
    tckd = (two_t * (jnp.log(two_t) - jnp.log(two_s))).sum(1).mean() * temperature**2
    ns, nt = soft(student - 1000.0 * gt), soft(teacher - 1000.0 * gt)
    nckd = (nt * (jnp.log(nt + 1e-8) - jnp.log(ns + 1e-8))).sum(1).mean() * temperature**2
    return alpha * tckd + beta * nckd


def preference_loss_family(x):
    """DPO with smoothing, robust DPO, IPO and SimPO on three pairs of sequence."""
    policy, reference = x.reshape(2, 3, 2)
    length = jnp.array([[4.0, 6.0], [5.0, 3.0], [8.0, 7.0]])
    beta, eps, margin = 0.5, 0.1, 0.3
    ratio = jnp.diff(policy - reference, axis=1)[:, 0] * -1
    win = 1 / (1 + jnp.exp(-beta * ratio))
    lose = 1 - win
    conservative = -(1 - eps) * jnp.log(win) - eps * jnp.log(lose)
    robust = (-(1 - eps) * jnp.log(win) + eps * jnp.log(lose)) / (1 - 2 * eps)
    ipo = jnp.log(1 + (ratio - 1 / (2 * beta)) ** 2)
    mean_logp = policy / length
    simpo = jnp.log(1 + jnp.exp(-(2.0 * (mean_logp[:, 0] - mean_logp[:, 1]) - margin)))
    return jnp.stack([conservative.mean(), robust.mean(), ipo.mean(), simpo.mean()])


def gflownet_sub_trajectory(x):
    """GFlowNet: forward softmax, fixed backward policy, flows by exp, sub-trajectory balance."""
    logits, log_flow = x[:9].reshape(3, 3), x[9:]
    reward, lam = 0.7, 0.9
    pf = jnp.exp(logits) / jnp.exp(logits).sum(-1, keepdims=True)
    step = jnp.stack([pf[0, 2], pf[1, 0], pf[2, 1]])
    back = jnp.array([0.5, 0.25, 1.0])
    flow = jnp.concatenate([jnp.exp(log_flow), jnp.array([reward])])
    total, norm = 0.0, 0.0
    for i in range(3):
        for j in range(i + 1, 4):
            forward = flow[i] * jnp.prod(step[i:j])
            backward = flow[j] * jnp.prod(back[i:j])
            gap = jnp.log(forward / backward)
            total = total + lam ** (j - i) * jnp.log(1 + gap**2)
            norm = norm + lam ** (j - i)
    return total / norm


def dreamer_unimix_balance(x):
    """DreamerV3: categorical latents with 1% uniform mix, KL balance, free nats, entropy."""
    post, prior = x[:6].reshape(2, 3), x[6:].reshape(2, 3)

    def unimix(z):
        p = jnp.exp(z) / jnp.exp(z).sum(axis=-1)[..., None]
        return 0.99 * p + 0.01 / 3

    def kl(p, q):
        return jnp.sum(p * jnp.log(p / q), axis=-1).sum()

    p, q = unimix(post), unimix(prior)
    dynamics = kl(jax.lax.stop_gradient(p), q)
    represent = kl(p, jax.lax.stop_gradient(q))
    free = 0.1
    raw = jnp.exp(post) / jnp.exp(post).sum(axis=-1)[..., None]
    entropy = -(raw * jnp.log(raw)).sum()
    return 0.5 * jnp.maximum(dynamics, free) + 0.1 * jnp.maximum(represent, free) - 1e-2 * entropy


def ge2e_speaker_loss(x):
    """Generalised end-to-end speaker loss: centroids without self, scaled products, softmax."""
    raw = x.reshape(2, 3, 2)  # speakers, utterances, dimensions
    e = raw / jnp.linalg.norm(raw, axis=-1, keepdims=True)
    centroid = e.mean(axis=1)
    without = (e.sum(axis=1, keepdims=True) - e) / 2
    w, b = 10.0, -5.0
    cross = jnp.einsum("sud,cd->suc", raw, centroid)
    own = jnp.einsum("sud,sud->su", raw, without)
    same = jnp.eye(2)[:, None, :]
    sim = w * (same * own[..., None] + (1 - same) * cross) + b
    p = jnp.exp(sim) / jnp.exp(sim).sum(axis=2, keepdims=True)
    soft = -jnp.log((p * same).sum(axis=2)).mean()
    s = 1 / (1 + jnp.exp(-sim))
    contrast = jnp.mean(1 - (s * same).sum(2) + jnp.max(s * (1 - same), axis=2))
    return jnp.stack([soft, contrast])


def discrete_hazard_network(x):
    """Logistic hazard: survival by cumprod of 1-h, pmf, likelihood and Brier; as in pycox."""
    h = 1 / (1 + jnp.exp(-x.reshape(3, 4)))
    surv = jnp.cumprod(1 - h, axis=1)
    before = jnp.concatenate([jnp.ones((3, 1)), surv[:, :-1]], axis=1)
    pmf = h * before
    idx = jnp.array([[2], [0], [3]])
    event = jnp.array([1.0, 0.0, 1.0])
    f = jnp.take_along_axis(pmf, idx, axis=1)[:, 0]
    s = jnp.take_along_axis(surv, idx, axis=1)[:, 0]
    nll = -(event * jnp.log(f + 1e-12) + (1 - event) * jnp.log(s + 1e-12))
    brier = ((surv - (jnp.arange(4) < idx)) ** 2).mean()
    residual = surv[:, -1]
    cumulative = -jnp.log(residual)
    return jnp.stack([nll.mean(), brier, (cumulative - event).mean()])


def maxent_habitat_outputs(x):
    """Maxent species model: raw output, entropy, logistic and cloglog outputs, training gain."""
    features = x  # one linear score a grid cell
    present = jnp.array([1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0])
    z = jnp.sum(jnp.exp(features))
    raw = jnp.exp(features) / z
    entropy = -jnp.sum(raw * jnp.log(raw))
    scaled = jnp.exp(entropy) * raw
    logistic = scaled / (1 + scaled)
    cloglog = 1 - jnp.exp(-scaled)
    gain = jnp.sum(present * jnp.log(raw)) / present.sum() + math.log(12)
    penalty = 0.01 * jnp.mean(jnp.abs(features))
    suitable = jnp.sum(present * jnp.log(cloglog)) / 3
    return jnp.stack([gain - penalty, suitable, jnp.log(logistic / (1 - logistic)).mean()])


def titration_net_charge(x):
    """Peptide titration with powers of ten: net charge at six pH values, buffer capacity."""
    acid = jnp.array([3.6, 4.2, 8.3]) + 0.5 * x[:3]
    base = jnp.array([7.7, 10.5, 12.0]) + 0.5 * x[3:6]
    ph = 7.0 + 2.0 * x[6:, None]
    negative = 1 / (1 + 10 ** (acid - ph))
    positive = 1 / (1 + 10 ** (ph - base))
    charge = positive.sum(axis=1) - negative.sum(axis=1)
    ratio = jnp.concatenate([10 ** (ph - acid), 10 ** (ph - base)], axis=1)
    capacity = math.log(10) * jnp.sum(ratio / (1 + ratio) ** 2, axis=1)
    protonated = jnp.log10(jnp.prod(1 + 10 ** (acid - ph), axis=1))
    return jnp.stack([charge, capacity, protonated])


def cds_par_spread(x):
    """Credit default swap: softplus hazards, survival, premium and protection legs, par spread."""
    hazard = jnp.log(1 + jnp.exp(x[:6] - 2.0))
    short = 0.03 + 0.02 * jnp.tanh(x[6:])
    accrual, recovery = 0.5, 0.4
    surv = jnp.exp(-jnp.cumsum(hazard * accrual))
    disc = jnp.exp(-jnp.cumsum(short * accrual))
    alive = jnp.concatenate([jnp.ones(1), surv])
    default = alive[:-1] - alive[1:]
    protection = (1 - recovery) * jnp.sum(disc * default)
    premium = jnp.sum(disc * accrual * (alive[1:] + 0.5 * default))
    spread = protection / premium
    conditional = 1 - alive[1:] / alive[:-1]
    return jnp.append(jnp.log(conditional), jnp.log(spread))


def double_bounded_valuation(x):
    """Contingent valuation with two bids: logistic willingness to pay, four answers, mean."""
    index, raw_scale = x[:6], x[6:]
    scale = 0.3 + jnp.log(1 + jnp.exp(raw_scale)) / 3
    low = jnp.array([0.2, 0.5, 1.0, 0.2, 0.5, 1.0])
    high = jnp.array([0.5, 1.0, 2.0, 1.5, 2.0, 3.0])
    below_low = 1.0 / (1.0 + jnp.exp((index - low) / scale))
    below_high = 1.0 / (1.0 + jnp.exp((index - high) / scale))
    answer = jnp.array([0, 1, 2, 1, 0, 2])  # no-no, between, yes-yes
    table = jnp.stack([below_low, below_high - below_low, 1 - below_high])
    chance = table[answer, jnp.arange(6)]
    truncated_mean = scale * jnp.log(1 + jnp.exp(index / scale))
    return jnp.stack([-jnp.log(chance).mean(), truncated_mean.mean()])


def ising_ring_transfer(x):
    """Random-bond Ising ring by 2x2 transfer matrices: free energy, one magnetisation, one bond."""
    bond, field = x[:6], x[6:]
    spin = jnp.array([1.0, -1.0])
    energy = bond[:, None, None] * spin[:, None] * spin[None, :]
    energy = energy + 0.5 * field[:, None, None] * spin[:, None]
    energy = energy + 0.5 * jnp.roll(field, -1)[:, None, None] * spin[None, :]
    transfer = jnp.exp(energy)
    open_chain = jnp.eye(2)
    for matrix in transfer[:-1]:
        open_chain = open_chain @ matrix
    ring = open_chain @ transfer[-1]
    z = jnp.trace(ring)
    magnetisation = jnp.sum(spin * jnp.diagonal(ring)) / z
    correlation = jnp.trace(open_chain @ (transfer[-1] * spin[:, None] * spin[None, :])) / z
    return jnp.stack([-jnp.log(z), magnetisation, correlation])


def cognitive_hierarchy_levels(x):
    """Poisson cognitive hierarchy with logit replies: levels 0 to 3, likelihood of choices."""
    payoff, tau = x[:9].reshape(3, 3), jnp.log(1 + jnp.exp(x[9]))
    precision = jnp.log(1 + jnp.exp(x[10])) + 0.1
    tau = tau + 0.05
    level = jnp.exp(-tau) * jnp.stack([tau**0, tau, tau**2 / 2, tau**3 / 6])
    level = level / level.sum()
    play = [jnp.full(3, 1 / 3)]
    for k in range(1, 4):
        belief = level[:k] / level[:k].sum()
        opponent = jnp.einsum("k,ka->a", belief, jnp.stack(play))
        u = jnp.exp(precision * (payoff @ opponent))
        play.append(u / u.sum())
    aggregate = level @ jnp.stack(play)
    noise = 0.1 / (1 + jnp.exp(-x[11]))
    chosen = (1 - noise) * aggregate + noise / 3
    return -jnp.array([5.0, 2.0, 9.0]) @ jnp.log(chosen) / 16


def ideal_denoiser_velocity(x):
    """Flow matching with a finite data set: posterior weights by densities, velocity, score."""
    z = x.reshape(6, 2)
    data = jnp.array([[1.0, 0.5], [-0.8, 1.2], [0.3, -1.1], [-1.4, -0.6]])
    t = jnp.linspace(0.1, 0.85, 6)
    alpha, sigma = t[:, None], 1 - t[:, None]
    d2 = ((z[:, None, :] - alpha[:, None] * data[None]) ** 2).sum(-1)
    density = jnp.exp(-d2 / (2 * sigma**2)) / (2 * jnp.pi * sigma**2)
    weight = density / density.sum(axis=1, keepdims=True)
    clean = weight @ data
    velocity = (clean - z) / sigma
    log_p = jnp.log(density.mean(axis=1))
    spread = (weight * jnp.log(weight + 1e-12)).sum(axis=1)
    return jnp.concatenate(
        [jnp.tanh(velocity).mean(axis=0), jnp.stack([log_p.mean(), spread.mean()])]
    )


def beam_rescoring_coverage(x):
    """Beam rescoring: attention by softmax, coverage penalty log(min(sum,1))."""
    energy = x.reshape(3, 4)  # target by source
    source_mask = jnp.array([1.0, 1.0, 1.0, 0.0])
    masked = energy * source_mask + -1e9 * (1 - source_mask)
    attention = jnp.exp(masked) / jnp.exp(masked).sum(axis=-1, keepdims=True)
    covered = jnp.minimum(attention.sum(axis=0), 1.0)
    coverage = 0.2 * jnp.sum(jnp.where(source_mask > 0, jnp.log(covered + 1e-12), 0.0))
    readout = energy @ jnp.array([[1.0, -0.3], [0.2, 0.8], [-0.6, 0.4], [0.1, 0.5]])
    token = jnp.exp(readout) / jnp.sum(jnp.exp(readout), axis=1)[:, None]
    logp = jnp.log(token[:, 0] * attention.max(axis=1))
    length = ((5.0 + 3.0) / 6.0) ** 0.6
    return logp.sum() / length + coverage


def exp3_implicit_exploration(x):
    """Exp3-IX bandit: four rounds, weights exp(-eta L), importance-weighted losses, mixed loss."""
    losses = x.reshape(4, 3)
    pulled = [0, 2, 1, 2]
    eta, gamma = 0.8, 0.05
    estimate = jnp.zeros(3)
    paid, potential = 0.0, 0.0
    for t in range(4):
        w = jnp.exp(-eta * estimate)
        p = w / jnp.sum(w)
        arm = jax.nn.one_hot(pulled[t], 3)
        paid = paid + p[pulled[t]] * losses[t, pulled[t]]
        seen = arm * losses[t] / (p + gamma)
        potential = potential - jnp.log(jnp.sum(p * jnp.exp(-eta * seen))) / eta
        estimate = estimate + seen
    final = jnp.exp(-eta * estimate) / jnp.sum(jnp.exp(-eta * estimate))
    return jnp.append(final, jnp.stack([paid, potential]))


PROCEDURES = (
    Form("everyday", "decoupled_distillation", decoupled_distillation, "logits", (12,)),
    Form("everyday", "preference_loss_family", preference_loss_family, "logits", (12,)),
    Form("everyday", "gflownet_sub_trajectory", gflownet_sub_trajectory, "logits", (12,)),
    Form("everyday", "dreamer_unimix_balance", dreamer_unimix_balance, "logits", (12,)),
    Form("everyday", "ge2e_speaker_loss", ge2e_speaker_loss, "signed", (12,)),
    Form("everyday", "discrete_hazard_network", discrete_hazard_network, "logits", (12,)),
    Form("everyday", "maxent_habitat_outputs", maxent_habitat_outputs, "logits", (12,)),
    Form("everyday", "titration_net_charge", titration_net_charge, "logits", (12,)),
    Form("everyday", "cds_par_spread", cds_par_spread, "logits", (12,)),
    Form("everyday", "double_bounded_valuation", double_bounded_valuation, "logits", (12,)),
    Form("everyday", "ising_ring_transfer", ising_ring_transfer, "logits", (12,)),
    Form("everyday", "cognitive_hierarchy_levels", cognitive_hierarchy_levels, "logits", (12,)),
    Form("everyday", "ideal_denoiser_velocity", ideal_denoiser_velocity, "logits", (12,)),
    Form("everyday", "beam_rescoring_coverage", beam_rescoring_coverage, "logits", (12,)),
    Form("everyday", "exp3_implicit_exploration", exp3_implicit_exploration, "logits", (12,)),
)
