"""Naive probabilistic programs, as people write them: what the accuracy matrix is made of."""

from naive_programs.everyday_beliefs import BELIEFS
from naive_programs.everyday_choices import CHOICES
from naive_programs.everyday_codes import CODES
from naive_programs.everyday_estimation import ESTIMATION
from naive_programs.everyday_faults import FAULTS
from naive_programs.everyday_filters import FILTERS
from naive_programs.everyday_formulas import FORMULAS
from naive_programs.everyday_forums import FORUMS
from naive_programs.everyday_gating import GATING
from naive_programs.everyday_inference import INFERENCE
from naive_programs.everyday_language import LANGUAGE
from naive_programs.everyday_layers import LAYERS
from naive_programs.everyday_learning import LEARNING
from naive_programs.everyday_matching import MATCHING
from naive_programs.everyday_matter import MATTER
from naive_programs.everyday_measures import MEASURES
from naive_programs.everyday_mixtures import MIXTURES
from naive_programs.everyday_models import MODELS
from naive_programs.everyday_nature import NATURE
from naive_programs.everyday_networks import NETWORKS
from naive_programs.everyday_normals import NORMALS
from naive_programs.everyday_objectives import OBJECTIVES
from naive_programs.everyday_policies import POLICIES
from naive_programs.everyday_populations import POPULATIONS
from naive_programs.everyday_practice import PRACTICE
from naive_programs.everyday_procedures import PROCEDURES
from naive_programs.everyday_public import PUBLIC
from naive_programs.everyday_rates import RATES
from naive_programs.everyday_recursions import RECURSIONS
from naive_programs.everyday_rendering import RENDERING
from naive_programs.everyday_reports import REPORTS
from naive_programs.everyday_science import SCIENCE
from naive_programs.everyday_systems import SYSTEMS
from naive_programs.everyday_trackers import TRACKERS
from naive_programs.form import Form, peaked, points
from naive_programs.gates import GATES
from naive_programs.losses import LOSSES
from naive_programs.magnitudes import MAGNITUDES
from naive_programs.masked import MASKED
from naive_programs.sequences import SEQUENCES
from naive_programs.softmaxes import SOFTMAXES

FORMS = (*SOFTMAXES, *LOSSES, *GATES, *MASKED, *MAGNITUDES, *SEQUENCES)

EVERYDAY = (
    *LEARNING, *INFERENCE, *SCIENCE, *REPORTS, *MODELS, *MATTER, *POLICIES, *BELIEFS, *LAYERS,
    *NETWORKS, *LANGUAGE, *ESTIMATION, *TRACKERS, *CHOICES, *SYSTEMS, *MIXTURES, *FORUMS,
    *NORMALS, *PUBLIC, *PRACTICE, *RENDERING, *GATING, *NATURE, *MATCHING,
    *FORMULAS, *PROCEDURES, *FILTERS, *OBJECTIVES, *MEASURES, *RATES, *RECURSIONS,
    *FAULTS, *CODES, *POPULATIONS,
)  # fmt: skip
"""Longer programs, of everyday practice."""

__all__ = ["EVERYDAY", "FORMS", "Form", "peaked", "points"]
