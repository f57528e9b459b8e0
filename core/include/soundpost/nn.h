/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Int8 networks compiled by `soundpost compile`, to TFLM's result to the bit.
 */

#ifndef SOUNDPOST_NN_H_
#define SOUNDPOST_NN_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most bytes of arena that a network may need. */
#define SP_NN_ARENA_MAX 65536

struct sp_nn_step;

/** A compiled network. */
struct sp_nn_network {
	const struct sp_nn_step *steps;
	uint16_t step_count;
	/** Bytes of scratch that sp_nn_invoke() needs. */
	uint32_t arena_bytes;
	/** Where the input and output tensors lie in the arena, and their bytes. */
	uint32_t input_offset;
	uint32_t input_bytes;
	uint32_t output_offset;
	uint32_t output_bytes;
};

/**
 * @brief Run a network.
 *
 * @param arena network->arena_bytes bytes, aligned to 4, with the input at input_offset; the
 *              output is left at output_offset, everything else is overwritten.
 * @retval 0 if it ran
 */
int sp_nn_invoke(const struct sp_nn_network *network, int8_t *arena);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_NN_H_ */
