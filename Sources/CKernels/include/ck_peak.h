// What the processor can do at most: what the speed of everything else is measured against.
#ifndef CK_PEAK_H
#define CK_PEAK_H

#include <stddef.h>

// Twelve sums in registers, each multiplied and added to `rounds` times; no memory is touched.  Returns the
// floating-point operations done, a multiply-add counting as two.

/// In float32, with the widest vectors of the variant.
double ck_peak_float32(size_t rounds);

/// With pairs of bfloat16 added up in float32, or 0 where the variant has no such instruction.
double ck_peak_bfloat16(size_t rounds);

#endif
