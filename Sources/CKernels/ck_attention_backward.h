// Attention, backward: part of ck_attention.c, read once per processor variant.
//
// With probabilities p = exp(s − lse), recomputed from scores, and delta = dout · out of each row:
//
//     dv = Σ p dout      ds = p (dout · v − delta)      dq = scale Σ ds k      dk = scale Σ ds q
//
// A block of rows walks over all the keys it sees.  It owns its dq; dk and dv are summed over blocks.

// What a block of lanes brings to the backward pass, and what it computes for a tile of keys.
typedef struct {
    float *queries, *upward;  // panels: q, scaled for scores, and dout
    float *q, *dout, *dq;     // rows: the same unscaled, and the gradient
    float *lse, *delta;       // (lanes), the former in units of log 2
    float *weights, *slopes;  // (KEYS, lanes): p and ds
} CK(block);

static void CK(load_block)(const CK(block) *block, const float *dout, const float *q, const float *out,
                           const float *lse, const ck_attention *attention, const ck_lanes *lanes) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t used = ck_rounded_up(lanes->count, PANEL);
    float *output = block->dq;  // until the gradient is summed there
    CK(copy_lanes)(block->q, q, attention->q_stride, lanes, D, width);
    CK(copy_lanes)(block->dout, dout, attention->out_stride, lanes, D, width);
    CK(copy_lanes)(output, out, attention->out_stride, lanes, D, width);
    CK(turn)(block->queries, block->q, lanes->count, D, width, ck_score_scale(attention));
    CK(turn)(block->upward, block->dout, lanes->count, D, width, 1);
    for (size_t lane = 0; lane < used; lane++) {
        float log_sum = lse[lanes->row[lane] * attention->heads + lanes->head[lane]];
        block->lse[lane] = log_sum == -INFINITY ? 0 : LOG2_E * log_sum;
        block->delta[lane] = vrow_dot(block->dout + lane * width, output + lane * width, width);
    }
    memset(block->dq, 0, used * width * sizeof(float));
}

// Turns a panel's scores into probabilities p, and slopes, which come in as dout · v, into ds; zeros where a lane does
// not see a key.
static void CK(differentiate)(const CK(block) *block, const ck_view *view, size_t p, int32_t first, ck_range part,
                              float cap) {
    bool partial = CK(is_partial)(view, p, first, part);
    for (int32_t j = part.begin; j < part.end; j++) {
        for (size_t v = 0; v < VECTORS; v++) {
            size_t lane = p * PANEL + v * CK_WIDTH, at = j * BACKWARD_LANES + lane;
            floats score = vload(block->weights + at, CK_WIDTH), bend = 1;
            if (cap > 0) {
                floats capped = vtanh(score);
                score = cap * capped;
                bend = 1 - capped * capped;
            }
            floats weight = vpower(score - vload(block->lse + lane, CK_WIDTH));
            floats slope = vload(block->slopes + at, CK_WIDTH) - vload(block->delta + lane, CK_WIDTH);
            slope *= cap > 0 ? weight * bend : weight;
            if (partial) {
                ints seen = CK(seen_by)(view, p, v, first + j);
                weight = vselect(seen, weight, (floats)0.0f);
                slope = vselect(seen, slope, (floats)0.0f);
            }
            vstore(block->weights + at, weight, CK_WIDTH);
            vstore(block->slopes + at, slope, CK_WIDTH);
        }
    }
}

