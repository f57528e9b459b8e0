/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/settings/settings.h>
#include <zephyr/sys/byteorder.h>

#include "repair.h"
#include "simulator.h"
#include "store.h"
#include "values.h"

LOG_MODULE_REGISTER(store, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

#define SETTINGS_NAME	 "sp/settings"
#define CALIBRATION_NAME "sp/cal"

/* values up to this length are compared before they are counted as written */
#define COMPARE_BYTES 64

/* DevNonces that are skipped after a repair: the last one written may be lost with its sector */
#define NONCES_SKIPPED 64

BUILD_ASSERT(VALUES_BYTES <= COMPARE_BYTES);

static K_MUTEX_DEFINE(lock);
static struct store_stats counts;
static bool mounted;

struct found {
	void *value;
	size_t size;
	int ret;
};

static int on_found(const char *key, size_t length, settings_read_cb read, void *source,
		    void *context)
{
	struct found *found = context;
	ssize_t got;

	/* a longer name that begins with the one asked for */
	if (key != NULL) {
		return 0;
	}
	got = read(source, found->value, MIN(length, found->size));
	found->ret = got < 0 ? (int)got : (int)length;

	return 0;
}

int store_load_bytes(const char *name, void *value, size_t size)
{
	struct found found = {.value = value, .size = size, .ret = -ENOENT};
	int ret;

	if (!mounted) {
		return -ENOENT;
	}
	ret = settings_load_subtree_direct(name, on_found, &found);

	return ret < 0 ? ret : found.ret;
}

static void reject(const char *name, int ret)
{
	LOG_ERR("%s is not valid (%d)", name, ret);
	counts.rejected++;
}

int store_load(const char *name, void *value, size_t size)
{
	const int length = store_load_bytes(name, value, size);

	if (length < 0) {
		if (length != -ENOENT) {
			reject(name, length);
		}
		return length;
	}
	if (length != size) {
		reject(name, -EINVAL);
		return -EINVAL;
	}

	return 0;
}

static bool is_kept(const char *name, const void *value, size_t size)
{
	uint8_t kept[COMPARE_BYTES];

	return size <= sizeof(kept) && store_load_bytes(name, kept, sizeof(kept)) == size &&
	       memcmp(kept, value, size) == 0;
}

int store_save(const char *name, const void *value, size_t size)
{
	int ret = 0;

	if (!mounted) {
		return -ENODEV;
	}

	k_mutex_lock(&lock, K_FOREVER);
	if (!is_kept(name, value, size)) {
		simulator_write_begins(name);
		ret = settings_save_one(name, value, size);
		simulator_write_ended();
		/* worn flash takes a write without a word, and what was not written may be used
		 * twice; longer values say themselves whether they are valid
		 */
		if (ret == 0 && size <= COMPARE_BYTES && !is_kept(name, value, size)) {
			ret = -EIO;
		}
		if (ret < 0) {
			LOG_ERR("Could not write %s (%d)", name, ret);
			counts.write_errors++;
		} else {
			counts.writes++;
			counts.written_bytes += size;
		}
	}
	k_mutex_unlock(&lock);

	return ret;
}

int store_delete(const char *name)
{
	return mounted ? settings_delete(name) : -ENODEV;
}

/* What the broken sector held may be back in an older state: no counter of it may be used again. */
static void distrust_counters(void)
{
	struct store_nonce nonce;

	(void)store_delete("lorawan/session");
	if (store_load("lorawan/nonce", &nonce, sizeof(nonce)) == 0) {
		nonce.dev_nonce = MIN(nonce.dev_nonce + NONCES_SKIPPED, UINT16_MAX);
	} else {
		nonce = (struct store_nonce){.dev_nonce = STORE_NONCE_AFTER_LOSS};
	}
	(void)store_save("lorawan/nonce", &nonce, sizeof(nonce));
}

static int mount(void)
{
	const int ret = settings_subsys_init();

	/* NVS lets a comparison's result of 1 out where the sector under way has no room */
	return ret > 0 ? -EIO : ret;
}

static int repair_and_mount(enum repair what)
{
	const int erased = repair_erase(what);

	if (erased < 0) {
		LOG_ERR("Could not erase the settings partition (%d)", erased);
		return erased;
	}
	counts.erased_sectors += erased;

	return mount();
}

int store_start(void)
{
	int ret = mount();
	bool repaired = false;

	for (int what = REPAIR_BROKEN; ret < 0 && what <= REPAIR_ALL; what++) {
		LOG_ERR("Could not mount the settings partition (%d)", ret);
		ret = repair_and_mount(what);
		repaired = true;
	}
	if (ret < 0) {
		LOG_ERR("Nothing will be kept over a reset (%d)", ret);
		return ret;
	}
	mounted = true;
	if (repaired) {
		distrust_counters();
	}

	return 0;
}

static int load_calibration(struct sp_settings *settings)
{
	uint8_t bytes[2];
	int ret = store_load(CALIBRATION_NAME, bytes, sizeof(bytes));

	if (ret < 0) {
		return ret == -ENOENT ? 0 : ret;
	}
	ret = sp_settings_set(settings, VALUES_KEY_full_scale_cdb, (int16_t)sys_get_le16(bytes));
	if (ret < 0) {
		reject(CALIBRATION_NAME, ret);
	}

	return ret;
}

static int load_settings(struct sp_settings *settings)
{
	/* a quarter of the shell's stack */
	static uint8_t bytes[VALUES_BYTES_MAX];
	int length, ret;

	sp_settings_defaults(settings);
	ret = load_calibration(settings);

	length = store_load_bytes(SETTINGS_NAME, bytes, sizeof(bytes));
	if (length == -ENOENT) {
		return ret < 0 ? -EINVAL : 0;
	}
	if (length >= 0) {
		length =
			length > sizeof(bytes) ? -EMSGSIZE : values_decode(settings, bytes, length);
	}
	if (length < 0) {
		reject(SETTINGS_NAME, length);
	}

	return ret < 0 || length < 0 ? -EINVAL : 0;
}

int store_load_settings(struct sp_settings *settings)
{
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = load_settings(settings);
	k_mutex_unlock(&lock);

	return ret;
}

int store_save_settings(const struct sp_settings *settings)
{
	uint8_t bytes[VALUES_BYTES];
	struct sp_settings calibrated;
	uint8_t skip = 0;
	int ret;

	ret = sp_settings_validate(settings);
	if (ret < 0) {
		return ret;
	}
	/* a later calibration is not to be hidden by the one that was in force then */
	sp_settings_defaults(&calibrated);
	if (load_calibration(&calibrated) == 0 &&
	    calibrated.full_scale_cdb == settings->full_scale_cdb) {
		skip = VALUES_KEY_full_scale_cdb;
	}

	return store_save(SETTINGS_NAME, bytes, values_encode(settings, skip, bytes));
}

int store_keep_settings(void (*read)(struct sp_settings *settings))
{
	struct sp_settings settings;
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	read(&settings);
	ret = store_save_settings(&settings);
	k_mutex_unlock(&lock);

	return ret;
}

static int save_calibration(int16_t full_scale_cdb)
{
	struct sp_settings settings;
	uint8_t bytes[2];
	int ret;

	(void)store_load_settings(&settings);
	ret = sp_settings_set(&settings, VALUES_KEY_full_scale_cdb, full_scale_cdb);
	if (ret < 0) {
		return ret;
	}
	sys_put_le16((uint16_t)full_scale_cdb, bytes);
	ret = store_save(CALIBRATION_NAME, bytes, sizeof(bytes));
	if (ret < 0) {
		return ret;
	}

	return store_save_settings(&settings);
}

int store_save_calibration(int16_t full_scale_cdb)
{
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = save_calibration(full_scale_cdb);
	k_mutex_unlock(&lock);

	return ret;
}

int store_reset_settings(void)
{
	return store_delete(SETTINGS_NAME);
}

int store_load_identity(struct store_identity *identity)
{
	if (store_load("lorawan/dev_eui", identity->dev_eui, STORE_EUI_BYTES) < 0 ||
	    store_load("lorawan/join_eui", identity->join_eui, STORE_EUI_BYTES) < 0 ||
	    store_load("lorawan/app_key", identity->app_key, STORE_KEY_BYTES) < 0) {
		return -ENOENT;
	}

	return 0;
}

/* DevNonces belong to a DevEUI and JoinEUI, not to a key. Where one of these was lost, the new one
 * may be the same: its DevNonces go on, which suits another one too, but JoinNonces need not.
 */
static void leave_nonces_of_another(const struct store_identity *identity)
{
	struct store_identity kept;
	struct store_nonce nonce;

	if (store_load("lorawan/dev_eui", kept.dev_eui, STORE_EUI_BYTES) < 0 ||
	    store_load("lorawan/join_eui", kept.join_eui, STORE_EUI_BYTES) < 0) {
		if (store_load("lorawan/nonce", &nonce, sizeof(nonce)) == 0) {
			nonce.joined = false;
			(void)store_save("lorawan/nonce", &nonce, sizeof(nonce));
		}
	} else if (memcmp(kept.dev_eui, identity->dev_eui, STORE_EUI_BYTES) != 0 ||
		   memcmp(kept.join_eui, identity->join_eui, STORE_EUI_BYTES) != 0) {
		(void)store_delete("lorawan/nonce");
	}
}

int store_save_identity(const struct store_identity *identity)
{
	struct store_identity kept;
	int ret;

	if (store_load_identity(&kept) < 0 || memcmp(&kept, identity, sizeof(kept)) != 0) {
		(void)store_delete("lorawan/session");
		leave_nonces_of_another(identity);
	}

	ret = store_save("lorawan/dev_eui", identity->dev_eui, STORE_EUI_BYTES);
	if (ret < 0) {
		return ret;
	}
	ret = store_save("lorawan/join_eui", identity->join_eui, STORE_EUI_BYTES);
	if (ret < 0) {
		return ret;
	}

	return store_save("lorawan/app_key", identity->app_key, STORE_KEY_BYTES);
}

void store_get_stats(struct store_stats *stats)
{
	*stats = counts;
}
