"""Equational matching and unification, hosted in kanren: a small library of its own.

Operators have laws; terms are equal modulo them; a pattern's variables stand for a subject's parts:

>>> a, b, c, one = constants("a b c one")
>>> times = Operator("times", associative=True, commutative=True, unit=one)
>>> (x,), r = variables("x"), rest("r")
>>> [str(found) for found in match(times(x, x, r), times(a, b, a, c))]
['{r: times(b, c), x: a}']

What an answer is. A substitution under which the pattern equals the subject, where each operand of
an associative operator in the pattern stands for exactly one operand of the subject, but a `Rest`
for any number (the unit for none; where there is no unit, for one or more). A `Function` applied to
bound indices, ``b[i]``, stands for a term that may depend on them; a plain variable never does. A
function that is known from elsewhere in the pattern is applied to its arguments and may become
several operands. Answers come lazily, each once, in an order that no hash seed changes.

A worked page, from the first operator to rules of one's own, is ``README.md`` beside this file.

In the small:

- `protocol`: operators, and the functions that a class of terms registers with to take part;
  `term`: the generic terms; `variable`, `index`: what patterns are made of; `substitution`.
- `search`: depth-first search for matches, with its problems `multiset` (commutative operators),
  `sequence` (associative only), and what these are made of: `profile`, `joins`, `assignment`,
  `rests`, `distribution`, `ways`, `splitting`, `operands`; `posing` says which problem is which.
- `unifier`: the two-sided search, with `equational`, `diophantine`, `idempotent`, `words`,
  `collapsing` and `horizon`.
- `goals`: `eq_ac`, the kanren goal beneath both; `matching` and `unifying`: what is called.
- `net`: many patterns at once. `dispatch`: terms among kanren's own goals; `foreign`: structures
  that only logical-unification can take apart; `sympy_terms`.
"""

from rewriter.matching.budget import Budget
from rewriter.matching.dispatch import join
from rewriter.matching.dispatching import load_adapters_of_imported
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

load_adapters_of_imported()
