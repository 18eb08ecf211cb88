"""Long naive programs, of several steps each: layers, filters, likelihoods, losses."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from naive_programs.form import Form


def hierarchical_softmax_tree(x):
    """Huffman-coded words: a word's probability is the product of its turns in the tree."""
    # Internal nodes 0..4; leaves 6. Each row: nodes on the path, turns (+1 / -1), validity.
    nodes = jnp.array([[0, 1, 0], [0, 1, 3], [0, 1, 3], [0, 2, 0], [0, 2, 4], [0, 2, 4]])
    turns = jnp.array([[1, 1, 0], [1, -1, 1], [1, -1, -1], [-1, 1, 0], [-1, -1, 1], [-1, -1, -1]])
    valid = turns != 0
    probability = 1 / (1 + jnp.exp(-turns * x[nodes]))
    probability = jnp.where(valid, probability, 1.0)
    words = jnp.prod(probability, axis=1)
    frequency = jnp.array([0.3, 0.25, 0.05, 0.2, 0.15, 0.05])
    cross_entropy = -jnp.sum(frequency * jnp.log(words))
    surprise = -jnp.sum(words * jnp.log(words))
    perplexity_bits = cross_entropy / jnp.log(2.0)
    return jnp.stack([perplexity_bits, surprise])


def attention_layer_pool_loss(x):
    """Masked self attention over four tokens, attention pooling, classifier, cross entropy."""
    wq = jnp.array([[0.6, -0.2], [0.1, 0.9], [-0.5, 0.3]])
    wk = jnp.array([[0.4, 0.7], [-0.3, 0.2], [0.8, -0.6]])
    wv = jnp.array([[1.0, 0.1, 0], [0, 0.9, -0.2], [0.3, 0, 1.1]])
    tokens = jnp.tanh(x / 4)
    scores = (tokens @ wq) @ (tokens @ wk).T / jnp.sqrt(2.0)
    causal = jnp.tril(jnp.ones((4, 4)))
    scores = scores + (1 - causal) * -1e9
    attention = jnp.exp(scores) / jnp.exp(scores).sum(-1, keepdims=True)
    hidden = x + attention @ (x @ wv)
    pool_score = hidden @ jnp.array([0.5, -0.4, 0.3])
    keep = jnp.array([True, True, True, False])
    pool = jnp.where(keep, jnp.exp(pool_score), 0.0)
    pool = pool / pool.sum()
    pooled = pool @ hidden
    head = jnp.array([[1.0, -0.5, 0.2], [0.3, 0.8, -0.7], [-0.6, 0.1, 0.9]])
    logits = pooled @ head
    p = jnp.exp(logits) / jnp.sum(jnp.exp(logits))
    return -jnp.log(p[2])


def em_step_mixture(x):
    """One EM step of a three-component Gaussian mixture, then the likelihood at the update."""
    mean = jnp.array([-2.0, 0.0, 2.0])
    sd = jnp.array([1.0, 0.7, 1.5])
    weight = jnp.array([0.3, 0.4, 0.3])

    def density(data, m, s):
        z = (data[:, None] - m[None, :]) / s[None, :]
        return jnp.exp(-0.5 * z * z) / (s * jnp.sqrt(2 * jnp.pi))

    joint = weight * density(x, mean, sd)
    responsibility = joint / joint.sum(axis=1, keepdims=True)
    effective = responsibility.sum(axis=0)
    new_weight = effective / x.shape[0]
    new_mean = (responsibility * x[:, None]).sum(axis=0) / effective
    centred = (x[:, None] - new_mean) ** 2
    new_var = (responsibility * centred).sum(axis=0) / effective + 1e-2
    likelihood = (new_weight * density(x, new_mean, jnp.sqrt(new_var))).sum(axis=1)
    return jnp.log(likelihood).mean()


