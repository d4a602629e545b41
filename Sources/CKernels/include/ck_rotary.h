// Rotary position embedding.  Su et al. 2021, Eq. 34.
//
// N = rows, H = heads, D = channels of a head, P pairs of its first channels.   out, inp, dinp, dout: (N, H, D)
// table: (positions, 2, P), the cosines of a position and then its sines, both times a magnitude.
//
//     (x, y) ↦ (x cos pθ − y sin pθ, y cos pθ + x sin pθ)      for pair i, at position p, with θ = frequencies[i]
//
// The pairs of a head are channels (i, P + i), or (2 i, 2 i + 1) where they are adjacent; channels from 2 P on stay.
// Rows are independent: callers may split [row_begin, row_end) between threads.  The output may be the input.
#ifndef CK_ROTARY_H
#define CK_ROTARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The rows of a table for positions [begin, end).  Angles and functions are computed in double precision.
void ck_rotary_table(float *table, const float *frequencies, size_t begin, size_t end, size_t P, double magnitude);

/// Every position is a row of the table.
void ck_rotary_forward(float *out, const float *inp, const float *table, const int32_t *positions,
                       size_t row_begin, size_t row_end, size_t H, size_t D, size_t P, bool adjacent);
/// The rotation by the opposite angle.
void ck_rotary_backward(float *dinp, const float *dout, const float *table, const int32_t *positions,
                        size_t row_begin, size_t row_end, size_t H, size_t D, size_t P, bool adjacent);

#endif