// p, ds and dq of one panel, for keys `part` of the tile that begins at `first`.
static void CK(pull_back_panel)(const CK(block) *block, const float *keys, const float *values, const ck_view *view,
                                const ck_attention *attention, size_t p, int32_t first, int32_t count,
                                ck_range part) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    float *weights = block->weights + p * PANEL, *slopes = block->slopes + p * PANEL;
    for (int32_t j = part.begin; j < part.end; j += ROWS)
        CK(score_tile)(weights + j * BACKWARD_LANES, BACKWARD_LANES, keys + j * width, width,
                       block->queries + p * PANEL * D, D);
    for (int32_t j = part.begin; j < part.end; j += ROWS)
        CK(score_tile)(slopes + j * BACKWARD_LANES, BACKWARD_LANES, values + j * width, width,
                       block->upward + p * PANEL * D, D);
    CK(differentiate)(block, view, p, first, part, ck_score_cap(attention));
    for (size_t g = 0; g < GROUPS; g++) {
        ck_range seen = ck_within_tile(view->group[p * GROUPS + g], first, count);
        if (seen.end == 0) continue;
        float *dq = block->dq + (p * PANEL + g * ROWS) * width;
        for (size_t d = 0; d < width; d += PANEL)
            CK(lane_tile)(g, dq + d, NULL, slopes + seen.begin * BACKWARD_LANES + g * ROWS, BACKWARD_LANES,
                          keys + seen.begin * width + d, width, seen.end - seen.begin);
    }
}

// Which lanes see some of ROWS keys of a tile from j on.  What lies between two panels that do is set to zero.
static ck_range CK(lanes_that_see)(const CK(block) *block, const ck_range *parts, size_t panels, int32_t j) {
    ck_range lanes = {0, 0};
    for (size_t p = 0; p < panels; p++)
        if (parts[p].begin <= j && j < parts[p].end)
            lanes = ck_hull(lanes, (ck_range){(int32_t)(p * PANEL), (int32_t)((p + 1) * PANEL)});
    for (size_t p = lanes.begin / PANEL; p * PANEL < (size_t)lanes.end; p++) {
        if (parts[p].begin <= j && j < parts[p].end) continue;
        for (int32_t row = j; row < j + ROWS; row++) {
            memset(block->weights + row * BACKWARD_LANES + p * PANEL, 0, PANEL * sizeof(float));
            memset(block->slopes + row * BACKWARD_LANES + p * PANEL, 0, PANEL * sizeof(float));
        }
    }
    return lanes;
}

// sums (keys of a tile, WIDTH) += weights · rows, over the lanes of each group of ROWS keys
static void CK(sum_over_lanes)(float *sums, const float *weights, const float *rows, const ck_range *lanes,
                               int32_t count, size_t width) {
    for (int32_t j = 0; j < count; j += ROWS) {
        ck_range seen = lanes[j / ROWS];
        for (size_t d = 0; d < width && seen.end > 0; d += PANEL)
            CK(key_tile)(sums + j * width + d, weights + j * BACKWARD_LANES + seen.begin, BACKWARD_LANES,
                         rows + seen.begin * width + d, width, seen.end - seen.begin);
    }
}

// Adds what a block has to do with one span; keys, values, dk and dv are those of the span, as rows.
static void CK(pull_back_span)(const CK(block) *block, float *dk, float *dv, const float *keys, const float *values,
                               const ck_view *view, const ck_attention *attention, const ck_lanes *lanes) {
    size_t width = ck_attention_width(attention), panels = (lanes->count + PANEL - 1) / PANEL;
    for (int32_t first = view->any.begin; first < view->any.end; first += KEYS) {
        int32_t count = view->any.end - first < KEYS ? view->any.end - first : KEYS;
        size_t at = first * width;
        ck_range parts[BACKWARD_LANES / PANEL], seen[KEYS / ROWS];
        for (size_t p = 0; p < panels; p++) {
            parts[p] = ck_whole_groups(ck_within_tile(view->panel[p], first, count), ROWS);
            if (parts[p].end > 0)
                CK(pull_back_panel)(block, keys + at, values + at, view, attention, p, first, count, parts[p]);
        }
        for (int32_t j = 0; j < count; j += ROWS) seen[j / ROWS] = CK(lanes_that_see)(block, parts, panels, j);
        CK(sum_over_lanes)(dv + at, block->weights, block->dout, seen, count, width);
        CK(sum_over_lanes)(dk + at, block->slopes, block->q, seen, count, width);
    }
}

