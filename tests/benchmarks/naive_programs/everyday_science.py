"""Averages of everyday practice in physics, chemistry, games and transport."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form
from naive_programs.gates import sigmoid
from naive_programs.softmaxes import softmax

WEIGHTS = np.float32(
    [
        [1.8125, 0.4375, 0.125],
        [-1.875, -0.25, -0.375],
        [-0.0625, -0.625, -0.0625],
        [-0.5, -1.3125, 0.875],
        [0.875, 1.6875, 0.0625],
    ]
)


def boltzmann_machine(x):
    """Free energies of a restricted Boltzmann machine."""
    W = jnp.array(WEIGHTS)
    c = jnp.array([0.1, -0.2, 0.3])
    b = jnp.linspace(-1, 1, 5)

    def fe(v):
        return -v @ b - jnp.sum(jnp.log(1 + jnp.exp(v @ W + c)))

    return fe(x) - fe(sigmoid(x))


def boltzmann(x):
    """Mean and fluctuation of an observable."""
    beta = 2.0
    w = jnp.exp(-beta * x)
    Z = jnp.sum(w)
    p = w / Z
    obs = jnp.array([1.0, 3.0, -1.0, 0.5, 2.0])
    m = (p * obs).sum()
    return m + (p * obs**2).sum() - m**2


def entropy_boltzmann(x):
    """Entropy of Boltzmann weights."""
    beta = 2.0
    w = jnp.exp(-beta * x)
    Z = jnp.sum(w)
    p = w / Z
    return -jnp.sum(p * jnp.log(p))


def mean_energy(x):
    """Mean energy of Boltzmann weights."""
    w = jnp.exp(-x / 0.6)
    return jnp.sum(x * w) / jnp.sum(w)


def free_energy_perturbation(x):
    """Free energy perturbation: the logarithm of a mean exponential."""
    kT = 0.593
    return -kT * jnp.log(jnp.mean(jnp.exp(-x / kT)))


def acceptance_ratio(x):
    """Bennett's acceptance ratio: sums of Fermi functions."""
    f = x[:3]
    r = x[3:]
    C = 0.2
    return jnp.sum(1 / (1 + jnp.exp(f - C))) - jnp.sum(1 / (1 + jnp.exp(r + C)))


def multistate_ratio(x):
    """One step of the multistate acceptance ratio."""
    f = jnp.array([0.0, 0.3, -0.2])
    N = jnp.array([2.0, 1.0, 1.0])
    den = jnp.sum(N[:, None] * jnp.exp(f[:, None] - x), 0)
    fn = -jnp.log(jnp.sum(jnp.exp(-x) / den, 1))
    return jnp.sum((fn - fn[0]) * jnp.array([1.0, 2.0, 3.0]))


def weighted_histograms(x):
    """Two steps of weighted histograms."""
    n = jnp.array([3.0, 5.0, 2.0, 1.0])
    N = jnp.array([4.0, 4.0, 3.0])
    f = jnp.ones(3)
    for _ in range(2):
        P = n / jnp.sum(N[:, None] * f[:, None] * jnp.exp(-x), 0)
        f = 1 / jnp.sum(jnp.exp(-x) * P, 1)
    return jnp.log(P[0] / P.sum())


def arrhenius(x):
    """Ratios of rates."""
    k = jnp.exp(-x / 0.3)
    return jnp.log(k[0] / k[1]) + k[2] / (k[2] + k[3])


def fermi_dirac(x):
    """Occupation and entropy of fermions."""
    mu = 0.3
    T = 0.1
    n = 1 / (jnp.exp((x - mu) / T) + 1)
    S = -jnp.sum(n * jnp.log(n) + (1 - n) * jnp.log(1 - n))
    return S + jnp.sum(n)


def softmin(x):
    """Soft minimum and its logarithm."""
    w = jnp.exp(-x * 3)
    w = w / w.sum()
    return jnp.sum(w * jnp.arange(5.0)) - jnp.log(w[2])


