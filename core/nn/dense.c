/* SPDX-License-Identifier: Apache-2.0 */

#include "activate.h"
#include "quad.h"

void sp_nn_dense(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_dense_params *params = step->params;
	const struct sp_nn_weights *layer = &params->weights;
	const struct nn_positions positions = {.runs = 1, .step = params->inputs};
	int8_t *output = arena + step->output;

	for (int first = nn_last_quad(layer); first >= 0; first -= SP_NN_LANES) {
		const struct nn_quad_target target = {
			.bytes = output + first, .step = layer->outputs, .lane = 1};

		nn_quad_plain(layer, first, &positions, arena + step->input, &target, params->rows);
	}
	nn_activate(&layer->output, output, params->rows * layer->outputs);
}
