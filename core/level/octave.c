/* SPDX-License-Identifier: Apache-2.0 */

#include <soundpost/fixed.h>

#include "coefficients.h"
#include "octave.h"

/* One filter serves all bands: each band runs at half the rate of the one above it, behind a
 * half-band low pass. The passes are short so that states and coefficients stay in registers.
 */

/* w - d1 w1 - d2 w2 for coefficients in Q31 */
static inline int32_t poles(int32_t x, int32_t w1, int32_t w2, int32_t k1, int32_t k2)
{
	return x + (int32_t)(((int64_t)k1 * w1 + (int64_t)k2 * w2) >> 32) * 2;
}

/* Both zeros at 0 Hz, then one at 0 Hz and one at half the rate. */
static void first_sections(int32_t *restrict block, const int32_t *end, int32_t *restrict state)
{
	int32_t u1 = state[0];
	int32_t u2 = state[1];
	int32_t v1 = state[2];
	int32_t v2 = state[3];

	do {
		const int32_t u = poles(*block, u1, u2, OCTAVE_0_1, OCTAVE_0_2);
		const int32_t v = poles(u - 2 * u1 + u2, v1, v2, OCTAVE_1_1, OCTAVE_1_2);

		*block++ = v - v2;
		u2 = u1;
		u1 = u;
		v2 = v1;
		v1 = v;
	} while (block != end);

	state[0] = u1;
	state[1] = u2;
	state[2] = v1;
	state[3] = v2;
}

/* One zero at 0 Hz and one at half the rate. */
static uint64_t last_section(const int32_t *restrict block, const int32_t *end,
			     int32_t *restrict state)
{
	int32_t w1 = state[0];
	int32_t w2 = state[1];
	int64_t sum = 0;

	do {
		const int32_t w = poles(*block++, w1, w2, OCTAVE_2_1, OCTAVE_2_2);
		const int32_t y = w - w2;

		sum += (int64_t)y * y;
		w2 = w1;
		w1 = w;
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
	int32_t a0 = state[0];
	int32_t a1 = state[1];
	int32_t a2 = state[2];
	int32_t b0 = state[3];
	int32_t b1 = state[4];

	do {
		const int32_t b = *block++;
		const int32_t a = *block++;
		const int32_t middle = all_pass(a, a0, a1, HALF_0);

		b1 = all_pass(b, b0, b1, HALF_1);
		b0 = b;
		a2 = all_pass(middle, a1, a2, HALF_2);
		a1 = middle;
		a0 = a;
		*out++ = (a2 + b1) >> 1;
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
		first_sections(block, end, octave[i].band);
		sums[i] += last_section(block, end, octave[i].band + 4);

		int32_t *const swap = block;

		block = next;
		next = swap;
	}
}
