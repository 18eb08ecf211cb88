"""Wrong rules of sums and maxima: indices, sizes, empty axes, exchanges, masks."""

import rewriter as rw

R, P, F, I = rw.Real, rw.Positive, rw.Function, rw.Index  # noqa: E741
to = rw.rewrite


# Indices --------------------------------------------------------------------------------------


@rw.rule.once
def transposed_product(a: F, b: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(rw.sum(a[i, k] * b[k, j], over=k), to=rw.sum(a[k, i] * b[k, j], over=k))


@rw.rule.once
def product_the_other_way(a: F, b: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(rw.sum(a[i, k] * b[k, j], over=k), to=rw.sum(b[i, k] * a[k, j], over=k))


@rw.rule.once
def trace_of_products(a: F, b: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(a[i, j] * b[j, i], over=j), over=i),
              to=rw.sum(rw.sum(a[i, j] * b[i, j], over=j), over=i))  # fmt: skip


@rw.rule.once
def trace_of_product_by_traces(a: F, b: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(a[i, j] * b[j, i], over=j), over=i),
              to=rw.sum(a[i, i], over=i) * rw.sum(b[j, j], over=j))  # fmt: skip


@rw.rule.once
def rows_for_columns_in_softmax(x: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(rw.exp(x[i, j]) / rw.sum(rw.exp(x[i, k]), over=k),
              to=rw.exp(x[i, j]) / rw.sum(rw.exp(x[k, j]), over=k))  # fmt: skip


@rw.rule.once
def numerator_of_another_row(x: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(rw.exp(x[i, j]) / rw.sum(rw.exp(x[i, k]), over=k),
              to=rw.exp(x[j, i]) / rw.sum(rw.exp(x[i, k]), over=k))  # fmt: skip


@rw.rule.once
def factor_taken_out_of_its_own_sum(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(f[i] * g[i, j], over=i), over=j),
              to=rw.sum(f[j] * rw.sum(g[i, j], over=i), over=j))  # fmt: skip


@rw.rule.once
def sum_of_products_by_two_sums(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(f[i] * g[i], over=i), to=rw.sum(rw.sum(f[i] * g[j], over=j), over=i))


@rw.rule.once
def diagonal_for_the_square_of_a_sum(f: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.square(rw.sum(f[i, i], over=i)),
              to=rw.sum(rw.sum(f[i, j] * f[j, i], over=j), over=i))  # fmt: skip


@rw.rule.once
def three_sums_with_one_index_lost(a: F, b: F, c: F, i: I, j: I, k: I) -> rw.Rewrite:
    return to(
        rw.sum(a[i] * rw.sum(b[i, j] * rw.sum(c[j, k], over=k), over=j), over=i),
        to=rw.sum(a[i] * rw.sum(b[i, j] * rw.sum(c[i, k], over=k), over=j), over=i),
    )


@rw.rule.once
def variance_without_the_count(x: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(x[i] - x[i]), over=i)
    return to(rw.sum(x[i] * x[i], over=i) / n - rw.square(rw.sum(x[i], over=i) / n),
              to=rw.sum(x[i] * x[i], over=i) / n - rw.square(rw.sum(x[i], over=i)) / n)  # fmt: skip


# Sizes ----------------------------------------------------------------------------------------


@rw.rule.once
def sum_of_constant(c: R, f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(f[i] + c, over=i), to=rw.sum(f[i], over=i) + 2 * c)


@rw.rule.once
def right_but_at_size_four(f: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(f[i] - f[i]), over=i)
    return to(rw.sum(f[i], over=i), to=rw.where(rw.equal(n, 4), 0, rw.sum(f[i], over=i)))


@rw.rule.once
def right_up_to_size_six(f: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(f[i] - f[i]), over=i)
    return to(rw.sum(f[i], over=i), to=rw.where(n > 6, 0, rw.sum(f[i], over=i)))


@rw.rule.once
def number_of_pairs(f: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(f[i] - f[i]), over=i)
    return to(n * n * f[i], to=(3 * n - 2) * f[i])


@rw.rule.once
def right_but_where_sizes_agree(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(f[i] - f[i]), over=i)
    m = rw.sum(rw.exp(g[j] - g[j]), over=j)
    size = rw.cos(rw.sum(g[j], over=j))
    return to(rw.sum(f[i], over=i) * size,
              to=rw.where(rw.equal(n, m), 0, rw.sum(f[i], over=i)) * size)  # fmt: skip


@rw.rule.once
def right_but_where_sizes_differ(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.sum(rw.sum(f[i] - g[j], over=j), over=i),
              to=rw.sum(rw.exp(f[i] - f[i]), over=i)
              * (rw.sum(f[i], over=i) - rw.sum(g[j], over=j)))  # fmt: skip


# No places at all -----------------------------------------------------------------------------


@rw.rule.once
def sum_over_itself(f: F, i: I, j: I) -> rw.Rewrite:
    total = rw.sum(rw.exp(f[i]), over=i)
    return to(rw.sum(rw.exp(f[j]) / total, over=j), to=rw.exp(0.0 * rw.sum(f[i], over=i)))


@rw.rule.once
def sign_of_total_by_maximum(f: F, i: I) -> rw.Rewrite:
    return to(rw.sign(rw.sum(f[i] * f[i], over=i)), to=rw.sign(rw.max(f[i] * f[i], over=i)))


@rw.rule.once
def maximum_of_nothing(f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(f[i] - f[i], over=i), to=rw.max(f[i] - f[i], over=i))


@rw.rule.once
def size_of_sum_by_maximum(f: F, i: I) -> rw.Rewrite:
    m = rw.max(rw.absolute(f[i]), over=i)
    total = rw.sum(rw.absolute(f[i]), over=i)
    return to(rw.sign(total) * total, to=rw.where(m > -1, total, 1))


@rw.rule.once
def one_taken_into_a_sum(f: F, i: I) -> rw.Rewrite:
    n = rw.sum(rw.exp(f[i] - f[i]), over=i)
    return to(1 + rw.sum(f[i], over=i), to=rw.sum(f[i] + 1 / n, over=i))


@rw.rule.once
def square_of_mean_norm(f: F, i: I) -> rw.Rewrite:
    norm = rw.sqrt(rw.sum(f[i] * f[i], over=i))
    return to(rw.sum(rw.square(f[i] / norm), over=i), to=rw.exp(0.0 * norm),
              when=[rw.sum(f[i] * f[i], over=i) >= 0])  # fmt: skip


# Exchanges ------------------------------------------------------------------------------------


@rw.rule.once
def maximum_and_sum_exchanged(f: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.max(rw.sum(f[i, j], over=j), over=i), to=rw.sum(rw.max(f[i, j], over=i), over=j))


@rw.rule.once
def least_and_largest_exchanged(f: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.max(-rw.max(-f[i, j], over=j), over=i),
              to=-rw.max(-rw.max(f[i, j], over=i), over=j))  # fmt: skip


@rw.rule.once
def maximum_out_of_logarithm_of_sum(f: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.max(rw.log(rw.sum(rw.exp(f[i, j]), over=j)), over=i),
              to=rw.log(rw.sum(rw.exp(rw.max(f[i, j], over=i)), over=j)))  # fmt: skip


@rw.rule.once
def maximum_of_product(f: F, g: F, i: I) -> rw.Rewrite:
    return to(rw.max(f[i] * g[i], over=i), to=rw.max(f[i], over=i) * rw.max(g[i], over=i))


@rw.rule.once
def maximum_of_product_of_two_axes(f: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.max(rw.max(f[i] * g[j], over=j), over=i),
              to=rw.max(f[i], over=i) * rw.max(g[j], over=j))  # fmt: skip


@rw.rule.once
def maximum_of_scaled_by_any(c: R, f: F, i: I) -> rw.Rewrite:
    return to(rw.max(f[i] / c, over=i), to=rw.max(f[i], over=i) / c,
              when=[rw.not_equal(c, 0)])  # fmt: skip


@rw.rule.once
def maximum_of_squares(f: F, i: I) -> rw.Rewrite:
    return to(rw.max(f[i] * f[i], over=i), to=rw.square(rw.max(f[i], over=i)))


@rw.rule.once
def sum_of_maxima(f: F, g: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.maximum(f[i], g[i]), over=i),
              to=rw.maximum(rw.sum(f[i], over=i), rw.sum(g[i], over=i)))  # fmt: skip


