// Attention where few lanes see a span, as in decoding: part of ck_attention.c, read once per processor variant.
//
// Keys and values are used where they lie, with channels in the vector lanes: the time is that of reading them once.

// From this many lanes on, a panel of lanes costs less than one lane after the other.
#undef FEW_LANES
#define FEW_LANES (PANEL / 2)

CK_INLINE floats CK(load_key)(const void *key, size_t d, size_t lanes, ck_keys keys) {
    return keys == CK_KEYS_BFLOAT16 ? CK(widened)((const uint16_t *)key + d, lanes)
                                    : vload((const float *)key + d, lanes);
}

// scores[j] = query · key j, for `count` keys; the last vector of scores is whole.
CK_INLINE void CK(dot_keys_of)(float *scores, const float *query, const ck_attention *attention, const void *keys,
                               size_t count, ck_keys kind) {
    for (size_t j = 0; j < count; j += CK_WIDTH) {
        floats sums[CK_WIDTH];
        const void *key[CK_WIDTH];
        for (size_t i = 0; i < CK_WIDTH; i++) {
            sums[i] = 0;
            key[i] = ck_key(attention, keys, 0, j + i < count ? j + i : count - 1);
        }
        CK_EACH(d, 0, attention->head_size, {
            floats factor = vload(query + d, CK_WIDTH);
            for (size_t i = 0; i < CK_WIDTH; i++) sums[i] += factor * CK(load_key)(key[i], d, lanes, kind);
        });
        vtranspose(sums);
        for (size_t half = CK_WIDTH / 2; half > 0; half /= 2)
            for (size_t i = 0; i < half; i++) sums[i] += sums[i + half];
        vstore(scores + j, sums[0], CK_WIDTH);
    }
}

// `vectors` vectors of sums = factor · sums + Σ_j weights[j] value j
CK_INLINE void CK(add_values_of)(size_t vectors, float *sums, float factor, const float *weights,
                                 const ck_attention *attention, const char *values, size_t d, size_t lanes,
                                 size_t count, ck_keys kind) {
    floats sum[8];
    for (size_t v = 0; v < vectors; v++) sum[v] = factor * vload(sums + d + v * CK_WIDTH, CK_WIDTH);
    size_t step = attention->kv_stride * (kind == CK_KEYS_BFLOAT16 ? 2 : 4);
    for (size_t j = 0; j < count; j++, values += step)
        for (size_t v = 0; v < vectors; v++)
            sum[v] += weights[j] * CK(load_key)(values, d + v * CK_WIDTH, lanes, kind);
    for (size_t v = 0; v < vectors; v++) vstore(sums + d + v * CK_WIDTH, sum[v], CK_WIDTH);
}

// Adds keys [0, count) of a tile, and their values, to the softmax of one lane.
CK_INLINE void CK(attend_to_tile)(const ck_progress *progress, size_t lane, const ck_attention *attention,
                                  const void *keys, const void *values, size_t count, ck_keys kind) {
    size_t D = attention->head_size;
    float *scores = progress->scores, *sums = progress->sums + lane * ck_attention_width(attention);
    float cap = ck_score_cap(attention);
    CK(dot_keys_of)(scores, progress->query, attention, keys, count, kind);
    size_t whole = ck_rounded_up(count, CK_WIDTH);
    for (size_t j = 0; j < whole && cap > 0; j += CK_WIDTH)
        vstore(scores + j, cap * vtanh(vload(scores + j, CK_WIDTH)), CK_WIDTH);
    for (size_t j = count; j < whole; j++) scores[j] = -INFINITY;

    float before = progress->top[lane], greatest = vrow_max(scores, whole), top = greatest > before ? greatest : before;
    float factor = vpower((floats)(before - top))[0];
    floats total = 0;
    for (size_t j = 0; j < whole; j += CK_WIDTH) {
        floats weight = vpower(vload(scores + j, CK_WIDTH) - top);
        vstore(scores + j, weight, CK_WIDTH);
        total += weight;
    }
    progress->top[lane] = top;
    progress->total[lane] = factor * progress->total[lane] + vsum(total);

    size_t d = 0;
    for (; d + 8 * CK_WIDTH <= D; d += 8 * CK_WIDTH)
        CK(add_values_of)(8, sums, factor, scores, attention, values, d, CK_WIDTH, count, kind);
    for (; d + 4 * CK_WIDTH <= D; d += 4 * CK_WIDTH)
        CK(add_values_of)(4, sums, factor, scores, attention, values, d, CK_WIDTH, count, kind);
    for (; d < D; d += CK_WIDTH)
        CK(add_values_of)(1, sums, factor, scores, attention, values, d, D - d < CK_WIDTH ? D - d : CK_WIDTH, count,
                          kind);
}

// Adds what the few lanes of view->lanes see of one span: tile by tile, so that they read it once together.
static void CK(attend_singly)(const ck_progress *progress, const ck_span *span, const ck_view *view,
                              const ck_attention *attention, size_t kv_head, const float *q, const ck_lanes *lanes) {
    size_t D = attention->head_size, width = ck_attention_width(attention);
    for (int32_t first = view->any.begin; first < view->any.end; first += KEYS) {
        for (int32_t lane = view->lanes.begin; lane < view->lanes.end; lane++) {
            ck_range seen = ck_intersection((ck_range){view->begin[lane], view->end[lane]},
                                            (ck_range){first, first + KEYS});
            if (seen.end <= seen.begin) continue;
            const void *keys = ck_key(attention, span->k, kv_head, seen.begin);
            const void *values = ck_key(attention, span->v, kv_head, seen.begin);
            size_t count = seen.end - seen.begin;
            CK(copy_row)(progress->query, q + lanes->row[lane] * attention->q_stride + lanes->head[lane] * D, D,
                         width, ck_score_scale(attention));
            if (attention->keys == CK_KEYS_BFLOAT16)
                CK(attend_to_tile)(progress, lane, attention, keys, values, count, CK_KEYS_BFLOAT16);
            else
                CK(attend_to_tile)(progress, lane, attention, keys, values, count, CK_KEYS_FLOAT32);
        }
    }
}
