"""Without JAX and python-flint the package works, and says what the rest needs."""

import subprocess
import sys

WITHOUT = """
import sys
sys.modules["flint"] = sys.modules["jax"] = None
import numpy as np
import rewriter as rw
from rewriter.errors import BackendError

x = rw.input("x", (3,), "float64")
graph = rw.Graph([x], [rw.exp(x) / rw.sum(rw.exp(x))])
stable = rw.optimize(graph)
assert (rw.compile(stable)(np.array([1.0, 2.0, 1000.0])) == [0, 0, 1]).all()
for use in sys.argv[1:]:
    try:
        eval(use)
    except BackendError as error:
        print(error)
    else:
        print("nothing is missing")
"""

USES = {
    "rw.check()": "python-flint",
    "rw.equivalent(graph, stable)": "python-flint",
    "rw.optimize(graph, check=True)": "python-flint",
    "rw.compile(graph, backend='exact')": "python-flint",
    "rw.compile(graph, backend='jax')": "jax",
    "rw.stabilize(np.exp)": "jax",
    "rw.from_jax(np.exp, 1.0)": "jax",
    "rw.to_jax(graph)": "jax",
}


def test_what_is_missing_is_named():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *USES], capture_output=True, text=True, check=True
    )
    for (use, package), said in zip(USES.items(), done.stdout.splitlines(), strict=True):
        assert f"needs {package}: pip install {package}" in said, use
