#include "ck_activation.h"

#define CK_FILE "ck_activation.c"
#include "ck_variants.h"
#include "ck_map.h"

#ifdef CK_BODY

// Φ(x) and its derivative φ(x).
CK_INLINE floats normal_cumulative(floats x) { return 0.5f * verf(x * 0x1.6a09e6p-1f) + 0.5f; }  // √½
CK_INLINE floats normal_density(floats x) { return vexp(-0.5f * x * x) * 0x1.988454p-2f; }       // 1 / √(2π)

// ½ (1 + tanh(u)) is σ(2u), which has one exponential and loses no digits where it is small.
CK_INLINE floats gelu_argument(floats x) { return 0x1.988454p+0f * (x + 0.044715f * (x * x * x)); }  // 2 √(2/π)
CK_INLINE floats gelu_argument_slope(floats x) { return 0x1.988454p+0f * (1.0f + 3 * 0.044715f * (x * x)); }

CK_INLINE floats gelu_tanh_slope(floats x) {
    floats s = vsigmoid(gelu_argument(x));
    return s + x * s * (1.0f - s) * gelu_argument_slope(x);
}

CK_INLINE floats silu_slope(floats x) {
    floats s = vsigmoid(x);
    return s + x * s * (1.0f - s);
}

CK_INLINE floats positive_part(floats x) { return vselect(x < 0.0f, (floats)0.0f, x); }

#endif

// In a backward pass a is dy and b is x.
CK_MAP1(gelu_forward, a * normal_cumulative(a))
CK_MAP2(gelu_backward, a * (normal_cumulative(b) + b * normal_density(b)))

CK_MAP1(gelu_tanh_forward, a * vsigmoid(gelu_argument(a)))
CK_MAP2(gelu_tanh_backward, a * gelu_tanh_slope(b))

CK_MAP1(silu_forward, a * vsigmoid(a))
CK_MAP2(silu_backward, a * silu_slope(b))

CK_MAP1(relu_forward, positive_part(a))
CK_MAP2(relu_backward, vselect(b > 0.0f, a, (floats)0.0f))

CK_MAP1(relu_squared_forward, positive_part(a) * positive_part(a))
CK_MAP2(relu_squared_backward, 2.0f * a * positive_part(b))

// a is gate and b is up.
CK_MAP2(swiglu_forward, a * vsigmoid(a) * b)

#ifdef CK_BODY

static void CK(swiglu_backward)(float *dgate, float *dup, const float *dy, const float *gate, const float *up,
                                size_t begin, size_t end) {
    CK_EACH(i, begin, end, {
        floats d = vload(dy + i, lanes);
        floats g = vload(gate + i, lanes);
        floats s = vsigmoid(g);
        floats silu = g * s;
        floats slope = s + silu * (1.0f - s);
        vstore(dgate + i, d * vload(up + i, lanes) * slope, lanes);
        vstore(dup + i, d * silu, lanes);
    });
}

#else

void ck_swiglu_backward(float *dgate, float *dup, const float *dy, const float *gate, const float *up,
                        size_t begin, size_t end) {
    CK_CALL(swiglu_backward)(dgate, dup, dy, gate, up, begin, end);
}

#endif
