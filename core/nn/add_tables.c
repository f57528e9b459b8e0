/* SPDX-License-Identifier: Apache-2.0 */

/* Sums of two large tensors of one shape: what each int8 value comes to is worked out before. */

#include "activate.h"
#include "scale.h"

#define VALUES (UINT8_MAX + 1)

#if NN_DSP
/* 2^k of dsp.h, with which the sums are scaled: the least that is exact. */
#define TIMES 4
#else
#define TIMES 1
#endif

static void fill(int32_t *table, int offset, const struct sp_nn_scale *scale)
{
	const int32_t multiplier = scale->multiplier;
	const int bits = -scale->shift;
	/* TFLM shifts by 20 bits; one more is for nn_scale_half() */
	int32_t x = (INT8_MIN + offset) * (1 << 21);

	for (int value = INT8_MIN; value <= INT8_MAX; value++) {
		table[(uint8_t)value] = nn_scale_half(x, multiplier, bits) * TIMES;
		x += 1 << 21;
	}
}

#if NN_DSP

static inline int8_t make(int32_t sum, int32_t multiplier, int32_t offset, int shift)
{
	int32_t value;

	__asm__("smmla %0, %1, %2, %3" : "=r"(value) : "r"(sum), "r"(multiplier), "r"(offset));
	value -= (int32_t)((uint32_t)sum >> 31) * (TIMES / 2);
	value >>= shift;
	__asm__("ssat %0, #8, %0" : "+r"(value));

	return (int8_t)value;
}

#endif

void sp_nn_add_tables(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_add_params *params = step->params;
	const uint16_t *shape = params->pair.shape;
	const int count = shape[0] * shape[1] * shape[2] * shape[3];
	const uint8_t *a = (const uint8_t *)(arena + step->input);
	const uint8_t *b = (const uint8_t *)(arena + step->input2);
	int8_t *output = arena + step->output;
	int32_t *first = (int32_t *)(void *)(arena + step->scratch);
	int32_t *second = first + VALUES;
#if NN_DSP
	const int shift = 1 - params->scale.shift;
	const int32_t multiplier = params->scale.multiplier;
	const int32_t offset =
		TIMES / 4 + (1 << (shift - 1)) + params->output.zero_point * (1 << shift);
#else
	const struct sp_nn_scale scale = params->scale;
	const int32_t zero_point = params->output.zero_point;
#endif

	fill(first, params->pair.offset1, &params->scale1);
	fill(second, params->pair.offset2, &params->scale2);
	for (const uint8_t *end = a + count; a < end;) {
		const int32_t sum = first[*a++] + second[*b++];

#if NN_DSP
		*output++ = make(sum, multiplier, offset, shift);
#else
		*output++ = nn_saturate(nn_scale(sum, &scale), zero_point);
#endif
	}
	nn_activate(&params->output, arena + step->output, count);
}
