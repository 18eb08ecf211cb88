"""Every example runs to its end and shows what it says: naive fails, cured is true.

Expected values are written out, or computed here in float64 by the textbook's stable formulas.
"""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.py"))
SINGLE = 4e-6
"""A few roundings of float32."""


@pytest.fixture(scope="module")
def example() -> Any:
    """Give the names that an example defines, loading each once."""
    loaded: dict[str, dict[str, Any]] = {}

    def load(name: str) -> dict[str, Any]:
        (path,) = (path for path in EXAMPLES if path.stem == name)
        if name not in loaded:
            loaded[name] = runpy.run_path(str(path))
        return loaded[name]

    return load


def has_nan(values: Any) -> bool:
    return bool(np.isnan(np.asarray(values)).any())


def softmax(x: Any) -> np.ndarray:
    weights = np.exp(np.asarray(x, "float64") - np.max(x))
    return weights / np.sum(weights)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_prints(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) >= 4
    assert "Traceback" not in printed.out + printed.err
    assert "None" not in printed.out.splitlines()


def test_there_is_an_example_of_each_kind():
    assert {path.stem for path in EXAMPLES} == {
        "causal_attention",
        "compiler_pipeline",
        "custom_derivative",
        "custom_rule",
        "gradient_of_a_sum",
        "gradients_of_gradients",
        "jax_training",
        "kanren_relation",
        "kinetic_energy",
        "online_softmax",
        "qubit_fidelity",
        "scaled_error_function",
        "stop_gradient",
        "temperature_and_gumbel",
    }


def test_compiler_pipeline_goes_from_nan_to_the_truth(example):
    results = example("compiler_pipeline")["compute"]()
    loss, gradient = results["as written"]
    assert has_nan(loss)
    assert has_nan(gradient)
    for way in ("rewritten", "exact"):
        loss, gradient = results[way]
        assert float(loss) == 998.0  # 1000 - 2 of the first row, 0 of the second
        np.testing.assert_array_equal(np.asarray(gradient), [[0, -1, 1], [0, 0, 0]])


def test_compiler_pipeline_explains_what_it_did(example):
    import rewriter as rw

    explanation = str(rw.explain(example("compiler_pipeline")["front_end"]()))
    assert "compiler_pipeline.py" in explanation
    assert "shift" in explanation


def test_kinetic_energy_keeps_its_digits_by_a_rule_that_is_proved(example):
    import rewriter as rw

    names = example("kinetic_energy")
    assert rw.check(names["first_guess"]).status == "refuted"
    assert rw.check(names["root_less_one"]).status == "proved"
    momenta = np.array([1e-12, 1e-6, 1e-3, 1.0, 1e6], "float32").astype("float64")
    energies = momenta**2 / (np.hypot(1, momenta) + 1)
    results = names["compute"]()
    np.testing.assert_allclose(results["exact"], energies, rtol=1e-15)
    np.testing.assert_allclose(results["with the rule"], energies, rtol=SINGLE)
    assert (results["as written"][:2] == 0).all()
    reason = rw.why_not(names["lookalike"](), names["root_less_one"]).reason
    assert reason.endswith("-1 is looked for, and 1 stands there")


@pytest.mark.parametrize("x", [[1, 2, 1000], [0.5, -1, 2], [1e-18, 1e18, -1e18]])
def test_second_derivatives_are_true(example, x):
    results = example("gradients_of_gradients")["hessians"](np.array(x, "float32"))
    p = softmax(np.array(x, "float32"))
    expected = np.diag(p) - np.outer(p, p)
    ways = ("the same, optimised", "hessian(stabilize(loss))", "stabilize(hessian(loss))", "truth")
    for way in ways:
        np.testing.assert_allclose(results[way], expected, atol=SINGLE, err_msg=way)
    overflows = max(x) > 88
    assert has_nan(results["rw.grad twice"]) == overflows
    assert has_nan(results["jax.hessian"]) == overflows


