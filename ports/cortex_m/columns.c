/* SPDX-License-Identifier: Apache-2.0 */

/* Makes the columns of recordings that tests/ports lays out in a file, on a board's own front end,
 * and holds them to what the file says: `columns FILE`. Then subtracts means of random columns, and
 * holds what is left to a plain loop. Prints a line a difference.
 *
 * The file is words of 32 bits: those of struct recording, its arrays in their order there, each
 * filled up to a word, and so on to the end.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

/* the boards' 16 MB of PSRAM, which nothing else uses */
#define FILE_AT	   ((uint32_t *)0x21000000)
#define FILE_BYTES 0x1000000

/* bytes that must stay as they are, around what a front end may write */
#define GUARD 8
#define PAINT 0x5A

struct recording {
	uint32_t fft_size;
	uint32_t hop;
	uint32_t bands;
	uint32_t first_bin;
	int32_t zero_q8;
	/* of all segments */
	uint32_t bins;
	uint32_t hops;
	uint32_t columns;
	/* window, twiddles, split, segments, weights, gains_q8, samples, columns */
	uint32_t arrays[];
};

static uint8_t history_room[GUARD + SP_FFT_MAX * sizeof(int16_t) + 2 * GUARD];
static uint8_t scratch_room[GUARD + SP_FRONTEND_SCRATCH_BYTES(SP_FFT_MAX) + GUARD]
	__attribute__((aligned(8)));
static uint8_t column_room[GUARD + SP_BANDS_MAX + GUARD];

static long load(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t count;

	if (file == NULL) {
		return -1;
	}
	count = fread(FILE_AT, 1, FILE_BYTES, file);
	fclose(file);

	return count < FILE_BYTES ? (long)count : -1;
}

/* An array of the file, and on to the next. */
static const void *take(const uint32_t **next, uint32_t bytes)
{
	const void *array = *next;

	*next += (bytes + sizeof(**next) - 1) / sizeof(**next);

	return array;
}

static int is_painted(const uint8_t *bytes)
{
	for (int i = 0; i < GUARD; i++) {
		if (bytes[i] != PAINT) {
			return 0;
		}
	}

	return 1;
}

/* Both ends of a room whose middle has so many bytes. */
static int is_guarded(const uint8_t *room, uint32_t bytes)
{
	return is_painted(room) && is_painted(room + GUARD + bytes);
}

/* All columns; the number of those that differ, with what it wrote where it may not as one. */
static int run(const struct sp_frontend_tables *tables, uint32_t number, const int16_t *pcm,
	       uint32_t hops, const int8_t *expected, uint32_t columns)
{
	/* every other history begins between two words */
	const uint32_t shift = number % 2 * sizeof(int16_t);
	const uint32_t history_bytes =
		SP_FRONTEND_HISTORY(tables->fft_size, tables->hop) * sizeof(int16_t);
	int8_t *column = (int8_t *)column_room + GUARD;
	struct sp_frontend frontend;
	uint32_t made = 0;
	int failures = 0;

	memset(history_room, PAINT, sizeof(history_room));
	memset(column_room, PAINT, sizeof(column_room));
	if (sp_frontend_init(&frontend, tables, (int16_t *)(history_room + GUARD + shift),
			     scratch_room + GUARD) < 0) {
		printf("recording %lu: its tables are refused\n", (unsigned long)number);
		return 1;
	}
	for (uint32_t hop = 0; hop < hops; hop++, pcm += tables->hop) {
		memset(scratch_room, PAINT, sizeof(scratch_room));
		if (sp_frontend_process(&frontend, pcm, column) == 1) {
			made++;
			if (memcmp(column, expected, tables->bands) != 0) {
				printf("recording %lu: column %lu differs\n", (unsigned long)number,
				       (unsigned long)(made - 1));
				failures++;
			}
			expected += tables->bands;
		}
		if (!is_guarded(scratch_room, SP_FRONTEND_SCRATCH_BYTES(tables->fft_size)) ||
		    !is_guarded(history_room + shift, history_bytes) ||
		    !is_guarded(column_room, tables->bands)) {
			printf("recording %lu: hop %lu writes beyond\n", (unsigned long)number,
			       (unsigned long)hop);
			failures++;
		}
	}
	if (made != columns) {
		printf("recording %lu: %lu columns, not %lu\n", (unsigned long)number,
		       (unsigned long)made, (unsigned long)columns);
		failures++;
	}

	return failures;
}

#define MEANS 2000
#define BYTES 300
#define BANDS 40
#define SPAN  8

static int8_t given[BYTES];
static uint8_t less_room[GUARD + BYTES + 4 + GUARD];
static uint32_t seed = 1;

static uint32_t below(uint32_t end)
{
	seed = seed * 1664525u + 1013904223u;

	return (seed >> 8) % end;
}

