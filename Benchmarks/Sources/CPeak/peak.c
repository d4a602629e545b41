#include "peak.h"

// The package under test links OpenBLAS; its header is not needed for two functions.
extern void cblas_sgemm(int order, int transposes_a, int transposes_b, int m, int n, int k, float alpha,
                        const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
extern void openblas_set_num_threads(int threads);

void raw_openblas(float *c, const float *a, const float *b, size_t M, size_t N, size_t K, bool transposes_a,
                  bool transposes_b, int threads) {
    enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };
    openblas_set_num_threads(threads);
    cblas_sgemm(ROW_MAJOR, transposes_a ? TRANSPOSED : AS_IS, transposes_b ? TRANSPOSED : AS_IS, (int)M, (int)N,
                (int)K, 1, a, (int)(transposes_a ? M : K), b, (int)(transposes_b ? K : N), 0, c, (int)N);
    openblas_set_num_threads(1);
}

static volatile float sink;

float peak_read(const float *elements, size_t count) {
    typedef float vector __attribute__((ext_vector_type(16), aligned(4)));
    vector sums[4] = {0};
    for (size_t i = 0; i + 64 <= count; i += 64)
        for (int k = 0; k < 4; k++) sums[k] += *(const vector *)(elements + i + 16 * k);
    vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    sink = sum[0];
    return sum[0];
}

// What follows the call keeps it from being a jump, after which nobody would see it end.
__attribute__((noinline)) void counted_work(void (*work)(void *), void *context) {
    work(context);
    __asm__ volatile("" ::: "memory");
}
