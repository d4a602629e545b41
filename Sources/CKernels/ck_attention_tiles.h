// Register tiles, and moving rows in and out of them: part of ck_attention.c, read once per processor variant.
//
// Every product of attention is a sum of outer products held in registers, ROWS × PANEL numbers at a time, between a
// number that is broadcast and vectors that are loaded as they lie.  Three layouts make that possible:
//
//     scores   (KEYS, lanes)         lanes lie in vectors
//     panels   (panels, D, PANEL)    queries and dout for the product that makes scores
//     rows     (…, WIDTH)            operands and results of all other products: D channels, then zeros
#undef VECTORS
#undef ROWS
#undef UNROLL
#undef PANEL
#undef GROUPS
#undef LAST

// As many sums as the registers hold, beside the vectors and the broadcast number that they come from.
#if CK_WIDTH == 16
#define VECTORS 2
#define ROWS 12
#define UNROLL 1
#elif defined(__aarch64__)
#define VECTORS 4
#define ROWS 6
#define UNROLL 2
#else
#define VECTORS 2
#define ROWS 6
#define UNROLL 2
#endif

#define PANEL (VECTORS * CK_WIDTH)
#define GROUPS ((PANEL + ROWS - 1) / ROWS)  // groups of ROWS lanes in a panel
#define LAST (PANEL - (GROUPS - 1) * ROWS)  // lanes of the last group

_Static_assert(KEYS % ROWS == 0 && ROWS <= TALLEST_TILE, "a tile of keys is made of register tiles");
_Static_assert(FORWARD_LANES % PANEL == 0 && BACKWARD_LANES % PANEL == 0, "a block is made of panels");
_Static_assert(WIDEST_PANEL % PANEL == 0 && FORWARD_LANES / PANEL <= MOST_PANELS, "panels fit");
_Static_assert(FORWARD_LANES / PANEL * GROUPS <= MOST_GROUPS, "groups fit");

// c (rows, PANEL) = start + Σ_{k < depth} a[row, k] b[k, ·]
// start is zero, or c where `keep`, or c with each row multiplied by its factor.
CK_INLINE void CK(outer_products)(size_t rows, float *c, size_t c_row, bool keep, const float *factor,
                                  const float *a, size_t a_row, size_t a_depth, const float *b, size_t b_depth,
                                  size_t depth) {
    floats sum[ROWS][VECTORS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t v = 0; v < VECTORS; v++) {
            sum[r][v] = keep ? vload(c + r * c_row + v * CK_WIDTH, CK_WIDTH) : (floats)0.0f;
            if (factor) sum[r][v] *= factor[r];
        }
#pragma clang loop unroll_count(UNROLL)
    for (size_t k = 0; k < depth; k++) {
        floats right[VECTORS];
#pragma clang loop unroll(full)
        for (size_t v = 0; v < VECTORS; v++) right[v] = vload(b + k * b_depth + v * CK_WIDTH, CK_WIDTH);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            floats left = a[r * a_row + k * a_depth];
#pragma clang loop unroll(full)
            for (size_t v = 0; v < VECTORS; v++) sum[r][v] += left * right[v];
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t v = 0; v < VECTORS; v++) vstore(c + r * c_row + v * CK_WIDTH, sum[r][v], CK_WIDTH);
}

// scores (ROWS keys, one panel) = keys (ROWS, WIDTH) · queries (D, PANEL)
static void CK(score_tile)(float *scores, size_t lanes, const float *keys, size_t width, const float *queries,
                           size_t D) {
    CK(outer_products)(ROWS, scores, lanes, false, NULL, keys, width, 1, queries, PANEL, D);
}

// sums (a group's lanes, PANEL) = factor · sums + weights (keys, lanes)ᵀ · rows (keys, PANEL)
static void CK(lane_tile)(size_t group, float *sums, const float *factor, const float *weights, size_t lanes,
                          const float *rows, size_t width, size_t keys) {
    bool whole = group + 1 < GROUPS;
    if (whole && factor)
        CK(outer_products)(ROWS, sums, width, true, factor, weights, 1, lanes, rows, width, keys);
    else if (whole)
        CK(outer_products)(ROWS, sums, width, true, NULL, weights, 1, lanes, rows, width, keys);
    else if (factor)
        CK(outer_products)(LAST, sums, width, true, factor, weights, 1, lanes, rows, width, keys);
    else
        CK(outer_products)(LAST, sums, width, true, NULL, weights, 1, lanes, rows, width, keys);
}

