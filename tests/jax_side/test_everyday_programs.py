"""Longer programs of everyday practice, and their gradients, at scores that overflow or vanish.

A cut of what ``tests/benchmarks/accuracy_matrix.py --everyday`` runs: there are the programs, and
their truth by ball arithmetic.
"""

from __future__ import annotations

import jax
import numpy as np
import pytest
from accuracy_matrix import Manner, cells_of, truths
from derivatives import MODES
from naive_programs import EVERYDAY, points

NAMES = (
    "growing_coalescent", "box_cox_profile", "maxent_optimality_grammar",
    "reinforce", "group_relative_policy", "soft_actor_critic", "tanh_squash", "router_balance",
    "supervised_contrast", "straight_through", "focal_binary", "evidential", "order_likelihood",
    "jensen_shannon", "noise_contrast", "distance_bias", "negative_binomial_mean",
    "bernoulli_kl", "concrete_density", "interval_censored", "item_response", "expected_scores",
    "bayes_posterior_loss", "particle_filter", "mutual_information", "multistate_ratio",
    "fermi_dirac", "quantal_response", "cumulative_links", "stick_breaking_pieces",
    "low_variance_kl", "pooled_twice", "contrast_within_labels", "soft_q_learning",
    "averaged_models", "trust_region", "left_out_weights", "capacity_step", "denoised_categories",
    "attention_with_a_sink", "constant_field", "bernoulli_autoencoder", "direct_preference",
    "sampled_vocabulary", "counts_by_logits", "relaxed_bernoulli", "credible_ab", "mean_energy",
    "discrete_survival", "graded_response", "hazards_of_steps", "dirichlet_of_sticks",
    "two_state_folding", "quality_focal_dfl", "saha_ionisation_ladder",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["value", "grad"])
@pytest.mark.parametrize("name", NAMES)
def test_programs_come_out_right(name, mode):
    (form,) = [form for form in EVERYDAY if form.name == name]
    wanted = truths(form, MODES[mode], "float32", points(form))
    with np.errstate(all="ignore"):
        cells = cells_of(form, MODES[mode], Manner(), wanted)
    jax.clear_caches()
    wrong = [str(cell) for cell in cells if not cell.right(cell.cured)]
    assert not wrong, "\n".join(wrong)
    assert not all(cell.right(cell.naive) for cell in cells)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["normalised_chain", "fisher_information"])
def test_values_of_programs_come_out_right(name):
    """Programs whose gradient is slow to rewrite, or is none of a scalar."""
    test_programs_come_out_right(name, "value")
