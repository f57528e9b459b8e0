/* SPDX-License-Identifier: Apache-2.0 */

/* Counts instructions of each stage, a line `name count` a figure, and prints the outputs for the
 * windows of the file windows.bin.
 */

#include <stdint.h>
#include <stdio.h>

#include "bench_512_tables.h"
#include "bench_1024_tables.h"
#include "count.h"
#include "model.h"

#define COLUMNS 16
#define SECONDS 8
#define WINDOWS 8
#define RUNS	16

static int8_t arena[SP_MODEL_ARENA_BYTES > SP_MODEL_NETWORK_ARENA_BYTES
			    ? SP_MODEL_ARENA_BYTES
			    : SP_MODEL_NETWORK_ARENA_BYTES] __attribute__((aligned(8)));
static int8_t columns[SP_MODEL_WINDOW * SP_MODEL_BANDS];
static int16_t history[SP_MODEL_HISTORY > SP_FFT_MAX ? SP_MODEL_HISTORY : SP_FFT_MAX];
static uint64_t scratch[SP_FRONTEND_SCRATCH_BYTES(SP_FFT_MAX) / sizeof(uint64_t)];
static int16_t pcm[SP_FFT_MAX];
static int8_t column[SP_BANDS_MAX];

static struct sp_frontend frontend;
static struct sp_level level;
static struct sp_sensor sensor;
static uint32_t seed = 1;

static void report(const char *name, uint64_t count)
{
	printf("%s %lu\n", name, (unsigned long)count);
}

/* Noise over 12 bits: loud enough for every stage to do all its work. */
static void next_noise(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		pcm[i] = (int16_t)((int32_t)seed >> 20);
	}
}

static void bench_column(const char *name, const struct sp_frontend_tables *tables)
{
	uint64_t total = 0;
	int made = 0;

	sp_frontend_init(&frontend, tables, history, scratch);
	while (made < COLUMNS) {
		uint32_t start;
		int ret;

		next_noise(tables->hop);
		start = sp_count_start();
		ret = sp_frontend_process(&frontend, pcm, column);
		if (ret > 0) {
			total += sp_count_since(start);
			made++;
		}
	}
	report(name, total / COLUMNS);
}

static void bench_level(void)
{
	const struct sp_level_config config = {.full_scale_cdb = 12000, .under_range_cdb = 3000};
	const uint32_t block = SP_MODEL_HOP;
	struct sp_fast fast;
	uint64_t total = 0;
	uint32_t blocks = 0;

	sp_level_init(&level, &config);
	for (; blocks * block < SECONDS * SP_SAMPLE_RATE_HZ; blocks++) {
		uint32_t start;

		next_noise(block);
		start = sp_count_start();
		sp_level_process(&level, pcm, block, &fast);
		total += sp_count_since(start);
	}
	report("level.instructions_per_second", total * SP_SAMPLE_RATE_HZ / (blocks * block));
}

static void fill_with_noise(int8_t *values, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		values[i] = (int8_t)(seed >> 24);
	}
}

static void invoke(void *network)
{
	sp_nn_invoke(network, arena);
}

static int bench_inference(void)
{
	const struct sp_nn_network *network = &SP_MODEL_NETWORK;
	FILE *file = fopen("windows.bin", "rb");

	if (file == NULL) {
		printf("windows.bin cannot be opened\n");
		return -1;
	}
	for (int window = 0; fread(arena + network->input_offset, 1, network->input_bytes, file) ==
			     network->input_bytes;
	     window++) {
		if (window == 0) {
			const uint32_t start = sp_count_start();

			sp_nn_invoke(network, arena);
			report("inference.instructions", sp_count_since(start));
		} else {
			report("inference.stack_bytes", sp_count_stack(invoke, (void *)network));
		}
		printf("output ");
		for (uint32_t i = 0; i < network->output_bytes; i++) {
			printf("%02x", (uint8_t)arena[network->output_offset + i]);
		}
		printf("\n");
	}
	fclose(file);

	return 0;
}

struct hop {
	const struct sp_nn_stream *stream;
	uint16_t first;
	uint16_t fresh;
};

static void take(void *argument)
{
	const struct hop *hop = argument;

	sp_nn_stream_window(hop->stream, arena, columns, hop->first, hop->fresh);
}

