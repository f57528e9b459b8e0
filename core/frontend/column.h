/* SPDX-License-Identifier: Apache-2.0 */

/* The one implementation of a column, for LANES columns side by side. Whoever includes it says how
 * many: frontend.c one, batch.c several, and the bytes are the same.
 */

#ifndef SOUNDPOST_FRONTEND_COLUMN_H_
#define SOUNDPOST_FRONTEND_COLUMN_H_

#include <stdint.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

#include "fft.h"
#include "scale.h"

/* Sums of a segment's powers: plain, and weighted by the rising weights, of their lower and upper
 * words.
 */
struct sums {
	uint64_t plain[LANES];
	uint64_t low[LANES];
	uint64_t high[LANES];
};

#if LANES > 1
STAGE
#else
static inline
#endif
void add_powers(const union bin *bins, const uint16_t *weights, int count, struct sums *sums)
{
	for (const union bin *end = bins + count; bins < end; bins++) {
		const uint32_t weight = *weights++;

		FOR_EACH_LANE(lane) {
			const uint32_t low = bins->low[lane];
			const uint32_t high = bins->high[lane];

			sums->plain[lane] += (uint64_t)high << 32 | low;
			sums->low[lane] += (uint64_t)low * weight;
			sums->high[lane] += (uint64_t)high * weight;
		}
	}
}

/* A band's power to a step of 0.5 dB; zero_q16 is the step of a power of 2^0, and the half that
 * rounds.
 * A power of zero has a logarithm, SP_LOG2_ZERO, that lies below any step.
 */
static inline int8_t quantise(uint64_t power, int32_t zero_q16)
{
	return sp_sat8((sp_mulhi(sp_log2_q24(power), STEPS_PER_OCTAVE_Q24) + zero_q16) >> 16);
}

/* The columns of the first count lanes, one after the other, from samples as power_spectrum() wants
 * them. Powers of a spectrum sum to at most 1.75 times that of direct current, under 2^61.
 */
static void make_columns(const struct sp_frontend_tables *tables, const int16_t *samples,
			 union bin *bins, int count, int8_t *columns)
{
	const int bands = tables->bands;
	const uint16_t *weights = tables->weights;
	const int32_t zero_q16 = zero_step_q16(tables);
	/* the power on a band's rising side */
	uint64_t below[LANES] = {0};

	power_spectrum(tables, samples, bins);
	bins += tables->first_bin;
	for (int segment = 0; segment <= bands; segment++) {
		const int width = tables->segments[segment];
		const int band = segment - 1;
		struct sums sums = {0};

		add_powers(bins, weights, width, &sums);
		bins += width;
		weights += width;
		for (int lane = 0; lane < count; lane++) {
			const uint64_t rising = (sums.high[lane] << (32 - WEIGHT_BITS)) +
						(sums.low[lane] >> WEIGHT_BITS);

			if (band >= 0) {
				columns[lane * bands + band] =
					quantise(below[lane] + sums.plain[lane] - rising,
						 zero_q16 + tables->gains_q8[band] * (1 << 8));
			}
			below[lane] = rising;
		}
	}
}

#endif /* SOUNDPOST_FRONTEND_COLUMN_H_ */
