// Attention, forward: part of ck_attention.c, read once per processor variant.

// Turns a panel's scores of keys `part` of a tile into weights 2^(score − top), where top rises to the greatest score
// so far; total and, by way of factor, the sums over earlier keys are scaled down to match.
static void CK(soften)(const ck_progress *progress, const ck_view *view, size_t p, int32_t first, ck_range part,
                       float cap) {
    float *top = progress->top + p * PANEL, *total = progress->total + p * PANEL;
    bool partial = CK(is_partial)(view, p, first, part);
    floats greatest[VECTORS], sum[VECTORS];
    for (size_t v = 0; v < VECTORS; v++) greatest[v] = vload(top + v * CK_WIDTH, CK_WIDTH);
    for (int32_t j = part.begin; j < part.end; j++) {
        for (size_t v = 0; v < VECTORS; v++) {
            float *at = progress->scores + j * PANEL + v * CK_WIDTH;
            floats score = vload(at, CK_WIDTH);
            if (cap > 0) score = cap * vtanh(score);
            if (partial) score = vselect(CK(seen_by)(view, p, v, first + j), score, (floats)-INFINITY);
            if (cap > 0 || partial) vstore(at, score, CK_WIDTH);
            greatest[v] = vmax(score, greatest[v]);
        }
    }
    for (size_t v = 0; v < VECTORS; v++) {
        floats fall = vpower(vload(top + v * CK_WIDTH, CK_WIDTH) - greatest[v]);
        vstore(progress->factor + v * CK_WIDTH, fall, CK_WIDTH);
        vstore(top + v * CK_WIDTH, greatest[v], CK_WIDTH);
        sum[v] = fall * vload(total + v * CK_WIDTH, CK_WIDTH);
    }
    for (int32_t j = part.begin; j < part.end; j++) {
        for (size_t v = 0; v < VECTORS; v++) {
            float *at = progress->scores + j * PANEL + v * CK_WIDTH;
            floats weight = vpower(vload(at, CK_WIDTH) - greatest[v]);
            vstore(at, weight, CK_WIDTH);
            sum[v] += weight;
        }
    }
    for (size_t v = 0; v < VECTORS; v++) vstore(total + v * CK_WIDTH, sum[v], CK_WIDTH);
}

// Asks for keys and values that lie too far apart for the processor to foresee.
static void CK(expect_keys)(const ck_span *span, const ck_attention *attention, size_t kv_head, int32_t begin,
                            int32_t end) {
    size_t line = attention->keys == CK_KEYS_BFLOAT16 ? 32 : 16, bytes = 64 / line;
    for (int32_t j = begin; j < end; j++) {
        const char *key = ck_key(attention, span->k, kv_head, j), *value = ck_key(attention, span->v, kv_head, j);
        for (size_t d = 0; d < attention->head_size; d += line) {
            __builtin_prefetch(key + d * bytes, 0, 2);
            __builtin_prefetch(value + d * bytes, 0, 2);
        }
    }
}

// Adds what the lanes of a block see of one span.
static void CK(attend_together)(const ck_progress *progress, const ck_span *span, const ck_view *view,
                                const ck_attention *attention, size_t kv_head, size_t lanes) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t panels = (lanes + PANEL - 1) / PANEL;
    float cap = ck_score_cap(attention);
    for (int32_t first = view->any.begin; first < view->any.end; first += KEYS) {
        int32_t left = view->any.end - first, count = left < KEYS ? left : KEYS;
        int32_t next = count, following = left - count < KEYS ? left - count : KEYS;
        CK(copy_keys)(progress->keys, span->k, attention, kv_head, first, count);
        CK(copy_keys)(progress->values, span->v, attention, kv_head, first, count);
        for (size_t p = 0; p < panels; p++) {
            int32_t until = count + following * (int32_t)(p + 1) / (int32_t)panels;
            CK(expect_keys)(span, attention, kv_head, first + next, first + until);
            next = until;
            ck_range part = ck_whole_groups(ck_within_tile(view->panel[p], first, count), ROWS);
            if (part.end == 0) continue;
            for (int32_t j = part.begin; j < part.end; j += ROWS)
                CK(score_tile)(progress->scores + j * PANEL, PANEL, progress->keys + j * width, width,
                               progress->queries + p * PANEL * D, D);
            CK(soften)(progress, view, p, first, part, cap);
            for (size_t g = 0; g < GROUPS; g++) {
                ck_range seen = ck_within_tile(view->group[p * GROUPS + g], first, count);
                if (seen.end == 0) continue;
                float *sums = progress->sums + (p * PANEL + g * ROWS) * width;
                for (size_t d = 0; d < width; d += PANEL)
                    CK(lane_tile)(g, sums + d, progress->factor + g * ROWS,
                                  progress->scores + seen.begin * PANEL + g * ROWS, PANEL,
                                  progress->values + seen.begin * width + d, width, seen.end - seen.begin);
            }
        }
    }
}

