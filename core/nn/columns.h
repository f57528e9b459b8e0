/* SPDX-License-Identifier: Apache-2.0 */

/* The inner loops of sp_nn_conv_columns(). */

#ifndef SOUNDPOST_NN_COLUMNS_H_
#define SOUNDPOST_NN_COLUMNS_H_

#include <stdint.h>

#include <soundpost/nn.h>

#include "dsp.h"

/* Positions side by side that are made at once, a block, and columns that a window sees. */
#define NN_COLUMNS_BLOCK 4
#define NN_COLUMNS_WIDTH 3

/* Columns that a block sees. */
#define NN_COLUMNS(stride) ((NN_COLUMNS_BLOCK - 1) * (stride) + NN_COLUMNS_WIDTH)

/* Of SP_NN_GROUP channels, a block has channels 0 and 2 of its first column, of its second one and
 * so on, then channels 1 and 3 of all: pairs that one SXTB16 makes of a word. With the DSP
 * extension, weights become such pairs too; else they are used as they lie in flash.
 */
#if NN_DSP
typedef int16_t nn_columns_weight;
#else
typedef int8_t nn_columns_weight;
#endif

/* A channel of a block of some rows, for columns_rows.S, which knows this layout. */
struct nn_columns_rows {
	const int16_t *x;
	const nn_columns_weight *weights;
	/* that a position sees, whole groups or none */
	int32_t values;
	/* values from what one row sees to what the next one does */
	int32_t step;
	/* rows, at least one */
	int32_t count;
	int8_t *output;
	/* bytes from one position's output to the next one's, and from one row's */
	int32_t pitch;
	int32_t line;
	/* positions of a row, 1 to NN_COLUMNS_BLOCK */
	int32_t width;
#if NN_DSP
	/* all of k in its bits, and a bias without them */
	struct nn_fast scale;
#else
	const struct sp_nn_channel *channel;
	int32_t zero_point;
#endif
};

/* Make them, with a stride of 1 or 2. The output moves on behind them; x and count are changed. */
void nn_columns_rows_1(struct nn_columns_rows *rows);
void nn_columns_rows_2(struct nn_columns_rows *rows);

#if NN_DSP
/* Put so many groups of weights, at least one, as pairs. */
void nn_columns_widen(int16_t *to, const int8_t *weights, int groups);
#endif

#endif /* SOUNDPOST_NN_COLUMNS_H_ */
