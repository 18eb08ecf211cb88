"""``python -m rewriter demo``: a training that dies of nan as written, and lives when rewritten.

A softmax classifier of handwritten digits, its loss written as the mathematics has it, is trained
in JAX and on NumPy, in float32 and in float16: as written, and rewritten by this package; beside
them the same training with the loss that optax offers. A table and a picture show what came of it;
then follow smaller expressions, each with what it gives as written and rewritten.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.command.display import open_display
from rewriter.errors import BackendError

if TYPE_CHECKING:
    from rewriter.command.display import Display
    from rewriter.command.subcommand import Subcommands
    from rewriter.command.training import History, Recipe

__all__ = ["add", "execute"]

NEEDED = {
    "flint": "python-flint",
    "jax": "jax",
    "matplotlib": "matplotlib",
    "optax": "optax",
    "sklearn": "scikit-learn",
}
"""The modules that the demo imports, and the packages that hold them."""

PICTURE = "training.png"


def add(subcommands: Subcommands) -> None:
    """Declare ``demo`` and its arguments."""
    parser = subcommands.add_parser("demo", help="train on handwritten digits, naive and cured")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("demo-output"),
        help="the directory that the picture goes to (made where it is missing; %(default)s)",
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Run the demo and write its picture into ``arguments.output``.

    Returns:
        0 where every rewritten program came out right, 1 otherwise.

    Raises:
        BackendError: a package that the demo needs is not installed.
    """
    missing = [name for module, name in NEEDED.items() if not importlib.util.find_spec(module)]
    if missing:
        reason = "the demo needs packages that are not installed; 'pip install rewriter[all]'"
        raise BackendError(reason, culprit=", ".join(missing))
    begin = time.perf_counter()
    display = open_display()
    trained = train_all(display, arguments.output)
    cured = show_forms(display)
    display.note(f"Done in {time.perf_counter() - begin:.0f} seconds.")
    return 0 if trained and cured else 1


def train_all(display: Display, output: Path) -> bool:
    """Train in every way, show and draw what came of it; tell whether all cures worked."""
    display.heading("A softmax classifier on handwritten digits")
    display.note(
        "The loss as written: exp(logits) over their sum, the log of it, times the one-hot\n"
        "targets, summed, its mean negated. Pixels are not normalised. Gradients by jax.grad in\n"
        "JAX, by rw.grad on NumPy; nothing but the loss differs from line to line."
    )
    histories = run_all(display)
    rows = [(*describe(*key), *outcome(history)) for key, history in histories.items()]
    columns = ("dtype", "step size", "backend", "loss", "nan from step", "final loss", "accuracy")
    display.table("Test accuracy, and the step at which the loss goes nan", columns, rows)
    from rewriter.command.plot import draw

    output.mkdir(parents=True, exist_ok=True)
    draw(histories, output / PICTURE)
    display.note(f"Loss and accuracy, step by step: {output / PICTURE}")
    return all(as_good(*key, histories) for key in histories if key[2].startswith("rw."))


def run_all(display: Display) -> dict[tuple[Recipe, str, str], History]:
    """Train once for every recipe, backend and way, with progress shown."""
    from rewriter.command import training_in_jax, training_on_numpy
    from rewriter.command.digits import load_digits
    from rewriter.command.training import RECIPES, train

    runs = {
        f"{recipe.dtype} {backend} {name}": (recipe, backend, name, make)
        for recipe in RECIPES
        for backend, ways in (("JAX", training_in_jax.WAYS), ("NumPy", training_on_numpy.WAYS))
        for name, make in ways.items()
    }
    digits = {recipe.dtype: load_digits(recipe.dtype) for recipe in RECIPES}
    histories = {}
    for label in display.track(list(runs), "training"):
        recipe, backend, name, make = runs[label]
        histories[recipe, backend, name] = train(make(recipe.dtype), recipe, digits[recipe.dtype])
    return histories


def describe(recipe: Recipe, backend: str, name: str) -> tuple[str, str, str, str]:
    """The cells that say what was trained."""
    return recipe.dtype, f"{recipe.step_size:g}", backend, name


def outcome(history: History) -> tuple[str, str, str]:
    """The cells that say what came of it."""
    never = history.failure is None
    failure = "never" if never else str(history.failure)
    return failure, f"{history.final_loss:.3g}", f"{history.accuracy:.1%}"


def as_good(
    recipe: Recipe, backend: str, name: str, histories: dict[tuple[Recipe, str, str], History]
) -> bool:
    """Whether a training stayed finite and reached optax's accuracy, to within two test images."""
    history, reference = histories[recipe, backend, name], histories[recipe, "JAX", "optax"]
    return history.failure is None and history.accuracy >= reference.accuracy - TWO_IMAGES


TWO_IMAGES = 2.5 / 397
"""Sums in another order end in other roundings, and those can turn a doubtful image."""


def show_forms(display: Display) -> bool:
    """Show small expressions, naive and cured, against the truth; tell whether all are cured."""
    from rewriter.command.forms import FORMS

    display.heading("Smaller expressions")
    rows, wrong = [], []
    for form in display.track(FORMS, "evaluating"):
        result = form.evaluate()
        (way, values), *others = result.lines()
        rows += [(str(form), way, values), *(("", *line) for line in others)]
        wrong += [] if result.cured else [str(form)]
    display.table("Values", ("expression", "", "value"), rows, group=3)
    cured = len(FORMS) - len(wrong)
    display.note(f"{cured} of {len(FORMS)} come out right. " + "; ".join(wrong))
    return not wrong
