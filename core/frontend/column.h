/* SPDX-License-Identifier: Apache-2.0 */

/* The one implementation of a column, for LANES columns side by side. Whoever includes it says how
 * many: frontend.c one, batch.c several, and the bytes are the same.
 */

#ifndef SOUNDPOST_FRONTEND_COLUMN_H_
#define SOUNDPOST_FRONTEND_COLUMN_H_

#include <stdint.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

#include "fft.h"

#define WEIGHT_BITS 15

/* 20 log10(2), steps of 0.5 dB an octave of power, in Q24 */
#define STEPS_PER_OCTAVE_Q24 101008914

/* rounds half up what is shifted down by 16 bits */
#define ROUND_Q16 (1 << 15)

/** A segment's power, and its power weighted by the rising weights in Q15. Powers of a spectrum sum
 *  to at most 1.75 times that of direct current, under 2^49, and so weighted fit 64 bits.
 */
struct segment {
	uint64_t sum[LANES];
	uint64_t rising[LANES];
};

static inline struct segment segment_power(const union bin *bins, const uint16_t *weights,
					   int count)
{
	struct segment segment = {{0}, {0}};

	for (int i = 0; i < count; i++) {
		FOR_EACH_LANE(lane)
		{
			segment.sum[lane] += bins[i].power[lane];
			segment.rising[lane] += bins[i].power[lane] * weights[i];
		}
	}

	return segment;
}

/* A band's power to a step of 0.5 dB; zero_q16 is the step of a weighted power of 2^0,
 * and the half that rounds.
 */
static inline int8_t quantise(uint64_t power, int32_t zero_q16)
{
	if (power == 0) {
		return INT8_MIN;
	}

	return sp_sat8((sp_mulhi(sp_log2_q24(power), STEPS_PER_OCTAVE_Q24) + zero_q16) >> 16);
}

/* The columns of the first count lanes, one after the other, from samples as power_spectrum() wants
 * them.
 */
static inline void make_columns(const struct sp_frontend_tables *tables, const int16_t *samples,
				union bin *bins, int count, int8_t *columns)
{
	const int bands = tables->bands;
	const uint16_t *weights = tables->weights;
	const int32_t octaves = power_octaves(tables->fft_size / 2) - WEIGHT_BITS;
	const int32_t zero_q16 = tables->zero_q8 * (1 << 8) + ROUND_Q16 +
				 sp_mulhi(octaves * (1 << 24), STEPS_PER_OCTAVE_Q24);
	struct segment left;

	power_spectrum(tables, samples, bins);
	bins += tables->first_bin;
	left = segment_power(bins, weights, tables->segments[0]);
	for (int band = 0; band < bands; band++) {
		bins += tables->segments[band];
		weights += tables->segments[band];

		const struct segment right =
			segment_power(bins, weights, tables->segments[band + 1]);

		for (int lane = 0; lane < count; lane++) {
			const uint64_t falling =
				(right.sum[lane] << WEIGHT_BITS) - right.rising[lane];

			columns[lane * bands + band] =
				quantise(left.rising[lane] + falling,
					 zero_q16 + tables->gains_q8[band] * (1 << 8));
		}
		left = right;
	}
}

#endif /* SOUNDPOST_FRONTEND_COLUMN_H_ */
