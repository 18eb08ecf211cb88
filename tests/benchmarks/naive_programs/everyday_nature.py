"""Naive programs of the sciences: physics, chemistry, genetics, finance, tests."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def sigmoid(z):
    return 1.0 / (1.0 + jnp.exp(-z))


# ---------------------------------------------------------------- sciences


def frank_copula(x):
    """Frank copula density at three pairs, theta from the first element; margins logistic."""
    theta = x[0] + 2.0
    u = 1 / (1 + jnp.exp(-x[1:4]))
    v = 1 / (1 + jnp.exp(-x[4:7]))
    k = 1 - jnp.exp(-theta)
    numerator = theta * k * jnp.exp(-theta * (u + v))
    denominator = (k - (1 - jnp.exp(-theta * u)) * (1 - jnp.exp(-theta * v))) ** 2
    copula = -jnp.log(1 - (1 - jnp.exp(-theta * u)) * (1 - jnp.exp(-theta * v)) / k) / theta
    margins = jnp.log(u * (1 - u)) + jnp.log(v * (1 - v))
    return -(jnp.log(numerator / denominator) + margins).sum() + copula.mean()


def kimura_fixation(x):
    """Kimura: fixation probabilities of mutants, substitution rates relative to neutral."""
    s = jnp.tanh(x) * 0.02
    population = 500.0
    fix = (1 - jnp.exp(-2 * s)) / (1 - jnp.exp(-4 * population * s))
    omega = fix * 2 * population
    return jnp.append(omega, jnp.log(fix).mean())


def scharfetter_gummel(x):
    """Semiconductor current between nodes: Bernoulli functions z / (e^z - 1) of potential steps."""
    psi, log_n = x[:6], jnp.array([0.0, 0.5, 0.9, 0.2, -0.4, -1.0])
    n = jnp.exp(log_n)
    step = psi[1:] - psi[:-1]

    def bernoulli(z):
        return z / (jnp.exp(z) - 1)

    flux = n[1:] * bernoulli(step) - n[:-1] * bernoulli(-step)
    residual = flux[1:] - flux[:-1]
    return residual


def scharfetter_gummel_careful(x):
    """The same with the limit 1 of the Bernoulli function at a step of zero."""
    psi, log_n = x[:6], jnp.array([0.0, 0.5, 0.9, 0.2, -0.4, -1.0])
    n = jnp.exp(log_n)
    step = psi[1:] - psi[:-1]

    def bernoulli(z):
        flat = z == 0
        z = jnp.where(flat, 1.0, z)
        return jnp.where(flat, 1.0, z / (jnp.exp(z) - 1))

    flux = n[1:] * bernoulli(step) - n[:-1] * bernoulli(-step)
    residual = flux[1:] - flux[:-1]
    return residual


def escape_probability(x):
    """Two-level gas: escape probability (1 - e^-τ)/τ, level populations, emergent Planck ratio."""
    tau = jnp.exp(x[:4])
    energy = jnp.log(1 + jnp.exp(x[4:8])) + 0.05
    beta = (1 - jnp.exp(-tau)) / tau
    collision = 0.3
    photons = 1 / (jnp.exp(energy) - 1)
    background = 1 / (jnp.exp(1.5 * energy) - 1)
    up = collision * jnp.exp(-energy) * 3 + 3 * beta * background
    down = collision + beta * (1 + background)
    ratio = up / down
    excitation = energy / jnp.log(3 / ratio)
    intensity = (1 - jnp.exp(-tau)) * (photons - background)
    return jnp.stack([excitation.mean(), intensity.sum()])


def hodgkin_huxley_gates(x):
    """Squid axon at several voltages: rates, steady gates, time constants, one Euler current."""
    v = 9.7 * x - 1.3  # off the removable poles at 10 and 25 mV for round inputs
    alpha_n = 0.01 * (10 - v) / (jnp.exp((10 - v) / 10) - 1)
    beta_n = 0.125 * jnp.exp(-v / 80)
    alpha_m = 0.1 * (25 - v) / (jnp.exp((25 - v) / 10) - 1)
    beta_m = 4 * jnp.exp(-v / 18)
    alpha_h = 0.07 * jnp.exp(-v / 20)
    beta_h = 1 / (jnp.exp((30 - v) / 10) + 1)
    n_inf = alpha_n / (alpha_n + beta_n)
    m_inf = alpha_m / (alpha_m + beta_m)
    h_inf = alpha_h / (alpha_h + beta_h)
    tau_m = 1 / (alpha_m + beta_m)
    n = n_inf + (0.3177 - n_inf) * jnp.exp(-0.1 * (alpha_n + beta_n))
    sodium = m_inf**3 * h_inf
    potassium = n**4
    return jnp.stack([sodium, potassium, tau_m])


def langevin_paramagnet(x):
    """Langevin function coth x - 1/x, its slope, and the free energy log(sinh x / x)."""
    coth = (jnp.exp(x) + jnp.exp(-x)) / (jnp.exp(x) - jnp.exp(-x))
    magnetisation = coth - 1 / x
    susceptibility = 1 / x**2 - 4 / (jnp.exp(x) - jnp.exp(-x)) ** 2
    free_energy = -jnp.log((jnp.exp(x) - jnp.exp(-x)) / (2 * x))
    return jnp.stack([magnetisation, susceptibility, free_energy])


def ekv_transistor(x):
    """EKV MOSFET: difference of squared softpluses, transconductance efficiency, two devices."""
    vg, vs, vd = x[:4], jnp.array([0.0, 0.1, 0.0, 0.2]), jnp.array([0.8, 1.0, 0.05, 0.4])
    vt, n, threshold = 0.026 * 4, 1.3, 0.4
    pinch = (vg - threshold) / n
    forward = jnp.log(1 + jnp.exp((pinch - vs) / (2 * vt))) ** 2
    reverse = jnp.log(1 + jnp.exp((pinch - vd) / (2 * vt))) ** 2
    current = forward - reverse
    efficiency = 2 / (1 + jnp.sqrt(1 + 4 * forward))
    return jnp.stack([jnp.log(current), efficiency])


def bateman_absorption(x):
    """One-compartment oral dosing: log-parameters, difference of exponentials, log-normal error."""
    log_ka, log_ke, log_v = x[0], x[1] - 1.0, x[2]
    ka, ke, v = jnp.exp(log_ka), jnp.exp(log_ke), jnp.exp(log_v)
    time = jnp.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
    observed = jnp.array([1.8, 2.9, 3.6, 3.1, 1.7, 0.5])
    conc = 10.0 * ka / (v * (ka - ke)) * (jnp.exp(-ke * time) - jnp.exp(-ka * time))
    t_max = jnp.log(ka / ke) / (ka - ke)
    residual = jnp.log(observed) - jnp.log(conc)
    return jnp.stack([0.5 * (residual**2).sum() / 0.04, t_max])


def nelson_siegel_curve(x):
    """Svensson yields and bond prices: (1 - e^-m)/m loadings with decay from softplus."""
    level, slope, curve = x[0], x[1], x[2]
    tau = jnp.log(1 + jnp.exp(x[3])) + 0.1
    maturity = jnp.array([0.25, 1.0, 2.0, 5.0, 10.0])
    m = maturity / tau
    load = (1 - jnp.exp(-m)) / m
    yields = 0.03 + 0.01 * (jnp.tanh(level) + slope / 10 * load + curve / 10 * (load - jnp.exp(-m)))
    price = jnp.exp(-yields * maturity)
    forward = -(jnp.log(price[1:]) - jnp.log(price[:-1])) / (maturity[1:] - maturity[:-1])
    return jnp.append(forward, price.mean())


def merton_credit_spread(x):
    """Merton's firm: normal CDFs by erf, default chance 1 - N(d2), spread of the debt, recovery."""
    log_leverage, log_vol, horizon = 0.3 * x[:3], 0.3 * x[3:6], jnp.array([1.0, 3.0, 5.0])
    vol = 0.25 * jnp.exp(log_vol)

    def cdf(z):
        return 0.5 * (1 + jax.lax.erf(z / jnp.sqrt(2.0)))

    root = vol * jnp.sqrt(horizon)
    d1 = (log_leverage + 0.5 * vol**2 * horizon) / root
    d2 = d1 - root
    debt = cdf(d2) + jnp.exp(log_leverage) * (1 - cdf(d1))
    spread = -jnp.log(debt) / horizon
    default = 1 - cdf(d2)
    recovery = jnp.exp(log_leverage) * (1 - cdf(d1)) / default
    return jnp.stack([spread, jnp.log(default), recovery])


