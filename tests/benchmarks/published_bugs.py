"""Numerical bugs of public programs, as a study of GitHub and Stack Overflow collected them.

The catalogue is that of GRIST (Yan, Chen, Zhang, Tan, Wang & Wang, "Exposing numerical bugs in deep
learning via gradient back-propagation", ESEC/FSE 2021; its data are at
https://github.com/Jacob-yen/GRIST): 79 bugs in 63 programs in TensorFlow and PyTorch. Here is, from
the scores on, what each program computes where it fails; many have the same few lines, so a form
stands for several bugs. Of the 79, five are no matter of how a formula is written and are left out:
four divisions by parameters that may become 0 (SC_DNN), and an exponential whose overflow is the
answer (a variational graph autoencoder).

A form is written in terms of the operations of a library, so that each is given the same program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["BUGS", "Program"]

LABELS = np.float32([[0, 0, 1], [1, 0, 0]])
TARGETS = np.float32([[1, 0, 1], [0, 1, 0]])
PIXELS = np.float32([[1, 0.25, 0], [0.5, 0.75, 1]])
WEIGHTS = np.float32([[0.5, -1, 2], [0.25, 1.5, -0.75]])
SEGMENTS = np.float32([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1]])


@dataclass(frozen=True)
class Program:
    """A program in terms of a library's operations.

    Attributes:
        family: what it belongs to.
        name: how a row of the table calls it.
        written: from a library's operations and scores, float32 of (2, 3), to a number.
        subjects: of bugs, the study's numbers of their programs; one with two bugs stands twice.
        inputs: what the scores are, as for `naive_programs.Form`.
    """

    family: str
    name: str
    written: Callable[[Any, Any], Any]
    subjects: str = ""
    inputs: str = "logits"

    @property
    def count(self) -> int:
        """How many bugs it stands for."""
        return max(1, len(self.subjects.split()))


def rows_of_softmax(m, z):
    """Cross entropy, summed in each row and averaged over the rows."""
    return m.mean(-m.sum(m.constant(LABELS) * m.log(m.softmax(z)), 1))


def picked(m, z):
    """Cross entropy of the probabilities that the labels pick."""
    logs = m.log(m.softmax(z))
    return -(logs[0, 2] + logs[1, 0]) / 2


def rank(m, z):
    """Cross entropy of columns that are put together first, as a ranking loss has it."""
    columns = m.concatenate([z[:, 1:2], z[:, 2:], z[:, :1]])
    return -m.mean(m.sum(m.constant(LABELS) * m.log(m.softmax(columns)), 1))


def of_each_class(m, z):
    """Binary cross entropy of each class of a softmax."""
    p, labels = m.softmax(z), m.constant(LABELS)
    return -m.mean(labels * m.log(p) + (1 - labels) * m.log(1 - p))


def binary(m, z):
    """Binary cross entropy of a sigmoid."""
    s, targets = m.sigmoid(z), m.constant(TARGETS)
    return -m.mean(targets * m.log(s) + (1 - targets) * m.log(1 - s))


def adversarial(m, z):
    """A discriminator's loss; only the generated ones have a small number to save them."""
    real, fake = m.sigmoid(z[0]), m.sigmoid(z[1])
    return -m.mean(m.log(real) + m.log(1.0 - fake + 1e-8))


def reconstruction(m, z):
    """Of a variational autoencoder; 1e-10 is absorbed."""
    s, x = m.sigmoid(z), m.constant(PIXELS)
    return m.mean(-m.sum(x * m.log(s + 1e-10) + (1 - x) * m.log(1e-10 + 1 - s), 1))


def free_energy(m, z):
    """Of a restricted Boltzmann machine."""
    return m.mean(-m.sum(m.log(m.exp(z) + 1), 1))


def unsafe_softmax(m, z, largest=None):
    """By exponentials, the upper one clipped or not."""
    above = z if largest is None else m.clip(z, -largest, largest)
    return m.exp(above) / m.sum(m.exp(z), 1, True)


def unsafe(m, p):
    """Cross entropy of probabilities, averaged over the rows."""
    return m.mean(-m.sum(m.constant(LABELS) * m.log(p), 1))


def segments(m, z):
    """A softmax over the edges of a graph, each edge in one of three segments."""
    e, marks = m.exp(m.flat(z)), m.constant(SEGMENTS)
    return m.sum(m.constant(WEIGHTS.ravel()) * (e / m.matmul(m.matmul(marks, e), marks)))


BUGS = (
    Program(
        "log of softmax", "summed",
        lambda m, z: -m.sum(m.constant(LABELS) * m.log(m.softmax(z))),
        "1 3 6 7 8 10 14 21 24 29 30 32 40 41 42 44 52 58 60 61",
    ),
    Program(
        "log of softmax", "by rows", rows_of_softmax,
        "18 19 20 23 25 27 34 45 45 46 47 48 48 50 54 55 57 59",
    ),
    Program("log of softmax", "picked", picked, "12 15"),
    Program("log of softmax", "of ranks", rank, "5"),
    Program("log of softmax", "of each class", of_each_class, "2 2"),
    Program("log of sigmoid", "binary cross entropy", binary, "9 9 26 33 37 38 53 56"),
    Program("log of sigmoid", "adversarial", adversarial, "31"),
    Program("log of sigmoid", "reconstruction", reconstruction, "35 36 39 43 49"),
    Program("softplus", "free energy", free_energy, "22 51 62 63"),
    Program(
        "root of exponential", "deviation",
        lambda m, z: m.sum(m.constant(WEIGHTS) * m.sqrt(m.exp(z))), "35 36 39 43 49",
    ),
    Program("exponentials", "log", lambda m, z: unsafe(m, unsafe_softmax(m, z)), "11"),
    Program(
        "exponentials", "log, clipped twice",
        lambda m, z: unsafe(m, m.clip(unsafe_softmax(m, z, 87), 1e-6, 1)), "11 11",
    ),
    Program(
        "exponentials", "log |p|, clipped twice",
        lambda m, z: unsafe(m, m.abs(m.clip(unsafe_softmax(m, z, 87), 1e-6, 1))), "16",
    ),
    Program("exponentials", "log |p|", lambda m, z: unsafe(m, m.abs(unsafe_softmax(m, z))), "16"),
    Program(
        "exponentials", "log(|p| + 1e-6)",
        lambda m, z: unsafe(m, m.abs(unsafe_softmax(m, z)) + 1e-6), "16",
    ),
    Program(
        "exponentials", "log, clipped",
        lambda m, z: -m.mean(
            m.constant(LABELS) * m.log(m.clip(unsafe_softmax(m, z), 1e-10, 1))
        ),
        "17",
    ),
    Program("exponentials", "segments", segments, "13"),
)  # fmt: skip
