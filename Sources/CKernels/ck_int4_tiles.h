// Tiles of weights in four bits, multiplied in integers: part of ck_row_tiles.h, for AVX2.
//
// Without the tables of AVX-512 it takes more instructions to make a float32 of four bits than memory leaves time for.  So
// activations are rounded to integers of 16 bits, with a scale for each block of 128: by 2⁻¹⁶ of the block's greatest
// magnitude, of which bfloat16 would take 2⁻⁹.  `vpmaddwd` adds their products in pairs, and what is left of a group is one
// vector, to be converted and multiplied by the group's scale.
//
// The sums of a group are exact.  So a row has the same bits by weights that are unpacked as they are loaded, and by those
// that were unpacked once for many rows.

#define LANES (2 * CK_WIDTH)  // integers in a vector, half a group of them
#define ONE_BY_ONE _Pragma("clang loop unroll(disable)")

typedef int16_t CK(words) __attribute__((ext_vector_type(LANES)));

CK_INLINE CK(words) CK(vload_words)(const void *from) {
    CK(words) x;
    memcpy(&x, from, sizeof x);
    return x;
}

// MARK: Activations

CK_INLINE __m256i CK(nearest)(const float *x, floats inverse) {
    return _mm256_cvtps_epi32((__m256)(vload(x, CK_WIDTH) * inverse));
}

// The greatest magnitude becomes 32767; one below 2⁻¹⁰⁰ counts as that, so that its inverse is finite.  Where an element is not
// finite, the scale is NaN, and so is every product of the row.
CK_INLINE void CK(round_block)(integer_block *out, const float *x) {
    // As integers they are in order, infinities and NaN behind the others.
    ints magnitudes = vbits((floats)0x1p-100f);
    for (size_t i = 0; i < CK_INT4_BLOCK; i += CK_WIDTH)
        magnitudes = __builtin_elementwise_max(magnitudes, vbits(vload(x + i, CK_WIDTH)) & 0x7fffffff);
    const floats greatest = vfloat((ints)__builtin_reduce_max(magnitudes));
    const floats inverse = 32767 / greatest;
    for (size_t i = 0; i < CK_INT4_BLOCK; i += LANES) {
        // Packing goes by halves of vectors.
        __m256i halves = _mm256_packs_epi32(CK(nearest)(x + i, inverse), CK(nearest)(x + i + CK_WIDTH, inverse));
        _mm256_storeu_si256((__m256i *)(out->elements + i), _mm256_permute4x64_epi64(halves, _MM_SHUFFLE(3, 1, 2, 0)));
    }
    vstore(out->scales, vselect(greatest < INFINITY, greatest / 32767, (floats)NAN), CK_WIDTH);
}

// Elements beyond K are zero.
static void CK(round_row)(float *out, const void *row, bool is_half, size_t K) {
    integer_block *blocks = (integer_block *)out;
    for (size_t k = 0; k < K; k += CK_INT4_BLOCK) {
        const size_t count = K - k < CK_INT4_BLOCK ? K - k : CK_INT4_BLOCK;
        float x[CK_INT4_BLOCK] = {0};
        if (is_half) ck_float32_from_bfloat16(x, (const uint16_t *)row + k, 0, count);
        else memcpy(x, (const float *)row + k, count * sizeof(float));
        CK(round_block)(blocks++, x);
    }
}

// MARK: Weights

// A group's numbers, −8 … 7, are multiplied by 1, 16, 256 and 1, as their bits lie, and its scale is divided by that.

CK_INLINE CK(words) CK(unpacked_words)(const ck_int4_block *block, size_t group, size_t half) {
    CK(words) quads = CK(vload_words)(block->quads + LANES * half);
    if (group == 3) return (CK(words))_mm256_srli_epi16((__m256i)quads, 12) - 8;
    return (quads & (int16_t)(15 << 4 * group)) - (int16_t)(8 << 4 * group);
}

CK_INLINE floats CK(unpacked_scales)(const ck_int4_block *block) {
    const floats units = {1, 0x1p-4f, 0x1p-8f, 1, 1, 0x1p-4f, 0x1p-8f, 1};
    int64_t scales;
    memcpy(&scales, block->scales, sizeof scales);
    return (floats)_mm256_cvtph_ps(_mm_set1_epi64x(scales)) * units;
}

