/* SPDX-License-Identifier: Apache-2.0 */

/* Softmax in fixed point, step for step that of TFLM (reference/softmax.h) and of gemmlowp's
 * exp_on_negative_values and one_over_one_plus_x_for_x_in_0_1. Qn stands for n bits of fraction.
 */

#include "scale.h"

#define ONE_Q31 INT32_MAX
#define ONE_Q29 (1 << 29)

/* x 2^bits, saturating. */
static int32_t shift_left(int32_t x, int bits)
{
	const int32_t limit = (1 << (31 - bits)) - 1;

	return x > limit ? INT32_MAX : x < -limit ? INT32_MIN : x * (1 << bits);
}

/* exp(x) in Q31 for x in Q31 from -1/4 to 0: four terms of the series around -1/8. */
static int32_t exp_of_quarter(int32_t x)
{
	const int32_t exp_minus_eighth = 1895147668;
	const int32_t third = 715827883;
	const int32_t d = x + (1 << 28);
	const int32_t d2 = nn_mul(d, d);
	const int32_t d3 = nn_mul(d2, d);
	const int32_t d4_quarter = nn_shift_right(nn_mul(d2, d2), 2);
	const int32_t rest = nn_shift_right(nn_mul(d4_quarter + d3, third) + d2, 1);

	return exp_minus_eighth + nn_mul(exp_minus_eighth, d + rest);
}

/* exp(x) in Q31 for x in Q26, at most 0: the fraction modulo 1/4 by series, the rest bit by bit. */
static int32_t exp_of_negative(int32_t x)
{
	/* exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) in Q31 */
	static const int32_t factors[] = {
		1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242,
	};
	const int32_t quarter = 1 << 24;
	const int32_t fraction = (x & (quarter - 1)) - quarter;
	const int32_t remainder = fraction - x;
	int32_t result = exp_of_quarter(shift_left(fraction, 5));

	if (x == 0) {
		return ONE_Q31;
	}
	for (int i = 0; i < (int)(sizeof(factors) / sizeof(factors[0])); i++) {
		if ((remainder & (quarter << i)) != 0) {
			result = nn_mul(result, factors[i]);
		}
	}

	return result;
}

/* 1 / (1 + x) in Q31 for x in Q31 from 0 to 1: three steps of Newton's method. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
	const int32_t half_denominator = (int32_t)(((int64_t)x + ONE_Q31 + 1) / 2);
	/* 48 / 17 and -32 / 17 in Q29 */
	int32_t r = 1515870810 + nn_mul(half_denominator, -1010580540);

	for (int i = 0; i < 3; i++) {
		const int32_t error = ONE_Q29 - nn_mul(half_denominator, r);

		r += shift_left(nn_mul(r, error), 2);
	}

	return shift_left(r, 1);
}

static int32_t exp_of_difference(const struct sp_nn_softmax_params *params, int32_t difference)
{
	const int32_t shifted = (int32_t)((uint32_t)difference << params->scale.shift);

	return exp_of_negative(nn_mul(shifted, params->scale.multiplier));
}

static void softmax_row(const struct sp_nn_softmax_params *params, const int8_t *input,
			int8_t *output)
{
	int32_t max = INT8_MIN;
	/* Q19 */
	int32_t sum = 0;

	for (int i = 0; i < params->depth; i++) {
		max = input[i] > max ? input[i] : max;
	}
	for (int i = 0; i < params->depth; i++) {
		if (input[i] - max >= params->diff_min) {
			sum += nn_shift_right(exp_of_difference(params, input[i] - max), 12);
		}
	}

	/* sum = (1 + rest) 2^(12 - zeros), and 8 of the 31 bits of the quotient are output. */
	const int zeros = __builtin_clz((uint32_t)sum);
	const int32_t rest = (int32_t)(((uint32_t)sum << zeros) - (UINT32_C(1) << 31));
	const int32_t scale = reciprocal_of_one_plus(rest);
	const int bits = 12 - zeros + 31 - 8;

	for (int i = 0; i < params->depth; i++) {
		const int32_t difference = input[i] - max;
		int32_t value = 0;

		if (difference >= params->diff_min) {
			value = nn_mul(scale, exp_of_difference(params, difference));
			value = nn_shift_right(value, bits);
		}
		output[i] = sp_sat8(value + INT8_MIN);
	}
}

void sp_nn_softmax(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_softmax_params *params = step->params;
	const int8_t *input = arena + step->input;
	int8_t *output = arena + step->output;

	for (int row = 0; row < params->rows; row++) {
		softmax_row(params, input, output);
		input += params->depth;
		output += params->depth;
	}
}
