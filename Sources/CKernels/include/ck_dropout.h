// Dropout.  Srivastava et al. 2014, scaled while training so that nothing changes afterwards.
//
// Randomness comes from the counter-based generator Philox4x32-10 (Salmon et al. 2011): block n of a stream is the
// encryption of the 128-bit counter (n, stream), n in the low half, under the 64-bit key, and element i of an
// array takes word i % 4 of block i / 4.  So any part of a mask can be drawn anywhere, in any order, twice.
#ifndef CK_DROPOUT_H
#define CK_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

/// out[i] = 0 with the given probability, x[i] / (1 − probability) otherwise, for i in [begin, end).
///
/// The backward pass is the same call with dout for x.  out may be the same memory as x.  The probability lies
/// in [0, 1), and begin is a multiple of four.
void ck_dropout(float *out, const float *x, size_t begin, size_t end,
                uint64_t key, uint64_t stream, float probability);

/// The 32-bit words [begin, end) of a stream; begin is a multiple of four.
void ck_philox(uint32_t *out, size_t begin, size_t end, uint64_t key, uint64_t stream);

#endif
