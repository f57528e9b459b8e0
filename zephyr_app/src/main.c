/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include <model.h>

#include "audio.h"
#include "confirm.h"
#include "end.h"
#include "engine.h"
#include "health.h"
#include "radio.h"
#include "sensing.h"
#include "simulator.h"
#include "store.h"
#include "uplink.h"

LOG_MODULE_REGISTER(soundpost, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

BUILD_ASSERT(CONFIG_SOUNDPOST_AUDIO_PRIORITY < CONFIG_MAIN_THREAD_PRIORITY &&
		     CONFIG_MAIN_THREAD_PRIORITY < CONFIG_SOUNDPOST_SENSING_PRIORITY,
	     "Audio goes before the uplink, and that before sensing");

static int start(void)
{
	struct sp_settings settings;
	int ret;

	LOG_INF("Soundpost " SP_VERSION ", model %s, engine %s", sp_model.name, engine_name());

	simulator_skip_to_uptime();

	/* a sensor without a watchdog still measures */
	(void)health_start();

	/* nor must it keep anything to measure */
	(void)store_start();
	(void)store_load_settings(&settings);
	confirm_start();

	ret = audio_start();
	if (ret < 0) {
		return ret;
	}
	ret = sensing_start(&settings, uplink_wake);
	if (ret < 0) {
		return ret;
	}
	health_report();

	return 0;
}

int main(void)
{
	const int ret = start();

	if (ret < 0) {
		LOG_ERR("Could not start (%d)", ret);
		end_simulation(EXIT_FAILURE);
		return ret;
	}
	/* nor must it be heard */
	(void)radio_start();
	(void)uplink_run();
	end_with_audio();

	return 0;
}
