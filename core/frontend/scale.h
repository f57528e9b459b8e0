/* SPDX-License-Identifier: Apache-2.0 */

/* Where the binary points of a column lie, for C and assembly. */

#ifndef SOUNDPOST_FRONTEND_SCALE_H_
#define SOUNDPOST_FRONTEND_SCALE_H_

/* of a windowed sample, without its sign */
#define SAMPLE_BITS 24

/* A sum of two windowed samples has 30 bits: these are shifted out. */
#define SCALE (30 - SAMPLE_BITS)

/* sqrt(1/2) / 2^SCALE, in Q32 */
#define SCALED_SQRT_HALF 47453133

/* of the weights of filters */
#define WEIGHT_BITS 15

/* 20 log10(2), steps of 0.5 dB an octave of power, in Q24 */
#define STEPS_PER_OCTAVE_Q24 101008914

#ifndef __ASSEMBLER__

#include <stdint.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

/* rounds half up what is shifted down by 16 bits */
#define ROUND_Q16 (1 << 15)

/* log2 of librosa's power over ours: full-scale direct current, windowed, sums to n in its scale,
 * to 2^SAMPLE_BITS n over the stages' scaling in ours.
 */
static inline int power_octaves(int n)
{
	const int log2_n = 31 - __builtin_clz((unsigned int)n);
	const int halvings = (log2_n - 2) / 2;

	return 2 * (halvings - SAMPLE_BITS);
}

/* The step, in Q16, of a power of 2^0 in a band without gain, and the half that rounds. */
static inline int32_t zero_step_q16(const struct sp_frontend_tables *tables)
{
	const int32_t octaves = power_octaves(tables->fft_size / 2);

	return tables->zero_q8 * (1 << 8) + ROUND_Q16 +
	       sp_mulhi(octaves * (1 << 24), STEPS_PER_OCTAVE_Q24);
}

#endif

#endif /* SOUNDPOST_FRONTEND_SCALE_H_ */
