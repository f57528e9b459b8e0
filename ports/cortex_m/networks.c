/* SPDX-License-Identifier: Apache-2.0 */

/* Runs networks that tests/compiler lays out in a file, on a board's own kernels, and holds their
 * outputs to what the file says: `networks FILE`. Prints a line a difference, and what the steps of
 * the first networks, and the stack of networks and of streams, cost.
 *
 * The file is an image of memory, loaded to where its pointers expect it: a struct image, with all
 * else behind it. Pointers to functions are indices into the list below until they are patched.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <soundpost/nn.h>

#include "count.h"

/* the boards' 16 MB of PSRAM, which nothing else uses */
#define IMAGE	    ((uint8_t *)0x21000000)
#define IMAGE_BYTES 0x1000000

/* bytes behind the arena that must stay as they are */
#define GUARD 64
#define PAINT 0x5A

struct patch {
	uint32_t *at;
	uint32_t function;
};

struct test {
	const struct sp_nn_network *network;
	const int8_t *inputs;
	const int8_t *outputs;
	uint32_t windows;
};

/* Windows that follow each other: of each, how many columns came after the one before. */
struct stream_test {
	const struct sp_nn_stream *stream;
	const uint16_t *fresh;
	const int8_t *columns;
	const int8_t *outputs;
	uint32_t windows;
};

struct image {
	struct patch *patches;
	uint32_t patch_count;
	const struct test *tests;
	uint32_t test_count;
	const struct stream_test *streams;
	uint32_t stream_count;
	int8_t *arena;
	/* columns of the window of a stream */
	int8_t *ring;
	/* tests, from the first on, whose steps are counted; so are those of all streams */
	uint32_t counted;
};

typedef void (*function)(void);

static const function functions[] = {
	(function)sp_nn_conv,
	(function)sp_nn_conv_patches,
	(function)sp_nn_conv_columns,
	(function)sp_nn_dense,
	(function)sp_nn_depthwise,
	(function)sp_nn_depthwise_pair,
	(function)sp_nn_depthwise_strips,
	(function)sp_nn_conv_depthwise,
	(function)sp_nn_average_pool,
	(function)sp_nn_max_pool,
	(function)sp_nn_mean,
	(function)sp_nn_add,
	(function)sp_nn_add_tables,
	(function)sp_nn_mul,
	(function)sp_nn_pad,
	(function)sp_nn_softmax,
	(function)sp_nn_lut,
	(function)sp_nn_keep,
	(function)sp_nn_queue,
	(function)sp_nn_filter_any,
	(function)sp_nn_filter_3_1,
	(function)sp_nn_filter_3_2,
	(function)sp_nn_filter_5_1,
	(function)sp_nn_filter_5_2,
};

static int failures;
/* most that a call took */
static unsigned long stack_bytes;
static unsigned long stream_stack_bytes;

static int load(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t count;

	if (file == NULL) {
		printf("%s cannot be opened\n", path);
		return -1;
	}
	count = fread(IMAGE, 1, IMAGE_BYTES, file);
	fclose(file);

	return count < sizeof(struct image) || count == IMAGE_BYTES ? -1 : 0;
}

struct invocation {
	const struct sp_nn_network *network;
	int8_t *arena;
};

static void invoke(void *argument)
{
	const struct invocation *invocation = argument;

	sp_nn_invoke(invocation->network, invocation->arena);
}

struct hop {
	const struct sp_nn_stream *stream;
	int8_t *arena;
	const int8_t *ring;
	uint16_t first;
	uint16_t fresh;
};

static void take(void *argument)
{
	const struct hop *hop = argument;

	sp_nn_stream_window(hop->stream, hop->arena, hop->ring, hop->first, hop->fresh);
}

