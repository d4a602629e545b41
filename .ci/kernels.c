// Runs every kernel on the same inputs and writes down what it computed, so that two processors can be compared:
//
//     kernels run VARIANT FILE           runs the kernels of a variant, such as avx2, and writes FILE
//     kernels compare FILE OTHER         compares two such files
//
// Products in float32 that CKernels leaves to OpenBLAS are computed by three loops here: OpenBLAS is not what is tested.
#include "ck_activation.h"
#include "ck_attention.h"
#include "ck_bfloat16.h"
#include "ck_bias.h"
#include "ck_cpu.h"
#include "ck_dropout.h"
#include "ck_elementwise.h"
#include "ck_embedding.h"
#include "ck_float16.h"
#include "ck_head.h"
#include "ck_int4.h"
#include "ck_int8.h"
#include "ck_matmul.h"
#include "ck_norm.h"
#include "ck_optimizer.h"
#include "ck_peak.h"
#include "ck_random.h"
#include "ck_reduce.h"
#include "ck_rotary.h"
#include "ck_softmax.h"
#include "ck_threads.h"
#include "ck_transpose.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: What OpenBLAS would compute

static float element(const float *x, blasint stride, int is_transposed, blasint row, blasint column) {
    return is_transposed ? x[column * stride + row] : x[row * stride + column];
}

void cblas_sgemm(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE turns_a,
                 OPENBLAS_CONST enum CBLAS_TRANSPOSE turns_b, OPENBLAS_CONST blasint M, OPENBLAS_CONST blasint N,
                 OPENBLAS_CONST blasint K, OPENBLAS_CONST float alpha, OPENBLAS_CONST float *a,
                 OPENBLAS_CONST blasint a_stride, OPENBLAS_CONST float *b, OPENBLAS_CONST blasint b_stride,
                 OPENBLAS_CONST float beta, float *c, OPENBLAS_CONST blasint c_stride) {
    (void)order;
    for (blasint i = 0; i < M; i++)
        for (blasint j = 0; j < N; j++) {
            double sum = 0;
            for (blasint k = 0; k < K; k++)
                sum += (double)element(a, a_stride, turns_a == CblasTrans, i, k)
                     * element(b, b_stride, turns_b == CblasTrans, k, j);
            float *to = c + i * c_stride + j;
            *to = (float)(alpha * sum + (beta != 0 ? beta * *to : 0));
        }
}

void cblas_sgemv(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE turns,
                 OPENBLAS_CONST blasint rows, OPENBLAS_CONST blasint columns, OPENBLAS_CONST float alpha,
                 OPENBLAS_CONST float *a, OPENBLAS_CONST blasint stride, OPENBLAS_CONST float *x,
                 OPENBLAS_CONST blasint x_step, OPENBLAS_CONST float beta, float *y, OPENBLAS_CONST blasint y_step) {
    (void)order;
    const blasint outputs = turns == CblasTrans ? columns : rows, inputs = turns == CblasTrans ? rows : columns;
    for (blasint i = 0; i < outputs; i++) {
        double sum = 0;
        for (blasint k = 0; k < inputs; k++) sum += (double)element(a, stride, turns == CblasTrans, i, k) * x[k * x_step];
        y[i * y_step] = (float)(alpha * sum + (beta != 0 ? beta * y[i * y_step] : 0));
    }
}

void openblas_set_num_threads(int count) { (void)count; }

// MARK: Inputs and records

static FILE *output;
static uint64_t draws;

static void stop(const char *reason) {
    fprintf(stderr, "%s\n", reason);
    exit(1);
}

static void *memory(size_t bytes) {
    void *result = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!result) stop("no memory");
    memset(result, 0, bytes);
    return result;
}

static float *zeros(size_t count) { return memory(count * sizeof(float)); }

static float *normal(size_t count) {
    float *x = zeros(count);
    ck_random_normal(x, (ck_random){.key = 11, .stream = draws++}, 0, count, 0, 1, 0);
    return x;
}

