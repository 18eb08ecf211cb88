"""The table of primitives. Everything that a graph can say, it says with these."""

from __future__ import annotations

from rewriter.graph import inference as rule
from rewriter.graph.primitive import Kind, define

# Leaves ------------------------------------------------------------------------------------------
INPUT = define("input", Kind.LEAF, rule.given)
CONSTANT = define("constant", Kind.LEAF, rule.given)
IOTA = define("iota", Kind.LEAF, rule.counting)

# Elementwise arithmetic --------------------------------------------------------------------------
ADD = define("add", Kind.ELEMENTWISE, rule.elementwise, "+")
SUBTRACT = define("subtract", Kind.ELEMENTWISE, rule.numeric, "-")
MULTIPLY = define("multiply", Kind.ELEMENTWISE, rule.elementwise, "*")
DIVIDE = define("divide", Kind.ELEMENTWISE, rule.elementwise_inexact, "/")
POWER = define("power", Kind.ELEMENTWISE, rule.elementwise, "**")
NEGATIVE = define("negative", Kind.ELEMENTWISE, rule.numeric, "-")
ABSOLUTE = define("absolute", Kind.ELEMENTWISE, rule.magnitude)
SIGN = define("sign", Kind.ELEMENTWISE, rule.numeric)
BINADE = define("binade", Kind.ELEMENTWISE, rule.ordered_inexact)
MAXIMUM = define("maximum", Kind.ELEMENTWISE, rule.elementwise)
MINIMUM = define("minimum", Kind.ELEMENTWISE, rule.elementwise)
REMAINDER = define("remainder", Kind.ELEMENTWISE, rule.ordered)
FLOOR_DIVIDE = define("floor_divide", Kind.ELEMENTWISE, rule.ordered, "//")
FLOOR = define("floor", Kind.ELEMENTWISE, rule.ordered)
CEIL = define("ceil", Kind.ELEMENTWISE, rule.ordered)
ROUND = define("round", Kind.ELEMENTWISE, rule.elementwise)

# Elementwise functions of a float ----------------------------------------------------------------
_FUNCTION = rule.elementwise_inexact
EXP = define("exp", Kind.ELEMENTWISE, _FUNCTION)
EXP2 = define("exp2", Kind.ELEMENTWISE, _FUNCTION)
EXPM1 = define("expm1", Kind.ELEMENTWISE, _FUNCTION)
LOG = define("log", Kind.ELEMENTWISE, _FUNCTION)
LOG2 = define("log2", Kind.ELEMENTWISE, _FUNCTION)
LOG1P = define("log1p", Kind.ELEMENTWISE, _FUNCTION)
LOGADDEXP = define("logaddexp", Kind.ELEMENTWISE, rule.ordered_inexact)
LOGISTIC = define("logistic", Kind.ELEMENTWISE, _FUNCTION)
SQRT = define("sqrt", Kind.ELEMENTWISE, _FUNCTION)
RSQRT = define("rsqrt", Kind.ELEMENTWISE, _FUNCTION)
SIN = define("sin", Kind.ELEMENTWISE, _FUNCTION)
COS = define("cos", Kind.ELEMENTWISE, _FUNCTION)
TAN = define("tan", Kind.ELEMENTWISE, _FUNCTION)
ARCTAN = define("arctan", Kind.ELEMENTWISE, _FUNCTION)
SINH = define("sinh", Kind.ELEMENTWISE, _FUNCTION)
COSH = define("cosh", Kind.ELEMENTWISE, _FUNCTION)
TANH = define("tanh", Kind.ELEMENTWISE, _FUNCTION)
ERF = define("erf", Kind.ELEMENTWISE, _FUNCTION)
ERFC = define("erfc", Kind.ELEMENTWISE, _FUNCTION)
ERFCX = define("erfcx", Kind.ELEMENTWISE, _FUNCTION)

# Elementwise predicates and selection ------------------------------------------------------------
EQUAL = define("equal", Kind.ELEMENTWISE, rule.predicate, "==")
NOT_EQUAL = define("not_equal", Kind.ELEMENTWISE, rule.predicate, "!=")
LESS = define("less", Kind.ELEMENTWISE, rule.predicate, "<")
LESS_EQUAL = define("less_equal", Kind.ELEMENTWISE, rule.predicate, "<=")
GREATER = define("greater", Kind.ELEMENTWISE, rule.predicate, ">")
GREATER_EQUAL = define("greater_equal", Kind.ELEMENTWISE, rule.predicate, ">=")
LOGICAL_AND = define("logical_and", Kind.ELEMENTWISE, rule.predicate, "&")
LOGICAL_OR = define("logical_or", Kind.ELEMENTWISE, rule.predicate, "|")
LOGICAL_NOT = define("logical_not", Kind.ELEMENTWISE, rule.predicate, "~")
ISFINITE = define("isfinite", Kind.ELEMENTWISE, rule.predicate)
ISNAN = define("isnan", Kind.ELEMENTWISE, rule.predicate)
WHERE = define("where", Kind.ELEMENTWISE, rule.selection)

# Elementwise, value unchanged --------------------------------------------------------------------
STOP_GRADIENT = define("stop_gradient", Kind.ELEMENTWISE, rule.elementwise)
ASTYPE = define("astype", Kind.ELEMENTWISE, rule.conversion)

# Reductions, cumulations, contractions -----------------------------------------------------------
SUM = define("sum", Kind.REDUCTION, rule.reduction)
PROD = define("prod", Kind.REDUCTION, rule.reduction)
MAX = define("max", Kind.REDUCTION, rule.reduction)
MIN = define("min", Kind.REDUCTION, rule.reduction)
ALL = define("all", Kind.REDUCTION, rule.truth_reduction)
ANY = define("any", Kind.REDUCTION, rule.truth_reduction)
ARGMAX = define("argmax", Kind.REDUCTION, rule.index_of_extreme)
ARGMIN = define("argmin", Kind.REDUCTION, rule.index_of_extreme)
CUMSUM = define("cumsum", Kind.CUMULATION, rule.cumulation)
CUMPROD = define("cumprod", Kind.CUMULATION, rule.cumulation)
CUMMAX = define("cummax", Kind.CUMULATION, rule.cumulation)
EINSUM = define("einsum", Kind.CONTRACTION, rule.contraction)

# Index maps --------------------------------------------------------------------------------------
RESHAPE = define("reshape", Kind.INDEXING, rule.reshaping)
TRANSPOSE = define("transpose", Kind.INDEXING, rule.permutation)
BROADCAST_TO = define("broadcast_to", Kind.INDEXING, rule.broadcasting)
SLICE = define("slice", Kind.INDEXING, rule.slicing)
REVERSE = define("reverse", Kind.INDEXING, rule.reversal)
PAD = define("pad", Kind.INDEXING, rule.padding)
CONCATENATE = define("concatenate", Kind.INDEXING, rule.concatenation)
GATHER = define("gather", Kind.INDEXING, rule.gathering)
SCATTER_ADD = define("scatter_add", Kind.INDEXING, rule.scattering)

# Calls that are carried through ------------------------------------------------------------------
CALL = define("call", Kind.OPAQUE, rule.given)
COMPONENT = define("component", Kind.OPAQUE, rule.component)
