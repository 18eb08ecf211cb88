"""The text of an explanation: what an analyst would stumble over is not there."""

import re

import numpy as np
import pytest

import rewriter as rw


def softmax(x, axis=-1):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=axis, keepdims=True)


def matrix(name, *shape):
    return rw.input(name, shape, "float32")


def attention():
    q, k, v = matrix("q", 3, 4), matrix("k", 5, 4), matrix("v", 5, 2)
    scores = rw.einsum("ab,cb->ac", q, k) / 2
    return rw.Graph([q, k, v], [rw.einsum("ab,bc->ac", softmax(scores), v)])


def attention_gradient():
    graph = attention()
    loss = rw.sum(rw.square(graph.outputs[0]))
    return rw.Graph(graph.inputs, rw.grad(loss, graph.inputs))


def balanced():
    x = matrix("x", 3, 5)
    for axis in (-1, -2, -1, -2):
        x = rw.log(softmax(x, axis))
    return rw.Graph([matrix("x", 3, 5)], [x])


def masked():
    x, mask = matrix("x", 5), rw.input("m", (5,), "bool")
    e = rw.where(mask, rw.exp(x), 0.0)
    p = e / rw.sum(e)
    return rw.Graph([x, mask], [-rw.sum(rw.where(mask, p * rw.log(p), 0.0))])


def masked_gradient():
    graph = masked()
    return rw.Graph(graph.inputs, rw.grad(graph.outputs[0], graph.inputs[:1]))


def vector(function):
    x = matrix("x", 5)
    return rw.Graph([x], [function(x)])


GRAPHS = {
    "softmax": lambda: vector(softmax),
    "log softmax": lambda: vector(lambda x: rw.log(softmax(x))),
    "log of the complement": lambda: vector(lambda x: rw.log(1 - softmax(x))),
    "sigmoid": lambda: vector(lambda x: rw.exp(x) / (1 + rw.exp(x))),
    "difference": lambda: vector(lambda x: rw.exp(x) - 1),
    "attention": attention,
    "gradient of attention": attention_gradient,
    "balanced": balanced,
    "masked": masked,
    "gradient of masked": masked_gradient,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_in_it_is_a_riddle(name):
    text = str(rw.explain(GRAPHS[name]()))
    assert text.startswith(tuple("123456789"))
    assert "--" not in text.replace("<stdin>", "")
    assert "~" not in text
    assert " …)" not in text.replace("(…)", "")
    assert "^-1^" not in text
    assert "((Σ" not in text


@pytest.mark.parametrize("name", GRAPHS)
def test_every_letter_is_explained_once(name):
    for account in rw.explain(GRAPHS[name]()).accounts:
        texts = [account.reads, *account.facts, *(u for law in account.laws for u in law.uses)]
        used = set(re.findall(r"\b([A-Z])\b", " ".join(texts)))
        explained = [line.split(" ")[0].split("[")[0] for line in account.where]
        assert len(explained) == len(set(explained))
        assert used <= set(explained)


def test_named_pieces_are_defined_by_what_they_stand_for():
    account, moved = rw.explain(balanced()).accounts
    assert "a number added to all of it changes no output" in str(moved)
    where = "; ".join(account.where)
    largest = re.search(r"(\w)\[k\] = max_j\(x\[k, j\]\)", where)[1]
    assert f"[k] = Σ_j exp(x[k, j] - {largest}[k])" in where
    assert largest in "MNKL"


def test_different_tensors_have_different_letters():
    *_, last = rw.explain(attention_gradient()).accounts
    lines = [line for line in last.where if re.match(r"[A-Z] = ", line)]
    assert len(lines) == 2
    assert 'einsum("ab,cb->ac", q, k)' in " ".join(lines)


def test_a_step_deep_in_a_program_is_as_short_as_one_at_its_beginning():
    x = y = rw.input("x", (4,), "float64")
    for _ in range(60):
        y = rw.sin(softmax(rw.tanh(y) * 3000))
    accounts = rw.explain(rw.Graph([x], [y])).accounts
    assert len(accounts) == 60
    assert len({re.sub(r"\d", "", a.before) for a in accounts[1:]}) == 1
    assert max(len(account.before) for account in accounts) < 80


def test_an_index_that_is_bound_twice_has_two_letters():
    x = matrix("x", 3, 5)
    mixed = softmax(rw.log(softmax(x)) + rw.log(softmax(x, axis=-2)))
    uses = str([law.uses for account in rw.explain(rw.Graph([x], [mixed])).accounts
                for law in account.laws])  # fmt: skip
    assert "[k, j]" in uses or "[j, k]" in uses
    assert "[k, k]" not in uses


def test_a_law_that_was_used_twice_is_stated_once():
    x, y = matrix("x", 5), matrix("y", 4)
    gap = rw.log(rw.sum(rw.exp(x))) - rw.log(rw.sum(rw.exp(y)))
    (account,) = rw.explain(rw.Graph([x, y], [gap])).accounts
    (law,) = account.laws
    assert sorted(law.uses) == ["w[k] := 1, x[k] := x[k]", "w[k] := 1, x[k] := y[k]"]


def test_the_facts_are_true():
    x = np.array([3.0, -1.0, 1000.0])
    (account,) = rw.explain(vector(softmax)).accounts
    assert account.facts == (
        "x[i0] - max_j(x[j]) <= 0, a value less the largest",
        "Σ_k exp(x[k] - max_j(x[j])) >= 1, since its largest term is exp(0)",
    )
    assert (x - x.max() <= 0).all()
    assert np.exp(x - x.max()).sum() >= 1


def test_what_would_unlock_a_rule_is_said():
    @rw.rule
    def root_of_square(x: rw.Real):
        """√(sin²x) = sin x, for sin x > 0."""
        return rw.rewrite(rw.sqrt(rw.square(rw.sin(x))), to=rw.sin(x), when=[rw.sin(x) > 0])

    x = matrix("x")
    graph = rw.Graph([x], [rw.sqrt(rw.square(rw.sin(x)))])
    explanation = rw.explain(graph, rules=[root_of_square])
    (held,) = explanation.held
    assert held.unlock == ("sin(x) > 0",)
    assert "it would be used if this were known: sin(x) > 0" in str(explanation)


def residual(count):
    """Softmaxes of one another, with a way round each."""
    x = y = rw.input("x", ("n", 4), "float32")
    for _ in range(count):
        e = rw.exp(rw.tanh(y) * 300)
        y = rw.sin(e / rw.sum(e, axis=-1, keepdims=True)) + rw.cos(y) * rw.square(y)
    return rw.Graph([x], [y])


def test_what_is_said_of_a_step_does_not_grow_with_the_program():
    few, many = (rw.explain(residual(count)) for count in (20, 60))
    assert (len(few.accounts), len(many.accounts)) == (20, 60)
    assert len(str(many)) < 3.2 * len(str(few))
    shown = many.accounts[-1]
    assert shown.before == "exp(A) / sum(exp(A), axis=-1, keepdims=True)"
    assert "exp(A - reshape(where(isfinite(a), a, 0), (n, 1)))" in shown.after
