"""A class of terms of one's own: products kept as exponents, exp(a)·exp(b) as exp(a + b)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pytest
from etuples import apply, etuple, rands, rator
from kanren import eq, run
from theories import a, b, c, plus
from unification import unifiable

from rewriter.matching import (
    Function,
    Index,
    IndexVariable,
    Operator,
    PatternSet,
    constants,
    eq_ac,
    flatten,
    free_indices,
    join,
    match,
    operands_of,
    operator_of,
    replace_indices,
    residual,
    rest,
    substitute,
    unify,
    variables,
    variables_of,
)

(one,) = constants("one")


@dataclass(frozen=True)
class Power:
    """e to an exponent, which is a term."""

    exponent: object

    def __repr__(self):
        return f"exp({self.exponent})"


@dataclass(frozen=True)
class Product:
    """Factors, at most one of them a power."""

    factors: tuple


def product_of(operands):
    factors, exponents = [], []
    for operand in operands:
        for factor in operand.factors if isinstance(operand, Product) else (operand,):
            if isinstance(factor, Power):
                exponents.append(factor.exponent)
            elif factor is not one:
                factors.append(factor)
    exponent = plus(*exponents)
    powers = () if exponent is plus.unit else (Power(exponent),)
    parts = (*sorted(factors, key=repr), *powers)
    return Product(parts) if len(parts) > 1 else (*parts, one)[0]


TIMES = Operator("TIMES", associative=True, commutative=True, unit=one, constructor=product_of)
EXP = Operator("EXP", constructor=lambda operands: Power(*operands))
TOTAL = Operator("TOTAL", binder=True)
table = Operator("table")


@operator_of.register(Product)
def _(term):
    return TIMES


@operands_of.register(Product)
def _(term):
    return term.factors


@operator_of.register(Power)
def _(term):
    return EXP


@operands_of.register(Power)
def _(term):
    return (term.exponent,)


@residual.register(Power)
def _(operator, subject_operand, part):
    if operator is not TIMES or not isinstance(part, Power):
        return None
    left = list(flatten(plus, subject_operand.exponent))
    for each in flatten(plus, part.exponent):
        if each not in left:
            return None
        left.remove(each)
    return Power(plus(*left)) if left else one


join(Product)
join(Power)
x, y = variables("x y")
r = rest("r")


def test_what_is_not_registered_follows_from_operands():
    term = TIMES(EXP(x), table(Index("i"), y))
    assert variables_of(term) == {x, y}
    assert {str(index) for index in free_indices(term)} == {"i"}
    assert substitute(term, {x: a, y: b}) == TIMES(EXP(a), table(next(iter(free_indices(term))), b))


def test_indices_are_replaced_in_operands():
    i, j = Index("i"), Index("j")
    assert replace_indices(TIMES(EXP(a), table(i)), {i: j}) == TIMES(EXP(a), table(j))


def test_a_power_is_split_off_a_larger_one():
    assert list(match(TIMES(EXP(a), r), TIMES(EXP(plus(a, b)), c))) == [{r: TIMES(EXP(b), c)}]
    assert list(match(TIMES(EXP(a), EXP(b), r), TIMES(EXP(plus(a, b)), c))) == [{r: c}]
    assert list(match(TIMES(EXP(a), r), TIMES(EXP(b), c))) == []


def test_nothing_is_left_over_where_operands_can_be_split():
    subject = TIMES(EXP(plus(a, b)), c, b)
    assert list(match(TIMES(x, y), subject)) == []
    assert len(list(match(TIMES(x, y), TIMES(EXP(plus(a, b)), c)))) == 2
    assert list(match(TIMES(x, EXP(a)), subject)) == []
    assert list(match(TIMES(x, b, EXP(a), y), subject)) == [
        {x: c, y: EXP(b)},
        {x: EXP(b), y: c},
    ]


def test_two_ways_to_split_that_come_to_the_same_are_one_answer():
    subject = TIMES(EXP(plus(a, a, b)), c)
    assert list(match(TIMES(EXP(a), EXP(a), r), subject)) == [{r: TIMES(EXP(b), c)}]


def test_a_known_function_is_split_off_at_an_index_to_be_found():
    e, i = Function("e"), IndexVariable("i")
    j, k, here = map(Index, ("j", "k", "here"))
    inverse = Operator("inverse")
    pattern = TIMES(e[i], inverse(TOTAL(j, e[j])), r)
    subject = TIMES(EXP(plus(table(here), c)), inverse(TOTAL(k, EXP(table(k)))))
    (found,) = match(pattern, subject)
    assert found[i] is here
    assert found[r] == EXP(c)
    assert found(pattern) == subject


def test_terms_take_part_in_kanrens_own_goals():
    assert run(0, x, eq(EXP(x), EXP(a))) == (a,)
    assert run(0, x, eq(TIMES(x, EXP(a)), TIMES(b, EXP(a)))) == (b,)


class Call:
    """A term known to etuples only, as Aesara's and PyTensor's are."""

    def __init__(self, head, *arguments):
        self.head, self.arguments = head, arguments

    def __eq__(self, other):
        return isinstance(other, Call) and vars(self) == vars(other)

    def __hash__(self):
        return hash((self.head, self.arguments))


rator.register(Call)(lambda call: call.head)
rands.register(Call)(lambda call: etuple(*call.arguments))
apply.register(type(abs), tuple)(lambda head, arguments: Call(head, *arguments))


def test_a_class_that_etuples_can_take_apart_is_matched():
    assert list(match(Call(max, x, Call(abs, x)), Call(max, a, Call(abs, a)))) == [{x: a}]
    assert list(match(Call(max, x, Call(abs, x)), Call(max, a, Call(abs, b)))) == []
    assert list(match(plus(Call(abs, x), r), plus(Call(abs, a), b))) == [{x: a, r: b}]
    assert substitute(Call(abs, x), {x: a}) == Call(abs, a)


@unifiable
class Account:
    """A class that joins logical-unification and nothing else."""

    def __init__(self, owner, sums):
        self.owner, self.sums = owner, sums

    def __eq__(self, other):
        return isinstance(other, Account) and vars(self) == vars(other)

    def __hash__(self):
        return hash((self.owner, self.sums))


def test_a_class_for_which_unify_and_reify_are_registered_is_matched():
    account = Account(b, plus(a, c))
    found = list(match(Account(x, plus(y, c)), account))
    assert found == [{x: b, y: a}]
    assert found[0](Account(x, plus(y, c))) == account
    assert list(match(Account(x, plus(x, c)), account)) == []
    assert list(match(plus(Account(b, plus(y, r)), y), plus(a, account))) == [{y: a, r: c}]
    assert list(match(Account(b, plus(y, r)), Account(b, a))) == [{y: a, r: plus.unit}]
    patterns = PatternSet([(Account(x, plus(y, r)), "account"), (plus(x, y), "sum"), ([x], "list")])
    assert [name for name, _ in patterns.matches(account)] == ["account"] * 2


def test_lists_and_dictionaries_are_taken_apart():
    assert list(match([x, plus(y, b)], [[plus(a, c)], plus(b, a)])) == [{x: [plus(a, c)], y: a}]
    assert list(match([x], [a, b])) == list(match([x], plus(a, b))) == []
    assert run(0, (x, y), eq_ac({"sum": plus(x, y)}, {"sum": plus(a, b)})) == ((a, b), (b, a))
    assert run(0, y, eq(x, [a]), eq_ac([x, plus(y, a)], [[a], plus(b, a)])) == (b,)
    (found,) = unify([plus(x, a), [y]], [plus(b, y), [r]])
    assert found([plus(x, a), [y]]) == found([plus(b, y), [r]])


class Opaque(Mapping):
    """A mapping that is no term; it is a leaf like any other."""

    __getitem__ = __iter__ = __len__ = partial(pytest.fail, "a leaf is not looked into")

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return self is other

    def __repr__(self):
        return "opaque"


def test_any_hashable_object_is_a_leaf():
    leaf = Opaque()
    assert list(match(TIMES(EXP(x), r), TIMES(EXP(leaf), a))) == [{x: leaf, r: a}]
