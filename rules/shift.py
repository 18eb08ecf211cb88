"""The shift law: a sum of exponentials is scaled by its largest term.

For a finite sum, ``1 + exp(x)``, the index j runs over its summands. The maximum carries no
gradient: the law holds for any shift, so the derivative with respect to it is 0.

Source: Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions",
IMA Journal of Numerical Analysis 41 (2021).
"""

import rewriter as rw


@rw.rule
def shift_by_the_maximum(w: rw.Rest, x: rw.Function, j: rw.Index) -> rw.Rewrite:
    """Σ_j w[j]·exp(x[j]) = exp(m)·Σ_j w[j]·exp(x[j] − m), m = max_j x[j] where w[j] ≠ 0."""
    m = rw.stop_gradient(rw.max(x[j], over=j, where=w[j]))
    shifted = rw.evaluated(rw.sum(w[j] * rw.exp(x[j] - m), over=j))
    return rw.rewrite(rw.sum(w[j] * rw.exp(x[j]), over=j), to=rw.exp(m) * shifted)


SHIFT = (shift_by_the_maximum,)
