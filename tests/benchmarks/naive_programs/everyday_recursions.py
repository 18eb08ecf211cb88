"""Recursions in probability space, unrolled: run lengths, decoders, learners, transport."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from naive_programs.form import Form


def bocpd_run_lengths(x):
    """Online changepoint detection: run-length posterior with Gaussian predictives."""
    observed, hazard_logit = x[:6], x[6:] - 1.0
    noise, prior_mean, prior_precision = 2.0, 0.0, 0.5
    hazard = 1 / (1 + jnp.exp(-hazard_logit))
    run = jnp.ones(1)
    mean = jnp.array([prior_mean])
    precision = jnp.array([prior_precision])
    evidence = 0.0
    reset, length = [], []
    for t in range(6):
        variance = noise + 1 / precision
        z2 = (observed[t] - mean) ** 2 / variance
        predictive = jnp.exp(-0.5 * z2) / jnp.sqrt(2 * jnp.pi * variance)
        grown = run * predictive * (1 - hazard[t])
        fresh = jnp.sum(run * predictive * hazard[t])
        joint = jnp.concatenate([fresh[None], grown])
        total = joint.sum()
        evidence = evidence + jnp.log(total)
        run = joint / total
        reset.append(run[0])
        length.append(run @ jnp.arange(t + 2.0))
        # conjugate update of every run, a new one in front
        updated = precision + 1 / noise
        mean = (precision * mean + observed[t] / noise) / updated
        mean = jnp.concatenate([jnp.array([prior_mean]), mean])
        precision = jnp.concatenate([jnp.array([prior_precision]), updated])
    log_reset = jnp.log(jnp.stack(reset))
    forecast = run @ mean
    spread = run @ (noise + 1 / precision + (mean - forecast) ** 2)
    log_quiet = jnp.log(1 - run[0])
    return jnp.stack(
        [-evidence, log_reset.mean(), length[-1], forecast, jnp.log(spread), log_quiet]
    )


def ldpc_sum_product_decoder(x):
    """LDPC decoding: twelve bits, six parity checks, hyperbolic-tangent rule by exponentials."""
    channel = 0.5 * x
    member = np.array(
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [0, 4, 8, 3], [1, 5, 9, 11], [2, 6, 10, 7]]
    )
    sent = jnp.array([1.0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1])
    damping = 0.5
    to_bit = jnp.zeros((6, 4))
    itself = jnp.eye(4, dtype=bool)

    def tanh_half(llr):
        return (jnp.exp(llr) - 1) / (jnp.exp(llr) + 1)

    for _ in range(3):
        posterior = channel.at[member].add(to_bit)
        to_check = posterior[member] - to_bit
        t = tanh_half(to_check)
        product = jnp.prod(jnp.where(itself, 1.0, t[:, None, :]), axis=-1)
        fresh = jnp.log((1 + product) / (1 - product))
        to_bit = damping * to_bit + (1 - damping) * fresh
    posterior = channel.at[member].add(to_bit)
    one = 1 / (1 + jnp.exp(posterior))
    cross_entropy = -jnp.mean(sent * jnp.log(one) + (1 - sent) * jnp.log(1 - one))
    # every check even, by the product of soft signs
    soft_sign = tanh_half(posterior)[member]
    even = 0.5 * (1 + jnp.prod(soft_sign, axis=1))
    syndrome = -jnp.sum(jnp.log(even))
    extrinsic = posterior - channel
    information = 1 - jnp.log2(1 + jnp.exp(-(1 - 2 * sent) * extrinsic)).mean()
    return jnp.stack([cross_entropy, syndrome, information, jnp.sum(one * (1 - one))])


def canonical_boson_recursion(x):
    """Canonical bosons: Z_N by recursion over z(k beta), occupations, energy."""
    level = x.reshape(3, 4)  # three traps of four levels
    beta, bosons = 0.5, 4

    def one_particle(k):
        return jnp.sum(jnp.exp(-k * beta * level), axis=1)

    partition = [jnp.ones(3)]
    for n in range(1, bosons + 1):
        total = 0.0
        for k in range(1, n + 1):
            total = total + one_particle(k) * partition[n - k]
        partition.append(total / n)
    z = partition[bosons]
    # P(n_i >= k) = exp(-k beta e_i) Z_{N-k} / Z_N
    at_least = []
    for k in range(1, bosons + 1):
        at_least.append(jnp.exp(-k * beta * level) * (partition[bosons - k] / z)[:, None])
    at_least = jnp.stack(at_least)
    occupation = at_least.sum(axis=0)
    empty = 1 - at_least[0]
    all_in_first = at_least[-1][:, 0]
    energy = jnp.sum(occupation * level, axis=1)
    free_energy = -jnp.log(z) / beta
    condensed = occupation.max(axis=1) / bosons
    potential = -jnp.log(partition[bosons] / partition[bosons - 1]) / beta
    bunching = 2 * at_least[1].sum(axis=1) / bosons
    return jnp.concatenate(
        [
            free_energy,
            potential,
            energy,
            condensed,
            bunching,
            jnp.log(all_in_first),
            jnp.log(empty).mean(axis=1),
        ]
    )


def mlstm_matrix_memory(x):
    """xLSTM's mLSTM: exponential input gates, matrix memory, normaliser with a floor."""
    token = x.reshape(4, 3)  # input gate, forget gate, value
    query = jnp.array([[0.9, 0.2], [0.1, 0.8], [0.7, -0.3], [0.5, 0.6]])
    key = jnp.array([[0.6, 0.4], [-0.2, 0.9], [0.8, 0.1], [0.3, 0.7]]) / math.sqrt(2.0)
    lift = jnp.array([1.0, -0.6])
    head = jnp.array([[1.1, -0.4, 0.2], [0.3, 0.9, -0.8]])
    target = [2, 0, 1, 1]
    memory = jnp.zeros((2, 2))
    normaliser = jnp.zeros(2)
    loss, hidden = 0.0, []
    for t in range(4):
        i_gate = jnp.exp(token[t, 0])
        f_gate = 1 / (1 + jnp.exp(-token[t, 1]))
        value = token[t, 2] * lift
        memory = f_gate * memory + i_gate * jnp.outer(value, key[t])
        normaliser = f_gate * normaliser + i_gate * key[t]
        floor = jnp.maximum(jnp.abs(normaliser @ query[t]), 1.0)
        read = memory @ query[t] / floor
        hidden.append(read)
        logits = read @ head
        p = jnp.exp(logits) / jnp.exp(logits).sum()
        loss = loss - jnp.log(p[target[t]]) / 4
    hidden = jnp.stack(hidden)
    kept = 1 / (1 + jnp.exp(-token[:, 1]))
    written = jnp.exp(token[:, 0]) / jnp.cumsum(jnp.exp(token[:, 0]))
    age = -jnp.log(jnp.prod(kept)) / 4
    norm = jnp.log(1 + jnp.sum(hidden**2))
    return jnp.stack([loss, norm, age, jnp.log(written).mean()])


