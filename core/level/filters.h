/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The numbers of the meter's filters, which soundpost.level_design makes.
 *
 * They are in memory of their own rather than constants, so that a compiler keeps them in registers
 * over a loop instead of loading them for every sample.
 */

#ifndef SP_LEVEL_FILTERS_H_
#define SP_LEVEL_FILTERS_H_

/** Fractional bits of a sample in the filters: their rounding lies 40 dB under that of 16 bits. */
#define SP_LEVEL_SAMPLE_BITS 8

#ifndef __ASSEMBLER__

#include <stdint.h>

#include <soundpost/types.h>

/** Fractional bits of the scales from sums of squares to energies. */
#define SP_LEVEL_SCALE_BITS 36

/** A weighting: two high passes in a row, then one zero and one pole near half the rate. */
struct sp_level_weighting {
	/** 1 - pole of the high passes, Q32. */
	int32_t step[2];
	/** y = x + zero x1 + pole y1, Q32. */
	int32_t zero;
	int32_t pole;
	/** From the sum of squares of a Fast interval to an energy. */
	uint32_t scale;
};

/** All filters. */
struct sp_level_filters {
	/** High pass of Z, as in a weighting; and its scale. */
	int32_t z_step;
	uint32_t z_scale;
	/** C comes behind Z; the high passes of A behind those of C. */
	struct sp_level_weighting c;
	struct sp_level_weighting a;
	/** 1 - exp(-sub-block / 125 ms), Q32; and the cdB re 1 of the average of a sine at full
	 * scale. */
	int32_t fast_step;
	int32_t fast_full_scale_cdb;
	/** w = x + pair[0] w2 + pair[1] w4, Q31. */
	int32_t octave_pair[2];
	/** w = x + last[0] w1 + last[1] w2, Q32. */
	int32_t octave_last[2];
	/** All-passes of the half-band filter: of the even samples, over a half, Q31; of the odd
	 * ones, Q32.
	 */
	int32_t half[2];
	/** From the sum of squares of an octave block to an energy, 31.5 Hz first. */
	uint32_t octave_scale[SP_OCTAVE_BANDS];
};

extern const struct sp_level_filters sp_level_filters;

#endif

#endif /* SP_LEVEL_FILTERS_H_ */
