"""Rules that count places, and rules that compare: what they are read as is what is proved."""

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import PatternError, UnboundVariableError


@rw.rule.once
def squared_cosines(b: rw.Function, i: rw.Index):
    """Σ cos² b = n − Σ sin² b."""
    return rw.rewrite(rw.sum(rw.cos(b[i]) ** 2, over=i),
                      to=rw.sum(1.0, over=i) - rw.sum(rw.sin(b[i]) ** 2, over=i))  # fmt: skip


@rw.rule.once
def cosine_of_mean(x: rw.Function, i: rw.Index):
    """cos of a mean."""
    mean = rw.sum(x[i], over=i) / rw.sum(1.0, over=i)
    return rw.rewrite(rw.cos(mean), to=1 - 2 * rw.sin(mean / 2) ** 2)


@rw.rule
def larger(x: rw.Real, y: rw.Real):
    """x where x > y, else y, is the larger."""
    return rw.rewrite(rw.where(x > y, x, y), to=rw.maximum(x, y))


@rw.rule.once
def hinge(x: rw.Real):
    """max(x, 0) by branches."""
    return rw.rewrite(rw.maximum(x, 0), to=rw.where(x > 0, x, 0))


@pytest.mark.parametrize("size", [2, 3, "n"])
def test_a_count_is_the_number_of_places_of_the_subject(size: int | str) -> None:
    x = rw.input("x", (size,), "float64")
    before = rw.Graph([x], [rw.sum(rw.cos(x) ** 2)])
    after = rw.apply(rw.bottom_up(squared_cosines), before)
    assert after is not before
    point = np.linspace(0.1, 2.0, 4 if size == "n" else size)
    np.testing.assert_allclose(rw.compile(after)(point), np.sum(np.cos(point) ** 2), rtol=1e-12)


def test_a_count_on_the_left_is_matched_where_it_has_gone_into_a_coefficient() -> None:
    x = rw.input("x", (3,), "float64")
    mean, third = rw.Graph([x], [rw.cos(rw.mean(x))]), rw.Graph([x], [rw.cos(rw.sum(x) / 4)])
    assert rw.why_not(mean, cosine_of_mean).fires
    assert not rw.why_not(third, cosine_of_mean).fires
    assert rw.apply(rw.bottom_up(cosine_of_mean), third) is third


def test_means_and_minima_over_an_index() -> None:
    @rw.rule.once
    def exponential_of_minimum(x: rw.Function, i: rw.Index):
        """sin min x = sin min x + 0 · mean x."""
        return rw.rewrite(rw.sin(rw.min(x[i], over=i)) * rw.cos(rw.mean(x[i], over=i)),
                          to=rw.sin(rw.min(x[i], over=i)) * rw.cos(-rw.mean(-x[i], over=i)) + 0,
                          when=rw.sum(1.0, over=i) > 0)  # fmt: skip

    assert rw.check(exponential_of_minimum).proved


def test_a_count_that_nothing_tells_is_refused() -> None:
    with pytest.raises(UnboundVariableError, match="tells how far an index runs") as caught:

        @rw.rule
        def untold(a: rw.Real, i: rw.Index):
            """sin a = sin a · Σ_i 1."""
            return rw.rewrite(rw.sin(a), to=rw.cos(a) * rw.sum(1.0, over=i))

    assert "count(i)" in str(caught.value)


@pytest.mark.parametrize("written", [
    lambda x, y: rw.where(x > y, x, y), lambda x, y: rw.where(y < x, x, y),
    lambda x, y: rw.where(x <= y, y, x), lambda x, y: 3 * rw.where(x > y, x, y) + 1,
])  # fmt: skip
def test_a_rule_that_compares_fires_on_every_spelling(written: object) -> None:
    x, y = (rw.input(name, ("n",), "float64") for name in "ab")
    before = rw.Graph([x, y], [written(x, y)])
    after = rw.optimize(before, rules=[larger])
    assert not any(node.operator.name == "where" for node in after.nodes())
    points = np.array([1.0, -2.0, 0.0]), np.array([0.5, 3.0, 0.0])
    np.testing.assert_array_equal(rw.compile(after)(*points), rw.compile(before)(*points))


def test_the_other_choice_is_no_instance() -> None:
    x, y = (rw.input(name, (), "float64") for name in "ab")
    before = rw.Graph([x, y], [rw.where(x > y, y, x)])
    assert rw.optimize(before, rules=[larger]) is before


def test_a_comparison_on_the_right_is_of_what_the_variables_stand_for() -> None:
    x = rw.input("a", ("n",), "float64")
    before = rw.Graph([x], [rw.sin(rw.maximum(x - 1, 0))])
    after = rw.apply(rw.bottom_up(hinge), before)
    assert any(node.operator.name == "where" for node in after.nodes())
    point = np.array([0.5, 1.0, 2.0])
    np.testing.assert_array_equal(rw.compile(after)(point), rw.compile(before)(point))


def test_what_the_theory_does_not_read_is_refused() -> None:
    with pytest.raises(PatternError, match="not read by the theory"):

        @rw.rule
        def unread(x: rw.Real):
            """An integer made of a variable."""
            return rw.rewrite(rw.sin(x), to=rw.astype(rw.astype(x, "int32"), "float64"))


def test_maxima_match_in_any_order_and_as_parts_of_larger_ones() -> None:
    @rw.rule
    def absorbed(x: rw.Real, y: rw.Real):
        """max(x, min(x, y)) = x."""
        return rw.rewrite(rw.maximum(x, rw.minimum(x, y)), to=x)

    a, b, c = (rw.input(name, (), "float64") for name in "abc")
    for one, other in ((a, b), (b, a)):
        large = rw.maximum(rw.maximum(rw.minimum(other, one), c), one)
        after = rw.optimize(rw.Graph([a, b, c], [large]), rules=[absorbed])
        assert not any(node.operator.name == "minimum" for node in after.nodes())
        assert rw.equivalent(rw.Graph([a, b, c], [large]), after).proved


@pytest.mark.parametrize("names", ["ab", "ba", "xy", "yx"])
def test_a_difference_as_a_factor_is_met_whichever_way_round(names: str) -> None:
    @rw.rule
    def difference_of_arctangents(x: rw.Real, y: rw.Real):
        """(x − y)·arctan x = x·arctan x − y·arctan x."""
        return rw.rewrite((x - y) * rw.arctan(x), to=x * rw.arctan(x) - y * rw.arctan(x))

    x, y = (rw.input(name, (), "float64") for name in names)
    before = rw.Graph([x, y], [3 * (x - y) * rw.arctan(x) * rw.cos(y)])
    after = rw.apply(rw.bottom_up(difference_of_arctangents), before)
    assert after is not before
    assert rw.equivalent(before, after).proved
