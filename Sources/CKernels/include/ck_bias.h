// The sum of each column: the gradient of a bias that was added to every row.
#ifndef CK_BIAS_H
#define CK_BIAS_H

#include <stddef.h>

// R = rows, C = channels.   dout: (R, C)   dbias: (C)
// Columns are independent: callers may split [column_begin, column_end) between threads.  Each column is summed
// in chunks of 64 rows, then over the chunks, in that order whatever the split.
void ck_bias_backward(float *dbias, const float *dout, size_t column_begin, size_t column_end, size_t R, size_t C);

#endif
