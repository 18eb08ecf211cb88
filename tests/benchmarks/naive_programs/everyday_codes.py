"""Codes and strings: decoders, translation, motifs, lattices, messages, nested evidence."""

from __future__ import annotations

import math

import jax.numpy as jnp

from naive_programs.form import Form


def folding_partition(x):
    """McCaskill: partition function of six bases, ten pairs, stacking, pairing probabilities."""
    pair = {}
    names = [(0, 2), (0, 3), (0, 4), (0, 5), (1, 3), (1, 4), (1, 5), (2, 4), (2, 5), (3, 5)]
    for k, name in enumerate(names):
        pair[name] = jnp.exp(-x[k] / 0.6)
    stack, loop = jnp.exp(-x[10] / 0.6), jnp.exp(-x[11] / 0.6)
    one, bound, free = jnp.ones_like(x[0]), {}, {}

    def full(i, j):
        return free[i, j] if i <= j else one

    for i in range(6):
        free[i, i] = one
    for span in range(1, 6):
        for i in range(6 - span):
            j = i + span
            if (i, j) in pair:
                inner = loop * full(i + 1, j - 1)
                if (i + 1, j - 1) in pair:
                    inner = inner + stack * bound[i + 1, j - 1]
                bound[i, j] = pair[i, j] * inner
            total = full(i, j - 1)
            for k in range(i, j):
                if (k, j) in pair:
                    total = total + full(i, k - 1) * bound[k, j]
            free[i, j] = total
    z = free[0, 5]
    outer = []
    for i, j in names:
        outer.append(full(0, i - 1) * bound[i, j] * full(j + 1, 5) / z)
    outer = jnp.stack(outer)
    open_chain = one / z
    return jnp.concatenate([jnp.log(z)[None], outer[3:6], jnp.log(outer[:2]), open_chain[None]])


def trellis_bit_decoder(x):
    """BCJR: two-state recursive code, four bits, forward-backward in probabilities, extrinsics."""
    system, parity, prior = x.reshape(3, 4)
    gamma = []
    for t in range(4):
        step = {}
        for state in (0, 1):
            for bit in (0, 1):
                after = state ^ bit
                u, p = 2 * bit - 1, 2 * after - 1
                step[state, bit] = jnp.exp(0.5 * (u * (system[t] + prior[t]) + p * parity[t]))
        gamma.append(step)
    alpha = [[jnp.ones_like(x[0]), jnp.zeros_like(x[0])]]
    for t in range(4):
        a, g = alpha[-1], gamma[t]
        alpha.append([a[0] * g[0, 0] + a[1] * g[1, 1], a[0] * g[0, 1] + a[1] * g[1, 0]])
    beta = [[jnp.ones_like(x[0]), jnp.ones_like(x[0])]]
    for t in (3, 2, 1):
        b, g = beta[0], gamma[t]
        beta.insert(0, [g[0, 0] * b[0] + g[0, 1] * b[1], g[1, 1] * b[0] + g[1, 0] * b[1]])
    ratios = []
    for t in range(4):
        a, b, g = alpha[t], beta[t], gamma[t]
        up = a[0] * g[0, 1] * b[1] + a[1] * g[1, 1] * b[0]
        down = a[0] * g[0, 0] * b[0] + a[1] * g[1, 0] * b[1]
        ratios.append(jnp.log(up / down))
    ratios = jnp.stack(ratios)
    extrinsic = ratios - system - prior
    evidence = jnp.log(alpha[4][0] + alpha[4][1])
    chance = 1 / (1 + jnp.exp(-ratios))
    soft = jnp.mean(2 * chance - 1)
    return jnp.concatenate([ratios, extrinsic[:2], evidence[None], soft[None]])


def polar_cancellation(x):
    """Polar code of four: successive cancellation for three words, path metrics, list weights."""

    def check(a, b):
        return jnp.log((1 + jnp.exp(a + b)) / (jnp.exp(a) + jnp.exp(b)))

    def variable(a, b, bit):
        return b + (1 - 2 * bit) * a

    def penalty(ratio, bit):
        return jnp.log(1 + jnp.exp(-(1 - 2 * bit) * ratio))

    words = x.reshape(3, 4)
    metrics, last = [], []
    for bits in ((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1), (0, 1, 1, 0)):
        top = check(words[:, 0], words[:, 2])
        bottom = check(words[:, 1], words[:, 3])
        first = check(top, bottom)
        second = variable(top, bottom, bits[0])
        left, right = bits[0] ^ bits[1], bits[1]
        upper = variable(words[:, 0], words[:, 2], left)
        lower = variable(words[:, 1], words[:, 3], right)
        third = check(upper, lower)
        fourth = variable(upper, lower, bits[2])
        metric = penalty(first, bits[0]) + penalty(second, bits[1])
        metric = metric + penalty(third, bits[2]) + penalty(fourth, bits[3])
        metrics.append(metric)
        last.append(third)
    metrics, last = jnp.stack(metrics), jnp.stack(last)
    weight = jnp.exp(-metrics) / jnp.exp(-metrics).sum(axis=0)
    undetected = -jnp.log(jnp.exp(-metrics).sum(axis=0))
    soft = jnp.sum(weight * jnp.array([[0.0], [0.0], [1.0], [0.0]]), axis=0)
    return jnp.stack([undetected, soft, (weight * last).sum(axis=0), jnp.log(weight[0])])


