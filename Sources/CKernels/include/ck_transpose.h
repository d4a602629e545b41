// A matrix with its rows and columns exchanged.
#ifndef CK_TRANSPOSE_H
#define CK_TRANSPOSE_H

#include <stddef.h>

// R = rows, C = columns of the input.   x: (R, C)   out: (C, R)
/// out[c][r] = x[r][c].  Callers may split the rows of the output, [column_begin, column_end), between threads.
void ck_transpose(float *restrict out, const float *restrict x, size_t column_begin, size_t column_end,
                  size_t R, size_t C);

#endif