/* Values about a level, the highest and the lowest among them. */
static void fill(int8_t *values, uint32_t count)
{
	const int level = (int)below(256) - 128;
	const uint32_t spread = 1 + below(256);

	for (uint32_t i = 0; i < count; i++) {
		values[i] = sp_sat8(level + (int)below(2 * spread) - (int)spread);
	}
}

/* floor(mean + 1 / 2), by trying. */
static int mean_of(const int8_t *values, uint32_t count)
{
	int sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		sum += values[i];
	}
	for (int mean = -128;; mean++) {
		/* sum / count < mean + 1 / 2 */
		if (2 * sum < (2 * mean + 1) * (int)count) {
			return mean;
		}
	}
}

/* Whether so many values are those given from first on, around the ring, less a mean. */
static int is_less(const int8_t *values, const int8_t *ring, uint32_t count, uint32_t first,
		   int mean)
{
	for (uint32_t i = 0; i < count; i++) {
		if (values[i] != sp_sat8(ring[(first + i) % count] - mean)) {
			return 0;
		}
	}

	return 1;
}

/* A window, from any address to any address. */
static int run_window(void)
{
	const uint16_t bands = (uint16_t)(1 + below(BANDS));
	const uint16_t count = (uint16_t)(1 + below((BYTES - 4) / bands));
	const uint16_t oldest = (uint16_t)below(count);
	const uint32_t size = (uint32_t)count * bands;
	const int8_t *columns = given + below(4);
	uint8_t *room = less_room + below(4);

	fill(given, sizeof(given));
	memset(less_room, PAINT, sizeof(less_room));
	sp_frontend_window(columns, count, bands, oldest, SP_NORMALISATION_WINDOW_MEAN,
			   (int8_t *)room + GUARD);

	return is_guarded(room, size) && is_less((int8_t *)room + GUARD, columns, size,
						 (uint32_t)oldest * bands, mean_of(columns, size));
}

/* Columns in turn, each less the mean of up to span of them. */
static int run_running_mean(void)
{
	const uint16_t bands = (uint16_t)(1 + below(BANDS));
	const uint16_t span = (uint16_t)(1 + below(SPAN));
	const uint32_t count = 1 + below((BYTES - 4) / bands);
	uint8_t *room = less_room + below(4);
	int8_t *less = (int8_t *)room + GUARD;
	struct sp_running_mean mean;
	int16_t sums[SPAN];

	fill(given, sizeof(given));
	memset(less_room, PAINT, sizeof(less_room));
	memcpy(less, given, count * bands);
	sp_running_mean_init(&mean, sums, span, bands);
	sp_running_mean_process(&mean, less, count);
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t first = i < span ? 0 : i + 1 - span;
		const int8_t *column = given + i * bands;

		if (!is_less(less + i * bands, column, bands, 0,
			     mean_of(given + first * bands, (i + 1 - first) * bands))) {
			return 0;
		}
	}

	return is_guarded(room, count * bands);
}

static int run_means(void)
{
	int failures = 0;

	for (int i = 0; i < MEANS; i++) {
		if (!run_window()) {
			printf("window %d differs\n", i);
			failures++;
		}
		if (!run_running_mean()) {
			printf("running mean %d differs\n", i);
			failures++;
		}
	}

	return failures;
}

int main(int argc, char **argv)
{
	const long bytes = argc == 2 ? load(argv[1]) : -1;
	const uint32_t *next = FILE_AT;
	uint32_t count = 0;
	int failures = 0;

	if (bytes < 0) {
		printf("usage: columns FILE, of less than %u bytes\n", FILE_BYTES);
		return 2;
	}
	while (next < FILE_AT + (uint32_t)bytes / sizeof(*next)) {
		const struct recording *r = (const struct recording *)next;

		next = r->arrays;

		const struct sp_frontend_tables tables = {
			.fft_size = (uint16_t)r->fft_size,
			.hop = (uint16_t)r->hop,
			.bands = (uint16_t)r->bands,
			.first_bin = (uint16_t)r->first_bin,
			.zero_q8 = r->zero_q8,
			.window = take(&next, (r->fft_size / 2 + 1) * sizeof(int16_t)),
			.twiddles = take(&next, 3 * r->fft_size / 8 * sizeof(struct sp_twiddle)),
			.split = take(&next, (r->fft_size / 4 + 1) * sizeof(struct sp_twiddle)),
			.segments = take(&next, (r->bands + 1) * sizeof(uint16_t)),
			.weights = take(&next, r->bins * sizeof(uint16_t)),
			.gains_q8 = take(&next, r->bands * sizeof(int16_t)),
		};
		const int16_t *pcm = take(&next, r->hops * r->hop * sizeof(*pcm));
		const int8_t *expected = take(&next, r->columns * r->bands);

		failures += run(&tables, count++, pcm, r->hops, expected, r->columns);
	}
	failures += run_means();
	printf("recordings %lu failures %d\n", (unsigned long)count, failures);

	return failures == 0 ? 0 : 1;
}
