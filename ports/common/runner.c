/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "runner.h"

static void on_column(void *context, const int8_t *column)
{
	struct sp_runner *runner = context;

	memcpy(runner->column, column, runner->engine.model->tables->bands);
}

static void on_fast(void *context, const struct sp_fast *fast)
{
	struct sp_runner *runner = context;

	sp_jsonl_fast(&runner->out, fast);
}

static void on_window(void *context, const struct sp_window *window)
{
	struct sp_runner *runner = context;

	sp_jsonl_window(&runner->out, runner->engine.model, window);
}

static void on_event(void *context, const struct sp_event *event)
{
	struct sp_runner *runner = context;

	sp_jsonl_event(&runner->out, runner->engine.model, runner->sensor.samples, event);
}

static void on_summary(void *context, uint64_t end, const struct sp_level_summary *levels,
		       const struct sp_class_summary *classes)
{
	struct sp_runner *runner = context;

	sp_jsonl_summary(&runner->out, runner->engine.model, end, levels, classes);
}

int sp_runner_init(struct sp_runner *runner, const struct sp_model *model, int8_t *arena,
		   int8_t *columns, int16_t *history, const struct sp_settings *settings,
		   const struct sp_link *link, char *text, uint32_t size)
{
	runner->link = *link;
	runner->out = (struct sp_jsonl){.text = text, .size = size};
	runner->sink = (struct sp_sink){
		.context = runner,
		.column = on_column,
		.fast = on_fast,
		.window = on_window,
		.event = on_event,
		.summary = on_summary,
	};
	sp_engine_compiled(&runner->engine, model, arena);
	sp_jsonl_start(&runner->out, model);
	if (runner->out.overflow) {
		return -ENOSPC;
	}

	return sp_sensor_init(&runner->sensor, &runner->engine, settings, &runner->sink, columns,
			      history);
}

/* Send what may be sent at a time given in samples. */
static int send_frames(struct sp_runner *runner, uint64_t samples)
{
	const uint64_t now_ms = samples / (SP_SAMPLE_RATE_HZ / 1000);
	struct sp_uplink *uplink = &runner->sensor.uplink;
	struct sp_frame frame;
	int ret;

	while ((ret = sp_uplink_next(uplink, now_ms, &runner->link, &frame)) > 0) {
		sp_uplink_sent(uplink, now_ms, &frame);
		sp_jsonl_frame(&runner->out, samples, runner->link.data_rate, &frame);
	}
	if (ret == 0 && runner->out.overflow) {
		ret = -ENOSPC;
	}

	return ret;
}

int sp_runner_push(struct sp_runner *runner, const int16_t *pcm)
{
	const int ret = sp_sensor_push(&runner->sensor, pcm);

	return ret < 0 ? ret : send_frames(runner, runner->sensor.samples);
}

int sp_runner_finish(struct sp_runner *runner)
{
	int ret = 0;

	sp_sensor_finish(&runner->sensor);
	for (uint64_t second = 0; ret == 0 && second < SP_RUNNER_DRAIN_S; second++) {
		ret = send_frames(runner, runner->sensor.samples + second * SP_SAMPLE_RATE_HZ);
	}

	return ret;
}
