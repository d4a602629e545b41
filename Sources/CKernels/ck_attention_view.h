// Who sees what: part of ck_attention.c, read once per processor variant.

// Puts pairs [first, first + size) of a row range into the lanes of a block, as far as there are that many: the heads
// of a row follow one another.
static void CK(place_lanes)(ck_lanes *lanes, const ck_attention *attention, size_t kv_head, size_t row_begin,
                            size_t row_end, size_t first, size_t size) {
    size_t sharing = attention->heads / attention->kv_heads, pairs = (row_end - row_begin) * sharing;
    lanes->count = pairs - first < size ? pairs - first : size;
    size_t row = row_begin + first / sharing, head = first % sharing;
    for (size_t lane = 0; lane < ck_rounded_up(lanes->count, PANEL); lane++) {
        lanes->row[lane] = (int32_t)row;
        lanes->head[lane] = (int32_t)(kv_head * sharing + head);
        lanes->position[lane] = attention->positions[row];
        if (lane + 1 < lanes->count && ++head == sharing) head = 0, row++;
    }
}

static ck_range CK(keys_seen)(const ck_span *span, int32_t row, int32_t position, int32_t window) {
    if (row < span->query_begin || row >= span->query_end) return (ck_range){0, 0};
    int64_t end = (int64_t)position - span->position + 1, begin = end - window;
    if (end <= 0 || begin >= span->length) return (ck_range){0, 0};
    return (ck_range){begin > 0 ? (int32_t)begin : 0, end < span->length ? (int32_t)end : span->length};
}

// Applies the rule of visibility to every lane of a block.  Returns false when none sees any key.
static bool CK(look_at)(ck_view *view, const ck_span *span, const ck_lanes *lanes, int32_t window) {
    if (span->query_end <= lanes->row[0] || span->query_begin > lanes->row[lanes->count - 1]) return false;
    view->any = view->lanes = (ck_range){0, 0};
    for (size_t p = 0; p * PANEL < lanes->count; p++) {
        view->panel[p] = (ck_range){0, 0};
        view->common[p] = (ck_range){0, span->length};
        for (size_t g = 0; g < GROUPS; g++) {
            ck_range *group = &view->group[p * GROUPS + g];
            *group = (ck_range){0, 0};
            for (size_t i = g * ROWS; i < (g + 1) * ROWS && i < PANEL; i++) {
                size_t lane = p * PANEL + i;
                ck_range seen = CK(keys_seen)(span, lanes->row[lane], lanes->position[lane], window);
                view->begin[lane] = seen.begin;
                view->end[lane] = seen.end;
                view->common[p] = ck_intersection(view->common[p], seen);
                *group = ck_hull(*group, seen);
                if (seen.end > seen.begin && lane < lanes->count)
                    view->lanes = ck_hull(view->lanes, (ck_range){(int32_t)lane, (int32_t)lane + 1});
            }
            view->panel[p] = ck_hull(view->panel[p], *group);
        }
        view->any = ck_hull(view->any, view->panel[p]);
    }
    return view->any.end > view->any.begin;
}

// Whether some lane of a panel does not see some key of `part`, counted from key `first` of the span.
CK_INLINE bool CK(is_partial)(const ck_view *view, size_t p, int32_t first, ck_range part) {
    return first + part.begin < view->common[p].begin || first + part.end > view->common[p].end;
}

// All ones where the lanes of vector v of panel p see key j.
CK_INLINE ints CK(seen_by)(const ck_view *view, size_t p, size_t v, int32_t j) {
    ints begin, end;
    memcpy(&begin, view->begin + p * PANEL + v * CK_WIDTH, sizeof begin);
    memcpy(&end, view->end + p * PANEL + v * CK_WIDTH, sizeof end);
    return ((ints)j >= begin) & ((ints)j < end);
}
