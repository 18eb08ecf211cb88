"""Variables with sizes, conditions of one's own with three answers, and what is worth it."""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (3,), "float32")


@rw.rule
def product_of_three(
    a: rw.Tensor["n", "m"], b: rw.Tensor["m", "k"], v: rw.Tensor["k"],
    i: rw.Index, j: rw.Index, k: rw.Index,
):  # fmt: skip
    """(A·B)·v = A·(B·v): i is free, and the same everywhere."""
    return rw.rewrite(
        rw.sum(rw.sum(rw.sin(a[i, j]) * b[j, k], over=j) * v[k], over=k),
        to=rw.sum(rw.sin(a[i, j]) * rw.sum(b[j, k] * v[k], over=k), over=j),
    )


@rw.rule
def of_an_element(b: rw.Function, i: rw.Index):
    """1 − cos b[i] = 2·sin(b[i]/2)², read at one index only."""
    return rw.rewrite(1 - rw.cos(b[i]), to=2 * rw.square(rw.sin(b[i] / 2)))


@rw.condition
def small(values):
    """at most 1 in size."""
    if values.low >= -1 and values.high <= 1:
        return True
    return False if values.low > 1 or values.high < -1 else None


def clipped_where(when):
    def clipped(x: rw.Real):
        """min(e^x, 1) = e^x."""
        return rw.rewrite(rw.minimum(rw.exp(x), 1), to=rw.exp(x), when=when(x))

    return rw.rule(clipped)


def test_a_product_of_matrices_is_reassociated():
    assert rw.check(product_of_three).proved
    a, b, v = (
        rw.input("a", ("n", 4), "float64"),
        rw.input("b", (4, 5), "float64"),
        rw.input("v", (5,), "float64"),
    )
    graph = rw.Graph([a, b, v], [rw.sin(a) @ b @ v])
    after = rw.optimize(graph, rules=[product_of_three])
    assert [n.shape for n in after.nodes() if n.operator.name == "einsum"] == [(4,), ("n",)]
    values = [np.arange(8.0).reshape(2, 4), np.arange(20.0).reshape(4, 5), np.arange(5.0)]
    np.testing.assert_allclose(rw.compile(after)(*values), rw.compile(graph)(*values), rtol=1e-13)


def test_a_function_that_is_read_at_one_free_index_stands_for_any_term():
    after = rw.optimize(rw.Graph([X], [1 - rw.cos(X * X)]), rules=[of_an_element])
    assert "cos" not in rw.pprint(after)
    assert rw.check(of_an_element).proved


def test_a_condition_of_ones_own_fires_only_where_it_is_proved():
    rule = clipped_where(lambda x: [small(rw.exp(x))])
    proved, unknown = rw.minimum(rw.exp(-X * X), 1), rw.minimum(rw.exp(X), 1)
    refuted = rw.minimum(rw.exp(3 + X * X), 1)
    found = rw.optimize(rw.Graph([X], [proved, unknown, refuted]), rules=[rule])
    assert [rw.pprint(rw.Graph([X], [o])).count("minimum") for o in found.outputs] == [0, 1, 1]
    for output, answer in ((unknown, "not proved"), (refuted, "refuted")):
        reason = rw.why_not(rw.Graph([X], [output]), rule).reason
        assert reason.startswith(answer)
        assert reason.endswith("is at most 1 in size")


def test_the_checker_asks_a_condition_of_ones_own():
    verdict = rw.check(clipped_where(lambda x: [small(rw.exp(x))]))
    assert verdict.proved
    assert verdict.unneeded == ()
    assert rw.check(clipped_where(lambda x: [small(x)])).status == "refuted"


@rw.rule
def difference_of_roots(a: rw.Real, b: rw.Real):
    """√a − √b = (a − b)/(√a + √b), where a − b is a number."""
    return rw.rewrite(
        rw.sqrt(a) - rw.sqrt(b), to=(a - b) / (rw.sqrt(a) + rw.sqrt(b)),
        when=[rw.not_equal(a, b)], worth=[rw.is_constant(a - b)],
    )  # fmt: skip


def test_what_is_worth_it_holds_a_rule_back_and_is_no_part_of_its_proof():
    verdict = rw.check(difference_of_roots)
    assert verdict.proved
    assert verdict.unneeded == ()
    near = rw.Graph([X], [rw.sqrt(X + 1) - rw.sqrt(X)])
    y = rw.input("y", (3,), "float32")
    apart = rw.Graph([X, y], [rw.sqrt(X) - rw.sqrt(y)])
    assert rw.apply(difference_of_roots, near) is not near
    assert rw.apply(difference_of_roots, apart) is apart


def test_the_shipped_laws_need_all_their_conditions():
    import rules.cancellation

    assert all(not verdict.unneeded for verdict in rw.check(rules.cancellation))


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_condition_says_which_of_three_answers_it_gives(answer):
    stated = rw.condition(lambda values: answer)(rw.sin(rw.constant(1.0)))
    assert (
        stated.check({}).answer.value == {True: "proved", False: "refuted", None: "unknown"}[answer]
    )
