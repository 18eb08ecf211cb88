"""The shipped laws, one place a law, in files by subject.

`rules.shift` holds the one law that stabilises; `rules.named_forms` the forms that people know by
name. What cancels does so in the normal form: ``Σ_j N[j] / Σ_j N[j] = 1``.
"""

from rules.named_forms import NAMED_FORMS
from rules.shift import SHIFT

__all__ = ["NAMED_FORMS", "SHIFT"]
