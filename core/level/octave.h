/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The octave filters of the meter.
 */

#ifndef SP_LEVEL_OCTAVE_H_
#define SP_LEVEL_OCTAVE_H_

#include <soundpost/level.h>

/**
 * @brief Filter a block and add the sums of squares of its octave bands.
 *
 * @param octave State of the bands, 31.5 Hz first.
 * @param block  SP_LEVEL_OCTAVE_BLOCK samples; overwritten.
 * @param sums   Sums of squares of the bands at their own rates, 31.5 Hz first.
 */
void sp_octave_process(struct sp_level_octave octave[SP_OCTAVE_BANDS], int32_t *block,
		       uint64_t sums[SP_OCTAVE_BANDS]);

#endif /* SP_LEVEL_OCTAVE_H_ */