static float *uniform(size_t count, float low, float high) {
    float *x = zeros(count);
    ck_random_uniform(x, (ck_random){.key = 12, .stream = draws++}, 0, count, low, high);
    return x;
}

static int32_t *integers(size_t count, uint32_t bound) {
    int32_t *x = memory(count * sizeof(int32_t));
    ck_random_words((uint32_t *)x, (ck_random){.key = 13, .stream = draws++}, 0, count);
    for (size_t i = 0; i < count; i++) x[i] = (int32_t)((uint32_t)x[i] % bound);
    return x;
}

enum { NAME = 48 };

typedef struct {
    char name[NAME];
    uint64_t count;
    float tolerance;  // of the greatest difference, relative to the greatest magnitude; 0: the same bits
    uint32_t unused;
} header;

// Rounding of float32 sums of some hundred terms, relative to the greatest of the results.
static const float ROUNDING = 4e-6f;

static void record(const char *name, const float *x, size_t count, float tolerance) {
    header h = {.count = count, .tolerance = tolerance};
    snprintf(h.name, NAME, "%s", name);
    if (fwrite(&h, sizeof h, 1, output) != 1 || fwrite(x, sizeof(float), count, output) != count) stop("cannot write");
}

static void record_bits(const char *name, const void *bytes, size_t size, size_t count) {
    float *numbers = zeros(count);
    for (size_t i = 0; i < count; i++)
        numbers[i] = size == 1 ? ((const int8_t *)bytes)[i] : size == 2 ? ((const uint16_t *)bytes)[i] : 0;
    if (size == 4) memcpy(numbers, bytes, 4 * count);
    record(name, numbers, count, 0);
}

// MARK: Kernels

typedef void one_input(float *, const float *, size_t, size_t);
typedef void two_inputs(float *, const float *, const float *, size_t, size_t);

static void functions_of_elements(size_t n) {
    float *a = normal(n), *b = normal(n), *c = normal(n), *positive = uniform(n, 0.1f, 3), *out = zeros(n), *other = zeros(n);
#define ONE(name, x) (name(out, x, 0, n), record(#name, out, n, ROUNDING))
#define TWO(name, x, y) (name(out, x, y, 0, n), record(#name, out, n, ROUNDING))
    ONE(ck_gelu_forward, a), TWO(ck_gelu_backward, b, a);
    ONE(ck_gelu_tanh_forward, a), TWO(ck_gelu_tanh_backward, b, a);
    ONE(ck_silu_forward, a), TWO(ck_silu_backward, b, a);
    ONE(ck_relu_forward, a), TWO(ck_relu_backward, b, a);
    ONE(ck_relu_squared_forward, a), TWO(ck_relu_squared_backward, b, a);
    TWO(ck_swiglu_forward, a, b);
    ck_swiglu_backward(out, other, c, a, b, 0, n);
    record("ck_swiglu_backward dgate", out, n, ROUNDING), record("ck_swiglu_backward dup", other, n, ROUNDING);
    TWO(ck_add, a, b), TWO(ck_subtract, a, b), TWO(ck_multiply, a, b), TWO(ck_divide, a, positive);
    TWO(ck_minimum, a, b), TWO(ck_maximum, a, b);
    TWO(ck_less, a, b), TWO(ck_less_or_equal, a, b), TWO(ck_equal, a, b);
    ck_multiply_add(out, a, b, c, 0, n), record("ck_multiply_add", out, n, ROUNDING);
    float *condition = zeros(n);
    ck_less(condition, a, c, 0, n);
    ck_select(out, condition, a, b, 0, n), record("ck_select", out, n, 0);
    ck_fill(out, 0, n, 1.5f), record("ck_fill", out, n, 0);
    ck_add_scalar(out, a, 0, n, 1.5f), record("ck_add_scalar", out, n, 0);
    ck_scale(out, a, 0, n, 1.5f), record("ck_scale", out, n, 0);
    ck_divide_scalar(out, positive, 0, n, 1.5f), record("ck_divide_scalar", out, n, ROUNDING);
    ck_add_scaled(out, a, b, 0, n, 1.5f), record("ck_add_scaled", out, n, ROUNDING);
    ck_lerp(out, a, b, 0, n, 0.3f), record("ck_lerp", out, n, ROUNDING);
    ONE(ck_exp_forward, a), ONE(ck_log_forward, positive);
    ONE(ck_sqrt_forward, positive), TWO(ck_sqrt_backward, b, positive);
    ONE(ck_tanh_forward, a), TWO(ck_tanh_backward, b, out);
    ONE(ck_sigmoid_forward, a), TWO(ck_sigmoid_backward, b, out);
    ONE(ck_log_sigmoid_forward, a), TWO(ck_log_sigmoid_backward, b, a);
    ONE(ck_erf_forward, a), TWO(ck_erf_backward, b, a);
    ONE(ck_abs_forward, a), TWO(ck_abs_backward, b, a);
    ck_clip_forward(out, a, 0, n, -0.5f, 1), record("ck_clip_forward", out, n, 0);
    ck_clip_backward(out, b, a, 0, n, -0.5f, 1), record("ck_clip_backward", out, n, 0);
    ck_dropout(out, a, (ck_random){.key = 5, .stream = n}, 0, n, 0.3f), record("ck_dropout", out, n, ROUNDING);
#undef ONE
#undef TWO
}

