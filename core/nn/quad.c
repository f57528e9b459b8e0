/* SPDX-License-Identifier: Apache-2.0 */

#include "dsp.h"
#include "quad.h"
#include "scale.h"

#if !NN_DSP

_Static_assert(SP_NN_LANES == 4 && SP_NN_GROUP == 4, "the loops are unrolled for four");

/* The lanes are written out: with the sums in registers, an input is loaded once for four weights
 * and a weight once for two inputs.
 */
#define ADD_TAP(tap)                                                                               \
	do {                                                                                       \
		a0 += x[tap] * w[tap];                                                             \
		b0 += y[tap] * w[tap];                                                             \
		a1 += x[tap] * w[SP_NN_GROUP + (tap)];                                             \
		b1 += y[tap] * w[SP_NN_GROUP + (tap)];                                             \
		a2 += x[tap] * w[2 * SP_NN_GROUP + (tap)];                                         \
		b2 += y[tap] * w[2 * SP_NN_GROUP + (tap)];                                         \
		a3 += x[tap] * w[3 * SP_NN_GROUP + (tap)];                                         \
		b3 += y[tap] * w[3 * SP_NN_GROUP + (tap)];                                         \
	} while (0)

/* Add a run of two positions, x and y, to sums: a function of its own, so that its sums and
 * pointers fill just the registers there are. Gives the weights behind the run.
 */
static __attribute__((noinline)) const int8_t *
add_run(const int8_t *x, const int8_t *end, const int8_t *y, const int8_t *w, int32_t *sums)
{
	int32_t a0 = sums[0];
	int32_t b0 = sums[1];
	int32_t a1 = sums[2];
	int32_t b1 = sums[3];
	int32_t a2 = sums[4];
	int32_t b2 = sums[5];
	int32_t a3 = sums[6];
	int32_t b3 = sums[7];

	for (; x < end; x += SP_NN_GROUP, y += SP_NN_GROUP) {
		ADD_TAP(0);
		ADD_TAP(1);
		ADD_TAP(2);
		ADD_TAP(3);
		w += SP_NN_LANES * SP_NN_GROUP;
	}
	sums[0] = a0;
	sums[1] = b0;
	sums[2] = a1;
	sums[3] = b1;
	sums[4] = a2;
	sums[5] = b2;
	sums[6] = a3;
	sums[7] = b3;

	return w;
}

void nn_quad_widen(const struct sp_nn_weights *layer, int first, int16_t *wide)
{
	/* int8 weights are as good here */
	(void)layer;
	(void)first;
	(void)wide;
}

void nn_quad_plain(const struct sp_nn_weights *layer, int first,
		   const struct nn_positions *positions, const int8_t *x,
		   const struct nn_quad_target *target, int count)
{
	const int left = layer->outputs - first;
	const int lanes = left < SP_NN_LANES ? left : SP_NN_LANES;
	const int run = layer->depth / positions->runs;
	const int32_t zero_point = layer->output.zero_point;

	for (int position = 0; position < count; position += 2) {
		/* an odd last position is worked out twice */
		const int others = position + 1 < count;
		const int apart = others ? positions->step : 0;
		const int8_t *w = layer->weights + first * layer->depth;
		const struct sp_nn_channel *channel = &layer->channels[first];
		int32_t sums[2 * SP_NN_LANES] = {0};

		for (int i = 0; i < positions->runs; i++) {
			const int8_t *from = x + i * positions->pitch;

			w = add_run(from, from + run, from + apart, w, sums);
		}
		for (int lane = 0; lane < lanes; lane++) {
			const struct sp_nn_channel c = channel[lane];
			const int32_t a = nn_scale(sums[2 * lane] + c.bias, &c.scale);
			const int32_t b = nn_scale(sums[2 * lane + 1] + c.bias, &c.scale);

			const int at = position * target->step + lane * target->lane;

			nn_quad_put(target, at, nn_saturate(a, zero_point));
			nn_quad_put(target, at + (others ? target->step : 0),
				    nn_saturate(b, zero_point));
		}
		x += 2 * apart;
	}
}

void nn_quad(const struct sp_nn_weights *layer, int first, const int16_t *wide,
	     const struct nn_positions *positions, const int8_t *x,
	     const struct nn_quad_target *target, int count)
{
	(void)wide;
	nn_quad_plain(layer, first, positions, x, target, count);
}

#endif