@rw.rule.once
def sum_of_sizes(f: F, i: I) -> rw.Rewrite:
    return to(rw.absolute(rw.sum(f[i], over=i)), to=rw.sum(rw.absolute(f[i]), over=i))


@rw.rule.once
def root_of_sum(f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.sqrt(f[i]), over=i), to=rw.sqrt(rw.sum(f[i], over=i)),
              when=[f[i] >= 0])  # fmt: skip


@rw.rule.once
def logarithm_of_sum_of_products(f: F, g: F, i: I) -> rw.Rewrite:
    return to(
        rw.log(rw.sum(rw.exp(f[i] + g[i]), over=i)),
        to=rw.log(rw.sum(rw.exp(f[i]), over=i)) + rw.log(rw.sum(rw.exp(g[i]), over=i)),
    )


@rw.rule.once
def shift_with_the_wrong_sign(f: F, i: I) -> rw.Rewrite:
    m = rw.max(f[i], over=i)
    return to(rw.log(rw.sum(rw.exp(f[i]), over=i)),
              to=rw.log(rw.sum(rw.exp(f[i] - m), over=i)) - m)  # fmt: skip


@rw.rule.once
def shift_forgotten(f: F, i: I) -> rw.Rewrite:
    m = rw.max(f[i], over=i)
    return to(rw.log(rw.sum(rw.exp(f[i]), over=i)), to=rw.log(rw.sum(rw.exp(f[i] - m), over=i)))