static void conversions(size_t n) {
    float *x = normal(n), *out = zeros(n);
    uint16_t *halves = memory(2 * n);
    for (size_t i = 0; i < n; i++) x[i] = ldexpf(x[i], (int)(i % 41) - 20);
    x[0] = INFINITY;
    ck_bfloat16_from_float32(halves, x, 0, n), record_bits("ck_bfloat16_from_float32", halves, 2, n);
    ck_float32_from_bfloat16(out, halves, 0, n), record_bits("ck_float32_from_bfloat16", out, 4, n);
    ck_round_to_bfloat16(out, x, 0, n), record_bits("ck_round_to_bfloat16", out, 4, n);
    ck_float16_from_float32(halves, x, 0, n), record_bits("ck_float16_from_float32", halves, 2, n);
    ck_float32_from_float16(out, halves, 0, n), record_bits("ck_float32_from_float16", out, 4, n);
}

static void random_numbers(size_t n) {
    ck_random source = {.key = 0x123456789abcdef, .stream = n, .position = UINT64_MAX - 3};
    uint32_t *words = memory(4 * n);
    float *x = zeros(n);
    ck_random_words(words, source, 0, n), record_bits("ck_random_words", words, 4, n);
    ck_random_uniform(x, source, 0, n, -2, 3), record_bits("ck_random_uniform", x, 4, n);
    ck_random_normal(x, source, 0, n, 1, 2, 0.01f), record_bits("ck_random_normal", x, 4, n);
}

static void sums(size_t R, size_t C) {
    float *x = normal(R * C), *out = zeros(R > C ? R : C);
    float totals[2] = {(float)ck_sum(x, 0, R * C), (float)ck_sum_squares(x, 0, R * C)};
    record("ck_sum", totals, 1, 1e-4f), record("ck_sum_squares", totals + 1, 1, ROUNDING);
    ck_row_sums(out, x, 0, R, C), record("ck_row_sums", out, R, 3e-5f);
    memset(out, 0, C * sizeof *out);
    ck_column_sums(out, x, 0, R, C), record("ck_column_sums", out, C, ROUNDING);
    ck_bias_backward(out, x, 0, C, R, C), record("ck_bias_backward", out, C, ROUNDING);
    int32_t *index = memory(R * 4);
    ck_row_maxima(out, index, x, 0, R, C), record("ck_row_maxima", out, R, 0);
    record_bits("ck_row_maxima index", index, 4, R);
    float *turned = zeros(R * C);
    ck_transpose(turned, x, 0, C, R, C), record("ck_transpose", turned, R * C, 0);
}

