#include "ck_scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    void *bytes;
    size_t capacity;
} scratch;

enum { FOR_TASK, FOR_PRODUCT, USES };

static _Thread_local scratch mine[USES];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key[USES];

// The keys exist only for their destructors: a thread that ends gives its scratch back.
static void create_keys(void) {
    for (int use = 0; use < USES; use++) {
        if (pthread_key_create(&key[use], free) != 0) abort();
    }
}

static void *at_least(size_t bytes, int use) {
    scratch *s = &mine[use];
    if (bytes <= s->capacity) return s->bytes;

    // Doubling bounds the number of times a thread asks the system; 4096 keeps sizes whole pages.
    size_t capacity = bytes > 2 * s->capacity ? bytes : 2 * s->capacity;
    capacity = (capacity + 4095) & ~(size_t)4095;
    pthread_once(&once, create_keys);
    free(s->bytes);
    if (posix_memalign(&s->bytes, 64, capacity) != 0) {
        fprintf(stderr, "Fatal error: no memory for %zu bytes of scratch\n", capacity);
        abort();
    }
    s->capacity = capacity;
    pthread_setspecific(key[use], s->bytes);
    return s->bytes;
}

void *ck_scratch(size_t bytes) { return at_least(bytes, FOR_TASK); }

void *ck_scratch_for_product(size_t bytes) { return at_least(bytes, FOR_PRODUCT); }
