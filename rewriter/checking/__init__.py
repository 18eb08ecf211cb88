"""Checking: what a rule owes, and whether it pays.

A rule owes this: wherever its conditions hold and its left side is a number, the right side is the
same number; and where the left side is none, the right side does not make one up. Three
independent means look at it: an identity test over finite fields (`rewriter.checking.identity`),
SymPy at small sizes (`rewriter.checking.symbolic`) and ball arithmetic at hostile floats
(`rewriter.checking.balls`).

>>> import rewriter as rw
>>> @rw.rule
... def root_of_square(x: rw.Real):
...     \"\"\"sqrt(x²) = x.\"\"\"
...     return rw.rewrite(rw.sqrt(x * x), to=x)
>>> verdict = rw.check(root_of_square)
>>> verdict.status, verdict.counterexample.values["x"].item()
('refuted', -1.0)
"""

from rewriter.errors import needing

with needing("checking"):
    from rewriter.checking.checker import check
    from rewriter.checking.counterexample import Counterexample
    from rewriter.checking.equivalence import equivalent
    from rewriter.checking.verdict import Evidence, Verdict

__all__ = ["Counterexample", "Evidence", "Verdict", "check", "equivalent"]
