#include "ck_stored_product.h"

#include "ck_scratch.h"

#define CK_FILE "ck_stored_product.c"
#include "ck_variants.h"

#ifdef CK_BODY

typedef int8_t CK(bytes) __attribute__((ext_vector_type(CK_WIDTH)));

CK_INLINE CK(bytes) CK(load_bytes)(const int8_t *from, size_t lanes) {
    CK(bytes) x = 0;
    memcpy(&x, from, lanes);
    return x;
}

CK_INLINE floats CK(fetch)(const void *weight, size_t index, size_t lanes, ck_storage storage) {
    switch (storage) {
    case CK_STORED_FLOAT32: return vload((const float *)weight + index, lanes);
    case CK_STORED_BFLOAT16: {
        shorts x = vload_shorts((const uint16_t *)weight + index, lanes);
        return vfloat(__builtin_convertvector(x, ints) << 16);
    }
    case CK_STORED_INT8:
        return __builtin_convertvector(CK(load_bytes)((const int8_t *)weight + index, lanes), floats);
    }
}

#undef UNROLLED
#define UNROLLED _Pragma("clang loop unroll(full)")

// How many bytes an element takes.
CK_INLINE size_t CK(stored_size)(ck_storage storage) {
    return storage == CK_STORED_FLOAT32 ? 4 : storage == CK_STORED_BFLOAT16 ? 2 : 1;
}

// The products of `rows` rows of x and `outputs` rows of the weight, which begins with the first of them: constants where
// this is called.  `scales` is NULL where the weight has none.
// Rows of the weight are too short for the processor to notice in time that they are read in order, so those of the next
// tile are asked for while this one is multiplied.  One row of activations with weights in float32 is the exception: there
// the processor keeps up by itself.
CK_INLINE void CK(tile)(float *out, const float *x, const void *weight, ck_storage storage, const float *scales,
                        const float *bias, size_t output, size_t rows, size_t outputs, size_t N, size_t K) {
    const size_t line = 64, size = CK(stored_size)(storage), step = 2 * line / size;
    floats sum[4][4];
    UNROLLED for (size_t i = 0; i < rows; i++) UNROLLED for (size_t j = 0; j < outputs; j++) sum[i][j] = 0;
    for (size_t begin = 0; begin < K; begin += step) {
        size_t end = begin + step < K ? begin + step : K;
        if (rows > 1 || storage != CK_STORED_FLOAT32) UNROLLED for (size_t j = 0; j < outputs; j++) {
            const char *next = (const char *)weight + ((outputs + j) * K + begin) * size;
            __builtin_prefetch(next, 0, 2);
            __builtin_prefetch(next + line, 0, 2);
        }
        CK_EACH(k, begin, end, {
            floats activation[4];
            UNROLLED for (size_t i = 0; i < rows; i++) activation[i] = vload(x + i * K + k, lanes);
            UNROLLED for (size_t j = 0; j < outputs; j++) {
                floats w = CK(fetch)(weight, j * K + k, lanes, storage);
                UNROLLED for (size_t i = 0; i < rows; i++) sum[i][j] = activation[i] * w + sum[i][j];
            }
        });
    }
    UNROLLED for (size_t i = 0; i < rows; i++) {
        UNROLLED for (size_t j = 0; j < outputs; j++) {
            float total = vsum(sum[i][j]);
            if (scales) total *= scales[output + j];
            out[i * N + output + j] = bias ? total + bias[output + j] : total;
        }
    }
}

// Two rows of the weight by all rows of x.
CK_INLINE void CK(pair)(float *out, const float *x, const void *weight, ck_storage storage, const float *scales,
                        const float *bias, size_t output, size_t M, size_t N, size_t K) {
    size_t i = 0;
    for (; i + 4 <= M; i += 4)
        CK(tile)(out + i * N, x + i * K, weight, storage, scales, bias, output, 4, 2, N, K);
    for (; i + 2 <= M; i += 2)
        CK(tile)(out + i * N, x + i * K, weight, storage, scales, bias, output, 2, 2, N, K);
    if (i < M) CK(tile)(out + i * N, x + i * K, weight, storage, scales, bias, output, 1, 2, N, K);
}

