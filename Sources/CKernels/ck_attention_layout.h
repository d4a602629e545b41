// What the passes of attention agree on, whatever the processor.
#ifndef CK_ATTENTION_LAYOUT_H
#define CK_ATTENTION_LAYOUT_H

#include "ck_attention.h"

#include <stdbool.h>

// A lane stands for one (row, query head) pair of the heads that read one key-value head.  LANES of them make a block,
// which the forward pass takes large, so that a tile of keys is fetched once for many rows, and the backward pass
// small, so that its products stay in cache.
enum {
    FORWARD_LANES = CK_ATTENTION_FORWARD_LANES,
    BACKWARD_LANES = CK_ATTENTION_BACKWARD_LANES,
    KEYS = 48,  // keys of a tile

    // Of all variants: the most lanes that lie in one row of registers, keys that make a register tile, panels and
    // groups of a block.
    WIDEST_PANEL = 32,
    TALLEST_TILE = 12,
    MOST_PANELS = FORWARD_LANES / 8,
    MOST_GROUPS = MOST_PANELS * 3,
};

#define LOG2_E 1.4426950408889634f
#define LN_2 0.6931471805599453f

// Stands for the greatest score before there is one; finite, so that its difference to itself is zero.
#define LOWEST -1e30f

// A half-open interval; empty when end ≤ begin.
typedef struct {
    int32_t begin, end;
} ck_range;

// Which pairs stand in the lanes of a block.  Lanes after the last pair, up to a whole panel, repeat it.
typedef struct {
    size_t count;
    int32_t row[FORWARD_LANES], position[FORWARD_LANES];
    int32_t head[FORWARD_LANES];
} ck_lanes;

// The keys of one span that the lanes of a block see.
typedef struct {
    int32_t begin[FORWARD_LANES], end[FORWARD_LANES];
    ck_range group[MOST_GROUPS];                        // by some lane of a group
    ck_range panel[MOST_PANELS], common[MOST_PANELS];  // by some and by every lane of a panel
    ck_range any;                                       // by some lane
    ck_range lanes;                                     // holds every lane that sees some key
} ck_view;

// A block on its way over the keys: the online softmax of each lane, and what it is computed with.
typedef struct {
    float *top;             // (lanes), the greatest score so far
    float *total;           // (lanes), Σ 2^(score − top)
    float *sums;            // rows, Σ 2^(score − top) v
    float *queries;         // panels of q, scaled
    float *query;           // a row of q, scaled
    float *keys, *values;   // rows of a tile
    float *scores;          // (KEYS, PANEL)
    float *factor;          // (PANEL), what sums over earlier keys are to be scaled by
} ck_progress;

static inline size_t ck_rounded_up(size_t count, size_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

// Floats from one row of a workspace to the next: D, and zeros up to a whole panel of any variant.
static inline size_t ck_attention_width(const ck_attention *attention) {
    return ck_rounded_up(attention->head_size, WIDEST_PANEL);
}

// Takes `count` floats from the front of a workspace.
static inline float *ck_take(float **workspace, size_t count) {
    float *taken = *workspace;
    *workspace += ck_rounded_up(count, 16);
    return taken;
}

static inline ck_range ck_intersection(ck_range a, ck_range b) {
    return (ck_range){a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
}

// The smallest range that holds both.
static inline ck_range ck_hull(ck_range a, ck_range b) {
    if (a.end <= a.begin) return b;
    if (b.end <= b.begin) return a;
    return (ck_range){a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

// The part of `range` in the tile of `count` keys from `first` on, counted from there.
static inline ck_range ck_within_tile(ck_range range, int32_t first, int32_t count) {
    ck_range part = ck_intersection(range, (ck_range){first, first + count});
    return part.end <= part.begin ? (ck_range){0, 0} : (ck_range){part.begin - first, part.end - first};
}

// Widened to multiples of `size`.
static inline ck_range ck_whole_groups(ck_range range, int32_t size) {
    return (ck_range){range.begin / size * size, (range.end + size - 1) / size * size};
}

// The first element of a key of a span, or of a value.
static inline const void *ck_key(const ck_attention *attention, const void *keys, size_t head, size_t index) {
    size_t bytes = attention->keys == CK_KEYS_BFLOAT16 ? 2 : 4;
    return (const char *)keys + bytes * (index * attention->kv_stride + head * attention->kv_head_stride);
}

// What scores are computed with: they are kept in units of log 2, or, until they are capped, of the cap.
static inline float ck_score_scale(const ck_attention *attention) {
    return attention->soft_cap > 0 ? attention->scale / attention->soft_cap : attention->scale * LOG2_E;
}
static inline float ck_score_cap(const ck_attention *attention) { return attention->soft_cap * LOG2_E; }

#endif
