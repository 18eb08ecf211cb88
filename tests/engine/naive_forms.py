"""Forms as people write them, on logits ``x`` of shape (4,), and where they are evaluated.

Each is the plain mathematics.
"""

import numpy as np

import rewriter as rw

SIZE = 4
LABEL = 2
MASK = np.array([True, True, False, True])
WEIGHTS = np.array([0.5, -1.25, 2.0, 0.75])
PRIOR = np.array([0.125, 0.25, 0.5, 0.125])
TARGET = np.array([0.25, 0.5, 0.0, 0.25])
VALUES = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, 4.0], [3.0, -2.0]])


def const(value, x):
    return rw.constant(np.asarray(value), x.dtype)


def softmax(x, axis=-1):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=axis, keepdims=True)


def logsumexp(x):
    return rw.log(rw.sum(rw.exp(x)))


def sigmoid(x):
    return 1 / (1 + rw.exp(-x))


def one_hot(x):
    return rw.one_hot(rw.constant(np.array(LABEL)), SIZE, x.dtype)


def label(x):
    return rw.constant(np.array([LABEL]))


def weighted_exponentials(x):
    return const(PRIOR, x) * rw.exp(x)


def masked_exponentials(x):
    return rw.exp(x) * const(MASK, x)


def other(x):
    """A second distribution on the same logits."""
    return softmax(const(WEIGHTS, x) * x)


def two_axes(x):
    return softmax(rw.reshape(x, (2, 2)), (0, 1))


def per_axis(x):
    """A softmax over rows of one over columns."""
    return softmax(softmax(rw.reshape(x, (2, 2)), 0), 1)


SOFTMAX = {
    "softmax": softmax,
    "two axes": two_axes,
    "one axis after the other": per_axis,
    "masked by where": lambda x: rw.softmax(x, where=rw.constant(MASK)),
    "masked by -inf": lambda x: softmax(rw.where(rw.constant(MASK), x, -np.inf)),
    "masked by a factor": lambda x: masked_exponentials(x) / rw.sum(masked_exponentials(x)),
    "with a prior": lambda x: weighted_exponentials(x) / rw.sum(weighted_exponentials(x)),
    "base 2": lambda x: rw.exp2(x) / rw.sum(rw.exp2(x)),
    "base 10": lambda x: rw.power(10.0, x) / rw.sum(rw.power(10.0, x)),
    "softmin": lambda x: rw.exp(-x) / rw.sum(rw.exp(-x)),
    "low temperature": lambda x: softmax(x / 0.125),
    "high temperature": lambda x: softmax(x * 0.0625),
    "nested": lambda x: softmax(softmax(x)),
    "exponential of log_softmax": lambda x: rw.exp(rw.log(softmax(x))),
    "exponential of a difference": lambda x: rw.exp(x - logsumexp(x)),
    "complement": lambda x: 1 - softmax(x),
    "square": lambda x: softmax(x) ** 2,
    "square root": lambda x: rw.sqrt(softmax(x)),
    "a part of it": lambda x: rw.sum(rw.exp(x[:2])) / rw.sum(rw.exp(x)),
    "attention, divided before": lambda x: rw.dot(softmax(x), const(VALUES, x)),
    "attention, divided after": lambda x: rw.dot(rw.exp(x), const(VALUES, x)) / rw.sum(rw.exp(x)),
    "variance under it": lambda x: (
        rw.sum(softmax(x) * const(WEIGHTS, x) ** 2) - rw.sum(softmax(x) * const(WEIGHTS, x)) ** 2
    ),
    "impurity": lambda x: 1 - rw.sum(softmax(x) ** 2),
}

LOGARITHMS = {
    "log of softmax": lambda x: rw.log(softmax(x)),
    "log_softmax": lambda x: x - rw.log(rw.sum(rw.exp(x))),
    "log of the shifted": lambda x: rw.log(softmax(x - rw.max(x))),
    "log of nested": lambda x: rw.log(softmax(softmax(x))),
    "logsumexp": logsumexp,
    "logsumexp of opposites": lambda x: -rw.log(rw.sum(rw.exp(-x))),
    "logsumexp with a prior": lambda x: rw.log(rw.sum(weighted_exponentials(x))),
    "logsumexp of a factor's mask": lambda x: rw.log(rw.sum(masked_exponentials(x))),
    "log of the mean": lambda x: rw.log(rw.mean(rw.exp(x))),
    "log of two": lambda x: rw.log(rw.exp(x[0]) + rw.exp(x[1])),
    "logaddexp": lambda x: rw.logaddexp(x[0], x[1]),
    "base 2": lambda x: rw.log2(rw.sum(rw.exp2(x))),
    "mellowmax": lambda x: rw.log(rw.mean(rw.exp(5 * x))) / 5,
    "geometric mean": lambda x: rw.exp(rw.mean(rw.log(softmax(x)))),
    "collision entropy": lambda x: -rw.log(rw.sum(softmax(x) ** 2)),
    "entropy of order 1/2": lambda x: 2 * rw.log(rw.sum(rw.sqrt(softmax(x)))),
    "log of an expectation": lambda x: rw.log(rw.dot(softmax(x), rw.exp(x))),
}

LOSSES = {
    "label by index": lambda x: -rw.log(softmax(x)[LABEL]),
    "index of the log": lambda x: -rw.log(softmax(x))[LABEL],
    "label by take_along_axis": lambda x: -rw.take_along_axis(rw.log(softmax(x)), label(x), -1)[0],
    "label before the log": lambda x: -rw.log(rw.take_along_axis(softmax(x), label(x), -1)[0]),
    "one-hot": lambda x: -rw.sum(one_hot(x) * rw.log(softmax(x))),
    "soft target": lambda x: -rw.sum(const(TARGET, x) * rw.log(softmax(x))),
    "entropy": lambda x: -rw.sum(softmax(x) * rw.log(softmax(x))),
    "perplexity": lambda x: rw.exp(-rw.sum(softmax(x) * rw.log(softmax(x)))),
    "focal": lambda x: -rw.log(softmax(x)[LABEL]) * (1 - softmax(x)[LABEL]) ** 2,
}

