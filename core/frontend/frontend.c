/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

#include "dsp.h"

#if !FRONTEND_DSP
#define LANES 1
#include "column.h"
#endif

static void copy(void *to, const void *from, uint32_t bytes)
{
#if FRONTEND_DSP
	frontend_copy(to, from, bytes);
#else
	memcpy(to, from, bytes);
#endif
}

static void make_column(const struct sp_frontend_tables *tables, const int16_t *samples, void *bins,
			int8_t *column)
{
#if FRONTEND_DSP
	frontend_make_column(tables, samples, bins, column);
#else
	make_columns(tables, samples, bins, 1, column);
#endif
}

int sp_frontend_init(struct sp_frontend *frontend, const struct sp_frontend_tables *tables,
		     int16_t *history, void *scratch)
{
	const uint16_t size = tables->fft_size;

	if (size < SP_FFT_MIN || size > SP_FFT_MAX || (size & (size - 1)) != 0) {
		return -EINVAL;
	}
	if (tables->hop == 0 || tables->hop > size) {
		return -EINVAL;
	}
	if (tables->bands == 0 || tables->bands > SP_BANDS_MAX) {
		return -EINVAL;
	}

	uint32_t end = tables->first_bin;

	for (uint16_t i = 0; i <= tables->bands; i++) {
		end += tables->segments[i];
	}
	if (end > size / 2u + 1u) {
		return -EINVAL;
	}

	*frontend = (struct sp_frontend){
		.tables = tables,
		.history = history,
		.scratch = scratch,
	};

	return 0;
}

int sp_frontend_process(struct sp_frontend *frontend, const int16_t *pcm, int8_t *column)
{
	const struct sp_frontend_tables *tables = frontend->tables;
	const uint16_t size = tables->fft_size;
	const uint16_t hop = tables->hop;
	const uint16_t kept = size - hop;
	uint64_t *bins = frontend->scratch;
	int16_t *samples = (int16_t *)(bins + size / 2 + 1);

	copy(samples, frontend->history, kept * sizeof(*samples));
	copy(samples + kept, pcm, hop * sizeof(*samples));
	copy(frontend->history, samples + hop, kept * sizeof(*samples));
	if (frontend->filled < size) {
		frontend->filled = frontend->filled + hop < size ? frontend->filled + hop : size;
		if (frontend->filled < size) {
			return 0;
		}
	}

	make_column(tables, samples, bins, column);

	return 1;
}

/* mean is that of values like these. */
static void subtract(int8_t *values, uint32_t size, int32_t mean)
{
#if FRONTEND_DSP
	frontend_subtract(values, size, mean);
#else
	for (uint32_t i = 0; i < size; i++) {
		values[i] = sp_sat8(values[i] - mean);
	}
#endif
}

static int32_t sum_of(const int8_t *values, uint32_t size)
{
#if FRONTEND_DSP
	return frontend_sum(values, size);
#else
	int32_t sum = 0;

	for (uint32_t i = 0; i < size; i++) {
		sum += values[i];
	}

	return sum;
#endif
}

/* floor(sum / size + 1 / 2) */
static int32_t mean_of(int32_t sum, int32_t size)
{
	/* the range is shifted so that the dividend is positive */
	return (2 * (sum + 128 * size) + size) / (2 * size) - 128;
}

void sp_running_mean_init(struct sp_running_mean *mean, int16_t *sums, uint16_t span,
			  uint16_t bands)
{
	*mean = (struct sp_running_mean){
		.sums = sums,
		.span = span,
		.bands = bands,
	};
}

void sp_running_mean_process(struct sp_running_mean *mean, int8_t *columns, uint32_t count)
{
	for (int8_t *end = columns + count * mean->bands; columns < end; columns += mean->bands) {
		int16_t *oldest = &mean->sums[mean->next];

		if (mean->count < mean->span) {
			mean->count++;
		} else {
			mean->sum -= *oldest;
		}
		*oldest = (int16_t)sum_of(columns, mean->bands);
		mean->sum += *oldest;
		mean->next = (uint16_t)((mean->next + 1) % mean->span);
		subtract(columns, mean->bands, mean_of(mean->sum, mean->count * mean->bands));
	}
}

void sp_frontend_window(const int8_t *columns, uint16_t count, uint16_t bands, uint16_t oldest,
			enum sp_normalisation normalisation, int8_t *input)
{
	const uint32_t before = (uint32_t)oldest * bands;
	const uint32_t size = (uint32_t)count * bands;

	copy(input, columns + before, size - before);
	copy(input + (size - before), columns, before);
	if (normalisation != SP_NORMALISATION_WINDOW_MEAN || size == 0) {
		return;
	}

	subtract(input, size, mean_of(sum_of(columns, size), (int32_t)size));
}