@pytest.mark.parametrize("offset", [0.0, 100.0, 1000.0])
def test_causal_attention_and_its_gradients_are_true(example, offset):
    results = example("causal_attention")["compute"](offset)
    for value, true in zip(results["rw.stabilize"], results["truth"], strict=True):
        # float32 rounds the logits themselves, and they grow with the offset
        tolerance = SINGLE * max(1, offset) * np.max(np.abs(true))
        np.testing.assert_allclose(value, true, rtol=0, atol=tolerance)
    assert all(has_nan(value) == (offset > 0) for value in results["as written"])


def test_causal_attention_lets_nothing_through_from_later_positions(example):
    names = example("causal_attention")
    queries, keys, values = names["inputs"](1000)
    attention = names["stable_attention"]
    first = np.asarray(attention(queries, keys, values))
    values[3:], keys[3:] = 1e6, -1e6
    changed = np.asarray(attention(queries, keys, values))
    np.testing.assert_array_equal(first[:3], changed[:3])
    assert not np.array_equal(first[3:], changed[3:])


def test_temperature_goes_to_its_limits(example):
    tempered = example("temperature_and_gumbel")["tempered"]
    cold, warm = tempered(1e-30), tempered(1e30)
    np.testing.assert_array_equal(cold["rw.stabilize"], [0, 0.5, 0, 0.5])
    assert has_nan(cold["as written"])
    np.testing.assert_array_equal(warm["rw.stabilize"], [0.25, 0.25, 0.25, 0.25])


@pytest.mark.parametrize("temperature", [1e30, 100.0, 1.0, 0.01, 1e-30])
def test_tempered_softmax_is_exact(example, temperature):
    results = example("temperature_and_gumbel")["tempered"](temperature)
    np.testing.assert_allclose(results["rw.stabilize"], results["exact"], rtol=SINGLE, atol=1e-30)


def test_softmax_does_not_change_under_a_shift(example):
    results = example("temperature_and_gumbel")["shifted"](1000)
    assert has_nan(results["as written"])
    np.testing.assert_allclose(results["rw.stabilize"], softmax([1, 2, 3]), rtol=SINGLE)


def test_softmax_through_logsumexp(example):
    results = example("temperature_and_gumbel")["through_logsumexp"](100)
    assert not np.isfinite(results["as written"]).all() or not results["as written"].any()
    np.testing.assert_allclose(results["rw.stabilize"], [0, 0.5, 0, 0.5], atol=SINGLE)