def lmsr_market(x):
    """Hanson's market maker: cost of a trade, prices before and after, worst regret, entropy."""
    b = 2.0
    bought = jnp.array([0.0, 1.5, 0.0, -0.5, 0.25])

    def cost(q):
        return b * jnp.log(jnp.sum(jnp.exp(q / b)))

    before = jnp.exp(x / b) / jnp.sum(jnp.exp(x / b))
    after = jnp.exp((x + bought) / b) / jnp.sum(jnp.exp((x + bought) / b))
    paid = cost(x + bought) - cost(x)
    information = jnp.sum(after * (jnp.log(after) - jnp.log(before)))
    return jnp.stack([paid, information, jnp.max(after)])


def knowledge_tracing(x):
    """Bayesian knowledge tracing: guess, slip, learn; answers of one pupil; next prediction."""
    p_init, p_learn = sigmoid(x[0]), sigmoid(x[1] - 1.0)
    guess, slip = sigmoid(x[2]) * 0.5, sigmoid(x[3]) * 0.5
    difficulty = x[4:]
    answers = (1, 0, 1, 1, 0, 1)
    known = p_init
    loglik = 0.0
    for t, answer in enumerate(answers):
        g = guess * sigmoid(-difficulty[t])
        right = known * (1 - slip) + (1 - known) * g
        if answer:
            loglik += jnp.log(right)
            posterior = known * (1 - slip) / right
        else:
            loglik += jnp.log(1 - right)
            posterior = known * slip / (1 - right)
        known = posterior + (1 - posterior) * p_learn
    mastery_odds = known / (1 - known)
    return jnp.stack([-loglik, jnp.log(mastery_odds)])


