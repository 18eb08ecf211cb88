"""The table of derivative rules, gathered from the modules of each kind of primitive."""

from __future__ import annotations

from rewriter.autodiff import contraction, cumulation, elementwise, functions, indexing, reduction
from rewriter.autodiff.rule import Rule
from rewriter.graph.primitive import Primitive

RULES: dict[Primitive, Rule] = {
    **elementwise.RULES,
    **functions.RULES,
    **reduction.RULES,
    **cumulation.RULES,
    **contraction.RULES,
    **indexing.RULES,
}

WITHOUT: frozenset[Primitive] = elementwise.WITHOUT | reduction.WITHOUT
"""Primitives that no cotangent passes."""