/* A hop of about half a window, as many whole chunks of columns as are nearest to that; the stack
 * is that of the whole window too.
 */
static void bench_streaming(void)
{
	const struct sp_nn_stream *stream = sp_model.stream;
	uint16_t half;
	uint32_t start;

	if (stream == NULL) {
		return;
	}
	half = (uint16_t)((stream->window + stream->columns) / (2 * stream->columns) *
			  stream->columns);

	struct hop whole = {stream, 0, stream->window};
	struct hop hop = {stream, half % stream->window, half};

	fill_with_noise(columns, sizeof(columns));
	report("streaming.stack_bytes", sp_count_stack(take, &whole));
	fill_with_noise(columns, (uint32_t)half * stream->column_bytes);
	start = sp_count_start();
	take(&hop);
	report("streaming.instructions", sp_count_since(start));
	report("streaming.stack_bytes", sp_count_stack(take, &hop));
	report("streaming.hop_columns", half);
	report("streaming.chunk_columns", stream->columns);
	report("streaming.arena_bytes", SP_MODEL_ARENA_BYTES);
	report("streaming.kept_bytes", stream->kept_bytes);
}

/* Each step alone, so that a small one does not hide behind the others. Kernels read and write
 * nothing but the arena: noise in all of it is input to any of them.
 */
static void bench_steps(const char *form, const struct sp_nn_network *network)
{
	for (uint16_t i = 0; i < network->step_count; i++) {
		const struct sp_nn_step *step = &network->steps[i];
		char name[sizeof("streaming.body.65535.instructions")];
		uint64_t total = 0;

		for (int run = 0; run < RUNS; run++) {
			uint32_t start;

			fill_with_noise(arena, network->arena_bytes);
			start = sp_count_start();
			step->kernel(step, arena);
			total += sp_count_since(start);
		}
		snprintf(name, sizeof(name), "%s.%u.instructions", form, i);
		report(name, total / RUNS);
	}
}

static void bench_pipeline(void)
{
	static const struct sp_sink sink;
	struct sp_engine engine;
	struct sp_settings settings;
	uint64_t total = 0;

	sp_engine_compiled(&engine, &sp_model, arena);
	sp_settings_defaults(&settings);
	settings.interval_s = 10;
	sp_sensor_init(&sensor, &engine, &settings, &sink, columns, history);
	/* the first window needs its columns: leave them out of the count */
	for (int hop = 0; hop < 2 * SP_MODEL_WINDOW; hop++) {
		next_noise(SP_MODEL_HOP);
		sp_sensor_push(&sensor, pcm);
	}

	const uint64_t from = sensor.samples;

	/* each window has its own hops, no more */
	for (int hop = 0; hop < WINDOWS * ((SP_MODEL_WINDOW + 1) / 2); hop++) {
		uint32_t start;

		next_noise(SP_MODEL_HOP);
		start = sp_count_start();
		sp_sensor_push(&sensor, pcm);
		total += sp_count_since(start);
	}
	report("pipeline.instructions_per_second",
	       total * SP_SAMPLE_RATE_HZ / (sensor.samples - from));
}

int main(void)
{
	bench_column("column.512.instructions", &sp_tables_bench_512);
	bench_column("column.1024.instructions", &sp_tables_bench_1024);
	bench_column("column.instructions", sp_model.tables);
	bench_level();
	if (bench_inference() < 0) {
		return 1;
	}
	bench_streaming();
	bench_pipeline();
	bench_steps("inference", &SP_MODEL_NETWORK);
	if (sp_model.stream != NULL) {
		bench_steps("streaming.body", &sp_model.stream->body);
		bench_steps("streaming.head", &sp_model.stream->head);
	}
	report("frontend.ram_bytes", sizeof(frontend) + SP_MODEL_HISTORY * sizeof(*history));
	report("level.ram_bytes", sizeof(level));
	report("detector.ram_bytes", sizeof(sensor.detector));
	report("uplink.ram_bytes", sizeof(sensor.uplink));
	report("sensor.ram_bytes", sizeof(sensor));
	report("inference.arena_bytes",
	       SP_ARENA_BYTES(SP_MODEL_NETWORK_ARENA_BYTES, 0, sp_model.tables->fft_size));

	return 0;
}
