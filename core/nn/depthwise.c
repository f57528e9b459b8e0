/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "matrix.h"
#include "scale.h"

_Static_assert(SP_NN_LANES == 4, "the loop is unrolled for four lanes");

/* Where each tap of the window reads, as an offset from the arena; taps outside of the input read
 * the row of zero points, which the folded bias takes for granted.
 */
static void find_taps(const struct sp_nn_window *window, uint32_t input, uint32_t outside, int top,
		      int left, uint32_t *taps)
{
	for (int ky = 0; ky < window->height; ky++) {
		const int y = top + ky * window->dilation_y;
		const int y_inside = y >= 0 && y < window->in_height;

		for (int kx = 0; kx < window->width; kx++) {
			const int x = left + kx * window->dilation_x;
			const int pixel = y * window->in_width + x;

			*taps++ = y_inside && x >= 0 && x < window->in_width
					  ? input + (uint32_t)(pixel * window->channels)
					  : outside;
		}
	}
}

static int8_t finish(const struct sp_nn_weights *layer, int c, int32_t sum)
{
	const struct sp_nn_channel *channel = &layer->channels[c];

	return nn_saturate(nn_scale(sum + channel->bias, &channel->scale),
			   layer->output.zero_point);
}

/* Output channels first to first + 3 from as many input channels. */
static void four_channels(const struct sp_nn_weights *layer, const int8_t *inputs,
			  const uint32_t *taps, int first, int8_t *output)
{
	const int8_t *w = layer->weights + first * layer->depth;
	const uint32_t *end = taps + layer->depth;
	int32_t a0 = 0;
	int32_t a1 = 0;
	int32_t a2 = 0;
	int32_t a3 = 0;

	for (; taps < end; taps++) {
		const int8_t *x = inputs + *taps;

		a0 += x[0] * w[0];
		a1 += x[1] * w[1];
		a2 += x[2] * w[2];
		a3 += x[3] * w[3];
		w += SP_NN_LANES;
	}
	output[first] = finish(layer, first, a0);
	output[first + 1] = finish(layer, first + 1, a1);
	output[first + 2] = finish(layer, first + 2, a2);
	output[first + 3] = finish(layer, first + 3, a3);
}

static void one_channel(const struct sp_nn_weights *layer, const int8_t *input,
			const uint32_t *taps, int c, int8_t *output)
{
	const int lane = c % SP_NN_LANES;
	const int8_t *w = layer->weights + (c - lane) * layer->depth + lane;
	int32_t sum = 0;

	for (int i = 0; i < layer->depth; i++) {
		sum += input[taps[i]] * w[i * SP_NN_LANES];
	}
	output[c] = finish(layer, c, sum);
}

void sp_nn_depthwise(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_depthwise_params *params = step->params;
	const struct sp_nn_weights *weights = &params->weights;
	const struct sp_nn_window *window = &params->window;
	const uint32_t outside = step->scratch + 4U * weights->depth;
	uint32_t *taps = (uint32_t *)(void *)(arena + step->scratch);
	/* Lanes read neighbouring channels only where each input channel has one output. */
	const int in_fours = params->multiplier == 1 ? weights->outputs & ~(SP_NN_LANES - 1) : 0;
	int8_t *output = arena + step->output;

	memset(arena + outside, window->zero_point, window->channels);

	for (int y = 0; y < window->out_height; y++) {
		const int top = y * window->stride_y - window->pad_top;

		for (int x = 0; x < window->out_width; x++) {
			const int left = x * window->stride_x - window->pad_left;

			find_taps(window, step->input, outside, top, left, taps);
			for (int c = 0; c < in_fours; c += SP_NN_LANES) {
				four_channels(weights, arena + c, taps, c, output);
			}
			for (int c = in_fours; c < weights->outputs; c++) {
				one_channel(weights, arena + c / params->multiplier, taps, c,
					    output);
			}
			output += weights->outputs;
		}
	}
	nn_activate(&weights->output, arena + step->output,
		    window->out_height * window->out_width * weights->outputs);
}
