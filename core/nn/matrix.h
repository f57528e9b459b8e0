/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of inputs times weights: the loop that dense layers and convolutions share. */

#ifndef SOUNDPOST_NN_MATRIX_H_
#define SOUNDPOST_NN_MATRIX_H_

#include <stdint.h>

#include <soundpost/nn.h>

/* One row of layer->depth inputs to layer->outputs outputs, without the activation. */
void nn_row(const struct sp_nn_weights *layer, const int8_t *input, int8_t *output);

/* Two rows at once, which share the loading of the weights. */
void nn_two_rows(const struct sp_nn_weights *layer, const int8_t *input, const int8_t *input2,
		 int8_t *output);

/* Apply the bounds of the activation to a whole layer. Most often they are those of int8, which
 * the rows keep anyway, so that this has nothing to do.
 */
void nn_activate(const struct sp_nn_output *bounds, int8_t *output, int count);

#endif /* SOUNDPOST_NN_MATRIX_H_ */
