"""Every operation of the builder in one namespace."""

from rewriter.graph.composite import log_softmax, logsumexp, sigmoid, softmax, softplus, var
from rewriter.graph.contraction import dot, einsum, matmul, outer
from rewriter.graph.elementwise import (
    absolute, add, arctan, as_node, astype, ceil, constant, cos, cosh, divide, equal, erf, erfc,
    exp, exp2, expm1, floor, floor_divide, greater, greater_equal, isfinite, isnan, less,
    less_equal, log, log1p, log2, logaddexp, logical_and, logical_not, logical_or, logistic,
    maximum, minimum, multiply, negative, not_equal, power, reciprocal, remainder, round, rsqrt,
    sign, sin, sinh, sqrt, square, stop_gradient, subtract, tan, tanh, where,
)  # fmt: skip
from rewriter.graph.graph import Graph, custom, input
from rewriter.graph.indexing import (
    arange, broadcast_to, concatenate, expand_dims, flip, gather, index, iota, one_hot, pad,
    reshape, scatter_add, squeeze, stack, swapaxes, take, take_along_axis, transpose,
)  # fmt: skip
from rewriter.graph.reduction import (
    all, any, argmax, argmin, cummax, cumprod, cumsum, max, mean, min, prod, sum,
)  # fmt: skip

__all__ = [
    "Graph", "absolute", "add", "all", "any", "arange", "arctan", "argmax", "argmin", "as_node",
    "astype", "broadcast_to", "ceil", "concatenate", "constant", "cos", "cosh", "cummax",
    "cumprod", "cumsum", "custom", "divide", "dot", "einsum", "equal", "erf", "erfc", "exp",
    "exp2", "expand_dims", "expm1", "flip", "floor", "floor_divide", "gather", "greater",
    "greater_equal", "index", "input", "iota", "isfinite", "isnan", "less", "less_equal", "log",
    "log1p", "log2", "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or",
    "logistic", "logsumexp", "matmul", "max", "maximum", "mean", "min", "minimum", "multiply",
    "negative", "not_equal", "one_hot", "outer", "pad", "power", "prod", "reciprocal",
    "remainder", "reshape", "round", "rsqrt", "scatter_add", "sigmoid", "sign", "sin", "sinh",
    "softmax", "softplus", "sqrt", "square", "squeeze", "stack", "stop_gradient", "subtract",
    "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "transpose", "var", "where",
]  # fmt: skip
