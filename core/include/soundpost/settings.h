/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Everything a user tunes, in one plain struct, with its ranges.
 *
 * SP_SETTINGS is the one list: the struct, the ranges, the keys of the settings downlink and the
 * options of the tools are all made from it. A key is never given to another setting.
 */

#ifndef SOUNDPOST_SETTINGS_H_
#define SOUNDPOST_SETTINGS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/** X(key, name, min, max, default, "unit", "meaning") */
#define SP_SETTINGS(X) \
	X(1, interval_s, 10, 3600, 300, "s", \
	  "time of one summary") \
	X(2, full_scale_cdb, 6000, 20000, 12000, "0.01 dB", \
	  "calibration: sound pressure level of a sine at digital full scale") \
	X(3, gate_cdb, 0, 20000, 4500, "0.01 dB", \
	  "silence gate: a window whose LAFmax is lower is not classified") \
	X(4, under_range_cdb, 0, 20000, 3000, "0.01 dB", \
	  "lower end of the meter's range; a lower Fast level raises the under-range flag") \
	X(5, window_hop, 0, 255, 0, "columns", \
	  "columns from one inference to the next; 0: half of the network's window") \
	X(6, smoothing, 0, 1, 0, "", \
	  "how scores are smoothed: 0 mean over windows, 1 exponential moving average") \
	X(7, smoothing_windows, 1, 16, 4, "windows", \
	  "length of the mean, or of the average: its factor is 2 / (1 + length)") \
	X(8, unknown_pct, 1, 100, 45, "%", \
	  "smoothed score under which the top class is reported as unknown") \
	X(9, hysteresis_pct, 0, 50, 15, "%", \
	  "how far under unknown_pct the score must fall before an event ends") \
	X(10, hold_windows, 0, 60, 2, "windows", \
	  "windows under that threshold that an event outlives") \
	X(11, min_windows, 1, 60, 2, "windows", \
	  "windows in a row that a class must lead before its event begins") \
	X(12, event_gap_s, 0, 3600, 30, "s", \
	  "least time between two event frames of one class") \
	X(13, octave_every, 0, 255, 4, "intervals", \
	  "intervals from one octave band frame to the next; 0 sends none") \
	X(14, airtime_budget_ds, 30, 8640, 300, "0.1 s", \
	  "airtime that may be spent in any 24 hours") \
	X(15, records_per_frame, 1, 29, 4, "records", \
	  "summaries gathered for one frame, as far as the data rate lets them fit")
/* clang-format on */

/** Settings of a sensor; fields, ranges, units and meanings are those of SP_SETTINGS. */
struct sp_settings {
#define SP_SETTINGS_FIELD(key, name, min, max, def, unit, meaning) int16_t name;
	SP_SETTINGS(SP_SETTINGS_FIELD)
#undef SP_SETTINGS_FIELD
};

/** What is known of one setting. */
struct sp_setting_info {
	const char *name;
	const char *unit;
	const char *meaning;
	int16_t min;
	int16_t max;
	int16_t def;
	uint8_t key;
};

/** @brief Number of settings. */
int sp_settings_count(void);

/**
 * @brief What is known of the setting at @p index.
 *
 * @param index 0 to sp_settings_count() - 1, in the order of SP_SETTINGS.
 * @return Its description, or NULL if there is no such index.
 */
const struct sp_setting_info *sp_settings_info(int index);

/** @brief Set every setting to its default. */
void sp_settings_defaults(struct sp_settings *settings);

/**
 * @brief Check every setting against its range, and the settings against each other.
 *
 * @retval 0 if all is well
 * @retval -ERANGE if a setting lies outside its range, or hysteresis_pct is not under unknown_pct
 */
int sp_settings_validate(const struct sp_settings *settings);

/**
 * @brief Set one setting, if the settings as a whole stay valid; else nothing changes.
 *
 * @retval 0 if it was set
 * @retval -ENOENT if no setting has this key
 * @retval -ERANGE if the value lies outside the range, or clashes with another setting
 */
int sp_settings_set(struct sp_settings *settings, uint8_t key, int32_t value);

/**
 * @brief Read one setting.
 *
 * @param[out] value Its value; untouched on error.
 * @retval 0 if it was read
 * @retval -ENOENT if no setting has this key
 */
int sp_settings_get(const struct sp_settings *settings, uint8_t key, int16_t *value);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_SETTINGS_H_ */
