// One pool of threads for the whole process.
//
// Work is cut into numbered tasks by its shape alone; which thread runs a task is decided as it goes.
// So results do not depend on the number of threads, as long as each task writes its own outputs and
// computes them in its own fixed order.
#ifndef CK_THREADS_H
#define CK_THREADS_H

#include <stddef.h>

enum { CK_THREADS_MAX = 256 };

/// One task of a parallel loop: does the part numbered `task` of what `context` describes.
typedef void (*ck_task)(void *context, size_t task);

/// Runs `function(context, task)` for every task in [0, tasks), and returns when all have finished.
///
/// The calling thread works too.  Tasks start in ascending order.  The variant in force on the calling
/// thread (ck_cpu.h) is in force on every thread that helps.  A call from inside a task, or while another
/// thread's call is under way, runs its tasks one after another on its own thread.
void ck_parallel_for(size_t tasks, ck_task function, void *context);

/// How many threads share a loop, the calling one included.  At first, the processors this process may use.
int ck_threads_count(void);

/// Sets the number of threads for the whole process, limited to 1 … CK_THREADS_MAX; loops under way keep theirs.
void ck_threads_set_count(int count);

#endif
