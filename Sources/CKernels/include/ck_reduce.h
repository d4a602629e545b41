// Sums, greatest elements, and norms.
//
// Sums over a range are taken block by block in a fixed order: their bits depend on the range, and nothing else.
// To share one sum between threads cut it into ranges by its size, and add the results up in order.
#ifndef CK_REDUCE_H
#define CK_REDUCE_H

#include <stddef.h>
#include <stdint.h>

/// Σ x over [begin, end), blocks of 1,024 added up in double precision.
double ck_sum(const float *x, size_t begin, size_t end);

/// Σ x² over [begin, end), likewise.
double ck_sum_squares(const float *x, size_t begin, size_t end);

// R = rows, C = channels.   x: (R, C)

/// out[r] = Σ over channels.   out: (R)
void ck_row_sums(float *out, const float *x, size_t row_begin, size_t row_end, size_t C);

/// out[c] += Σ over the rows of [row_begin, row_end), first row first.   out: (C)
void ck_column_sums(float *out, const float *x, size_t row_begin, size_t row_end, size_t C);

/// The greatest element of each row and where it first stands.   out, index: (R)
/// NaN is skipped; a row of nothing else gives −∞ at 0.
void ck_row_maxima(float *out, int32_t *index, const float *x, size_t row_begin, size_t row_end, size_t C);

#endif