// sums (ROWS keys, PANEL) += weights (ROWS keys, lanes) · rows (depth lanes, PANEL)
static void CK(key_tile)(float *sums, const float *weights, size_t lanes, const float *rows, size_t width,
                         size_t depth) {
    CK(outer_products)(ROWS, sums, width, true, NULL, weights, lanes, 1, rows, width, depth);
}

// 2ˣ for x ≤ 1, to 1.4 units in the last place; exactly zero below −127; a NaN stays one.
CK_INLINE floats vpower(floats x) {
    const float rounder = 0x1.8p23f;  // adding it leaves the nearest integer in the low bits
    x = vmax((floats)-127.0f, x);
    floats shifted = x + rounder;
    floats r = x - (shifted - rounder);
    floats p = r * 0x1.5bba14p-10f + 0x1.3cea88p-7f;
    p = p * r + 0x1.c6b752p-5f;
    p = p * r + 0x1.ebf9bcp-3f;
    p = p * r + 0x1.62e42ap-1f;
    p = p * r + 1.0f;
    return p * vfloat((vbits(shifted) << 23) + 0x3f800000);
}

// out = scale · from, D floats, then zeros up to `width`.
static void CK(copy_row)(float *out, const float *from, size_t D, size_t width, float scale) {
    CK_EACH(d, 0, D, { vstore(out + d, scale * vload(from + d, lanes), lanes); });
    for (size_t d = D; d < width; d++) out[d] = 0;
}

// The rows of one head lie too far apart for the processor to foresee them.
enum { CK(ROWS_AHEAD) = 8 };
CK_INLINE void CK(prefetch_row)(const void *row, size_t bytes) {
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)row + at);
}

CK_INLINE floats CK(widened)(const uint16_t *from, size_t lanes) {
    return vfloat(__builtin_convertvector(vload_shorts(from, lanes), ints) << 16);
}

// Keys or values [first, first + count) of one head, as rows.
static void CK(copy_keys)(float *out, const void *from, const ck_attention *attention, size_t kv_head, size_t first,
                          size_t count) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t bytes = D * (attention->keys == CK_KEYS_FLOAT32 ? sizeof(float) : sizeof(uint16_t));
    for (size_t j = 0; j < count; j++, out += width) {
        const void *key = ck_key(attention, from, kv_head, first + j);
        CK(prefetch_row)(ck_key(attention, from, kv_head, first + j + CK(ROWS_AHEAD)), bytes);
        if (attention->keys == CK_KEYS_FLOAT32) {
            CK(copy_row)(out, key, D, width, 1);
        } else {
            CK_EACH(d, 0, D, { vstore(out + d, CK(widened)((const uint16_t *)key + d, lanes), lanes); });
            for (size_t d = D; d < width; d++) out[d] = 0;
        }
    }
}

// The vectors of D floats that the lanes stand for, of (N, H, D), as rows; zeros for unused lanes of the last panel.
static void CK(copy_lanes)(float *out, const float *from, size_t stride, const ck_lanes *lanes, size_t D,
                           size_t width) {
    size_t lane = 0;
    for (; lane < lanes->count; lane++) {
        if (lane + CK(ROWS_AHEAD) < lanes->count) {
            size_t next = lane + CK(ROWS_AHEAD);
            CK(prefetch_row)(from + lanes->row[next] * stride + lanes->head[next] * D, D * sizeof(float));
        }
        CK(copy_row)(out + lane * width, from + lanes->row[lane] * stride + lanes->head[lane] * D, D, width, 1);
    }
    size_t unused = ck_rounded_up(lane, PANEL) - lane;
    memset(out + lane * width, 0, unused * width * sizeof(float));
}

// And back, of one lane.
static void CK(write_lane)(float *to, size_t stride, const float *row, const ck_lanes *lanes, size_t lane, size_t D,
                           float scale) {
    CK(copy_row)(to + lanes->row[lane] * stride + lanes->head[lane] * D, row, D, D, scale);
}

// panels = scale · rows, transposed.
static void CK(turn)(float *panels, const float *rows, size_t lanes, size_t D, size_t width, float scale) {
    for (size_t lane = 0; lane < ck_rounded_up(lanes, PANEL); lane += CK_WIDTH) {
        float *panel = panels + lane / PANEL * PANEL * D + lane % PANEL;
        for (size_t d = 0; d < D; d += CK_WIDTH) {
            floats square[CK_WIDTH];
            for (size_t i = 0; i < CK_WIDTH; i++) square[i] = scale * vload(rows + (lane + i) * width + d, CK_WIDTH);
            vtranspose(square);
            for (size_t i = 0; i < CK_WIDTH && d + i < D; i++) vstore(panel + (d + i) * PANEL, square[i], CK_WIDTH);
        }
    }
}
