/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Int8 networks compiled by `soundpost compile`, to TFLM's result to the bit.
 *
 * A network is data: a table of steps, each a kernel, its parameters and where its tensors lie in
 * one arena that the compiler has planned. Only the kernels that a linked network names are linked.
 *
 * Tensors are int8, channels last, batch 1. The quantisation is that of TensorFlow Lite's 8-bit
 * specification (real = scale (q - zero point), weights symmetric); the arithmetic is that of
 * TensorFlow Lite Micro's reference kernels (tensorflow/lite/kernels/internal/reference).
 */

#ifndef SOUNDPOST_NN_H_
#define SOUNDPOST_NN_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most bytes of arena that a network may need. */
#define SP_NN_ARENA_MAX 65536

/** Alignment of the arena and of every tensor in it that is no part of another one, bytes. */
#define SP_NN_ALIGNMENT 4

/** Output channels whose weights lie side by side; see struct sp_nn_weights. */
#define SP_NN_LANES 4

/** Values of a run of inputs whose weights lie side by side; see struct sp_nn_weights. */
#define SP_NN_GROUP 4

/** Dimensions over which an addition or a product may broadcast. */
#define SP_NN_DIMENSIONS 4

struct sp_nn_step;

/** What runs a step. */
typedef void (*sp_nn_kernel)(const struct sp_nn_step *step, int8_t *arena);

/** One step of a network. Offsets are bytes from the start of the arena. */
struct sp_nn_step {
	sp_nn_kernel kernel;
	/** The kernel's own parameters. */
	const void *params;
	/** The tensor read, and the second one that sp_nn_add() and sp_nn_mul() may read. */
	uint32_t input;
	uint32_t input2;
	uint32_t output;
	/** Scratch that convolutions use while they run. */
	uint32_t scratch;
};

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
 * @param arena network->arena_bytes bytes, aligned to SP_NN_ALIGNMENT, with the input at
 *              input_offset; the output is left at output_offset, everything else is overwritten.
 * @retval 0 if it ran
 * @retval -EINVAL if @p arena is not aligned
 */
int sp_nn_invoke(const struct sp_nn_network *network, int8_t *arena);

/**
 * @brief A compiled network that computes only what is new in a window (`soundpost compile
 *        --streaming`), to the bytes that the whole window gives.
 *
 * Its body takes @p columns new columns at a time and keeps, at the start of the arena, the last
 * rows of each layer's input that the next ones need, and the last rows before the mean over time.
 * Its head makes the scores of these, once a window.
 *
 * What is kept is all of the state there is. It need not be cleared: scores depend on nothing but
 * the columns of their window, once enough of these were pushed.
 */
struct sp_nn_stream {
	/** Its input are @p columns new columns; it leaves no output but what is kept. */
	struct sp_nn_network body;
	/** From what is kept to the output; it changes nothing that is kept. */
	struct sp_nn_network head;
	/** Columns of a window, and the last ones of these that no score depends on. */
	uint16_t window;
	uint16_t unused;
	/** New columns that the body takes at once. */
	uint16_t columns;
	/** Values of a column. */
	uint16_t column_bytes;
	/**
	 * The first bytes of the arena, which must stay as they are between calls; a multiple of 8.
	 * Whatever lies behind them may be used for anything else meanwhile.
	 */
	uint32_t kept_bytes;
	/** Bytes of arena that body and head need, with what is kept. */
	uint32_t arena_bytes;
};

/**
 * @brief Score a window, computing no more than is new of it.
 *
 * Only if @p fresh is a multiple of stream->columns, and less than the columns of a window that are
 * used, is anything saved; else all of the window is computed. The scores are the same either way.
 *
 * @param arena   stream->arena_bytes bytes, aligned to SP_NN_ALIGNMENT. The scores are left at
 *                head.output_offset, head.output_bytes bytes.
 * @param columns A ring of stream->window columns of stream->column_bytes bytes each.
 * @param first   Where in the ring the oldest column is, 0 to stream->window - 1.
 * @param fresh   Columns that came after the window of the last call, which may not be the window
 *                before this one; stream->window if there was no call before, if columns were lost
 *                since, or if what is kept was not left as it was.
 * @retval 0 if it ran
 * @retval -EINVAL if @p arena is not aligned, or @p first is not in the ring
 */
int sp_nn_stream_window(const struct sp_nn_stream *stream, int8_t *arena, const int8_t *columns,
			uint16_t first, uint16_t fresh);

/**
 * @brief A real factor as multiplier 2^-31 2^shift, rounded twice as TFLM does: once to 31 bits
 *        after the product, once more, half away from zero, where shift is negative.
 */
