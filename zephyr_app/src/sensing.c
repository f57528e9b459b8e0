/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include <model.h>

#include "audio.h"
#include "engine.h"
#include "health.h"
#include "sensing.h"
#include "trace.h"

LOG_MODULE_REGISTER(sensing, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

static K_THREAD_STACK_DEFINE(stack, CONFIG_SOUNDPOST_SENSING_STACK_SIZE);
static struct k_thread thread;

/* holds all below */
static K_MUTEX_DEFINE(lock);
static struct sp_sensor sensor;
static struct sp_engine engine;
static int8_t columns[SP_MODEL_WINDOW * SP_MODEL_BANDS];
static int16_t history[SP_MODEL_HISTORY];
static struct sensing_levels heard;
static struct sensing_stats counts;
static bool ended;
/* Uptime when it did: the uplink's clock goes on without samples then. */
static int64_t ended_at_ms;

static void (*tell_news)(void);

static void on_fast(void *context, const struct sp_fast *fast)
{
	heard.fast = *fast;
}

static void on_window(void *context, const struct sp_window *window)
{
	counts.windows++;
	counts.silent_windows += window->scores == NULL;
	heard.leader = window->leader;
	heard.confidence = window->confidence;
	trace_window(&sp_model, window);
}

static void on_event(void *context, const struct sp_event *event)
{
	counts.events++;
	health_event();
	LOG_INF("Event: %s, %u s", sp_model.class_names[event->class_id],
		event->duration / SP_SAMPLE_RATE_HZ);
	trace_event(&sp_model, sensor.samples, event);
	tell_news();
}

static void on_summary(void *context, uint64_t end, const struct sp_level_summary *levels,
		       const struct sp_class_summary *classes)
{
	counts.summaries++;
	trace_summary(&sp_model, end, levels, classes);
	tell_news();
}

static const struct sp_sink sink = {
	.fast = on_fast,
	.window = on_window,
	.event = on_event,
	.summary = on_summary,
};

static void take_block(const struct audio_block *block)
{
	uint32_t began;
	int ret;

	if (block->lost > 0) {
		LOG_WRN("%u samples were lost", block->lost);
		counts.lost_samples += block->lost;
		sp_sensor_skip(&sensor, block->lost);
	}
	if (block->pcm == NULL) {
		return;
	}

	began = k_cycle_get_32();
	ret = sp_sensor_push(&sensor, block->pcm);
	counts.hop_max_us = MAX(counts.hop_max_us, k_cyc_to_us_ceil32(k_cycle_get_32() - began));
	if (ret < 0) {
		LOG_ERR("Could not classify a window (%d)", ret);
		counts.engine_errors++;
	}
}

static void sense(void *p1, void *p2, void *p3)
{
	struct audio_block block;

	while (audio_take(&block, K_FOREVER) == 0) {
		health_alive(SP_PART_SENSING);
		k_mutex_lock(&lock, K_FOREVER);
		take_block(&block);
		k_mutex_unlock(&lock);
		audio_free(&block);
	}

	health_leave(SP_PART_SENSING);
	k_mutex_lock(&lock, K_FOREVER);
	sp_sensor_finish(&sensor);
	ended = true;
	ended_at_ms = k_uptime_get();
	k_mutex_unlock(&lock);
	tell_news();
}

int sensing_start(const struct sp_settings *settings, void (*news)(void))
{
	int ret;

	tell_news = news;
	ret = engine_init(&engine);
	if (ret < 0) {
		LOG_ERR("Could not start the engine %s (%d)", engine_name(), ret);
		return ret;
	}
	ret = sp_sensor_init(&sensor, &engine, settings, &sink, columns, history);
	if (ret < 0) {
		LOG_ERR("Could not start the sensor (%d)", ret);
		return ret;
	}
	trace_start(&sp_model);

	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), sense, NULL, NULL, NULL,
			CONFIG_SOUNDPOST_SENSING_PRIORITY, 0, K_NO_WAIT);
	k_thread_name_set(&thread, "sensing");

	return 0;
}

static uint64_t now_ms(void)
{
	const uint64_t heard_ms = sensor.samples / (SP_SAMPLE_RATE_HZ / 1000);

	return ended ? heard_ms + (uint64_t)(k_uptime_get() - ended_at_ms) : heard_ms;
}

int sensing_next_frame(const struct sp_link *link, struct sp_frame *frame)
{
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = sp_uplink_next(&sensor.uplink, now_ms(), link, frame);
	k_mutex_unlock(&lock);

	return ret;
}

void sensing_frame_sent(const struct sp_frame *frame, uint64_t began_ms)
{
	k_mutex_lock(&lock, K_FOREVER);
	sp_uplink_sent(&sensor.uplink, began_ms, frame);
	k_mutex_unlock(&lock);
}

int sensing_downlink(uint8_t port, const uint8_t *bytes, size_t length,
		     struct sp_settings *settings)
{
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = sp_sensor_downlink(&sensor, port, bytes, length);
	*settings = sensor.settings;
	k_mutex_unlock(&lock);

	return ret;
}

void sensing_not_kept(void)
{
	k_mutex_lock(&lock, K_FOREVER);
	sp_uplink_not_kept(&sensor.uplink);
	k_mutex_unlock(&lock);
}

void sensing_get_settings(struct sp_settings *settings)
{
	k_mutex_lock(&lock, K_FOREVER);
	*settings = sensor.settings;
	k_mutex_unlock(&lock);
}

int sensing_configure(const struct sp_settings *settings)
{
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = sp_sensor_configure(&sensor, settings);
	k_mutex_unlock(&lock);

	return ret;
}

int sensing_set(uint8_t key, int32_t value)
{
	struct sp_settings settings;
	int ret;

	k_mutex_lock(&lock, K_FOREVER);
	settings = sensor.settings;
	ret = sp_settings_set(&settings, key, value);
	if (ret == 0) {
		ret = sp_sensor_configure(&sensor, &settings);
	}
	k_mutex_unlock(&lock);

	return ret;
}

void sensing_synchronise(uint32_t unix_s)
{
	k_mutex_lock(&lock, K_FOREVER);
	sp_uplink_synchronise(&sensor.uplink, unix_s, sensor.samples);
	k_mutex_unlock(&lock);
}

uint64_t sensing_now_ms(void)
{
	uint64_t ms;

	k_mutex_lock(&lock, K_FOREVER);
	ms = now_ms();
	k_mutex_unlock(&lock);

	return ms;
}

void sensing_get_levels(struct sensing_levels *levels)
{
	k_mutex_lock(&lock, K_FOREVER);
	*levels = heard;
	levels->samples = sensor.samples;
	k_mutex_unlock(&lock);
}

void sensing_get_stats(struct sensing_stats *stats)
{
	k_mutex_lock(&lock, K_FOREVER);
	*stats = counts;
	k_mutex_unlock(&lock);
}

void sensing_inspect(void (*inspect)(struct sp_sensor *sensor, void *context), void *context)
{
	k_mutex_lock(&lock, K_FOREVER);
	inspect(&sensor, context);
	k_mutex_unlock(&lock);
}

bool sensing_ended(void)
{
	bool done;

	k_mutex_lock(&lock, K_FOREVER);
	done = ended;
	k_mutex_unlock(&lock);

	return done;
}
