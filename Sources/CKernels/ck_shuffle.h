// Moving numbers between the lanes of vectors: read once per processor variant, after ck_variants.h.

// F(0, n), F(1, n), … for every lane of a vector.
#undef EVERY_LANE
#if CK_WIDTH == 4
#define EVERY_LANE(F, n) F(0, n), F(1, n), F(2, n), F(3, n)
#elif CK_WIDTH == 8
#define EVERY_LANE(F, n) F(0, n), F(1, n), F(2, n), F(3, n), F(4, n), F(5, n), F(6, n), F(7, n)
#else
#define EVERY_LANE(F, n)                                                                      \
    F(0, n), F(1, n), F(2, n), F(3, n), F(4, n), F(5, n), F(6, n), F(7, n), F(8, n), F(9, n), \
        F(10, n), F(11, n), F(12, n), F(13, n), F(14, n), F(15, n)
#endif

// Two vectors hold x₀ y₀ x₁ y₁ …: all x, all y, and back, the first or second half of the pairs.
#define LANE_STRIDED(j, first) (2 * (j) + (first))
#define LANE_PAIRED(j, first) ((j) / 2 + (first) + ((j) % 2 ? CK_WIDTH : 0))
CK_INLINE floats vevens(floats a, floats b) { return __builtin_shufflevector(a, b, EVERY_LANE(LANE_STRIDED, 0)); }
CK_INLINE floats vodds(floats a, floats b) { return __builtin_shufflevector(a, b, EVERY_LANE(LANE_STRIDED, 1)); }
CK_INLINE floats vfirst_pairs(floats x, floats y) { return __builtin_shufflevector(x, y, EVERY_LANE(LANE_PAIRED, 0)); }
CK_INLINE floats vlast_pairs(floats x, floats y) {
    return __builtin_shufflevector(x, y, EVERY_LANE(LANE_PAIRED, CK_WIDTH / 2));
}

// Transposes CK_WIDTH vectors.  In each round, vectors `half` apart exchange every second run of `half` lanes.
#define LANE_UPPER(j, half) ((j) & (half) ? CK_WIDTH + (j) - (half) : (j))
#define LANE_LOWER(j, half) ((j) & (half) ? CK_WIDTH + (j) : (j) + (half))
#define EXCHANGE(half)                                                                          \
    for (size_t i = 0; i < CK_WIDTH; i++) {                                                     \
        if (i & half) continue;                                                                 \
        floats upper = square[i], lower = square[i + half];                                     \
        square[i] = __builtin_shufflevector(upper, lower, EVERY_LANE(LANE_UPPER, half));        \
        square[i + half] = __builtin_shufflevector(upper, lower, EVERY_LANE(LANE_LOWER, half)); \
    }
CK_INLINE void vtranspose(floats *square) {
    EXCHANGE(1)
    EXCHANGE(2)
#if CK_WIDTH > 4
    EXCHANGE(4)
#endif
#if CK_WIDTH > 8
    EXCHANGE(8)
#endif
}
