/* SPDX-License-Identifier: Apache-2.0 */

/* Extremes, errors and the agreement of stream and recording; what the columns are worth is
 * compared with librosa in tests/test_frontend.py.
 */

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <soundpost/frontend.h>

#define BANDS	    8
#define SAMPLES	    (20 * SP_FFT_MAX)
#define COLUMNS_MAX (SAMPLES / 50)

static const double pi = 3.14159265358979323846;

/* Tables with triangles of equal width, and what they point to. */
static int16_t window[SP_FFT_MAX / 2 + 1];
static struct sp_twiddle twiddles[3 * SP_FFT_MAX / 8];
static struct sp_twiddle split[SP_FFT_MAX / 4 + 1];
static uint16_t segments[SP_BANDS_MAX + 1];
static uint16_t weights[SP_FFT_MAX / 2];
static int16_t gains_q8[SP_BANDS_MAX];

static int16_t pcm[SAMPLES];
static struct sp_frontend frontend;
static int16_t history[SP_FFT_MAX];
static uint64_t scratch[SP_FRONTEND_SCRATCH_BYTES(SP_FFT_MAX) / sizeof(uint64_t)];
static struct sp_frontend_batch batch;
static int8_t streamed[COLUMNS_MAX * BANDS];
static int8_t together[COLUMNS_MAX * BANDS];

static double saturated(double value, double greatest)
{
	return fmin(rint(value), greatest);
}

static struct sp_twiddle twiddle(double turns)
{
	return (struct sp_twiddle){
		.re = (int32_t)saturated(ldexp(cos(2 * pi * turns), 31), INT32_MAX),
		.im = (int32_t)saturated(ldexp(-sin(2 * pi * turns), 31), INT32_MAX),
	};
}

static struct sp_frontend_tables make_tables(uint16_t fft_size, uint16_t hop)
{
	const int n = fft_size / 2;
	const int width = n / (BANDS + 1);

	for (int i = 0; i <= n; i++) {
		const double value = 0.5 - 0.5 * cos(pi * i / n);

		window[i] = (int16_t)saturated(ldexp(value, 15), INT16_MAX);
	}
	for (int k = 0; k < n / 4; k++) {
		for (int power = 1; power <= 3; power++) {
			twiddles[3 * k + power - 1] = twiddle((double)power * k / n);
		}
	}
	for (int k = 0; k <= n / 2; k++) {
		split[k] = twiddle((double)k / fft_size);
	}
	for (int band = 0; band <= BANDS; band++) {
		segments[band] = (uint16_t)width;
		for (int i = 0; i < width; i++) {
			weights[band * width + i] = (uint16_t)((i << 15) / width);
		}
	}

	return (struct sp_frontend_tables){
		.fft_size = fft_size,
		.hop = hop,
		.bands = BANDS,
		.window = window,
		.twiddles = twiddles,
		.split = split,
		.segments = segments,
		.weights = weights,
		.gains_q8 = gains_q8,
		/* full-scale direct current, n^2, is the highest step */
		.zero_q8 = (int32_t)lround(256 * (127 - 2 * 20 * log10(n))),
	};
}

static int init(const struct sp_frontend_tables *tables)
{
	return sp_frontend_init(&frontend, tables, history, scratch);
}

static uint32_t stream(const struct sp_frontend_tables *tables, uint32_t count)
{
	uint32_t columns = 0;

	assert_int_equal(init(tables), 0);
	for (uint32_t i = 0; i + tables->hop <= count; i += tables->hop) {
		columns += (uint32_t)sp_frontend_process(&frontend, pcm + i,
							 streamed + columns * BANDS);
	}

	return columns;
}

enum signal {
	LOWEST,
	HIGHEST,
	ALTERNATING,
	SQUARE,
	SIGNS,
	NOISE,
	SILENCE,
	SIGNALS,
};

static void fill(enum signal signal)
{
	uint32_t seed = 1;

	for (int i = 0; i < SAMPLES; i++) {
		seed = seed * 1664525u + 1013904223u;
		switch (signal) {
		case LOWEST:
			pcm[i] = INT16_MIN;
			break;
		case HIGHEST:
			pcm[i] = INT16_MAX;
			break;
		case ALTERNATING:
			pcm[i] = i % 2 != 0 ? INT16_MAX : INT16_MIN;
			break;
		case SQUARE:
			pcm[i] = i / 37 % 2 != 0 ? INT16_MAX : INT16_MIN;
			break;
		case SIGNS:
			pcm[i] = seed >> 31 != 0 ? INT16_MAX : INT16_MIN;
			break;
		case NOISE:
			pcm[i] = (int16_t)((int32_t)(seed >> 16) - 32768);
			break;
		default:
			pcm[i] = 0;
			break;
		}
	}
}

