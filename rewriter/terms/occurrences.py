"""What occurs in a term: the elements of integer tensors that are used as indices in it."""

from __future__ import annotations

from typing import Any

from rewriter.terms.index import Affine, Data
from rewriter.terms.term import Term


def data_in(term: Term) -> frozenset[Data]:
    """Return the indices anywhere in a term that are data; computed once for each term.

    What does not occur is not replaced: a term that is only normalised anew is no progress.
    """
    found: frozenset[Data] | None = term.__dict__.get("data")
    if found is None:
        found = term.__dict__["data"] = _among(term.parts)
    return found


def _among(parts: tuple[Any, ...]) -> frozenset[Data]:
    found: frozenset[Data] = frozenset()
    for part in parts:
        if isinstance(part, Term):
            found |= data_in(part)
        elif isinstance(part, tuple):
            found |= _among(part)
        elif isinstance(part, Affine):
            found |= _among((part.base,))
        elif isinstance(part, Data):
            found |= {part} | _among(part.indices)
    return found