def ppo_update_loss(x):
    """PPO on three states: ratios of probabilities, clipping, entropy bonus, KL penalty."""
    action = jnp.array([1, 3, 0])
    advantage = jnp.array([0.8, -1.1, 0.4])
    old = jnp.array([[0.25, 0.35, 0.2, 0.2], [0.1, 0.2, 0.3, 0.4], [0.55, 0.15, 0.2, 0.1]])
    policy = jnp.exp(x) / jnp.sum(jnp.exp(x), axis=-1, keepdims=True)
    taken = jax.nn.one_hot(action, 4)
    new_prob = jnp.sum(policy * taken, axis=1)
    old_prob = jnp.sum(old * taken, axis=1)
    ratio = jnp.exp(jnp.log(new_prob) - jnp.log(old_prob))
    clipped = jnp.clip(ratio, 0.8, 1.2)
    surrogate = jnp.minimum(ratio * advantage, clipped * advantage)
    entropy = -(policy * jnp.log(policy)).sum(axis=1)
    kl = (old * jnp.log(old / policy)).sum(axis=1)
    approx_kl = (ratio - 1 - jnp.log(ratio)).mean()
    return -surrogate.mean() - 0.01 * entropy.mean() + 0.2 * kl.mean() + 0.05 * approx_kl


def vae_bernoulli_elbo(x):
    """Negative ELBO: softplus scale, reparameterised noise, Bernoulli decoder, Gaussian KL."""
    mu, rho, bias = x[:3], x[3:6], x[6:]
    noise = jnp.array([[0.5, -0.3, 1.1], [-0.9, 0.2, 0.4]])
    image = jnp.array([1.0, 0, 0, 1, 1, 0])
    decoder = jnp.array(
        [
            [0.4, -0.2, 0.1, 0.7, -0.5, 0.3],
            [0.1, 0.6, -0.8, 0.2, 0.0, -0.4],
            [-0.3, 0.5, 0.2, -0.1, 0.9, 0.6],
        ]
    )
    sigma = jnp.log(1 + jnp.exp(rho))
    z = mu + sigma * noise
    pixel = 1 / (1 + jnp.exp(-(z @ decoder + bias)))
    log_px = (image * jnp.log(pixel) + (1 - image) * jnp.log(1 - pixel)).sum(axis=1)
    kl = 0.5 * jnp.sum(sigma**2 + mu**2 - 1 - jnp.log(sigma**2))
    return -(log_px.mean() - kl)


def mixed_logit_simulated(x):
    """Panel mixed logit by simulation: random coefficients, products over occasions, averages."""
    mean, raw, constant = x[:2], x[2:4], x[4]
    spread = jnp.log(1 + jnp.exp(raw))
    draws = jnp.array([[-1.1, 0.4], [0.2, -0.7], [0.9, 1.3], [-0.3, -1.5]])
    attributes = jnp.array(
        [
            [[1.0, 0.2], [0.5, 0.8], [0.1, 1.4]],
            [[0.3, 1.1], [1.2, 0.4], [0.7, 0.7]],
            [[0.9, 0.9], [0.2, 0.1], [1.5, 0.6]],
        ]
    )
    choices = jnp.array([0, 2, 1])

    def panel(draw):
        beta = mean + spread * draw
        utility = jnp.einsum("tja,a->tj", attributes, beta)
        utility = utility.at[:, 0].add(constant)
        e = jnp.exp(utility)
        p = e / e.sum(axis=1, keepdims=True)
        return jnp.prod(p[jnp.arange(3), choices])

    simulated = jax.vmap(panel)(draws).mean()
    return -jnp.log(simulated)


