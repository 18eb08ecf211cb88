"""The online softmax: maximum and normaliser block by block, against two passes and the engine.

For blocks z¹, z², … of one long vector

    mᵢ = max(mᵢ₋₁, max zⁱ)        ℓᵢ = exp(mᵢ₋₁ - mᵢ) · ℓᵢ₋₁ + Σ exp(zⁱ - mᵢ)

ends in the maximum m and the normaliser ℓ = Σ exp(z - m) of the whole, and softmax is
``exp(z - m) / ℓ``; Milakov & Gimelshein 2018, "Online normalizer calculation for softmax". One step
is written here as a graph, which the engine leaves as it is: nothing in it can overflow.
"""

import numpy as np

import rewriter as rw

COUNT, BLOCK = 10**6, 1000


def step() -> rw.Graph:
    """Old maximum, old normaliser and a block to the new maximum and the new normaliser."""
    maximum = rw.input("maximum", (), "float64")
    normaliser = rw.input("normaliser", (), "float64")
    block = rw.input("block", ("n",), "float64")
    new = rw.maximum(maximum, rw.max(block))
    carried = rw.exp(maximum - new) * normaliser
    return rw.Graph([maximum, normaliser, block], [new, carried + rw.sum(rw.exp(block - new))])


def naive() -> rw.Graph:
    """z to log Σ exp(z) and softmax(z), as the mathematics has them."""
    z = rw.input("z", ("n",), "float64")
    exponentials = rw.exp(z)
    return rw.Graph([z], [rw.log(rw.sum(exponentials)), exponentials / rw.sum(exponentials)])


def one_peak() -> np.ndarray:
    """A million random numbers, 1e4 among them: all else is negligible beside it."""
    z = np.random.default_rng(seed=11).standard_normal(COUNT)
    z[COUNT // 3] = 1e4
    return z


def crowded_peak() -> np.ndarray:
    """A million random numbers, 1e4 among them with a thousand more around it, met in turn."""
    random = np.random.default_rng(seed=11)
    z = random.standard_normal(COUNT)
    near = random.choice(COUNT, size=1000, replace=False)
    z[near] += 1e4
    z[near[0]] = 1e4
    return z


def online(z: np.ndarray) -> tuple[float, float]:
    """Maximum and normaliser by the recurrence."""
    advance = rw.compile(rw.optimize(step()), backend="numpy")
    block = z[:BLOCK]
    maximum = np.max(block)
    normaliser = np.sum(np.exp(block - maximum))
    for begin in range(BLOCK, len(z), BLOCK):
        maximum, normaliser = advance(maximum, normaliser, z[begin : begin + BLOCK])
    return float(maximum), float(normaliser)


def two_passes(z: np.ndarray) -> tuple[float, float]:
    """Maximum and normaliser by looking at everything twice."""
    maximum = np.max(z)
    return float(maximum), float(np.sum(np.exp(z - maximum)))


def bits_apart(left: float, right: float, dtype: str) -> int:
    """How many numbers of the dtype lie from one positive number to another."""
    whole = np.dtype(dtype).str.replace("f", "i")
    return abs(int(np.array(left, dtype).view(whole)) - int(np.array(right, dtype).view(whole)))


def compute(z: np.ndarray) -> dict[str, float]:
    """Every figure that is printed."""
    maximum, normaliser = online(z)
    whole_maximum, whole_normaliser = two_passes(z)
    written, _ = rw.compile(naive(), backend="numpy")(z)
    logarithm, probabilities = rw.compile(rw.optimize(naive()), backend="numpy")(z)
    recurrence = np.exp(z - maximum) / normaliser
    return {
        "maximum": maximum,
        "maximum, bits from two passes": bits_apart(maximum, whole_maximum, "float64"),
        "normaliser": normaliser,
        "  bits from two passes": bits_apart(normaliser, whole_normaliser, "float64"),
        "  the same as float32": bits_apart(normaliser, whole_normaliser, "float32"),
        "log of the sum, as written": float(written),
        "log of the sum, recurrence": maximum + float(np.log(normaliser)),
        "log of the sum, rw.optimize": float(logarithm),
        "softmax, largest difference": float(np.max(np.abs(recurrence - probabilities))),
        "softmax, its sum": float(np.sum(probabilities)),
    }


def main() -> None:
    same = rw.optimize(step()) is step()
    print(f"One step of the recurrence has nothing to cure: {same}")
    for numbers in (one_peak, crowded_peak):
        print(f"\n{numbers.__doc__}")
        for name, value in compute(numbers()).items():
            print(f"  {name:<34}{value!r}")


if __name__ == "__main__":
    main()
