// Causal attention over a forest of segments.
//
// N = rows, H = query heads, G = key-value heads, D = channels of a head.
//   q, out, dout, dq: (N, H, D)   lse: (N, H)   k, v, dk, dv: (N, G, D)
// The query heads h of one group, h / (H / G) = g, read key-value head g.
//
// There is no padding and no mask.  A span is a run of keys, with the interval of query rows that may look at it:
// row r sees key j of a span exactly when
//
//     query_begin ≤ r < query_end   and   0 ≤ positions[r] − (position + j) < window
//
// and over all the keys it sees, a row computes
//
//     s_j = scale · (q · k_j)      s_j = cap · tanh(s_j / cap) with a soft-cap      out = Σ_j softmax(s)_j v_j
//
// Scores live in registers and a tile of cache; the forward pass keeps only lse = log Σ_j exp s_j, and the backward
// pass computes the probabilities again from it.
//
// Dao 2023 (FlashAttention-2), Algorithms 1 and 2.  Departures: a block of query rows walks over spans instead of one
// sequence; the rows of a block lie in vector lanes, all heads of a group together, so keys and values are read once
// for a group; where few rows see a span, as in decoding, channels lie in the lanes instead.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

/// (Row, query head) pairs of one key-value head that a pass takes together: the size of an efficient task.
enum { CK_ATTENTION_FORWARD_LANES = 256, CK_ATTENTION_BACKWARD_LANES = 96 };

/// A run of keys at consecutive positions, and the query rows that may look at it.
typedef struct {
    const void *k, *v;               // first key and value, head 0
    int32_t length, position;        // the number of keys, the position of the first
    int32_t query_begin, query_end;  // query rows
} ck_span;

/// How keys and values are stored.
typedef enum { CK_KEYS_FLOAT32 = 0, CK_KEYS_BFLOAT16 = 1 } ck_keys;

/// What every attention kernel is told about its operands.  Strides count elements.
typedef struct {
    const ck_span *spans;
    const int32_t *positions;  // (N)
    size_t span_count;
    size_t heads, kv_heads, head_size;
    size_t q_stride;        // from a row of q or dq to the next; the heads of a row lie D apart
    size_t out_stride;      // from a row of out or dout to the next; likewise
    size_t kv_stride;       // from a key of a span to the next, and from a row of dk or dv to the next
    size_t kv_head_stride;  // from a head of a key to the next, and of dk and dv
    ck_keys keys;
    int32_t window;   // positions a row looks back, itself included; INT32_MAX: all
    float scale;      // usually 1 / √D
    float soft_cap;   // 0: none
} ck_attention;

/// Bytes of workspace for `ck_attention_forward`, a multiple of 64.
size_t ck_attention_forward_workspace(const ck_attention *attention);

/// out and lse of the query heads that read `kv_head`, for rows [row_begin, row_end).
///
/// Rows and key-value heads are independent: callers may split them between threads, and leave out of `spans` what no
/// row of theirs sees.  One row or many, the same function decodes, fills a cache, and trains.  A row that sees no key
/// gets zeros and −∞.  lse may be NULL.  The workspace is aligned to 64 bytes.
void ck_attention_forward(float *out, float *lse, const float *q, const ck_attention *attention, size_t kv_head,
                          size_t row_begin, size_t row_end, void *workspace);

/// Bytes of workspace for `ck_attention_backward`, a multiple of 64, and floats of one of its partial sums, a multiple
/// of 16, for `rows` rows.
size_t ck_attention_backward_workspace(const ck_attention *attention, size_t rows);
size_t ck_attention_partial_sum(const ck_attention *attention, size_t rows);

/// dq of the query heads that read `kv_head`, and a partial sum of its dk and dv, for rows [row_begin, row_end) that
/// make up one tree or several: key j of a span with queries from these rows is row query_begin + j.
///
/// One of `parts` calls, part = 0, 1, …, that share the rows of the tree about evenly; each writes the dq of its own
/// rows and all of its own `partial_sum`.  Trees, heads and parts are independent.  Keys are float32.
void ck_attention_backward(float *dq, float *partial_sum, const float *dout, const float *q, const float *out,
                           const float *lse, const ck_attention *attention, size_t kv_head, size_t row_begin,
                           size_t row_end, size_t part, size_t parts, void *workspace);

/// dk and dv of `kv_head` for those rows, from the partial sums of all parts, which follow one another; overwrites
/// the first of them.
void ck_attention_backward_keys(float *dk, float *dv, float *partial_sums, const ck_attention *attention,
                                size_t kv_head, size_t row_begin, size_t row_end, size_t parts);

#endif