def li_stephens_copying(x):
    """Haplotype copying: recombination 1 - e^-rho d, mutation, forward pass over five sites."""
    rho = jnp.exp(x[0] - 2.0)
    error = 0.5 / (1 + jnp.exp(-x[1])) * 0.2 + 1e-4
    log_d = x[2:6]
    panel = jnp.array([[0, 1, 0, 0, 1], [1, 1, 0, 1, 1], [0, 0, 1, 0, 0], [1, 0, 0, 1, 0]])
    target = jnp.array([0, 1, 0, 1, 1])
    k = 4
    switch = 1 - jnp.exp(-rho * jnp.exp(log_d) / k)
    match = jnp.where(panel == target[None, :], 1 - error, error)
    forward = match[:, 0] / k
    loglik = jnp.zeros(())
    for site in range(1, 5):
        r = switch[site - 1]
        forward = match[:, site] * ((1 - r) * forward + r * forward.sum() / k)
        total = forward.sum()
        loglik = loglik + jnp.log(total)
        forward = forward / total
    return jnp.append(forward, -loglik)


def k80_rate_classes(x):
    """Kimura two-parameter distances on three taxa, two rate classes, two site patterns each."""
    branch = jnp.log(1 + jnp.exp(x[:3]))
    kappa = jnp.exp(0.5 * x[3])
    rates = jnp.array([0.3, 1.7])
    b = branch[:, None] * rates[None, :]
    slow = jnp.exp(-4 * b / (kappa + 2))
    fast = jnp.exp(-2 * b * (kappa + 1) / (kappa + 2))
    same = 0.25 + 0.25 * slow + 0.5 * fast
    transition = 0.25 + 0.25 * slow - 0.5 * fast
    transversion = 0.25 - 0.25 * slow
    # patterns by state of the root A, G, C, T:   taxa (A, A, G) and (A, C, C)
    first = (
        same[0] * same[1] * transition[2]
        + transition[0] * transition[1] * same[2]
        + 2 * transversion[0] * transversion[1] * transversion[2]
    )
    second = (
        same[0] * transversion[1] * transversion[2]
        + transition[0] * transversion[1] * transversion[2]
        + transversion[0] * same[1] * same[2]
        + transversion[0] * transition[1] * transition[2]
    )
    like = jnp.stack([first.mean() / 4, second.mean() / 4])
    return -(jnp.array([3.0, 2.0]) * jnp.log(like)).sum()


