"""Lowering: a graph as a function on arrays, by NumPy, by JAX, or in ball arithmetic.

>>> import rewriter as rw
>>> x = rw.input("x", (2,), "float32")
>>> f = compile(rw.Graph([x], rw.exp(x) / rw.sum(rw.exp(x))))
>>> f([0.0, 0.0])
array([0.5, 0.5], dtype=float32)
>>> print(f.source)
import numpy as np
<BLANKLINE>
<BLANKLINE>
@np.errstate(all="ignore")
def evaluate(x):
    exp_x = np.exp(x)
    return exp_x / np.sum(exp_x)
<BLANKLINE>
"""

from rewriter.lowering.accuracy import bits_of_error, elementwise_bits, normwise_bits
from rewriter.lowering.compile import BACKENDS, balls, compile, exact, source

__all__ = [
    "BACKENDS",
    "balls",
    "bits_of_error",
    "compile",
    "elementwise_bits",
    "exact",
    "normwise_bits",
    "source",
]
