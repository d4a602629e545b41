// The serial parts of a blocked matrix product, for one variant and one way to multiply: packing a piece of
// either operand, and multiplying the pieces.  ck_matmul.c says which pieces, in which order.
//
// Packed operands consist of units of four bytes: one float32, or two bfloat16 that are neighbors along K.
// U = units along K.   A tile is the part of C that stays in registers; a panel is B's part of a tile.
#ifndef CK_PRODUCT_KERNELS_H
#define CK_PRODUCT_KERNELS_H

#include "ck_matmul.h"

#include <stdint.h>

// How an operand's elements become those that are multiplied.
typedef enum {
    CK_CONVERT_COPY,   // float32, as it is
    CK_CONVERT_ROUND,  // float32, rounded to bfloat16
    CK_CONVERT_WIDEN,  // bfloat16
} ck_conversion;

// A piece of an operand seen from its packed side: `lines` run across K (rows of A, columns of B).
typedef struct {
    const void *elements;  // the piece's first element
    size_t stride;         // elements between stored rows
    size_t lines, depth;   // its extents; depth is counted in elements along K
    ck_conversion conversion;
    bool is_contiguous_along_k;
} ck_piece;

typedef struct {
    size_t tile_rows, panel_columns;
    size_t elements_per_unit;
    ck_conversion conversion_of_units;  // that of elements which are units as they lie

    // out: (lines, U) when the piece is contiguous along K, else one (U, tile_rows) after the other.
    void (*pack_rows)(float *out, const ck_piece *piece);

    // out: (U, panel_columns) for each panel, `out_panel` units apart; columns beyond the piece's are zero.
    void (*pack_panels)(float *out, size_t out_panel, const ck_piece *piece);

    // c: (rows, columns) = or += a · b, with b packed by pack_panels.
    // a: packed by pack_rows, where a row takes a_row = U units; or elements that are units as they lie and contiguous along K,
    // rows a_row units apart.
    void (*multiply)(float *c, size_t c_stride, const float *a, size_t a_row, bool a_is_contiguous_along_k,
                     const float *b, size_t b_panel, size_t rows, size_t columns, size_t U, bool adds);
} ck_product_kernels;

// The kernels of the variant in force.
const ck_product_kernels *ck_product_kernels_float32(void);
const ck_product_kernels *ck_product_kernels_bfloat16(void);

#endif
