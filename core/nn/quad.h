/* SPDX-License-Identifier: Apache-2.0 */

/* Four output channels (a quad) of rows of positions: the loop that dense layers and convolutions
 * share.
 */

#ifndef SOUNDPOST_NN_QUAD_H_
#define SOUNDPOST_NN_QUAD_H_

#include <stddef.h>
#include <stdint.h>

#include <soundpost/nn.h>

/* How positions lie in the input. */
struct nn_positions {
	/* What a position reads: runs, and bytes from one to the next. */
	int runs;
	int pitch;
	/* Bytes from one position to the next. */
	int step;
};

/* Values before wide weights, for the quad's scales. */
#define NN_QUAD_SCALES 50

/* Values of a quad's wide weights. */
static inline int nn_quad_wide(const struct sp_nn_weights *layer)
{
	return NN_QUAD_SCALES + SP_NN_LANES * layer->depth;
}

/* Lay out the weights of the quad of channel first as int16, before nn_quad() with the same. */
void nn_quad_widen(const struct sp_nn_weights *layer, int first, int16_t *wide);

/* Where a quad goes: int8 channels side by side, or int16 values to a plane a channel. */
struct nn_quad_target {
	int to_planes;
	/* The first channel of the first position. */
	int8_t *bytes;
	int16_t *planes;
	/* From one position to the next, and from one channel to the next, in values. */
	int step;
	int lane;
};

/* The target of what is so many values further on. */
static inline struct nn_quad_target nn_quad_move(struct nn_quad_target target, int values)
{
	if (target.to_planes) {
		target.planes += values;
	} else {
		target.bytes += values;
	}

	return target;
}

/* The target of positions further on. */
static inline struct nn_quad_target nn_quad_skip(struct nn_quad_target target, int positions)
{
	return nn_quad_move(target, positions * target.step);
}

static inline void nn_quad_put(const struct nn_quad_target *target, int at, int32_t value)
{
	if (target->to_planes) {
		target->planes[at] = (int16_t)value;
	} else {
		target->bytes[at] = (int8_t)value;
	}
}

/* Make channels first to first + 3, or as many as there are, of count positions, without the bounds
 * of the activation. Some may be written behind the channels that there are: take the last quad
 * first, and have four planes.
 */
void nn_quad(const struct sp_nn_weights *layer, int first, const int16_t *wide,
	     const struct nn_positions *positions, const int8_t *x,
	     const struct nn_quad_target *target, int count);

/* The same without wide weights. */
void nn_quad_plain(const struct sp_nn_weights *layer, int first,
		   const struct nn_positions *positions, const int8_t *x,
		   const struct nn_quad_target *target, int count);

/* The first channel of the last quad. */
static inline int nn_last_quad(const struct sp_nn_weights *layer)
{
	return (layer->outputs - 1) / SP_NN_LANES * SP_NN_LANES;
}

#endif /* SOUNDPOST_NN_QUAD_H_ */
