/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/sensor.h>

void sp_model_input(const struct sp_model *model, const int8_t *columns, uint16_t first,
		    int8_t *input)
{
	sp_frontend_window(columns, model->window, model->tables->bands, first,
			   model->normalisation, input);
}

int sp_score_window(const struct sp_engine *engine, const int8_t *columns, uint16_t first,
		    uint16_t fresh)
{
	const struct sp_nn_network *network = engine->model->network;
	int8_t *arena = engine->context;

	(void)fresh;
	sp_model_input(engine->model, columns, first, arena + network->input_offset);

	return sp_nn_invoke(network, arena);
}

int sp_score_fresh(const struct sp_engine *engine, const int8_t *columns, uint16_t first,
		   uint16_t fresh)
{
	return sp_nn_stream_window(engine->model->stream, engine->context, columns, first, fresh);
}

uint32_t sp_engine_arena_bytes(const struct sp_model *model)
{
	const struct sp_nn_stream *stream = model->stream;
	const uint16_t fft_size = model->tables->fft_size;

	if (stream != NULL) {
		return SP_ARENA_BYTES(stream->arena_bytes, stream->kept_bytes, fft_size);
	}

	return SP_ARENA_BYTES(model->network->arena_bytes, 0, fft_size);
}

void sp_engine_compiled(struct sp_engine *engine, const struct sp_model *model, int8_t *arena)
{
	const struct sp_nn_stream *stream = model->stream;
	const struct sp_nn_network *last = stream != NULL ? &stream->head : model->network;
	const uint32_t kept = stream != NULL ? stream->kept_bytes : 0;

	*engine = (struct sp_engine){
		.score = model->score,
		.model = model,
		.context = arena,
		.input_bytes = stream != NULL ? (uint32_t)stream->window * stream->column_bytes
					      : last->input_bytes,
		.output = arena + last->output_offset,
		.output_bytes = last->output_bytes,
		.scratch = arena + kept,
		.scratch_bytes = sp_engine_arena_bytes(model) - kept,
	};
}

static uint32_t window_samples(const struct sp_model *model)
{
	return (model->window - 1u) * model->tables->hop + model->tables->fft_size;
}

static struct sp_level_config level_config(const struct sp_settings *settings)
{
	return (struct sp_level_config){
		.full_scale_cdb = settings->full_scale_cdb,
		.under_range_cdb = settings->under_range_cdb,
	};
}

/* The front end and all that follows its columns. */
static int start_columns(struct sp_sensor *sensor, int16_t *history)
{
	const struct sp_model *model = sensor->engine->model;
	const struct sp_frontend_tables *tables = model->tables;
	int16_t *sums = history + SP_FRONTEND_HISTORY(tables->fft_size, tables->hop);

	sensor->columns_to_go = model->window;
	sp_running_mean_init(&sensor->mean, sums, model->window, tables->bands);

	return sp_frontend_init(&sensor->frontend, tables, history, sensor->engine->scratch);
}

int sp_sensor_init(struct sp_sensor *sensor, const struct sp_engine *engine,
		   const struct sp_settings *settings, const struct sp_sink *sink, int8_t *columns,
		   int16_t *history)
{
	const struct sp_model *model = engine->model;
	const struct sp_level_config config = level_config(settings);
	int ret;

	ret = sp_settings_validate(settings);
	if (ret < 0) {
		return ret;
	}
	if (model->window == 0 || model->tables->hop > SP_FAST_SAMPLES ||
	    window_samples(model) > (SP_DETECTOR_FAST_COUNT - 1) * SP_FAST_SAMPLES ||
	    engine->input_bytes != (uint32_t)model->window * model->tables->bands ||
	    engine->output_bytes != model->classes ||
	    engine->scratch_bytes < SP_FRONTEND_SCRATCH_BYTES(model->tables->fft_size) ||
	    (uintptr_t)engine->scratch % sizeof(uint64_t) != 0) {
		return -EINVAL;
	}

	memset(sensor, 0, sizeof(*sensor));
	sensor->engine = engine;
	sensor->sink = sink;
	sensor->settings = *settings;
	sensor->columns = columns;
	sensor->columns_fresh = model->window;

	ret = start_columns(sensor, history);
	if (ret < 0) {
		return ret;
	}
	ret = sp_level_init(&sensor->level, &config);
	if (ret < 0) {
		return ret;
	}
	ret = sp_detector_init(&sensor->detector, settings, model->classes);
	if (ret < 0) {
		return ret;
	}

	return sp_uplink_init(&sensor->uplink, settings);
}

int sp_sensor_configure(struct sp_sensor *sensor, const struct sp_settings *settings)
{
	const struct sp_level_config config = level_config(settings);
	const int ret = sp_settings_validate(settings);

	if (ret < 0) {
		return ret;
	}

	sensor->settings = *settings;
	sp_detector_configure(&sensor->detector, settings);
	sp_uplink_configure(&sensor->uplink, settings);

	return sp_level_set_config(&sensor->level, &config);
}

static void report_event(struct sp_sensor *sensor, const struct sp_event *event)
{
	sp_uplink_event(&sensor->uplink, event);
	if (sensor->sink->event != NULL) {
		sensor->sink->event(sensor->sink->context, event);
	}
}

static void end_event(struct sp_sensor *sensor)
{
	struct sp_event event;

	if (sp_detector_finish(&sensor->detector, &event) > 0) {
		report_event(sensor, &event);
	}
}

