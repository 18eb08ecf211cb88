"""Populations and choices: captures, catches, treatments, memories, careers, variants, teams."""

from __future__ import annotations

import jax.numpy as jnp

from naive_programs.form import Form


def trapping_grid_centres(x):
    """Spatial capture-recapture: activity centres summed over four cells, detection conditioned."""
    mass = jnp.exp(x[:4]) / jnp.exp(x[:4]).sum()
    base = jnp.log(1 + jnp.exp(x[4:7]))
    spread = jnp.log(1 + jnp.exp(x[7])) + 0.4
    shy = x[8:11]
    habit = 1 / (1 + jnp.exp(-x[11]))
    cell = jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    trap = jnp.array([[0.2, 0.1], [0.9, 0.3], [0.4, 1.1]])
    seen = jnp.array([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0], [1.0, 0.0, 0.0]])
    nights = 4.0
    d2 = jnp.sum((cell[:, None] - trap) ** 2, axis=-1)
    reach = jnp.exp(-d2 / (2 * spread))
    loglike, centre, caught = [], [], []
    for i in range(3):
        calm = 1 / (1 + jnp.exp(-shy[i]))
        hazard = base * reach * (0.2 + calm * habit)
        p = 1 - jnp.exp(-hazard)
        history = jnp.prod(p ** seen[i] * (1 - p) ** (nights - seen[i]), axis=1)
        never = jnp.prod((1 - p) ** nights, axis=1)
        detected = mass @ (1 - never)
        joint = mass * history
        loglike.append(jnp.log(joint.sum() / detected))
        posterior = joint / joint.sum()
        centre.append(posterior @ cell)
        caught.append(jnp.log(detected))
    loglike, caught = jnp.stack(loglike), jnp.stack(caught)
    return jnp.concatenate([loglike, caught, jnp.stack(centre).mean(axis=0)])


def catch_at_age(x):
    """Stock assessment: Baranov catches over three years and four ages, age shares, depletion."""
    fishing = jnp.log(1 + jnp.exp(x[:3]))
    half, slope = x[3], jnp.log(1 + jnp.exp(x[4]))
    natural = jnp.log(1 + jnp.exp(x[5])) + 0.05
    recruits, initial = jnp.exp(x[6:9]), jnp.exp(x[9:])
    age = jnp.arange(1.0, 5.0)
    selected = 1 / (1 + jnp.exp(-slope * (age - half)))
    weight = jnp.array([0.3, 0.8, 1.4, 1.9])
    observed = jnp.array([[0.4, 0.3, 0.2, 0.1], [0.5, 0.2, 0.2, 0.1], [0.3, 0.4, 0.2, 0.1]])
    number = jnp.concatenate([recruits[:1], initial])
    begin = number @ weight
    nll, yields = 0.0, []
    for year in range(3):
        f = fishing[year] * selected
        z = f + natural
        caught = f / z * (1 - jnp.exp(-z)) * number
        share = caught / caught.sum()
        nll = nll - 50 * jnp.sum(observed[year] * jnp.log(share))
        yields.append(jnp.log(caught @ weight))
        survive = number * jnp.exp(-z)
        older = jnp.stack([survive[0], survive[1], survive[2] + survive[3]])
        number = jnp.concatenate([recruits[(year + 1) % 3][None], older])
    depletion = jnp.log(number @ weight / begin)
    plus_group = jnp.log(number[3] / number.sum())
    return jnp.concatenate([nll[None], jnp.stack(yields), depletion[None], plus_group[None]])


def weighted_treatment_effects(x):
    """Causal inference: propensities, Hajek, overlap and odds weights, augmented contrasts."""
    treated = jnp.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    outcome = jnp.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    propensity = 1 / (1 + jnp.exp(-x[:6]))
    one = 1 / (1 + jnp.exp(-(x[6:] + 0.6)))
    zero = 1 / (1 + jnp.exp(-(x[6:] - 0.3)))
    to_one, to_zero = treated / propensity, (1 - treated) / (1 - propensity)
    hajek = (to_one @ outcome) / to_one.sum() - (to_zero @ outcome) / to_zero.sum()
    residual_one = (to_one @ (outcome - one)) / to_one.sum()
    residual_zero = (to_zero @ (outcome - zero)) / to_zero.sum()
    augmented = jnp.mean(one - zero) + residual_one - residual_zero
    tilt = propensity * (1 - propensity)
    left, right = treated * (1 - propensity), (1 - treated) * propensity
    overlap = (left @ outcome) / left.sum() - (right @ outcome) / right.sum()
    standard = tilt @ (one - zero) / tilt.sum()
    odds = (1 - treated) * propensity / (1 - propensity)
    on_treated = (treated @ outcome) / 3 - (odds @ outcome) / odds.sum()
    size_one = to_one.sum() ** 2 / (to_one**2).sum()
    size_zero = to_zero.sum() ** 2 / (to_zero**2).sum()
    model = treated * jnp.log(propensity) + (1 - treated) * jnp.log(1 - propensity)
    fitted = treated * one + (1 - treated) * zero
    fit = outcome * jnp.log(fitted) + (1 - outcome) * jnp.log(1 - fitted)
    effects = jnp.stack([hajek, augmented, overlap, standard, on_treated])
    return jnp.concatenate([effects, jnp.stack([size_one, size_zero, model.sum(), fit.sum()])])


