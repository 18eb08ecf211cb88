"""Long naive programs: transport, experts, channels, rates, games, populations, policies."""

import jax
import jax.numpy as jnp
from jax import lax, nn

from naive_programs.form import Form


def soft(x, axis=-1):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=axis, keepdims=True)


def unbalanced_transport(x):
    """Unbalanced optimal transport: scalings to a power, three rounds, transported mass."""
    eps, lam = 0.5, 2.0
    kernel = jnp.exp(-x / eps)
    a, b = jnp.array([0.5, 0.3, 0.2]), jnp.full(4, 0.25)
    power = lam / (lam + eps)
    u, v = jnp.ones(3), jnp.ones(4)
    for _ in range(3):
        u = (a / (kernel @ v)) ** power
        v = (b / (kernel.T @ u)) ** power
    plan = u[:, None] * kernel * v[None, :]
    return jnp.log(plan.sum()) + (plan / plan.sum() * jnp.arange(4.0)).sum()


def geometric_barycentre(x):
    """A barycentre of histograms: the geometric mean of softmaxes, normalised, its divergences."""
    p = soft(x)
    weights = jnp.array([0.5, 0.3, 0.2])
    bary = jnp.prod(p ** weights[:, None], axis=0)
    bary = bary / bary.sum()
    kl = (bary * (jnp.log(bary) - jnp.log(p))).sum(1)
    return (weights * kl).sum()


def experts_of_experts(x):
    """Hierarchical experts: gates of gates, Bernoulli leaves, a posterior and its loss."""
    top = soft(x[0, :2])
    inner = soft(x[1].reshape(2, 2))
    leaf = nn.sigmoid(x[2]).reshape(2, 2)
    y = 1
    like = leaf**y * (1 - leaf) ** (1 - y)
    joint = top[:, None] * inner * like
    evidence = joint.sum()
    h = joint / evidence
    outer = h.sum(1)
    q = (h * (jnp.log(leaf) - jnp.log(1 - leaf))).sum()
    return -jnp.log(evidence) + 1e-3 * q + (outer**2).sum() + x[0, 2] * 0.01


def slot_attention(x):
    """Slots compete by softmax, an epsilon is added, inputs averaged by renormalised weights."""
    scores = x / jnp.sqrt(2.0)
    attn = soft(scores, axis=0) + 1e-8
    weights = attn / attn.sum(axis=-1, keepdims=True)
    values = jnp.array([[1.0, 0.0], [0.5, -1.0], [2.0, 1.0], [-1.0, 0.25]])
    updates = weights @ values
    z = 1 / (1 + jnp.exp(-(updates @ jnp.array([1.0, -2.0]))))
    return jnp.concatenate([updates.ravel(), z])


def doubly_reparametrised(x):
    """Importance-weighted bound: weights' mean, squared normalised weights, a Renyi bound."""
    log_w = x
    w = jnp.exp(log_w)
    bound = jnp.log(w.mean(axis=0))
    tilde = lax.stop_gradient(w / w.sum(0))
    surrogate = (tilde**2 * log_w).sum(0)
    renyi = jnp.log(jnp.mean(w**0.5, axis=0)) / 0.5
    cubo = jnp.log(jnp.mean(w**2, axis=0)) / 2
    return jnp.stack([bound, surrogate, renyi, cubo]).sum(1)


def mixture_prior_bound(x):
    """VampPrior: codes under an equal mixture of Gaussians, the aggregate's log density."""
    means, log_var = x[0], jnp.tanh(x[1])
    z = jnp.tanh(x[2])
    var = jnp.exp(log_var)
    density = jnp.exp(-0.5 * (z[:, None] - means[None]) ** 2 / var[None]) / jnp.sqrt(6.2832 * var)
    prior = density.mean(1)
    posterior = jnp.exp(-0.5 * (z - means) ** 2 / var) / jnp.sqrt(2 * jnp.pi * var)
    resp = density / density.sum(1, keepdims=True)
    kl = jnp.log(posterior) - jnp.log(prior)
    return kl.mean() + -(resp * jnp.log(resp + 1e-12)).sum(1).mean()


