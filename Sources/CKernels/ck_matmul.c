#include "ck_matmul.h"

#include "ck_bfloat16.h"
#include "ck_threads.h"

#include <cblas.h>
#include <pthread.h>
#include <string.h>

// OpenBLAS's own threads would fight with ours: it works on one, and we call it on blocks.  The setting holds
// for the whole process.
static void set_one_thread(void) { openblas_set_num_threads(1); }

static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t stored_rows(const ck_operand *operand, size_t rows, size_t columns) {
    return operand->is_transposed ? columns : rows;
}

static size_t float_elements(const ck_operand *operand, ck_precision precision, size_t rows, size_t columns) {
    bool converts = precision == CK_PRECISION_BFLOAT16 || operand->storage == CK_STORED_BFLOAT16;
    return converts ? (rows * columns + 15) / 16 * 16 : 0;
}

size_t ck_matmul_workspace(const ck_product *p) {
    return sizeof(float) * (float_elements(&p->a, p->precision, p->M, p->K)
                            + float_elements(&p->b, p->precision, p->K, p->N));
}

typedef struct {
    ck_operand operand;
    size_t rows, columns;
    ck_precision precision;
    float *out;
} conversion;

static void convert_row(void *context, size_t row) {
    conversion *c = context;
    float *out = c->out + row * c->columns;
    if (c->operand.storage == CK_STORED_BFLOAT16) {
        ck_float32_from_bfloat16(out, (const uint16_t *)c->operand.elements + row * c->operand.stride, 0, c->columns);
    } else {
        ck_round_to_bfloat16(out, (const float *)c->operand.elements + row * c->operand.stride, 0, c->columns);
    }
}

static ck_operand as_float32(const ck_operand *operand, ck_precision precision, size_t rows, size_t columns, float **space) {
    size_t elements = float_elements(operand, precision, rows, columns);
    if (elements == 0) return *operand;
    conversion c = {*operand, stored_rows(operand, rows, columns), 0, precision, *space};
    c.columns = rows * columns / c.rows;
    ck_parallel_for(c.rows, convert_row, &c);
    *space += elements;
    return (ck_operand){c.out, c.columns, CK_STORED_FLOAT32, operand->is_transposed};
}

enum { BLOCK = 128 };

static void multiply_rows(void *context, size_t task) {
    const ck_product *p = context;
    size_t begin = task * BLOCK, rows = p->M - begin < BLOCK ? p->M - begin : BLOCK;
    const float *a = (const float *)p->a.elements + (p->a.is_transposed ? begin : begin * p->a.stride);
    float *c = p->c + begin * p->c_stride;
    cblas_sgemm(CblasRowMajor, p->a.is_transposed ? CblasTrans : CblasNoTrans,
                p->b.is_transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)p->N, (int)p->K, 1, a,
                (int)p->a.stride, p->b.elements, (int)p->b.stride, p->accumulate ? 1 : 0, c, (int)p->c_stride);
    if (p->bias) {
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < p->N; j++) c[i * p->c_stride + j] += p->bias[j];
    }
}

void ck_matmul(const ck_product *product, void *workspace) {
    if (product->M == 0 || product->N == 0) return;
    pthread_once(&once, set_one_thread);
    ck_product p = *product;
    if (p.K == 0) {
        for (size_t i = 0; i < p.M; i++)
            for (size_t j = 0; j < p.N; j++)
                p.c[i * p.c_stride + j] = (p.accumulate ? p.c[i * p.c_stride + j] : 0) + (p.bias ? p.bias[j] : 0);
        return;
    }
    float *space = workspace;
    p.a = as_float32(&product->a, p.precision, p.M, p.K, &space);
    p.b = as_float32(&product->b, p.precision, p.K, p.N, &space);
    ck_parallel_for((p.M + BLOCK - 1) / BLOCK, multiply_rows, &p);
}
