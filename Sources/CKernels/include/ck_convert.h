// Conversions between float32 and the two 16-bit formats, kept as their bits.
//
// Narrowing rounds to nearest, ties to even; what is too large becomes infinite, and NaN stays NaN.
// Widening is exact.
#ifndef CK_CONVERT_H
#define CK_CONVERT_H

#include <stddef.h>
#include <stdint.h>

void ck_float_to_bfloat16(uint16_t *out, const float *x, size_t begin, size_t end);
void ck_bfloat16_to_float(float *out, const uint16_t *x, size_t begin, size_t end);

void ck_float_to_float16(uint16_t *out, const float *x, size_t begin, size_t end);
void ck_float16_to_float(float *out, const uint16_t *x, size_t begin, size_t end);

#endif
