"""The exact backend: ball arithmetic over the reals, the referee of all claims of accuracy.

>>> import rewriter as rw
>>> x = rw.input("x", (2,), "float64")
>>> p = rw.exp(x) / rw.sum(rw.exp(x))
>>> ExactFunction(rw.Graph([x], rw.log(1 - p)))([0.0, 1e18])
array([-0.e+00, -1.e+18])
"""

from rewriter.lowering.exact_backend.function import ExactFunction

__all__ = ["ExactFunction"]