def irt_two_parameter_quadrature(x):
    """Marginal likelihood of a two-parameter test by quadrature, and the expected ability."""
    difficulty, raw = x[:6], x[6:]
    discrimination = jnp.log(1 + jnp.exp(raw))
    nodes = jnp.linspace(-3.0, 3.0, 7)
    weights = jnp.exp(-0.5 * nodes**2)
    weights = weights / weights.sum()
    answers = jnp.array([[1.0, 0, 1, 1, 0, 1], [0, 0, 1, 0, 1, 1]])

    def person(y):
        z = discrimination * (nodes[:, None] - difficulty)
        p = 1 / (1 + jnp.exp(-z))
        likelihood = jnp.prod(jnp.where(y == 1, p, 1 - p), axis=1)
        marginal = jnp.dot(weights, likelihood)
        ability = jnp.dot(weights * likelihood, nodes) / marginal
        return jnp.log(marginal), ability

    log_marginal, ability = jax.vmap(person)(answers)
    return jnp.stack([log_marginal.sum(), ability.mean()])


def soft_decision_tree(x):
    """Depth-two soft tree: gate products, leaf softmaxes, path-weighted loss, gate balance."""
    gate_logit, leaf_logit, temperature = x[:3], x[3:11].reshape(4, 2), 1 + jnp.tanh(x[11]) / 2
    gate = 1 / (1 + jnp.exp(-gate_logit / temperature))
    left, right = gate[0], 1 - gate[0]
    path = jnp.stack([left * gate[1], left * (1 - gate[1]), right * gate[2], right * (1 - gate[2])])
    leaf = jnp.exp(leaf_logit)
    leaf = leaf / leaf.sum(axis=1, keepdims=True)
    target = jnp.array([0.9, 0.1])
    leaf_loss = -jnp.sum(target * jnp.log(leaf), axis=1)
    expected = jnp.sum(path * leaf_loss)
    mixture = path @ leaf
    nll = -jnp.log(mixture[0])
    decay = jnp.array([1.0, 0.5, 0.5])
    balance = -0.1 * jnp.sum(decay * (0.5 * jnp.log(gate) + 0.5 * jnp.log(1 - gate)))
    return expected + nll + balance


def rbm_exact_likelihood(x):
    """Restricted Boltzmann machine: free energies, exact partition over visible states."""
    visible_bias = jnp.array([0.2, -0.4, 0.1])
    hidden_bias = jnp.array([-0.1, 0.3, 0.0, 0.5])
    states = jnp.array([[(i >> k) & 1 for k in range(3)] for i in range(8)], jnp.float32)
    data = jnp.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 1]])

    def free_energy(v):
        activation = jnp.einsum("nv,vh->nh", v, x) + hidden_bias
        softplus = jnp.log(1 + jnp.exp(activation))
        return -(v @ visible_bias) - softplus.sum(axis=-1)

    unnormalised = jnp.exp(-free_energy(states))
    partition = unnormalised.sum()
    likelihood = jnp.exp(-free_energy(data)) / partition
    model = unnormalised / partition
    entropy = -jnp.sum(model * jnp.log(model + 1e-12))
    return -jnp.log(likelihood).mean() + 0.01 * entropy


def belief_propagation_tree(x):
    """Sum-product on a five-spin tree: messages up and down, marginals, free energy."""
    edges = ((1, 0, 0.7), (3, 2, -0.4), (4, 2, 1.1), (2, 0, 0.5))  # child, parent, coupling
    local = jnp.stack([jnp.exp(-x), jnp.exp(x)], axis=1)
    belief = list(local)
    up = {}
    for child, parent, coupling in edges:
        pair = jnp.exp(coupling * jnp.array([[1.0, -1.0], [-1.0, 1.0]]))
        message = pair @ belief[child]
        up[child] = message
        belief[parent] = belief[parent] * message
    partition = belief[0].sum()
    for child, parent, coupling in reversed(edges):
        pair = jnp.exp(coupling * jnp.array([[1.0, -1.0], [-1.0, 1.0]]))
        belief[child] = belief[child] * (pair.T @ (belief[parent] / up[child]))
    marginal = jnp.stack([b / b.sum() for b in belief])
    observed = jnp.array([1, 0, 1, 1, 0])
    nll = -jnp.log(marginal[jnp.arange(5), observed]).sum()
    magnetisation = marginal[:, 1] - marginal[:, 0]
    return jnp.append(magnetisation, jnp.stack([jnp.log(partition), nll]))


