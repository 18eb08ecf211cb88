"""A graph-rewriting engine that cures numerical instability."""

from rewriter import errors
from rewriter.graph.operations import *  # noqa: F403
from rewriter.graph.operations import __all__ as _operations

__all__ = ["errors", *_operations]
