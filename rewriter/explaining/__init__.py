"""Explanations: what was rewritten where, by which law, on which facts, as text and as a page."""

from rewriter.explaining.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