static void test_recording_gives_the_columns_of_its_stream(void **state)
{
	static const uint16_t hops[][2] = {
		{128, 128}, {128, 50}, {256, 128}, {256, 101}, {512, 320}, {1024, 512}, {1024, 777},
	};
	static const uint32_t counts[] = {0, 1, 127, 1023, 1024, 5555, SAMPLES};

	(void)state;
	for (size_t h = 0; h < sizeof(hops) / sizeof(hops[0]); h++) {
		const struct sp_frontend_tables tables = make_tables(hops[h][0], hops[h][1]);

		for (int signal = 0; signal < SIGNALS; signal++) {
			fill((enum signal)signal);
			for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
				const uint32_t columns = stream(&tables, counts[c]);

				assert_int_equal(sp_frontend_columns(&tables, pcm, counts[c],
								     &batch, together),
						 columns);
				assert_memory_equal(together, streamed, columns * BANDS);
			}
		}
	}
}

static void test_direct_current_at_full_scale_is_the_highest_step(void **state)
{
	(void)state;
	for (uint16_t size = SP_FFT_MIN; size <= SP_FFT_MAX; size *= 2) {
		struct sp_frontend_tables tables = make_tables(size, size);

		/* the first bin alone, and the next ones */
		segments[0] = 0;
		segments[1] = 1;
		weights[0] = 0;
		fill(LOWEST);
		stream(&tables, size);
		assert_int_equal(streamed[0], 127);
		fill(SILENCE);
		stream(&tables, size);
		assert_int_equal(streamed[0], INT8_MIN);
	}
}

static void test_tables_that_do_not_fit_are_refused(void **state)
{
	struct sp_frontend_tables tables;

	(void)state;
	tables = make_tables(SP_FFT_MAX, SP_FFT_MAX);
	assert_int_equal(init(&tables), 0);
	tables.fft_size = SP_FFT_MIN / 2;
	assert_int_equal(init(&tables), -EINVAL);
	tables.fft_size = 2 * SP_FFT_MAX;
	assert_int_equal(init(&tables), -EINVAL);
	tables.fft_size = 1000;
	assert_int_equal(init(&tables), -EINVAL);
	tables = make_tables(512, 0);
	assert_int_equal(init(&tables), -EINVAL);
	tables.hop = 513;
	assert_int_equal(init(&tables), -EINVAL);
	tables = make_tables(512, 512);
	tables.bands = 0;
	assert_int_equal(init(&tables), -EINVAL);
	tables.bands = SP_BANDS_MAX + 1;
	assert_int_equal(init(&tables), -EINVAL);
	tables.bands = BANDS;
	tables.first_bin = 257 - BANDS;
	assert_int_equal(init(&tables), -EINVAL);
}

static void test_window_unrolls_the_ring_and_subtracts_its_mean(void **state)
{
	/* mean 1.5, which rounds up to 2 */
	const int8_t columns[] = {-128, 127, 4, 3};
	int8_t input[4];

	(void)state;
	sp_frontend_window(columns, 2, 2, 1, SP_NORMALISATION_WINDOW_MEAN, input);
	assert_int_equal(input[0], 2);
	assert_int_equal(input[1], 1);
	assert_int_equal(input[2], -128);
	assert_int_equal(input[3], 125);
}

static void test_window_without_normalisation_is_the_ring_in_order(void **state)
{
	const int8_t columns[] = {-128, 127, 4, 3, 9, -9};
	const int8_t newest_first[] = {9, -9, -128, 127, 4, 3};
	int8_t input[6];

	(void)state;
	sp_frontend_window(columns, 3, 2, 2, SP_NORMALISATION_NONE, input);
	assert_memory_equal(input, newest_first, sizeof(input));
	sp_frontend_window(columns, 3, 2, 0, SP_NORMALISATION_NONE, input);
	assert_memory_equal(input, columns, sizeof(input));
}

static void test_running_mean_is_that_of_the_columns_so_far(void **state)
{
	int8_t columns[] = {-128, 127, 4, 4, 2, -120, 127, 127};
	/* means -0.5, 1.75, then of two columns -27.5 and 34; all half up */
	const int8_t less[] = {-128, 127, 2, 2, 29, -93, 93, 93};
	int16_t sums[2];
	struct sp_running_mean mean;

	(void)state;
	sp_running_mean_init(&mean, sums, 2, 2);
	sp_running_mean_process(&mean, columns, 1);
	sp_running_mean_process(&mean, columns + 2, 3);
	assert_memory_equal(columns, less, sizeof(less));
}

static void test_window_after_a_running_mean_is_the_ring_in_order(void **state)
{
	const int8_t columns[] = {-128, 127, 4, 3};
	const int8_t newest_first[] = {4, 3, -128, 127};
	int8_t input[4];

	(void)state;
	sp_frontend_window(columns, 2, 2, 1, SP_NORMALISATION_RUNNING_MEAN, input);
	assert_memory_equal(input, newest_first, sizeof(input));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recording_gives_the_columns_of_its_stream),
		cmocka_unit_test(test_direct_current_at_full_scale_is_the_highest_step),
		cmocka_unit_test(test_tables_that_do_not_fit_are_refused),
		cmocka_unit_test(test_window_unrolls_the_ring_and_subtracts_its_mean),
		cmocka_unit_test(test_window_without_normalisation_is_the_ring_in_order),
		cmocka_unit_test(test_running_mean_is_that_of_the_columns_so_far),
		cmocka_unit_test(test_window_after_a_running_mean_is_the_ring_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