static void CK(unpack_row)(float *out, const char *row, const char *next, size_t K) {
    integer_block *to = (integer_block *)out;
    const ck_int4_block *from = (const ck_int4_block *)row;
    for (size_t n = 0; n < ck_int4_blocks(K); n++, to++, from++, next += sizeof *from) {
        __builtin_prefetch(next, 0, 2);
        UNROLLED for (size_t group = 0; group < CK_INT4_GROUPS; group++)
            UNROLLED for (size_t half = 0; half < 2; half++) {
                CK(words) words = CK(unpacked_words)(from, group, half);
                memcpy(to->elements + CK_INT4_GROUP * group + LANES * half, &words, sizeof words);
            }
        vstore(to->scales, CK(unpacked_scales)(from), CK_WIDTH);
    }
}

// MARK: Tiles

// Adds the products of a group of B's block `b`, with its scale, to the sums of the rows of A.
//
// A lane adds four products, each of a weight of at most 8 · 256 by an activation of at most 2¹⁵, so it holds at most 2²⁸;
// and in units of the weights 2²⁰, which a float32 has bits for.
CK_INLINE void CK(add_group)(floats *sums, size_t rows, const integer_block *const *a, const void *b, size_t group,
                             floats scale, bool is_unpacked) {
    const size_t begin = CK_INT4_GROUP * group;
    const int16_t *unpacked = ((const integer_block *)b)->elements + begin;
    CK(words) first = is_unpacked ? CK(vload_words)(unpacked) : CK(unpacked_words)(b, group, 0);
    CK(words) last = is_unpacked ? CK(vload_words)(unpacked + LANES) : CK(unpacked_words)(b, group, 1);
    UNROLLED for (size_t i = 0; i < rows; i++) {
        const int16_t *elements = a[i]->elements + begin;
        ints sum = (ints)_mm256_madd_epi16((__m256i)CK(vload_words)(elements), (__m256i)first)
            + (ints)_mm256_madd_epi16((__m256i)CK(vload_words)(elements + LANES), (__m256i)last);
        floats products = __builtin_convertvector(sum, floats);
        sums[i] = group == 0 ? products * scale : products * scale + sums[i];
    }
}

// One row of B after another: with four at once, the rows of A would wait for registers.
CK_INLINE void CK(integer_tile)(size_t rows, quad *totals, const CK(operands) *operands, size_t K, CK(conversion) conversion) {
    const CK(operands) o = *operands;
    const bool is_unpacked = conversion == CK(AS_INTEGERS);
    const size_t b_block = is_unpacked ? sizeof(integer_block) : sizeof(ck_int4_block);
    floats by_output[TILE_ROWS][OUTPUTS];
    ONE_BY_ONE for (size_t j = 0; j < OUTPUTS; j++) {
        const char *b = o.b[j], *next = o.next ? o.next + j * o.b_row : b;
        floats total[TILE_ROWS];
        UNROLLED for (size_t i = 0; i < rows; i++) total[i] = 0;
        ONE_BY_ONE for (size_t n = 0; n < ck_int4_blocks(K); n++, b += b_block, next += b_block) {
            const integer_block *a[TILE_ROWS];
            UNROLLED for (size_t i = 0; i < rows; i++) a[i] = (const integer_block *)(o.a + i * o.a_row) + n;
            if (!is_unpacked) __builtin_prefetch(next, 0, 2);
            __m256 scales = is_unpacked ? _mm256_loadu_ps(((const integer_block *)b)->scales)
                                        : (__m256)CK(unpacked_scales)((const ck_int4_block *)b);
            floats sums[TILE_ROWS];
            CK(add_group)(sums, rows, a, b, 0, (floats)_mm256_permute_ps(scales, 0x00), is_unpacked);
            CK(add_group)(sums, rows, a, b, 1, (floats)_mm256_permute_ps(scales, 0x55), is_unpacked);
            CK(add_group)(sums, rows, a, b, 2, (floats)_mm256_permute_ps(scales, 0xaa), is_unpacked);
            CK(add_group)(sums, rows, a, b, 3, (floats)_mm256_permute_ps(scales, 0xff), is_unpacked);
            UNROLLED for (size_t i = 0; i < rows; i++) total[i] = sums[i] * vload(a[i]->scales, CK_WIDTH) + total[i];
        }
        UNROLLED for (size_t i = 0; i < rows; i++) by_output[i][j] = total[i];
    }
    UNROLLED for (size_t i = 0; i < rows; i++) totals[i] = CK(four_sums)(by_output[i]);
}
