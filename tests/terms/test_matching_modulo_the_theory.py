"""A pattern of tensors matches every spelling, says what variables stand for, alters nothing."""

from itertools import islice

import numpy as np
import pytest
from kanren import eq, lall, run, var

import rewriter as rw
from rewriter.terms.views import term_of, view


@rw.rule
def gradient(x: rw.Function, g: rw.Function, c: rw.Rest, i: rw.Index, j: rw.Index, k: rw.Index):
    """c·p[i]·(g[i] − Σ_k g[k]·p[k]), p = softmax(x)."""

    def p(at):
        return rw.exp(x[at]) / rw.sum(rw.exp(x[j]), over=j)

    left = c * p(i) * (g[i] - rw.sum(g[k] * p(k), over=k))
    return rw.rewrite(left, to=left)


z, w, y = rw.input("z", (5,)), rw.input("w", (5,)), rw.input("y", ())
rows, weights = rw.input("rows", (3, 5)), rw.input("weights", (3, 5))
e = rw.exp(z)
total = rw.sum(e)
p = e / total


def per_row(x, g, axis):
    q = rw.exp(x) / rw.sum(rw.exp(x), axis=axis, keepdims=True)
    return q * (g - rw.sum(g * q, axis=axis, keepdims=True))


SPELLINGS = {
    "textbook": p * (w - rw.sum(w * p)),
    "divided outside of the sum": p * (w - rw.sum(w * e) / total),
    "divided inside of it": p * (w - rw.sum(w * e / total)),
    "multiplied out": p * w - p * rw.sum(w * p),
    "regrouped": e * (w / total) - e * rw.sum(w * e) / (total * total),
    "a power": e * w / total - rw.sum(e * w * total**-2) * e,
    "factors in another order": (w - rw.sum(p * w)) * (1 / total) * e,
    "through a logarithm": rw.exp(z - rw.log(total)) * (w - rw.sum(w * p)),
    "a product of exponentials": (
        rw.exp(z - y) / rw.sum(rw.exp(z) * rw.exp(-y)) * (w - rw.dot(w, p))
    ),
    "a contraction": p * (w - rw.einsum("i,i->", p, w)),
    "by reverse mode": rw.grad(rw.sum(p * w), [z])[0],
}
SCALED = {"1": p * (w - rw.sum(w * p)), "3": 3 * p * (w - rw.sum(w * p)),
          "-1/2": p * (rw.sum(w * p) - w) / 2, "y": y * p * (w - rw.sum(w * p))}  # fmt: skip


def found(subject):
    return [each.substitution for each in gradient.matches(rw.normal_form(subject))]


def named(substitution):
    return {str(variable): str(value) for variable, value in substitution.items()}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_spelling_does_not_matter_and_is_not_altered(name):
    before = str(rw.Graph([z, w, y], [SPELLINGS[name]]))
    (substitution,) = found(SPELLINGS[name])
    values = named(substitution)
    assert (values["g"], values["c"]) == ("λk. w[k]", "1")
    assert values["x"] == "λk. z[k]"
    assert str(rw.Graph([z, w, y], [SPELLINGS[name]])) == before


@pytest.mark.parametrize("scale", SCALED)
def test_what_multiplies_it_is_the_rest(scale):
    (substitution,) = found(SCALED[scale])
    assert named(substitution)["c"] == scale


@pytest.mark.parametrize(("axis", "bound"), [(1, "i0, k"), (0, "k, i1")])
def test_axes_and_batches_need_no_pattern_of_their_own(axis, bound):
    (substitution,) = found(per_row(rows, weights, axis))
    values = named(substitution)
    assert (values["x"], values["g"]) == (f"λk. rows[{bound}]", f"λk. weights[{bound}]")