static void softmax(size_t R, size_t C) {
    float *x = normal(R * C), *dy = normal(R * C), *y = zeros(R * C), *dx = zeros(R * C);
    ck_softmax_forward(y, x, 0, R, C), record("ck_softmax_forward", y, R * C, ROUNDING);
    ck_softmax_backward(dx, dy, y, 0, R, C), record("ck_softmax_backward", dx, R * C, ROUNDING);
    ck_log_softmax_forward(y, x, 0, R, C), record("ck_log_softmax_forward", y, R * C, ROUNDING);
    ck_log_softmax_backward(dx, dy, y, 0, R, C), record("ck_log_softmax_backward", dx, R * C, ROUNDING);
}

static void norms(size_t R, size_t C) {
    const size_t n = R * C;
    float *a = normal(n), *b = normal(n), *dy = normal(n), *dsum = normal(n), *weight = normal(C), *bias = normal(C);
    float *sum = zeros(n), *y = zeros(n), *dx = zeros(n), *dweight = zeros(C), *dbias = zeros(C);
    float *mean = zeros(R), *scale = zeros(R);
    ck_rms_norm_forward(y, scale, a, weight, 0, R, C, 1e-5f);
    record("ck_rms_norm_forward", y, n, ROUNDING), record("ck_rms_norm_forward rrms", scale, R, ROUNDING);
    ck_rms_norm_backward(dx, dweight, dy, dsum, a, weight, scale, 0, R, C);
    record("ck_rms_norm_backward", dx, n, ROUNDING), record("ck_rms_norm_backward dweight", dweight, C, ROUNDING);
    ck_add_rms_norm_forward(sum, y, scale, a, b, weight, 0, R, C, 1e-5f);
    record("ck_add_rms_norm_forward", y, n, ROUNDING), record("ck_add_rms_norm_forward sum", sum, n, 0);
    ck_layer_norm_forward(y, mean, scale, a, weight, bias, 0, R, C, 1e-3f);
    record("ck_layer_norm_forward", y, n, ROUNDING), record("ck_layer_norm_forward rstd", scale, R, ROUNDING);
    memset(dweight, 0, C * sizeof *dweight);
    ck_layer_norm_backward(dx, dweight, dbias, dy, dsum, a, weight, mean, scale, 0, R, C);
    record("ck_layer_norm_backward", dx, n, 1e-5f), record("ck_layer_norm_backward dweight", dweight, C, 1e-5f);
    record("ck_layer_norm_backward dbias", dbias, C, ROUNDING);
    ck_add_layer_norm_forward(sum, y, mean, scale, a, b, weight, bias, 0, R, C, 1e-3f);
    record("ck_add_layer_norm_forward", y, n, ROUNDING), record("ck_add_layer_norm_forward sum", sum, n, 0);
}

static void embedding(size_t R, size_t V, size_t C) {
    float *weight = normal(V * C), *dout = normal(R * C), *out = zeros(R * C), *dweight = zeros(V * C);
    int32_t *ids = integers(R, (uint32_t)V);
    ck_embedding_forward(out, weight, ids, 0, R, C), record("ck_embedding_forward", out, R * C, 0);
    ck_embedding_backward(dweight, dout, ids, 0, C, R, C), record("ck_embedding_backward", dweight, V * C, 0);
}

static void rotary(size_t N, size_t H, size_t P) {
    const size_t D = 2 * P, positions = 300;
    float *x = normal(N * H * D), *out = zeros(N * H * D), *frequencies = uniform(P, 0.001f, 1), *table = zeros(positions * D);
    int32_t *places = integers(N, positions);
    // All pairs of a head, and some of them with a magnitude, which leave the last channels as they are.
    for (int partial = 0; partial < 2; partial++) {
        const size_t pairs = partial ? (P + 1) / 2 : P;
        ck_rotary_table(table, frequencies, 0, positions, pairs, partial ? 1.2 : 1);
        record("ck_rotary_table", table, positions * 2 * pairs, ROUNDING);
        for (int adjacent = 0; adjacent < 2; adjacent++) {
            ck_rotary_forward(out, x, table, places, 0, N, H, D, pairs, adjacent);
            record("ck_rotary_forward", out, N * H * D, ROUNDING);
            ck_rotary_backward(out, x, table, places, 0, N, H, D, pairs, adjacent);
            record("ck_rotary_backward", out, N * H * D, ROUNDING);
        }
    }
}

