/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <soundpost/level.h>

static const struct sp_level_config config = {.full_scale_cdb = 12000, .under_range_cdb = 3000};

typedef int16_t (*source)(uint32_t i, uint32_t parameter);

static int16_t square(uint32_t i, uint32_t half_period)
{
	return i / half_period % 2 == 0 ? INT16_MAX : INT16_MIN;
}

static int16_t constant(uint32_t i, uint32_t value)
{
	(void)i;

	return (int16_t)value;
}

/* Full scale with the sign of a pseudo-random bit. */
static int16_t random_sign(uint32_t i, uint32_t seed)
{
	uint32_t x = (i + seed) * 2654435761U;

	x = (x ^ (x >> 15)) * 2246822519U;

	return (x >> 16) % 2 == 0 ? INT16_MAX : INT16_MIN;
}

static void feed(struct sp_level *level, source source, uint32_t parameter, uint32_t seconds)
{
	int16_t pcm[SP_LEVEL_COUNT_MAX];
	struct sp_fast fast;

	for (uint32_t start = 0; start < seconds * SP_SAMPLE_RATE_HZ; start += SP_LEVEL_COUNT_MAX) {
		for (uint32_t i = 0; i < SP_LEVEL_COUNT_MAX; i++) {
			pcm[i] = source(start + i, parameter);
		}
		assert_int_equal(sp_level_process(level, pcm, SP_LEVEL_COUNT_MAX, &fast), 1);
	}
}

/* The greatest any linear filter of these gains can make of full scale is below 126 dB; so is
 * SP_LEVEL_NONE.
 */
static void assert_plausible(const struct sp_level_summary *summary)
{
	const int32_t levels[] = {summary->laeq,  summary->lafmax, summary->lafmin, summary->laf10,
				  summary->laf50, summary->laf90,  summary->lceq,   summary->lzeq};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		assert_true(levels[i] < 12600);
	}
	for (int i = 0; i < SP_OCTAVE_BANDS; i++) {
		assert_true(summary->lzeq_octave[i] < 12600);
	}
}

static void test_full_scale_squares_of_any_period_do_not_overflow(void **state)
{
	/* alternating samples, a period of each octave band, and steps as slow as the high passes
	 */
	const uint32_t half_periods[] = {1,  2,	  3,   4,   5,	 8,   11,   16,	  32,	64,
					 75, 128, 256, 392, 400, 777, 1000, 4000, 16000};
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	for (size_t i = 0; i < sizeof(half_periods) / sizeof(half_periods[0]); i++) {
		assert_int_equal(sp_level_init(&level, &config), 0);
		feed(&level, square, half_periods[i], 2);
		sp_level_summarize(&level, &summary);
		assert_plausible(&summary);
		assert_true(summary.overload);
	}
}

static void test_random_full_scale_does_not_overflow(void **state)
{
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	assert_int_equal(sp_level_init(&level, &config), 0);
	for (uint32_t seed = 0; seed < 5; seed++) {
		feed(&level, random_sign, seed * 100000, 2);
		sp_level_summarize(&level, &summary);
		assert_plausible(&summary);
		/* white noise at full scale has 3.01 dB more than a sine */
		assert_true(abs(summary.lzeq - 12301) <= 2);
	}
}

static void test_constant_input_falls_silent(void **state)
{
	const int16_t values[] = {INT16_MIN, -1, 0, 1, INT16_MAX};
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(sp_level_init(&level, &config), 0);
		feed(&level, constant, (uint32_t)values[i], 10);
		sp_level_summarize(&level, &summary);
		feed(&level, constant, (uint32_t)values[i], 1);
		sp_level_summarize(&level, &summary);
		assert_true(summary.laeq < 0);
		assert_true(summary.lzeq < 0);
		assert_true(summary.under_range);
		assert_int_equal(summary.overload,
				 values[i] == INT16_MIN || values[i] == INT16_MAX);
	}
}

