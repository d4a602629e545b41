// Random numbers that are a function of where they stand.
//
// A stream is a key and an offset; its block number i is one Philox permutation of the counter (i, offset), so any
// element of any stream is computed alone, in any order, on any thread.  Element i of a fill that starts at block
// `position` is word i mod 4 of block position + i / 4.  Every step is exact integer arithmetic or correctly
// rounded and uncontracted floating point, so the bits are the same on every processor and in every variant.
//
// Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", Philox4x32-10.
#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/// A place in a stream of random blocks of four 32-bit words.
typedef struct {
    uint64_t key;       // which permutation
    uint64_t stream;    // the upper half of its counter
    uint64_t position;  // the lower half: the next block
} ck_random;

/// The four words of one block.
typedef struct {
    uint32_t word[4];
} ck_random_block;

/// Permutes the counter (position, stream) with `key`: ten rounds of Philox4x32.
static inline ck_random_block ck_random_block_at(ck_random source) {
    uint32_t a = (uint32_t)source.position, b = (uint32_t)(source.position >> 32);
    uint32_t c = (uint32_t)source.stream, d = (uint32_t)(source.stream >> 32);
    uint32_t k = (uint32_t)source.key, l = (uint32_t)(source.key >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
        a = (uint32_t)(q >> 32) ^ b ^ k;
        c = (uint32_t)(p >> 32) ^ d ^ l;
        b = (uint32_t)q;
        d = (uint32_t)p;
        k += 0x9E3779B9u;
        l += 0xBB67AE85u;
    }
    return (ck_random_block){{a, b, c, d}};
}

/// Fills elements [begin, end) of `out` with the stream's 32-bit words.
void ck_random_words(uint32_t *restrict out, ck_random source, size_t begin, size_t end);

/// Fills elements [begin, end) of `out` with  low + (high - low) * u,  u uniform over the multiples of 2^-24 in [0, 1).
void ck_random_uniform(float *restrict out, ck_random source, size_t begin, size_t end, float low, float high);

/// Fills elements [begin, end) of `out` with  mean + deviation * z,  z standard normal without the share `tail` of
/// probability at each end (0 keeps everything; the greatest |z| is then about 6.3).
///
/// One word gives one element through the inverse of the normal distribution function:
/// Wichura 1988, "Algorithm AS 241", PPND7 (about seven digits; its third region is never reached).
void ck_random_normal(float *restrict out, ck_random source, size_t begin, size_t end, float mean, float deviation,
                      float tail);

#endif