def running_logsumexp(x):
    """Logarithms of running sums."""
    return jnp.sum(jnp.log(jnp.cumsum(jnp.exp(x))) * jnp.arange(1.0, 6.0))


def soft_time_warping(x):
    """Dynamic time warping with soft minima."""
    g = 0.5
    Rr = {(0, 0): x[0, 0]}
    for i in range(3):
        for j in range(3):
            if (i, j) == (0, 0):
                continue
            prev = [Rr[p] for p in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if p in Rr]
            Rr[i, j] = x[i, j] - g * jnp.log(sum(jnp.exp(-p / g) for p in prev))
    return Rr[2, 2]


def soft_rank(x):
    """Discounted gain of ranks by sigmoids."""
    r = 1 + jnp.sum(sigmoid((x[None] - x[:, None]) / 0.1) * (1 - jnp.eye(4)), 1)
    dcg = jnp.sum((2 ** jnp.array([3.0, 2.0, 0.0, 1.0]) - 1) / jnp.log2(1 + r))
    return dcg


def doubly_stochastic(x):
    """Doubly stochastic scaling of a matrix, three rounds."""
    P = jnp.exp(x)
    for _ in range(3):
        P = P / P.sum(1, keepdims=True)
        P = P / P.sum(0, keepdims=True)
    return -jnp.log(P[0, 1]) - jnp.log(P[1, 2]) - jnp.log(P[2, 0])


def gated_unit(x):
    """A gated unit."""
    return jnp.sum(x * (1 / (1 + jnp.exp(-x))) * jnp.array([1.0, 2.0, 0.5, -1.0]))


def quantal_response(x):
    """A response to a response, both by softmax."""
    p = softmax(x * 2)
    q = softmax(
        jnp.array(
            [
                [1.0, 0.0, 2.0, -1.0],
                [0.0, 1.0, 1.0, 0.0],
                [2.0, 1.0, 0.0, 0.0],
                [1.0, 1.0, 1.0, 3.0],
            ]
        )
        @ p
    )
    return -jnp.sum(jnp.log(q) * p)


def langevin_acceptance(x):
    """Acceptance of moves and of swaps."""
    acc = jnp.exp(-x[0]) / jnp.exp(-x[1])
    swap = jnp.exp((x[2] - x[3]) * 0.1)
    return jnp.minimum(1.0, acc) + jnp.minimum(1.0, swap)


SCIENCE = (
    Form("everyday", "boltzmann_machine", boltzmann_machine, "logits", (5,)),
    Form("everyday", "boltzmann", boltzmann, "logits", (5,)),
    Form("everyday", "entropy_boltzmann", entropy_boltzmann, "logits", (5,)),
    Form("everyday", "mean_energy", mean_energy, "logits", (5,)),
    Form("everyday", "free_energy_perturbation", free_energy_perturbation, "logits", (4,)),
    Form("everyday", "acceptance_ratio", acceptance_ratio, "logits", (6,)),
    Form("everyday", "multistate_ratio", multistate_ratio, "logits", (3, 4)),
    Form("everyday", "weighted_histograms", weighted_histograms, "logits", (3, 4)),
    Form("everyday", "arrhenius", arrhenius, "logits", (4,)),
    Form("everyday", "fermi_dirac", fermi_dirac, "logits", (5,)),
    Form("everyday", "softmin", softmin, "logits", (5,)),
    Form("everyday", "running_logsumexp", running_logsumexp, "logits", (5,)),
    Form("everyday", "soft_time_warping", soft_time_warping, "logits", (3, 3)),
    Form("everyday", "soft_rank", soft_rank, "logits", (4,)),
    Form("everyday", "doubly_stochastic", doubly_stochastic, "logits", (3, 3)),
    Form("everyday", "gated_unit", gated_unit, "logits", (4,)),
    Form("everyday", "quantal_response", quantal_response, "logits", (4,)),
    Form("everyday", "langevin_acceptance", langevin_acceptance, "logits", (4,)),
)
