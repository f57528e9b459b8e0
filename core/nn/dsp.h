/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernels for Cortex-M with the DSP extension (M4, M7, M33 …) share. */

#ifndef SOUNDPOST_NN_DSP_H_
#define SOUNDPOST_NN_DSP_H_

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && !defined(__ARM_BIG_ENDIAN)
#define NN_DSP 1
#else
#define NN_DSP 0
#endif

#ifndef __ASSEMBLER__

#include <stdint.h>

#include <soundpost/nn.h>

/* a b / 2^32, rounded half up. */
static inline int32_t nn_high(int32_t a, int32_t b)
{
#if NN_DSP
	int32_t product;

	__asm__("smmulr %0, %1, %2" : "=r"(product) : "r"(a), "r"(b));

	return product;
#else
	return (int32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32);
#endif
}

#endif

#if NN_DSP && !defined(__ASSEMBLER__)

/* Bits that a sum is shifted right by in its last step: an immediate of SSAT. */
#define NN_DSP_SHIFT 12

/* Most bits that int8 weights can be shifted left by as int16. */
#define NN_DSP_WEIGHT_BITS 8

/* A channel's scaling, most often of three instructions.
 *
 * With a sum a, TFLM's two roundings (scale.h) are, for shift = -s < 0 and a zero point z,
 *
 *     x = floor((a m + 2^30) / 2^31)        y = z + floor((x + 2^(s - 1) - [x < 0]) / 2^s)
 *
 * and, as floor(floor(v) / n) = floor(v / n), with S = k + s - 1 and K = 2^(k - 2) + 2^(S - 1) +
 * 2^S z,
 *
 *     y = floor((floor(2^k a m / 2^32) + K - 2^(k - 1) [x < 0]) / 2^S)
 *
 * which is exact where k >= 2. [x < 0] is [a < 0]: they differ where a = -1 and m = 2^30 alone, and
 * there y is z either way. Where the activation cuts off whatever is less than z, a term that
 * changes y for a < 0 only, where y <= z, can be left out: half = 0. A shift that is not negative
 * rounds but once, so that K has no 2^(k - 2) and half is 0.
 *
 * S is NN_DSP_SHIFT, unless k would be less than 2. 2^k is on bias and weights, as far as int16
 * holds these. The upper half of the product is SMMLA's, the last division SSAT's.
 */
struct nn_fast {
	/* times 2^bits */
	int32_t bias;
	int32_t multiplier;
	/* K */
	int32_t offset;
	/* 2^(k - 1) or 0 */
	int32_t half;
	/* on the weights, 0 to 8 */
	int32_t bits;
	/* the rest of k */
	int32_t rest;
	/* S - NN_DSP_SHIFT */
	int32_t extra;
};

static inline struct nn_fast nn_fast(const struct sp_nn_weights *layer, int channel)
{
	const struct sp_nn_channel *c = &layer->channels[channel];
	const struct sp_nn_output *output = &layer->output;
	const int32_t fitting = NN_DSP_SHIFT + 1 + c->scale.shift;
	const int32_t k = fitting < 2 ? 2 : fitting;
	const int32_t bits = k < NN_DSP_WEIGHT_BITS ? k : NN_DSP_WEIGHT_BITS;
	const int32_t shift = NN_DSP_SHIFT + k - fitting;
	const int rounds_twice = c->scale.shift < 0;

	return (struct nn_fast){
		.bias = (int32_t)((uint32_t)c->bias << bits),
		.multiplier = c->scale.multiplier,
		.offset = (rounds_twice ? 1 << (k - 2) : 0) + (1 << (shift - 1)) +
			  output->zero_point * (1 << shift),
		.half = rounds_twice && output->min < output->zero_point ? 1 << (k - 1) : 0,
		.bits = bits,
		.rest = k - bits,
		.extra = k - fitting,
	};
}

#endif

#endif /* SOUNDPOST_NN_DSP_H_ */
