/* SPDX-License-Identifier: Apache-2.0 */

#include "scale.h"

void sp_nn_mean(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_mean_params *params = step->params;
	const int8_t *input = arena + step->input;
	int8_t *output = arena + step->output;

	for (int outer = 0; outer < params->outer; outer++) {
		for (int inner = 0; inner < params->inner; inner++) {
			const int8_t *x = input + inner;
			int32_t sum = params->offset;

			for (int i = 0; i < params->count; i++) {
				sum += *x;
				x += params->inner;
			}
			*output++ = nn_clamp(nn_scale(sum, &params->scale), &params->output);
		}
		input += params->count * params->inner;
	}
}
