/* SPDX-License-Identifier: Apache-2.0 */

/* Layers that look at one input channel at a time. The channel is spread to a plane of int16 that
 * holds all that its windows see, so that a filter has neither borders nor other channels to mind.
 */

#include <stddef.h>

#include "activate.h"
#include "plane.h"

static void fill(int16_t *to, int16_t value, int count)
{
	for (int i = 0; i < count; i++) {
		to[i] = value;
	}
}

void nn_plane_margins(const struct sp_nn_depthwise_params *layer, int16_t *plane)
{
	const struct sp_nn_window *window = &layer->window;
	const int16_t value = window->zero_point;
	const int columns = layer->plane_columns;
	const int right = window->pad_left + window->in_width;
	const int below = window->pad_top + window->in_height;

	fill(plane, value, window->pad_top * columns);
	for (int y = window->pad_top; y < below; y++) {
		fill(plane + y * columns, value, window->pad_left);
		fill(plane + y * columns + right, value, columns - right);
	}
	fill(plane + below * columns, value, (layer->plane_rows - below) * columns);
}

/* Spread a row, from its last value to its first; from and to are behind the last. */
static void spread_row(const int8_t *from, int channels, int16_t *to, int count)
{
	for (; count >= 4; count -= 4) {
		from -= 4 * channels;
		to -= 4;

		const int8_t a = from[0];
		const int8_t b = from[channels];
		const int8_t c = from[2 * channels];
		const int8_t d = from[3 * channels];

		to[3] = (int16_t)d;
		to[2] = (int16_t)c;
		to[1] = (int16_t)b;
		to[0] = (int16_t)a;
	}
	for (; count > 0; count--) {
		from -= channels;

		const int8_t value = *from;

		*--to = (int16_t)value;
	}
}

/* Last row first: as every value moves to an address that is not lower than its own, a lone channel
 * may lie at the start of the plane.
 */
void nn_plane_spread(const struct sp_nn_depthwise_params *layer, const int8_t *input,
		     int16_t *plane)
{
	const struct sp_nn_window *window = &layer->window;
	const int line = window->in_width * window->channels;

	for (int y = window->in_height; y > 0; y--) {
		const int row = window->pad_top + y - 1;

		spread_row(input + y * line, window->channels,
			   plane + row * layer->plane_columns + window->pad_left + window->in_width,
			   window->in_width);
	}
}

void nn_plane_filter(const struct sp_nn_depthwise_params *layer, int input, const int16_t *plane,
		     int8_t *output)
{
	const int outputs = layer->weights.outputs;
	struct sp_nn_target target = {
		.step = outputs,
		.pitch = outputs * layer->window.out_width,
	};

	for (int i = 0; i < layer->multiplier; i++) {
		const int channel = input * layer->multiplier + i;

		target.bytes = output + channel;
		layer->filter(layer, channel, plane, &target);
	}
}

void nn_plane_activate(const struct sp_nn_depthwise_params *layer, int8_t *output)
{
	const struct sp_nn_window *window = &layer->window;

	nn_activate(&layer->weights.output, output,
		    window->out_height * window->out_width * layer->weights.outputs);
}

static int16_t *planes(const struct sp_nn_step *step, int8_t *arena)
{
	return (int16_t *)(void *)(arena + step->scratch);
}

void sp_nn_depthwise(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_depthwise_params *layer = step->params;
	int16_t *plane = planes(step, arena);

	for (int c = 0; c < layer->window.channels; c++) {
		nn_plane_spread(layer, arena + step->input + c, plane);
		if (c == 0) {
			nn_plane_margins(layer, plane);
		}
		nn_plane_filter(layer, c, plane, arena + step->output);
	}
	nn_plane_activate(layer, arena + step->output);
}

void sp_nn_depthwise_pair(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_depthwise_pair_params *params = step->params;
	const struct sp_nn_depthwise_params *first = &params->first;
	const struct sp_nn_depthwise_params *second = &params->second;
	int16_t *plane = planes(step, arena);
	int16_t *between = plane + first->plane_rows * first->plane_columns;
	const struct sp_nn_target target = {
		.plane = between + nn_plane_start(second),
		.step = 1,
		.pitch = second->plane_columns,
	};

	nn_plane_margins(second, between);
	for (int c = 0; c < first->window.channels; c++) {
		nn_plane_spread(first, arena + step->input + c, plane);
		if (c == 0) {
			nn_plane_margins(first, plane);
		}
		for (int i = 0; i < first->multiplier; i++) {
			const int channel = c * first->multiplier + i;

			first->filter(first, channel, plane, &target);
			nn_plane_filter(second, channel, between, arena + step->output);
		}
	}
	nn_plane_activate(second, arena + step->output);
}
