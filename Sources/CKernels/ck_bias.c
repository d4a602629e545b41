#include "ck_bias.h"

// Partial sums keep the rounding error near that of a sum of R / ROWS_PER_CHUNK terms.
enum { ROWS_PER_CHUNK = 64, COLUMNS_PER_TILE = 64 };

static void sum_tile(float *restrict dbias, const float *restrict dout, size_t columns, size_t R, size_t C) {
    float total[COLUMNS_PER_TILE] = {0};
    for (size_t begin = 0; begin < R; begin += ROWS_PER_CHUNK) {
        size_t end = R - begin < ROWS_PER_CHUNK ? R : begin + ROWS_PER_CHUNK;
        float chunk[COLUMNS_PER_TILE] = {0};
        for (size_t row = begin; row < end; row++) {
            for (size_t j = 0; j < columns; j++) chunk[j] += dout[row * C + j];
        }
        for (size_t j = 0; j < columns; j++) total[j] += chunk[j];
    }
    for (size_t j = 0; j < columns; j++) dbias[j] = total[j];
}

void ck_bias_backward(float *dbias, const float *dout, size_t column_begin, size_t column_end, size_t R, size_t C) {
    for (size_t column = column_begin; column < column_end; column += COLUMNS_PER_TILE) {
        size_t columns = column_end - column < COLUMNS_PER_TILE ? column_end - column : COLUMNS_PER_TILE;
        sum_tile(dbias + column, dout + column, columns, R, C);
    }
}
