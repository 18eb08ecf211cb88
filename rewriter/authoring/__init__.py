"""Authoring: a rule is an ordinary function whose parameters are its typed variables.

Its docstring is the law in mathematics, its body two sides and conditions, nothing else.
"""

from rewriter.authoring.condition import Condition, condition, free_of, is_constant
from rewriter.authoring.definition import Equation, Rule, equation, rule
from rewriter.authoring.operation import Operation, operator
from rewriter.authoring.parameter import Function, Index, Positive, Real, Rest, Tensor
from rewriter.authoring.pattern import evaluated
from rewriter.authoring.rewriting import Rewrite, rewrite

__all__ = [
    "Condition", "Equation", "Function", "Index", "Operation", "Positive", "Real", "Rest",
    "Rewrite", "Rule", "Tensor", "condition", "equation", "evaluated", "free_of", "is_constant",
    "operator", "rewrite", "rule",
]  # fmt: skip
