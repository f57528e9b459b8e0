/* SPDX-License-Identifier: Apache-2.0 */

#include "columns.h"
#include "scale.h"

#if !NN_DSP

_Static_assert(SP_NN_GROUP == 4 && NN_COLUMNS_BLOCK == 4 && NN_COLUMNS_WIDTH == 3,
	       "the loops are unrolled for four and three");

/* A value times the weight of its column, if it has any: all is a constant but the values. */
static inline __attribute__((always_inline)) int32_t product(int32_t value, int column, int32_t w0,
							     int32_t w1, int32_t w2)
{
	switch (column) {
	case 0:
		return value * w0;
	case 1:
		return value * w1;
	case 2:
		return value * w2;
	default:
		return 0;
	}
}

/* Written out, so that sums and weights stay in registers. */
#define ADD_COLUMN(at, i)                                                                          \
	do {                                                                                       \
		if ((i) < NN_COLUMNS(stride)) {                                                    \
			const int32_t value = (at)[2 * (i)];                                       \
                                                                                                   \
			a0 += product(value, (i), w0, w1, w2);                                     \
			a1 += product(value, (i) - stride, w0, w1, w2);                            \
			a2 += product(value, (i) - 2 * stride, w0, w1, w2);                        \
			a3 += product(value, (i) - 3 * stride, w0, w1, w2);                        \
		}                                                                                  \
	} while (0)

#define ADD_CHANNEL(at, w)                                                                         \
	do {                                                                                       \
		const int32_t w0 = (w)[0];                                                         \
		const int32_t w1 = (w)[SP_NN_GROUP];                                               \
		const int32_t w2 = (w)[2 * SP_NN_GROUP];                                           \
                                                                                                   \
		ADD_COLUMN(at, 0);                                                                 \
		ADD_COLUMN(at, 1);                                                                 \
		ADD_COLUMN(at, 2);                                                                 \
		ADD_COLUMN(at, 3);                                                                 \
		ADD_COLUMN(at, 4);                                                                 \
		ADD_COLUMN(at, 5);                                                                 \
		ADD_COLUMN(at, 6);                                                                 \
		ADD_COLUMN(at, 7);                                                                 \
		ADD_COLUMN(at, 8);                                                                 \
	} while (0)

/* It is inlined, so that the stride is a constant. */
static inline __attribute__((always_inline)) void
add_columns(const int16_t *x, const int8_t *w, const int16_t *end, int stride, int32_t *sums)
{
	const int pair = 2 * NN_COLUMNS(stride);
	int32_t a0 = sums[0];
	int32_t a1 = sums[0];
	int32_t a2 = sums[0];
	int32_t a3 = sums[0];

	for (; x < end; x += 2 * pair, w += NN_COLUMNS_WIDTH * SP_NN_GROUP) {
		ADD_CHANNEL(x, w);
		ADD_CHANNEL(x + pair, w + 1);
		ADD_CHANNEL(x + 1, w + 2);
		ADD_CHANNEL(x + pair + 1, w + 3);
	}
	sums[0] = a0;
	sums[1] = a1;
	sums[2] = a2;
	sums[3] = a3;
}

static void add_columns_1(const int16_t *x, const int8_t *w, const int16_t *end, int32_t *sums)
{
	add_columns(x, w, end, 1, sums);
}

static void add_columns_2(const int16_t *x, const int8_t *w, const int16_t *end, int32_t *sums)
{
	add_columns(x, w, end, 2, sums);
}

static void make_rows(struct nn_columns_rows *rows, void (*add)(const int16_t *x, const int8_t *w,
								const int16_t *end, int32_t *sums))
{
	const struct sp_nn_channel channel = *rows->channel;

	for (; rows->count > 0; rows->count--) {
		int8_t *output = rows->output;
		int32_t sums[NN_COLUMNS_BLOCK] = {channel.bias};

		add(rows->x, rows->weights, rows->x + rows->values, sums);
		for (int i = 0; i < rows->width; i++, output += rows->pitch) {
			*output = nn_saturate(nn_scale(sums[i], &channel.scale), rows->zero_point);
		}
		rows->x += rows->step;
		rows->output += rows->line;
	}
}

void nn_columns_rows_1(struct nn_columns_rows *rows)
{
	make_rows(rows, add_columns_1);
}

void nn_columns_rows_2(struct nn_columns_rows *rows)
{
	make_rows(rows, add_columns_2);
}

#endif