struct sp_nn_scale {
	/** 2^29 to 2^31 - 1, or 0. */
	int32_t multiplier;
	/** -31 to 30. */
	int32_t shift;
};

/** From a scaled accumulator to an output tensor. */
struct sp_nn_output {
	int16_t zero_point;
	/** Bounds of the fused activation. */
	int16_t min;
	int16_t max;
};

/** One output channel. */
struct sp_nn_channel {
	/** Bias, less the input's zero point times the sum of the weights. */
	int32_t bias;
	struct sp_nn_scale scale;
};

/**
 * @brief Weights and scales of a layer.
 *
 * Of sp_nn_dense() and sp_nn_conv(): a channel's inputs come in runs that lie side by side in the
 * input, and each run is filled up to a multiple of SP_NN_GROUP with weights of zero. Channels are
 * taken SP_NN_LANES at a time, so that weight d of channel c is
 * weights[((c / LANES x depth + d) / GROUP x LANES + c % LANES) x GROUP + d % GROUP]; the last
 * lanes may be padding, whose weights are zero.
 *
 * Of sp_nn_conv_patches(): all inputs of a channel are one run, and channels are taken SP_NN_LANES
 * at a time. Of a group, weights 0 and 2 come first, then 1 and 3, each as two words: of channels 0
 * and 1, and of 2 and 3. A word has the first of both weights for both channels, then the other.
 *
 * Of sp_nn_conv_columns(): a channel has, for each row of its window and SP_NN_GROUP inputs, those
 * of the first column, of the second one and of the third. Its bias is without the zero point.
 *
 * Of sp_nn_depthwise(): weight d of channel c is weights[c x depth + d].
 */
struct sp_nn_weights {
	const int8_t *weights;
	/** One an output channel, without padding. */
	const struct sp_nn_channel *channels;
	/** Weights of one channel, with those that fill up its runs. */
	uint16_t depth;
	/** Output channels. */
	uint16_t outputs;
	struct sp_nn_output output;
};

/** How a window slides over an input of height x width x channels. */
struct sp_nn_window {
	uint16_t in_height;
	uint16_t in_width;
	uint16_t channels;
	uint16_t out_height;
	uint16_t out_width;
	uint16_t height;
	uint16_t width;
	uint16_t stride_y;
	uint16_t stride_x;
	uint16_t dilation_y;
	uint16_t dilation_x;
	/** Rows above and columns left of the input that the first window covers. */
	uint16_t pad_top;
	uint16_t pad_left;
	/** What the input's zero point is: the value of everything outside of the input. */
	int16_t zero_point;
};

/** Parameters of sp_nn_dense(): @p rows vectors of @p inputs values, each one run. */
struct sp_nn_dense_params {
	struct sp_nn_weights weights;
	uint16_t rows;
	uint16_t inputs;
};

/**
 * @brief FULLY_CONNECTED.
 *
 * It may read up to SP_NN_GROUP - 1 bytes behind its input, whatever they hold.
 */
