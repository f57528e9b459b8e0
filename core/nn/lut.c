/* SPDX-License-Identifier: Apache-2.0 */

#include <soundpost/nn.h>

void sp_nn_lut(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_lut_params *params = step->params;
	const int8_t *zero = params->table - INT8_MIN;
	const int8_t *input = arena + step->input;
	int8_t *output = arena + step->output;

	for (uint32_t i = 0; i < params->count; i++) {
		output[i] = zero[input[i]];
	}
}