static void end_interval(struct sp_sensor *sensor)
{
	struct sp_level_summary levels;
	struct sp_class_summary classes;

	sp_level_summarize(&sensor->level, &levels);
	sp_detector_summarize(&sensor->detector, &classes);
	/* at the end of a recording there may have been no time to measure anything */
	if (levels.samples > 0) {
		sp_uplink_summary(&sensor->uplink, &levels, &classes, sensor->interval_start,
				  sensor->samples);
		if (sensor->sink->summary != NULL) {
			sensor->sink->summary(sensor->sink->context, sensor->samples, &levels,
					      &classes);
		}
	}
	sensor->interval_start = sensor->samples;
}

static void measure(struct sp_sensor *sensor, const int16_t *pcm, uint32_t count)
{
	struct sp_fast fast;

	if (sp_level_process(&sensor->level, pcm, count, &fast) > 0) {
		sp_detector_fast(&sensor->detector, &fast);
		if (sensor->sink->fast != NULL) {
			sensor->sink->fast(sensor->sink->context, &fast);
		}
	}
	sensor->samples += count;
}

static uint64_t interval_end(const struct sp_sensor *sensor)
{
	const uint64_t end =
		sensor->interval_start + (uint64_t)sensor->settings.interval_s * SP_SAMPLE_RATE_HZ;

	/* A downlink may have made the interval shorter than what has gone by already. */
	return end > sensor->samples ? end : sensor->samples;
}

/* The interval may end within a hop: it is measured to the sample. */
static void measure_intervals(struct sp_sensor *sensor, const int16_t *pcm, uint32_t count)
{
	const uint64_t end = interval_end(sensor);

	if (end <= sensor->samples + count) {
		const uint32_t before = (uint32_t)(end - sensor->samples);

		measure(sensor, pcm, before);
		end_interval(sensor);
		pcm += before;
		count -= before;
	}
	measure(sensor, pcm, count);
}

static int classify(struct sp_sensor *sensor)
{
	const struct sp_engine *engine = sensor->engine;
	const struct sp_model *model = engine->model;
	struct sp_window window = {.end = sensor->samples};
	const uint64_t start = window.end - window_samples(model);
	struct sp_event event;
	int ret = 0;

	if (!sp_detector_gated(&sensor->detector, start)) {
		ret = engine->score(engine, sensor->columns, sensor->columns_next,
				    sensor->columns_fresh);
		sensor->columns_fresh = ret < 0 ? model->window : 0;
		window.scores = ret < 0 ? NULL : engine->output;
	}

	if (sp_detector_window(&sensor->detector, window.scores, start, window.end, &event) > 0) {
		report_event(sensor, &event);
	}

	window.smoothed_q8 = sensor->detector.smoothed_q8;
	window.leader = sp_detector_leader(&sensor->detector, &window.confidence);
	if (sensor->sink->window != NULL) {
		sensor->sink->window(sensor->sink->context, &window);
	}

	return ret;
}

/* Columns from one inference to the next. */
static uint16_t window_hop(const struct sp_sensor *sensor)
{
	const int16_t chosen = sensor->settings.window_hop;

	return chosen > 0 ? (uint16_t)chosen : (uint16_t)((sensor->engine->model->window + 1) / 2);
}

int sp_sensor_push(struct sp_sensor *sensor, const int16_t *pcm)
{
	const struct sp_model *model = sensor->engine->model;
	const uint16_t bands = model->tables->bands;
	int8_t *column = sensor->columns + sensor->columns_next * bands;

	measure_intervals(sensor, pcm, model->tables->hop);

	if (sp_frontend_process(&sensor->frontend, pcm, column) == 0) {
		return 0;
	}
	if (sensor->sink->column != NULL) {
		sensor->sink->column(sensor->sink->context, column);
	}
	if (model->normalisation == SP_NORMALISATION_RUNNING_MEAN) {
		sp_running_mean_process(&sensor->mean, column, 1);
	}
	sensor->columns_next = (uint16_t)((sensor->columns_next + 1) % model->window);
	if (sensor->columns_fresh < model->window) {
		sensor->columns_fresh++;
	}

	sensor->columns_to_go--;
	if (sensor->columns_to_go > 0) {
		return 0;
	}
	sensor->columns_to_go = window_hop(sensor);

	return classify(sensor);
}

/* No window has samples of before and after the loss. */
static void start_windows_anew(struct sp_sensor *sensor)
{
	end_event(sensor);
	/* cannot fail: it took these tables before */
	(void)start_columns(sensor, sensor->frontend.history);
}

void sp_sensor_skip(struct sp_sensor *sensor, uint64_t count)
{
	const uint64_t until = sensor->samples + count;
	uint64_t end;

	if (count >= window_samples(sensor->engine->model)) {
		start_windows_anew(sensor);
	}
	sp_level_skip(&sensor->level, count);
	while ((end = interval_end(sensor)) <= until) {
		sensor->samples = end;
		end_interval(sensor);
	}
	sensor->samples = until;
}

int sp_sensor_downlink(struct sp_sensor *sensor, uint8_t port, const uint8_t *bytes, size_t length)
{
	struct sp_settings settings = sensor->settings;
	const int ret = sp_uplink_downlink(&sensor->uplink, port, bytes, length, &settings);

	return ret <= 0 ? ret : sp_sensor_configure(sensor, &settings);
}

void sp_sensor_finish(struct sp_sensor *sensor)
{
	end_event(sensor);
	if (sensor->samples > sensor->interval_start) {
		end_interval(sensor);
	}
	sp_uplink_flush(&sensor->uplink);
}
