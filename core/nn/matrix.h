/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of inputs times weights: the loop that dense layers and convolutions share. */

#ifndef SOUNDPOST_NN_MATRIX_H_
#define SOUNDPOST_NN_MATRIX_H_

#include <stdint.h>

#include <soundpost/nn.h>

/* One row of weights->depth inputs to weights->outputs outputs. */
void nn_row(const struct sp_nn_weights *weights, const int8_t *input, int8_t *output);

/* Two rows at once: every weight is loaded once for both. */
void nn_two_rows(const struct sp_nn_weights *weights, const int8_t *input, const int8_t *input2,
		 int8_t *output);

#endif /* SOUNDPOST_NN_MATRIX_H_ */