def total_correlation(x):
    """Beta-TCVAE: a minibatch estimate of an aggregate posterior and its marginals' product."""
    density = jnp.exp(x.reshape(2, 2, 3))
    joint = jnp.prod(density, axis=2)
    aggregate = jnp.log(joint.mean(1))
    marginals = jnp.log(jnp.prod(density.mean(1), axis=1))
    conditional = jnp.log(jnp.diagonal(joint))
    mutual = (conditional - aggregate).mean()
    correlation = (aggregate - marginals).mean()
    return mutual + 6.0 * correlation


def dirichlet_evidence(x):
    """Evidential losses of exponentials: log of a sum over a part, uncertainty, belief."""
    evidence = jnp.exp(x)
    alpha = evidence + 1.0
    strength = alpha.sum(1, keepdims=True)
    y = nn.one_hot(jnp.array([1, 3, 0]), 4)
    loss = (y * (jnp.log(strength) - jnp.log(alpha))).sum(1)
    belief = evidence / strength
    uncertainty = 4.0 / strength[:, 0]
    mean = alpha / strength
    variance = mean * (1 - mean) / (strength + 1)
    conflict = (belief[:, 0] * belief[:, 1]) + (belief[:, 2] * belief[:, 3])
    return jnp.stack([loss.sum(), uncertainty.sum(), variance.sum(), conflict.sum()])


def adversarial_losses(x):
    """GAN losses through probabilities: saturating, non-saturating, relativistic, ratio of D."""
    real = nn.sigmoid(x.ravel()[:6])
    fake = nn.sigmoid(x.ravel()[6:])
    discriminator = -(jnp.log(real).mean() + jnp.log(1 - fake).mean())
    saturating = jnp.log(1 - fake).mean()
    generator = -jnp.log(fake).mean()
    ratio = real / (1 - real)
    density = jnp.log(ratio).mean()
    relativistic = nn.sigmoid(x.ravel()[:6] - x.ravel()[6:].mean())
    rel = -jnp.log(relativistic).mean()
    return jnp.stack([discriminator, saturating, generator, density, rel])


def f_divergence_gan(x):
    """f-GAN's activations and conjugates: KL, reverse KL, Pearson, Jensen-Shannon."""
    v, w = x.ravel()[:6], x.ravel()[6:]
    js_t = jnp.log(2.0) - jnp.log(1 + jnp.exp(-v))
    js_c = -jnp.log(2 - jnp.exp(jnp.log(2.0) - jnp.log(1 + jnp.exp(-w))))
    gan_t = -jnp.log(1 + jnp.exp(-v))
    gan_c = -jnp.log(1 - jnp.exp(-jnp.log(1 + jnp.exp(-w))))
    hellinger_t = 1 - jnp.exp(-jnp.log(1 + jnp.exp(v)))
    return jnp.stack([js_t.mean() - js_c.mean(), gan_t.mean() - gan_c.mean(), hellinger_t.mean()])


def donsker_varadhan(x):
    """Mutual information by neural bounds: DV, NWJ with a moving baseline, InfoNCE, TUBA."""
    joint = jnp.diag(x[:, :3])
    others = jnp.exp(x[:, :3]) * (1 - jnp.eye(3))
    dv = joint.mean() - jnp.log(others.sum() / 6)
    nce = jnp.log(jnp.exp(joint) / jnp.exp(x[:, :3]).mean(1)).mean()
    baseline = jnp.exp(x[:, 3])
    leave = jnp.log(jnp.exp(joint) / (0.5 * jnp.exp(x[:, :3]).mean(1) + 0.5 * baseline)).mean()
    js = -jnp.log(1 + jnp.exp(-joint)).mean() - jnp.log(1 + jnp.exp(x[:, 3])).mean()
    return jnp.stack([dv, nce, leave, js])


