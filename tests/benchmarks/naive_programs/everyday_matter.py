"""Averages, rates and acceptances of physics and chemistry, and losses of longer programs."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form
from naive_programs.softmaxes import softmax


def boltzmann_averages(x):
    """Partition function averages: energy, heat capacity, free energy."""
    beta = 1.5
    w = jnp.exp(-beta * x)
    z = w.sum()
    mean_obs = (w * jnp.cos(jnp.arange(12.0))).sum() / z
    free = -jnp.log(z) / beta
    probs = w / z
    entropy = -(probs * jnp.log(probs)).sum()
    return jnp.stack([mean_obs, free, entropy])


def free_energies(x):
    """Free energy perturbation and Bennett acceptance ratio."""
    du = x[:6]
    forward = -jnp.log(jnp.mean(jnp.exp(-du)))
    back = jnp.log(jnp.mean(jnp.exp(x[6:])))
    c = 0.5
    taken, left = 1 / (1 + jnp.exp(du - c)), 1 / (1 + jnp.exp(c - x[6:]))
    bar = jnp.log(jnp.mean(taken) / jnp.mean(left))
    return forward + back + bar


def replica_exchange(x):
    """Acceptance of swaps between neighbouring temperatures."""
    """Metropolis acceptance between neighbouring temperatures."""
    betas = jnp.linspace(0.5, 2.0, 6)
    e = x.reshape(6, 2)
    delta = (betas[1:] - betas[:-1])[:, None] * (e[1:] - e[:-1])
    acc = jnp.minimum(1.0, jnp.exp(delta))
    return acc.mean(0)


def metropolis_ratio(x):
    """Metropolis and Hastings: a ratio of densities, at most 1."""
    p = jnp.exp(-x[:6])
    q = jnp.exp(-x[6:])
    fwd = jnp.exp(-0.5 * (jnp.arange(6.0) * 0.2) ** 2)
    return jnp.minimum(1.0, q * fwd / (p * fwd[::-1]))


def fermi_gas(x):
    """Occupations at a chemical potential, grand potential and energy."""
    e = x
    mu = 0.5
    n = 1 / (jnp.exp((e - mu) / 0.2) + 1)
    omega = -0.2 * jnp.sum(jnp.log(1 + jnp.exp(-(e - mu) / 0.2)))
    s = -jnp.sum(n * jnp.log(n) + (1 - n) * jnp.log(1 - n))
    return jnp.stack([n.sum(), omega, s])


def cooperative_binding(x):
    """Hill function of log concentrations, three sites, Adair."""
    c = jnp.exp(x)
    kd = jnp.array([0.5, 2.0, 8.0])
    h = c**2 / (kd[0] ** 2 + c**2)
    mm = 3.0 * c / (kd[1] + c)
    adair = (c / kd[0] + 2 * c**2 / kd[1]) / (1 + c / kd[0] + c**2 / kd[1])
    return h + mm + adair


def branching_rates(x):
    """Competing rates: branching ratios, half life."""
    ea = x.reshape(3, 4)
    rate = 1e3 * jnp.exp(-ea / 0.6)
    total = rate.sum(1, keepdims=True)
    branch = rate / total
    half = jnp.log(2.0) / total
    return jnp.concatenate([branch, jnp.log(half)], axis=1)


def tweedie_deviance(x):
    """Tweedie deviance with a log link, rescaled."""
    mu = jnp.exp(x)
    y = jnp.arange(12.0)
    p = 1.5
    d = 2 * (
        jnp.power(jnp.maximum(y, 0), 2 - p) / ((1 - p) * (2 - p))
        - y * mu ** (1 - p) / (1 - p)
        + mu ** (2 - p) / (2 - p)
    )
    return jnp.log(d[1:])


def self_exciting(x):
    """Hawkes process: log intensity at events less the compensator."""
    t = jnp.array([0.2, 0.5, 1.1, 1.7, 2.5, 3.1])
    mu, a, b = jnp.exp(x[0]), jnp.exp(x[1]), jnp.log(1 + jnp.exp(x[2] * 1e-3))
    dt = t[:, None] - t[None, :]
    kern = jnp.where(dt > 0, jnp.exp(-b * dt), 0.0)
    lam = mu + a * kern.sum(1)
    return jnp.sum(jnp.log(lam)) / 6 - jnp.log(mu + a)


def transport_plan(x):
    K = jnp.exp(-x / 0.5)
    u = jnp.ones(3)
    a, b = jnp.ones(3) / 3, jnp.ones(4) / 4
    for _ in range(2):
        v = b / (K.T @ u)
        u = a / (K @ v)
    P = u[:, None] * K * v[None]
    return jnp.sum(P * jnp.array([[1.0, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 1]]))


def prototypes_on_a_sphere(x):
    """Prototype softmax over cosine similarities (no Bessel)."""
    u = x / jnp.sqrt(jnp.sum(x**2, -1, keepdims=True))
    protos = jnp.eye(4)
    kappa = 20.0
    like = jnp.exp(kappa * u @ protos.T)
    post = like / like.sum(1, keepdims=True)
    return -jnp.log(jnp.diag(post[:, :3])).mean()


def policy_with_baseline(x):
    """Policy gradient with sampled actions, discounting, entropy bonus."""
    logits = x.reshape(4, 3)
    pi = softmax(logits)
    acts = jnp.array([0, 2, 1, 1])
    rew = [1.0, 0.0, -1.0, 2.0]
    g, rets = 0.0, []
    for r in rew[::-1]:
        g = r + 0.9 * g
        rets.append(g)
    rets = jnp.array(rets[::-1])
    adv = (rets - rets.mean()) / (rets.std() + 1e-8)
    picked = jnp.sum(pi * jax.nn.one_hot(acts, 3), -1)
    pg = -jnp.mean(jnp.log(picked + 1e-10) * adv)
    return pg + 0.01 * jnp.mean(jnp.sum(pi * jnp.log(pi + 1e-10), -1))


def two_views(x):
    """NT-Xent over two views, cosine similarities by norms."""
    z = jnp.concatenate([x[:, :2], x[:, 2:]], axis=0)
    n = z / jnp.linalg.norm(z, axis=1, keepdims=True)
    sim = n @ n.T / 0.1
    e = jnp.exp(sim) * (1 - jnp.eye(6))
    pos = jnp.concatenate([jnp.diag(sim, 3), jnp.diag(sim, -3)])
    return jnp.mean(-jnp.log(jnp.exp(pos) / e.sum(1)))


def smoothed_and_padded(x):
    p = softmax(x)
    y = jnp.array([2, 0, 3])
    eps = 0.1
    q = jax.nn.one_hot(y, 4) * (1 - eps) + eps / 4
    tok = -(q * jnp.log(jnp.clip(p, 1e-7, 1.0))).sum(-1)
    w = jnp.array([1.0, 1.0, 0.0])
    return (tok * w).sum() / w.sum()


MATTER = (
    Form("everyday", "boltzmann_averages", boltzmann_averages, "logits", (12,)),
    Form("everyday", "free_energies", free_energies, "logits", (12,)),
    Form("everyday", "replica_exchange", replica_exchange, "logits", (12,)),
    Form("everyday", "metropolis_ratio", metropolis_ratio, "logits", (12,)),
    Form("everyday", "fermi_gas", fermi_gas, "logits", (12,)),
    Form("everyday", "cooperative_binding", cooperative_binding, "logits", (12,)),
    Form("everyday", "branching_rates", branching_rates, "logits", (12,)),
    Form("everyday", "tweedie_deviance", tweedie_deviance, "logits", (12,)),
    Form("everyday", "self_exciting", self_exciting, "logits", (12,)),
    Form("everyday", "transport_plan", transport_plan, "logits", (3, 4)),
    Form("everyday", "prototypes_on_a_sphere", prototypes_on_a_sphere, "logits", (3, 4)),
    Form("everyday", "policy_with_baseline", policy_with_baseline, "logits", (12,)),
    Form("everyday", "two_views", two_views, "logits", (3, 4)),
    Form("everyday", "smoothed_and_padded", smoothed_and_padded, "logits", (3, 4)),
)