def rescorla_wagner_learner(x):
    """Two-armed bandit learner: signed learning rates, perseveration, forgetting."""
    reward = x[4:].reshape(4, 2)  # trials by arms, the forgone one is seen too
    up = 1 / (1 + jnp.exp(-x[0]))
    down = 1 / (1 + jnp.exp(-x[1]))
    inverse_temperature = 0.3 * jnp.log(1 + jnp.exp(x[2]))
    sticky = 0.5 * x[3]
    choices = [0, 1, 1, 0]
    q = jnp.zeros(2)
    habit = jnp.zeros(2)
    nll, regret, confident = 0.0, 0.0, []
    for t, c in enumerate(choices):
        drive = jnp.exp(inverse_temperature * q + sticky * habit)
        p = drive / drive.sum()
        nll = nll - jnp.log(p[c])
        regret = regret + jnp.max(reward[t]) - p @ reward[t]
        confident.append(p[0] * jnp.log(p[0]) + p[1] * jnp.log(p[1]))
        error = reward[t, c] - q[c]
        forgone = reward[t, 1 - c] - q[1 - c]
        # confirmation bias: good news of the chosen, bad news of the other
        q = q.at[c].add(jnp.where(error > 0, up, down) * error)
        q = q.at[1 - c].add(jnp.where(forgone > 0, down, up) * forgone * 0.5)
        habit = 0.6 * habit
        habit = habit.at[c].add(0.4)
    final = 1 / (
        1 + jnp.exp(-(inverse_temperature * (q[0] - q[1]) + sticky * (habit[0] - habit[1])))
    )
    bias = jnp.log(up / down)
    prior = jnp.log(up * (1 - up)) + jnp.log(down * (1 - down))
    log_odds = jnp.log(final / (1 - final))
    posterior = nll - prior
    return jnp.stack([posterior, regret, jnp.stack(confident).mean(), bias, log_odds])


