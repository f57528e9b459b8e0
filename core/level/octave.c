/* SPDX-License-Identifier: Apache-2.0 */

#include <soundpost/fixed.h>

#include "filters.h"
#include "octave.h"

/* One filter serves all bands: each band runs at half the rate of the one above it, behind a
 * half-band low pass. The passes are short so that states and coefficients stay in registers, and
 * take two samples at a time, which saves moving states along.
 */

/* Recursive part of a section, coefficients in Q31. */
static inline int32_t recur(int32_t x, int32_t k0, int32_t w0, int32_t k1, int32_t w1)
{
	return x + (int32_t)(((int64_t)k0 * w0 + (int64_t)k1 * w1) >> 32) * 2;
}

/* Two pairs of poles that mirror each other at a quarter of the rate, and so need only two
 * coefficients; one zero at 0 Hz, one at half the rate.
 */
static void filter_pair(int32_t *restrict block, const int32_t *end, int32_t *restrict state)
{
	const int32_t k0 = sp_level_filters.octave_pair[0];
	const int32_t k1 = sp_level_filters.octave_pair[1];
	int32_t w1 = state[0];
	int32_t w2 = state[1];
	int32_t w3 = state[2];
	int32_t w4 = state[3];

	do {
		w4 = recur(block[0], k0, w2, k1, w4);
		*block++ = w4 - w2;
		w3 = recur(block[0], k0, w1, k1, w3);
		*block++ = w3 - w1;

		const int32_t even = w4;
		const int32_t odd = w3;

		w4 = w2;
		w3 = w1;
		w2 = even;
		w1 = odd;
	} while (block != end);

	state[0] = w1;
	state[1] = w2;
	state[2] = w3;
	state[3] = w4;
}

/* The third pair of poles, two zeros at 0 Hz; sum of squares. */
static uint64_t filter_last(const int32_t *restrict block, const int32_t *end,
			    int32_t *restrict state)
{
	const int32_t k0 = sp_level_filters.octave_last[0];
	const int32_t k1 = sp_level_filters.octave_last[1];
	int32_t w1 = state[0];
	int32_t w2 = state[1];
	int64_t sum = 0;

	do {
		const int32_t even = recur(*block++, k0, w1, k1, w2);
		int32_t y = even + w2 - 2 * w1;

		sum += (int64_t)y * y;
		w2 = recur(*block++, k0, even, k1, w1);
		y = w2 + w1 - 2 * even;
		sum += (int64_t)y * y;
		w1 = w2;
		w2 = even;
	} while (block != end);

	state[0] = w1;
	state[1] = w2;

	return (uint64_t)sum;
}

/* First-order all-pass in z^-2: y = x2 + k (x - y2) */
static inline int32_t all_pass(int32_t x, int32_t x2, int32_t y2, int32_t k)
{
	return x2 + sp_mulhi(x - y2, k) * 2;
}

/* Low pass made of two all-passes, one for the even and one for the odd samples. */
static void halve(const int32_t *restrict block, const int32_t *end, int32_t *restrict out,
		  int32_t *restrict state)
{
	const int32_t k0 = sp_level_filters.half[0];
	const int32_t k1 = sp_level_filters.half[1];
	const int32_t k2 = sp_level_filters.half[2];
	int32_t a0 = state[0];
	int32_t a1 = state[1];
	int32_t a2 = state[2];
	int32_t b0 = state[3];
	int32_t b1 = state[4];

	do {
#pragma GCC unroll 2
		for (int i = 0; i < 2; i++) {
			b1 = all_pass(block[0], b0, b1, k1);
			b0 = *block++;

			const int32_t middle = all_pass(block[0], a0, a1, k0);

			a0 = *block++;
			a2 = all_pass(middle, a1, a2, k2);
			a1 = middle;
			*out++ = (a2 + b1) >> 1;
		}
	} while (block != end);

	state[0] = a0;
	state[1] = a1;
	state[2] = a2;
	state[3] = b0;
	state[4] = b1;
}

void sp_octave_process(struct sp_level_octave octave[SP_OCTAVE_BANDS], int32_t *block,
		       uint64_t sums[SP_OCTAVE_BANDS])
{
	int32_t other[SP_LEVEL_OCTAVE_BLOCK / 2];
	int32_t *next = other;

	for (int i = SP_OCTAVE_BANDS - 1; i >= 0; i--) {
		const int32_t *end = block + (SP_LEVEL_OCTAVE_BLOCK >> (SP_OCTAVE_BANDS - 1 - i));

		if (i > 0) {
			halve(block, end, next, octave[i].half);
		}
		filter_pair(block, end, octave[i].band);
		sums[i] += filter_last(block, end, octave[i].band + 4);

		int32_t *const swap = block;

		block = next;
		next = swap;
	}
}
