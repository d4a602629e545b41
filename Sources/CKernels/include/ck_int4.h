// Matrices whose elements take four bits each, with a scale for every 32 of a row.
//
// N = rows, K = columns.  A row consists of blocks of 128 elements; what lies beyond K is zero.  Four neighbors among the
// blocks of llama.cpp's Q4_0 hold the same numbers in as many bytes.
#ifndef CK_INT4_H
#define CK_INT4_H

#include <stddef.h>
#include <stdint.h>

enum { CK_INT4_GROUP = 32, CK_INT4_GROUPS = 4, CK_INT4_BLOCK = CK_INT4_GROUPS * CK_INT4_GROUP };

/// 128 neighbors of a row, in four groups.  Element i of group g is (bits 4g to 4g + 3 of quads[i] − 8) · scales[g].
typedef struct {
    uint16_t quads[CK_INT4_GROUP];
    uint16_t scales[CK_INT4_GROUPS];  // float16
} ck_int4_block;

/// The blocks that a row of K elements takes.
static inline size_t ck_int4_blocks(size_t K) { return (K + CK_INT4_BLOCK - 1) / CK_INT4_BLOCK; }

// blocks: (N, ck_int4_blocks(K))   inp: (N, K)
// The scale is, of a few around the one that makes the greatest magnitude −8, that of the least squared error; an element
// is the nearest of the 16 on its scale, ties to even, and zero for a NaN.  Rows are independent.
void ck_int4_from_float32(ck_int4_block *blocks, const float *inp, size_t row_begin, size_t row_end, size_t K);

// out: (N, K), exact.  Rows are independent.
void ck_float32_from_int4(float *out, const ck_int4_block *blocks, size_t row_begin, size_t row_end, size_t K);

#endif
