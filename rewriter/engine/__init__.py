"""The engine: hazards, scaling, rebuilding."""

from rewriter.engine.optimizer import optimize, rewrite_graph
from rewriter.engine.result import Result, Step

__all__ = ["Result", "Step", "optimize", "rewrite_graph"]
