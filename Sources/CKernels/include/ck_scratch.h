// Working memory of the calling thread.
//
// Kernels take their workspace as an argument.  Whoever runs a kernel inside a parallel loop passes it this
// thread's scratch, so a steady state allocates nothing.
#ifndef CK_SCRATCH_H
#define CK_SCRATCH_H

#include <stddef.h>

/// At least `bytes` bytes that belong to the calling thread, aligned to 64; their contents are undefined.
///
/// Valid until the next call on the same thread: only the body of a task asks for scratch, once, and hands
/// parts of it down.  Grows when it must, never shrinks, and is freed when the thread ends.
void *ck_scratch(size_t bytes);

/// Scratch apart from `ck_scratch`'s, for the blocks of matrix products: a task may hold its own scratch and
/// multiply matrices.
void *ck_scratch_for_product(size_t bytes);

#endif
