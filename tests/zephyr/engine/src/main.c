/* SPDX-License-Identifier: Apache-2.0 */

/* Scores of windows in a file of the host: tests/firmware/test_engines.py gives them. */

#include <string.h>

#include <zephyr/logging/log.h>

#include <engine.h>
#include <model.h>

#include "host.h"

LOG_MODULE_REGISTER(engine_test, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

static int8_t before[SP_MODEL_WINDOW * SP_MODEL_BANDS];
static int8_t columns[SP_MODEL_WINDOW * SP_MODEL_BANDS];

/* Columns that a window has at its end, and the one before it did not have. */
static uint16_t count_fresh(void)
{
	uint16_t fresh = 0;

	for (; fresh < SP_MODEL_WINDOW; fresh++) {
		const size_t offset = fresh * SP_MODEL_BANDS;

		if (memcmp(columns, before + offset, sizeof(columns) - offset) == 0) {
			break;
		}
	}

	return fresh;
}

static int score(void)
{
	struct sp_engine engine;
	int count = 0;
	int ret;

	ret = engine_init(&engine);
	if (ret < 0) {
		LOG_ERR("Could not start the engine %s (%d)", engine_name(), ret);
		return ret;
	}
	ret = host_open();
	if (ret < 0) {
		LOG_ERR("Could not open windows.bin and scores.bin (%d)", ret);
		return ret;
	}
	for (; host_read(columns, sizeof(columns)) > 0; count++) {
		ret = engine.score(&engine, columns, 0,
				   count > 0 ? count_fresh() : SP_MODEL_WINDOW);
		if (ret < 0) {
			LOG_ERR("Could not run window %d (%d)", count, ret);
			return ret;
		}
		ret = host_write(engine.output, engine.output_bytes);
		if (ret < 0) {
			LOG_ERR("Could not write the scores of window %d (%d)", count, ret);
			return ret;
		}
		memcpy(before, columns, sizeof(before));
	}
	LOG_INF("%s: scored %d windows", engine_name(), count);

	return 0;
}

int main(void)
{
	const int ret = score();

	host_end();

	return ret;
}
