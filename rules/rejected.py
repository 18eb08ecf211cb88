"""Plausible laws that are false, each with the numbers at which it fails.

They stay so that nobody writes them again; the checker must refute each, and does so with numbers
that it finds itself. Some are false over the reals, some only where a side is not defined, some
only over floats: those lose digits that the other side keeps.
"""

import rewriter as rw
from rewriter.checking.rejection import Rejected, rejected
from rules.rejected_tensors import REJECTED_TENSORS

# Branches: the law holds on one side of zero --------------------------------------------------


@rejected(x=-1.0)
def root_of_square(x: rw.Real) -> rw.Rewrite:
    """√(x²) = x: the root is never negative."""
    return rw.rewrite(rw.sqrt(x * x), to=x)


@rejected(x=-1.0, y=-1.0)
def root_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """√(x·y) = √x·√y: two negative numbers have a positive product and no roots."""
    return rw.rewrite(rw.sqrt(x * y), to=rw.sqrt(x) * rw.sqrt(y))


@rejected(x=-1.0, y=-1.0)
def log_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x·y) = log x + log y: two negative numbers again."""
    return rw.rewrite(rw.log(x * y), to=rw.log(x) + rw.log(y))


@rejected(x=-1.0, y=-1.0)
def log_of_quotient(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x/y) = log x − log y."""
    return rw.rewrite(rw.log(x / y), to=rw.log(x) - rw.log(y))


@rejected(x=-1.0)
def log_of_square(x: rw.Real) -> rw.Rewrite:
    """log(x²) = 2·log x: it is 2·log|x|."""
    return rw.rewrite(rw.log(x * x), to=2 * rw.log(x))


@rejected(x=-1.0, y=2.0)
def log_of_power(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x^y) = y·log x: an even power of a negative number is positive."""
    return rw.rewrite(rw.log(x**y), to=y * rw.log(x))


@rejected(x=-1.0, p=2.0, q=0.5)
def power_of_power(x: rw.Real, p: rw.Real, q: rw.Real) -> rw.Rewrite:
    """(x^p)^q = x^(p·q): √(x²) once more."""
    return rw.rewrite((x**p) ** q, to=x ** (p * q))


@rejected(x=-1.0)
def size_is_the_number(x: rw.Real) -> rw.Rewrite:
    """|x| = x."""
    return rw.rewrite(rw.absolute(x), to=x)


@rejected(x=3.0)
def arc_tangent_of_tangent(x: rw.Real) -> rw.Rewrite:
    """arctan(tan x) = x: only between −π/2 and π/2."""
    return rw.rewrite(rw.arctan(rw.tan(x)), to=x)


@rejected(c=-1.0, x=[0.0, 1.0])
def maximum_of_scaled(c: rw.Real, x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """max_i c·x[i] = c·max_i x[i]: a negative c makes it the minimum."""
    return rw.rewrite(rw.max(c * x[i], over=i), to=c * rw.max(x[i], over=i))


# Definedness: a side answers where the other has no value -------------------------------------


@rejected(x=-1.0)
def exponential_of_logarithm(x: rw.Real) -> rw.Rewrite:
    """e^(log x) = x: a negative number has no logarithm."""
    return rw.rewrite(rw.exp(rw.log(x)), to=x)


@rejected(x=-1.0)
def square_of_root(x: rw.Real) -> rw.Rewrite:
    """(√x)² = x: nor a root."""
    return rw.rewrite(rw.square(rw.sqrt(x)), to=x)


@rejected(x=-1.0, y=-1.0)
def sum_of_logs(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log x + log y = log(x·y): where neither logarithm exists, the right side answers."""
    return rw.rewrite(rw.log(x) + rw.log(y), to=rw.log(x * y))


@rejected(x=0.0)
def quotient_by_itself(x: rw.Real) -> rw.Rewrite:
    """x/x = 1: not at 0."""
    return rw.rewrite(x / x, to=1.0)


