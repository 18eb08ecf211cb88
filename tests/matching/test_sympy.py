"""SymPy expressions as patterns and subjects."""

import subprocess
import sys

import pytest
import sympy
from kanren import eq, run, var

from rewriter.matching import eq_ac, match, rest, unify, variables

a, b, c = sympy.symbols("a b c")
x, y = variables("x y")
r = rest("r")


def test_sums_and_products_are_matched_modulo_their_laws():
    pattern = sympy.Add(sympy.sin(x) ** 2, sympy.cos(x) ** 2, r)
    subject = b + sympy.cos(a * c) ** 2 + sympy.sin(a * c) ** 2
    assert list(match(pattern, subject)) == [{x: a * c, r: b}]
    (found,) = match(pattern, subject.subs(c, 1) + c)
    assert found == {x: a, r: b + c}
    assert list(match(pattern, sympy.sin(a) ** 2 + sympy.cos(b) ** 2)) == []


def test_each_answer_once_and_its_instance_is_the_subject():
    pattern = sympy.Add(sympy.Mul(x, y), r)
    subject = a * b + c
    found = list(match(pattern, subject))
    assert [(each[x], each[y], each[r]) for each in found] == [(a, b, c), (b, a, c)]
    assert [each(pattern) for each in found] == [subject] * 2
    assert list(match(sympy.Mul(x, r), sympy.Integer(1))) == []
    assert list(match(sympy.Mul(2, r), sympy.Integer(2))) == [{r: 1}]


def test_functions_without_a_definition_are_free_operators():
    f, g = sympy.Function("f"), sympy.Function("g")
    assert list(match(f(x, y + c), f(a * b, c + a))) == [{x: a * b, y: a}]
    assert list(match(f(x), g(a))) == []
    assert list(match(f(x) + r, f(a) + g(a))) == [{x: a, r: g(a)}]


def test_goals_take_sympy_expressions():
    assert run(0, x, eq(sympy.sin(x), sympy.sin(a))) == (a,)
    assert run(0, x, eq_ac(sympy.exp(x) + a, a + sympy.exp(b * c))) == (b * c,)
    (found,) = unify(sympy.sin(x) + a, sympy.sin(b) + a)
    assert found == {x: b}


def test_plain_logic_variables_may_stand_in_expressions():
    unknown = var()
    assert run(0, unknown, eq_ac(sympy.Add(unknown, a), b + a)) == (b,)
    assert run(0, unknown, eq_ac(sympy.sin(unknown) ** 2, sympy.sin(a * b) ** 2)) == (a * b,)


def test_products_that_do_not_commute_keep_their_order():
    p, q = sympy.symbols("p q", commutative=False)
    pattern = sympy.Mul(p, q)
    assert list(match(pattern, p * q)) == [{}]
    assert list(match(pattern, q * p)) == []


def test_logic_has_its_laws():
    assert list(match(sympy.And(x, a), a & b)) == [{x: b}]
    assert list(match(sympy.And(x, sympy.Not(x)), sympy.Or(a, b))) == []
    assert list(match(sympy.And(x, y), sympy.Or(a, b))) == [{x: a | b, y: a | b}]  # s = s & s
    pattern, subject = sympy.Or(sympy.Not(x), sympy.And(x, r)), ~a | (a & b & c)
    assert [found[x] for found in match(pattern, subject)] == [a, a]
    assert {found[r] for found in match(pattern, subject)} == {b & c, a & b & c}


def test_extremes_are_idempotent():
    assert {found[r] for found in match(sympy.Max(a, r), sympy.Max(a, b, c))} == {
        sympy.Max(b, c),
        sympy.Max(a, b, c),
    }


def test_sympy_is_loaded_when_an_expression_is_met_and_not_before():
    program = "import sys, rewriter.matching; assert 'sympy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_variables_have_its_arithmetic():
    for pattern, subject, found in (
        (x**2 + r, a**2 + b, {x: a, r: b}),
        (2 * x, 2 * a, {x: a}),
        (1 - x, 1 - sympy.sin(a), {x: sympy.sin(a)}),
        (x / y, a / b, {x: a, y: b}),
        (-x, -a, {x: a}),
        (sympy.log(2 ** (x * a)), sympy.log(2 ** (a * b)), {x: b}),
    ):
        assert found in list(match(pattern, subject)), pattern


def test_variables_have_no_arithmetic_with_what_is_no_number():
    for other in ("text", [a]):
        with pytest.raises(TypeError):
            x + other
