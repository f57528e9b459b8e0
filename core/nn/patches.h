/* SPDX-License-Identifier: Apache-2.0 */

/* The inner loop of sp_nn_conv_patches(). */

#ifndef SOUNDPOST_NN_PATCHES_H_
#define SOUNDPOST_NN_PATCHES_H_

#include <stdint.h>

#include <soundpost/nn.h>

/* Positions whose patches lie side by side. */
#define NN_PATCHES 2

/* Values of all patches that hold one group of SP_NN_GROUP inputs. Position p has input d of it at
 * NN_PATCHES_PLACE(d) + 2 p: pairs of inputs that one SXTB16 makes, each once a position.
 */
#define NN_PATCHES_GROUP    (NN_PATCHES * SP_NN_GROUP)
#define NN_PATCHES_PLACE(d) (((d) & 1) * 2 * NN_PATCHES + ((d) >> 1))

/* Four channels of two positions, for patches_add.S, which knows this layout. */
struct nn_patches_quad {
	const struct sp_nn_channel *channels;
	int8_t *output;
	/* bytes from one position's outputs to the next one's */
	int32_t pitch;
	/* what dsp.h has as K, without its 2^(k - 2) */
	int32_t offset;
	/* 1 where negative sums round the other way, or 0 */
	int32_t half;
};

/* Add the products of so many groups, at least one, with weights as struct sp_nn_weights has them,
 * to the sums of SP_NN_LANES channels: that of the first position, then of the second.
 */
void nn_patches_add(const int16_t *patches, const int8_t *weights, int groups, int32_t *sums);

/* Make SP_NN_LANES channels of both positions; with the DSP extension, of a layer that is fast. */
void nn_patches_make(const int16_t *patches, const int8_t *weights, int groups,
		     const struct nn_patches_quad *quad);

#endif /* SOUNDPOST_NN_PATCHES_H_ */
