"""The engine: hazards, scaling, rebuilding, and the explanation of what was done."""

from rewriter.engine.optimize import optimize, rewrite_graph

__all__ = ["optimize", "rewrite_graph"]
