#include "ck_dropout.h"

#define CK_FILE "ck_dropout.c"
#include "ck_variants.h"

#ifdef CK_BODY

#undef words
#define words CK(words)
typedef uint32_t words __attribute__((ext_vector_type(CK_WIDTH)));

static void CK(dropout)(float *out, const float *x, const uint32_t *draws, size_t count, float probability) {
    const uint32_t threshold = (uint32_t)((double)probability * 4294967296.0);
    const float scale = 1.0f / (1.0f - probability);
    CK_EACH(i, 0, count, {
        words draw = 0;
        memcpy(&draw, draws + i, lanes * sizeof(uint32_t));
        vstore(out + i, vselect(draw >= threshold, vload(x + i, lanes) * scale, (floats)0.0f), lanes);
    });
}

#else

enum { DRAWS = 1024 };  // drawn at a time; a multiple of a block's four words

void ck_dropout(float *out, const float *x, ck_random source, size_t begin, size_t end, float probability) {
    const uint64_t start = source.position;
    for (size_t first = begin - begin % DRAWS; first < end; first += DRAWS) {
        uint32_t draws[DRAWS];
        size_t from = first < begin ? begin - first : 0;
        size_t to = end - first < DRAWS ? end - first : DRAWS;
        source.position = start + first / 4;
        ck_random_words(draws, source, from, to);
        CK_CALL(dropout)(out + first + from, x + first + from, draws + from, to - from, probability);
    }
}

#endif
