/* SPDX-License-Identifier: Apache-2.0 */

/* Convolutions of windows three wide: each column that four positions side by side see is laid out
 * once for all of them, as int16 less the zero point, for some rows of positions at a time. What is
 * outside of the input is then zero, so that rows above and below are left out.
 */

#include <string.h>

#include "columns.h"

_Static_assert(SP_NN_GROUP == 4, "as the loops have it");

/* What is laid out of a block of columns of positions: rows of the input from top to bottom. */
struct strip {
	int16_t *columns;
	int top;
	int bottom;
	/* values of a row */
	int row;
};

/* Put groups of a column, whose pairs are `pitch` values apart. */
static void put_groups(const int8_t *from, int groups, int16_t zero_point, int pitch, int16_t *to)
{
#if NN_DSP
	const uint32_t less = (uint16_t)-zero_point * 0x10001u;
#endif

	for (; groups > 0; groups--) {
#if NN_DSP
		uint32_t word;
		uint32_t even;
		uint32_t odd;

		memcpy(&word, from, sizeof(word));
		__asm__("sxtab16 %0, %1, %2" : "=r"(even) : "r"(less), "r"(word));
		__asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(odd) : "r"(less), "r"(word));
		memcpy(to, &even, sizeof(even));
		memcpy(to + pitch, &odd, sizeof(odd));
#else
		to[0] = (int16_t)(from[0] - zero_point);
		to[1] = (int16_t)(from[2] - zero_point);
		to[pitch] = (int16_t)(from[1] - zero_point);
		to[pitch + 1] = (int16_t)(from[3] - zero_point);
#endif
		from += SP_NN_GROUP;
		to += 2 * pitch;
	}
}

/* Put what is outside of the input. */
static void put_outside(int groups, int pitch, int16_t *to)
{
	for (; groups > 0; groups--) {
		memset(to, 0, 2 * sizeof(*to));
		memset(to + pitch, 0, 2 * sizeof(*to));
		to += 2 * pitch;
	}
}

/* Lay out the strip, of which the first column is `left`. */
static void fill(const struct sp_nn_window *window, const int8_t *input, const struct strip *strip,
		 int left)
{
	const int columns = NN_COLUMNS(window->stride_x);
	const int groups = window->channels / SP_NN_GROUP;
	int16_t *to = strip->columns;

	for (int y = strip->top; y < strip->bottom; y++) {
		const int8_t *row = input + y * window->in_width * window->channels;

		for (int i = 0; i < columns; i++) {
			const int x = left + i;

			if (x < 0 || x >= window->in_width) {
				put_outside(groups, 2 * columns, to + 2 * i);
			} else {
				put_groups(row + x * window->channels, groups, window->zero_point,
					   2 * columns, to + 2 * i);
			}
		}
		to += strip->row;
	}
}

/* What differs from channel to channel, but for where its output lies. */
static void set_channel(const struct sp_nn_weights *layer, int channel,
			struct nn_columns_rows *rows)
{
#if NN_DSP
	struct nn_fast scale = nn_fast(layer, channel);

	/* the weights are left as they are, so that sums are shifted */
	rows->scale.bias = layer->channels[channel].bias;
	rows->scale.multiplier = scale.multiplier;
	rows->scale.offset = scale.offset;
	rows->scale.half = scale.half;
	rows->scale.bits = scale.bits + scale.rest;
#else
	rows->channel = &layer->channels[channel];
#endif
}

/* Make one channel of rows y to end - 1: those whose windows leave the input one by one, without
 * what is outside, and the others at once.
 */
static void make(const struct sp_nn_conv_columns_params *params, const struct strip *strip,
		 const nn_columns_weight *weights, int y, int end, struct nn_columns_rows *rows)
{
	const struct sp_nn_window *window = &params->window;

	while (y < end) {
		const int top = y * window->stride_y - window->pad_top;
		const int room = window->in_height - window->height - top;
		const int above = top < 0 ? -top : 0;
		const int seen = window->height - above + (room < 0 ? room : 0);
		int count = 1;

		rows->x = strip->columns;
		rows->weights = weights;
		rows->values = 0;
		if (seen > 0) {
			rows->x += (top + above - strip->top) * strip->row;
			rows->weights += above * NN_COLUMNS_WIDTH * window->channels;
			rows->values = seen * strip->row;
		}
		if (above == 0 && room >= 0) {
			const int inside = room / window->stride_y + 1;

			count = inside < end - y ? inside : end - y;
		}
		rows->count = count;
		(window->stride_x == 1 ? nn_columns_rows_1 : nn_columns_rows_2)(rows);
		y += count;
	}
}

/* Make all channels of a block of rows y to end - 1, `left` positions or the first four of them. */
static void make_strip(const struct sp_nn_conv_columns_params *params, int16_t *scratch,
		       const struct strip *strip, int y, int end, int left, int8_t *output)
{
	const struct sp_nn_weights *layer = &params->weights;
	struct nn_columns_rows rows = {
		.step = params->window.stride_y * strip->row,
		.pitch = layer->outputs,
		.line = params->window.out_width * layer->outputs,
		.width = left < NN_COLUMNS_BLOCK ? left : NN_COLUMNS_BLOCK,
#if !NN_DSP
		.zero_point = layer->output.zero_point,
#endif
	};

	for (int channel = 0; channel < layer->outputs; channel++) {
		const int8_t *weights = layer->weights + channel * layer->depth;

		set_channel(layer, channel, &rows);
		rows.output = output + channel;
#if NN_DSP
		nn_columns_widen(scratch, weights, layer->depth / (NN_COLUMNS_WIDTH * SP_NN_GROUP));
		make(params, strip, scratch, y, end, &rows);
#else
		(void)scratch;
		make(params, strip, weights, y, end, &rows);
#endif
	}
}

void sp_nn_conv_columns(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_conv_columns_params *params = step->params;
	const struct sp_nn_window *window = &params->window;
	const int outputs = params->weights.outputs;
	int16_t *scratch = (int16_t *)(void *)(arena + step->scratch);
	struct strip strip = {
		.columns = scratch + params->weights.depth,
		.row = NN_COLUMNS(window->stride_x) * window->channels,
	};

	for (int y = 0; y < window->out_height; y += params->rows) {
		const int left = window->out_height - y;
		const int end = y + (left < params->rows ? left : params->rows);
		const int top = y * window->stride_y - window->pad_top;
		const int bottom = (end - 1) * window->stride_y - window->pad_top + window->height;

		strip.top = top < 0 ? 0 : top;
		strip.bottom = bottom < window->in_height ? bottom : window->in_height;
		for (int x = 0; x < window->out_width; x += NN_COLUMNS_BLOCK) {
			fill(window, arena + step->input, &strip,
			     x * window->stride_x - window->pad_left);
			make_strip(params, scratch, &strip, y, end, window->out_width - x,
				   arena + step->output + (y * window->out_width + x) * outputs);
		}
	}
}
