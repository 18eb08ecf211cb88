"""The engine: hazards, scaling, rebuilding, and the explanation of what was done."""

from rewriter.engine.explanation import Explanation, explain
from rewriter.engine.optimizer import optimize, rewrite_graph
from rewriter.engine.result import Result, Step

__all__ = ["Explanation", "Result", "Step", "explain", "optimize", "rewrite_graph"]
