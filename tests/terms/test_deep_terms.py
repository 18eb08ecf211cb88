"""Terms of a long program lie deep in one another: nothing that reads them recurses."""

import rewriter as rw
from rewriter.terms.logarithms import holds_logarithm
from rewriter.terms.reading import normal_form
from rewriter.terms.sign import interval_of


def deep(start, depth):
    y = start
    for _ in range(depth):
        y = rw.cos(y) * rw.square(y) + start
    return y


def test_ranges_and_logarithms_of_deep_products_of_sums():
    x = rw.input("x", (4,), "float32")
    term = normal_form(rw.tanh(deep(x, 700)))
    assert (interval_of(term).low, interval_of(term).high) != (None, None)
    assert not holds_logarithm(term)
    assert holds_logarithm(normal_form(deep(rw.log(1 + rw.exp(x)), 700)))
    assert interval_of(normal_form(rw.square(deep(x, 700)))).nonnegative
