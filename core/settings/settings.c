/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stddef.h>

#include <soundpost/settings.h>

struct field {
	struct sp_setting_info info;
	uint16_t offset;
};

#define FIELD(key_, name_, min_, max_, def_, unit_, meaning_)                                      \
	{                                                                                          \
		.info = {.name = #name_,                                                           \
			 .unit = unit_,                                                            \
			 .meaning = meaning_,                                                      \
			 .min = min_,                                                              \
			 .max = max_,                                                              \
			 .def = def_,                                                              \
			 .key = key_},                                                             \
		.offset = offsetof(struct sp_settings, name_),                                     \
	},

static const struct field fields[] = {SP_SETTINGS(FIELD)};

#define FIELD_COUNT ((int)(sizeof(fields) / sizeof(fields[0])))

static int16_t *field_value(struct sp_settings *settings, const struct field *field)
{
	return (int16_t *)((char *)settings + field->offset);
}

static int16_t field_get(const struct sp_settings *settings, const struct field *field)
{
	return *(const int16_t *)((const char *)settings + field->offset);
}

static const struct field *field_by_key(uint8_t key)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (fields[i].info.key == key) {
			return &fields[i];
		}
	}

	return NULL;
}

int sp_settings_count(void)
{
	return FIELD_COUNT;
}

const struct sp_setting_info *sp_settings_info(int index)
{
	return index < 0 || index >= FIELD_COUNT ? NULL : &fields[index].info;
}

void sp_settings_defaults(struct sp_settings *settings)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		*field_value(settings, &fields[i]) = fields[i].info.def;
	}
}

int sp_settings_validate(const struct sp_settings *settings)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		const int16_t value = field_get(settings, &fields[i]);

		if (value < fields[i].info.min || value > fields[i].info.max) {
			return -ERANGE;
		}
	}

	return settings->hysteresis_pct >= settings->unknown_pct ? -ERANGE : 0;
}

int sp_settings_set(struct sp_settings *settings, uint8_t key, int32_t value)
{
	const struct field *field = field_by_key(key);
	struct sp_settings changed = *settings;

	if (field == NULL) {
		return -ENOENT;
	}
	if (value < field->info.min || value > field->info.max) {
		return -ERANGE;
	}

	*field_value(&changed, field) = (int16_t)value;
	if (sp_settings_validate(&changed) < 0) {
		return -ERANGE;
	}
	*settings = changed;

	return 0;
}

int sp_settings_get(const struct sp_settings *settings, uint8_t key, int16_t *value)
{
	const struct field *field = field_by_key(key);

	if (field == NULL) {
		return -ENOENT;
	}
	*value = field_get(settings, field);

	return 0;
}
