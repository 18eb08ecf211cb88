"""Gradient descent, the same for every way of computing a loss and its gradients.

A *way* is a function of arrays,
``(weights, bias, pixels, targets) -> (loss, gradient of the weights, gradient of the bias)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rewriter.command.digits import CLASSES, PIXELS, Digits

__all__ = ["RECIPES", "History", "Recipe", "Way", "train"]

Way: TypeAlias = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained.

    Attributes:
        dtype: of parameters, pixels, targets, loss and gradients.
        step_size: what a gradient is multiplied with before it is subtracted.
        steps: how many gradients are taken.
        batch_size: images a gradient.
    """

    dtype: str
    step_size: float
    steps: int = 420
    batch_size: int = 100


RECIPES = (Recipe("float32", step_size=0.1), Recipe("float16", step_size=0.01))
"""A step that is large for these pixels, and a small one with which float16 overflows all the same
(at exp(11.1)), only later."""


@dataclass(frozen=True)
class History:
    """What one training went through.

    Attributes:
        losses: the loss before each step.
        accuracies: pairs of a step and the share of test images got right after it.
    """

    losses: tuple[float, ...]
    accuracies: tuple[tuple[int, float], ...]

    @property
    def failure(self) -> int | None:
        """The first step whose loss is not finite; None where all are."""
        finite = np.isfinite(self.losses)
        return None if finite.all() else int(np.argmin(finite))

    @property
    def accuracy(self) -> float:
        """The share of test images that the last parameters got right."""
        return self.accuracies[-1][1]

    @property
    def final_loss(self) -> float:
        """The mean of the last ten losses."""
        return float(np.mean(self.losses[-10:]))


def train(way: Way, recipe: Recipe, digits: Digits) -> History:
    """Descend from zero parameters, batch after batch in a fixed order.

    Args:
        way: computes the loss and its gradients.
        recipe: the dtype, the steps, the batches.
        digits: images in the recipe's dtype.
    """
    weights = np.zeros((PIXELS, CLASSES), recipe.dtype)
    bias = np.zeros(CLASSES, recipe.dtype)
    step_size = np.asarray(recipe.step_size, recipe.dtype)
    losses, accuracies = [], []
    batches = len(digits.pixels) // recipe.batch_size
    for step in range(recipe.steps):
        begin = step % batches * recipe.batch_size
        batch = slice(begin, begin + recipe.batch_size)
        loss, *gradients = way(weights, bias, digits.pixels[batch], digits.targets[batch])
        weights = weights - step_size * np.asarray(gradients[0])
        bias = bias - step_size * np.asarray(gradients[1])
        losses.append(float(loss))
        if (step + 1) % batches == 0 or step + 1 == recipe.steps:
            accuracies.append((step, digits.accuracy(weights, bias)))
    return History(tuple(losses), tuple(accuracies))