def quasispecies_mutation_selection(x):
    """Two-locus haplotypes: exponentiated fitness in alternating habitats, mutation."""
    season_a, start, season_b = x.reshape(3, 4)
    mutation, crossover = 0.03, 0.2
    locus = jnp.array([[1 - mutation, mutation], [mutation, 1 - mutation]])
    mutate = jnp.kron(locus, locus)
    swap = jnp.array([-1.0, 1.0, 1.0, -1.0])
    fitness = [jnp.exp(season_a), jnp.exp(season_b)]
    freq = jnp.exp(start) / jnp.sum(jnp.exp(start))
    growth = 0.0
    linkage, diversity = [], []
    for generation in range(5):
        w = fitness[generation % 2]
        average = freq @ w
        growth = growth + jnp.log(average)
        selected = freq * w / average
        d = selected[0] * selected[3] - selected[1] * selected[2]
        mixed = selected + crossover * d * swap
        freq = mixed @ mutate
        linkage.append(d)
        diversity.append(1 - jnp.sum(freq**2))
    first = freq[2] + freq[3]
    second = freq[1] + freq[3]
    odds = jnp.log(first / (1 - first)) + jnp.log(second / (1 - second))
    load = jnp.log(jnp.max(fitness[0])) - jnp.log(freq @ fitness[0])
    last_selected = freq * fitness[1] / (freq @ fitness[1])
    gain = jnp.sum(last_selected * jnp.log(last_selected / freq))
    squared = jnp.stack(linkage) ** 2
    return jnp.stack([growth / 5, odds, load, gain, squared.sum(), jnp.stack(diversity).mean()])


def information_bottleneck_steps(x):
    """Information bottleneck: soft clusters of four symbols by self-consistent updates."""
    logits = x.reshape(4, 3)
    beta = 5.0
    p_x = jnp.array([0.4, 0.3, 0.2, 0.1])
    p_y_x = jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)
    p_y = p_x @ p_y_x
    cluster = jnp.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8], [0.7, 0.3]])
    for _ in range(3):
        p_t = p_x @ cluster
        x_given_t = cluster * p_x[:, None] / p_t
        p_y_t = x_given_t.T @ p_y_x
        log_ratio = jnp.log(p_y_x[:, None, :] / p_y_t[None, :, :])
        divergence = jnp.einsum("xy,xty->xt", p_y_x, log_ratio)
        boltzmann = p_t * jnp.exp(-beta * divergence)
        cluster = boltzmann / boltzmann.sum(axis=1, keepdims=True)
    p_t = p_x @ cluster
    joint_ty = (cluster * p_x[:, None]).T @ p_y_x
    relevance = jnp.sum(joint_ty * jnp.log(joint_ty / (p_t[:, None] * p_y[None, :])))
    compression = jnp.sum(p_x[:, None] * cluster * jnp.log(cluster / p_t))
    joint_xy = p_x[:, None] * p_y_x
    ceiling = jnp.sum(joint_xy * jnp.log(p_y_x / p_y))
    free_energy = -jnp.sum(p_x * jnp.log(boltzmann.sum(axis=1)))
    kept = relevance / (ceiling + 1e-3)
    balance = jnp.log(p_t[0] / p_t[1])
    return jnp.stack([compression - beta * relevance, kept, free_energy, balance])


def illness_death_multistate(x):
    """Illness-death chain: three periods of multinomial-logit moves, hidden middle states."""
    healthy, ill = x.reshape(2, 3, 2)  # periods by (the other living state, death)
    fall, die_healthy = healthy[:, 0] - 0.5, healthy[:, 1] - 1.0
    recover, die_ill = ill[:, 0], ill[:, 1]
    moves = []
    for t in range(3):
        from_healthy = jnp.stack([jnp.ones(()), jnp.exp(fall[t]), jnp.exp(die_healthy[t])])
        from_ill = jnp.stack([jnp.exp(recover[t]), jnp.ones(()), jnp.exp(die_ill[t])])
        from_dead = jnp.array([0.0, 0.0, 1.0])
        row = jnp.stack([from_healthy / from_healthy.sum(), from_ill / from_ill.sum(), from_dead])
        moves.append(row)
    start = jnp.array([0.8, 0.2, 0.0])
    occupancy, alive, exposed = start, [], 0.0
    for move in moves:
        occupancy = occupancy @ move
        alive.append(occupancy[:2].sum())
        exposed = exposed + occupancy[1]
    # seen healthy, then twice unseen, then dead
    censored = (moves[0] @ moves[1] @ moves[2])[0, 2]
    # seen ill, recovered, relapsed, alive in either state
    path = moves[0][1, 0] * moves[1][0, 1] * (moves[2][1, 0] + moves[2][1, 1])
    # seen healthy, and alive in an unknown state all along
    survivor = jnp.ones(2)
    for move in moves[::-1]:
        survivor = move[:2, :2] @ survivor
    loglik = jnp.log(censored) + jnp.log(path) + jnp.log(survivor[0])
    alive = jnp.stack(alive)
    death_odds = jnp.log(occupancy[2] / alive[-1])
    conditional = occupancy[1] / alive[-1]
    excess = jnp.log((1 - survivor[1]) / (1 - survivor[0]))
    return jnp.stack([-loglik, alive.sum(), exposed, death_odds, conditional, excess])


