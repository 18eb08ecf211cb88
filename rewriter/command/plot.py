"""The demo's picture: loss and test accuracy, step by step, one column a dtype."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rewriter.command.training import History, Recipe

__all__ = ["draw"]

STYLES: dict[tuple[str, str], dict[str, Any]] = {
    ("JAX", "as written"): {"color": "tab:red", "linestyle": "-", "linewidth": 1.8},
    ("NumPy", "as written"): {"color": "tab:orange", "linestyle": "--", "linewidth": 1.8},
    ("JAX", "optax"): {"color": "0.75", "linestyle": "-", "linewidth": 5.0},
    ("JAX", "rw.stabilize"): {"color": "tab:blue", "linestyle": "-", "linewidth": 1.6},
    ("NumPy", "rw.optimize"): {"color": "tab:green", "linestyle": ":", "linewidth": 1.8},
}
"""How each line is drawn, in the order of drawing: the wide one first, so that others lie on it."""


def draw(histories: Mapping[tuple[Recipe, str, str], History], path: Path) -> None:
    """Draw losses above, accuracies below, and write the picture.

    Args:
        histories: by recipe, backend ("JAX", "NumPy") and way.
        path: the PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    recipes = list(dict.fromkeys(recipe for recipe, _, _ in histories))
    figure = Figure(figsize=(6 * len(recipes), 8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, len(recipes), squeeze=False)
    for column, recipe in enumerate(recipes):
        for backend, way in sorted(STYLES, key=drawing_order):
            if (recipe, backend, way) in histories:
                history = histories[recipe, backend, way]
                style = {**STYLES[backend, way], "label": f"{backend}, {way}"}
                draw_losses(axes[0][column], history, style)
                draw_accuracies(axes[1][column], history, style)
        label(axes[0][column], axes[1][column], recipe)
    figure.suptitle("A softmax classifier on handwritten digits, its loss written naively")
    figure.savefig(path, dpi=120)


def drawing_order(key: tuple[str, str]) -> float:
    """Wide lines first."""
    return -float(STYLES[key]["linewidth"])


def draw_losses(axes: Any, history: History, style: Mapping[str, Any]) -> None:
    """Draw the losses up to the first that is not finite; a cross marks the last one that is."""
    failure = history.failure
    losses = history.losses[:failure]
    axes.plot(range(len(losses)), losses, **style)
    if failure is not None:
        axes.plot(len(losses) - 1, losses[-1], "X", color=style["color"], markersize=11, zorder=9)
        axes.annotate(
            f"nan at step {failure}",
            (failure, losses[-1]),
            textcoords="offset points",
            xytext=(10, -14),
            color=style["color"],
        )


def draw_accuracies(axes: Any, history: History, style: Mapping[str, Any]) -> None:
    """Draw the share of test images got right."""
    steps, shares = zip(*history.accuracies, strict=True)
    axes.plot(steps, [100 * share for share in shares], **style)


def label(losses: Any, accuracies: Any, recipe: Recipe) -> None:
    """Name axes and lines."""
    losses.set_title(f"{recipe.dtype}, step size {recipe.step_size:g}")
    losses.set_yscale("log")
    losses.set_ylabel("training loss of a batch")
    losses.legend(loc="upper right")
    accuracies.set_ylim(0, 100)
    accuracies.set_ylabel("test accuracy, %")
    accuracies.set_xlabel("step")
    accuracies.legend(loc="center right")
