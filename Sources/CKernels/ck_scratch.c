#include "ck_scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    void *bytes;
    size_t capacity;
} scratch;

static _Thread_local scratch mine;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

// The key exists only for its destructor: a thread that ends gives its scratch back.
static void create_key(void) {
    if (pthread_key_create(&key, free) != 0) abort();
}

void *ck_scratch(size_t bytes) {
    if (bytes <= mine.capacity) return mine.bytes;

    // Doubling bounds the number of times a thread asks the system; 4096 keeps sizes whole pages.
    size_t capacity = bytes > 2 * mine.capacity ? bytes : 2 * mine.capacity;
    capacity = (capacity + 4095) & ~(size_t)4095;
    pthread_once(&once, create_key);
    free(mine.bytes);
    if (posix_memalign(&mine.bytes, 64, capacity) != 0) {
        fprintf(stderr, "Fatal error: no memory for %zu bytes of scratch\n", capacity);
        abort();
    }
    mine.capacity = capacity;
    pthread_setspecific(key, mine.bytes);
    return mine.bytes;
}