def schrodinger_bridge_chain(x):
    """Schrödinger bridge through three marginals: multi-marginal scalings on a chain, cost."""
    marginal = jnp.exp(x.reshape(3, 4))
    marginal = marginal / marginal.sum(axis=1, keepdims=True)
    first, middle, last = marginal
    grid = jnp.array([0.0, 0.3, 0.8, 1.2])
    cost = (grid[:, None] - grid[None, :]) ** 2
    eps = 0.4
    kernel = jnp.exp(-cost / eps)
    a, b, c = jnp.ones(4), jnp.ones(4), jnp.ones(4)
    for _ in range(4):
        a = first / (kernel @ (b * (kernel @ c)))
        b = middle / ((a @ kernel) * (kernel @ c))
        c = last / ((b * (a @ kernel)) @ kernel)
    early = a[:, None] * kernel * (b * (kernel @ c))[None, :]
    late = (b * (a @ kernel))[:, None] * kernel * c[None, :]
    transport = jnp.sum((early + late) * cost)
    # dual value: marginals against the logs of the scalings
    dual = first @ jnp.log(a) + middle @ jnp.log(b) + last @ jnp.log(c)
    relative = jnp.sum(early * jnp.log(early / (first[:, None] * middle[None, :])))
    relative = relative + jnp.sum(late * jnp.log(late / (middle[:, None] * last[None, :])))
    # endpoints with the middle summed out
    through = a[:, None] * jnp.einsum("ij,j,jk->ik", kernel, b, kernel) * c[None, :]
    drift = jnp.sum(through * (grid[None, :] - grid[:, None]))
    forecast = (early / early.sum(axis=1, keepdims=True)) @ grid
    velocity = first @ (forecast - grid)
    asymmetry = jnp.log(through[0, -1] / through[-1, 0])
    return jnp.stack([transport, eps * dual, relative, drift, velocity, asymmetry / 10])


def mppi_path_integral(x):
    """MPPI control: four noisy rollouts of a cart, exponentiated costs, weighted update."""
    nominal, target, place = x[:4], x[4:8], x[8:]
    temperature, dt = 2.0, 0.5
    noise = jnp.array(
        [
            [0.5, -0.3, 0.8, -1.0],
            [-0.7, 0.9, -0.2, 0.4],
            [1.1, 0.1, -0.6, 0.3],
            [-0.4, -0.8, 0.2, 0.6],
        ]
    )
    control = nominal[None, :] + noise
    position = jnp.zeros(4) + 0.3 * place[0]
    velocity = jnp.zeros(4)
    cost = jnp.zeros(4)
    crash = jnp.ones(4)
    for t in range(4):
        velocity = 0.8 * velocity + dt * control[:, t]
        position = position + dt * velocity
        miss = position - target[t]
        cost = cost + jnp.sqrt(1 + miss**2) - 1
        # control cost of the importance sampler
        cost = cost + 0.1 * nominal[t] * noise[:, t]
        gap = position - 0.5 * place[1]
        crash = crash * (1 - 1 / (1 + jnp.exp(2.0 + place[2] - gap)))
    cost = cost - 0.2 * jnp.log(crash)
    desirability = jnp.exp(-cost / temperature)
    weight = desirability / desirability.sum()
    update = nominal + weight @ noise
    free_energy = -temperature * jnp.log(desirability.mean())
    bound = cost.mean() - free_energy
    effective = 1 / jnp.sum(weight**2)
    smooth = jnp.sqrt(1 + jnp.sum(jnp.diff(update) ** 2))
    gate = 1 / (1 + jnp.exp(-place[3]))
    safe = -jnp.log(weight @ crash) * gate
    return jnp.stack([free_energy, bound, effective / 4, smooth, safe])


RECURSIONS = (
    Form("everyday", "bocpd_run_lengths", bocpd_run_lengths, "logits", (12,)),
    Form("everyday", "ldpc_sum_product_decoder", ldpc_sum_product_decoder, "logits", (12,)),
    Form("everyday", "canonical_boson_recursion", canonical_boson_recursion, "logits", (12,)),
    Form("everyday", "mlstm_matrix_memory", mlstm_matrix_memory, "logits", (12,)),
    Form("everyday", "rescorla_wagner_learner", rescorla_wagner_learner, "logits", (12,)),
    Form(
        "everyday",
        "quasispecies_mutation_selection",
        quasispecies_mutation_selection,
        "logits",
        (12,),
    ),
    Form("everyday", "information_bottleneck_steps", information_bottleneck_steps, "logits", (12,)),
    Form("everyday", "illness_death_multistate", illness_death_multistate, "logits", (12,)),
    Form("everyday", "schrodinger_bridge_chain", schrodinger_bridge_chain, "logits", (12,)),
    Form("everyday", "mppi_path_integral", mppi_path_integral, "logits", (12,)),
)
