/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <soundpost/settings.h>

static void test_defaults_are_valid(void **state)
{
	struct sp_settings settings;

	(void)state;
	sp_settings_defaults(&settings);
	assert_int_equal(sp_settings_validate(&settings), 0);
}

static void test_every_key_is_set_at_its_limits_and_refused_beyond(void **state)
{
	(void)state;
	for (int i = 0; i < sp_settings_count(); i++) {
		const struct sp_setting_info *info = sp_settings_info(i);
		struct sp_settings settings;
		int16_t value;

		sp_settings_defaults(&settings);
		/* hysteresis_pct must be under unknown_pct: leave it room */
		settings.unknown_pct = 100;
		settings.hysteresis_pct = 0;
		assert_int_equal(sp_settings_set(&settings, info->key, info->min), 0);
		assert_int_equal(sp_settings_get(&settings, info->key, &value), 0);
		assert_int_equal(value, info->min);
		assert_int_equal(sp_settings_set(&settings, info->key, info->max), 0);
		assert_int_equal(sp_settings_set(&settings, info->key, info->max + 1), -ERANGE);
		assert_int_equal(sp_settings_set(&settings, info->key, info->min - 1), -ERANGE);
		assert_int_equal(sp_settings_get(&settings, info->key, &value), 0);
		assert_int_equal(value, info->max);
		assert_int_equal(sp_settings_validate(&settings), 0);
	}
}

static void test_keys_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < sp_settings_count(); i++) {
		for (int j = 0; j < i; j++) {
			assert_int_not_equal(sp_settings_info(i)->key, sp_settings_info(j)->key);
		}
	}
	assert_null(sp_settings_info(-1));
	assert_null(sp_settings_info(sp_settings_count()));
}

static void test_unknown_key_and_clash_change_nothing(void **state)
{
	struct sp_settings settings;

	(void)state;
	sp_settings_defaults(&settings);
	assert_int_equal(sp_settings_set(&settings, 0, 1), -ENOENT);
	assert_int_equal(sp_settings_set(&settings, 255, 1), -ENOENT);
	assert_int_equal(sp_settings_set(&settings, 8, settings.hysteresis_pct), -ERANGE);
	assert_int_equal(settings.unknown_pct, sp_settings_info(7)->def);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_valid),
		cmocka_unit_test(test_every_key_is_set_at_its_limits_and_refused_beyond),
		cmocka_unit_test(test_keys_are_unique),
		cmocka_unit_test(test_unknown_key_and_clash_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
