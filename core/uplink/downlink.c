/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/uplink.h>

struct answers {
	uint8_t bytes[SP_ANSWER_BYTES];
	uint8_t length;
};

static int put(struct answers *answers, const uint8_t *bytes, uint8_t length)
{
	if (length > SP_ANSWER_BYTES - answers->length) {
		return -ENOBUFS;
	}
	memcpy(answers->bytes + answers->length, bytes, length);
	answers->length += length;

	return 0;
}

static int put_status(struct answers *answers, uint8_t key, uint8_t status)
{
	return put(answers, (uint8_t[]){key, status}, 2);
}

static int answer_ask(struct answers *answers, const struct sp_settings *settings, uint8_t asked)
{
	const uint8_t key = asked & ~SP_SETTING_ASK;
	int16_t value;

	if (sp_settings_get(settings, key, &value) < 0) {
		return put_status(answers, key, SP_SETTING_UNKNOWN_KEY);
	}

	return put(answers, (uint8_t[]){asked, (uint8_t)((uint16_t)value >> 8), (uint8_t)value}, 3);
}

static uint8_t status_of(int error)
{
	switch (error) {
	case 0:
		return SP_SETTING_OK;
	case -ENOENT:
		return SP_SETTING_UNKNOWN_KEY;
	default:
		return SP_SETTING_OUT_OF_RANGE;
	}
}

int sp_uplink_downlink(struct sp_uplink *uplink, uint8_t port, const uint8_t *bytes, size_t length,
		       struct sp_settings *settings)
{
	struct sp_settings changed = *settings;
	struct answers answers = {.length = uplink->answer_length};
	size_t at = 0;
	int set = 0;

	if (port != SP_PORT_SETTINGS) {
		return -EINVAL;
	}
	memcpy(answers.bytes, uplink->answer, uplink->answer_length);

	for (int entries = 0; at < length; entries++) {
		const uint8_t key = bytes[at];
		int ret;

		if (entries == SP_DOWNLINK_ENTRIES_MAX) {
			ret = put_status(&answers, key & ~SP_SETTING_ASK, SP_SETTING_TOO_MANY);
			at = length;
		} else if (key & SP_SETTING_ASK) {
			ret = answer_ask(&answers, &changed, key);
			at += 1;
		} else if (length - at < 3) {
			ret = put_status(&answers, key, SP_SETTING_TRUNCATED);
			at = length;
		} else {
			const int16_t value = (int16_t)(bytes[at + 1] << 8 | bytes[at + 2]);
			const int error = sp_settings_set(&changed, key, value);

			ret = put_status(&answers, key, status_of(error));
			set += error == 0;
			at += 3;
		}
		if (ret < 0) {
			return ret;
		}
	}

	*settings = changed;
	memcpy(uplink->answer, answers.bytes, answers.length);
	uplink->answer_last = uplink->answer_length;
	uplink->answer_length = answers.length;

	return set;
}

void sp_uplink_not_kept(struct sp_uplink *uplink)
{
	int at = uplink->answer_last;

	while (at < uplink->answer_length) {
		if (uplink->answer[at] & SP_SETTING_ASK) {
			at += 3;
			continue;
		}
		if (uplink->answer[at + 1] == SP_SETTING_OK) {
			uplink->answer[at + 1] = SP_SETTING_NOT_KEPT;
		}
		at += 2;
	}
}