void sp_nn_dense(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_conv(); each row of the window is a run. */
struct sp_nn_conv_params {
	struct sp_nn_weights weights;
	struct sp_nn_window window;
	/** Whether there is scratch for the weights of SP_NN_LANES channels as int16. */
	uint16_t wide;
	/** Positions that are made at a time of a window of 1 x 1 on a single row, with whole
	 * lanes; 0 if all are.
	 */
	uint16_t columns;
	/** Whether those are taken from the last to the first. */
	uint16_t backward;
};

/**
 * @brief CONV_2D.
 *
 * Scratch: 100 bytes and SP_NN_LANES x weights.depth int16 if params.wide, and weights.depth bytes
 * if a window leaves the input or is dilated along x. It may read up to SP_NN_GROUP - 1 bytes
 * behind its input and write as many behind its output. With params.columns, the output may lie on
 * what no positions but those before see of the input.
 *
 * Wide weights need all channels to be as sp_nn_filter_3_1() wants them.
 */
void sp_nn_conv(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_conv_patches(). */
struct sp_nn_conv_patches_params {
	struct sp_nn_weights weights;
	struct sp_nn_window window;
	/** Whether positions are taken from the last to the first. */
	uint16_t backward;
	/** Whether all channels are as sp_nn_filter_3_1() wants them, with shifts of -11 to -1, and
	 * the activation bounds int8 no further.
	 */
	uint16_t fast;
};

/**
 * @brief CONV_2D, for windows of many values.
 *
 * Scratch: 2 x weights.depth int16. Positions are taken two at a time, and the output may lie on
 * what no later ones see of the input.
 */
void sp_nn_conv_patches(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_conv_columns(). */
struct sp_nn_conv_columns_params {
	struct sp_nn_weights weights;
	/** Three columns wide, along x with a stride of 1 or 2, and without dilation. Its channels
	 * are a multiple of SP_NN_GROUP.
	 */
	struct sp_nn_window window;
	/** Rows of the output that are made at a time. */
	uint16_t rows;
};

/**
 * @brief CONV_2D, for windows three columns wide and channels as sp_nn_conv_patches() calls fast.
 *
 * Scratch: weights.depth int16, and window.channels int16 for each column (6, or 9 with a stride of
 * 2) of each row of the input that params.rows see. Of these rows, four columns of the output are
 * made at a time, which may lie on what no later ones see of the input.
 */
void sp_nn_conv_columns(const struct sp_nn_step *step, int8_t *arena);

struct sp_nn_depthwise_params;

/** Where a filter writes: int8 values to the output tensor, or int16 values to another plane. */
struct sp_nn_target {
	/** The first value, or NULL where it goes to a plane. */
	int8_t *bytes;
	int16_t *plane;
	/** From one value to the one right of it, and to the one below it, in values. */
	int32_t step;
	int32_t pitch;
};

/** Makes one output channel of a plane, without the bounds of the activation. */
typedef void (*sp_nn_filter)(const struct sp_nn_depthwise_params *layer, int channel,
			     const int16_t *plane, const struct sp_nn_target *target);

/**
 * @brief Parameters of sp_nn_depthwise(); output channel c reads input channel c / multiplier.
 *
 * A CONV_2D with one input channel is one with weights.outputs as multiplier.
 */
struct sp_nn_depthwise_params {
	struct sp_nn_weights weights;
	struct sp_nn_window window;
	uint16_t multiplier;
	/** Rows and columns of a plane: an input channel with all that its windows see around it.
	 */
	uint16_t plane_rows;
	uint16_t plane_columns;
	sp_nn_filter filter;
};

/** @brief Any window. */
void sp_nn_filter_any(const struct sp_nn_depthwise_params *layer, int channel, const int16_t *plane,
		      const struct sp_nn_target *target);

/**
 * @brief Windows of up to 5 x 3 or 5 x 5, with a stride of 1 or 2 along x and no dilation.
 *
 * Every channel must have a multiplier of 0, or a shift of at least -18 and a sum that, times
 * 2^max(13 + shift, 2), fits 32 bits.
 * Planes must have room for whole blocks of outputs: plane_columns must be even, and at least
 * stride x (outputs, rounded up to a multiple of 3 for sp_nn_filter_5_2() and of 4 for the others)
 * + width - stride.
 */
void sp_nn_filter_3_1(const struct sp_nn_depthwise_params *layer, int channel, const int16_t *plane,
		      const struct sp_nn_target *target);
void sp_nn_filter_3_2(const struct sp_nn_depthwise_params *layer, int channel, const int16_t *plane,
		      const struct sp_nn_target *target);
void sp_nn_filter_5_1(const struct sp_nn_depthwise_params *layer, int channel, const int16_t *plane,
		      const struct sp_nn_target *target);
void sp_nn_filter_5_2(const struct sp_nn_depthwise_params *layer, int channel, const int16_t *plane,
		      const struct sp_nn_target *target);

/**
 * @brief DEPTHWISE_CONV_2D, and CONV_2D of one input channel.
 *
 * Scratch: one plane of int16. A lone input channel that nobody needs afterwards may lie at the
 * start of it.
 */
void sp_nn_depthwise(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_depthwise_pair(); no activation of the first may bound int8 further. */
struct sp_nn_depthwise_pair_params {
	struct sp_nn_depthwise_params first;
	struct sp_nn_depthwise_params second;
};

/**
 * @brief Two layers as sp_nn_depthwise() runs them, of which the second alone reads the first: one
 *        channel after the other, so that what is between them never exists as a whole.
 *
 * Scratch: one plane of int16 of the first, on which its input may lie as sp_nn_depthwise() has it,
 * and behind it one of the second.
 */
void sp_nn_depthwise_pair(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_depthwise_strips(); no activation of the first may bound int8 further. */
struct sp_nn_depthwise_strips_params {
	/** One input channel; plane_rows are those that a strip needs. */
	struct sp_nn_depthwise_params first;
	struct sp_nn_depthwise_params second;
	/** Rows of the output that are made at once. */
	uint16_t rows;
};

/**
 * @brief What sp_nn_depthwise_pair() does, a strip of rows after the other.
 *
 * Scratch: one plane of int16 of the first, and behind it one of the second, both of a strip. The
 * output may lie on what no later strip sees of the input.
 */
void sp_nn_depthwise_strips(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_conv_depthwise(); no activation of the first may bound int8 further. */
struct sp_nn_conv_depthwise_params {
	struct sp_nn_conv_params first;
	struct sp_nn_depthwise_params second;
};

/**
 * @brief A layer as sp_nn_conv() runs it and one as sp_nn_depthwise() does, which alone reads it:
 *        SP_NN_LANES channels after the other.
 *
 * Scratch: SP_NN_LANES planes of int16 of the second, and behind them the scratch of the first. It
 * may read up to SP_NN_GROUP - 1 bytes behind its input.
 */
void sp_nn_conv_depthwise(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_average_pool() and sp_nn_max_pool(). */
struct sp_nn_pool_params {
	struct sp_nn_window window;
	int16_t min;
	int16_t max;
};

/** @brief AVERAGE_POOL_2D. */
void sp_nn_average_pool(const struct sp_nn_step *step, int8_t *arena);

/** @brief MAX_POOL_2D. */
void sp_nn_max_pool(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_mean(): the input is outer x count x inner, the output outer x inner. */
struct sp_nn_mean_params {
	uint16_t outer;
	uint16_t count;
	uint16_t inner;
	/** Minus the input's zero point times count. */
	int32_t offset;
	struct sp_nn_scale scale;
	struct sp_nn_output output;
};

/** @brief MEAN over neighbouring axes. */
void sp_nn_mean(const struct sp_nn_step *step, int8_t *arena);

/**
 * Two tensors that are combined value by value. Strides are in values, 0 where an input has one
 * value for all of a dimension.
 */
struct sp_nn_pair {
	uint16_t shape[SP_NN_DIMENSIONS];
	uint16_t stride1[SP_NN_DIMENSIONS];
	uint16_t stride2[SP_NN_DIMENSIONS];
	/** Minus the inputs' zero points. */
	int16_t offset1;
	int16_t offset2;
	/** The second tensor if it is a constant, or NULL. */
	const int8_t *constant;
};

/** Parameters of sp_nn_add(); the inputs are scaled after a shift left by 20 bits. */
struct sp_nn_add_params {
	struct sp_nn_pair pair;
	struct sp_nn_scale scale1;
	struct sp_nn_scale scale2;
	struct sp_nn_scale scale;
	struct sp_nn_output output;
};

/** @brief ADD. The output may lie on an input of its own shape. */
void sp_nn_add(const struct sp_nn_step *step, int8_t *arena);

/**
 * @brief The same of two tensors of one shape, with 512 int32 of scratch: params.scale.shift is -21
 *        to -1, those of the inputs are at most 0.
 */
void sp_nn_add_tables(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_mul(). */
struct sp_nn_mul_params {
	struct sp_nn_pair pair;
	struct sp_nn_scale scale;
	struct sp_nn_output output;
};

/** @brief MUL. The output may lie on an input of its own shape. */
void sp_nn_mul(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_pad(): values to put before and after height, width and channels. */
struct sp_nn_pad_params {
	uint16_t height;
	uint16_t width;
	uint16_t channels;
	uint16_t before[3];
	uint16_t after[3];
	int16_t value;
};

/** @brief PAD. */
void sp_nn_pad(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_keep() and sp_nn_queue(), in bytes. */
struct sp_nn_keep_params {
	uint32_t kept;
	uint32_t fresh;
};

/**
 * @brief Put what is kept at input2 in front of what is new, at output, and keep the last of both
 *        instead.
 *
 * What is new lies params.kept bytes behind the output's start already.
 */
void sp_nn_keep(const struct sp_nn_step *step, int8_t *arena);

/** @brief Move what is kept at output up, and put the input behind it. */
void sp_nn_queue(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_softmax(). */
struct sp_nn_softmax_params {
	uint16_t rows;
	uint16_t depth;
	/** Input scale times beta in Q26; the shift is not negative. */
	struct sp_nn_scale scale;
	/** Least difference from the greatest value that counts at all. */
	int32_t diff_min;
};

/** @brief SOFTMAX over the last dimension. The output may lie on the input. */
void sp_nn_softmax(const struct sp_nn_step *step, int8_t *arena);

/** Parameters of sp_nn_lut(): the result of x is table[x + 128]. */
struct sp_nn_lut_params {
	const int8_t *table;
	uint32_t count;
};

/** @brief RELU, RELU6 and LOGISTIC, by table. The output may lie on the input. */
void sp_nn_lut(const struct sp_nn_step *step, int8_t *arena);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_NN_H_ */
