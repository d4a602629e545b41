// Kernels that compute each element of one output from the same element of their inputs.
//
//     CK_MAP2(multiply, a * b)
//
// defines `void ck_multiply(float *out, const float *a, const float *b, size_t begin, size_t end)`: inside
// CK_BODY a line makes the function of one variant, outside the public one that calls it.  The digit counts
// the inputs `a`, `b`, `c`; each S adds a number, `s` and then `t`.  The output may be an input.
#undef CK_MAP

#ifdef CK_BODY
#define CK_MAP(name, PARAMETERS, ARGUMENTS, INPUTS, y)  \
    static void CK(name) PARAMETERS {                   \
        size_t i = begin;                               \
        for (; i + CK_WIDTH <= end; i += CK_WIDTH) {    \
            INPUTS(CK_WHOLE)                            \
            vstore(out + i, (y));                       \
        }                                               \
        if (i < end) {                                  \
            INPUTS(CK_PART)                             \
            vstore_partial(out + i, (y), end - i);      \
        }                                               \
    }
#else
#define CK_MAP(name, PARAMETERS, ARGUMENTS, INPUTS, y) \
    void ck_##name PARAMETERS { CK_CALL(name) ARGUMENTS; }
#endif

#ifndef CK_MAP1
#define CK_WHOLE(p) vload(p + i)
#define CK_PART(p) vload_partial(p + i, end - i)
#define CK_0(load)
#define CK_1(load) floats a = load(pa);
#define CK_2(load) floats a = load(pa), b = load(pb);
#define CK_3(load) floats a = load(pa), b = load(pb), c = load(pc);

#define CK_MAP0S(name, y) \
    CK_MAP(name, (float *out, size_t begin, size_t end, float s), (out, begin, end, s), CK_0, y)
#define CK_MAP1(name, y) \
    CK_MAP(name, (float *out, const float *pa, size_t begin, size_t end), (out, pa, begin, end), CK_1, y)
#define CK_MAP1S(name, y) \
    CK_MAP(name, (float *out, const float *pa, size_t begin, size_t end, float s), (out, pa, begin, end, s), CK_1, y)
#define CK_MAP1SS(name, y)                                                                     \
    CK_MAP(name, (float *out, const float *pa, size_t begin, size_t end, float s, float t),    \
           (out, pa, begin, end, s, t), CK_1, y)
#define CK_MAP2(name, y)                                                                       \
    CK_MAP(name, (float *out, const float *pa, const float *pb, size_t begin, size_t end),     \
           (out, pa, pb, begin, end), CK_2, y)
#define CK_MAP2S(name, y)                                                                               \
    CK_MAP(name, (float *out, const float *pa, const float *pb, size_t begin, size_t end, float s),     \
           (out, pa, pb, begin, end, s), CK_2, y)
#define CK_MAP2SS(name, y)                                                                                     \
    CK_MAP(name, (float *out, const float *pa, const float *pb, size_t begin, size_t end, float s, float t),   \
           (out, pa, pb, begin, end, s, t), CK_2, y)
#define CK_MAP3(name, y)                                                                                         \
    CK_MAP(name, (float *out, const float *pa, const float *pb, const float *pc, size_t begin, size_t end),      \
           (out, pa, pb, pc, begin, end), CK_3, y)
#endif
