/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Fixed-point arithmetic that the parts of core/ share.
 *
 * Arithmetic shifts of negative numbers are relied on; every compiler the product uses has them,
 * and fixed.c refuses to build with one that has not.
 */

#ifndef SOUNDPOST_FIXED_H_
#define SOUNDPOST_FIXED_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** log2(1 + i / 64) in Q24, i = 0 to 64, between which sp_log2_q24() draws straight lines. */
extern const int32_t sp_log2_table[65];

/** What sp_log2_q24() returns for zero. */
#define SP_LOG2_ZERO INT32_MIN

/**
 * @brief Logarithm to base 2.
 *
 * @param x Any value.
 * @return log2(x) in Q24, within 0.0002 of the true value; SP_LOG2_ZERO if @p x is 0.
 */
int32_t sp_log2_q24(uint64_t x);

/**
 * @brief Ten times the logarithm to base 10, for energies.
 *
 * @param energy Any value.
 * @return 10 log10(energy) in cdB, within 1 cdB; SP_LOG2_ZERO if @p energy is 0.
 */
int32_t sp_energy_to_cdb(uint64_t energy);

/**
 * @brief Level of A-weighted energies added up; see sp_fast.energy_a.
 *
 * @param energy_a       Sum over Fast intervals.
 * @param fasts          Fast intervals to spread it over: their number gives LAeq,
 *                       SP_FASTS_PER_SECOND gives LAE (re 1 s).
 * @param full_scale_cdb Level of a sine at full scale.
 * @return Level in cdB, or SP_LEVEL_NONE if @p energy_a or @p fasts is 0.
 */
int32_t sp_fasts_to_cdb(uint64_t energy_a, uint32_t fasts, int32_t full_scale_cdb);

/** @brief The upper half of a 32 by 32 bit product: floor(a b / 2^32). */
static inline int32_t sp_mulhi(int32_t a, int32_t b)
{
	return (int32_t)(((int64_t)a * b) >> 32);
}

/** @brief @p x limited to the range of int8_t. */
static inline int8_t sp_sat8(int32_t x)
{
	return (int8_t)(x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x);
}

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_FIXED_H_ */
