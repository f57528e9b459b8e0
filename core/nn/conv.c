/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "activate.h"
#include "conv.h"

/* Copy what the window sees at an output position, each of its rows filled up to whole groups.
 * Outside of the input stands the zero point, which the folded bias takes for granted.
 */
static void fill_patch(const struct nn_conv *conv, int out_y, int out_x)
{
	const struct sp_nn_window *window = &conv->params->window;
	const int channels = window->channels;
	const int top = out_y * window->stride_y - window->pad_top;
	const int left = out_x * window->stride_x - window->pad_left;
	const int pitch = conv->params->weights.depth / window->height;

	for (int ky = 0; ky < window->height; ky++) {
		const int y = top + ky * window->dilation_y;
		int8_t *to = conv->patch + ky * pitch;

		for (int kx = 0; kx < window->width; kx++, to += channels) {
			const int x = left + kx * window->dilation_x;

			if (y < 0 || y >= window->in_height || x < 0 || x >= window->in_width) {
				memset(to, window->zero_point, (size_t)channels);
			} else {
				memcpy(to, conv->input + (y * window->in_width + x) * channels,
				       (size_t)channels);
			}
		}
	}
}

/* Positions from first to end of which the window leaves nothing outside along one axis. */
static void find_inside(int size, int extent, int stride, int pad, int outputs, int *first,
			int *end)
{
	const int last = size - extent + pad;

	*first = (pad + stride - 1) / stride;
	*end = last < 0 ? 0 : last / stride + 1;
	*end = *end < outputs ? *end : outputs;
	*first = *first < *end ? *first : *end;
}

static void by_patches(const struct nn_conv *conv, int channel, int y, int x, int end,
		       struct nn_quad_target target)
{
	const struct sp_nn_weights *layer = &conv->params->weights;
	const int runs = conv->params->window.height;
	const struct nn_positions positions = {.runs = runs, .pitch = layer->depth / runs};

	for (; x < end; x++) {
		const struct nn_quad_target position = nn_quad_skip(target, x);

		fill_patch(conv, y, x);
		nn_quad(layer, channel, conv->wide, &positions, conv->patch, &position, 1);
	}
}

void nn_conv_quad(const struct nn_conv *conv, int first, struct nn_quad_target target, int pitch)
{
	const struct sp_nn_weights *layer = &conv->params->weights;
	const struct sp_nn_window *window = &conv->params->window;
	const int line = window->in_width * window->channels;
	const struct nn_positions positions = {
		.runs = window->height,
		.pitch = line * window->dilation_y,
		.step = window->stride_x * window->channels,
	};
	int top = 0;
	int bottom = 0;
	int left = 0;
	int right = 0;

	if (conv->wide != NULL) {
		nn_quad_widen(layer, first, conv->wide);
	}
	if (window->dilation_x == 1) {
		find_inside(window->in_height, (window->height - 1) * window->dilation_y + 1,
			    window->stride_y, window->pad_top, window->out_height, &top, &bottom);
		find_inside(window->in_width, window->width, window->stride_x, window->pad_left,
			    window->out_width, &left, &right);
	}
	for (int y = 0; y < window->out_height; y++) {
		const int inside = y >= top && y < bottom && left < right;
		const int start = inside ? left : window->out_width;
		const int end = inside ? right : window->out_width;

		by_patches(conv, first, y, 0, start, target);
		if (inside) {
			const int in_y = y * window->stride_y - window->pad_top;
			const int in_x = start * window->stride_x - window->pad_left;
			const struct nn_quad_target from = nn_quad_skip(target, start);

			nn_quad(layer, first, conv->wide, &positions,
				conv->input + in_y * line + in_x * window->channels, &from,
				end - start);
		}
		by_patches(conv, first, y, end, window->out_width, target);
		target = nn_quad_move(target, pitch);
	}
}

static void make(const struct nn_conv *conv, int8_t *output)
{
	const struct sp_nn_weights *layer = &conv->params->weights;
	const int pitch = conv->params->window.out_width * layer->outputs;

	for (int first = nn_last_quad(layer); first >= 0; first -= SP_NN_LANES) {
		const struct nn_quad_target target = {
			.bytes = output + first, .step = layer->outputs, .lane = 1};

		nn_conv_quad(conv, first, target, pitch);
	}
	nn_activate(&layer->output, output, conv->params->window.out_height * pitch);
}

void sp_nn_conv(const struct sp_nn_step *step, int8_t *arena)
{
	struct sp_nn_conv_params params = *(const struct sp_nn_conv_params *)step->params;
	const int positions = params.window.out_width;
	const int columns = params.columns > 0 ? params.columns : positions;
	int8_t *scratch = arena + step->scratch;
	struct nn_conv conv = {
		.params = &params,
		.input = arena + step->input,
		.wide = params.wide ? (int16_t *)(void *)scratch : NULL,
		.patch = scratch +
			 (params.wide ? nn_quad_wide(&params.weights) * (int)sizeof(int16_t) : 0),
	};

	for (int done = 0; done < positions; done += columns) {
		const int left = positions - done;
		const int count = left < columns ? left : columns;
		/* from the last one on, all are whole but the first ones */
		const int at = params.backward ? left - count : done;

		if (params.columns > 0) {
			params.window.in_width = (uint16_t)count;
			params.window.out_width = (uint16_t)count;
			conv.input = arena + step->input + at * params.window.channels;
		}
		make(&conv, arena + step->output + at * params.weights.outputs);
	}
}
