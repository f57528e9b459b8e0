/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <soundpost/nn.h>

/* A factor of one half: 2^30 2^-31. */
#define HALF {.multiplier = 1 << 30, .shift = 0}
/* A factor of one: 2^30 2^-31 2. */
#define ONE  {.multiplier = 1 << 30, .shift = 1}

static const struct sp_nn_output full_range = {.zero_point = 0, .min = -128, .max = 127};

/* Run one step on an arena that is just large enough, so that sanitizers see a byte too far. */
static void run(const struct sp_nn_step *step, uint32_t arena_bytes, const int8_t *input,
		uint32_t input_bytes, int8_t *output, uint32_t output_bytes)
{
	const struct sp_nn_network network = {
		.steps = step,
		.step_count = 1,
		.arena_bytes = arena_bytes,
	};
	int8_t *arena = malloc(arena_bytes);

	assert_non_null(arena);
	memset(arena, 0x55, arena_bytes);
	memcpy(arena + step->input, input, input_bytes);
	assert_int_equal(sp_nn_invoke(&network, arena), 0);
	memcpy(output, arena + step->output, output_bytes);
	free(arena);
}

static void test_arena_must_be_aligned(void **state)
{
	static int32_t words[4];
	const struct sp_nn_network network = {0};

	(void)state;
	assert_int_equal(sp_nn_invoke(&network, (int8_t *)words), 0);
	for (int offset = 1; offset < SP_NN_ALIGNMENT; offset++) {
		assert_int_equal(sp_nn_invoke(&network, (int8_t *)words + offset), -EINVAL);
	}
}