UNLIKE = {
    "a sum without the cotangent": p * (w - rw.sum(p)),
    "a sum without the weights": p * (w - rw.sum(w)),
    "added": p * (w + rw.sum(w * p)),
    "another softmax inside": p * (w - rw.sum(w * rw.softmax(2 * z))),
    "another axis inside": (
        rw.softmax(rows, axis=1)
        * (weights - rw.sum(weights * rw.softmax(rows, axis=0), axis=1, keepdims=True))
    ),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_what_only_looks_like_it_is_not_matched(name):
    assert found(UNLIKE[name]) == []


@rw.rule
def product_of_sum(A: rw.Function, s: rw.Function, t: rw.Function, u: rw.Function, j: rw.Index):
    """A·(s + t + u) = A·s + A·t + A·u."""
    return rw.rewrite(
        rw.sum(A[j] * (s[j] + t[j] + u[j]), over=j),
        to=rw.sum(A[j] * s[j], over=j) + rw.sum(A[j] * t[j], over=j) + rw.sum(A[j] * u[j], over=j),
    )


A = rw.input("A", (4, 5))
S, T, U = (rw.input(name, (5,)) for name in "STU")
PRODUCTS = {
    "(s + t) + u": rw.dot(A, (S + T) + U),
    "(t + s) + u": rw.dot(A, (T + S) + U),
    "s + (t + u)": rw.dot(A, S + (T + U)),
    "u + t + s": rw.dot(A, U + T + S),
    "einsum": rw.einsum("ij,j->i", A, U + S + T),
    "sum of products": rw.sum(A * (T + U + S), axis=1),
}


def distributed(term, out):
    return lall(rw.eq_ac(product_of_sum.left, term), rw.eq_ac(out, product_of_sum.right))


@pytest.mark.parametrize("name", PRODUCTS)
def test_one_pattern_matches_a_product_of_any_sum(name):
    term = rw.normal_form(PRODUCTS[name])
    answers = list(rw.match(product_of_sum.left, term))
    assert len(answers) == 6
    assert {named(answer)["A"] for answer in answers} == {"λk. A[i0, k]"}
    expected = rw.normal_form(rw.dot(A, S) + rw.dot(A, T) + rw.dot(A, U))
    out = var()
    assert run(1, out, distributed(term, out)) == (expected,)


def test_a_relation_is_a_rule_and_its_filters_narrow_it():
    term = term_of(rw.normal_form(PRODUCTS["einsum"]))
    offered = []

    def accepts(subject):
        offered.append(subject)
        return "T" in str(subject)

    def first(answers):
        return islice(answers, 1)

    expected = term_of(rw.normal_form(rw.dot(A, S) + rw.dot(A, T) + rw.dot(A, U)))
    every = rw.rule.from_relation(distributed)
    assert [match.result for match in every.matches(term)] == [expected] * 6
    narrow = rw.rule.from_relation(distributed, "narrow", accepts=accepts, chooses=first)
    assert [match.result for match in narrow.matches(term)] == [expected]
    other = term_of(rw.normal_form(rw.dot(A, S + U + S * U)))
    assert list(narrow.matches(other)) == []
    assert len(list(every.matches(other))) == 6
    assert offered == [view(term), view(other)]


def test_a_relation_of_other_terms_is_a_rule_too():
    (a, b), (u, v) = rw.constants("a b"), rw.variables("u v")
    times = rw.Operator("times", associative=True, commutative=True)
    plus = rw.Operator("plus", associative=True, commutative=True)
    log = rw.Operator("log")

    def log_of_product(term, out):
        return lall(rw.eq_ac(term, log(times(u, v))), rw.eq_ac(out, plus(log(u), log(v))))

    rule = rw.rule.from_relation(log_of_product, chooses=lambda answers: islice(answers, 1))
    assert [match.result for match in rule.matches(log(times(b, a)))] == [plus(log(a), log(b))]
    assert list(rule.matches(log(a))) == []


def test_a_filtered_relation_rewrites_in_the_optimizer():
    x = rw.input("x", (3,), "float32")

    def versed(term, out):
        cosine = rw.rule(one_minus_cosine)
        return lall(rw.eq_ac(cosine.left, term), eq(out, cosine.right))

    graph = rw.Graph([x], [1 - rw.cos(x)])
    rule = rw.rule.from_relation(versed)
    shut = rw.rule.from_relation(versed, accepts=lambda term: False)
    point = np.full(3, 1e-4, np.float32)
    assert rw.compile(rw.optimize(graph, rules=[rule]))(point)[0] == pytest.approx(5e-9, rel=1e-6)
    assert rw.optimize(graph, rules=[shut]) is graph


def one_minus_cosine(x: rw.Real):
    """1 - cos x = 2·sin(x/2)²."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


@rw.rule
def difference_of_products(a: rw.Real, u: rw.Function, v: rw.Function, j: rw.Index):
    """Σ_j u[j]·v[j] − a·Σ_j u[j]·Σ_j v[j]."""
    totals = rw.sum(u[j], over=j) * rw.sum(v[j], over=j)
    left = rw.sum(u[j] * v[j], over=j) - a * totals
    return rw.rewrite(left, to=left)


@pytest.mark.parametrize(("number", "answers"), [(1.0, 2), (2.0, 0), (3.0, 0)])
def test_a_number_that_a_minus_one_is_taken_out_of_is_not_lost(number, answers):
    """−2·y·Σz·Σw is −a·Σz·Σw for the product a = 2·y alone, which is no one operand."""
    subject = rw.normal_form(rw.sum(z * w) - number * y * rw.sum(z) * rw.sum(w))
    found = list(rw.match(difference_of_products.left, subject))
    assert len(found) == answers
    assert all(rw.substitute(difference_of_products.left, one) == subject for one in found)
