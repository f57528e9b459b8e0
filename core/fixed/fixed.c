/* SPDX-License-Identifier: Apache-2.0 */

#include <soundpost/fixed.h>
#include <soundpost/types.h>

_Static_assert((-1 >> 1) == -1, "right shifts of negative numbers must be arithmetic");

/* Between two of them a straight line errs by at most (1 / 64)^2 / (8 ln 2) = 0.00005. */
/* clang-format off */
const int32_t sp_log2_table[65] = {
	0, 375270, 744810, 1108793, 1467383, 1820738, 2169009, 2512340,
	2850868, 3184728, 3514044, 3838941, 4159533, 4475935, 4788255, 5096595,
	5401057, 5701737, 5998727, 6292118, 6581994, 6868440, 7151536, 7431359,
	7707984, 7981483, 8251926, 8519380, 8783912, 9045584, 9304457, 9560591,
	9814042, 10064867, 10313120, 10558852, 10802114, 11042956, 11281425, 11517568,
	11751428, 11983051, 12212479, 12439752, 12664911, 12887994, 13109041, 13328087,
	13545168, 13760320, 13973576, 14184969, 14394532, 14602297, 14808293, 15012551,
	15215099, 15415967, 15615181, 15812769, 16008758, 16203172, 16396036, 16587377,
	16777216,
};
/* clang-format on */

int32_t sp_log2_q24(uint64_t x)
{
	uint32_t high = (uint32_t)(x >> 32);
	uint32_t low = (uint32_t)x;
	int octave = 63;

	if (high == 0) {
		if (low == 0) {
			return SP_LOG2_ZERO;
		}
		high = low;
		low = 0;
		octave = 31;
	}

	const int zeros = __builtin_clz(high);
	/* The fraction after the leading one, Q32. */
	const uint32_t fraction = high << zeros << 1 | low >> (31 - zeros);
	const uint32_t index = fraction >> 26;
	const uint32_t step = (uint32_t)(sp_log2_table[index + 1] - sp_log2_table[index]);

	return (octave - zeros) * (1 << 24) + sp_log2_table[index] +
	       (int32_t)(((uint64_t)step * (fraction << 6)) >> 32);
}

int32_t sp_energy_to_cdb(uint64_t energy)
{
	/* 1000 log10(2) in Q20 */
	const int64_t scale = 315652822;

	if (energy == 0) {
		return SP_LOG2_ZERO;
	}

	return (int32_t)((sp_log2_q24(energy) * scale + (INT64_C(1) << 43)) >> 44);
}

int32_t sp_fasts_to_cdb(uint64_t energy_a, uint32_t fasts, int32_t full_scale_cdb)
{
	if (energy_a == 0 || fasts == 0) {
		return SP_LEVEL_NONE;
	}

	return full_scale_cdb + sp_energy_to_cdb(energy_a) - SP_ENERGY_FULL_SCALE_CDB -
	       sp_energy_to_cdb(fasts);
}
