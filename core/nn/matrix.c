/* SPDX-License-Identifier: Apache-2.0 */

#include "matrix.h"
#include "scale.h"

/* The lanes are written out: with the sums in registers, a weight costs one load, an input one
 * load for four weights, and a product one multiply-accumulate.
 */
_Static_assert(SP_NN_LANES == 4, "the loops are unrolled for four lanes");

/* Channels from first on that are no padding, four at most. */
static int lane_count(const struct sp_nn_weights *layer, int first)
{
	const int left = layer->outputs - first;

	return left < SP_NN_LANES ? left : SP_NN_LANES;
}

/* Both loops are functions of their own so that their sums, pointers and factors fill just the
 * registers there are.
 */
static __attribute__((noinline)) void add_row(const int8_t *x, const int8_t *end, const int8_t *w,
					      int32_t *sums)
{
	int32_t a0 = 0;
	int32_t a1 = 0;
	int32_t a2 = 0;
	int32_t a3 = 0;

	for (; x < end; x++) {
		a0 += *x * w[0];
		a1 += *x * w[1];
		a2 += *x * w[2];
		a3 += *x * w[3];
		w += SP_NN_LANES;
	}
	sums[0] = a0;
	sums[1] = a1;
	sums[2] = a2;
	sums[3] = a3;
}

static __attribute__((noinline)) void
add_two_rows(const int8_t *x, const int8_t *y, const int8_t *end, const int8_t *w, int32_t *sums)
{
	int32_t a0 = 0;
	int32_t a1 = 0;
	int32_t a2 = 0;
	int32_t a3 = 0;
	int32_t b0 = 0;
	int32_t b1 = 0;
	int32_t b2 = 0;
	int32_t b3 = 0;

	for (; x < end; x++, y++) {
		a0 += *x * w[0];
		b0 += *y * w[0];
		a1 += *x * w[1];
		b1 += *y * w[1];
		a2 += *x * w[2];
		b2 += *y * w[2];
		a3 += *x * w[3];
		b3 += *y * w[3];
		w += SP_NN_LANES;
	}
	sums[0] = a0;
	sums[1] = b0;
	sums[2] = a1;
	sums[3] = b1;
	sums[4] = a2;
	sums[5] = b2;
	sums[6] = a3;
	sums[7] = b3;
}

void nn_row(const struct sp_nn_weights *layer, const int8_t *input, int8_t *output)
{
	const int32_t zero_point = layer->output.zero_point;
	const struct sp_nn_channel *channel = layer->channels;
	const int8_t *w = layer->weights;

	for (int first = 0; first < layer->outputs; first += SP_NN_LANES) {
		const int lanes = lane_count(layer, first);
		int32_t sums[SP_NN_LANES];

		add_row(input, input + layer->depth, w, sums);
		w += SP_NN_LANES * layer->depth;
		for (int lane = 0; lane < lanes; lane++, channel++) {
			const int32_t sum = sums[lane] + channel->bias;

			*output++ = nn_saturate(nn_scale(sum, &channel->scale), zero_point);
		}
	}
}

void nn_two_rows(const struct sp_nn_weights *layer, const int8_t *input, const int8_t *input2,
		 int8_t *output)
{
	const int32_t zero_point = layer->output.zero_point;
	const struct sp_nn_channel *channel = layer->channels;
	const int8_t *w = layer->weights;
	int8_t *output2 = output + layer->outputs;

	for (int first = 0; first < layer->outputs; first += SP_NN_LANES) {
		const int lanes = lane_count(layer, first);
		int32_t sums[2 * SP_NN_LANES];
		const int32_t *sum = sums;

		add_two_rows(input, input2, input + layer->depth, w, sums);
		w += SP_NN_LANES * layer->depth;
		for (int lane = 0; lane < lanes; lane++, channel++, sum += 2) {
			const struct sp_nn_channel c = *channel;
			const int32_t a = nn_scale(sum[0] + c.bias, &c.scale);
			const int32_t b = nn_scale(sum[1] + c.bias, &c.scale);

			*output++ = nn_saturate(a, zero_point);
			*output2++ = nn_saturate(b, zero_point);
		}
	}
}

void nn_activate(const struct sp_nn_output *bounds, int8_t *output, int count)
{
	if (bounds->min == INT8_MIN && bounds->max == INT8_MAX) {
		return;
	}

	for (int i = 0; i < count; i++) {
		const int8_t value = output[i] < bounds->min ? (int8_t)bounds->min : output[i];

		output[i] = value > bounds->max ? (int8_t)bounds->max : value;
	}
}
