// How fast memory is read, and what OpenBLAS does by itself: what kernels are measured against.  And a call that a tool that
// counts instructions can see.
#ifndef PEAK_H
#define PEAK_H

#include <stdbool.h>
#include <stddef.h>

/// Reads every element once; returns a value that depends on all of them.
float peak_read(const float *elements, size_t count);

/// OpenBLAS on `threads` threads of its own:  C (M, N) = op(A) · op(B), row-major and without gaps.
void raw_openblas(float *c, const float *a, const float *b, size_t M, size_t N, size_t K, bool transposes_a,
                  bool transposes_b, int threads);

/// Calls work(context).
void counted_work(void (*work)(void *), void *context);

#endif