def phylogeny_pruning(x):
    """Felsenstein pruning, Jukes-Cantor, four taxa: branch lengths by softplus, three sites."""
    length = jnp.log(1 + jnp.exp(x))
    same = 0.25 + 0.75 * jnp.exp(-4 * length / 3)
    other = -0.25 * jnp.expm1(-4 * length / 3)
    matrix = other[:, None, None] * jnp.ones((4, 4))
    matrix = jnp.where(jnp.eye(4, dtype=bool), same[:, None, None], matrix)
    sites = jnp.array([[0, 0, 2, 2], [1, 1, 1, 1], [3, 0, 3, 2]])
    tips = jax.nn.one_hot(sites, 4)

    def site(tip):
        left = (matrix[0] @ tip[0]) * (matrix[1] @ tip[1])
        right = (matrix[2] @ tip[2]) * (matrix[3] @ tip[3])
        root = left * (matrix[4] @ right)
        return jnp.log(0.25 * root.sum())

    return jax.vmap(site)(tips) @ jnp.array([4.0, 9.0, 1.0])


def distil_mixup_smoothing(x):
    """Student loss: mixup of two labels, label smoothing, tempered distillation, confidence."""
    temperature, lam, smooth = 3.0, 0.7, 0.1
    first = jax.nn.one_hot(jnp.array([0, 3, 2]), 4)
    second = jax.nn.one_hot(jnp.array([1, 3, 0]), 4)
    label = lam * first + (1 - lam) * second
    label = (1 - smooth) * label + smooth / 4
    teacher_logits = jnp.array([[3.0, 1.0, -2, 0], [0.5, 0.1, 1.2, 2.4], [-1, 0, 4.0, 0.3]])
    probs = jnp.exp(x) / jnp.exp(x).sum(1)[:, None]
    hard = -(label * jnp.log(probs)).sum(1).mean()
    teacher = jax.nn.softmax(teacher_logits / temperature)
    student = jnp.exp(x / temperature) / jnp.exp(x / temperature).sum(1)[:, None]
    soft = (teacher * (jnp.log(teacher) - jnp.log(student))).sum(1).mean() * temperature**2
    purity = jnp.linalg.norm(probs, axis=1).mean()
    spread = jnp.var(probs, axis=1).mean()
    return 0.5 * hard + 0.5 * soft + 0.01 * purity - 0.01 * spread


PRACTICE = (
    Form("everyday", "hierarchical_softmax_tree", hierarchical_softmax_tree, "logits", (5,)),
    Form("everyday", "attention_layer_pool_loss", attention_layer_pool_loss, "logits", (4, 3)),
    Form("everyday", "em_step_mixture", em_step_mixture, "logits", (12,)),
    Form("everyday", "ppo_update_loss", ppo_update_loss, "logits", (3, 4)),
    Form("everyday", "vae_bernoulli_elbo", vae_bernoulli_elbo, "logits", (12,)),
    Form("everyday", "mixed_logit_simulated", mixed_logit_simulated, "logits", (5,)),
    Form("everyday", "irt_two_parameter_quadrature", irt_two_parameter_quadrature, "logits", (12,)),
    Form("everyday", "soft_decision_tree", soft_decision_tree, "logits", (12,)),
    Form("everyday", "rbm_exact_likelihood", rbm_exact_likelihood, "logits", (3, 4)),
    Form("everyday", "belief_propagation_tree", belief_propagation_tree, "logits", (5,)),
    Form("everyday", "phylogeny_pruning", phylogeny_pruning, "logits", (5,)),
    Form("everyday", "distil_mixup_smoothing", distil_mixup_smoothing, "logits", (3, 4)),
)
