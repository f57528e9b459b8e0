/* SPDX-License-Identifier: Apache-2.0 */

/* Two layers as sp_nn_depthwise_pair() runs them, some rows at a time. */

#include "plane.h"

/* The part of a layer that makes so many of its output rows, with planes of just what it sees.
 * Gives the first input row of these.
 */
static int cut(struct sp_nn_depthwise_params *layer, int first, int count)
{
	struct sp_nn_window *window = &layer->window;
	const int top = first * window->stride_y - window->pad_top;
	const int rows =
		(count - 1) * window->stride_y + (window->height - 1) * window->dilation_y + 1;
	const int above = top < 0 ? -top : 0;
	const int end = top + rows < window->in_height ? top + rows : window->in_height;

	layer->plane_rows = (uint16_t)rows;
	window->out_height = (uint16_t)count;
	window->pad_top = (uint16_t)above;
	window->in_height = (uint16_t)(end - top - above);

	return top + above;
}

void sp_nn_depthwise_strips(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_depthwise_strips_params *params = step->params;
	const int height = params->second.window.out_height;
	const int line = params->first.window.in_width;
	const int out_line = params->second.window.out_width * params->second.weights.outputs;
	int16_t *plane = (int16_t *)(void *)(arena + step->scratch);
	int16_t *between = plane + params->first.plane_rows * params->first.plane_columns;

	for (int y = 0; y < height; y += params->rows) {
		const int left = height - y;
		struct sp_nn_depthwise_params first = params->first;
		struct sp_nn_depthwise_params second = params->second;
		const int from = cut(&second, y, left < params->rows ? left : params->rows);
		const int row = cut(&first, from, second.window.in_height);
		int8_t *output = arena + step->output + y * out_line;
		const struct sp_nn_target target = {
			.plane = between + nn_plane_start(&second),
			.step = 1,
			.pitch = second.plane_columns,
		};

		nn_plane_spread(&first, arena + step->input + row * line, plane);
		nn_plane_margins(&first, plane);
		nn_plane_margins(&second, between);
		for (int channel = 0; channel < first.weights.outputs; channel++) {
			first.filter(&first, channel, plane, &target);
			nn_plane_filter(&second, channel, between, output);
		}
		nn_plane_activate(&second, output);
	}
}