static void CK(attention_backward)(float *dq, float *partial_sum, const float *dout, const float *q,
                                   const float *out, const float *lse, const ck_attention *attention,
                                   size_t kv_head, size_t row_begin, size_t row_end, size_t part, size_t parts,
                                   float *workspace) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t one = ck_attention_partial_sum(attention, row_end - row_begin) / 2;
    size_t pairs = (row_end - row_begin) * (attention->heads / attention->kv_heads);
    float *keys = ck_take(&workspace, one), *values = ck_take(&workspace, one);
    CK(block) block;
    block.queries = ck_take(&workspace, BACKWARD_LANES * D);
    block.upward = ck_take(&workspace, BACKWARD_LANES * D);
    block.q = ck_take(&workspace, BACKWARD_LANES * width);
    block.dout = ck_take(&workspace, BACKWARD_LANES * width);
    block.dq = ck_take(&workspace, BACKWARD_LANES * width);
    block.lse = ck_take(&workspace, BACKWARD_LANES);
    block.delta = ck_take(&workspace, BACKWARD_LANES);
    block.weights = ck_take(&workspace, KEYS * BACKWARD_LANES);
    block.slopes = ck_take(&workspace, KEYS * BACKWARD_LANES);

    memset(partial_sum, 0, 2 * one * sizeof(float));
    for (size_t s = 0; s < attention->span_count; s++) {
        const ck_span *span = attention->spans + s;
        if (span->query_begin < (int32_t)row_begin || span->query_begin >= (int32_t)row_end) continue;
        size_t at = (span->query_begin - row_begin) * width;
        CK(copy_keys)(keys + at, span->k, attention, kv_head, 0, span->length);
        CK(copy_keys)(values + at, span->v, attention, kv_head, 0, span->length);
    }

    for (size_t pair = 0; pair < pairs; pair += BACKWARD_LANES) {
        // Later blocks see more keys: dealt out there and back, the parts have about equal work.
        size_t turn = pair / BACKWARD_LANES % (2 * parts);
        if (part != (turn < parts ? turn : 2 * parts - 1 - turn)) continue;
        ck_lanes lanes;
        CK(place_lanes)(&lanes, attention, kv_head, row_begin, row_end, pair, BACKWARD_LANES);
        CK(load_block)(&block, dout, q, out, lse, attention, &lanes);
        for (size_t s = 0; s < attention->span_count; s++) {
            const ck_span *span = attention->spans + s;
            ck_view view;
            if (!CK(look_at)(&view, span, &lanes, attention->window)) continue;
            size_t at = (span->query_begin - row_begin) * width;
            CK(pull_back_span)(&block, partial_sum + at, partial_sum + one + at, keys + at, values + at, &view,
                               attention, &lanes);
        }
        for (size_t lane = 0; lane < lanes.count; lane++)
            CK(write_lane)(dq, attention->q_stride, block.dq + lane * width, &lanes, lane, D, attention->scale);
    }
}

static void CK(attention_backward_keys)(float *dk, float *dv, float *partial_sums, const ck_attention *attention,
                                        size_t kv_head, size_t row_begin, size_t row_end, size_t parts) {
    size_t D = attention->head_size, width = ck_attention_width(attention), rows = row_end - row_begin;
    size_t both = ck_attention_partial_sum(attention, rows);
    for (size_t part = 1; part < parts; part++)
        for (size_t i = 0; i < both; i += CK_WIDTH)
            vstore(partial_sums + i,
                   vload(partial_sums + i, CK_WIDTH) + vload(partial_sums + part * both + i, CK_WIDTH), CK_WIDTH);
    for (size_t row = 0; row < rows; row++) {
        size_t to = (row_begin + row) * attention->kv_stride + kv_head * attention->kv_head_stride;
        CK(copy_row)(dk + to, partial_sums + row * width, D, D, attention->scale);
        CK(copy_row)(dv + to, partial_sums + both / 2 + row * width, D, D, 1);
    }
}
