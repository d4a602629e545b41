#include "ck_transpose.h"

// A square of 16 by 16 floats is 16 cache lines on either side.
enum { TILE = 16 };

void ck_transpose(float *restrict out, const float *restrict x, size_t column_begin, size_t column_end,
                  size_t R, size_t C) {
    for (size_t column = column_begin; column < column_end; column += TILE) {
        size_t last = column_end - column < TILE ? column_end : column + TILE;
        for (size_t row = 0; row < R; row += TILE) {
            size_t bottom = R - row < TILE ? R : row + TILE;
            for (size_t c = column; c < last; c++)
                for (size_t r = row; r < bottom; r++) out[c * R + r] = x[r * C + c];
        }
    }
}
