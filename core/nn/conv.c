/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "matrix.h"

static void fill_row(const struct sp_nn_window *window, const int8_t *line, int left, int8_t *patch)
{
	for (int kx = 0; kx < window->width; kx++) {
		const int x = left + kx * window->dilation_x;

		if (x < 0 || x >= window->in_width) {
			memset(patch, window->zero_point, window->channels);
		} else {
			memcpy(patch, line + x * window->channels, window->channels);
		}
		patch += window->channels;
	}
}

/* Copy what the window sees at an output position. Outside of the input stands the zero point,
 * which the folded bias takes for granted.
 */
static void fill_patch(const struct sp_nn_window *window, const int8_t *input, int out_y, int out_x,
		       int8_t *patch)
{
	const int row = window->width * window->channels;
	const int line = window->in_width * window->channels;
	const int top = out_y * window->stride_y - window->pad_top;
	const int left = out_x * window->stride_x - window->pad_left;
	/* A row of the window is a run of the input where nothing of it is outside. */
	const int is_run = window->dilation_x == 1 && left >= 0 &&
			   left + window->width <= window->in_width;

	for (int ky = 0; ky < window->height; ky++) {
		const int y = top + ky * window->dilation_y;

		if (y < 0 || y >= window->in_height) {
			memset(patch, window->zero_point, row);
		} else if (is_run) {
			const int8_t *from = input + y * line + left * window->channels;

			for (int i = 0; i < row; i++) {
				patch[i] = from[i];
			}
		} else {
			fill_row(window, input + y * line, left, patch);
		}
		patch += row;
	}
}

void sp_nn_conv(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_conv_params *params = step->params;
	const struct sp_nn_weights *weights = &params->weights;
	const struct sp_nn_window *window = &params->window;
	const int8_t *input = arena + step->input;
	int8_t *patch = arena + step->scratch;
	int8_t *patch2 = patch + weights->depth;
	int8_t *output = arena + step->output;
	int waiting = 0;

	for (int y = 0; y < window->out_height; y++) {
		for (int x = 0; x < window->out_width; x++) {
			fill_patch(window, input, y, x, waiting ? patch2 : patch);
			if (waiting) {
				nn_two_rows(weights, patch, patch2, output);
				output += 2 * weights->outputs;
			}
			waiting = !waiting;
		}
	}
	if (waiting) {
		nn_row(weights, patch, output);
	}
}
