/* SPDX-License-Identifier: Apache-2.0 */

/* Planes of int16 (depthwise.c) that other layers fill. */

#ifndef SOUNDPOST_NN_PLANE_H_
#define SOUNDPOST_NN_PLANE_H_

#include <soundpost/nn.h>

/* Spread a channel, the first of whose values is at input. It may lie at the start of the plane if
 * there is no other.
 */
void nn_plane_spread(const struct sp_nn_depthwise_params *layer, const int8_t *input,
		     int16_t *plane);

/* Set what is around the input of a layer to its zero point, which the folded bias takes for
 * granted.
 */
void nn_plane_margins(const struct sp_nn_depthwise_params *layer, int16_t *plane);

/* Where the input starts in a plane, in values. */
static inline int nn_plane_start(const struct sp_nn_depthwise_params *layer)
{
	return layer->window.pad_top * layer->plane_columns + layer->window.pad_left;
}

/* Make all outputs that read input channel `input`, which fills the plane. */
void nn_plane_filter(const struct sp_nn_depthwise_params *layer, int input, const int16_t *plane,
		     int8_t *output);

/* Apply the bounds of the activation to the output of a layer. */
void nn_plane_activate(const struct sp_nn_depthwise_params *layer, int8_t *output);

#endif /* SOUNDPOST_NN_PLANE_H_ */
