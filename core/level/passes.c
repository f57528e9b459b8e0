/* SPDX-License-Identifier: Apache-2.0 */

/* The passes in C, their definition. They are short so that states and coefficients stay in
 * registers, and take two samples or more at a time, which saves moving states along.
 */

#include <soundpost/fixed.h>

#include "passes.h"

#if !LEVEL_DSP

/* half of full scale */
#define LOUD (1 << 14)

/* First-order high pass: y = x - s, s += k y has a zero at 0 Hz and its pole at 1 - k. The state
 * has 32 bits more than the signal, so that low corners cost no precision.
 */
static inline int32_t high_pass(int64_t *s, int32_t x, int32_t step)
{
	const int32_t y = x - (int32_t)(*s >> 32);

	*s += (int64_t)step * y;

	return y;
}

uint64_t level_high_pass_z(int64_t *state, int32_t step, const int16_t *restrict pcm,
			   int32_t *restrict out, const int32_t *end, bool *loud)
{
	int64_t s = *state;
	int64_t sum = 0;
	int32_t bits = 0;

	do {
#pragma GCC unroll 4
		for (int i = 0; i < 4; i++) {
			const int32_t x = *pcm++;
			const int32_t z = high_pass(&s, x * (1 << SP_LEVEL_SAMPLE_BITS), step);

			/* x ^ (x >> 31) is x, or -1 - x if x is negative */
			bits |= x ^ (x >> 31);
			sum += (int64_t)z * z;
			*out++ = z;
		}
	} while (out != end);

	*state = s;
	*loud = bits >= LOUD;

	return (uint64_t)sum;
}

void level_high_pass_twice(struct sp_level_weighting_state *state,
			   const struct sp_level_weighting *weighting, const int32_t *block,
			   int32_t *out, const int32_t *end)
{
	const int32_t step0 = weighting->step[0];
	const int32_t step1 = weighting->step[1];
	int64_t s0 = state->high_pass[0];
	int64_t s1 = state->high_pass[1];

	do {
#pragma GCC unroll 4
		for (int i = 0; i < 4; i++) {
			*out++ = high_pass(&s1, high_pass(&s0, *block++, step0), step1);
		}
	} while (out != end);

	state->high_pass[0] = s0;
	state->high_pass[1] = s1;
}

void level_corrected_energies(struct sp_level_weighting_state *state,
			      const struct sp_level_weighting *weighting, const int32_t *block,
			      const int32_t *end, uint64_t *sums)
{
	const int32_t zero = weighting->zero;
	const int32_t pole = weighting->pole;
	int32_t x1 = state->x1;
	int32_t y1 = state->y1;

	do {
		int64_t sum = 0;

#pragma GCC unroll 4
		for (int i = 0; i < LEVEL_SUB_BLOCK; i++) {
			const int32_t x = *block++;

			y1 = x + sp_mulhi(zero, x1) + sp_mulhi(pole, y1);
			x1 = x;
			sum += (int64_t)y1 * y1;
		}
		*sums++ = (uint64_t)sum;
	} while (block != end);

	state->x1 = x1;
	state->y1 = y1;
}

/* Recursive part of a section, coefficients in Q31. */
static inline int32_t recur(int32_t x, int32_t k0, int32_t w0, int32_t k1, int32_t w1)
{
	return x + (int32_t)(((int64_t)k0 * w0 + (int64_t)k1 * w1) >> 32) * 2;
}

void level_filter_pair(int32_t *restrict block, const int32_t *end, int32_t *restrict state,
		       const int32_t k[2])
{
	const int32_t k0 = k[0];
	const int32_t k1 = k[1];
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

/* The same, coefficients in Q32. */
static inline int32_t recur_q32(int32_t x, int32_t k0, int32_t w0, int32_t k1, int32_t w1)
{
	return x + sp_mulhi(k0, w0) + sp_mulhi(k1, w1);
}

uint64_t level_filter_last(const int32_t *restrict block, const int32_t *end,
			   int32_t *restrict state, const int32_t k[2])
{
	const int32_t k0 = k[0];
	const int32_t k1 = k[1];
	int32_t w1 = state[0];
	int32_t w2 = state[1];
	int64_t sum = 0;

	do {
		const int32_t even = recur_q32(*block++, k0, w1, k1, w2);
		int32_t y = even + w2 - 2 * w1;

		sum += (int64_t)y * y;
		w2 = recur_q32(*block++, k0, even, k1, w1);
		y = w2 + w1 - 2 * even;
		sum += (int64_t)y * y;
		w1 = w2;
		w2 = even;
	} while (block != end);

	state[0] = w1;
	state[1] = w2;

	return (uint64_t)sum;
}

/* First-order all-passes in z^-2: y = x2 + k (x - y2), and of the one whose coefficient is over a
 * half, half of y, h.
 */
void level_halve(const int32_t *restrict block, const int32_t *end, int32_t *restrict out,
		 int32_t *restrict state, const int32_t k[2])
{
	const int32_t k0 = k[0];
	const int32_t k1 = k[1];
	int32_t x2_even = state[0];
	int32_t h2 = state[1];
	int32_t x2_odd = state[2];
	int32_t y2 = state[3];

	do {
#pragma GCC unroll 2
		for (int i = 0; i < 2; i++) {
			h2 = (x2_even >> 1) + sp_mulhi(block[0] - 2 * h2, k0);
			x2_even = *block++;
			y2 = x2_odd + sp_mulhi(block[0] - y2, k1);
			x2_odd = *block++;
			*out++ = (y2 >> 1) + h2;
		}
	} while (block != end);

	state[0] = x2_even;
	state[1] = h2;
	state[2] = x2_odd;
	state[3] = y2;
}

#endif
