// Products of rows by rows, A · Bᵀ with both operands contiguous along K, multiplied where they lie.
//
// An element of C is one row of A by one row of B: vectors of products are added up along K, then the lanes of the sum.
// So its bits depend on these two rows and the variant alone, never on how many rows stand beside them: a token gets the
// same logits alone, among others and in a prompt.  Packing would order the sums otherwise, and for few rows it would cost
// more than multiplying.
#ifndef CK_MATMUL_BY_ROWS_H
#define CK_MATMUL_BY_ROWS_H

#include "ck_matmul.h"

// Whether this product is one: it must be, or it has few rows.
bool ck_matmul_goes_by_rows(const ck_product *product);

// Bytes of workspace that it needs.
size_t ck_matmul_by_rows_workspace(const ck_product *product);

void ck_matmul_by_rows(const ck_product *product, void *workspace);

#endif