def test_gumbel_softmax_and_its_gradient_are_exact(example):
    results = example("temperature_and_gumbel")["relaxed"](0.01)
    assert any(has_nan(values) for values in results["as written"])
    for value, true in zip(results["rw.stabilize"], results["exact"], strict=True):
        assert np.isfinite(value).all()
        np.testing.assert_allclose(value, true, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("numbers", ["one_peak", "crowded_peak"])
def test_online_softmax_is_two_passes(example, numbers):
    names = example("online_softmax")
    z = names[numbers]()
    assert z.size == 10**6
    assert 1e4 in z
    figures = names["compute"](z)
    assert figures["maximum, bits from two passes"] == 0
    assert figures["  the same as float32"] <= 1
    assert figures["  bits from two passes"] <= {"one_peak": 1, "crowded_peak": 8}[numbers]
    assert not np.isfinite(figures["log of the sum, as written"])
    expected = figures["log of the sum, recurrence"]
    assert figures["log of the sum, rw.optimize"] == pytest.approx(expected, rel=1e-15)
    assert figures["softmax, largest difference"] < 1e-15
    assert figures["softmax, its sum"] == pytest.approx(1, abs=1e-12)


def test_a_step_of_the_online_softmax_is_left_alone(example):
    import rewriter as rw

    step = example("online_softmax")["step"]()
    assert rw.optimize(step) is step


EXTREME = np.array([1, 2, 1000], "float32")


def test_softmax_with_and_without_stop_gradient(example):
    names = example("stop_gradient")
    values = names["values"](EXTREME)
    assert has_nan(values["as written"])
    for way in ("shifted", "shifted, stop_gradient", "jax.nn.softmax", "rw.stabilize"):
        np.testing.assert_array_equal(values[way], [0, 0, 1], err_msg=way)


@pytest.mark.parametrize("gradients", ["gradients", "gradients_of_two"])
def test_gradients_of_every_softmax_agree_where_none_overflows(example, gradients):
    x = np.random.default_rng(seed=1).standard_normal(100).astype("float32")
    results = example("stop_gradient")[gradients](x)
    p = softmax(x)
    if gradients == "gradients":
        expected = p - np.eye(100)[2]
    else:
        q = softmax(p)
        expected = (np.diag(p) - np.outer(p, p)) @ (q - np.eye(100)[2])
    assert len(results) == 6
    for way, value in results.items():
        np.testing.assert_allclose(value, expected, atol=1e-6, err_msg=way)


@pytest.mark.parametrize("gradients", ["gradients", "gradients_of_two"])
def test_gradients_of_the_naive_softmax_are_cured(example, gradients):
    results = example("stop_gradient")[gradients](EXTREME)
    assert has_nan(results["as written"])
    np.testing.assert_allclose(results["all rewritten"], [0, 0, 0], atol=1e-7)


def test_no_derivative_of_the_maximum(example):
    counts = example("stop_gradient")["equations"](EXTREME)
    assert counts["rw.stabilize"] <= counts["jax.nn.softmax"]
    assert counts["shifted, stop_gradient"] < counts["shifted"]


@pytest.mark.parametrize("x", [[1, 2, 3], [1, 2, 1000], [-1e18, 1e18, 0]])
def test_jacobian_by_the_users_own_rule(example, x):
    x = np.array(x, "float32")
    names = example("custom_derivative")
    before = len(names["CALLS"])
    results = names["jacobians"](x)
    a = softmax(x)
    for way in ("stabilize(jacrev(f))", "jacrev(stabilize(f))", "vmap of a vjp", "truth"):
        expected = np.diag(a) - np.outer(a, a)
        np.testing.assert_allclose(results[way], expected, atol=SINGLE, err_msg=way)
    assert has_nan(results["as written"]) == (np.max(x) > 88)
    assert len(names["CALLS"]) >= before + 4


def test_jax_speaks_for_itself_of_a_missing_tuple(example):
    import rewriter as rw

    said = example("custom_derivative")["error_without_the_tuple"]
    plain = said(lambda function: function)
    assert "must produce an output with the same container (pytree) structure" in plain
    assert said(rw.stabilize) == plain


@pytest.mark.parametrize("spelling", ["by rw.grad", "as printed"])
def test_gradient_of_a_sum_of_softmax_is_zero(example, spelling):
    results = example("gradient_of_a_sum")["compute"]()[spelling]
    assert has_nan(results["as written"])
    assert np.asarray(results["rewritten"]).tolist() == [0, 0, 0]
    assert np.asarray(results["exact"]).tolist() == [0, 0, 0]


def test_training_in_jax_survives(example):
    names = example("jax_training")
    train, ways = names["train"], names["WAYS"]
    losses, share = train(ways["as written"])
    assert np.isfinite(losses[0])
    assert np.isnan(losses[-1])
    assert share < 0.5
    for way in ("grad of stabilize", "stabilize of grad", "jax.nn.log_softmax"):
        losses, share = train(ways[way])
        assert np.isfinite(losses).all(), way
        assert share > 0.9, way


def test_custom_rule_saves_the_digits(example):
    names = example("custom_rule")
    results = names["compute"]()
    exact = 2 * np.sin(np.array([1e-6, 1e-4, 1e-3, 0.5], "float32").astype("float64") / 2) ** 2
    np.testing.assert_allclose(results["exact"], exact, rtol=1e-15)
    np.testing.assert_allclose(results["with the rule"], exact, rtol=SINGLE)
    assert results["as written"][0] == 0
    assert abs(results["as written"][2] / exact[2] - 1) > 1e-3


def test_custom_rule_with_a_mistake_is_refused(example):
    refusal = example("custom_rule")["refusal"]()
    assert refusal.startswith("UnboundVariableError")
    assert "y" in refusal.removeprefix("UnboundVariableError")


def test_kanren_relation_finds_an_identity_for_each_spelling(example):
    names = example("kanren_relation")
    found = {name: names["answers"](graph) for name, graph in names["graphs"]().items()}
    assert found["1 - cos(x)"] == found["-cos(x) + 1"]
    assert len(found["1 - cos(x)"]) == len(found["1 - cos(x)*cos(x)"]) == 1
    assert "sin" in found["1 - cos(x)"][0]
    assert found["sin(x) - sin(y)"] == []


def test_kanren_relation_saves_the_digits(example):
    results = example("kanren_relation")["compute"]()
    x, y = np.float64(np.float32(1e-4)), np.float64(np.float32(3e-4))
    expected = {
        "1 - cos(x)": 2 * np.sin(x / 2) ** 2,
        "-cos(x) + 1": 2 * np.sin(x / 2) ** 2,
        "1 - cos(x)*cos(x)": np.sin(x) ** 2,
        "cos(x) - cos(y)": 2 * np.sin((y + x) / 2) * np.sin((y - x) / 2),
        "sin(x) - sin(y)": np.sin(x) - np.sin(y),
    }
    assert results.keys() == expected.keys()
    for name, (written, rewritten, exact) in results.items():
        assert exact == pytest.approx(expected[name], rel=1e-10), name
        assert rewritten == pytest.approx(exact, rel=SINGLE), name
        if "cos" in name:
            assert abs(written / exact - 1) > 0.05, name


def test_a_declared_operator_cures_tails_that_overflow(example):
    from mpmath import mp

    ways = example("scaled_error_function")["compute"]()
    mp.dps = 60
    points = (-1.0, 0.5, 5.0, 30.0)
    truths = {
        "exp(x²)·erfc(x)": [mp.exp(x * x) * mp.erfc(x) for x in map(mp.mpf, points)],
        "log(erfc(x))": [mp.log(mp.erfc(x)) for x in map(mp.mpf, points)],
        "erfc(x)/erfc(x+1)": [mp.erfc(x) / mp.erfc(x + 1) for x in map(mp.mpf, points)],
    }
    for name, truth in truths.items():
        assert not np.isfinite(ways[name]["as written"]).all(), name
        for way in ("NumPy", "JAX", "exact"):
            np.testing.assert_allclose(ways[name][way], np.array(truth, "float64"), rtol=SINGLE)
    derivative = ways["its derivative"]
    assert has_nan(derivative["as written"])
    for way in ("NumPy", "JAX"):  # 2x·erfcx(x) is near 2/√π: the difference keeps their digits
        np.testing.assert_allclose(derivative[way], derivative["exact"], atol=4e-7)


def test_the_operator_and_its_rules_are_proved(example):
    import rewriter as rw

    names = example("scaled_error_function")
    for subject in (names["scaled_tail"], *names["TAILS"]):
        assert rw.check(subject).status == "proved", subject


def test_a_set_of_rules_for_qubits_keeps_the_digits_of_their_distances(example):
    from mpmath import mp

    import rewriter as rw

    names = example("qubit_fidelity")
    assert all(rw.check(rule).proved for rule in names["QUBITS"])
    ways = names["compute"]()
    mp.dps = 60
    a = np.array([0.1, 0.7, 0.7, 0.7], "float32")
    b = a + np.array([1.0, 1e-2, 1e-4, 1e-6], "float32")
    gaps = [mp.mpf(float(x)) - mp.mpf(float(y)) for x, y in zip(a, b, strict=True)]
    truths = {
        "infidelity": [mp.sin(gap) ** 2 for gap in gaps],
        "Bures distance": [2 * mp.sin(abs(gap) / 2) for gap in gaps],
        "log of the infidelity": [2 * mp.log(mp.sin(abs(gap))) for gap in gaps],
    }
    for name, truth in truths.items():
        true = np.array(truth, "float64")
        assert not np.allclose(ways[name]["as written"], true, rtol=1e-3, atol=0), name
        np.testing.assert_allclose(ways[name]["with the rules"], true, rtol=SINGLE)
