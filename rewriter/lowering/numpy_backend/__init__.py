"""Graphs as Python source over NumPy: readable, printable, with sharing kept.

``exp(x) / sum(exp(x), axis=-1, keepdims=True)`` becomes ::

    @np.errstate(all="ignore")
    def evaluate(x):
        exp_x = np.exp(x)
        return exp_x / np.sum(exp_x, axis=1, keepdims=True)
"""

from rewriter.lowering.numpy_backend.function import NumpyFunction

__all__ = ["NumpyFunction"]