// What a tile would make of the weight's elements each time it met them, made once.
CK_INLINE void CK(restore)(float *out, const void *weight, ck_storage storage, size_t count) {
    const size_t size = CK(stored_size)(storage);
    CK_EACH(i, 0, count, {
        __builtin_prefetch((const char *)weight + (count + i) * size, 0, 2);
        vstore(out + i, CK(fetch)(weight, i, lanes, storage), lanes);
    });
}

// More rows of x than a tile takes pay for restoring rows of the weight first.
CK_INLINE void CK(product)(float *out, const float *x, const void *weight, ck_storage storage, const float *scales,
                           const float *bias, size_t begin, size_t end, size_t M, size_t N, size_t K) {
    const size_t size = CK(stored_size)(storage);
    const char *from = (const char *)weight;
    float *restored = M > 4 && storage != CK_STORED_FLOAT32 ? ck_scratch_for_product(2 * K * sizeof(float)) : NULL;
    size_t j = begin;
    if (M == 1) {
        for (; j + 4 <= end; j += 4) CK(tile)(out, x, from + j * K * size, storage, scales, bias, j, 1, 4, N, K);
    }
    for (; j + 2 <= end; j += 2) {
        if (restored) {
            CK(restore)(restored, from + j * K * size, storage, 2 * K);
            CK(pair)(out, x, restored, CK_STORED_FLOAT32, scales, bias, j, M, N, K);
        } else {
            CK(pair)(out, x, from + j * K * size, storage, scales, bias, j, M, N, K);
        }
    }
    for (; j < end; j++)
        for (size_t i = 0; i < M; i++)
            CK(tile)(out + i * N, x + i * K, from + j * K * size, storage, scales, bias, j, 1, 1, N, K);
}

static void CK(stored_product)(float *out, const float *x, const void *weight, ck_storage storage,
                               const float *scales, const float *bias, size_t begin, size_t end, size_t M, size_t N,
                               size_t K) {
    switch (storage) {
#define WITH(constant)                                                                       \
    case constant:                                                                           \
        CK(product)(out, x, weight, constant, constant == CK_STORED_INT8 ? scales : NULL, bias, begin, end, M, N, K); \
        break;
        WITH(CK_STORED_FLOAT32)
        WITH(CK_STORED_BFLOAT16)
        WITH(CK_STORED_INT8)
#undef WITH
    }
}

static void CK(float32_from_int8)(float *out, const int8_t *elements, const float *scales, size_t row_begin,
                                  size_t row_end, size_t K) {
    for (size_t row = row_begin; row < row_end; row++) {
        CK_EACH(k, row * K, (row + 1) * K, {
            vstore(out + k, __builtin_convertvector(CK(load_bytes)(elements + k, lanes), floats) * scales[row], lanes);
        });
    }
}

#else

void ck_stored_product(float *out, const float *x, const void *weight, ck_storage storage, const float *scales,
                       const float *bias, size_t output_begin, size_t output_end, size_t M, size_t N, size_t K) {
    CK_CALL(stored_product)(out, x, weight, storage, scales, bias, output_begin, output_end, M, N, K);
}

void ck_float32_from_int8(float *out, const int8_t *elements, const float *scales, size_t row_begin, size_t row_end,
                          size_t K) {
    CK_CALL(float32_from_int8)(out, elements, scales, row_begin, row_end, K);
}

// Done once for a weight, and the same everywhere.
void ck_int8_from_float32(int8_t *elements, float *scales, const float *inp, size_t row_begin, size_t row_end,
                          size_t K) {
    for (size_t row = row_begin; row < row_end; row++) {
        const float *from = inp + row * K;
        float greatest = 0;
        for (size_t k = 0; k < K; k++) greatest = fmaxf(greatest, fabsf(from[k]));
        float scale = greatest / 127;
        scales[row] = scale;
        for (size_t k = 0; k < K; k++) {
            float nearest = scale > 0 ? nearbyintf(from[k] / scale) : 0;
            // Written so that NaN becomes zero.
            elements[row * K + k] = (int8_t)(nearest > -127 ? (nearest < 127 ? nearest : 127) : nearest <= -127 ? -127 : 0);
        }
    }
}

#endif
