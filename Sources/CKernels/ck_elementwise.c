#include "ck_elementwise.h"

#define CK_FILE "ck_elementwise.c"
#include "ck_variants.h"
#include "ck_map.h"

CK_MAP2(add, a + b)
CK_MAP2(subtract, a - b)
CK_MAP2(multiply, a * b)
CK_MAP2(divide, a / b)
CK_MAP2(minimum, vselect((a < b) | (a != a), a, b))
CK_MAP2(maximum, vselect((a > b) | (a != a), a, b))
CK_MAP2(less, vfloat((a < b) & vbits((floats)1.0f)))
CK_MAP2(less_or_equal, vfloat((a <= b) & vbits((floats)1.0f)))
CK_MAP2(equal, vfloat((a == b) & vbits((floats)1.0f)))
CK_MAP3(multiply_add, a * b + c)
CK_MAP3(select, vselect(a != 0.0f, b, c))

CK_MAP0S(fill, (floats)s)
CK_MAP1S(add_scalar, a + s)
CK_MAP1S(scale, a * s)
CK_MAP1S(divide_scalar, s / a)
CK_MAP2S(add_scaled, a + s * b)
CK_MAP2S(lerp, a + s * (b - a))

CK_MAP1(exp_forward, vexp(a))
CK_MAP1(log_forward, vlog(a))

CK_MAP1(sqrt_forward, vsqrt(a))
CK_MAP2(sqrt_backward, 0.5f * a / b)

CK_MAP1(tanh_forward, vtanh(a))
CK_MAP2(tanh_backward, a * (1.0f - b * b))

CK_MAP1(sigmoid_forward, vsigmoid(a))
CK_MAP2(sigmoid_backward, a * b * (1.0f - b))

// log σ(x) = min(x, 0) − log(1 + e^−|x|); its slope is σ(−x).
CK_MAP1(log_sigmoid_forward, vmin((floats)0.0f, a) - vlog1p(vexp(-vabs(a))))
CK_MAP2(log_sigmoid_backward, a * vsigmoid(-b))

CK_MAP1(erf_forward, verf(a))
CK_MAP2(erf_backward, a * (0x1.20dd76p+0f * vexp(-(b * b))))  // 2 / √π

CK_MAP1(abs_forward, vabs(a))
CK_MAP2(abs_backward, vselect(b == 0.0f, (floats)0.0f, vfloat(vbits(a) ^ (vbits(b) & (int32_t)0x80000000))))

CK_MAP1SS(clip_forward, vselect(a != a, a, vmin(vmax(a, (floats)s), (floats)t)))
CK_MAP2SS(clip_backward, vselect((b >= s) & (b <= t), a, (floats)0.0f))
