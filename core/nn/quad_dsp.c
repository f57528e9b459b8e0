/* SPDX-License-Identifier: Apache-2.0 */

/* Quads for Cortex-M with the DSP extension: two multiply-accumulates an instruction. */

#include "dsp.h"
#include "quad.h"
#include "scale.h"

#if NN_DSP

/* What the four channels' scaling needs, in quad_rows.S' order; it lies before wide weights. */
struct scales {
	int32_t bias[SP_NN_LANES];
	int32_t multiplier[SP_NN_LANES];
	int32_t offset[SP_NN_LANES];
	/* whether some channel needs what follows */
	int32_t any;
	int32_t half[SP_NN_LANES];
	int32_t rest[SP_NN_LANES];
	int32_t extra[SP_NN_LANES];
};

/* A row of positions, for quad_rows.S, which knows this layout. */
struct nn_quad_row {
	const int8_t *x;
	void *output;
	int32_t count;
	/* bytes from one position's outputs to the next one's */
	int32_t step;
	const int16_t *weights;
	/* of a run, and a word of scratch for it */
	int32_t groups;
	int32_t blocks;
	int32_t runs;
	/* bytes from behind a run to the next one, and from one position to the next */
	int32_t skip;
	int32_t x_step;
	/* bytes from one plane to the next, where the outputs go to planes */
	int32_t lane;
	const struct scales *scales;
};

_Static_assert(sizeof(struct scales) == NN_QUAD_SCALES * sizeof(int16_t), "room before weights");

void nn_quad_row_bytes(struct nn_quad_row row);
void nn_quad_row_planes(struct nn_quad_row row);
void nn_quad_add(const int8_t *x, const int8_t *weights, int groups, int32_t *sums);

static int lane_count(const struct sp_nn_weights *layer, int first)
{
	const int left = layer->outputs - first;

	return left < SP_NN_LANES ? left : SP_NN_LANES;
}

void nn_quad_widen(const struct sp_nn_weights *layer, int first, int16_t *wide)
{
	const int groups = layer->depth / SP_NN_GROUP;
	const int lanes = lane_count(layer, first);
	struct scales *scales = (struct scales *)(void *)wide;

	scales->any = 0;
	for (int lane = 0; lane < SP_NN_LANES; lane++) {
		/* weights of zero and a scale of zero for what is no channel */
		const struct nn_fast fast =
			lane < lanes ? nn_fast(layer, first + lane) : (struct nn_fast){0};
		const int bits = fast.bits;
		/* what the sign of the lower half spills over into the upper one */
		const uint32_t mask = ~(((1u << bits) - 1) << 16);
		const uint32_t *from =
			(const uint32_t *)(const void *)(layer->weights + first * layer->depth);
		uint32_t *to = (uint32_t *)(void *)(wide + NN_QUAD_SCALES);

		scales->bias[lane] = fast.bias;
		scales->multiplier[lane] = fast.multiplier;
		scales->offset[lane] = fast.offset;
		scales->half[lane] = fast.half;
		scales->rest[lane] = fast.rest;
		scales->extra[lane] = fast.extra;
		scales->any |= fast.half | fast.rest | fast.extra;
		from += lane;
		to += lane;
		for (int i = 0; i < groups; i++) {
			const uint32_t w = *from;

			to[0] = ((uint32_t)__builtin_arm_sxtb16(w) << bits) & mask;
			to[SP_NN_LANES] =
				((uint32_t)__builtin_arm_sxtb16(w >> 8 | w << 24) << bits) & mask;
			from += SP_NN_LANES;
			to += 2 * SP_NN_LANES;
		}
	}
}

void nn_quad_plain(const struct sp_nn_weights *layer, int first,
		   const struct nn_positions *positions, const int8_t *x,
		   const struct nn_quad_target *target, int count)
{
	const int run = layer->depth / positions->runs;
	const int lanes = lane_count(layer, first);

	for (int position = 0; position < count; position++, x += positions->step) {
		const int8_t *w = layer->weights + first * layer->depth;
		int32_t sums[SP_NN_LANES] = {0};

		for (int i = 0; i < positions->runs; i++) {
			nn_quad_add(x + i * positions->pitch, w, run / SP_NN_GROUP, sums);
			w += run * SP_NN_LANES;
		}
		for (int lane = 0; lane < lanes; lane++) {
			const struct sp_nn_channel *c = &layer->channels[first + lane];

			const int32_t value = nn_scale(sums[lane] + c->bias, &c->scale);

			nn_quad_put(target, position * target->step + lane * target->lane,
				    nn_saturate(value, layer->output.zero_point));
		}
	}
}

void nn_quad(const struct sp_nn_weights *layer, int first, const int16_t *wide,
	     const struct nn_positions *positions, const int8_t *x,
	     const struct nn_quad_target *target, int count)
{
	const int run = layer->depth / positions->runs;
	const int size = target->to_planes ? (int)sizeof(int16_t) : 1;

	if (wide == NULL) {
		nn_quad_plain(layer, first, positions, x, target, count);
		return;
	}

	(target->to_planes ? nn_quad_row_planes : nn_quad_row_bytes)((struct nn_quad_row){
		.x = x,
		.output = target->to_planes ? (void *)target->planes : (void *)target->bytes,
		.count = count,
		.step = target->step * size,
		.weights = wide + NN_QUAD_SCALES,
		.groups = run / SP_NN_GROUP,
		.runs = positions->runs,
		.skip = positions->pitch - run,
		.x_step = positions->step,
		.lane = target->lane * size,
		.scales = (const struct scales *)(const void *)wide,
	});
}

#endif