def annealed_levels(x):
    """Annealed importance: products of ratios along temperatures, weights, an estimate of Z."""
    betas = jnp.linspace(0.0, 1.0, 4)
    energies = x  # chains by steps... (3 chains, 4 levels)
    weight = jnp.ones(3)
    for k in range(1, 4):
        weight = (
            weight * jnp.exp(-betas[k] * energies[:, k]) / jnp.exp(-betas[k - 1] * energies[:, k])
        )
    log_z = jnp.log(weight.mean())
    normal = weight / weight.sum()
    ess = 1 / (normal**2).sum() / 3
    resample = jnp.cumsum(normal)
    return jnp.stack([log_z, ess, (normal * energies[:, 0]).sum() * 1e-3, resample[1]])


def ion_channel(x):
    """Hodgkin-Huxley rates: linear over exponential, steady gates, time constants, a step."""
    v = x.ravel()[:6]
    am_ = 0.1 * (v + 40.5) / (1 - jnp.exp(-(v + 40.5) / 10))
    bm = 4 * jnp.exp(-jnp.clip(v + 65, -800.0, 800.0) / 18)
    m = am_ / (am_ + bm)
    ah = 0.07 * jnp.exp(-jnp.clip(v + 65, -800.0, 800.0) / 20)
    bh = 1 / (1 + jnp.exp(-(v + 35) / 10))
    h = ah / (ah + bh)
    tau = 1 / (ah + bh)
    step = h + (0.5 - h) * jnp.exp(-0.1 / tau)
    return m**3 * h + step


def electrode(x):
    """Electrochemistry: Butler-Volmer, a limiting current, reversal potential of two ions."""
    eta = x.ravel()[:6]
    anodic, cathodic = jnp.exp(0.5 * eta), jnp.exp(-0.5 * eta)
    current = anodic - cathodic
    limited = current / (1 + anodic / 10.0 + cathodic / 5.0)
    k, na = jnp.exp(x.ravel()[6:9]), jnp.exp(x.ravel()[9:])
    reversal = 26.7 * jnp.log((4.0 * k + 145.0 * na) / (140.0 * k + 10.0 * na))
    return jnp.concatenate([limited, reversal])


def planck_law(x):
    """Radiation: occupation of photons, a ratio of spectral radiances, an effective temperature."""
    y = jnp.log(1 + jnp.exp(x.ravel())) + 0.01
    occupation = 1 / (jnp.exp(y) - 1)
    stimulated = 1 + occupation
    net = occupation / stimulated
    entropy = stimulated * jnp.log(stimulated) - occupation * jnp.log(occupation)
    radiance = y**3 / (jnp.exp(y) - 1)
    back = jnp.log(1 + 1 / occupation)
    return jnp.stack([net, entropy, radiance, back])


def morse_pair(x):
    """Molecules: a Morse bond at Boltzmann weights, forces, a mean and a fluctuation."""
    r = jnp.abs(x.ravel()) + 0.5
    e = jnp.exp(-1.2 * (r - 1.5))
    energy = 5.0 * (1 - e) ** 2
    weight = jnp.exp(-energy / 0.6)
    z = weight.sum()
    p = weight / z
    mean = (p * e).sum()
    heat = (p * energy**2).sum() - (p * energy).sum() ** 2
    force = -(p * 2 * 5.0 * 1.2 * (1 - e) * e).sum()
    return jnp.stack([mean, heat, force, jnp.log(z)])


