// Rows picked out of a table, and their gradients put back.
//
// R = rows, C = channels, V = rows of the table.   out, dout: (R, C)   weight, dweight: (V, C)   ids: (R), each in [0, V)
#ifndef CK_EMBEDDING_H
#define CK_EMBEDDING_H

#include <stddef.h>
#include <stdint.h>

/// out[r] = weight[ids[r]]
/// Rows are independent: callers may split [row_begin, row_end) between threads.
void ck_embedding_forward(float *out, const float *weight, const int32_t *ids,
                          size_t row_begin, size_t row_end, size_t C);

/// dweight[ids[r]] += dout[r], for all R rows, first row first, in the columns [column_begin, column_end).
/// Columns are independent: callers may split them between threads, and every sum keeps its order.
void ck_embedding_backward(float *dweight, const float *dout, const int32_t *ids,
                           size_t column_begin, size_t column_end, size_t R, size_t C);

#endif
