/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "matrix.h"

static int8_t *copy(int8_t *to, const int8_t *from, int count)
{
	memcpy(to, from, (size_t)count);

	return to + count;
}

static int8_t *fill(int8_t *to, int value, int count)
{
	memset(to, value, (size_t)count);

	return to + count;
}

/* Copy what the window sees at an output position. Outside of the input stands the zero point,
 * which the folded bias takes for granted.
 */
static void fill_patch(const struct sp_nn_window *window, const int8_t *input, int top, int left,
		       int8_t *patch)
{
	const int channels = window->channels;
	const int row = window->width * channels;
	const int line = window->in_width * channels;
	/* A row of the window is one run of the input where nothing of it is outside. */
	const int is_run =
		window->dilation_x == 1 && left >= 0 && left + window->width <= window->in_width;

	for (int ky = 0; ky < window->height; ky++) {
		const int y = top + ky * window->dilation_y;

		if (y < 0 || y >= window->in_height) {
			patch = fill(patch, window->zero_point, row);
		} else if (is_run) {
			patch = copy(patch, input + y * line + left * channels, row);
		} else {
			for (int kx = 0; kx < window->width; kx++) {
				const int x = left + kx * window->dilation_x;

				patch = x < 0 || x >= window->in_width
						? fill(patch, window->zero_point, channels)
						: copy(patch, input + y * line + x * channels,
						       channels);
			}
		}
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
			fill_patch(window, input, y * window->stride_y - window->pad_top,
				   x * window->stride_x - window->pad_left,
				   waiting ? patch2 : patch);
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
	nn_activate(&weights->output, arena + step->output,
		    window->out_height * window->out_width * weights->outputs);
}