def translation_table_em(x):
    """IBM Model 1: three EM rounds over three sentence pairs, alignments, perplexity."""
    table = jnp.exp(x.reshape(3, 4)) / jnp.exp(x.reshape(3, 4)).sum(axis=1, keepdims=True)
    pairs = [([0, 1], [0, 1, 1]), ([1, 2], [2, 3]), ([0, 2], [0, 3, 2])]
    for _ in range(3):
        counts = 0.02 * jnp.ones((3, 4), x.dtype)
        for source, target in pairs:
            for word in target:
                total = sum(table[s, word] for s in source)
                for s in source:
                    counts = counts.at[s, word].add(table[s, word] / total)
        table = counts / counts.sum(axis=1, keepdims=True)
    start = jnp.exp(x.reshape(3, 4)) / jnp.exp(x.reshape(3, 4)).sum(axis=1, keepdims=True)
    before, after, words = 0.0, 0.0, 0
    aligned = []
    for source, target in pairs:
        for word in target:
            old = sum(start[s, word] for s in source) / len(source)
            new = sum(table[s, word] for s in source) / len(source)
            before = before + jnp.log(old)
            after = after + jnp.log(new)
            aligned.append(start[source[0], word] / (old * len(source)))
            words += 1
    perplexity = jnp.exp(-after / words)
    certainty = jnp.stack(aligned)
    entropy = -jnp.mean(jnp.sum(table * jnp.log(table), axis=1))
    return jnp.stack([before / words, perplexity, entropy, certainty.mean(), certainty.prod()])


def nested_evidence(x):
    """Nested sampling: twelve discarded likelihoods, shrinking prior mass, information, mean."""
    likelihood = jnp.exp(x)
    order = jnp.arange(1.0, 13.0)
    edge = jnp.exp(-order / 4)
    before = jnp.concatenate([jnp.ones(1), edge[:-1]])
    width = before - edge
    evidence = likelihood @ width
    posterior = likelihood * width / evidence
    information = posterior @ jnp.log(likelihood / evidence)
    spread = jnp.sqrt(information / 4)
    effective = 1 / jnp.sum(posterior**2)
    theta = jnp.array([2.0, -1.5, 1.2, 0.9, -0.8, 0.7, 0.1, 0.4, 0.3, -0.2, 0.25, 0.2])
    mean = posterior @ theta
    variance = posterior @ (theta - mean) ** 2
    trapezoid = jnp.sum(0.5 * (likelihood[1:] + likelihood[:-1]) * width[1:])
    trapezoid = trapezoid + 0.5 * likelihood[0] * width[0]
    running = jnp.cumsum(likelihood * width)
    stopping = jnp.log(running[-1]) - jnp.log(running[8])
    remaining = jnp.log(likelihood[-1] * edge[-1] / evidence)
    cold = (likelihood**2 @ width) / evidence**2
    warm = (jnp.sqrt(likelihood) @ width) ** 2 / evidence
    weighed = jnp.stack([jnp.log(evidence), jnp.log(trapezoid), spread, effective, mean, variance])
    return jnp.concatenate(
        [weighed, jnp.stack([stopping, remaining, jnp.log(cold), jnp.log(warm)])]
    )


def lattice_expected_accuracy(x):
    """Speech lattice: twelve arcs, forward-backward, expected phone accuracy, boosted MMI."""
    arcs = [(0, 1), (0, 1), (0, 1), (0, 2), (0, 2), (1, 2), (1, 2), (1, 2)]
    arcs += [(1, 3), (2, 3), (2, 3), (2, 3)]
    accuracy = [1.0, 0.0, -0.5, 0.3, 1.2, 1.0, 0.0, 0.2, 0.4, 1.0, -1.0, 0.5]
    like = jnp.exp(0.8 * x)
    one, zero = jnp.ones_like(x[0]), jnp.zeros_like(x[0])
    alpha, beta = [one, zero, zero, zero], [zero, zero, zero, one]
    good, ahead = [zero] * 4, [zero] * 4
    for node in (1, 2, 3):
        into = [k for k, (_, end) in enumerate(arcs) if end == node]
        alpha[node] = sum(alpha[arcs[k][0]] * like[k] for k in into)
        parts = [alpha[arcs[k][0]] * like[k] * (good[arcs[k][0]] + accuracy[k]) for k in into]
        good[node] = sum(parts) / alpha[node]
    for node in (2, 1, 0):
        out = [k for k, (begin, _) in enumerate(arcs) if begin == node]
        beta[node] = sum(beta[arcs[k][1]] * like[k] for k in out)
        parts = [beta[arcs[k][1]] * like[k] * (ahead[arcs[k][1]] + accuracy[k]) for k in out]
        ahead[node] = sum(parts) / beta[node]
    total = alpha[3]
    posterior, through = [], []
    for k, (begin, end) in enumerate(arcs):
        posterior.append(alpha[begin] * like[k] * beta[end] / total)
        through.append(good[begin] + accuracy[k] + ahead[end])
    posterior, through = jnp.stack(posterior), jnp.stack(through)
    gradient = posterior * (through - good[3])
    reference = like[0] * like[5] * like[9]
    boosted = [like[k] * math.exp(-0.5 * accuracy[k]) for k in range(12)]
    first = boosted[0] + boosted[1] + boosted[2]
    second = boosted[3] + boosted[4] + first * (boosted[5] + boosted[6] + boosted[7])
    denominator = first * boosted[8] + second * (boosted[9] + boosted[10] + boosted[11])
    mutual = jnp.log(reference / denominator)
    confidence = jnp.log(posterior[jnp.array([0, 5, 9])]).sum()
    return jnp.stack([good[3], mutual, jnp.abs(gradient).sum(), confidence])


