"""Equational matching and unification, hosted in kanren: a small library of its own.

>>> a, b, c, one = constants("a b c one")
>>> times = Operator("times", associative=True, commutative=True, unit=one)
>>> (x,), r = variables("x"), rest("r")
>>> [str(found) for found in match(times(x, x, r), times(a, b, a, c))]
['{r: times(b, c), x: a}']
"""

from rewriter.matching.budget import Budget
from rewriter.matching.dispatch import join
from rewriter.matching.goals import eq_ac
from rewriter.matching.horizon import Horizon
from rewriter.matching.index import Index
from rewriter.matching.matching import match, may_match
from rewriter.matching.net import PatternSet
from rewriter.matching.protocol import (
    Operator,
    close_binder,
    flatten,
    free_indices,
    fresh_index,
    is_index_expression,
    open_binder,
    operands_of,
    operator_of,
    order_key,
    replace_indices,
    residual,
    signature_of,
    variables_of,
)
from rewriter.matching.substitution import Substitution, substitute
from rewriter.matching.term import Constant, Term, constants
from rewriter.matching.unifying import Unifiers, unify
from rewriter.matching.variable import (
    Abstraction,
    Applied,
    Function,
    IndexVariable,
    Rest,
    RestFunction,
    Variable,
    rest,
    variables,
)

__all__ = [
    "Abstraction",
    "Applied",
    "Budget",
    "Constant",
    "Function",
    "Horizon",
    "Index",
    "IndexVariable",
    "Operator",
    "PatternSet",
    "Rest",
    "RestFunction",
    "Substitution",
    "Term",
    "Unifiers",
    "Variable",
    "close_binder",
    "constants",
    "eq_ac",
    "flatten",
    "free_indices",
    "fresh_index",
    "is_index_expression",
    "join",
    "match",
    "may_match",
    "open_binder",
    "operands_of",
    "operator_of",
    "order_key",
    "replace_indices",
    "residual",
    "rest",
    "signature_of",
    "substitute",
    "unify",
    "variables",
    "variables_of",
]