def susceptible_infected(x):
    """Epidemiology: a logistic epidemic's curve, its incidence, doubling and final log size."""
    r = x[0]
    t = jnp.array([1.0, 2.0, 3.0, 4.0])
    i0 = 1e-3
    grown = i0 * jnp.exp(r * t)
    infected = grown / (1 - i0 + grown)
    incidence = r * infected * (1 - infected)
    beta, gamma = jnp.exp(x[1]), jnp.exp(x[2])
    r0 = beta / gamma
    threshold = 1 - 1 / (1 + r0)
    odds = jnp.log(infected / (1 - infected))
    return jnp.stack([incidence.sum(), threshold.sum(), odds.sum()])


def ricker_and_holling(x):
    """Ecology: responses of predators of three types, a hatch by Ricker, a likelihood of kills."""
    prey = jnp.exp(x.ravel()[:6])
    attack, handle = 0.5, 0.2
    two = attack * prey / (1 + attack * handle * prey)
    three = attack * prey**2 / (1 + attack * handle * prey**2)
    ricker = prey * jnp.exp(-prey / 10.0)
    chance = 1 - jnp.exp(-two)
    kills = jnp.array([1, 0, 1, 1, 0, 1])
    ll = jnp.where(kills == 1, jnp.log(chance), jnp.log(1 - chance)).sum()
    half = jnp.exp(x.ravel()[6:]) / (1 + jnp.exp(x.ravel()[6:]))
    return jnp.stack([ll, three.sum(), ricker.sum(), half.prod() ** (1 / 6)])


def mark_and_distance(x):
    """Ecology: distance sampling, a half-normal and a hazard-rate detection, both conditional."""
    d = jnp.array([0.2, 0.5, 1.0, 1.5, 2.0, 3.0])
    sigma = jnp.exp(jnp.clip(x.ravel()[:6], -15.0, 15.0))
    half = jnp.exp(-(d**2) / (2 * sigma**2))
    shape = 1 + jnp.log(1 + jnp.exp(x.ravel()[6:]))
    hazard = 1 - jnp.exp(-((d / 1.2) ** -shape))
    both = half * hazard
    return -jnp.log(hazard).mean() + both.sum() - 1e-9 * jnp.log(half).sum()


def site_occupancy_dynamic(x):
    """Dynamic occupancy: colonise and go extinct, detection, filtered by products over seasons."""
    psi = nn.sigmoid(x[0, 0])
    colonise, extinct, detect = nn.sigmoid(x[0, 1:]), nn.sigmoid(x[1, 1:]), nn.sigmoid(x[2, 1:])
    seen = [[0, 0], [1, 0], [0, 0]]
    state = jnp.stack([psi, 1 - psi])
    ll = 0.0
    for t in range(3):
        occupied = jnp.prod(jnp.stack([detect[t] if s else 1 - detect[t] for s in seen[t]]))
        empty = 0.0 if any(seen[t]) else 1.0
        state = state * jnp.stack([occupied, jnp.asarray(empty)])
        c = state.sum()
        ll = ll + jnp.log(c)
        state = state / c
        move = jnp.array([[1 - extinct[t], extinct[t]], [colonise[t], 1 - colonise[t]]])
        state = state @ move
    return -ll + state[0] + 0.01 * nn.sigmoid(x[1, 0] + x[2, 0])


def multistate_illness(x):
    """An illness-death model: transition matrices of softmaxes multiplied, state occupancies."""
    stay = jnp.concatenate([x[:, :2], jnp.zeros((3, 1))], axis=1)
    healthy = soft(stay)
    recover = nn.sigmoid(x[:, 2])
    die = (1 - recover) * nn.sigmoid(x[:, 3])
    state = jnp.array([1.0, 0.0, 0.0])
    for t in range(3):
        rows = jnp.stack(
            [
                healthy[t],
                jnp.stack([recover[t], 1 - recover[t] - die[t], die[t]]),
                jnp.array([0.0, 0.0, 1.0]),
            ]
        )
        state = state @ rows
    return -jnp.log(state)


