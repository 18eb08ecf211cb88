"""Graphs with -inf written in them are judged too: a mask's infinity is no accident."""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (3, 3), "float32")
CAUSAL = np.tril(np.ones((3, 3), bool))
LOGITS = rw.where(CAUSAL, X, -np.inf)
E = rw.exp(LOGITS)
SHARE = E / rw.sum(E, axis=1, keepdims=True)

WRONG = {
    "a sign": -SHARE,
    "the wrong axis": E / rw.sum(E, axis=0, keepdims=True),
    "a lost factor": E,
    "another mask": rw.exp(X) / rw.sum(rw.exp(X), axis=1, keepdims=True),
    "one per cent": SHARE * 1.01,
}


def test_a_masked_softmax_is_proved() -> None:
    before = rw.Graph([X], [SHARE])
    assert rw.equivalent(before, rw.optimize(before)).proved


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_masked_softmax_is_refuted(name: str) -> None:
    verdict = rw.equivalent(rw.Graph([X], [SHARE]), rw.Graph([X], [WRONG[name]]))
    assert verdict.status == "refuted", verdict
    assert verdict.counterexample is not None


def test_an_infinity_that_a_logarithm_makes_is_still_no_number() -> None:
    zero = rw.constant(np.float32(0)) * X
    before = rw.Graph([X], [rw.exp(rw.log(zero))])
    assert rw.equivalent(before, rw.Graph([X], [zero + 1])).status != "refuted"
