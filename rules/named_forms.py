"""The forms that people know by name, recognised modulo the theory.

They change nothing: an explanation calls what was found by these names. Each is stated once,
for every axis, batch and layout: ``e[i]`` depends on the index, whatever else it is.
"""

import rewriter as rw


@rw.rule
def gradient_of_softmax(
    e: rw.Function, g: rw.Function, i: rw.Index, j: rw.Index, k: rw.Index
) -> rw.Rewrite:
    """p[i]·(g[i] − Σ_k g[k]·p[k]), the gradient of softmax p[i] = e[i] / Σ_j e[j]."""
    total = rw.sum(e[j], over=j)
    return rw.rewrite(
        e[i] * g[i] / total - e[i] * rw.sum(e[k] * g[k], over=k) / (total * total),
        to=e[i] / total * (g[i] - rw.sum(g[k] * (e[k] / total), over=k)),
    )


@rw.rule
def gradient_of_log_softmax(
    e: rw.Function, t: rw.Function, i: rw.Index, j: rw.Index, k: rw.Index
) -> rw.Rewrite:
    """p[i]·Σ_k t[k] − t[i], the gradient of −Σ_k t[k]·log p[k] for the softmax p = e / Σ e."""
    total = rw.sum(e[j], over=j)
    gradient = e[i] / total * rw.sum(t[k], over=k) - t[i]
    return rw.rewrite(gradient, to=gradient)


@rw.rule
def softmax(e: rw.Function, i: rw.Index, j: rw.Index, rest: rw.Rest) -> rw.Rewrite:
    """softmax: e[i] / Σ_j e[j], of exponentials e[i] = exp(x[i])."""
    p = e[i] / rw.sum(e[j], over=j)
    return rw.rewrite(p * rest, to=p * rest)


@rw.rule
def log_softmax(x: rw.Function, i: rw.Index, j: rw.Index, rest: rw.Rest) -> rw.Rewrite:
    """log_softmax: x[i] − log Σ_j exp(x[j])."""
    p = x[i] - rw.log(rw.sum(rw.exp(x[j]), over=j))
    return rw.rewrite(p + rest, to=p + rest)


@rw.rule
def logsumexp(x: rw.Function, w: rw.Rest, j: rw.Index, rest: rw.Rest) -> rw.Rewrite:
    """logsumexp: log Σ_j w[j]·exp(x[j])."""
    found = rw.log(rw.sum(w[j] * rw.exp(x[j]), over=j))
    return rw.rewrite(found + rest, to=found + rest)


NAMED_FORMS = (gradient_of_softmax, gradient_of_log_softmax, softmax, log_softmax, logsumexp)
