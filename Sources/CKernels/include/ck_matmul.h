// Matrix products:  C = A · B,  optionally added to what C holds, optionally plus a bias row.
//
// M = rows of C and A, N = columns of C and B, K = columns of A and rows of B.
// The product is cut into blocks by its shape and the variant in force, and each element's sum runs over K in
// an order that the same two decide.  So its bits do not depend on the number of threads.
#ifndef CK_MATMUL_H
#define CK_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

/// How an operand's elements are stored.
typedef enum {
    CK_STORED_FLOAT32 = 0,
    CK_STORED_BFLOAT16 = 1,  // the upper half of a float32
    CK_STORED_INT8 = 2,      // for rows of B in products whose rows are independent, as is the next
    CK_STORED_INT4 = 3,      // blocks of ck_int4.h, whole ones in every row
} ck_storage;

/// One operand: rows of elements, `stride` elements apart.  When `is_transposed`, its stored rows are the
/// columns of the matrix that is multiplied.
typedef struct {
    const void *elements;
    size_t stride;
    ck_storage storage;
    bool is_transposed;
} ck_operand;

/// How the elements are multiplied.  Sums are float32 in both cases.
typedef enum {
    CK_PRECISION_FLOAT32 = 0,
    CK_PRECISION_BFLOAT16 = 1,  // operands are rounded to bfloat16 first, ties to even; by int4 on AVX2, a is rounded to
                                // integers of 16 bits with a scale for 128 of them, and b is not rounded
} ck_precision;

/// Everything there is to know about a product.
typedef struct {
    float *c;               // (M, N), rows c_stride elements apart; overlaps neither operand
    size_t c_stride;
    ck_operand a, b;
    size_t M, N, K;
    ck_precision precision;
    bool accumulate;        // adds to c instead of replacing it
    const float *bias;      // (N), added to every row; or NULL
    const float *scales;    // (N), the sums of column j are multiplied by scales[j]; or NULL.  Only where rows are independent
    bool rows_are_independent;  // a row of C has the same bits whatever M is; for A · Bᵀ, both contiguous along K
} ck_product;

/// Bytes of workspace that `ck_matmul` needs for this product.
size_t ck_matmul_workspace(const ck_product *product);

/// Computes the product on the threads of the pool; inside a task of a parallel loop, on the calling thread.
///
/// `workspace` is aligned to 64 bytes and holds `ck_matmul_workspace(product)` of them.
void ck_matmul(const ck_product *product, void *workspace);

#endif
