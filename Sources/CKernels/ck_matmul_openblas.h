// Products that OpenBLAS computes: float32 where our own kernels are portable C only.
#ifndef CK_MATMUL_OPENBLAS_H
#define CK_MATMUL_OPENBLAS_H

#include "ck_matmul.h"

// Depends on the shape, the precision, the storage and the variant in force only.
bool ck_matmul_uses_openblas(const ck_product *product);

// M, N and K are not zero.
void ck_matmul_openblas(const ck_product *product);

#endif
