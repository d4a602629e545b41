// bfloat16 products of few rows and a transposed operand, as a linear map computes them for one token or eight.
//
// Both operands are contiguous along K and are multiplied where they lie: packing would cost more than multiplying.
#ifndef CK_MATMUL_FEW_H
#define CK_MATMUL_FEW_H

#include "ck_matmul.h"

// Whether this product is one; by its shape and operands alone.
bool ck_matmul_has_few_rows(const ck_product *product);

// Bytes of workspace that it needs.
size_t ck_matmul_few_rows_workspace(const ck_product *product);

void ck_matmul_few_rows(const ck_product *product, void *workspace);

#endif
