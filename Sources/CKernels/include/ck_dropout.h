// Dropout.  Srivastava et al. 2014, scaled while training so that nothing changes afterwards.
#ifndef CK_DROPOUT_H
#define CK_DROPOUT_H

#include <stddef.h>

#include "ck_random.h"

/// out[i] = 0 with the given probability, x[i] / (1 − probability) otherwise, for i in [begin, end).
///
/// Element i is dropped when word i of the stream is less than probability · 2³², so any part of a mask can be
/// drawn again, and the backward pass is the same call with dout for x.  out may be the same memory as x.  The
/// probability lies in [0, 1).
void ck_dropout(float *out, const float *x, ck_random source, size_t begin, size_t end, float probability);

#endif
