#include "ck_attention.h"

#include "ck_attention_layout.h"

#define CK_FILE "ck_attention.c"
#include "ck_variants.h"

#ifdef CK_BODY

// Each builds on those before it.
#include "ck_shuffle.h"
#include "ck_attention_tiles.h"
#include "ck_attention_view.h"
#include "ck_attention_few.h"
#include "ck_attention_forward.h"
#include "ck_attention_backward.h"

#else

// The workspaces are cut into pieces whose number of floats is rounded up to 16.
enum { PIECES = 16 };

size_t ck_attention_forward_workspace(const ck_attention *attention) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t lanes = FORWARD_LANES * (2 + D + width), tile = KEYS * (2 * width + WIDEST_PANEL);
    return ck_rounded_up(lanes + tile + WIDEST_PANEL + width + 16 * PIECES, 16) * sizeof(float);
}

void ck_attention_forward(float *out, float *lse, const float *q, const ck_attention *attention, size_t kv_head,
                          size_t row_begin, size_t row_end, void *workspace) {
    CK_CALL(attention_forward)(out, lse, q, attention, kv_head, row_begin, row_end, workspace);
}

// A register tile may reach beyond the last key, with weights of zero.
size_t ck_attention_partial_sum(const ck_attention *attention, size_t rows) {
    return 2 * ck_rounded_up(rows + TALLEST_TILE, 16) * ck_attention_width(attention);
}

size_t ck_attention_backward_workspace(const ck_attention *attention, size_t rows) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t lanes = BACKWARD_LANES * (2 * D + 3 * width + 2 + 2 * KEYS);
    return ck_rounded_up(ck_attention_partial_sum(attention, rows) + lanes + 16 * PIECES, 16) * sizeof(float);
}

void ck_attention_backward(float *dq, float *partial_sum, const float *dout, const float *q, const float *out,
                           const float *lse, const ck_attention *attention, size_t kv_head, size_t row_begin,
                           size_t row_end, size_t part, size_t parts, void *workspace) {
    CK_CALL(attention_backward)(dq, partial_sum, dout, q, out, lse, attention, kv_head, row_begin, row_end, part,
                                parts, workspace);
}

void ck_attention_backward_keys(float *dk, float *dv, float *partial_sums, const ck_attention *attention,
                                size_t kv_head, size_t row_begin, size_t row_end, size_t parts) {
    CK_CALL(attention_backward_keys)(dk, dv, partial_sums, attention, kv_head, row_begin, row_end, parts);
}

#endif
