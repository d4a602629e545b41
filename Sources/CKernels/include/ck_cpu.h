// Which instructions a kernel may use.
//
// Every kernel exists in several variants and picks one when it is called, so one binary serves every
// processor of its architecture.  A test forces a variant on its own thread and sees exactly that one.
#ifndef CK_CPU_H
#define CK_CPU_H

#include <stdbool.h>

/// The instruction sets a kernel can be built for, poorest first.
typedef enum {
    CK_VARIANT_PLAIN = 0,        // portable C
    CK_VARIANT_NEON = 1,         // arm64
    CK_VARIANT_AVX2 = 2,         // x86-64 with AVX2 and FMA
    CK_VARIANT_AVX512 = 3,       // and AVX-512 F, BW, DQ, VL
    CK_VARIANT_AVX512_BF16 = 4,  // and AVX512-BF16
} ck_variant;

enum { CK_VARIANT_COUNT = 5 };

/// Whether this processor can run `variant`.
bool ck_variant_is_supported(ck_variant variant);

/// The variant that kernels called from this thread use: the forced one, or the richest supported.
ck_variant ck_variant_current(void);

/// Makes kernels called from this thread use `variant`, until `ck_variant_reset`.
/// Returns false, and changes nothing, when the processor lacks it.
bool ck_variant_force(ck_variant variant);

/// Undoes `ck_variant_force` on this thread.
void ck_variant_reset(void);

/// A lower-case name, such as "avx2".
const char *ck_variant_name(ck_variant variant);

#endif