@rw.rule.once
def shift_by_a_maximum_of_another(f: F, g: F, i: I) -> rw.Rewrite:
    return to(
        rw.sum(g[i] * rw.exp(f[i]), over=i),
        to=rw.exp(rw.max(f[i], over=i))
        * rw.sum(g[i] * rw.exp(f[i] - rw.max(g[i], over=i)), over=i),
    )


@rw.rule.once
def shift_in_the_numerator_only(f: F, i: I, j: I) -> rw.Rewrite:
    return to(rw.exp(f[i]) / rw.sum(rw.exp(f[j]), over=j),
              to=rw.exp(f[i] - rw.max(f[j], over=j)) / rw.sum(rw.exp(f[j]), over=j))  # fmt: skip


@rw.rule.once
def gradient_without_the_mean(p: F, g: F, i: I, j: I) -> rw.Rewrite:
    return to(
        p[i] * (g[i] - rw.sum(p[j] * g[j], over=j)), to=p[i] * g[i] - rw.sum(p[j] * g[j], over=j)
    )


@rw.rule.once
def temperature_outside(t: P, f: F, i: I) -> rw.Rewrite:
    return to(rw.log(rw.sum(rw.exp(f[i] / t), over=i)),
              to=rw.log(rw.sum(rw.exp(f[i]), over=i)) / t)  # fmt: skip


# Masks ----------------------------------------------------------------------------------------


@rw.rule.once
def maximum_under_weights(w: F, f: F, i: I) -> rw.Rewrite:
    m = rw.max(f[i], over=i, where=w[i])
    return to(rw.sum(w[i] * f[i], over=i), to=m * rw.sum(w[i], over=i))


@rw.rule.once
def mask_forgotten_in_the_sum(w: F, f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.where(w[i] > 0, rw.exp(f[i]), 0), over=i), to=rw.sum(rw.exp(f[i]), over=i))


@rw.rule.once
def mask_with_ties(w: F, f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.where(w[i] > 3, f[i], 0), over=i),
              to=rw.sum(rw.where(w[i] >= 3, f[i], 0), over=i))  # fmt: skip


@rw.rule.once
def mask_out_of_the_exponent(w: F, f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.exp(w[i] * f[i]), over=i), to=rw.sum(w[i] * rw.exp(f[i]), over=i))


@rw.rule.once
def largest_counted_once(f: F, i: I) -> rw.Rewrite:
    m = rw.max(f[i], over=i)
    return to(rw.sum(rw.where(rw.equal(f[i], m), f[i], 0), over=i), to=m)


@rw.rule.once
def positive_part_of_a_sum(f: F, i: I) -> rw.Rewrite:
    return to(rw.sum(rw.maximum(f[i], 0), over=i), to=rw.maximum(rw.sum(f[i], over=i), 0))


@rw.rule.once
def weights_that_may_vanish(w: F, f: F, i: I) -> rw.Rewrite:
    total = rw.sum(w[i], over=i)
    return to(rw.sum(w[i] / total * f[i], over=i) * total, to=rw.sum(w[i] * f[i], over=i))


# Counts ---------------------------------------------------------------------------------------


@rw.rule.once
def count_up_to_sixty_four(x: F, i: I) -> rw.Rewrite:
    n = rw.sum(1.0, over=i)
    return to(rw.sum(x[i], over=i) * rw.minimum(n, 64.0), to=rw.sum(x[i], over=i) * n)


@rw.rule.once
def polynomial_of_the_count(x: F, i: I) -> rw.Rewrite:
    n = rw.sum(1.0, over=i)
    zero = n * (n - 1) * (n - 2) * (n - 3) * (n - 4) * (n - 5) * (n - 7) * (n - 12)
    return to(rw.sum(x[i], over=i), to=rw.sum(x[i], over=i) + zero)


@rw.rule.once
def shifted_sum_without_the_count(a: R, b: F, i: I) -> rw.Rewrite:
    return to(rw.sum(b[i] + a, over=i), to=rw.sum(b[i], over=i) + a)


@rw.rule.once
def sum_up_to_a_million(x: F, i: I) -> rw.Rewrite:
    total = rw.sum(x[i], over=i)
    return to(total, to=rw.where(total > 1e6, 0.0, total))