def abo_blood_groups(x):
    """Allele frequencies by softmax; genotype EM step; phenotype likelihood at the new values."""
    f = jnp.exp(x) / jnp.exp(x).sum()
    counts = jnp.array([186.0, 38.0, 13.0, 284.0])  # A, B, AB, O

    def phenotypes(pa, pb, po):
        return jnp.stack([pa**2 + 2 * pa * po, pb**2 + 2 * pb * po, 2 * pa * pb, po**2])

    pa, pb, po = f[0], f[1], f[2]
    aa = counts[0] * pa**2 / (pa**2 + 2 * pa * po)
    ao = counts[0] - aa
    bb = counts[1] * pb**2 / (pb**2 + 2 * pb * po)
    bo = counts[1] - bb
    total = 2 * counts.sum()
    new_a = (2 * aa + ao + counts[2]) / total
    new_b = (2 * bb + bo + counts[2]) / total
    new_o = 1 - new_a - new_b
    ll_old = jnp.sum(counts * jnp.log(phenotypes(pa, pb, po)))
    ll_new = jnp.sum(counts * jnp.log(phenotypes(new_a, new_b, new_o)))
    return jnp.stack([ll_new / 521, (ll_new - ll_old) / 521])


def group_testing(x):
    """Pooled tests with sensitivity and specificity; posterior of each member of a pool."""
    p = jax.nn.sigmoid(x - 1.0)
    pools = jnp.array([[1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0], [1, 0, 0, 0, 1, 1]], bool)
    result = jnp.array([1.0, 0.0, 1.0])
    clean = jnp.prod(jnp.where(pools, 1 - p, 1.0), axis=1)
    positive = 0.95 * (1 - clean) + (1 - 0.98) * clean
    loglik = result * jnp.log(positive) + (1 - result) * jnp.log(1 - positive)
    infected = jnp.where(pools, 0.95 * p[None, :] / positive[:, None], 0.0)
    return jnp.append(infected[0, :3], -loglik.sum())


NATURE = (
    Form("everyday", "frank_copula", frank_copula, "logits", (7,)),
    Form("everyday", "kimura_fixation", kimura_fixation, "logits", (5,)),
    Form(
        "everyday",
        "scharfetter_gummel",
        scharfetter_gummel,
        "logits",
        (6,),
        scharfetter_gummel_careful,
    ),
    Form("everyday", "escape_probability", escape_probability, "logits", (8,)),
    Form("everyday", "hodgkin_huxley_gates", hodgkin_huxley_gates, "logits", (5,)),
    Form("everyday", "langevin_paramagnet", langevin_paramagnet, "signed", (5,)),
    Form("everyday", "ekv_transistor", ekv_transistor, "logits", (4,)),
    Form("everyday", "bateman_absorption", bateman_absorption, "logits", (3,)),
    Form("everyday", "nelson_siegel_curve", nelson_siegel_curve, "logits", (4,)),
    Form("everyday", "merton_credit_spread", merton_credit_spread, "logits", (6,)),
    Form("everyday", "lmsr_market", lmsr_market, "logits", (5,)),
    Form("everyday", "knowledge_tracing", knowledge_tracing, "logits", (10,)),
    Form("everyday", "li_stephens_copying", li_stephens_copying, "logits", (6,)),
    Form("everyday", "k80_rate_classes", k80_rate_classes, "logits", (4,)),
    Form("everyday", "abo_blood_groups", abo_blood_groups, "logits", (3,)),
    Form("everyday", "group_testing", group_testing, "logits", (6,)),
)
