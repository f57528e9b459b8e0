/* SPDX-License-Identifier: Apache-2.0 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <soundpost/fixed.h>

static void check_log2(uint64_t x)
{
	const double got = sp_log2_q24(x) / 16777216.0;
	const double error = got - log2((double)x);

	assert_true(fabs(error) < 0.0002);
}

static void test_log2_holds_its_bound_over_all_magnitudes(void **state)
{
	(void)state;
	for (uint64_t x = 1; x < 100000; x++) {
		check_log2(x);
	}
	for (int bit = 17; bit < 64; bit++) {
		for (int i = 0; i < 1000; i++) {
			check_log2((UINT64_C(1) << bit) + ((UINT64_C(1) << bit) / 1000) * i);
		}
	}
	check_log2(UINT64_MAX);
}

static void test_log2_is_exact_at_powers_of_two(void **state)
{
	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		assert_int_equal(sp_log2_q24(UINT64_C(1) << bit), bit << 24);
	}
}

static void test_log2_of_zero_is_named(void **state)
{
	(void)state;
	assert_int_equal(sp_log2_q24(0), SP_LOG2_ZERO);
	assert_int_equal(sp_energy_to_cdb(0), SP_LOG2_ZERO);
}

static void test_energy_to_cdb_is_within_one_cdb(void **state)
{
	(void)state;
	for (uint64_t x = 1; x < UINT64_MAX / 3; x = x * 3 / 2 + 1) {
		const double error = sp_energy_to_cdb(x) - 1000.0 * log10((double)x);

		assert_true(fabs(error) < 1.0);
	}
}

static void test_saturation(void **state)
{
	(void)state;
	assert_int_equal(sp_sat8(128), 127);
	assert_int_equal(sp_sat8(-129), -128);
	assert_int_equal(sp_sat8(-5), -5);
	assert_int_equal(sp_mulhi(INT32_MIN, INT32_MIN), 1 << 30);
	assert_int_equal(sp_mulhi(-1, 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log2_holds_its_bound_over_all_magnitudes),
		cmocka_unit_test(test_log2_is_exact_at_powers_of_two),
		cmocka_unit_test(test_log2_of_zero_is_named),
		cmocka_unit_test(test_energy_to_cdb_is_within_one_cdb),
		cmocka_unit_test(test_saturation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
