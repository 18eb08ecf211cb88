"""Naive programs of sequences, policies, kernels, transport and matching."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def sigmoid(z):
    return 1.0 / (1.0 + jnp.exp(-z))


# ---------------------------------------------------------------- sequences and language


def pair_hmm_alignment(x):
    """Pair HMM of two short strings: match, insert, delete states; probability of alignment."""
    first, second = (0, 2, 1), (0, 1, 1)
    emission = jnp.exp(x[:9].reshape(3, 3))
    emission = emission / emission.sum()
    opened = sigmoid(x[9] - 1.0) * 0.45
    extended = sigmoid(x[10]) * 0.9
    marginal_a, marginal_b = emission.sum(axis=1), emission.sum(axis=0)
    zero = jnp.zeros(())
    m = {(0, 0): jnp.ones(())}
    ins, dele = {(0, 0): zero}, {(0, 0): zero}
    for i in range(4):
        for j in range(4):
            if i == 0 and j == 0:
                continue
            m[i, j] = ins[i, j] = dele[i, j] = zero
            if i and j:
                arrive = (1 - 2 * opened) * m[i - 1, j - 1]
                arrive = arrive + (1 - extended) * (ins[i - 1, j - 1] + dele[i - 1, j - 1])
                m[i, j] = emission[first[i - 1], second[j - 1]] * arrive
            if i:
                dele[i, j] = marginal_a[first[i - 1]] * (
                    opened * m[i - 1, j] + extended * dele[i - 1, j]
                )
            if j:
                ins[i, j] = marginal_b[second[j - 1]] * (
                    opened * m[i, j - 1] + extended * ins[i, j - 1]
                )
    end = m[3, 3] + ins[3, 3] + dele[3, 3]
    independent = jnp.prod(marginal_a[jnp.array(first)]) * jnp.prod(marginal_b[jnp.array(second)])
    return jnp.stack([-jnp.log(end), jnp.log(end / independent)])


def inside_pcfg(x):
    """Inside algorithm, two nonterminals, four words: rule softmaxes, chart, log probability."""
    binary = jnp.exp(x[:8].reshape(2, 4))
    lexical_scores = jnp.stack([x[8:10], x[10:12]])
    lexical = jnp.exp(lexical_scores)
    total = binary.sum(axis=1) + lexical.sum(axis=1)
    rule = (binary / total[:, None]).reshape(2, 2, 2)
    word = lexical / total[:, None]
    sentence = (0, 1, 1, 0)
    chart = {(i, i + 1): word[:, w] for i, w in enumerate(sentence)}
    for width in (2, 3, 4):
        for i in range(4 - width + 1):
            k = i + width
            chart[i, k] = sum(
                jnp.einsum("abc,b,c->a", rule, chart[i, j], chart[j, k]) for j in range(i + 1, k)
            )
    return -jnp.log(chart[0, 4][0])


def knn_language_model(x):
    """kNN-LM: softmax over negative distances scattered on the vocabulary, interpolation."""
    logits, distance = x[:5], x[5:]
    values = jnp.array([0, 3, 3, 1, 4])
    base = jnp.exp(logits) / jnp.exp(logits).sum()
    near = jnp.exp(-(distance**2) / 2.0)
    near = near / near.sum()
    retrieved = jax.ops.segment_sum(near, values, num_segments=5)
    p = 0.25 * retrieved + 0.75 * base
    return -jnp.log(p)


def rag_marginal(x):
    """RAG-sequence: documents by their scores, products of token probabilities, the marginal."""
    doc_score, token_logits = x[:3], x[3:].reshape(3, 3)
    prior = jnp.exp(doc_score) / jnp.exp(doc_score).sum()
    vocabulary = jnp.array([[[1.0, -0.5, 0.2]], [[0.3, 0.8, -0.7]], [[-0.6, 0.1, 0.9]]])
    steps = jnp.array([[0.5], [1.0], [-0.8], [1.5]])
    logits = token_logits[:, None, :] + steps[None] * vocabulary
    probs = jnp.exp(logits) / jnp.exp(logits).sum(axis=-1, keepdims=True)
    answer = jnp.array([0, 2, 1, 1])
    token = probs[:, jnp.arange(4), answer]
    sequence = jnp.prod(token, axis=1)
    marginal = jnp.sum(prior * sequence)
    posterior = prior * sequence / marginal
    distil = jnp.sum(posterior * jnp.log(posterior / prior))
    return -jnp.log(marginal) + 0.1 * distil


def minimum_risk_training(x):
    """MRT: sharpened distribution over sampled translations, expected 1 - BLEU, length penalty."""
    token_logp = jnp.log(1 / (1 + jnp.exp(-x.reshape(4, 3))))
    mask = jnp.array([[1, 1, 1], [1, 1, 0], [1, 1, 1], [1, 0, 0]], bool)
    sentence = jnp.prod(jnp.where(mask, jnp.exp(token_logp), 1.0), axis=1)
    q = sentence**0.5 / jnp.sum(sentence**0.5)
    bleu = jnp.array([0.42, 0.1, 0.73, 0.05])
    risk = jnp.sum(q * (1 - bleu))
    nll = -jnp.log(sentence[2]) / mask[2].sum()
    return risk + 0.3 * nll


def contrastive_decoding(x):
    """Expert over amateur: plausibility cut at 0.1 of the best, log ratio, renormalised choice."""
    expert_logits, amateur_logits = x[:6], x[6:]
    expert = jnp.exp(expert_logits) / jnp.sum(jnp.exp(expert_logits))
    amateur = jnp.exp(amateur_logits / 0.5) / jnp.sum(jnp.exp(amateur_logits / 0.5))
    plausible = expert >= 0.1 * jnp.max(expert)
    ratio = jnp.where(plausible, expert / amateur, 0.0)
    chosen = ratio / ratio.sum()
    return chosen @ jnp.arange(6.0)


# ---------------------------------------------------------------- reinforcement


def munchausen_soft_target(x):
    """Munchausen DQN: clipped log policy added to the reward, soft value of the next state."""
    q, q_next, tau = x[:, :3], x[:, 3:], 0.3
    action = jnp.array([2, 0])
    reward = jnp.array([1.0, -0.5])
    pi = jnp.exp(q / tau) / jnp.sum(jnp.exp(q / tau), axis=1, keepdims=True)
    log_pi = tau * jnp.log(pi)
    bonus = jnp.clip(log_pi[jnp.arange(2), action], -1.0, 0.0)
    e_next = jnp.exp(q_next / tau)
    pi_next = e_next / e_next.sum(axis=1, keepdims=True)
    soft_value = (pi_next * (q_next - tau * jnp.log(pi_next))).sum(axis=1)
    target = reward + 0.9 * bonus + 0.99 * soft_value
    td = target - q[jnp.arange(2), action]
    huber = jnp.where(jnp.abs(td) < 1.0, 0.5 * td**2, jnp.abs(td) - 0.5)
    return huber.mean()


def gspo_sequence_ratio(x):
    """GSPO: length-normalised ratios of products, group-normalised advantage, clipping, k3 KL."""
    p = 1 / (1 + jnp.exp(-x.reshape(3, 4)))
    old = jnp.array([[0.5, 0.6, 0.4, 0.7], [0.3, 0.5, 0.8, 0.5], [0.6, 0.2, 0.5, 0.4]])
    ref = jnp.array([[0.55, 0.5, 0.4, 0.6], [0.4, 0.5, 0.7, 0.5], [0.5, 0.3, 0.5, 0.5]])
    mask = jnp.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]])
    reward = jnp.array([1.0, 0.0, 0.25])
    adv = (reward - reward.mean()) / (jnp.sqrt((reward**2).mean() - reward.mean() ** 2) + 1e-8)
    length = mask.sum(axis=1)
    ratio = jnp.prod(jnp.where(mask == 1, p / old, 1.0), axis=1) ** (1.0 / length)
    surrogate = jnp.minimum(ratio * adv, jnp.clip(ratio, 0.8, 1.28) * adv)
    k3 = (ref / p - 1 - jnp.log(ref / p)) * mask
    return -surrogate.mean() + 0.04 * (k3.sum(axis=1) / length).mean()


def noise_contrastive_alignment(x):
    """NCA: rewards as log ratios, softmax targets, attracting one and pushing all the others."""
    beta, alpha = 0.5, 0.7
    policy, reference = x[:4], jnp.array([-0.4, -1.1, 0.3, -0.8])
    given = jnp.array([2.0, 0.5, -1.0, 1.0])
    reward = beta * (policy - reference)
    soft_target = jnp.exp(given / alpha) / jnp.exp(given / alpha).sum()
    attract = -(soft_target * jnp.log(1 / (1 + jnp.exp(-reward)))).sum()
    push = -jnp.log(1 - 1 / (1 + jnp.exp(-reward))).mean()
    preference = jnp.exp(reward) / jnp.exp(reward).sum()
    infonca = -(soft_target * jnp.log(preference)).sum()
    return jnp.stack([attract + push, infonca])


# ---------------------------------------------------------------- kernels, transport, matching


def image_registration_mi(x):
    """Mutual information of two images by soft histograms, as in deformable registration."""
    fixed = jnp.array([0.1, 0.35, 0.6, 0.85, 0.5, 0.2])
    moving = jax.nn.sigmoid(x)
    centres = jnp.linspace(0.0, 1.0, 4)
    sigma = 0.15

    def assignments(values):
        w = jnp.exp(-((values[:, None] - centres[None, :]) ** 2) / (2 * sigma**2))
        return w / (w.sum(axis=1, keepdims=True) + 1e-8)

    wa, wb = assignments(fixed), assignments(moving)
    joint = wa.T @ wb / 6
    pa, pb = joint.sum(axis=1), joint.sum(axis=0)
    mi = jnp.sum(joint * jnp.log(joint / (pa[:, None] * pb[None, :] + 1e-8) + 1e-8))
    ha, hb = -(pa * jnp.log(pa)).sum(), -(pb * jnp.log(pb)).sum()
    nmi = (ha + hb) / -(joint * jnp.log(joint + 1e-12)).sum()
    variance = jnp.mean(moving**2) - jnp.mean(moving) ** 2
    return jnp.stack([-mi, nmi, variance])


def sinkhorn_divergence(x):
    """Debiased Sinkhorn between two point clouds, scaling vectors, four rounds."""
    eps = 0.5
    a, b = x[:4], x[4:]
    wa, wb = jnp.full(4, 0.25), jnp.full(b.shape[0], 1.0 / b.shape[0])

    def cost(p, wp, q, wq):
        c = (p[:, None] - q[None, :]) ** 2
        kernel = jnp.exp(-c / eps)
        v = jnp.ones_like(q)
        for _ in range(4):
            u = wp / (kernel @ v)
            v = wq / (kernel.T @ u)
        plan = u[:, None] * kernel * v[None, :]
        return jnp.sum(plan * c) + eps * jnp.sum(plan * jnp.log(plan + 1e-30))

    return cost(a, wa, b, wb) - 0.5 * cost(a, wa, a, wa) - 0.5 * cost(b, wb, b, wb)


def superglue_dustbin(x):
    """Matching with dustbins: scores padded by a bin, row and column normalisation, matches."""
    scores = x[:9].reshape(3, 3)
    bin_score = x[9]
    padded = jnp.concatenate([scores, jnp.full((3, 1), 1.0) * bin_score], axis=1)
    padded = jnp.concatenate([padded, jnp.full((1, 4), 1.0) * bin_score], axis=0)
    p = jnp.exp(padded)
    rows, cols = jnp.array([1.0, 1, 1, 3]), jnp.array([1.0, 1, 1, 3])
    for _ in range(3):
        p = p * (rows / p.sum(axis=1))[:, None]
        p = p * (cols / p.sum(axis=0))[None, :]
    matched = -jnp.log(p[jnp.array([0, 2]), jnp.array([1, 2])]).mean()
    unmatched = -jnp.log(p[1, 3]) - jnp.log(p[3, 0])
    return matched + 0.5 * unmatched


def potts_pseudolikelihood(x):
    """plmDCA: conditional of each site given the others, couplings symmetrised, ridge."""
    fields = x[:6].reshape(3, 2)
    j01, j12, j02 = x[6:8], x[8:10], x[10:12]
    data = jnp.array([[0, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0]])

    def conditional(h, same):
        e = jnp.exp(h + same)
        return e / e.sum()

    def sample(s):
        hot = jax.nn.one_hot(s, 2)
        c0 = conditional(fields[0], j01 * hot[1] + j02 * hot[2])
        c1 = conditional(fields[1], j01 * hot[0] + j12 * hot[2])
        c2 = conditional(fields[2], j12 * hot[1] + j02 * hot[0])
        return -jnp.log(c0[s[0]] * c1[s[1]] * c2[s[2]])

    return jax.vmap(sample)(data).mean() + 0.01 * jnp.sum(jnp.square(x))


def full_covariance_mixture(x):
    """Two planar Gaussians with correlations: densities, responsibilities, entropy, likelihood."""
    mean = x[:4].reshape(2, 2)
    log_sd = 0.5 * jnp.tanh(x[4:8]).reshape(2, 2)
    corr = 0.9 * jnp.tanh(x[8:10])
    weight = jnp.exp(x[10:12]) / jnp.exp(x[10:12]).sum()
    data = jnp.array([[0.4, -0.3], [1.2, 0.9], [-0.8, 0.1], [2.0, -1.5]])
    sd = jnp.exp(log_sd)
    z = (data[:, None, :] - mean[None]) / sd[None]
    one = 1 - corr**2
    quad = (z[..., 0] ** 2 - 2 * corr * z[..., 0] * z[..., 1] + z[..., 1] ** 2) / one
    density = jnp.exp(-0.5 * quad) / (2 * jnp.pi * sd[:, 0] * sd[:, 1] * jnp.sqrt(one))
    joint = weight * density
    likelihood = joint.sum(axis=1)
    resp = joint / likelihood[:, None]
    entropy = -(resp * jnp.log(resp + 1e-20)).sum(axis=1)
    icl = jnp.log(likelihood).sum() - entropy.sum()
    return jnp.append(resp.mean(axis=0), -icl)


def schnet_energy(x):
    """SchNet: Gaussian radial basis, shifted softplus, messages by segments, screened charges."""
    pos = x.reshape(4, 3)
    src, dst = jnp.array([0, 0, 1, 1, 2, 3]), jnp.array([1, 2, 2, 3, 3, 0])
    d = jnp.sqrt(jnp.sum((pos[src] - pos[dst]) ** 2, axis=1) + 1e-12)
    centres = jnp.array([0.5, 1.5, 2.5])
    rbf = jnp.exp(-((d[:, None] - centres[None, :]) ** 2))

    def ssp(z):
        return jnp.log(0.5 * jnp.exp(z) + 0.5)

    filters = ssp(rbf @ jnp.array([[0.7, -0.4], [0.3, 1.1], [-0.9, 0.2]]))
    atom = jnp.array([[1.0, 0.2], [0.4, -0.6], [-0.5, 0.9], [0.3, 0.3]])
    message = jax.ops.segment_sum(atom[src] * filters, dst, num_segments=4)
    hidden = ssp(atom + message)
    charge = hidden @ jnp.array([0.8, -0.5])
    screened = charge[src] * charge[dst] * jnp.exp(-d) / (d + 0.1)
    return hidden.sum() + screened.sum()


def pna_aggregators(x):
    """Principal neighbourhood aggregation: mean, std by E[x²]-E[x]², softmax sums, scalers."""
    nodes = x
    src, dst = jnp.array([0, 1, 2, 3, 4, 5, 1, 3]), jnp.array([1, 2, 0, 2, 1, 0, 0, 1])
    degree = jax.ops.segment_sum(jnp.ones(8), dst, num_segments=3)
    msg = nodes[src]
    mean = jax.ops.segment_sum(msg, dst, 3) / degree
    mean_sq = jax.ops.segment_sum(msg**2, dst, 3) / degree
    std = jnp.sqrt(jnp.maximum(mean_sq - mean**2, 0.0) + 1e-5)
    e = jnp.exp(msg)
    soft = jax.ops.segment_sum(e * msg, dst, 3) / jax.ops.segment_sum(e, dst, 3)
    soft_min = jax.ops.segment_sum(msg / e, dst, 3) / jax.ops.segment_sum(1 / e, dst, 3)
    scale = jnp.log(degree + 1) / jnp.log(3.0)
    return jnp.stack([mean, std, soft, soft_min]) * scale


def fuzzy_c_means(x):
    """Fuzzy clustering: inverse-distance memberships, two rounds of centres, objective."""
    points = jnp.array([[0.1, 0.4], [1.1, -0.3], [2.0, 1.5], [-0.6, 0.8], [1.7, 1.1]])
    centres = x.reshape(3, 2)
    m = 2.0
    for _ in range(2):
        d2 = jnp.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=-1) + 1e-10
        inverse = d2 ** (-1.0 / (m - 1))
        u = inverse / inverse.sum(axis=1, keepdims=True)
        um = u**m
        centres = (um.T @ points) / um.sum(axis=0)[:, None]
    partition_entropy = -jnp.mean(jnp.sum(u * jnp.log(u + 1e-12), axis=1))
    return jnp.stack([jnp.sum(um * d2), partition_entropy])


def mmd_score(x):
    """Unbiased MMD² with two bandwidths, and kernel-density log ratio of the pooled points."""
    a, b = x[:4], x[4:]

    def kernel(p, q):
        d2 = (p[:, None] - q[None, :]) ** 2
        return jnp.exp(-d2 / 2) + jnp.exp(-d2 / 8)

    kaa, kbb, kab = kernel(a, a), kernel(b, b), kernel(a, b)
    na, nb = a.shape[0], b.shape[0]
    mmd = (kaa.sum() - jnp.trace(kaa)) / (na * (na - 1))
    mmd = mmd + (kbb.sum() - jnp.trace(kbb)) / (nb * (nb - 1)) - 2 * kab.mean()
    log_ratio = jnp.log(kab.mean(axis=1)) - jnp.log((kaa.sum(axis=1) - 2.0) / (na - 1))
    return jnp.append(log_ratio, mmd)


def tap_mean_field(x):
    """Ising: four damped mean-field sweeps with Onsager reaction, entropy of ±1 marginals."""
    coupling = jnp.array(
        [
            [0, 0.4, -0.2, 0, 0.3],
            [0.4, 0, 0.1, -0.5, 0],
            [-0.2, 0.1, 0, 0.6, 0.2],
            [0, -0.5, 0.6, 0, -0.3],
            [0.3, 0, 0.2, -0.3, 0],
        ]
    )
    m = jnp.zeros(5)
    for _ in range(4):
        onsager = m * (coupling**2 @ (1 - m**2))
        field = x + coupling @ m - onsager
        plus, minus = jnp.exp(field), jnp.exp(-field)
        m = 0.5 * m + 0.5 * (plus - minus) / (plus + minus)
    up, down = (1 + m) / 2, (1 - m) / 2
    entropy = -jnp.sum(up * jnp.log(up) + down * jnp.log(down))
    energy = -0.5 * m @ coupling @ m - x @ m
    return jnp.append(m, energy - entropy)


MATCHING = (
    Form("everyday", "pair_hmm_alignment", pair_hmm_alignment, "logits", (11,)),
    Form("everyday", "inside_pcfg", inside_pcfg, "logits", (12,)),
    Form("everyday", "knn_language_model", knn_language_model, "logits", (10,)),
    Form("everyday", "rag_marginal", rag_marginal, "logits", (12,)),
    Form("everyday", "minimum_risk_training", minimum_risk_training, "logits", (12,)),
    Form("everyday", "contrastive_decoding", contrastive_decoding, "logits", (12,)),
    Form("everyday", "munchausen_soft_target", munchausen_soft_target, "logits", (2, 6)),
    Form("everyday", "gspo_sequence_ratio", gspo_sequence_ratio, "logits", (12,)),
    Form("everyday", "noise_contrastive_alignment", noise_contrastive_alignment, "logits", (4,)),
    Form("everyday", "image_registration_mi", image_registration_mi, "logits", (6,)),
    Form("everyday", "sinkhorn_divergence", sinkhorn_divergence, "logits", (8,)),
    Form("everyday", "superglue_dustbin", superglue_dustbin, "logits", (10,)),
    Form("everyday", "potts_pseudolikelihood", potts_pseudolikelihood, "logits", (12,)),
    Form("everyday", "full_covariance_mixture", full_covariance_mixture, "logits", (12,)),
    Form("everyday", "schnet_energy", schnet_energy, "logits", (4, 3)),
    Form("everyday", "pna_aggregators", pna_aggregators, "signed", (6,)),
    Form("everyday", "fuzzy_c_means", fuzzy_c_means, "signed", (6,)),
    Form("everyday", "mmd_score", mmd_score, "logits", (8,)),
    Form("everyday", "tap_mean_field", tap_mean_field, "logits", (5,)),
)
