"""An operator of one's own: tail x = e^(x²)·erfc x, which NumPy does not have.

The tail of a normal distribution, times the exponential that undoes it: at x = 30 the one
overflows, the other underflows, and the product, 0.0188, is nan as it is written. The operator is
declared once, by what it is equal to; a better function for each backend, its derivative and the
fact that it is positive are said beside it. It then stands in rules, derivatives, compiled code and
graph text as ``exp`` does, and ``rw.check`` holds the operator to its definition and the rules to
their proof. (The engine has this one too, as ``rw.erfcx``: it shows what an own one can do.)
"""

import math

import numpy as np
import scipy.special

import rewriter as rw


def by_continued_fraction(x):
    """The tail in JAX: erfc's own continued fraction from 2 on (Abramowitz & Stegun 7.1.14)."""
    import jax.numpy as jnp
    from jax.scipy.special import erfc

    near, far = jnp.where(x < 2, x, 0), jnp.maximum(x, 2)
    fraction = far
    for k in range(50, 0, -1):
        fraction = far + k / 2 / fraction
    return jnp.where(x < 2, jnp.exp(near**2) * erfc(near), 1 / (math.sqrt(math.pi) * fraction))


@rw.operator(
    derivative=lambda x: 2 * x * scaled_tail(x) - 2 / math.sqrt(math.pi),
    numpy=scipy.special.erfcx,
    jax=by_continued_fraction,
    exact=lambda x: (x * x).exp() * x.erfc(),
    facts=lambda y: [y > 0],
)
def scaled_tail(x):
    """scaled_tail x = e^(x²)·erfc x."""
    return rw.exp(x * x) * rw.erfc(x)


@rw.rule
def product_of_the_two(x: rw.Real):
    """e^(x²)·erfc x = scaled_tail x."""
    return rw.rewrite(rw.exp(x * x) * rw.erfc(x), to=scaled_tail(x))


@rw.rule
def log_of_tail(x: rw.Real):
    """log erfc x = log scaled_tail x − x²."""
    return rw.rewrite(rw.log(rw.erfc(x)), to=rw.log(scaled_tail(x)) - x * x)


@rw.rule
def ratio_of_tails(x: rw.Real, y: rw.Real):
    """erfc x / erfc y = scaled_tail x / scaled_tail y · e^(y² − x²)."""
    return rw.rewrite(
        rw.erfc(x) / rw.erfc(y), to=scaled_tail(x) / scaled_tail(y) * rw.exp(y * y - x * x)
    )


TAILS = (product_of_the_two, log_of_tail, ratio_of_tails)


def graphs() -> dict[str, rw.Graph]:
    """Tails of the normal distribution, as people write them."""
    x = rw.input("x", ("n",))
    scaled = rw.exp(rw.square(x)) * rw.erfc(x)
    return {
        "exp(x²)·erfc(x)": rw.Graph([x], [scaled]),
        "its derivative": rw.Graph([x], rw.grad(rw.sum(scaled), [x])),
        "log(erfc(x))": rw.Graph([x], [rw.log(rw.erfc(x))]),
        "erfc(x)/erfc(x+1)": rw.Graph([x], [rw.erfc(x) / rw.erfc(x + 1)]),
    }


def compute() -> dict[str, dict[str, np.ndarray]]:
    """Each graph as written, rewritten on NumPy and JAX, and exact, at four points."""
    points = np.array([-1.0, 0.5, 5.0, 30.0], "float32")
    results = {}
    for name, graph in graphs().items():
        cured = rw.optimize(graph, rules=TAILS)
        results[name] = {
            "as written": rw.compile(graph)(points),
            "NumPy": rw.compile(cured)(points),
            "JAX": np.asarray(rw.compile(cured, backend="jax")(points)),
            "exact": rw.exact(graph, points),
        }
    return results


def main() -> None:
    for subject in (scaled_tail, *TAILS):
        verdict = rw.check(subject)
        print(f"{subject.statement:<66} {verdict.status}")
    for name, ways in compute().items():
        print(f"\n{name}: {rw.pprint(rw.optimize(graphs()[name], rules=TAILS))}")
        for way, values in ways.items():
            print(f"  {way:<12}" + "".join(f"{value:<14.7g}" for value in values).rstrip())


if __name__ == "__main__":
    main()
