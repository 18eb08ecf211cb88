"""The shipped laws, one place a law, in files by subject.

`rules.shift` holds the one law that stabilises, `rules.scale` the same for sums of powers,
`rules.sigmoid` the forms that a stable primitive computes, `rules.cancellation` differences of near
numbers, `rules.centring` variances, `rules.componentwise` what the largest element drowns;
`rules.named_forms` the forms that people know by name. What cancels does so in the normal form:
``Σ_j N[j] / Σ_j N[j] = 1``.
"""

from rules.cancellation import CONJUGATES, DIFFERENCES
from rules.centring import CENTRING
from rules.componentwise import COMPONENTWISE
from rules.named_forms import NAMED_FORMS
from rules.scale import SCALE
from rules.shift import SHIFT
from rules.sigmoid import PRIMITIVE_FORMS

__all__ = [
    "CENTRING", "COMPONENTWISE", "CONJUGATES", "DIFFERENCES", "NAMED_FORMS",
    "PRIMITIVE_FORMS", "SCALE", "SHIFT",
]  # fmt: skip