static void head(size_t R, size_t V) {
    const ck_head_scale scale = {.soft_cap = 5, .temperature = 0.8f};
    size_t *begin = memory((R + 1) * sizeof *begin);
    for (size_t r = 0; r < R; r++) begin[r + 1] = begin[r] + r % 3;
    const size_t E = begin[R];
    const ck_head_targets targets = {integers(E, (uint32_t)V), begin};
    float *scores = normal(R * V), *log_sum = zeros(R), *entropy = zeros(R), *score = zeros(E), *hit = zeros(E);
    ck_head_scores(scores, scale, 0, R, V), record("ck_head_scores", scores, R * V, ROUNDING);
    ck_head_forward(log_sum, entropy, score, hit, scores, targets, 0, R, V);
    record("ck_head_forward log_sum", log_sum, R, ROUNDING), record("ck_head_forward entropy", entropy, R, ROUNDING);
    record("ck_head_forward score", score, E, ROUNDING), record("ck_head_forward hit", hit, E, 0);
    ck_head_backward(scores, normal(R), normal(R), normal(E), log_sum, score, targets, scale, 0, R, V);
    record("ck_head_backward", scores, R * V, ROUNDING);
    for (float beta = 0; beta <= 1; beta += 0.5f) {
        float *student = normal(R * V), *teacher = normal(R * V), *sums[] = {zeros(R), zeros(R)}, *divergence = zeros(R);
        ck_head_scores(student, scale, 0, R, V), ck_head_scores(teacher, scale, 0, R, V);
        ck_head_forward(sums[0], NULL, score, hit, student, targets, 0, R, V);
        ck_head_forward(sums[1], NULL, score, hit, teacher, targets, 0, R, V);
        ck_head_divergence(student, divergence, teacher, normal(R), sums[0], sums[1], beta, scale, 0, R, V);
        record("ck_head_divergence", divergence, R, ROUNDING), record("ck_head_divergence gradient", student, R * V, ROUNDING);
    }
}

// Rows that lie one after another, or with elements between them that are not numbers.
static ck_operand operand(size_t rows, size_t columns, size_t padding, ck_storage storage, bool is_transposed) {
    const size_t stored_rows = is_transposed ? columns : rows, width = is_transposed ? rows : columns, stride = width + padding;
    float *x = normal(stored_rows * stride);
    for (size_t i = 0; i < stored_rows; i++)
        for (size_t j = width; j < stride; j++) x[i * stride + j] = NAN;
    if (storage == CK_STORED_FLOAT32) return (ck_operand){x, stride, storage, is_transposed};
    uint16_t *halves = memory(2 * stored_rows * stride);
    ck_bfloat16_from_float32(halves, x, 0, stored_rows * stride);
    return (ck_operand){halves, stride, storage, is_transposed};
}

static void product(size_t M, size_t N, size_t K, int transposes, ck_storage of_a, ck_storage of_b, ck_precision precision) {
    // One element between rows gives those of an odd length an even stride.
    const size_t padding = transposes & 2 ? 1 : 0;
    ck_product p = {.c = normal(M * N), .c_stride = N, .M = M, .N = N, .K = K, .precision = precision, .accumulate = true};
    p.bias = normal(N);
    p.a = operand(M, K, padding, of_a, transposes & 1);
    p.b = operand(K, N, padding, of_b, transposes & 2);
    ck_matmul(&p, memory(ck_matmul_workspace(&p) + 64));
    record("ck_matmul", p.c, M * N, 1e-5f);
}