// Divides by the softmax's denominator and writes the rows that the lanes stand for.
static void CK(finish)(float *out, float *lse, const ck_progress *progress, const ck_attention *attention,
                       const ck_lanes *lanes) {
    size_t width = ck_attention_width(attention);
    for (size_t lane = 0; lane < lanes->count; lane++) {
        float total = progress->total[lane];
        CK(write_lane)(out, attention->out_stride, progress->sums + lane * width, lanes, lane, attention->head_size,
                       total == 0 ? 0 : 1 / total);
    }
    if (!lse) return;
    for (size_t lane = 0; lane < lanes->count; lane += CK_WIDTH) {
        float values[CK_WIDTH];
        floats total = vload(progress->total + lane, CK_WIDTH), top = vload(progress->top + lane, CK_WIDTH);
        vstore(values, vlog(total) + LN_2 * top, CK_WIDTH);  // −∞ where the total is zero
        for (size_t i = lane; i < lane + CK_WIDTH && i < lanes->count; i++)
            lse[lanes->row[i] * attention->heads + lanes->head[i]] = values[i - lane];
    }
}

static void CK(attention_forward)(float *out, float *lse, const float *q, const ck_attention *attention,
                                  size_t kv_head, size_t row_begin, size_t row_end, float *workspace) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    size_t pairs = (row_end - row_begin) * (attention->heads / attention->kv_heads);
    ck_progress progress;
    progress.top = ck_take(&workspace, FORWARD_LANES);
    progress.total = ck_take(&workspace, FORWARD_LANES);
    progress.sums = ck_take(&workspace, FORWARD_LANES * width);
    progress.queries = ck_take(&workspace, FORWARD_LANES * D);
    progress.keys = ck_take(&workspace, KEYS * width);
    progress.values = ck_take(&workspace, KEYS * width);
    progress.scores = ck_take(&workspace, KEYS * PANEL);
    progress.factor = ck_take(&workspace, PANEL);
    progress.query = ck_take(&workspace, width);

    for (size_t pair = 0; pair < pairs; pair += FORWARD_LANES) {
        ck_lanes lanes;
        CK(place_lanes)(&lanes, attention, kv_head, row_begin, row_end, pair, FORWARD_LANES);
        CK(copy_lanes)(progress.sums, q, attention->q_stride, &lanes, D, width);
        CK(turn)(progress.queries, progress.sums, lanes.count, D, width, ck_score_scale(attention));
        size_t used = ck_rounded_up(lanes.count, PANEL);
        memset(progress.sums, 0, used * width * sizeof(float));
        memset(progress.total, 0, used * sizeof(float));
        for (size_t lane = 0; lane < used; lane++) progress.top[lane] = LOWEST;

        for (size_t s = 0; s < attention->span_count; s++) {
            const ck_span *span = attention->spans + s;
            ck_view view;
            if (!CK(look_at)(&view, span, &lanes, attention->window)) continue;
            if (view.lanes.end - view.lanes.begin <= FEW_LANES)
                CK(attend_singly)(&progress, span, &view, attention, kv_head, q, &lanes);
            else
                CK(attend_together)(&progress, span, &view, attention, kv_head, lanes.count);
        }
        CK(finish)(out, lse, &progress, attention, &lanes);
    }
}
