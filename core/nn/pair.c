/* SPDX-License-Identifier: Apache-2.0 */

/* Additions and products of two tensors, with broadcasting. */

#include <stddef.h>

#include "scale.h"

typedef int8_t (*combine)(const void *params, int8_t a, int8_t b);

/* Inlined into each kernel, so that the call of combine costs nothing. */
static inline __attribute__((always_inline)) void
for_each(const struct sp_nn_step *step, int8_t *arena, const struct sp_nn_pair *pair, combine f)
{
	const int8_t *base1 = arena + step->input;
	const int8_t *base2 = pair->constant != NULL ? pair->constant : arena + step->input2;
	int8_t *output = arena + step->output;

	for (int i = 0; i < pair->shape[0]; i++) {
		for (int j = 0; j < pair->shape[1]; j++) {
			for (int k = 0; k < pair->shape[2]; k++) {
				const int8_t *a = base1 + i * pair->stride1[0] +
						  j * pair->stride1[1] + k * pair->stride1[2];
				const int8_t *b = base2 + i * pair->stride2[0] +
						  j * pair->stride2[1] + k * pair->stride2[2];

				for (int l = 0; l < pair->shape[3]; l++) {
					*output++ = f(step->params, *a, *b);
					a += pair->stride1[3];
					b += pair->stride2[3];
				}
			}
		}
	}
}

static inline int8_t add(const void *data, int8_t a, int8_t b)
{
	const struct sp_nn_add_params *params = data;
	/* Room for the scaling to be exact: TFLM shifts int8 values by 20 bits. */
	const int32_t x = (a + params->pair.offset1) * (1 << 20);
	const int32_t y = (b + params->pair.offset2) * (1 << 20);
	const int32_t sum = nn_scale(x, &params->scale1) + nn_scale(y, &params->scale2);

	return nn_clamp(nn_scale(sum, &params->scale), &params->output);
}

static inline int8_t multiply(const void *data, int8_t a, int8_t b)
{
	const struct sp_nn_mul_params *params = data;
	const int32_t product = (a + params->pair.offset1) * (b + params->pair.offset2);

	return nn_clamp(nn_scale(product, &params->scale), &params->output);
}

static int is_flat(const struct sp_nn_pair *pair)
{
	int values = 1;

	for (int i = SP_NN_DIMENSIONS - 1; i >= 0; i--) {
		if (pair->shape[i] > 1 &&
		    (pair->stride1[i] != values || pair->stride2[i] != values)) {
			return 0;
		}
		values *= pair->shape[i];
	}

	return pair->constant == NULL;
}

/* What add() makes of two tensors of one shape, whose scales are all at most one: the sums of a
 * residual network. No value that is scaled is over 2^30.
 */
static void add_flat(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_add_params *params = step->params;
	const uint16_t *shape = params->pair.shape;
	const int8_t *a = arena + step->input;
	const int8_t *b = arena + step->input2;
	int8_t *output = arena + step->output;
	const int8_t *end = output + shape[0] * shape[1] * shape[2] * shape[3];
	const struct sp_nn_scale scale1 = params->scale1;
	const struct sp_nn_scale scale2 = params->scale2;
	const struct sp_nn_scale scale = params->scale;
	/* what is written might be these, for all that the compiler knows */
	const struct sp_nn_output bounds = params->output;
	const int offset1 = params->pair.offset1;
	const int offset2 = params->pair.offset2;

	while (output < end) {
		const int32_t x = (*a++ + offset1) * (1 << 21);
		const int32_t y = (*b++ + offset2) * (1 << 21);
		const int32_t sum = nn_scale_half(x, scale1.multiplier, -scale1.shift) +
				    nn_scale_half(y, scale2.multiplier, -scale2.shift);
		const int32_t value = nn_scale_half(2 * sum, scale.multiplier, -scale.shift);

		*output++ = nn_clamp(value, &bounds);
	}
}

void sp_nn_add(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_add_params *params = step->params;

	if (is_flat(&params->pair) && params->scale1.shift <= 0 && params->scale2.shift <= 0 &&
	    params->scale.shift <= 0) {
		add_flat(step, arena);
		return;
	}
	for_each(step, arena, &params->pair, add);
}

void sp_nn_mul(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_mul_params *params = step->params;

	for_each(step, arena, &params->pair, multiply);
}