@rejected(x=1.0, y=0.0)
def quotient_times_divisor(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """(x/y)·y = x: not at y = 0."""
    return rw.rewrite((x / y) * y, to=x)


@rejected(x=1.0, y=1.0)
def difference_of_squares_by_difference(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """(x² − y²)/(x − y) = x + y: not where x = y."""
    return rw.rewrite((x * x - y * y) / (x - y), to=x + y)


@rejected(x=1.0)
def quotient_by_a_logarithm(x: rw.Real) -> rw.Rewrite:
    """x·log x / log x = x: not at 1, where log x is 0."""
    return rw.rewrite(x * rw.log(x) / rw.log(x), to=x)


@rejected(x=0.0, p=1.0, q=-1.0)
def product_of_powers(x: rw.Real, p: rw.Real, q: rw.Real) -> rw.Rewrite:
    """x^p·x^q = x^(p+q): 0¹·0⁻¹ is no number."""
    return rw.rewrite(x**p * x**q, to=x ** (p + q))


@rejected(x=[])
def softmax_sums_to_one(x: rw.Function, i: rw.Index, j: rw.Index) -> rw.Rewrite:
    """Σ_i e^x[i] / Σ_j e^x[j] = 1: a sum over no places is 0."""
    total = rw.sum(rw.exp(x[j]), over=j)
    return rw.rewrite(rw.sum(rw.exp(x[i]) / total, over=i), to=rw.sum(x[i] - x[i], over=i) + 1.0)


@rejected(x=[0.0, 0.0])
def norm_by_its_largest(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """√Σ x[i]² = m·√Σ (x[i]/m)², m = max|x[i]|: not where all are 0."""
    m = rw.max(rw.absolute(x[i]), over=i)
    return rw.rewrite(
        rw.sqrt(rw.sum(x[i] * x[i], over=i)), to=m * rw.sqrt(rw.sum(rw.square(x[i] / m), over=i))
    )


# Homomorphisms that are none ------------------------------------------------------------------


@rejected(x=1.0, y=1.0)
def root_of_sum_of_squares(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """√(x² + y²) = x + y."""
    return rw.rewrite(rw.sqrt(x * x + y * y), to=x + y, when=[x > 0, y > 0])


@rejected(x=1.0, y=-1.0)
def size_of_sum(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """|x + y| = |x| + |y|: the triangle inequality is none."""
    return rw.rewrite(rw.absolute(x + y), to=rw.absolute(x) + rw.absolute(y))


@rejected(x=1.0, y=1.0)
def reciprocal_of_sum(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """1/(x + y) = 1/x + 1/y."""
    return rw.rewrite(1 / (x + y), to=1 / x + 1 / y)


@rejected(x=1.0, y=1.0)
def log_of_sum(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x + y) = log x + log y, even for x, y > 0."""
    return rw.rewrite(rw.log(x + y), to=rw.log(x) + rw.log(y), when=[x > 0, y > 0])


@rejected(x=1.0, y=2.0)
def exponential_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """e^(x·y) = e^x·e^y."""
    return rw.rewrite(rw.exp(x * y), to=rw.exp(x) * rw.exp(y))


@rejected(x=0.0, y=0.0)
def exponential_of_sum(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """e^(x+y) = e^x + e^y."""
    return rw.rewrite(rw.exp(x + y), to=rw.exp(x) + rw.exp(y))


@rejected(x=0.0, y=0.0)
def log_of_two_exponentials(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(e^x + e^y) = x + y."""
    return rw.rewrite(rw.log(rw.exp(x) + rw.exp(y)), to=x + y)


@rejected(x=1.0, y=1.0, z=2.0)
def divisions_in_a_row(x: rw.Real, y: rw.Real, z: rw.Real) -> rw.Rewrite:
    """x/(y/z) = (x/y)/z."""
    return rw.rewrite(x / (y / z), to=x / y / z)


@rejected(x=1.0)
def hyperbolic_tangent(x: rw.Real) -> rw.Rewrite:
    """tanh x = 2·sigmoid(x) − 1: it is 2·sigmoid(2x) − 1."""
    return rw.rewrite(rw.tanh(x), to=2 * rw.logistic(x) - 1)


@rejected(x=1.0)
def complement_of_sigmoid(x: rw.Real) -> rw.Rewrite:
    """1 − sigmoid(x) = sigmoid(x): the sign of x is lost."""
    return rw.rewrite(1 - rw.logistic(x), to=rw.logistic(x))


@rejected(x=1.0)
def sine_of_double(x: rw.Real) -> rw.Rewrite:
    """sin 2x = 2·sin x."""
    return rw.rewrite(rw.sin(2 * x), to=2 * rw.sin(x))


# Sums and maxima ------------------------------------------------------------------------------


@rejected(x=[0.0, 0.0], c=1.0)
def sum_of_shifted(x: rw.Function, c: rw.Real, i: rw.Index) -> rw.Rewrite:
    """Σ_i (x[i] + c) = Σ_i x[i] + c: c is added once for each place."""
    return rw.rewrite(rw.sum(x[i] + c, over=i), to=rw.sum(x[i], over=i) + c)


@rejected(f=[1.0, 0.0], g=[0.0, 1.0])
def sum_of_products(f: rw.Function, g: rw.Function, i: rw.Index) -> rw.Rewrite:
    """Σ_i f[i]·g[i] = Σ_i f[i] · Σ_i g[i]."""
    return rw.rewrite(rw.sum(f[i] * g[i], over=i), to=rw.sum(f[i], over=i) * rw.sum(g[i], over=i))


@rejected(x=[1.0, 1.0])
def square_of_sum(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """(Σ_i x[i])² = Σ_i x[i]²."""
    return rw.rewrite(rw.square(rw.sum(x[i], over=i)), to=rw.sum(x[i] * x[i], over=i))


@rejected(a=[1.0, 1.0], b=[1.0, 1.0])
def sum_of_quotients(a: rw.Function, b: rw.Function, i: rw.Index) -> rw.Rewrite:
    """Σ_i a[i]/b[i] = Σ_i a[i] / Σ_i b[i]."""
    return rw.rewrite(rw.sum(a[i] / b[i], over=i), to=rw.sum(a[i], over=i) / rw.sum(b[i], over=i))


@rejected(x=[0.0, 0.0])
def sum_of_exponentials(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """Σ_i e^x[i] = e^(Σ_i x[i])."""
    return rw.rewrite(rw.sum(rw.exp(x[i]), over=i), to=rw.exp(rw.sum(x[i], over=i)))


@rejected(x=[1.0, 1.0])
def log_of_bound_sum(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """log Σ_i x[i] = Σ_i log x[i]."""
    return rw.rewrite(
        rw.log(rw.sum(x[i], over=i)), to=rw.sum(rw.log(x[i]), over=i), when=[x[i] > 0]
    )


@rejected(f=[[0.0, 1.0], [0.0, 0.0]])
def trace_for_a_sum(f: rw.Function, i: rw.Index, j: rw.Index) -> rw.Rewrite:
    """Σ_i Σ_j f[i,j] = Σ_i f[i,i]: two indices are not one."""
    return rw.rewrite(rw.sum(rw.sum(f[i, j], over=j), over=i), to=rw.sum(f[i, i], over=i))


@rejected(f=[[0.0, 1.0], [0.0, 0.0]])
def swapped_indices(f: rw.Function, i: rw.Index, j: rw.Index) -> rw.Rewrite:
    """Σ_j f[i,j] = Σ_j f[j,i]: rows are not columns."""
    return rw.rewrite(rw.sum(f[i, j], over=j), to=rw.sum(f[j, i], over=j))


@rejected(x=[1.0, 0.0], y=[0.0, 1.0])
def maximum_of_sum(x: rw.Function, y: rw.Function, i: rw.Index) -> rw.Rewrite:
    """max_i (x[i] + y[i]) = max_i x[i] + max_i y[i]: the places differ."""
    return rw.rewrite(rw.max(x[i] + y[i], over=i), to=rw.max(x[i], over=i) + rw.max(y[i], over=i))


@rejected(x=[-1.0, 0.0])
def maximum_of_sizes(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """max_i |x[i]| = |max_i x[i]|."""
    return rw.rewrite(rw.max(rw.absolute(x[i]), over=i), to=rw.absolute(rw.max(x[i], over=i)))


@rejected(x=[0.0, 1.0])
def maximum_of_opposites(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """max_i −x[i] = −max_i x[i]: it is −min."""
    return rw.rewrite(rw.max(-x[i], over=i), to=-rw.max(x[i], over=i))


@rejected(x=[0.0, 0.0])
def maximum_for_a_log_of_sum(x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """log Σ_i e^x[i] = max_i x[i]: only nearly, and only where one is far larger."""
    return rw.rewrite(rw.log(rw.sum(rw.exp(x[i]), over=i)), to=rw.max(x[i], over=i))


# Over floats only: digits are lost ------------------------------------------------------------


@rejected(w=[0.0, 1.0], x=[700.0, -100.0])
def shift_by_a_masked_maximum(w: rw.Function, x: rw.Function, i: rw.Index) -> rw.Rewrite:
    """Σ w[i]·e^x[i] = e^m·Σ w[i]·e^(x[i]−m), m over masked places too: all terms underflow."""
    m = rw.max(x[i], over=i)
    shifted = rw.evaluated(rw.sum(w[i] * rw.exp(x[i] - m), over=i))
    return rw.rewrite(rw.sum(w[i] * rw.exp(x[i]), over=i), to=rw.exp(m) * shifted)


@rejected(x=1e-10)
def log_of_one_plus(x: rw.Real) -> rw.Rewrite:
    """log1p(x) = log(1 + x): 1 + x drops the digits of a small x."""
    return rw.rewrite(rw.log1p(x), to=rw.log(1 + x))


@rejected(x=1e-10)
def exponential_less_one(x: rw.Real) -> rw.Rewrite:
    """expm1(x) = e^x − 1: cancels."""
    return rw.rewrite(rw.expm1(x), to=rw.exp(x) - 1)


@rejected(x=800.0, y=0.0)
def logaddexp_as_defined(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """logaddexp(x, y) = log(e^x + e^y): overflows."""
    return rw.rewrite(rw.logaddexp(x, y), to=rw.log(rw.exp(x) + rw.exp(y)))


@rejected(x=800.0)
def sigmoid_as_defined(x: rw.Real) -> rw.Rewrite:
    """sigmoid(x) = e^x/(1 + e^x): inf/inf."""
    return rw.rewrite(rw.logistic(x), to=rw.exp(x) / (1 + rw.exp(x)))


@rejected(x=800.0)
def hyperbolic_tangent_as_defined(x: rw.Real) -> rw.Rewrite:
    """tanh x = (e^2x − 1)/(e^2x + 1): inf/inf."""
    return rw.rewrite(rw.tanh(x), to=(rw.exp(2 * x) - 1) / (rw.exp(2 * x) + 1))


REJECTED = (
    *(value for value in globals().values() if isinstance(value, Rejected)),
    *REJECTED_TENSORS,
)
"""All of them, in the order in which they are written, those of tensors last."""
