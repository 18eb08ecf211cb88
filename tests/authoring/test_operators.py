"""Operators of a user's own join what the package's own join; a wrong one is refused or refuted."""

import jax
import numpy as np
import pytest
from mpmath import mp

import rewriter as rw
from rewriter import errors

X = rw.input("x", (3,), "float64")
POINTS = np.array([-1.5, 0.25, 2.0])


@rw.operator(
    derivative=lambda x: -2 * x * gaussian(x),
    numpy=lambda x: np.exp(-x * x),
    jax=lambda x: jax.numpy.exp(-x * x),
    exact=lambda x: (-x * x).exp(),
    facts=lambda y: [y > 0, y <= 1],
)
def gaussian(x):
    """e^(−x²)."""
    return rw.exp(-x * x)


@rw.operator
def softabs(x, y):
    """√(x² + y²)."""
    return rw.sqrt(x * x + y * y)


@rw.operator(numpy=lambda x: np.sinc(x), exact=lambda x: x.sinc_pi(), facts=lambda y: [y <= 1])
def cardinal_sine(x):
    """sin(πx)/(πx), known by its functions only."""


@rw.operator(shape=lambda x: x[:-1])
def energy(x):
    """Σ_j x[j]²."""
    return rw.sum(x * x, axis=-1)


@rw.rule
def product_of_gaussians(x: rw.Real, y: rw.Real):
    """e^(−x²)·e^(−y²) = e^(−(√(x² + y²))²)."""
    return rw.rewrite(gaussian(x) * gaussian(y), to=gaussian(softabs(x, y)))


@rw.rule
def forgotten_sign(x: rw.Real):
    """log e^(−x²) = x²."""
    return rw.rewrite(rw.log(gaussian(x)), to=x * x)


@rw.rule
def root_of_square(x: rw.Real):
    """√(g(x)²) = g(x), for g(x) > 0."""
    g = gaussian(x)
    return rw.rewrite(rw.absolute(rw.sin(x) * g), to=g * rw.absolute(rw.sin(x)), when=[g > 0])


@pytest.mark.parametrize("backend", ["numpy", "jax", "exact"])
def test_every_backend_computes_it(backend):
    graph = rw.Graph([X], [gaussian(X), softabs(X, 2.0), energy(X)])
    found = rw.compile(graph, backend=backend)(POINTS)
    for one, true in zip(
        found, [np.exp(-(POINTS**2)), np.hypot(POINTS, 2), np.sum(POINTS**2)], strict=True
    ):
        np.testing.assert_allclose(one, true, rtol=2e-6 if backend == "jax" else 4e-16)


def test_without_a_definition_its_functions_say_what_it_is():
    graph = rw.Graph([X], [cardinal_sine(X)])
    true = [float(mp.sincpi(x)) for x in POINTS]
    for backend in ("numpy", "exact"):
        np.testing.assert_allclose(rw.compile(graph, backend=backend)(POINTS), true, atol=1e-16)
    with pytest.raises(errors.BackendError, match="jax"):
        rw.compile(graph, backend="jax")
    with pytest.raises(errors.DerivativeError, match="no derivative is declared"):
        rw.grad(rw.sum(cardinal_sine(X)), [X])
    assert (
        rw.exact(rw.Graph([X], [cardinal_sine(X) - cardinal_sine(X)]), POINTS).tolist() == [0] * 3
    )