def motif_search_em(x):
    """Motif finding: position weights of width three, two EM rounds over three short sequences."""
    profile = jnp.exp(x.reshape(3, 4)) / jnp.exp(x.reshape(3, 4)).sum(axis=1, keepdims=True)
    background = jnp.array([0.3, 0.2, 0.2, 0.3], x.dtype)
    sequences = [[0, 2, 1, 3, 3, 0], [2, 1, 3, 0, 0, 1], [3, 0, 2, 1, 2, 2]]
    loglike = []
    for _ in range(2):
        counts = 0.1 * jnp.ones((3, 4), x.dtype)
        total = 0.0
        for letters in sequences:
            score = []
            for start in range(4):
                ratio = jnp.ones_like(x[0])
                for j in range(3):
                    letter = letters[start + j]
                    ratio = ratio * profile[j, letter] / background[letter]
                score.append(ratio)
            score = jnp.stack(score)
            total = total + jnp.log(score.mean())
            where = score / score.sum()
            for start in range(4):
                for j in range(3):
                    counts = counts.at[j, letters[start + j]].add(where[start])
        loglike.append(total)
        profile = counts / counts.sum(axis=1, keepdims=True)
    first = jnp.exp(x.reshape(3, 4)) / jnp.exp(x.reshape(3, 4)).sum(axis=1, keepdims=True)
    content = jnp.sum(profile * jnp.log(profile / background), axis=1) / math.log(2)
    moved = jnp.sum(first * jnp.log(first / profile))
    best = jnp.log(jnp.max(where))
    return jnp.concatenate([jnp.stack(loglike), content, jnp.stack([moved, best])])


def survey_messages(x):
    """Survey propagation: four three-variable clauses, three rounds, biases, entropy."""
    clauses = [
        ((0, 1), (1, -1), (2, 1)),
        ((0, -1), (1, 1), (3, 1)),
        ((0, 1), (2, -1), (3, -1)),
        ((1, -1), (2, 1), (3, 1)),
    ]
    survey = {}
    start = (1 / (1 + jnp.exp(-x))).reshape(4, 3)
    for c, clause in enumerate(clauses):
        for k, (v, _) in enumerate(clause):
            survey[c, v] = start[c, k]
    sign = {(c, v): s for c, clause in enumerate(clauses) for v, s in clause}
    one = jnp.ones_like(x[0])

    def quiet(v, wanted, without):
        product = one
        for c in range(4):
            if c != without and sign.get((c, v)) == wanted:
                product = product * (1 - survey[c, v])
        return product

    for _ in range(3):
        fresh = {}
        for c, clause in enumerate(clauses):
            for v, _ in clause:
                warning = one
                for other, s in clause:
                    if other != v:
                        same, against = quiet(other, s, c), quiet(other, -s, c)
                        refuse = (1 - against) * same
                        accept = (1 - same) * against
                        warning = warning * refuse / (refuse + accept + same * against)
                fresh[c, v] = warning
        survey = fresh
    bias, freedom = [], []
    for v in range(4):
        plus, minus = quiet(v, 1, None), quiet(v, -1, None)
        up, down, either = (1 - plus) * minus, (1 - minus) * plus, plus * minus
        bias.append((up - down) / (up + down + either))
        freedom.append(jnp.log(up + down + either))
    strength = sum(jnp.log(s) for s in survey.values()) / 12
    return jnp.concatenate([jnp.stack(bias), jnp.stack(freedom), strength[None]])


CODES = (
    Form("everyday", "folding_partition", folding_partition, "logits", (12,)),
    Form("everyday", "trellis_bit_decoder", trellis_bit_decoder, "logits", (12,)),
    Form("everyday", "polar_cancellation", polar_cancellation, "logits", (12,)),
    Form("everyday", "translation_table_em", translation_table_em, "logits", (12,)),
    Form("everyday", "nested_evidence", nested_evidence, "logits", (12,)),
    Form("everyday", "lattice_expected_accuracy", lattice_expected_accuracy, "logits", (12,)),
    Form("everyday", "motif_search_em", motif_search_em, "logits", (12,)),
    Form("everyday", "survey_messages", survey_messages, "logits", (12,)),
)
