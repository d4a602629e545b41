// Compiles the body of a kernel file once per processor variant.
//
//     #include "ck_gelu.h"
//     #define CK_FILE "ck_gelu.c"
//     #include "ck_variants.h"
//
//     #ifdef CK_BODY
//     static void CK(gelu_forward)(float *out, ...) { ... floats, vload, vexp ... }
//     #else
//     void ck_gelu_forward(float *out, ...) { CK_CALL(gelu_forward)(out, ...); }
//     #endif
//
// The file includes itself: inside `CK_BODY` it is read once per variant, with `CK_WIDTH` float lanes,
// the vector types and functions of ck_vector.h, and `CK(name)` standing for the variant's own name.  The
// `#else` part is read once, at the end, and `CK_CALL(name)` is the function of the current variant.
// With `CK_HAS_PAIRS` defined, the body is read once more for AVX512-BF16, with `CK_PAIRS` defined.
// On arm64 the portable build is the NEON build, because the compiler maps four lanes to one register.
#ifndef CK_BODY

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ck_cpu.h"

#define CK_BODY

#define CK_WIDTH 4
#define CK(name) ck_plain_##name
#include "ck_vector.h"
#include CK_FILE
#undef CK
#undef CK_WIDTH

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define CK_WIDTH 8
#define CK(name) ck_avx2_##name
#include "ck_vector.h"
#include CK_FILE
#undef CK
#undef CK_WIDTH
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define CK_WIDTH 16
#define CK(name) ck_avx512_##name
#include "ck_vector.h"
#include CK_FILE
#undef CK
#undef CK_WIDTH
#pragma clang attribute pop

// Kernels that multiply pairs of bfloat16 ask for one more variant, which has the vectors of AVX-512.
#if defined(CK_HAS_PAIRS)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#define CK_PAIRS
#define CK_WIDTH 16
#define CK(name) ck_avx512bf16_##name
#define ck_avx512bf16_floats ck_avx512_floats
#define ck_avx512bf16_ints ck_avx512_ints
#define ck_avx512bf16_shorts ck_avx512_shorts
#define ck_avx512bf16_vload ck_avx512_vload
#define ck_avx512bf16_vload_shorts ck_avx512_vload_shorts
#define ck_avx512bf16_vload_bytes ck_avx512_vload_bytes
#define ck_avx512bf16_vint4_scale ck_avx512_vint4_scale
#include CK_FILE
#undef CK
#undef CK_WIDTH
#undef CK_PAIRS
#pragma clang attribute pop
#endif

#endif

#undef CK_BODY

#if defined(__x86_64__)
#define CK_CALL(name) \
    (ck_variant_current() >= CK_VARIANT_AVX512 ? ck_avx512_##name \
     : ck_variant_current() == CK_VARIANT_AVX2 ? ck_avx2_##name \
                                               : ck_plain_##name)
#else
#define CK_CALL(name) ck_plain_##name
#endif

#endif
