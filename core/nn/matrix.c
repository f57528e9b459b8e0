/* SPDX-License-Identifier: Apache-2.0 */

#include "matrix.h"
#include "scale.h"

/* The lanes are written out: with the accumulators in registers, a weight costs one load, an
 * input one load for four weights, and a product one multiply-accumulate.
 */
_Static_assert(SP_NN_LANES == 4, "the loops are unrolled for four lanes");

static void store(const struct sp_nn_weights *layer, int first, const int32_t *sums, int8_t *output)
{
	const struct sp_nn_channel *channel = &layer->channels[first];
	const int left = layer->outputs - first;
	const int lanes = left < SP_NN_LANES ? left : SP_NN_LANES;

	for (int lane = 0; lane < lanes; lane++) {
		const int32_t sum = sums[lane] + channel[lane].bias;

		output[first + lane] = nn_clamp(nn_scale(sum, &channel[lane].scale), &layer->output);
	}
}

void nn_row(const struct sp_nn_weights *layer, const int8_t *input, int8_t *output)
{
	const int8_t *w = layer->weights;
	const int8_t *end = input + layer->depth;

	for (int first = 0; first < layer->outputs; first += SP_NN_LANES) {
		int32_t a0 = 0;
		int32_t a1 = 0;
		int32_t a2 = 0;
		int32_t a3 = 0;

		for (const int8_t *x = input; x < end; x++) {
			a0 += *x * w[0];
			a1 += *x * w[1];
			a2 += *x * w[2];
			a3 += *x * w[3];
			w += SP_NN_LANES;
		}
		store(layer, first, (const int32_t[]){a0, a1, a2, a3}, output);
	}
}

void nn_two_rows(const struct sp_nn_weights *layer, const int8_t *input, const int8_t *input2,
		 int8_t *output)
{
	const int8_t *w = layer->weights;
	const int8_t *end = input + layer->depth;

	for (int first = 0; first < layer->outputs; first += SP_NN_LANES) {
		const int8_t *y = input2;
		int32_t a0 = 0;
		int32_t a1 = 0;
		int32_t a2 = 0;
		int32_t a3 = 0;
		int32_t b0 = 0;
		int32_t b1 = 0;
		int32_t b2 = 0;
		int32_t b3 = 0;

		for (const int8_t *x = input; x < end; x++, y++) {
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
		store(layer, first, (const int32_t[]){a0, a1, a2, a3}, output);
		store(layer, first, (const int32_t[]){b0, b1, b2, b3}, output + layer->outputs);
	}
}
