#include "ck_matmul_openblas.h"

#include "ck_cpu.h"
#include "ck_threads.h"

#include <cblas.h>
#include <pthread.h>

// Every call packs the other operand anew, so blocks are large.
enum { LINES_PER_BLOCK = 256 };

// OpenBLAS's own threads would fight with ours: it works on one, and we call it on blocks.  The setting holds
// for the whole process.
static void set_one_thread(void) { openblas_set_num_threads(1); }

static pthread_once_t once = PTHREAD_ONCE_INIT;

bool ck_matmul_uses_openblas(const ck_product *p) {
    if (p->precision != CK_PRECISION_FLOAT32 || p->a.storage != CK_STORED_FLOAT32 || p->b.storage != CK_STORED_FLOAT32)
        return false;
    return p->M == 1 || p->N == 1 || ck_variant_current() <= CK_VARIANT_NEON;
}

// y += A·x or Aᵀ·x for an operand that has `lines` rows or columns, as it is stored.  A vector times a matrix moves the
// matrix once: packing it, as sgemm does, costs more.
static void add_vector_product(float *y, size_t y_step, const float *matrix, size_t stride, bool is_contiguous_along_k,
                               size_t lines, const float *x, size_t x_step, size_t K) {
    cblas_sgemv(CblasRowMajor, is_contiguous_along_k ? CblasNoTrans : CblasTrans, (int)(is_contiguous_along_k ? lines : K),
                (int)(is_contiguous_along_k ? K : lines), 1, matrix, (int)stride, x, (int)x_step, 1, y, (int)y_step);
}

static void multiply(const ck_product *p, size_t row, size_t rows, size_t column, size_t columns) {
    const float *a = (const float *)p->a.elements + (p->a.is_transposed ? row : row * p->a.stride);
    const float *b = (const float *)p->b.elements + (p->b.is_transposed ? column * p->b.stride : column);
    const size_t a_step = p->a.is_transposed ? p->a.stride : 1, b_step = p->b.is_transposed ? 1 : p->b.stride;
    float *c = p->c + row * p->c_stride + column;
    if (p->M == 1 || p->N == 1) {
        for (size_t i = 0; i < rows && !p->accumulate; i++)
            for (size_t j = 0; j < columns; j++) c[i * p->c_stride + j] = 0;
        if (p->M == 1) add_vector_product(c, 1, b, p->b.stride, p->b.is_transposed, columns, a, a_step, p->K);
        else add_vector_product(c, p->c_stride, a, p->a.stride, !p->a.is_transposed, rows, b, b_step, p->K);
    } else {
        cblas_sgemm(CblasRowMajor, p->a.is_transposed ? CblasTrans : CblasNoTrans,
                    p->b.is_transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)p->K, 1, a,
                    (int)p->a.stride, b, (int)p->b.stride, p->accumulate ? 1 : 0, c, (int)p->c_stride);
    }
    if (!p->bias) return;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) c[i * p->c_stride + j] += p->bias[column + j];
}

static size_t remaining(size_t begin, size_t end) {
    return end - begin < LINES_PER_BLOCK ? end - begin : LINES_PER_BLOCK;
}

static void multiply_rows(void *context, size_t task) {
    const ck_product *p = context;
    size_t row = task * LINES_PER_BLOCK;
    multiply(p, row, remaining(row, p->M), 0, p->N);
}

static void multiply_columns(void *context, size_t task) {
    const ck_product *p = context;
    size_t column = task * LINES_PER_BLOCK;
    multiply(p, 0, p->M, column, remaining(column, p->N));
}

void ck_matmul_openblas(const ck_product *product) {
    pthread_once(&once, set_one_thread);
    ck_product p = *product;
    size_t lines = p.M >= p.N ? p.M : p.N;
    ck_parallel_for((lines + LINES_PER_BLOCK - 1) / LINES_PER_BLOCK, p.M >= p.N ? multiply_rows : multiply_columns, &p);
}