static void stored_product(size_t M, size_t N, size_t K) {
    float *x = normal(M * K), *weight = normal(N * K), *bias = normal(N), *scales = zeros(N), *out = zeros(M * N);
    uint16_t *halves = memory(2 * N * K);
    int8_t *bytes = memory(N * K);
    ck_bfloat16_from_float32(halves, weight, 0, N * K);
    ck_int8_from_float32(bytes, scales, weight, 0, N, K);
    record_bits("ck_int8_from_float32", bytes, 1, N * K), record("ck_int8_from_float32 scales", scales, N, 0);
    ck_int4_block *blocks = memory(N * ck_int4_blocks(K) * sizeof(ck_int4_block));
    ck_int4_from_float32(blocks, weight, 0, N, K);
    const void *weights[] = {weight, halves, bytes, blocks};
    for (int storage = 0; storage < 4; storage++) {
        for (int precision = 0; precision < 2; precision++) {
            ck_product p = {.c = out, .c_stride = N, .M = M, .N = N, .K = K, .precision = (ck_precision)precision, .bias = bias};
            p.a = (ck_operand){x, K, CK_STORED_FLOAT32, false};
            p.b = (ck_operand){weights[storage], K, (ck_storage)storage, true};
            p.scales = storage == CK_STORED_INT8 ? scales : NULL;
            p.rows_are_independent = true;
            ck_matmul(&p, memory(ck_matmul_workspace(&p) + 64));
            // Where pairs of bfloat16 are multiplied, the numbers of int4 are rounded too.
            const bool is_rounded = storage == CK_STORED_INT4 && precision == CK_PRECISION_BFLOAT16;
            record("ck_matmul of independent rows", out, M * N, is_rounded ? 2e-2f : 1e-5f);
        }
    }
    ck_float32_from_int8(weight, bytes, scales, 0, N, K), record("ck_float32_from_int8", weight, N * K, 0);
    ck_float32_from_int4(weight, blocks, 0, N, K), record("ck_float32_from_int4", weight, N * K, 0);
}

// A prompt with two answers, and a sequence of its own.
static void attention(int32_t prompt, int32_t answer, size_t H, size_t G, size_t D, int32_t window, float cap) {
    const int32_t N = prompt + 2 * answer + 3;
    const size_t q_count = (size_t)N * H * D, kv_count = (size_t)N * G * D;
    float *q = normal(q_count), *k = normal(kv_count), *v = normal(kv_count), *dout = normal(q_count);
    float *out = zeros(q_count), *lse = zeros((size_t)N * H), *dq = zeros(q_count), *dk = zeros(kv_count), *dv = zeros(kv_count);
    int32_t *positions = memory(4 * (size_t)N);
    const int32_t begins[] = {0, prompt, prompt + answer, prompt + 2 * answer};
    const int32_t lengths[] = {prompt, answer, answer, 3}, firsts[] = {0, prompt, prompt, 0};
    const int32_t ends[] = {prompt + 2 * answer, prompt + answer, prompt + 2 * answer, N};
    ck_span spans[4];
    for (int s = 0; s < 4; s++) {
        for (int32_t i = 0; i < lengths[s]; i++) positions[begins[s] + i] = firsts[s] + i;
        const size_t first = (size_t)begins[s] * G * D;
        spans[s] = (ck_span){k + first, v + first, lengths[s], firsts[s], begins[s], ends[s]};
    }
    ck_attention view = {.spans = spans, .positions = positions, .span_count = 4, .heads = H, .kv_heads = G, .head_size = D,
                         .q_stride = H * D, .out_stride = H * D, .kv_stride = G * D, .kv_head_stride = D,
                         .keys = CK_KEYS_FLOAT32, .window = window, .scale = 1 / sqrtf((float)D), .soft_cap = cap};
    void *workspace = memory(ck_attention_forward_workspace(&view));
    for (size_t g = 0; g < G; g++) ck_attention_forward(out, lse, q, &view, g, 0, (size_t)N, workspace);
    record("ck_attention_forward", out, q_count, ROUNDING), record("ck_attention_forward lse", lse, (size_t)N * H, ROUNDING);
    const size_t parts = 2, rows = (size_t)N;
    void *backward = memory(ck_attention_backward_workspace(&view, rows));
    float *partial = zeros(parts * ck_attention_partial_sum(&view, rows));
    for (size_t g = 0; g < G; g++) {
        for (size_t part = 0; part < parts; part++)
            ck_attention_backward(dq, partial + part * ck_attention_partial_sum(&view, rows), dout, q, out, lse, &view, g, 0,
                                  rows, part, parts, backward);
        ck_attention_backward_keys(dk, dv, partial, &view, g, 0, rows, parts);
    }
    record("ck_attention_backward", dq, q_count, 1e-5f);
    record("ck_attention_backward_keys dk", dk, kv_count, 1e-5f), record("ck_attention_backward_keys dv", dv, kv_count, 1e-5f);
}