def rating_scale_table(x):
    """Psychometrics: the rating-scale model, a table of persons by items, fit residuals."""
    person, item, tau = x[0, :3], x[1, :3], x[2]
    k = jnp.arange(5.0)
    steps = jnp.concatenate([jnp.zeros(1), jnp.cumsum(tau)])
    numerator = jnp.exp(k * (person[:, None, None] - item[None, :, None]) - steps)
    p = numerator / numerator.sum(-1, keepdims=True)
    expected = (p * k).sum(-1)
    variance = (p * k**2).sum(-1) - expected**2
    data = jnp.array([[0, 2, 4], [1, 1, 3], [4, 0, 2]])
    ll = jnp.log(jnp.take_along_axis(p, data[:, :, None], 2)).sum()
    return jnp.stack([-ll, expected.sum(), variance.sum()])


def unfolding_items(x):
    """Generalised graded unfolding: two-sided exponentials over their sum, per item."""
    theta, delta = x[0], x[1]
    tau = 0.7
    d = theta - delta
    agree = jnp.exp(d + tau) + jnp.exp(2 * d + tau)
    disagree = 1 + jnp.exp(3 * d)
    p = agree / (agree + disagree)
    y = jnp.array([1, 0, 1, 0])
    w = soft(x[2])
    like = p**y * (1 - p) ** (1 - y)
    return -(w * jnp.log(like)).sum() - jnp.log((w * like).sum())


def pairwise_ties(x):
    """Davidson and Rao-Kupper: wins, draws and losses from strengths, a season's likelihood."""
    s = jnp.exp(x.ravel())
    i, j = jnp.array([0, 1, 2, 3, 4, 5]), jnp.array([6, 7, 8, 9, 10, 11])
    nu, theta = 0.6, 1.4
    draw = nu * jnp.sqrt(s[i] * s[j])
    total = s[i] + s[j] + draw
    outcome = jnp.array([0, 1, 2, 0, 1, 2])
    davidson = jnp.choose(outcome, [s[i] / total, draw / total, s[j] / total], mode="clip")
    win = s[i] / (s[i] + theta * s[j])
    lose = s[j] / (s[j] + theta * s[i])
    rao = jnp.where(outcome == 0, win, jnp.where(outcome == 2, lose, 1 - win - lose))
    return -jnp.log(davidson).sum() - jnp.log(rao).sum()


def segment_softmax_loss(x):
    """Conditional logit of choice sets of unequal sizes by segment sums, and rank of chosen."""
    scores = x.ravel()
    group = jnp.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3])
    chosen = jnp.array([0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])
    e = jnp.exp(scores)
    total = jax.ops.segment_sum(e, group, 4)
    p = e / total[group]
    entropy = jax.ops.segment_sum(-p * jnp.log(p), group, 4)
    mean = jax.ops.segment_sum(p * jnp.arange(12.0), group, 4)
    ll = jax.ops.segment_sum(chosen * jnp.log(jnp.maximum(p, 1e-12)), group, 4)
    return jnp.stack([-ll.sum(), entropy.sum(), mean.sum()])


def attention_rollout(x):
    """Attention weights of three layers multiplied through residuals, rows renormalised."""
    joint = jnp.eye(3)
    for layer in range(3):
        a = soft(x[:, layer : layer + 1] * x[:, 3:4].T * 0.5 + x[:, layer][None, :])
        a = 0.5 * a + 0.5 * jnp.eye(3)
        a = a / a.sum(-1, keepdims=True)
        joint = a @ joint
    mass = joint[0]
    return -(mass * jnp.log(mass)).sum() + (joint * jnp.arange(9.0).reshape(3, 3)).sum()


def additive_causal_decay(x):
    """A linear recurrent attention: decays by sigmoids multiplied along time, normalised sums."""
    decay = 1 / (1 + jnp.exp(-x[0]))
    key = jnp.exp(x[1])
    value = jnp.tanh(x[2])
    num, den, outs = 0.0, 0.0, []
    for t in range(4):
        num = decay[t] * num + key[t] * value[t]
        den = decay[t] * den + key[t]
        outs.append(num / den)
    return jnp.stack(outs)


