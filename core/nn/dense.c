/* SPDX-License-Identifier: Apache-2.0 */

#include "matrix.h"

void sp_nn_dense(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_dense_params *params = step->params;
	const struct sp_nn_weights *weights = &params->weights;
	const int8_t *input = arena + step->input;
	int8_t *output = arena + step->output;
	int rows = params->rows;

	for (; rows >= 2; rows -= 2) {
		nn_two_rows(weights, input, input + weights->depth, output);
		input += 2 * weights->depth;
		output += 2 * weights->outputs;
	}
	if (rows > 0) {
		nn_row(weights, input, output);
	}
	nn_activate(&weights->output, arena + step->output, params->rows * weights->outputs);
}
