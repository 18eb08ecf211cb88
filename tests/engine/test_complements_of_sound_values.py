"""``1 − p`` of a p that needs no cure: where p is near 1, what is left of it is not lost."""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (4,), "float64")
POINT = np.array([0.5, -200.0, 1.25, 300.0])
SMALL = rw.exp(-rw.absolute(X))
LIKELY = 1.0 / (1.0 + SMALL)
SHIFTED = rw.exp(X - rw.max(X))
SHARE = SHIFTED / rw.sum(SHIFTED)

STABLE = rw.where(X >= 0.0, LIKELY, SMALL / (1.0 + SMALL))
NAIVE = rw.exp(X) / rw.sum(rw.exp(X))


def gradient(value):
    return rw.grad(rw.sum(value), [X])[0]


COMPLEMENTS = {
    "of a sigmoid of a size": 1.0 - LIKELY,
    "its logarithm": rw.log(1.0 - LIKELY),
    "its logarithm, spelled otherwise": rw.log1p(-LIKELY),
    "its inverse": X / (1.0 - LIKELY),
    "of the smaller part": rw.log(1.0 - SMALL / (1.0 + SMALL)),
    "of a square": rw.log(1.0 - LIKELY * LIKELY),
    "of a mixture": rw.log(1.0 - (0.3 + 0.7 * LIKELY)),
    "of a shifted softmax": 1.0 - SHARE,
    "the logarithm of that": rw.log(1.0 - SHARE),
    "the odds": rw.sum(SHARE / (1.0 - SHARE)),
    "less one more": rw.log(1.0 - SHARE[3] - SHARE[0]),
    "of a few": rw.log(1.0 - rw.sum(SHARE[1:])),
    "a derivative": gradient(rw.log(1.0 - LIKELY * LIKELY)),
    "of a sigmoid in two pieces": gradient(rw.log(1.0 - STABLE)),
    "of a product": rw.log(1.0 - rw.prod(rw.where(X >= 0.0, 1.0, STABLE))),
    "of all but one": gradient(rw.log(1.0 - rw.sum(NAIVE[1:]))),
    "of the first few": gradient(rw.log(1.0 - rw.sum(NAIVE[:2]))),
    "of some between": gradient(rw.log(1.0 - rw.sum(NAIVE[1:3]))),
}


@pytest.mark.parametrize("name", COMPLEMENTS)
def test_a_complement_keeps_its_digits(name):
    graph = rw.Graph([X], [COMPLEMENTS[name]])
    truth = np.asarray(rw.exact(graph, POINT, dtype="float64"))
    with np.errstate(all="ignore"):
        found = rw.compile(rw.optimize(graph))(POINT)
    np.testing.assert_allclose(found, truth, rtol=1e-13, atol=1e-15 * np.abs(truth).max())


@pytest.mark.parametrize("sound", [LIKELY, SHARE, X / LIKELY, 2.0 * LIKELY])
def test_what_is_sound_stays_as_it_is(sound):
    outputs = [sound, rw.log(1.0 - LIKELY), rw.log(1.0 - SHARE)]
    assert rw.optimize(rw.Graph([X], outputs)).outputs[0] is sound
