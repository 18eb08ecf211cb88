"""Reverse-mode differentiation of graphs: one textbook rule for every primitive.

``grad(sum(exp(x)), [x])`` is ``[exp(x)]``, the same node ``exp(x)``. Derivatives are plain graphs
and can be differentiated again. Nothing here knows of softmax; stability is the engine's concern.
"""

from rewriter.autodiff.reverse import grad, vjp

__all__ = ["grad", "vjp"]