def source_memory_tree(x):
    """Multinomial processing tree of source memory, two groups, likelihood and model weights."""
    counts = jnp.array(
        [
            [[40.0, 12.0, 18.0], [9.0, 45.0, 16.0], [6.0, 8.0, 56.0]],
            [[30.0, 20.0, 20.0], [15.0, 31.0, 24.0], [12.0, 13.0, 45.0]],
        ]
    )
    logits = x.reshape(2, 6)
    logliks, recovered = [], []
    for group in range(2):
        item_a, item_b, source_a, source_b, old, which = 1 / (1 + jnp.exp(-logits[group]))
        guess_a = (1 - item_a) * old
        guess_b = (1 - item_b) * old
        a_a = item_a * source_a + item_a * (1 - source_a) * which + guess_a * which
        a_b = item_a * (1 - source_a) * (1 - which) + guess_a * (1 - which)
        a_new = (1 - item_a) * (1 - old)
        b_b = item_b * source_b + item_b * (1 - source_b) * (1 - which) + guess_b * (1 - which)
        b_a = item_b * (1 - source_b) * which + guess_b * which
        b_new = (1 - item_b) * (1 - old)
        noise = 0.5 * (item_a + item_b)
        n_a = (1 - noise) * old * which
        n_b = (1 - noise) * old * (1 - which)
        n_new = noise + (1 - noise) * (1 - old)
        p = jnp.stack(
            [
                jnp.stack([a_a, a_b, a_new]),
                jnp.stack([b_a, b_b, b_new]),
                jnp.stack([n_a, n_b, n_new]),
            ]
        )
        logliks.append(jnp.sum(counts[group] * jnp.log(p)) / 210)
        observed = counts[group] / counts[group].sum(axis=1, keepdims=True)
        recovered.append(jnp.sum(observed * jnp.log(observed / p)))
    logliks, deviance = jnp.stack(logliks), jnp.stack(recovered)
    likelihood = jnp.exp(logliks)
    weight = likelihood / likelihood.sum()
    return jnp.concatenate([logliks, deviance, jnp.log(weight)])


def career_choice_values(x):
    """Career model: backward induction over three periods, choice path, experience, surplus."""
    reward = x.reshape(3, 4)
    skill = jnp.array([[0.0, 0.3, 0.6], [0.2, 0.4, 0.5], [-0.1, 0.2, 0.9], [0.5, 0.1, 0.0]])
    step = (1, 1, 1, 0)
    beta = 0.9
    value = {}
    for s in range(4):
        value[3, s] = jnp.zeros_like(x[0])
    chance = {}
    for t in (2, 1, 0):
        for s in range(t + 1):
            branch = []
            for c in range(4):
                later = value[t + 1, s + step[c]]
                branch.append(jnp.exp(reward[t, c] + skill[c, s] + beta * later))
            branch = jnp.stack(branch)
            value[t, s] = jnp.log(branch.sum())
            chance[t, s] = branch / branch.sum()
    arrive = {(0, 0): jnp.ones_like(x[0])}
    for t in range(3):
        for s in range(t + 2):
            arrive[t + 1, s] = jnp.zeros_like(x[0])
        for s in range(t + 1):
            for c in range(4):
                place = (t + 1, s + step[c])
                arrive[place] = arrive[place] + arrive[t, s] * chance[t, s][c]
    experience = sum(s * arrive[3, s] for s in range(4))
    path = jnp.log(chance[0, 0][0]) + jnp.log(chance[1, 1][2]) + jnp.log(chance[2, 2][2])
    idle = jnp.log(chance[0, 0][3] * chance[1, 0][3] * chance[2, 0][3])
    entropy = -jnp.sum(chance[0, 0] * jnp.log(chance[0, 0]))
    learning = value[1, 1] - value[1, 0]
    return jnp.stack([value[0, 0], experience, path, idle, entropy, learning])


def tempered_hills(x):
    """Well-tempered metadynamics on twelve sites: four deposits, bias offset, reweighting."""
    place = jnp.arange(12.0)
    shape = jnp.exp(-((place[:, None] - place) ** 2) / 4.5)
    height, bias_factor = 1.2, 6.0
    bias = jnp.zeros_like(x)
    offsets, frames = [], []
    for _ in range(4):
        weight = jnp.exp(-(x + bias))
        visit = weight / weight.sum()
        frames.append(visit)
        scaled = height * jnp.exp(-bias / (bias_factor - 1))
        bias = bias + shape @ (visit * scaled)
        top = jnp.exp(bias_factor / (bias_factor - 1) * bias).sum()
        bottom = jnp.exp(bias / (bias_factor - 1)).sum()
        offsets.append(jnp.log(top / bottom))
    final = jnp.exp(-(x + bias))
    final = final / final.sum()
    back = final * jnp.exp(bias - offsets[-1])
    back = back / back.sum()
    left, right = back[:5].sum(), back[7:].sum()
    barrier = -jnp.log(back[5] + back[6])
    difference = -jnp.log(left / right)
    estimate = -bias_factor / (bias_factor - 1) * bias
    drift = estimate[7:].mean() - estimate[:5].mean()
    mean = back @ place
    spread = back @ (place - mean) ** 2
    overlap = jnp.sum(jnp.sqrt(frames[0] * frames[-1]))
    effective = 1 / jnp.sum(back**2)
    first = jnp.stack([difference, barrier, drift, offsets[-1] - offsets[0]])
    return jnp.concatenate([first, jnp.stack([mean, spread, jnp.log(overlap), effective])])