static void optimizers(size_t R, size_t C) {
    const size_t n = R * C;
    float *p = normal(n), *m = normal(n), *v = uniform(n, 0.1f, 1), *g = normal(n), *out = zeros(n);
    float *rows = uniform(R, 0.1f, 1), *columns = uniform(C, 0.1f, 1);
    const ck_adamw_step step = {0.01f, 0.999f, 0.9f, 0.95f, 1.3f, 1e-8f};
    ck_adamw(p, m, v, g, 0, n, &step);
    record("ck_adamw p", p, n, ROUNDING), record("ck_adamw m", m, n, ROUNDING), record("ck_adamw v", v, n, ROUNDING);
    ck_sgd(p, m, g, 0, n, 0.1f, 0.9f, 0.01f, 1), record("ck_sgd", p, n, ROUNDING);
    ck_lion(p, m, g, 0, n, 0.1f, 0.99f, 0.9f, 0.99f), record("ck_lion", p, n, ROUNDING);
    ck_muon_momentum(out, m, g, 0, n, 0.95f), record("ck_muon_momentum", out, n, ROUNDING);
    ck_decay_add(p, out, 0, n, 0.1f, 0.99f), record("ck_decay_add", p, n, ROUNDING);
    ck_adafactor_rows(rows, g, 0, R, C, 0.1f), record("ck_adafactor_rows", rows, R, ROUNDING);
    ck_adafactor_columns(columns, g, 0, C, R, C, 0.1f), record("ck_adafactor_columns", columns, C, ROUNDING);
    float squares[2];
    squares[0] = (float)ck_adafactor_scale(out, g, rows, columns, 0, R, C, 0.5f, 1e-6f);
    record("ck_adafactor_scale", out, n, ROUNDING);
    squares[1] = (float)ck_adafactor_vector(out, v, g, 0, n, 0.1f, 1e-6f);
    record("ck_adafactor_vector", out, n, ROUNDING), record("adafactor squares", squares, 2, ROUNDING);
}

static void add_index(void *context, size_t task) { ((float *)context)[task] = (float)task; }

static void run_kernels(void) {
    const size_t sizes[] = {1, 3, 7, 31, 66, 257};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t n = sizes[i];
        functions_of_elements(n), conversions(n), random_numbers(n);
        sums(n, 5), sums(3, n), softmax(5, n), norms(n, 9), norms(4, n), embedding(n, 7, 13), optimizers(n, 3), optimizers(2, n);
        rotary(n, 3, 5), head(5, n), stored_product(i + 1, n, 67), stored_product(9, 5, n);
        stored_product(20, 9, n), stored_product(45, 9, n);
        for (int transposes = 0; transposes < 4; transposes++) {
            const ck_storage full = CK_STORED_FLOAT32, half = CK_STORED_BFLOAT16;
            product(n, 21, 35, transposes, full, full, CK_PRECISION_FLOAT32);
            product(n, 21, 35, transposes, full, full, CK_PRECISION_BFLOAT16);
            product(19, n, 300, transposes, full, half, CK_PRECISION_BFLOAT16);
            product(1, n, 35, transposes, full, half, CK_PRECISION_FLOAT32);
            product(19, n, 300, transposes, full, half, CK_PRECISION_FLOAT32);
            product(19, 50, n, transposes, half, half, CK_PRECISION_BFLOAT16);
            product(19, n, 600, transposes, half, half, CK_PRECISION_BFLOAT16);
            product(19, n, 601, transposes, half, full, CK_PRECISION_BFLOAT16);
            product(n, 50, 64, transposes, half, half, CK_PRECISION_FLOAT32);
        }
    }
    attention(7, 5, 2, 1, 3, INT32_MAX, 0), attention(61, 40, 4, 2, 16, 25, 0), attention(130, 3, 3, 3, 20, INT32_MAX, 2);
    attention(100, 1, 2, 1, 64, INT32_MAX, 0);
    float tasks[100];
    ck_threads_set_count(2);
    ck_parallel_for(100, add_index, tasks), record("ck_parallel_for", tasks, 100, 0);
    if (ck_peak_float32(10) <= 0) stop("no peak in float32");
    (void)ck_peak_bfloat16(10);
}

