#include "ck_cpu.h"

#include <stdatomic.h>

static _Thread_local int forced = -1;

bool ck_variant_is_supported(ck_variant variant) {
    switch (variant) {
    case CK_VARIANT_PLAIN:
        return true;
    case CK_VARIANT_NEON:
#if defined(__aarch64__)
        return true;
#else
        return false;
#endif
#if defined(__x86_64__)
    case CK_VARIANT_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case CK_VARIANT_AVX512:
        return ck_variant_is_supported(CK_VARIANT_AVX2) && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl");
    case CK_VARIANT_AVX512_BF16:
        return ck_variant_is_supported(CK_VARIANT_AVX512) && __builtin_cpu_supports("avx512bf16");
#else
    default:
        return false;
#endif
    }
    return false;
}

// Every thread that asks first computes the same answer, so a relaxed store is enough.
static ck_variant richest(void) {
    static _Atomic int cached = -1;
    int variant = atomic_load_explicit(&cached, memory_order_relaxed);
    if (variant < 0) {
        variant = CK_VARIANT_COUNT - 1;
        while (!ck_variant_is_supported((ck_variant)variant)) variant--;
        atomic_store_explicit(&cached, variant, memory_order_relaxed);
    }
    return (ck_variant)variant;
}

ck_variant ck_variant_current(void) { return forced >= 0 ? (ck_variant)forced : richest(); }

bool ck_variant_force(ck_variant variant) {
    if (!ck_variant_is_supported(variant)) return false;
    forced = (int)variant;
    return true;
}

void ck_variant_reset(void) { forced = -1; }

const char *ck_variant_name(ck_variant variant) {
    switch (variant) {
    case CK_VARIANT_PLAIN: return "plain";
    case CK_VARIANT_NEON: return "neon";
    case CK_VARIANT_AVX2: return "avx2";
    case CK_VARIANT_AVX512: return "avx512";
    case CK_VARIANT_AVX512_BF16: return "avx512bf16";
    }
    return "unknown";
}