def variant_takeover(x):
    """Epidemic variants: renewal with three generation lags, escape, shares, growth advantage."""
    reproduction, seed = jnp.exp(x[:3]), jnp.exp(x[3:6])
    escape = 1 / (1 + jnp.exp(-x[6:9]))
    contact = jnp.log(1 + jnp.exp(x[9:]))
    lag = (0.3, 0.5, 0.2)
    immune = 0.6
    sampled = jnp.array([[30.0, 8.0, 2.0], [25.0, 12.0, 3.0], [10.0, 20.0, 10.0]])
    history = [0.5 * seed, 0.8 * seed, seed]
    nll, shares, totals = 0.0, [], [history[-1].sum()]
    for week in range(3):
        force = lag[0] * history[-1] + lag[1] * history[-2] + lag[2] * history[-3]
        open_to = 1 - immune * (1 - escape)
        infections = contact[week] * reproduction * open_to * force
        history.append(infections)
        total = infections.sum()
        share = infections / total
        nll = nll - sampled[week] @ jnp.log(share)
        shares.append(share)
        totals.append(total)
    growth = jnp.log(totals[3] / totals[2])
    advantage = jnp.log(shares[2][1] / shares[2][0]) - jnp.log(shares[0][1] / shares[0][0])
    effective = jnp.log(shares[2] @ (reproduction * open_to))
    emerging = shares[2][2] / (shares[2][0] + shares[2][2])
    odds = jnp.log(emerging / (1 - emerging))
    diversity = -jnp.log(jnp.sum(shares[2] ** 2))
    trend = jnp.log(totals[3]) - jnp.log(totals[0])
    return jnp.stack([nll / 40, growth, advantage, effective, odds, diversity, trend])


def counterfactual_team(x):
    """Two agents, shared critic: counterfactual baselines, clipped ratios, entropies, losses."""
    logits, parts = x[:6].reshape(2, 3), x[6:].reshape(2, 3)
    policy = jnp.exp(logits) / jnp.exp(logits).sum(axis=1, keepdims=True)
    old = jnp.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    bonus = jnp.array([[1.0, 0.0, -0.5], [0.2, 0.8, 0.0], [-0.3, 0.1, 1.5]])
    critic = bonus + jnp.tanh(parts[0])[:, None] + jnp.tanh(parts[1])
    taken = [(0, 1), (2, 2), (1, 0), (1, 2)]
    returns = [0.7, 2.0, -0.2, 0.4]
    surrogate, value_loss, joint = 0.0, 0.0, []
    for (a, b), gain in zip(taken, returns, strict=True):
        value = critic[a, b]
        base_a = policy[0] @ critic[:, b]
        base_b = policy[1] @ critic[a]
        for agent, action, base in ((0, a, base_a), (1, b, base_b)):
            ratio = policy[agent, action] / old[agent, action]
            advantage = value - base
            held = jnp.clip(ratio, 0.8, 1.2)
            surrogate = surrogate + jnp.minimum(ratio * advantage, held * advantage)
        value_loss = value_loss + (value - gain) ** 2
        joint.append(jnp.log(policy[0, a] * policy[1, b]))
    entropy = -jnp.sum(policy * jnp.log(policy), axis=1)
    divergence = jnp.sum(policy * jnp.log(policy / old), axis=1)
    reverse = jnp.sum(old * jnp.log(old / policy), axis=1)
    expected = policy[0] @ critic @ policy[1]
    loss = -surrogate / 8 + 0.5 * value_loss / 4 - 0.01 * entropy.sum() + 0.1 * divergence.sum()
    imitate = -jnp.stack(joint).mean()
    return jnp.stack([loss, expected, imitate, entropy.mean(), reverse.mean()])


POPULATIONS = (
    Form("everyday", "trapping_grid_centres", trapping_grid_centres, "logits", (12,)),
    Form("everyday", "catch_at_age", catch_at_age, "logits", (12,)),
    Form("everyday", "weighted_treatment_effects", weighted_treatment_effects, "logits", (12,)),
    Form("everyday", "source_memory_tree", source_memory_tree, "logits", (12,)),
    Form("everyday", "career_choice_values", career_choice_values, "logits", (12,)),
    Form("everyday", "tempered_hills", tempered_hills, "logits", (12,)),
    Form("everyday", "variant_takeover", variant_takeover, "logits", (12,)),
    Form("everyday", "counterfactual_team", counterfactual_team, "logits", (12,)),
)
