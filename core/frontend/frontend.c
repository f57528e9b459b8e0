/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

#include "fft.h"

/* After the FFT a bin's components lie in +-2^24, full-scale DC being 2^24: squares summed over a
 * whole spectrum (at most 1.75 times that bin's) and weighted in Q15 then still fit 64 bits.
 */
#define BIN_BITS    24
#define WEIGHT_BITS 15

/* 20 log10(2), steps of 0.5 dB an octave of power, in Q24 */
#define STEPS_PER_OCTAVE_Q24 101008914

/** A segment's power, and its power weighted by the rising weights in Q15. */
struct segment {
	uint64_t sum;
	uint64_t rising;
};

int sp_frontend_init(struct sp_frontend *frontend, const struct sp_frontend_tables *tables)
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

	*frontend = (struct sp_frontend){.tables = tables};

	return 0;
}

/* The power of bins in one segment. */
static struct segment segment_power(const int32_t *bins, const uint16_t *weights, uint16_t count)
{
	struct segment segment = {0, 0};

	for (uint16_t i = 0; i < count; i++) {
		const int64_t re = bins[2 * i];
		const int64_t im = bins[2 * i + 1];
		const uint64_t power = (uint64_t)(re * re + im * im);

		segment.sum += power;
		segment.rising += power * weights[i];
	}

	return segment;
}

/* A band's power to a step of 0.5 dB; zero_q8 is the step of a weighted power of 2^0. */
static int8_t quantise(uint64_t power, int32_t zero_q8)
{
	if (power == 0) {
		return INT8_MIN;
	}

	const int64_t steps_q8 =
		((int64_t)sp_log2_q24(power) * STEPS_PER_OCTAVE_Q24 + (INT64_C(1) << 39)) >> 40;

	return sp_sat8(((int32_t)steps_q8 + zero_q8 + (1 << 7)) >> 8);
}

static void mel_column(const struct sp_frontend_tables *tables, const int32_t *bins, int8_t *column)
{
	const uint16_t *weights = tables->weights;
	/* Powers carry (fft_size / 2)^2 less than librosa's, and 2^(2 BIN_BITS + WEIGHT_BITS) more. */
	const int32_t octaves =
		2 * (31 - __builtin_clz(tables->fft_size / 2u)) - 2 * BIN_BITS - WEIGHT_BITS;
	const int32_t zero_q8 =
		tables->zero_q8 +
		(int32_t)(((int64_t)octaves * STEPS_PER_OCTAVE_Q24 + (1 << 15)) >> 16);
	struct segment left;

	bins += 2 * tables->first_bin;
	left = segment_power(bins, weights, tables->segments[0]);
	for (uint16_t band = 0; band < tables->bands; band++) {
		bins += 2 * tables->segments[band];
		weights += tables->segments[band];

		const struct segment right =
			segment_power(bins, weights, tables->segments[band + 1]);
		const uint64_t falling = (right.sum << WEIGHT_BITS) - right.rising;

		column[band] = quantise(left.rising + falling, zero_q8 + tables->gains_q8[band]);
		left = right;
	}
}

int sp_frontend_process(struct sp_frontend *frontend, const int16_t *pcm, int8_t *column)
{
	const struct sp_frontend_tables *tables = frontend->tables;
	const uint16_t size = tables->fft_size;
	const uint16_t hop = tables->hop;

	memmove(frontend->history, frontend->history + hop, (size - hop) * sizeof(*pcm));
	memcpy(frontend->history + size - hop, pcm, hop * sizeof(*pcm));
	if (frontend->filled < size) {
		frontend->filled = frontend->filled + hop < size ? frontend->filled + hop : size;
		if (frontend->filled < size) {
			return 0;
		}
	}

	sp_fft_real(tables, frontend->history, BIN_BITS, frontend->work);
	mel_column(tables, frontend->work, column);

	return 1;
}

void sp_frontend_window(const int8_t *columns, uint16_t count, uint16_t bands, uint16_t oldest,
			int8_t *input)
{
	const int32_t size = (int32_t)count * bands;
	int32_t sum = 0;

	for (int32_t i = 0; i < size; i++) {
		sum += columns[i];
	}

	/* floor(sum / size + 1 / 2), with a shift of the range that keeps the dividend positive */
	const int32_t mean = (2 * (sum + 128 * size) + size) / (2 * size) - 128;

	for (uint16_t i = 0; i < count; i++) {
		const uint16_t from = oldest + i < count ? oldest + i : oldest + i - count;
		const int8_t *column = columns + from * bands;

		for (uint16_t band = 0; band < bands; band++) {
			*input++ = sp_sat8(column[band] - mean);
		}
	}
}
