/* SPDX-License-Identifier: Apache-2.0 */

/* Rounding as TFLM has it, after gemmlowp's fixedpoint.h. Private to core/nn. */

#ifndef SOUNDPOST_NN_SCALE_H_
#define SOUNDPOST_NN_SCALE_H_

#include <stdint.h>

#include <soundpost/fixed.h>
#include <soundpost/nn.h>

#include "dsp.h"

/* a b / 2^31, rounded half up (gemmlowp's SaturatingRoundingDoublingHighMul). The one case that
 * saturates there, both factors -2^31, cannot come up: one of them is never negative here.
 */
static inline int32_t nn_mul(int32_t a, int32_t b)
{
	return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* x / 2^bits rounded half away from zero, for bits >= 1; no x overflows. */
static inline int32_t nn_shift_right(int32_t x, int bits)
{
	const int32_t toward_zero = x + (x >> 31);

	return ((toward_zero >> (bits - 1)) + 1) >> 1;
}

/* TFLM's MultiplyByQuantizedMultiplier. The compiler sees to it that x 2^shift fits. */
static inline int32_t nn_scale(int32_t x, const struct sp_nn_scale *scale)
{
	const int32_t shift = scale->shift;

	if (__builtin_expect(shift < 0, 1)) {
		return nn_shift_right(nn_mul(x, scale->multiplier), -shift);
	}

	return nn_mul((int32_t)((uint32_t)x << shift), scale->multiplier);
}

/* nn_scale() of half of what is given, for a shift of -bits that is not positive. */
static inline int32_t nn_scale_half(int32_t twice, int32_t multiplier, int bits)
{
	const int32_t x = nn_high(twice, multiplier);

	return bits > 0 ? nn_shift_right(x, bits) : x;
}

/* A scaled value to an output, without the bounds of the activation. */
static inline int8_t nn_saturate(int32_t x, int32_t zero_point)
{
	/* From 0 to 255 first, which one unsigned comparison tells. */
	x += zero_point - INT8_MIN;
	if ((uint32_t)x > UINT8_MAX) {
		x = ~(x >> 31);
	}

	return (int8_t)(x + INT8_MIN);
}

static inline int8_t nn_clamp(int32_t x, const struct sp_nn_output *output)
{
	x += output->zero_point;
	x = x < output->min ? output->min : x;

	return (int8_t)(x > output->max ? output->max : x);
}

#endif /* SOUNDPOST_NN_SCALE_H_ */