static void check(const char *kind, uint32_t number, uint32_t window,
		  const struct sp_nn_network *network, const int8_t *arena, uint32_t arena_bytes,
		  const int8_t *outputs)
{
	const int8_t *expected = outputs + window * network->output_bytes;
	const int8_t *output = arena + network->output_offset;

	for (uint32_t i = 0; i < network->output_bytes; i++) {
		if (output[i] != expected[i]) {
			printf("%s %lu window %lu output %lu is %d, not %d\n", kind,
			       (unsigned long)number, (unsigned long)window, (unsigned long)i,
			       output[i], expected[i]);
			failures++;
			break;
		}
	}
	for (uint32_t i = 0; i < GUARD; i++) {
		if (arena[arena_bytes + i] != PAINT) {
			printf("%s %lu writes behind its arena\n", kind, (unsigned long)number);
			failures++;
			break;
		}
	}
}

static void run(uint32_t number, const struct test *test, int8_t *arena)
{
	const struct sp_nn_network *network = test->network;
	struct invocation invocation = {network, arena};

	for (uint32_t window = 0; window < test->windows; window++) {
		unsigned long used;

		memset(arena, PAINT, network->arena_bytes + GUARD);
		memcpy(arena + network->input_offset, test->inputs + window * network->input_bytes,
		       network->input_bytes);
		used = sp_count_stack(invoke, &invocation);
		stack_bytes = used > stack_bytes ? used : stack_bytes;
		check("test", number, window, network, arena, network->arena_bytes, test->outputs);
	}
}

static void run_stream(uint32_t number, const struct stream_test *test, int8_t *arena, int8_t *ring)
{
	const struct sp_nn_stream *stream = test->stream;
	const uint32_t kept = stream->kept_bytes;
	const int8_t *column = test->columns;
	uint16_t next = 0;

	memset(arena, PAINT, kept);
	for (uint32_t window = 0; window < test->windows; window++) {
		struct hop hop = {stream, arena, ring, 0, test->fresh[window]};
		unsigned long used;

		for (uint16_t i = 0; i < hop.fresh; i++) {
			memcpy(ring + next * stream->column_bytes, column, stream->column_bytes);
			column += stream->column_bytes;
			next = (uint16_t)((next + 1) % stream->window);
		}
		/* nobody needs what is not kept */
		memset(arena + kept, PAINT, stream->arena_bytes + GUARD - kept);
		hop.first = next;
		used = sp_count_stack(take, &hop);
		stream_stack_bytes = used > stream_stack_bytes ? used : stream_stack_bytes;
		check("stream", number, window, &stream->head, arena, stream->arena_bytes,
		      test->outputs);
	}
}

static void count_steps(const char *kind, uint32_t number, const struct sp_nn_network *network,
			int8_t *arena)
{
	for (uint16_t i = 0; i < network->step_count; i++) {
		const struct sp_nn_step *step = &network->steps[i];
		const uint32_t start = sp_count_start();

		step->kernel(step, arena);
		printf("%s %lu step %u instructions %lu\n", kind, (unsigned long)number, i,
		       sp_count_since(start));
	}
}

int main(int argc, char **argv)
{
	const struct image *image = (const struct image *)IMAGE;

	if (argc != 2 || load(argv[1]) < 0) {
		printf("usage: networks FILE, an image of less than %u bytes\n", IMAGE_BYTES);
		return 2;
	}
	for (uint32_t i = 0; i < image->patch_count; i++) {
		const struct patch *patch = &image->patches[i];

		*patch->at = (uint32_t)functions[patch->function];
	}
	for (uint32_t i = 0; i < image->test_count; i++) {
		run(i, &image->tests[i], image->arena);
	}
	for (uint32_t i = 0; i < image->stream_count; i++) {
		run_stream(i, &image->streams[i], image->arena, image->ring);
	}
	for (uint32_t i = 0; i < image->counted; i++) {
		count_steps("test", i, image->tests[i].network, image->arena);
	}
	for (uint32_t i = 0; i < image->stream_count; i++) {
		count_steps("body", i, &image->streams[i].stream->body, image->arena);
		count_steps("head", i, &image->streams[i].stream->head, image->arena);
	}
	printf("stack bytes %lu\n", stack_bytes);
	printf("stream stack bytes %lu\n", stream_stack_bytes);
	printf("tests %lu failures %d\n", (unsigned long)(image->test_count + image->stream_count),
	       failures);

	return failures == 0 ? 0 : 1;
}
