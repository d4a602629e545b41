// The pool has one job at a time.  A word of state says whether the job is open to helpers and how many are
// inside; a helper enters by counting itself in, and the submitter closes the job when no task is left to
// start, then waits until the helpers inside have left.  A helper that comes late finds the door closed, so
// the submitter never waits for a thread that has not started, and nobody reads a job that is being replaced.
#define _GNU_SOURCE
#include "ck_threads.h"

#include "ck_cpu.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

// A helper watches for the next job this long before it sleeps: loops in a training step follow each other
// within microseconds, and waking a sleeping thread costs several.
enum { SPIN_NANOSECONDS = 100000, PAUSES_PER_LOOK_AT_CLOCK = 64 };

// The state word: | generation | open | inside (16 bits) |
#define INSIDE_MASK ((uint64_t)0xffff)
#define OPEN ((uint64_t)1 << 16)
#define GENERATION ((uint64_t)1 << 17)

typedef struct {
    _Alignas(128) pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_bool asleep;
} sleeper;

static struct {
    // The job: written by the submitter while the door is closed and nobody is inside.
    ck_task function;
    void *context;
    size_t tasks;
    ck_variant variant;
    int helpers;

    _Alignas(128) _Atomic uint64_t state;
    _Alignas(128) atomic_size_t next;   // first task that nobody has started
    _Alignas(128) atomic_flag busy;     // held by the submitter
    atomic_int count;                   // threads wanted; 0 = not decided yet
    int created;                        // helpers that exist; guarded by busy
    sleeper submitter;
    sleeper helper[CK_THREADS_MAX - 1];
} pool = {.busy = ATOMIC_FLAG_INIT,
          .submitter = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER}};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Waits until `ready(argument)`: watches for a while, then sleeps.  Whoever makes it ready calls `rouse` after.
// The flag and the condition are both sequentially consistent: either the waiter sees the change, or the one
// who made it sees the flag.
static void wait_until(bool (*ready)(uint64_t), uint64_t argument, sleeper *self) {
    int64_t deadline = 0;
    for (;;) {
        for (int i = 0; i < PAUSES_PER_LOOK_AT_CLOCK; i++) {
            if (ready(argument)) return;
            pause_briefly();
        }
        int64_t now = nanoseconds();
        if (deadline == 0) deadline = now + SPIN_NANOSECONDS;
        if (now >= deadline) break;
    }
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->asleep, true);
    while (!ready(argument)) pthread_cond_wait(&self->wake, &self->mutex);
    atomic_store(&self->asleep, false);
    pthread_mutex_unlock(&self->mutex);
}

static void rouse(sleeper *other) {
    if (!atomic_load(&other->asleep)) return;
    pthread_mutex_lock(&other->mutex);
    pthread_cond_signal(&other->wake);
    pthread_mutex_unlock(&other->mutex);
}

static bool is_open_and_newer_than(uint64_t generation) {
    uint64_t state = atomic_load(&pool.state);
    return (state & OPEN) && state / GENERATION != generation;
}

static bool is_empty(uint64_t unused) {
    (void)unused;
    return (atomic_load(&pool.state) & INSIDE_MASK) == 0;
}

// Counts the calling helper in.  Returns the generation of the job it entered, or 0 when the door was closed.
static uint64_t enter(void) {
    uint64_t state = atomic_load(&pool.state);
    while (state & OPEN) {
        if (atomic_compare_exchange_weak(&pool.state, &state, state + 1)) return state / GENERATION;
    }
    return 0;
}

static void leave(void) {
    uint64_t after = atomic_fetch_sub(&pool.state, 1) - 1;
    if ((after & (INSIDE_MASK | OPEN)) == 0) rouse(&pool.submitter);
}

static void run_tasks(void) {
    for (;;) {
        size_t task = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
        if (task >= pool.tasks) return;
        pool.function(pool.context, task);
    }
}

static void *help(void *argument) {
    int index = (int)(intptr_t)argument;
    uint64_t generation = 0;
    for (;;) {
        wait_until(is_open_and_newer_than, generation, &pool.helper[index]);
        uint64_t entered = enter();
        if (entered == 0) continue;
        generation = entered;
        if (index < pool.helpers) {
            if (ck_variant_current() != pool.variant) ck_variant_force(pool.variant);
            run_tasks();
        }
        leave();
    }
    return NULL;
}

// Helpers live until the process ends.  They take no signals: those belong to the threads of the program.
static void create_helpers(int wanted) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool.created < wanted) {
        sleeper *self = &pool.helper[pool.created];
        pthread_mutex_init(&self->mutex, NULL);
        pthread_cond_init(&self->wake, NULL);
        pthread_t thread;
        if (pthread_create(&thread, NULL, help, (void *)(intptr_t)pool.created) != 0) break;
        pthread_detach(thread);
        pool.created++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ck_parallel_for(size_t tasks, ck_task function, void *context) {
    int wanted = ck_threads_count() - 1;
    if ((size_t)wanted >= tasks) wanted = (int)tasks - 1;
    if (wanted < 1 || atomic_flag_test_and_set_explicit(&pool.busy, memory_order_acquire)) {
        for (size_t task = 0; task < tasks; task++) function(context, task);
        return;
    }
    if (pool.created < wanted) create_helpers(wanted);
    if (pool.created < wanted) wanted = pool.created;

    pool.function = function;
    pool.context = context;
    pool.tasks = tasks;
    pool.variant = ck_variant_current();
    pool.helpers = wanted;
    atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
    uint64_t closed = atomic_load_explicit(&pool.state, memory_order_relaxed);
    atomic_store(&pool.state, closed + GENERATION + OPEN);
    for (int i = 0; i < wanted; i++) rouse(&pool.helper[i]);

    run_tasks();
    atomic_fetch_and(&pool.state, ~OPEN);
    wait_until(is_empty, 0, &pool.submitter);
    atomic_flag_clear_explicit(&pool.busy, memory_order_release);
}

// A container or a job scheduler may allow fewer processors than the machine has.
static int usable_processors(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int limited(int count) { return count < 1 ? 1 : count > CK_THREADS_MAX ? CK_THREADS_MAX : count; }

int ck_threads_count(void) {
    int count = atomic_load_explicit(&pool.count, memory_order_relaxed);
    if (count == 0) {
        // Several threads may decide at once; the first one's word stands, or that of `ck_threads_set_count`.
        int fresh = limited(usable_processors());
        if (atomic_compare_exchange_strong(&pool.count, &count, fresh)) count = fresh;
    }
    return count;
}

void ck_threads_set_count(int count) { atomic_store(&pool.count, limited(count)); }