def rwkv_time_mix(x):
    """RWKV: a weighted mean by exponentials with a bonus of the present, sigmoid receptance."""
    w, u = -jnp.exp(-0.5), 0.3
    k, v, r = x[0], jnp.tanh(x[1]), x[2]
    a, b, outs = 0.0, 0.0, []
    for t in range(4):
        e = jnp.exp(u + k[t])
        wkv = (a + e * v[t]) / (b + e)
        outs.append(1 / (1 + jnp.exp(-r[t])) * wkv)
        a = jnp.exp(w) * a + jnp.exp(k[t]) * v[t]
        b = jnp.exp(w) * b + jnp.exp(k[t])
    return jnp.stack(outs)


def gradient_bandit(x):
    """A gradient bandit: preferences moved by rewards over a baseline, UCB and Boltzmann mixed."""
    pref = x[0]
    arms, rewards, base = [2, 0, 1], [1.0, -0.5, 0.3], 0.0
    for t, (arm, r) in enumerate(zip(arms, rewards, strict=True)):
        pi = soft(pref)
        base = base + (r - base) / (t + 1)
        pref = pref + 0.4 * (r - base) * (nn.one_hot(arm, 4) - pi)
    explore = 0.1 / 4 + 0.9 * soft(pref)
    greedy = soft(x[1] / 0.05)
    kl = (soft(x[2]) * jnp.log(soft(x[2]) / explore)).sum()
    return kl - jnp.log(greedy.max()) + (explore * greedy).sum()


def retrace_traces(x):
    """Off-policy traces: ratios cut at one, multiplied along time, a corrected return."""
    target, behaviour = soft(x[0].reshape(2, 2)), soft(x[1].reshape(2, 2))
    ratio = target / behaviour
    cut = jnp.minimum(1.0, ratio)
    trace = jnp.cumprod(0.95 * cut.ravel())
    delta = jnp.array([0.5, -1.0, 2.0, 0.3])
    is_weight = jnp.prod(ratio.ravel())
    control = soft(x[2])
    value = (control * delta).sum()
    return jnp.stack([(trace * delta).sum(), value, jnp.log(is_weight)])


def max_entropy_path(x):
    """Soft value iteration by exponentials of values, desirability, and a policy's entropy."""
    reward = x
    z = jnp.ones(4)
    passive = jnp.array(
        [[0.5, 0.5, 0, 0], [0.25, 0.5, 0.25, 0], [0, 0.25, 0.5, 0.25], [0, 0, 0.5, 0.5]]
    )
    for t in range(3):
        z = jnp.exp(reward[t]) * (passive @ z)
    control = passive * z[None, :] / (passive @ z)[:, None]
    value = jnp.log(z)
    logs = jnp.log(jnp.where(passive > 0, control / jnp.where(passive > 0, passive, 1.0), 1.0))
    kl = (control * logs).sum(1)
    return jnp.concatenate([value, kl])


SYSTEMS = tuple(
    Form("everyday", f.__name__, f, "logits", (3, 4))
    for f in (
        unbalanced_transport,
        geometric_barycentre,
        experts_of_experts,
        slot_attention,
        doubly_reparametrised,
        mixture_prior_bound,
        total_correlation,
        dirichlet_evidence,
        adversarial_losses,
        f_divergence_gan,
        donsker_varadhan,
        annealed_levels,
        ion_channel,
        electrode,
        planck_law,
        morse_pair,
        susceptible_infected,
        ricker_and_holling,
        mark_and_distance,
        site_occupancy_dynamic,
        multistate_illness,
        rating_scale_table,
        unfolding_items,
        pairwise_ties,
        segment_softmax_loss,
        attention_rollout,
        additive_causal_decay,
        rwkv_time_mix,
        gradient_bandit,
        retrace_traces,
        max_entropy_path,
    )
)
