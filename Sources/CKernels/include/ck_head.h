// What a language model's head says of its targets, from a chunk of rows of its logits.
//
// R = rows of the chunk, V = vocabulary, E = targets; the targets of row r are [target_begin[r], target_begin[r + 1]).
// logits, scores, dlogits: (R, V), one after the other in the same memory.   log_sum, entropy: (R)
// token, target_score, hit, dtarget: (E)
//
//     score = cap · tanh(logit / cap) / temperature        log p = score − log Σ exp score
//
// Rows are independent: callers may split [row_begin, row_end) between threads.
#ifndef CK_HEAD_H
#define CK_HEAD_H

#include <stddef.h>
#include <stdint.h>

/// How logits become scores.
typedef struct {
    float soft_cap;     // in units of a logit; 0 for none.  Gemma Team 2024, section 2
    float temperature;  // 1 leaves the logits as they are
} ck_head_scale;

/// Which tokens the rows are asked for.
typedef struct {
    const int32_t *token;
    const size_t *target_begin;  // (R + 1)
} ck_head_targets;

/// Turns logits into scores, in place.
void ck_head_scores(float *scores, ck_head_scale scale, size_t row_begin, size_t row_end, size_t V);

/// The logarithm of the softmax's sum, its entropy in nats (unless NULL), and for each target its score and a hit:
/// 1 where it is the row's first greatest, 0 elsewhere.
void ck_head_forward(float *log_sum, float *entropy, float *target_score, float *hit, const float *scores,
                     ck_head_targets targets, size_t row_begin, size_t row_end, size_t V);

/// Replaces scores by the gradient with respect to the logits, in place:
///
///     dscore = p · (dsum[r] + dproduct[r] · log p) + Σ dtarget over the row's targets of that token
///
/// dproduct is NULL when it is zero.
void ck_head_backward(float *dlogits, const float *dsum, const float *dproduct, const float *dtarget,
                      const float *log_sum, const float *target_score, ck_head_targets targets,
                      ck_head_scale scale, size_t row_begin, size_t row_end, size_t V);

/// The divergence of a student's p from a teacher's q in nats, (R), with m = (1 − beta) p + beta q:
///
///     beta · Σ q log(q / m) + (1 − beta) · Σ p log(p / m);   Σ q log(q / p) for beta 0, Σ p log(p / q) for beta 1
///
/// The student's scores are replaced by the gradient of Σ weight[r] · divergence[r] with respect to its logits, unless
/// weight is NULL.   teacher: (R, V), its scores.   scale: the student's.
/// Agarwal et al. 2023, Eq. 1 and section 2; the roles of p and q as TRL's GKDTrainer has them.
void ck_head_divergence(float *scores, float *divergence, const float *teacher, const float *weight,
                        const float *log_sum, const float *teacher_log_sum, float beta, ck_head_scale scale,
                        size_t row_begin, size_t row_end, size_t V);

#endif