static void test_dense_rounds_clamps_and_leaves_padding_lanes_alone(void **state)
{
	/* Five outputs of two inputs, and two weights of zero to fill up each: one block of lanes,
	 * and one of which three are padding.
	 */
	static const int8_t weights[32] = {
		1, 0, 0, 0, 2, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, /* the first block */
		3, 1, 0, 0,
	};
	static const struct sp_nn_channel channels[5] = {
		{.bias = 0, .scale = HALF},  {.bias = 0, .scale = ONE},
		{.bias = 0, .scale = HALF},  {.bias = -200, .scale = ONE},
		{.bias = 100, .scale = ONE},
	};
	static const struct sp_nn_dense_params params = {
		.weights = {.weights = weights,
			    .channels = channels,
			    .depth = 4,
			    .outputs = 5,
			    .output = {.zero_point = 1, .min = -100, .max = 120}},
		.rows = 3,
		.inputs = 2,
	};
	const struct sp_nn_step step = {
		.kernel = sp_nn_dense, .params = &params, .input = 0, .output = 8};
	const int8_t input[6] = {5, 7, -5, 0, 127, 127};
	const int8_t expected[15] = {
		/* 5 / 2 rounds up; the bias of -200 and the sum 122 + 1 meet the bounds */
		4,
		18,
		-1,
		-100,
		120,
		/* -5 / 2 rounds up too: the one rounding of a factor without a right shift */
		-1,
		-9,
		4,
		-100,
		86,
		65,
		120,
		-62,
		-100,
		120,
	};
	int8_t output[15];

	(void)state;
	run(&step, 8 + sizeof(output), input, sizeof(input), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

static void test_right_shifts_round_half_away_from_zero(void **state)
{
	static const int8_t weights[16] = {1};
	static const struct sp_nn_channel channel = {
		/* one half as a product with 2^31 - 2^7, rounded, and a shift of one bit */
		.scale = {.multiplier = INT32_MAX - 127, .shift = -1}};
	const struct sp_nn_dense_params params = {
		.weights = {.weights = weights,
			    .channels = &channel,
			    .depth = 4,
			    .outputs = 1,
			    .output = full_range},
		.rows = 4,
		.inputs = 1,
	};
	const struct sp_nn_step step = {
		.kernel = sp_nn_dense, .params = &params, .input = 0, .output = 8};
	const int8_t input[4] = {3, -3, 4, -5};
	const int8_t expected[4] = {2, -2, 2, -3};
	int8_t output[4];

	(void)state;
	run(&step, 12, input, sizeof(input), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

/* A window of 2 x 2 with a stride of 2 over 3 x 3, one row above and one column left of it. */
#define CORNER_WINDOW                                                                              \
	{.in_height = 3,                                                                           \
	 .in_width = 3,                                                                            \
	 .channels = 1,                                                                            \
	 .out_height = 2,                                                                          \
	 .out_width = 2,                                                                           \
	 .height = 2,                                                                              \
	 .width = 2,                                                                               \
	 .stride_y = 2,                                                                            \
	 .stride_x = 2,                                                                            \
	 .dilation_y = 1,                                                                          \
	 .dilation_x = 1,                                                                          \
	 .pad_top = 1,                                                                             \
	 .pad_left = 1,                                                                            \
	 .zero_point = 10}

static const int8_t square[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

/* One output whose weights are all one. */
static const int8_t ones[32] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
/* The same for sp_nn_conv_patches(): the first of four channels. */
static const int8_t patch_ones[16] = {1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0};
static const int8_t plane_ones[4] = {1, 1, 1, 1};
static const struct sp_nn_channel unscaled = {.scale = ONE};

#define SUM(weights_, depth_)                                                                      \
	{.weights = weights_,                                                                      \
	 .channels = &unscaled,                                                                    \
	 .depth = depth_,                                                                          \
	 .outputs = 1,                                                                             \
	 .output = {.zero_point = 0, .min = -128, .max = 127}}

/* The planes of the corner window: 3 x 3, one row above and one column left of it. */
#define CORNER_SUM                                                                                 \
	{.weights = SUM(plane_ones, 4),                                                            \
	 .window = CORNER_WINDOW,                                                                  \
	 .multiplier = 1,                                                                          \
	 .plane_rows = 4,                                                                          \
	 .plane_columns = 4,                                                                       \
	 .filter = sp_nn_filter_any}

static void test_outside_of_the_input_stands_its_zero_point(void **state)
{
	/* each of the two rows of weights is filled up to four */
	const struct sp_nn_conv_params conv = {.weights = SUM(ones, 8), .window = CORNER_WINDOW};
	const struct sp_nn_depthwise_params depthwise = CORNER_SUM;
	const struct sp_nn_conv_patches_params patches[2] = {
		{.weights = SUM(patch_ones, 4), .window = CORNER_WINDOW},
		{.weights = SUM(patch_ones, 4), .window = CORNER_WINDOW, .backward = 1},
	};
	const struct sp_nn_step steps[4] = {
		{.kernel = sp_nn_conv, .params = &conv, .input = 0, .output = 12, .scratch = 20},
		{.kernel = sp_nn_depthwise,
		 .params = &depthwise,
		 .input = 0,
		 .output = 12,
		 .scratch = 20},
		{.kernel = sp_nn_conv_patches,
		 .params = &patches[0],
		 .input = 0,
		 .output = 12,
		 .scratch = 20},
		{.kernel = sp_nn_conv_patches,
		 .params = &patches[1],
		 .input = 0,
		 .output = 12,
		 .scratch = 20},
	};
	const uint32_t scratch[4] = {8, 4 * 4 * sizeof(int16_t), 2 * 4 * sizeof(int16_t),
				     2 * 4 * sizeof(int16_t)};
	const int8_t expected[4] = {31, 25, 31, 28};
	int8_t output[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		run(&steps[i], 20 + scratch[i], square, sizeof(square), output, sizeof(output));
		assert_memory_equal(output, expected, sizeof(expected));
	}
}

/* Four channels of 2 x 2, of which windows of 3 x 3 see all, and zero points around it. Weights of
 * the first output are one; those of the second are 1 to 4 by channel in the middle, and zero.
 */
static void test_columns_are_made_in_any_number_of_rows(void **state)
{
	static const int8_t weights[72] = {
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* three columns of four channels a row */
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* */
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* the second output */
		0, 0, 0, 0, 1, 2, 3, 4,
	};
	/* one half as a product with 2^31 - 1, rounded, and a shift of one bit */
	static const struct sp_nn_channel channels[2] = {
		{.bias = 4, .scale = {.multiplier = INT32_MAX, .shift = -1}},
		{.bias = -2, .scale = {.multiplier = INT32_MAX, .shift = -1}},
	};
	struct sp_nn_conv_columns_params params = {
		.weights = {.weights = weights,
			    .channels = channels,
			    .depth = 36,
			    .outputs = 2,
			    .output = full_range},
		.window = {.in_height = 2,
			   .in_width = 2,
			   .channels = 4,
			   .out_height = 2,
			   .out_width = 2,
			   .height = 3,
			   .width = 3,
			   .stride_y = 1,
			   .stride_x = 1,
			   .dilation_y = 1,
			   .dilation_x = 1,
			   .pad_top = 1,
			   .pad_left = 1,
			   .zero_point = 5},
	};
	const struct sp_nn_step step = {
		.kernel = sp_nn_conv_columns, .params = &params, .output = 16, .scratch = 24};
	const int8_t input[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	/* half of 4 + 136 - 16 x 5, and of -2 - 20 + 40 times the position */
	const int8_t expected[8] = {30, -11, 30, 9, 30, 29, 30, 49};
	int8_t output[8];

	(void)state;
	for (params.rows = 1; params.rows <= 2; params.rows++) {
		run(&step, 24 + (36 + 2 * 6 * 4) * sizeof(int16_t), input, sizeof(input), output,
		    sizeof(output));
		assert_memory_equal(output, expected, sizeof(expected));
	}
}

static void test_a_lone_channel_may_lie_in_its_plane(void **state)
{
	const struct sp_nn_depthwise_params depthwise = CORNER_SUM;
	const struct sp_nn_step step = {
		.kernel = sp_nn_depthwise, .params = &depthwise, .output = 32};
	const int8_t expected[4] = {31, 25, 31, 28};
	int8_t output[4];

	(void)state;
	run(&step, 36, square, sizeof(square), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

/* Sums of what the corner window makes, 31 25 31 28, and a row and a column of 10 around it. */
#define SECOND_SUM(rows)                                                                           \
	{.weights = SUM(plane_ones, 4),                                                            \
	 .window = {.in_height = 2,                                                                \
		    .in_width = 2,                                                                 \
		    .channels = 1,                                                                 \
		    .out_height = 2,                                                               \
		    .out_width = 2,                                                                \
		    .height = 2,                                                                   \
		    .width = 2,                                                                    \
		    .stride_y = 1,                                                                 \
		    .stride_x = 1,                                                                 \
		    .dilation_y = 1,                                                               \
		    .dilation_x = 1,                                                               \
		    .pad_top = 1,                                                                  \
		    .pad_left = 1,                                                                 \
		    .zero_point = 10},                                                             \
	 .multiplier = 1,                                                                          \
	 .plane_rows = rows,                                                                       \
	 .plane_columns = 4,                                                                       \
	 .filter = sp_nn_filter_any}

static void test_a_pair_is_one_layer_after_the_other(void **state)
{
	const struct sp_nn_depthwise_pair_params params = {
		.first = CORNER_SUM,
		.second = SECOND_SUM(3),
	};
	const struct sp_nn_step step = {
		.kernel = sp_nn_depthwise_pair, .params = &params, .output = 56};
	const int8_t expected[4] = {61, 76, 82, 115};
	int8_t output[4];

	(void)state;
	run(&step, 60, square, sizeof(square), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

static void test_strips_may_overwrite_what_they_have_read(void **state)
{
	const struct sp_nn_depthwise_strips_params params = {
		.first = CORNER_SUM,
		.second = SECOND_SUM(2),
		.rows = 1,
	};
	/* two outputs a strip; the second strip reads all of the input */
	const struct sp_nn_step step = {.kernel = sp_nn_depthwise_strips,
					.params = &params,
					.input = 4,
					.output = 2,
					.scratch = 16};
	const int8_t expected[4] = {61, 76, 82, 115};
	int8_t output[4];

	(void)state;
	run(&step, 64, square, sizeof(square), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

static void test_pools_leave_out_what_is_outside(void **state)
{
	const struct sp_nn_pool_params params = {.window = CORNER_WINDOW, .min = -128, .max = 8};
	const struct sp_nn_step steps[2] = {
		{.kernel = sp_nn_average_pool, .params = &params, .input = 0, .output = 12},
		{.kernel = sp_nn_max_pool, .params = &params, .input = 0, .output = 12},
	};
	const int8_t expected[2][4] = {{1, 3, 6, 7}, {1, 3, 7, 8}};
	int8_t output[4];

	(void)state;
	for (int i = 0; i < 2; i++) {
		run(&steps[i], 16, square, sizeof(square), output, sizeof(output));
		assert_memory_equal(output, expected[i], sizeof(output));
	}
}

static void test_pad_surrounds_with_the_value(void **state)
{
	static const struct sp_nn_pad_params params = {.height = 1,
						       .width = 2,
						       .channels = 1,
						       .before = {1, 0, 0},
						       .after = {0, 1, 1},
						       .value = -7};
	const struct sp_nn_step step = {
		.kernel = sp_nn_pad, .params = &params, .input = 0, .output = 4};
	const int8_t input[2] = {1, 2};
	const int8_t expected[12] = {-7, -7, -7, -7, -7, -7, 1, -7, 2, -7, -7, -7};
	int8_t output[12];

	(void)state;
	run(&step, 16, input, sizeof(input), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

static void test_product_broadcasts_and_may_lie_on_its_input(void **state)
{
	static const int8_t gates[3] = {2, 0, -1};
	const struct sp_nn_mul_params params = {
		.pair = {.shape = {1, 1, 2, 3},
			 .stride1 = {0, 0, 3, 1},
			 .stride2 = {0, 0, 0, 1},
			 .constant = gates},
		.scale = ONE,
		.output = full_range,
	};
	const struct sp_nn_step step = {.kernel = sp_nn_mul, .params = &params};
	const int8_t input[6] = {1, 2, 3, 100, 5, -6};
	const int8_t expected[6] = {2, 0, -3, 127, 0, 6};
	int8_t output[6];

	(void)state;
	run(&step, sizeof(output), input, sizeof(input), output, sizeof(output));
	assert_memory_equal(output, expected, sizeof(expected));
}

static void test_softmax_of_equals_is_equal_and_of_one_is_certain(void **state)
{
	struct sp_nn_softmax_params params = {
		.rows = 1,
		.depth = 4,
		/* an input scale of 1/16 in Q26 */
		.scale = {.multiplier = 1 << 30, .shift = 23},
		.diff_min = -248,
	};
	const struct sp_nn_step step = {.kernel = sp_nn_softmax, .params = &params};
	const int8_t equal[4] = {5, 5, 5, 5};
	const int8_t certain[4] = {-128, 127, -128, -128};
	int8_t output[4];

	(void)state;
	run(&step, 4, equal, 4, output, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(output[i], -64);
	}
	run(&step, 4, certain, 4, output, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(output[i], i == 1 ? 127 : -128);
	}
}

/* Sums of two columns side by side, without a stride: of 5 columns the first 4 are used, which
 * makes 3 sums, and the scores are these. Two columns are pushed at once, with one kept before
 * them.
 */
static void test_a_stream_takes_what_is_new_or_the_whole_window(void **state)
{
	enum {
		SUM = 0,
		SUMS = 4,
		ALL = 8,
		NEW_SUMS = 12,
		SCORES = 16,
		ARENA = 20,
	};
	static const struct sp_nn_keep_params keep = {.kept = 1, .fresh = 2};
	static const struct sp_nn_add_params add = {
		.pair = {.shape = {1, 1, 1, 2}, .stride1 = {0, 0, 0, 1}, .stride2 = {0, 0, 0, 1}},
		.scale1 = HALF,
		.scale2 = HALF,
		.scale = {.multiplier = 1 << 30, .shift = -18},
		.output = {.min = -128, .max = 127},
	};
	static const struct sp_nn_keep_params queue = {.kept = 3, .fresh = 2};
	static const struct sp_nn_step body[] = {
		{sp_nn_keep, &keep, ALL + 1, SUM, ALL, 0},
		{sp_nn_add, &add, ALL, ALL + 1, NEW_SUMS, 0},
		{sp_nn_queue, &queue, NEW_SUMS, 0, SUMS, 0},
	};
	static const struct sp_nn_pad_params same = {.height = 1, .width = 1, .channels = 3};
	static const struct sp_nn_step head[] = {{sp_nn_pad, &same, SUMS, 0, SCORES, 0}};
	const struct sp_nn_stream stream = {
		.body = {.steps = body, .step_count = 3, .input_offset = ALL + 1, .input_bytes = 2},
		.head = {.steps = head, .step_count = 1, .output_offset = SCORES},
		.window = 5,
		.unused = 1,
		.columns = 2,
		.column_bytes = 1,
		.kept_bytes = 8,
		.arena_bytes = ARENA,
	};
	int8_t *arena = malloc(ARENA);
	/* the columns 1 to 8 come, and each window has its oldest one elsewhere in the ring */
	const int8_t first[5] = {1, 2, 3, 4, 5};
	const int8_t second[5] = {6, 7, 3, 4, 5};
	const int8_t third[5] = {6, 7, 8, 4, 5};

	(void)state;
	memset(arena, 0x55, ARENA);
	assert_int_equal(sp_nn_stream_window(&stream, arena, first, 5, 5), -EINVAL);
	assert_int_equal(sp_nn_stream_window(&stream, arena + 1, first, 0, 5), -EINVAL);
	assert_int_equal(sp_nn_stream_window(&stream, arena, first, 0, 5), 0);
	assert_memory_equal(arena + SCORES, ((const int8_t[]){3, 5, 7}), 3);
	/* two columns are new */
	assert_int_equal(sp_nn_stream_window(&stream, arena, second, 2, 2), 0);
	assert_memory_equal(arena + SCORES, ((const int8_t[]){7, 9, 11}), 3);
	/* nothing is new */
	memset(arena + 8, 0x55, ARENA - 8);
	assert_int_equal(sp_nn_stream_window(&stream, arena, second, 2, 0), 0);
	assert_memory_equal(arena + SCORES, ((const int8_t[]){7, 9, 11}), 3);
	/* one is, which is half of what the body takes */
	assert_int_equal(sp_nn_stream_window(&stream, arena, third, 3, 1), 0);
	assert_memory_equal(arena + SCORES, ((const int8_t[]){9, 11, 13}), 3);
	free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_must_be_aligned),
		cmocka_unit_test(test_dense_rounds_clamps_and_leaves_padding_lanes_alone),
		cmocka_unit_test(test_right_shifts_round_half_away_from_zero),
		cmocka_unit_test(test_outside_of_the_input_stands_its_zero_point),
		cmocka_unit_test(test_columns_are_made_in_any_number_of_rows),
		cmocka_unit_test(test_a_lone_channel_may_lie_in_its_plane),
		cmocka_unit_test(test_a_pair_is_one_layer_after_the_other),
		cmocka_unit_test(test_strips_may_overwrite_what_they_have_read),
		cmocka_unit_test(test_pools_leave_out_what_is_outside),
		cmocka_unit_test(test_pad_surrounds_with_the_value),
		cmocka_unit_test(test_product_broadcasts_and_may_lie_on_its_input),
		cmocka_unit_test(test_softmax_of_equals_is_equal_and_of_one_is_certain),
		cmocka_unit_test(test_a_stream_takes_what_is_new_or_the_whole_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
