"""Signatures of terms that lie deep in one another: what is known of a part is not found again."""

import pytest

import rewriter as rw
from rewriter.matching import protocol

DEPTH = 60


def test_each_new_term_costs_what_is_new_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = []
    own = protocol.bit
    monkeypatch.setattr(protocol, "bit", lambda digest: worked_out.append(digest) or own(digest))
    y = x = rw.input("signed", (4,), "float64")
    costs = []
    for _ in range(DEPTH):
        y = rw.sin(y) * rw.square(y) + x
        term = rw.normal_form(y)
        begun = len(worked_out)
        protocol.signature_of(term)
        costs.append(len(worked_out) - begun)
    assert costs[-1] > 0
    assert costs[-1] <= 2 * costs[1]