SIGMOIDS = {
    "sigmoid": sigmoid,
    "exponential above": lambda x: rw.exp(x) / (1 + rw.exp(x)),
    "complement": lambda x: 1 - sigmoid(x),
    "log of sigmoid": lambda x: rw.log(sigmoid(x)),
    "log of the complement": lambda x: rw.log(1 - sigmoid(x)),
    "log of logistic": lambda x: rw.log(rw.logistic(x)),
    "log of the complement of logistic": lambda x: rw.log(1 - rw.logistic(x)),
    "softplus": lambda x: rw.log(1 + rw.exp(x)),
    "softplus by log1p": lambda x: rw.log1p(rw.exp(x)),
    "binary cross entropy": lambda x: (
        -(const(TARGET, x) * rw.log(sigmoid(x)) + (1 - const(TARGET, x)) * rw.log(1 - sigmoid(x)))
    ),
    "swish": lambda x: x * sigmoid(x),
    "mish": lambda x: x * rw.tanh(rw.log(1 + rw.exp(x))),
    "tanh by exponentials": lambda x: (rw.exp(x) - rw.exp(-x)) / (rw.exp(x) + rw.exp(-x)),
    "tanh by one exponential": lambda x: (rw.exp(2 * x) - 1) / (rw.exp(2 * x) + 1),
    "tanh by sigmoid": lambda x: 2 * sigmoid(2 * x) - 1,
    "tanh by a complement": lambda x: 1 - 2 / (1 + rw.exp(2 * x)),
    "tanh by expm1": lambda x: rw.expm1(2 * x) / (rw.exp(2 * x) + 1),
    "sinh over cosh": lambda x: rw.sinh(x) / rw.cosh(x),
    "log of cosh": lambda x: rw.log(rw.cosh(x)),
    "log of cosh by exponentials": lambda x: rw.log((rw.exp(x) + rw.exp(-x)) / 2),
}

LIKELIHOODS = {
    "posterior of two": lambda x: rw.exp(x[0]) * 0.25 / (rw.exp(x[0]) * 0.25 + rw.exp(x[1]) * 0.75),
    "log of a ratio": lambda x: rw.log(rw.exp(x[0]) / rw.exp(x[1])),
    "mean logit": lambda x: rw.sum(x * rw.exp(x)) / rw.sum(rw.exp(x)),
    "free energy": lambda x: rw.sum(softmax(x) * (x - rw.log(softmax(x)))),
    "ratio of sums": lambda x: (
        rw.sum(weighted_exponentials(x)) / rw.sum(rw.exp(x) * const(TARGET, x) + rw.exp(x))
    ),
}

FORMS = {
    f"{group}: {name}": form
    for group, forms in {
        "softmax": SOFTMAX,
        "log": LOGARITHMS,
        "loss": LOSSES,
        "sigmoid": SIGMOIDS,
        "likelihood": LIKELIHOODS,
    }.items()
    for name, form in forms.items()
}

WITH_LOGITS_AS_VALUES = {
    "loss: divergence", "loss: divergence by a quotient", "likelihood: mean logit",
    "likelihood: free energy",
}  # fmt: skip
"""Logits are also factors here: the largest element such a form is computed with is a logit."""

ZERO_SECOND_DERIVATIVE = {"likelihood: log of a ratio"}
"""Linear forms in disguise."""

MIXTURES = {
    "log density": lambda x: rw.log(rw.sum(const(PRIOR, x) * rw.exp(-0.5 * rw.square(x - 1.5)))),
    "responsibilities": lambda x: (
        const(PRIOR, x)
        * rw.exp(-0.5 * rw.square(x - 1.5))
        / rw.sum(const(PRIOR, x) * rw.exp(-0.5 * rw.square(x - 1.5)))
    ),
}
"""Gaussian mixtures: their exponents are squares of the inputs."""

SPREAD = [0.25, -1.25, 0.75, 2.0]

POINTS = {
    "moderate": [0.3, -1.2, 0.7, 2.1],
    "zero": [0, 0, 0, 0],
    "one large": [1, 2, 1000, 0],
    "one far below": [-1, -2, -1000, -3],
    "huge of both signs": [1e-18, 1e18, -1e18, 1],
    "far above": [1e4 + s for s in SPREAD],
    "far below": [-1e4 + s for s in SPREAD],
    "huge and equal": [1e18, 1e18, 1e18, 1e18],
    "minus huge and equal": [-1e18, -1e18, -1e18, -1e18],
    "ties": [1000, 1000, -1000, 1000],
    "apart by fifty": [50, -50, 20, -20],
    "apart by hundreds": [300, -300, 30, -30],
}


def points(dtype):
    """The points, as arrays, that a dtype holds."""
    with np.errstate(over="ignore"):
        arrays = {name: np.array(point).astype(dtype) for name, point in POINTS.items()}
    return {name: array for name, array in arrays.items() if np.isfinite(array).all()}


def derivative(form, order, dtype):
    """A graph of a form, or of the gradient of a weighted sum of it, or of that again."""
    x = rw.input("x", (SIZE,), dtype)
    value = form(x)
    for _ in range(order):
        scales = const(np.resize(WEIGHTS, value.shape), value)
        (value,) = rw.grad(rw.sum(value * scales), [x])
    return rw.Graph([x], [value])