// MARK: Comparison

// Where both are the same infinity or NaN there is no difference.
static double difference(float x, float y) {
    if (memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y))) return 0;
    return isfinite(x) && isfinite(y) ? fabs((double)x - y) : INFINITY;
}

// Products of these operands are numbers, and results without a tolerance have the same bits but for the sign of a zero.
static bool is_wrong(const header *h, const float *x, const float *y) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->tolerance == 0 && memcmp(x + i, y + i, sizeof *x) != 0 && !(x[i] == 0 && y[i] == 0)) return true;
        if (!isfinite(x[i]) && strncmp(h->name, "ck_matmul", 9) == 0) return true;
    }
    return false;
}

static int compare(FILE *one, FILE *other) {
    header h, o;
    size_t records = 0, wrong = 0;
    while (fread(&h, sizeof h, 1, one) == 1) {
        if (fread(&o, sizeof o, 1, other) != 1 || memcmp(&h, &o, sizeof h) != 0) stop("the files are not of the same kernels");
        float *x = zeros(h.count), *y = zeros(h.count);
        if (fread(x, 4, h.count, one) != h.count || fread(y, 4, h.count, other) != h.count) stop("a file is cut");
        double greatest = 0, apart = 0;
        for (size_t i = 0; i < h.count; i++) {
            if (isfinite(x[i])) greatest = fmax(greatest, fabs((double)x[i]));
            apart = fmax(apart, difference(x[i], y[i]));
        }
        records++;
        if (apart > h.tolerance * fmax(greatest, 1e-30) || is_wrong(&h, x, y)) {
            wrong++;
            printf("%s of %zu: %.2e apart, %.2e allowed\n", h.name, (size_t)h.count, apart, h.tolerance * greatest);
        }
        free(x), free(y);
    }
    if (fread(&o, sizeof o, 1, other) == 1) stop("the files are not of the same kernels");
    printf("%zu results compared, %zu differ\n", records, wrong);
    return records == 0 || wrong > 0;
}

static bool force(const char *name) {
    for (int variant = 0; variant < CK_VARIANT_COUNT; variant++)
        if (strcmp(name, ck_variant_name((ck_variant)variant)) == 0) return ck_variant_force((ck_variant)variant);
    return false;
}

int main(int count, char **arguments) {
    if (count != 4) stop("usage: kernels run VARIANT FILE, or kernels compare FILE OTHER");
    if (strcmp(arguments[1], "compare") == 0) {
        FILE *one = fopen(arguments[2], "rb"), *other = fopen(arguments[3], "rb");
        if (!one || !other) stop("cannot read");
        return compare(one, other);
    }
    if (!force(arguments[2])) stop("this processor has no such variant");
    if (!(output = fopen(arguments[3], "wb"))) stop("cannot write");
    run_kernels();
    if (fclose(output) != 0) stop("cannot write");
    printf("%s: done\n", ck_variant_name(ck_variant_current()));
    return 0;
}