static void test_silence_from_the_start_has_no_level(void **state)
{
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	assert_int_equal(sp_level_init(&level, &config), 0);
	feed(&level, constant, 0, 1);
	sp_level_summarize(&level, &summary);
	assert_int_equal(summary.samples, SP_SAMPLE_RATE_HZ);
	assert_int_equal(summary.laeq, SP_LEVEL_NONE);
	assert_int_equal(summary.lceq, SP_LEVEL_NONE);
	assert_int_equal(summary.lzeq, SP_LEVEL_NONE);
	assert_int_equal(summary.lafmax, SP_LEVEL_NONE);
	assert_int_equal(summary.lafmin, SP_LEVEL_NONE);
	assert_int_equal(summary.laf90, SP_LEVEL_NONE);
	assert_int_equal(summary.lzeq_octave[0], SP_LEVEL_NONE);
	assert_true(summary.under_range);
	assert_false(summary.overload);
}

static void test_empty_interval_has_no_level(void **state)
{
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	assert_int_equal(sp_level_init(&level, &config), 0);
	sp_level_summarize(&level, &summary);
	assert_int_equal(summary.samples, 0);
	assert_int_equal(summary.laeq, SP_LEVEL_NONE);
	assert_int_equal(summary.lafmin, SP_LEVEL_NONE);
	assert_int_equal(summary.laf10, SP_LEVEL_NONE);
	assert_int_equal(summary.lzeq_octave[7], SP_LEVEL_NONE);
	assert_false(summary.overload);
	assert_false(summary.under_range);
}

static void test_overload_is_the_end_of_the_range_and_no_less(void **state)
{
	const struct {
		int16_t value;
		bool overload;
	} cases[] = {{INT16_MAX, true},
		     {INT16_MIN, true},
		     {INT16_MAX - 1, false},
		     {INT16_MIN + 1, false}};
	int16_t pcm[SP_LEVEL_COUNT_MAX];
	struct sp_level level;
	struct sp_level_summary summary;
	struct sp_fast fast;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* neighbours whose bits make up those of full scale */
		for (uint32_t n = 0; n < SP_LEVEL_COUNT_MAX; n++) {
			pcm[n] = n % 2 == 0 ? 0x5555 : 0x2aaa;
		}
		pcm[1234] = cases[i].value;
		assert_int_equal(sp_level_init(&level, &config), 0);
		assert_int_equal(sp_level_process(&level, pcm, SP_LEVEL_COUNT_MAX, &fast), 1);
		sp_level_summarize(&level, &summary);
		assert_int_equal(summary.overload, cases[i].overload);
	}
}

static void test_bad_arguments_change_nothing(void **state)
{
	const struct sp_level_config bad[] = {{.full_scale_cdb = 30001},
					      {.full_scale_cdb = -30001},
					      {.under_range_cdb = 30001},
					      {.under_range_cdb = -30001}};
	struct sp_level level;
	struct sp_level before;
	struct sp_fast fast;
	int16_t pcm[SP_LEVEL_COUNT_MAX + 1] = {0};

	(void)state;
	assert_int_equal(sp_level_init(&level, &config), 0);
	memcpy(&before, &level, sizeof(level));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(sp_level_init(&level, &bad[i]), -ERANGE);
		assert_int_equal(sp_level_set_config(&level, &bad[i]), -ERANGE);
	}
	assert_int_equal(sp_level_process(&level, pcm, SP_LEVEL_COUNT_MAX + 1, &fast), -EINVAL);
	assert_int_equal(sp_level_process(&level, pcm, 0, &fast), 0);
	assert_memory_equal(&level, &before, sizeof(level));
}

static void test_an_interval_ends_after_an_hour(void **state)
{
	struct sp_level level;
	struct sp_level_summary summary;

	(void)state;
	assert_int_equal(sp_level_init(&level, &config), 0);
	level.fasts = SP_LEVEL_FAST_MAX - 4;
	feed(&level, square, 2, 1);
	sp_level_summarize(&level, &summary);
	assert_int_equal(summary.samples, 3600 * SP_SAMPLE_RATE_HZ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_scale_squares_of_any_period_do_not_overflow),
		cmocka_unit_test(test_random_full_scale_does_not_overflow),
		cmocka_unit_test(test_constant_input_falls_silent),
		cmocka_unit_test(test_silence_from_the_start_has_no_level),
		cmocka_unit_test(test_empty_interval_has_no_level),
		cmocka_unit_test(test_overload_is_the_end_of_the_range_and_no_less),
		cmocka_unit_test(test_bad_arguments_change_nothing),
		cmocka_unit_test(test_an_interval_ends_after_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