def test_derivatives_are_the_declared_ones_or_those_of_the_definition():
    (declared,) = rw.grad(rw.sum(gaussian(X)), [X])
    assert "gaussian" in rw.pprint(rw.Graph([X], [declared]))
    (defined,) = rw.grad(rw.sum(softabs(X, 2.0)), [X])
    (of_energy,) = rw.grad(energy(X), [X])
    (second,) = rw.grad(rw.sum(declared), [X])
    found = rw.compile(rw.Graph([X], [declared, defined, of_energy, second]))(POINTS)
    g = np.exp(-(POINTS**2))
    true = [-2 * POINTS * g, POINTS / np.hypot(POINTS, 2), 2 * POINTS, (4 * POINTS**2 - 2) * g]
    for one, other in zip(found, true, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_jax_differentiates_by_the_declared_derivative():
    function = rw.to_jax(rw.Graph([X], [rw.sum(gaussian(X))]))
    point = POINTS.astype("float32")
    expected = -2 * POINTS * np.exp(-(POINTS**2))
    np.testing.assert_allclose(jax.grad(function)(point), expected, rtol=1e-6)
    assert "custom_jvp" in str(jax.make_jaxpr(function)(point))
    np.testing.assert_allclose(jax.jit(jax.vmap(function))(point[None]), [np.exp(-POINTS**2).sum()],
                               rtol=1e-6)  # fmt: skip


def test_graph_text_reads_back_as_the_same_graph():
    graph = rw.Graph([X], [softabs(gaussian(X), X), energy(X)])
    assert "softabs(gaussian(x), x)" in str(graph)
    assert rw.parse(str(graph)) is graph
    with pytest.raises(errors.ParseError, match="softabs takes 2 operands"):
        rw.parse("graph(x: float64) -> float64:\n    return softabs(x)\n")


def test_shapes_and_dtypes_are_inferred_and_checked():
    rows = rw.input("rows", ("n", 4), "float16")
    assert energy(rows).shape == ("n",)
    assert gaussian(rows).dtype == "float16"
    assert softabs(rows, rw.input("row", (4,), "float16")).shape == ("n", 4)
    assert gaussian(rw.constant(2)).dtype == "float64"
    with pytest.raises(errors.ShapeError):
        softabs(X, rw.input("y", (4,), "float64"))
    with pytest.raises(errors.ShapeError, match="takes 2 operands"):
        softabs(X)
    assert rw.compile(rw.Graph([rows], [gaussian(rows)]))(np.ones((2, 4))).dtype == np.float16


def test_it_is_matched_in_rules_modulo_the_theory():
    y = rw.input("y", (3,), "float64")
    graph = rw.Graph([X, y], [gaussian(2 * y) * rw.sin(X) * gaussian(X)])
    after = rw.optimize(graph, rules=[product_of_gaussians])
    assert rw.pprint(after).count("gaussian") == 1
    np.testing.assert_allclose(rw.compile(after)(POINTS, POINTS), rw.compile(graph)(POINTS, POINTS))


def test_its_facts_prove_conditions():
    graph = rw.Graph([X], [rw.absolute(rw.sin(X) * gaussian(X))])
    explanation = rw.explain(graph, rules=[root_of_square])
    assert [step.applied[0].rule.name for step in explanation.result.steps] == ["root_of_square"]
    assert rw.pprint(rw.optimize(rw.Graph([X], [rw.log(1 - gaussian(X))]))).count("gaussian") == 1


def test_rules_about_it_are_proved_and_refuted():
    assert rw.check(product_of_gaussians).status == "proved"
    verdict = rw.check(forgotten_sign)
    assert verdict.status == "refuted"
    assert "gaussian" in verdict.counterexample.source
    scope: dict = {}
    exec(verdict.counterexample.source, scope)
    left, right = (rw.exact(scope[side], *scope["values"]) for side in ("left", "right"))
    assert left == -right != 0


def test_equivalence_looks_inside():
    inside = rw.Graph([X], [rw.exp(-X * X), rw.sum(X * X)])
    assert rw.equivalent(rw.Graph([X], [gaussian(X), energy(X)]), inside).proved
    other = rw.Graph([X], [rw.exp(X * X), rw.sum(X * X)])
    assert rw.equivalent(rw.Graph([X], [gaussian(X), energy(X)]), other).status == "refuted"


def test_operators_are_checked_against_their_definitions():
    for operation in (gaussian, softabs):
        verdict = rw.check(operation)
        assert verdict.proved, verdict
    assert rw.check(cardinal_sine).status == "unknown"


WRONG = {
    "derivative": ({"derivative": lambda x: 2 * x * rw.exp(-x * x)}, "the derivative is not that"),
    "fact": ({"facts": lambda y: [y < 0.5]}, "a fact does not hold"),
    "numpy": ({"numpy": lambda x: np.exp(x * x)}, "the numpy function is not"),
    "jax": ({"jax": lambda x: jax.numpy.exp(-x)}, "the jax function is not"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_is_refuted(name):
    given, reason = WRONG[name]

    def definition(x):
        """e^(−x²)."""
        return rw.exp(-x * x)

    definition.__name__ = f"gaussian_with_a_wrong_{name}"
    verdict = rw.check(rw.operator(definition, **given))
    assert verdict.status == "refuted"
    assert reason in verdict.reason


def exp(x):
    """A name that is taken."""


def not_elementwise(x):
    return rw.sum(rw.broadcast_to(x, (3,)))


def fact_without_a_number(x):
    return rw.exp(x)


def too_many_partials(x):
    return rw.exp(x)


REFUSED = {
    exp: ({}, "there is an operator of that name"),
    not_elementwise: ({}, "no shape rule"),
    fact_without_a_number: ({"facts": lambda y: [rw.sin(y) > y]}, "compares the value"),
}


@pytest.mark.parametrize("function", REFUSED, ids=lambda function: function.__name__)
def test_a_mistaken_declaration_is_refused_where_it_is_written(function):
    given, reason = REFUSED[function]
    with pytest.raises(errors.DeclarationError, match=reason) as refused:
        rw.operator(function, **given)
    (note,) = refused.value.__notes__
    assert f"test_operators.py:{function.__code__.co_firstlineno}" in note


def test_two_operators_of_one_name_are_refused_but_one_may_be_declared_again():
    again = rw.operator(gaussian.declaration.definition, facts=lambda y: [y > 0, y <= 1])
    assert again.primitive is gaussian.primitive
    made = {}
    exec(compile("def gaussian(x): pass", "elsewhere.py", "exec"), made)
    with pytest.raises(errors.DeclarationError, match=r"declared at .*test_operators\.py"):
        rw.operator(made["gaussian"])
