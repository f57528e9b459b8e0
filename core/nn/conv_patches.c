/* SPDX-License-Identifier: Apache-2.0 */

/* Convolutions whose weights are too many to be laid out again in scratch: what the windows of two
 * positions see is, as int16 values, which all output channels share.
 */

#include <string.h>

#include "dsp.h"
#include "patches.h"
#include "scale.h"

_Static_assert(SP_NN_LANES == 4 && SP_NN_GROUP == 4 && NN_PATCHES == 2, "as the loops have it");

/* Where input d of a position is, in values from its first one. */
static inline int place(int d)
{
	return d / SP_NN_GROUP * NN_PATCHES_GROUP + NN_PATCHES_PLACE(d % SP_NN_GROUP);
}

/* Put whole groups. */
static void put_groups(const int8_t *from, int groups, int16_t *to)
{
	for (; groups > 0; groups--) {
#if NN_DSP
		uint32_t word;
		uint32_t pairs[2];

		memcpy(&word, from, sizeof(word));
		pairs[0] = (uint32_t)__builtin_arm_sxtb16(word);
		pairs[1] = (uint32_t)__builtin_arm_sxtb16(word >> 8 | word << 24);
		memcpy(to, &pairs[0], sizeof(pairs[0]));
		memcpy(to + 4, &pairs[1], sizeof(pairs[1]));
#else
		to[0] = from[0];
		to[1] = from[2];
		to[4] = from[1];
		to[5] = from[3];
#endif
		from += SP_NN_GROUP;
		to += NN_PATCHES_GROUP;
	}
}

/* Put neighbouring inputs d to d + count - 1. */
static void put(const int8_t *from, int d, int count, int16_t *patch)
{
	if ((d | count) % SP_NN_GROUP == 0) {
		put_groups(from, count / SP_NN_GROUP, patch + place(d));
		return;
	}
	for (int i = 0; i < count; i++) {
		patch[place(d + i)] = from[i];
	}
}

/* Put what is outside of the input: its zero point, which the folded bias takes for granted. */
static void put_outside(int16_t value, int d, int count, int16_t *patch)
{
	for (int i = 0; i < count; i++) {
		patch[place(d + i)] = value;
	}
}

/* Put what the window sees at a position. */
static void fill(const struct sp_nn_window *window, const int8_t *input, int position,
		 int16_t *patch)
{
	const int channels = window->channels;
	const int line = window->width * channels;
	const int top = position / window->out_width * window->stride_y - window->pad_top;
	const int left = position % window->out_width * window->stride_x - window->pad_left;
	const int is_inside =
		window->dilation_x == 1 && left >= 0 && left + window->width <= window->in_width;

	for (int ky = 0; ky < window->height; ky++) {
		const int y = top + ky * window->dilation_y;
		const int8_t *row = input + y * window->in_width * channels;

		if (y < 0 || y >= window->in_height) {
			put_outside(window->zero_point, ky * line, line, patch);
			continue;
		}
		if (is_inside) {
			put(row + left * channels, ky * line, line, patch);
			continue;
		}
		for (int kx = 0; kx < window->width; kx++) {
			const int x = left + kx * window->dilation_x;
			const int d = ky * line + kx * channels;

			if (x < 0 || x >= window->in_width) {
				put_outside(window->zero_point, d, channels, patch);
			} else {
				put(row + x * channels, d, channels, patch);
			}
		}
	}
}

#if !NN_DSP

void nn_patches_add(const int16_t *patches, const int8_t *weights, int groups, int32_t *sums)
{
	for (int lanes = 0; lanes < SP_NN_LANES; lanes += 2) {
		const int16_t *x = patches;
		const int8_t *w = weights + 2 * lanes;
		int32_t a0 = sums[2 * lanes];
		int32_t a1 = sums[2 * lanes + 1];
		int32_t b0 = sums[2 * lanes + 2];
		int32_t b1 = sums[2 * lanes + 3];

		/* the two pairs of each group */
		for (int i = 0; i < 2 * groups; i++) {
			a0 += x[0] * w[0] + x[1] * w[2];
			a1 += x[2] * w[0] + x[3] * w[2];
			b0 += x[0] * w[1] + x[1] * w[3];
			b1 += x[2] * w[1] + x[3] * w[3];
			x += NN_PATCHES_GROUP / 2;
			w += 2 * SP_NN_LANES;
		}
		sums[2 * lanes] = a0;
		sums[2 * lanes + 1] = a1;
		sums[2 * lanes + 2] = b0;
		sums[2 * lanes + 3] = b1;
	}
}

#endif

/* Make lanes of a quad of channels of one position, or of both. */
static void make_some(const struct sp_nn_weights *layer, const int16_t *patches, int first,
		      int lanes, int count, int8_t *output)
{
	int32_t sums[SP_NN_LANES * NN_PATCHES] = {0};

	nn_patches_add(patches, layer->weights + first * layer->depth, layer->depth / SP_NN_GROUP,
		       sums);
	for (int lane = 0; lane < lanes; lane++) {
		const struct sp_nn_channel c = layer->channels[first + lane];

		for (int i = 0; i < count; i++) {
			const int32_t sum = sums[NN_PATCHES * lane + i] + c.bias;

			output[i * layer->outputs + first + lane] =
				nn_clamp(nn_scale(sum, &c.scale), &layer->output);
		}
	}
}

/* Make all channels of one position, or of both. */
static void make(const struct sp_nn_conv_patches_params *params, const int16_t *patches, int count,
		 int8_t *output)
{
	const struct sp_nn_weights *layer = &params->weights;
	int first = 0;

#if NN_DSP
	if (params->fast) {
		struct nn_patches_quad quad = {
			.channels = layer->channels,
			.output = output,
			/* a lone position is made twice */
			.pitch = count == 1 ? 0 : layer->outputs,
			.offset = (1 << (NN_DSP_SHIFT - 1)) +
				  layer->output.zero_point * (1 << NN_DSP_SHIFT),
			.half = layer->output.min < layer->output.zero_point,
		};
		const int8_t *weights = layer->weights;

		for (; first + SP_NN_LANES <= layer->outputs; first += SP_NN_LANES) {
			nn_patches_make(patches, weights, layer->depth / SP_NN_GROUP, &quad);
			weights += SP_NN_LANES * layer->depth;
			quad.channels += SP_NN_LANES;
			quad.output += SP_NN_LANES;
		}
	}
#endif
	for (; first < layer->outputs; first += SP_NN_LANES) {
		const int left = layer->outputs - first;

		make_some(layer, patches, first, left < SP_NN_LANES ? left : SP_NN_LANES, count,
			  output);
	}
}

void sp_nn_conv_patches(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_conv_patches_params *params = step->params;
	const struct sp_nn_window *window = &params->window;
	const int positions = window->out_height * window->out_width;
	const int pairs = (positions + 1) / NN_PATCHES;
	const int8_t *input = arena + step->input;
	int8_t *output = arena + step->output;
	int16_t *patches = (int16_t *)(void *)(arena + step->scratch);

	for (int i = 0; i < pairs; i++) {
		const int position = NN_PATCHES * (params->backward ? pairs - 1 - i : i);
		const int count = position + 1 < positions ? NN_PATCHES : 1;

		fill(window, input, position, patches);
		/* a lone last position is filled in twice */
		fill(window, input, position + count - 1, patches + 2);
		make(params, patches, count, output + position * params->weights.outputs);
	}
}
