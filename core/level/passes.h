/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The meter's loops over samples: in C, or in assembly for Cortex-M with the DSP extension
 * (M4, M7, M33 …).
 */

#ifndef SP_LEVEL_PASSES_H_
#define SP_LEVEL_PASSES_H_

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__thumb2__) &&       \
	!defined(__ARM_BIG_ENDIAN)
#define LEVEL_DSP 1
#else
#define LEVEL_DSP 0
#endif

/** Samples of a sub-block, SP_LEVEL_SUB_BLOCK. */
#define LEVEL_SUB_BLOCK 16

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include <soundpost/level.h>

#include "filters.h"

_Static_assert(LEVEL_SUB_BLOCK == SP_LEVEL_SUB_BLOCK, "level.h has another");

/**
 * @brief The high pass of Z.
 *
 * @param state     sp_level.high_pass_z.
 * @param step      sp_level_filters.z_step.
 * @param pcm       Samples, whole sub-blocks.
 * @param out       Receives as many, with SP_LEVEL_SAMPLE_BITS more.
 * @param end       Where @p out ends.
 * @param[out] loud Whether a sample lies outside half of full scale.
 * @return Sum of squares.
 */
uint64_t level_high_pass_z(int64_t *state, int32_t step, const int16_t *pcm, int32_t *out,
			   const int32_t *end, bool *loud);

/**
 * @brief The two high passes of a weighting.
 *
 * @param block Samples, whole sub-blocks.
 * @param out   Receives as many; may be @p block.
 * @param end   Where @p out ends.
 */
void level_high_pass_twice(struct sp_level_weighting_state *state,
			   const struct sp_level_weighting *weighting, const int32_t *block,
			   int32_t *out, const int32_t *end);

/**
 * @brief Sums of squares behind the zero and pole which make up for what sampling did to a
 * weighting.
 *
 * @param block Samples up to @p end, whole sub-blocks.
 * @param sums  Receives one of each sub-block.
 */
void level_corrected_energies(struct sp_level_weighting_state *state,
			      const struct sp_level_weighting *weighting, const int32_t *block,
			      const int32_t *end, uint64_t *sums);

/**
 * @brief An octave's first two pairs of poles, in place.
 *
 * They mirror each other at a quarter of the rate, and so need only two coefficients; one zero at
 * 0 Hz, one at half the rate.
 *
 * @param block Samples up to @p end: two, or a multiple of four.
 * @param state Four values, the newest first.
 * @param k     sp_level_filters.octave_pair.
 */
void level_filter_pair(int32_t *block, const int32_t *end, int32_t *state, const int32_t k[2]);

/**
 * @brief An octave's third pair of poles, two zeros at 0 Hz.
 *
 * @param block Samples up to @p end: two, or a multiple of four.
 * @param state Two values, the newest first.
 * @param k     sp_level_filters.octave_last.
 * @return Sum of squares.
 */
uint64_t level_filter_last(const int32_t *block, const int32_t *end, int32_t *state,
			   const int32_t k[2]);

/**
 * @brief Low pass made of two all-passes, one for the even and one for the odd samples.
 *
 * @param block Samples up to @p end, a multiple of four.
 * @param out   Receives half as many.
 * @param state Of each all-pass the last input and output, of the second half the output.
 * @param k     sp_level_filters.half.
 */
void level_halve(const int32_t *block, const int32_t *end, int32_t *out, int32_t *state,
		 const int32_t k[2]);

#endif

#endif /* SP_LEVEL_PASSES_H_ */
