/* SPDX-License-Identifier: Apache-2.0 */

/* Rounding as TFLM has it, after gemmlowp's fixedpoint.h. Private to core/nn. */

#ifndef SOUNDPOST_NN_SCALE_H_
#define SOUNDPOST_NN_SCALE_H_

#include <stdint.h>

#include <soundpost/fixed.h>
#include <soundpost/nn.h>

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

	if (shift < 0) {
		return nn_shift_right(nn_mul(x, scale->multiplier), -shift);
	}

	return nn_mul((int32_t)((uint32_t)x << shift), scale->multiplier);
}

static inline int8_t nn_clamp(int32_t x, const struct sp_nn_output *output)
{
	x += output->zero_point;
	x = x < output->min ? output->min : x;

	return (int8_t)(x > output->max ? output->max : x);
}

#endif /* SOUNDPOST_NN_SCALE_H_ */
