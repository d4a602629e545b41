// Kernels that compute each element of one output from the same element of their inputs.
//
//     CK_MAP2(multiply, a * b)
//
// defines `void ck_multiply(float *out, const float *a, const float *b, size_t begin, size_t end)`: inside
// CK_BODY a line makes the function of one variant, outside the public one that calls it.  The digit counts
// the inputs `a`, `b`, `c`; each S adds a number, `s` and then `t`.  The output may be an input.
#undef CK_MAP

#ifdef CK_BODY
#define CK_MAP(name, PARAMETERS, ARGUMENTS, INPUTS, y) \
    static void CK(name) PARAMETERS {                  \
        CK_EACH(i, begin, end, {                       \
            INPUTS                                     \
            vstore(out + i, (y), lanes);               \
        });                                            \
    }
#else
#define CK_MAP(name, PARAMETERS, ARGUMENTS, INPUTS, y) \
    void ck_##name PARAMETERS { CK_CALL(name) ARGUMENTS; }
#endif

#ifndef CK_MAP1
#define CK_0
#define CK_1 floats a = vload(pa + i, lanes);
#define CK_2 CK_1 floats b = vload(pb + i, lanes);
#define CK_3 CK_2 floats c = vload(pc + i, lanes);

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
