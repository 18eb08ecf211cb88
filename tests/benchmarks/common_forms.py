"""Naive forms of everyday practice in terms of a library's operations, a few of each family."""

from __future__ import annotations

import numpy as np
from published_bugs import LABELS, TARGETS, WEIGHTS, Program

__all__ = ["COMMON"]

KEPT = np.array([[True, False, True], [True, True, False]])
VALUES = np.float32([[0.5, -1], [2, 0.25], [-0.75, 1.5]])
PRIOR = np.float32([[0.25, 0.5, 0.25], [0.5, 0.125, 0.375]])


def softmax(m, z):
    """By exponentials."""
    e = m.exp(z)
    return e / m.sum(e, 1, True)


def weighed(m, x):
    """Weigh the elements and add them up."""
    return m.sum(m.constant(WEIGHTS) * x)


def masked(m, z):
    """With a mask of zeros and ones."""
    e = m.where(m.constant(KEPT), m.exp(z), m.constant(np.zeros((2, 3), np.float32)))
    return e / m.sum(e, 1, True)


def entropy(m, z):
    """Of each row."""
    p = softmax(m, z)
    return -m.sum(p * m.log(p))


def divergence(m, z):
    """Of a prior from the softmax."""
    prior = m.constant(PRIOR)
    return m.sum(prior * (m.log(prior) - m.log(softmax(m, z))))


def focal(m, z):
    """Cross entropy weighed by the square of what is missing."""
    p = softmax(m, z)
    return -m.sum(m.constant(LABELS) * (1 - p) ** 2 * m.log(p))


def smoothed(m, z):
    """Cross entropy with smoothed labels."""
    labels = m.constant(0.9 * LABELS + np.float32(0.1 / 3))
    return -m.sum(labels * m.log(softmax(m, z)))


def sigmoid(m, z):
    """By an exponential."""
    return 1 / (1 + m.exp(-z))


def binary(m, z):
    """Binary cross entropy from probabilities."""
    s, targets = sigmoid(m, z), m.constant(TARGETS)
    return -m.mean(targets * m.log(s) + (1 - targets) * m.log(1 - s))


def tanh(m, z):
    """By exponentials."""
    return (m.exp(z) - m.exp(-z)) / (m.exp(z) + m.exp(-z))


COMMON = (
    Program("softmax", "e / Σe", lambda m, z: weighed(m, softmax(m, z))),
    Program("softmax", "temperature", lambda m, z: weighed(m, softmax(m, z / 0.1))),
    Program(
        "softmax", "e · 1/Σe",
        lambda m, z: weighed(m, m.exp(z) * (1 / m.sum(m.exp(z), 1, True))),
    ),
    Program(
        "softmax", "divided last",
        lambda m, z: m.sum(m.matmul(m.exp(z), m.constant(VALUES)) / m.sum(m.exp(z), 1, True)),
    ),
    Program(
        "softmax", "renormalised",
        lambda m, z: weighed(m, (lambda p: p / m.sum(p, 1, True))(softmax(m, z))),
    ),
    Program("softmax", "masked", lambda m, z: weighed(m, masked(m, z))),
    Program("log_softmax", "log(e / Σe)", lambda m, z: weighed(m, m.log(softmax(m, z)))),
    Program(
        "log_softmax", "z - log Σe",
        lambda m, z: weighed(m, z - m.log(m.sum(m.exp(z), 1, True))),
    ),
    Program("log_softmax", "of the library's", lambda m, z: weighed(m, m.log(m.softmax(z)))),
    Program("logsumexp", "log Σe", lambda m, z: m.sum(m.log(m.sum(m.exp(z), 1)))),
    Program("logsumexp", "log mean e", lambda m, z: m.sum(m.log(m.sum(m.exp(z), 1) / 3))),
    Program(
        "logsumexp", "with a prior",
        lambda m, z: m.sum(m.log(m.sum(m.constant(PRIOR) * m.exp(z), 1))),
    ),
    Program(
        "logsumexp", "two scales",
        lambda m, z: m.log(m.sum(m.exp(z))) - m.log(m.sum(m.exp(z / 2))),
    ),
    Program(
        "losses", "cross entropy",
        lambda m, z: -m.sum(m.constant(LABELS) * m.log(softmax(m, z))),
    ),
    Program("losses", "smoothed", smoothed),
    Program("losses", "focal", focal),
    Program("losses", "entropy", entropy),
    Program("losses", "divergence", divergence),
    Program("losses", "binary", binary),
    Program("sigmoid", "1 / (1 + exp(-z))", lambda m, z: weighed(m, sigmoid(m, z))),
    Program("sigmoid", "e / (1 + e)", lambda m, z: weighed(m, m.exp(z) / (1 + m.exp(z)))),
    Program("sigmoid", "log", lambda m, z: weighed(m, m.log(sigmoid(m, z)))),
    Program("sigmoid", "log of the complement", lambda m, z: weighed(m, m.log(1 - sigmoid(m, z)))),
    Program("sigmoid", "swish", lambda m, z: weighed(m, z * sigmoid(m, z))),
    Program("sigmoid", "tanh", lambda m, z: weighed(m, tanh(m, z))),
    Program("softplus", "log(1 + e)", lambda m, z: weighed(m, m.log(1 + m.exp(z)))),
    Program("softplus", "log(1 + 1/e)", lambda m, z: weighed(m, m.log(1 + m.exp(-z)))),
    Program("softplus", "log cosh", lambda m, z: weighed(m, m.log((m.exp(z) + m.exp(-z)) / 2))),
    Program("quotients", "exp(a) / exp(b)", lambda m, z: m.sum(m.exp(z[0]) / m.exp(z[1]))),
    Program("quotients", "√exp", lambda m, z: weighed(m, m.sqrt(m.exp(z)))),
    Program("norms", "√Σx²", lambda m, z: m.sum(m.sqrt(m.sum(z * z, 1))), inputs="signed"),
    Program(
        "norms", "x / √Σx²",
        lambda m, z: weighed(m, z / m.sqrt(m.sum(z * z, 1, True))), inputs="signed",
    ),
    Program(
        "differences", "(e - 1) / x",
        lambda m, z: weighed(m, (m.exp(z) - 1) / z), inputs="signed",
    ),
    Program("differences", "log(1 + x)", lambda m, z: weighed(m, m.log(1 + z)), inputs="positive"),
    Program(
        "differences", "√(x+1) - √x",
        lambda m, z: weighed(m, m.sqrt(z + 1) - m.sqrt(z)), inputs="positive",
    ),
    Program(
        "differences", "1/x - 1/(x+1)",
        lambda m, z: weighed(m, 1 / z - 1 / (z + 1)), inputs="positive",
    ),
)  # fmt: skip
