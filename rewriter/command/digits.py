"""The data of the demo: the handwritten digits of scikit-learn, pixels as they are, split once.

Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998; the 1,797 images of its test part, as ``sklearn.datasets.load_digits`` ships them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASSES", "PIXELS", "Digits", "load_digits"]

PIXELS = 64
CLASSES = 10
TRAINING_IMAGES = 1400


@dataclass(frozen=True)
class Digits:
    """Images to learn from and images to be judged by.

    Attributes:
        pixels: (images, PIXELS), 0 to 16, in the dtype of the training.
        targets: (images, CLASSES), one-hot, in the same dtype.
        test_pixels: (test images, PIXELS), float64.
        test_labels: (test images,), integers from 0 to 9.
    """

    pixels: NDArray[Any]
    targets: NDArray[Any]
    test_pixels: NDArray[Any]
    test_labels: NDArray[Any]

    def accuracy(self, weights: NDArray[Any], bias: NDArray[Any]) -> float:
        """The share of test images whose largest logit is that of their label."""
        logits = self.test_pixels @ weights.astype(np.float64) + bias.astype(np.float64)
        return float(np.mean(np.argmax(logits, axis=-1) == self.test_labels))


def load_digits(dtype: str) -> Digits:
    """The digits in a fixed random order, the first 1,400 to learn from.

    Args:
        dtype: NumPy's name of the dtype of ``pixels`` and ``targets``.
    """
    from sklearn import datasets

    bunch = datasets.load_digits()
    order = np.random.default_rng(seed=0).permutation(len(bunch.target))
    pixels, labels = bunch.data[order], bunch.target[order]
    return Digits(
        pixels=pixels[:TRAINING_IMAGES].astype(dtype),
        targets=np.eye(CLASSES, dtype=dtype)[labels[:TRAINING_IMAGES]],
        test_pixels=pixels[TRAINING_IMAGES:].astype(np.float64),
        test_labels=labels[TRAINING_IMAGES:],
    )
