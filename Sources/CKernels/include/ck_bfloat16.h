// bfloat16: the upper half of a float32, with its range and 8 bits of precision.
#ifndef CK_BFLOAT16_H
#define CK_BFLOAT16_H

#include <stddef.h>
#include <stdint.h>

// Elements are independent: callers may split [begin, end) between threads.

/// out[i] = inp[i] rounded to bfloat16, ties to even; a NaN stays a (quiet) NaN.
void ck_bfloat16_from_float32(uint16_t *out, const float *inp, size_t begin, size_t end);

/// out[i] = inp[i], exactly.
void ck_float32_from_bfloat16(float *out, const uint16_t *inp, size_t begin, size_t end);

/// out[i] = inp[i] rounded to bfloat16, as a float32.
void ck_round_to_bfloat16(float *out, const float *inp, size_t begin, size_t end);

#endif
