"""Procedures of some lines: gated chunks, contrastive estimates, rates of matter, prices."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def gated_linear_chunk(x):
    """Gated linear attention, chunk form: queries times, keys over."""
    gate_logit, value = x[:8].reshape(4, 2), x[8:]
    query = jnp.array([[0.6, 0.3], [0.2, 0.9], [0.8, 0.5], [0.4, 0.7]])
    key = jnp.array([[0.5, 0.4], [0.9, 0.1], [0.3, 0.6], [0.7, 0.8]])
    gate = (1 / (1 + jnp.exp(-gate_logit))) ** 0.25
    decay = jnp.cumprod(gate, axis=0)
    scores = jnp.tril((query * decay) @ (key / decay).T)
    out = scores @ value / jnp.maximum(jnp.abs(scores.sum(axis=1)), 1.0)
    state = jnp.einsum("td,t->d", decay[-1] * key / decay, value)
    half_life = jnp.log(decay[-1]) / 4
    return jnp.concatenate([out, state, half_life])


def hard_negative_debiased(x):
    """Debiased contrastive loss with hard negatives, floor on the estimate."""
    temperature, tau_plus, beta, n = 0.5, 0.1, 1.0, 3
    pos = jnp.exp(x[:3] / temperature)
    neg = jnp.exp(x[3:].reshape(3, n) / temperature)
    importance = neg**beta
    reweighted = (importance * neg).sum(axis=-1) / importance.mean(axis=-1)
    estimate = (-tau_plus * n * pos + reweighted) / (1 - tau_plus)
    estimate = jnp.maximum(estimate, n * math.e ** (-1 / temperature))
    hard = -jnp.log(pos / (pos + estimate))
    decoupled = -jnp.log(pos / neg.sum(axis=-1))
    return jnp.stack([hard.mean(), decoupled.mean()])


def vimco_leave_one_out(x):
    """VIMCO: multi-sample bound, per-sample baselines with a geometric mean put in, surrogate."""
    log_w = x.reshape(2, 6)
    log_q = -0.3 * log_w + 0.1 * log_w[:, ::-1]
    k = 6
    w = jnp.exp(log_w)
    bound = jnp.log(w.mean(axis=1, keepdims=True))
    others = jnp.exp((log_w.sum(axis=1, keepdims=True) - log_w) / (k - 1))
    rest = w @ (1 - jnp.eye(k))
    signal = bound - jnp.log((rest + others) / k)
    share = w / w.sum(axis=1, keepdims=True)
    surrogate = (jax.lax.stop_gradient(signal) * log_q).sum(axis=1) + bound[:, 0]
    return jnp.stack([-surrogate.mean(), signal.mean(), 1 / (share**2).sum(axis=1).mean()])


def beta_tcvae_decomposition(x):
    """Beta-TCVAE on a batch of three: index-code information, total correlation."""
    mean, raw = x[:6].reshape(3, 2), x[6:].reshape(3, 2)
    sd = jnp.exp(0.5 * jnp.tanh(raw))
    noise = jnp.array([[0.3, -0.8], [-1.2, 0.5], [0.7, 1.1]])
    z = mean + sd * noise

    def normal(at, m, s):
        return jnp.exp(-0.5 * ((at - m) / s) ** 2) / (s * math.sqrt(2 * math.pi))

    pair = normal(z[:, None, :], mean[None], sd[None])  # sample, source, dimension
    own = normal(z, mean, sd).prod(axis=-1)
    joint = pair.prod(axis=-1).mean(axis=1)
    marginal = pair.mean(axis=1)
    information = jnp.log(own / joint).mean()
    correlation = jnp.log(joint / marginal.prod(axis=-1)).mean()
    dimension = jnp.log(marginal / normal(z, 0.0, 1.0)).sum(axis=-1).mean()
    return jnp.stack([information, correlation, dimension])


def best_worst_scaling(x):
    """MaxDiff: best-worst pairs by difference model, the sequential model, shares of preference."""
    u = x.reshape(3, 4)
    best, worst = jnp.array([0, 3, 1]), jnp.array([2, 0, 3])
    diff = jnp.exp(u[:, :, None] - u[:, None, :])
    diff = jnp.where(jnp.eye(4, dtype=bool), 0.0, diff)
    pair = diff / diff.sum(axis=(1, 2), keepdims=True)
    chosen = pair[jnp.arange(3), best, worst]
    first = jnp.exp(u) / jnp.exp(u).sum(axis=1, keepdims=True)
    left = 1.0 - jax.nn.one_hot(best, 4)
    last = left * jnp.exp(-u) / jnp.sum(left * jnp.exp(-u), axis=1, keepdims=True)
    sequential = first[jnp.arange(3), best] * last[jnp.arange(3), worst]
    marginal_best = pair.sum(axis=2)
    agreement = (marginal_best * first).sum(axis=1)
    return jnp.stack(
        [-jnp.log(chosen).sum(), -jnp.log(sequential).sum(), jnp.log(agreement).mean()]
    )


def troe_falloff(x):
    """Unimolecular fall-off: Lindemann with Troe broadening, apparent order."""
    low, high, bath = jnp.exp(x[:4]), jnp.exp(x[4:8]), jnp.exp(0.5 * x[8:])
    centre = 0.6
    reduced = low * bath / high
    log_pr = jnp.log10(reduced)
    c = -0.4 - 0.67 * math.log10(centre)
    n = 0.75 - 1.27 * math.log10(centre)
    f1 = (log_pr + c) / (n - 0.14 * (log_pr + c))
    broadening = 10 ** (math.log10(centre) / (1 + f1**2))
    rate = high * (reduced / (1 + reduced)) * broadening
    order = 1 - reduced / (1 + reduced)
    branching = rate / rate.sum()
    return jnp.stack(
        [jnp.log(rate).mean(), jnp.log(order).mean(), branching[0], -jnp.log(branching).sum()]
    )


def saha_ionisation_ladder(x):
    """Saha: stage populations as cumulative products of ratios, mean charge, spread, entropy."""
    barrier = x.reshape(3, 4)  # elements by ionisation steps
    abundance = jnp.array([0.7, 0.2, 0.1])
    ratio = 2.0 * jnp.exp(-barrier)
    ladder = jnp.concatenate([jnp.ones((3, 1)), jnp.cumprod(ratio, axis=1)], axis=1)
    fraction = ladder / ladder.sum(axis=1, keepdims=True)
    stage = jnp.arange(5.0)
    charge = jnp.einsum("es,s->e", fraction, stage)
    spread = jnp.einsum("es,es->e", fraction, (stage - charge[:, None]) ** 2)
    entropy = -jnp.sum(fraction * jnp.log(fraction), axis=1)
    electrons = abundance @ charge
    neutral = jnp.log(fraction[:, 0])
    return jnp.concatenate([neutral, entropy, jnp.stack([electrons, abundance @ spread])])


def wallinga_teunis_infectors(x):
    """Who infected whom: serial interval times infectiousness, row-normalised; case numbers R."""
    infectious, mixing = x[:6], x[6:]
    day = jnp.array([0.0, 2.0, 3.0, 5.0, 6.0, 9.0])
    distance = jnp.abs(jnp.sin(1.7 * jnp.arange(36.0))).reshape(6, 6)
    gap = day[:, None] - day[None, :]
    serial = jnp.where(gap > 0, jnp.abs(gap) * jnp.exp(-jnp.abs(gap) / 2), 0.0)
    force = jnp.exp(infectious[None, :] - mixing[:, None] * distance)
    weight = jnp.tril(serial * force, -1)[1:]
    parent = weight / weight.sum(axis=1, keepdims=True)
    reproduction = parent.sum(axis=0)
    loglik = jnp.log(weight.sum(axis=1)) - jnp.log(jnp.sum(force, axis=1))[1:]
    index_case = parent[:, 0]
    surprise = -jnp.log(index_case).mean()
    spreader = jnp.sum(reproduction**2) / jnp.sum(reproduction)
    return jnp.concatenate([reproduction[:5], jnp.stack([-loglik.mean(), surprise, spreader])])


def quest_threshold_posterior(x):
    """QUEST: twelve yes/no trials, logistic psychometric function, threshold on a grid of five."""
    grid = jnp.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    prior = jnp.exp(-0.5 * (grid / 1.5) ** 2)
    prior = prior / prior.sum()
    yes = jnp.array([1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0])[:, None]
    seen = 1 / (1 + jnp.exp(-1.2 * (x[:, None] - grid)))
    likelihood = jnp.where(yes == 1, seen, 1 - seen).prod(axis=0)
    evidence = prior @ likelihood
    posterior = prior * likelihood / evidence
    threshold = posterior @ grid
    variance = posterior @ (grid - threshold) ** 2
    entropy = -posterior @ jnp.log(posterior)
    next_seen = 1 / (1 + jnp.exp(-1.2 * (threshold + 0.3 - grid))) @ posterior
    return jnp.stack([-jnp.log(evidence), threshold, variance, entropy, -jnp.log(next_seen)])


def neuralsort_relaxation(x):
    """NeuralSort: unimodal relaxed permutations of four scores, permutation loss, relaxed DCG."""
    score = x.reshape(3, 4)
    tau, n = 2.0, 4
    absolute = jnp.abs(score[:, :, None] - score[:, None, :]).sum(axis=2)
    scaling = n + 1 - 2 * jnp.arange(1.0, n + 1)
    logit = (scaling[None, :, None] * score[:, None, :] - absolute[:, None, :]) / tau
    relaxed = jnp.exp(logit) / jnp.sum(jnp.exp(logit), axis=-1, keepdims=True)
    truth = jnp.array([[2, 0, 3, 1], [0, 1, 2, 3], [3, 1, 0, 2]])
    hit = jnp.take_along_axis(relaxed, truth[:, :, None], axis=2)[..., 0]
    loss = -jnp.log(hit).mean()
    gain = jnp.array([3.0, 0.0, 1.0, 7.0])
    discount = 1 / jnp.log2(jnp.arange(2.0, n + 2))
    dcg = jnp.einsum("brj,j,r->b", relaxed, gain, discount)
    column = relaxed.sum(axis=1)
    doubly = jnp.sum(column * jnp.log(column), axis=1)
    return jnp.concatenate([dcg / 10, jnp.stack([loss, doubly.mean()])])


def three_state_cycle_flux(x):
    """Driven three-state cycle by King-Altman spanning trees: occupancies, affinity."""
    forward, backward = jnp.exp(x.reshape(2, 2, 3))  # two engines, three edges
    f_next, b_next = jnp.roll(forward, -1, axis=1), jnp.roll(backward, -1, axis=1)
    f_last, b_last = jnp.roll(forward, 1, axis=1), jnp.roll(backward, 1, axis=1)
    # trees into state i: both on, one each way, both back
    tree = f_next * f_last + backward * f_last + backward * b_next
    occupancy = tree / tree.sum(axis=1, keepdims=True)
    clockwise, counter = forward.prod(axis=1), backward.prod(axis=1)
    affinity = jnp.log(clockwise / counter)
    direction = (clockwise - counter) / (clockwise + counter)
    flux = jnp.log(clockwise / tree.sum(axis=1))
    leak = jnp.log(occupancy * forward).max(axis=1)
    quality = jnp.sum(occupancy * jnp.log(occupancy), axis=1)
    brake = jnp.log(b_last[:, 0] / (b_last[:, 0] + forward[:, 0]))
    return jnp.concatenate([affinity, direction, flux, leak, quality, brake])


def binomial_tree_put(x):
    """Cox-Ross-Rubinstein tree, four steps: American and European puts, delta, exercise premium."""
    volatility = 0.2 + 0.5 * jnp.log(1 + jnp.exp(x[:6]))
    spot = jnp.exp(0.5 * x[6:])  # in units of the strike
    rate, dt, steps = 0.03, 0.25, 4
    up = jnp.exp(volatility * math.sqrt(dt))
    down = 1 / up
    growth = math.exp(rate * dt)
    q = (growth - down) / (up - down)
    node = np.arange(steps + 1)

    def prices(step):
        j = node[: step + 1, None]
        return spot * up**j * down ** (step - j)

    european = jnp.maximum(1 - prices(steps), 0.0)
    american = european
    delta = jnp.zeros(6)
    for step in range(steps - 1, -1, -1):
        if step == 0:
            delta = (american[1] - american[0]) / (spot * (up - down))
        european = (q * european[1:] + (1 - q) * european[:-1]) / growth
        american = (q * american[1:] + (1 - q) * american[:-1]) / growth
        intrinsic = 1 - prices(step)
        american = jnp.maximum(american, intrinsic)
    premium = american[0] - european[0]
    # chance of ending in the money under the pricing measure
    weight = jnp.array([1.0, 4.0, 6.0, 4.0, 1.0])[:, None]
    chance = weight * q ** node[:, None] * (1 - q) ** (steps - node[:, None])
    worth = jnp.sum(chance * (prices(steps) < 1.0), axis=0)
    log_tail = jnp.log(chance[0] / chance[-1])
    return jnp.stack([american[0], premium, delta, worth, log_tail / 10])


RATES = (
    Form("everyday", "gated_linear_chunk", gated_linear_chunk, "logits", (12,)),
    Form("everyday", "hard_negative_debiased", hard_negative_debiased, "logits", (12,)),
    Form("everyday", "vimco_leave_one_out", vimco_leave_one_out, "logits", (12,)),
    Form("everyday", "beta_tcvae_decomposition", beta_tcvae_decomposition, "logits", (12,)),
    Form("everyday", "best_worst_scaling", best_worst_scaling, "logits", (12,)),
    Form("everyday", "troe_falloff", troe_falloff, "logits", (12,)),
    Form("everyday", "saha_ionisation_ladder", saha_ionisation_ladder, "logits", (12,)),
    Form("everyday", "wallinga_teunis_infectors", wallinga_teunis_infectors, "logits", (12,)),
    Form("everyday", "quest_threshold_posterior", quest_threshold_posterior, "logits", (12,)),
    Form("everyday", "neuralsort_relaxation", neuralsort_relaxation, "logits", (12,)),
    Form("everyday", "three_state_cycle_flux", three_state_cycle_flux, "logits", (12,)),
    Form("everyday", "binomial_tree_put", binomial_tree_put, "logits", (12,)),
)
