/* SPDX-License-Identifier: Apache-2.0 */

#include <stddef.h>

#include "jsonl.h"

static void put_char(struct sp_jsonl *out, char c)
{
	if (out->length < out->size) {
		out->text[out->length++] = c;
	} else {
		out->overflow = true;
	}
}

static void put(struct sp_jsonl *out, const char *text)
{
	while (*text != '\0') {
		put_char(out, *text++);
	}
}

static void put_uint(struct sp_jsonl *out, uint64_t value)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (count > 0) {
		put_char(out, digits[--count]);
	}
}

/* Hundredths as a number with two decimals. */
static void put_hundredths(struct sp_jsonl *out, int32_t value)
{
	uint32_t size = (uint32_t)value;

	if (value < 0) {
		put_char(out, '-');
		size = 0u - size;
	}
	put_uint(out, size / 100);
	put_char(out, '.');
	put_char(out, (char)('0' + size / 10 % 10));
	put_char(out, (char)('0' + size % 10));
}

static void put_level(struct sp_jsonl *out, int32_t cdb)
{
	if (cdb == SP_LEVEL_NONE) {
		put(out, "null");
	} else {
		put_hundredths(out, cdb);
	}
}

/* 0 to 255 in 1/256, as a number from 0 to 1. */
static void put_confidence(struct sp_jsonl *out, uint8_t confidence)
{
	put_hundredths(out, (confidence * 100 + 128) / 256);
}

static void key(struct sp_jsonl *out, const char *name)
{
	put(out, ",\"");
	put(out, name);
	put(out, "\":");
}

static void level(struct sp_jsonl *out, const char *name, int32_t cdb)
{
	key(out, name);
	put_level(out, cdb);
}

static void uint(struct sp_jsonl *out, const char *name, uint64_t value)
{
	key(out, name);
	put_uint(out, value);
}

static void flag(struct sp_jsonl *out, const char *name, bool value)
{
	key(out, name);
	put(out, value ? "true" : "false");
}

/* Names are those of a model: a generated identifier or a class, neither of which needs escapes. */
static void text(struct sp_jsonl *out, const char *name, const char *value)
{
	key(out, name);
	put_char(out, '"');
	put(out, value);
	put_char(out, '"');
}

static const char *class_name(const struct sp_model *model, uint8_t class_id)
{
	return class_id < model->classes      ? model->class_names[class_id]
	       : class_id == SP_CLASS_UNKNOWN ? "unknown"
					      : "none";
}

static void class_fields(struct sp_jsonl *out, const struct sp_model *model, const char *name,
			 uint8_t class_id, uint8_t confidence)
{
	text(out, name, class_name(model, class_id));
	key(out, "confidence");
	put_confidence(out, confidence);
}

static uint32_t begin(struct sp_jsonl *out, const char *type, uint64_t time)
{
	const uint32_t start = out->length;

	put(out, "{\"type\":\"");
	put(out, type);
	put(out, "\",\"t\":");
	put_uint(out, time);

	return start;
}

/* A line that did not fit is taken back as a whole. */
static void end(struct sp_jsonl *out, uint32_t start)
{
	put(out, "}\n");
	if (out->overflow) {
		out->length = start;
	}
}

void sp_jsonl_start(struct sp_jsonl *out, const struct sp_model *model)
{
	const uint32_t start = begin(out, "start", 0);

	text(out, "version", SP_VERSION);
	text(out, "model", model->name);
	key(out, "classes");
	for (uint8_t class_id = 0; class_id < model->classes; class_id++) {
		put(out, class_id == 0 ? "[\"" : ",\"");
		put(out, model->class_names[class_id]);
		put_char(out, '"');
	}
	put_char(out, ']');
	uint(out, "hop", model->tables->hop);
	uint(out, "bands", model->tables->bands);
	uint(out, "window", model->window);
	end(out, start);
}

void sp_jsonl_fast(struct sp_jsonl *out, const struct sp_fast *fast)
{
	const uint32_t start = begin(out, "level", fast->end);

	level(out, "laf", fast->laf);
	level(out, "lafmax", fast->lafmax);
	end(out, start);
}

void sp_jsonl_window(struct sp_jsonl *out, const struct sp_model *model,
		     const struct sp_window *window)
{
	const uint32_t start =
		begin(out, window->scores == NULL ? "silence" : "scores", window->end);

	class_fields(out, model, "class", window->leader, window->confidence);
	if (window->scores != NULL) {
		key(out, "scores");
		for (uint8_t class_id = 0; class_id < model->classes; class_id++) {
			put_char(out, class_id == 0 ? '[' : ',');
			put_uint(out, (uint8_t)(window->scores[class_id] + 128));
		}
		put_char(out, ']');
	}
	key(out, "smoothed");
	for (uint8_t class_id = 0; class_id < model->classes; class_id++) {
		put_char(out, class_id == 0 ? '[' : ',');
		put_uint(out, window->smoothed_q8[class_id] >> 8);
	}
	put_char(out, ']');
	end(out, start);
}

void sp_jsonl_event(struct sp_jsonl *out, const struct sp_model *model, uint64_t now,
		    const struct sp_event *event)
{
	const uint32_t start = begin(out, "event", now);

	class_fields(out, model, "class", event->class_id, event->confidence);
	uint(out, "start", event->start);
	uint(out, "duration", event->duration);
	level(out, "lafmax", event->lafmax);
	level(out, "lae", event->lae);
	end(out, start);
}

void sp_jsonl_summary(struct sp_jsonl *out, const struct sp_model *model, uint64_t now,
		      const struct sp_level_summary *levels, const struct sp_class_summary *classes)
{
	const uint32_t start = begin(out, "summary", now);
	bool first = true;

	uint(out, "samples", levels->samples);
	level(out, "laeq", levels->laeq);
	level(out, "lafmax", levels->lafmax);
	level(out, "lafmin", levels->lafmin);
	level(out, "laf10", levels->laf10);
	level(out, "laf50", levels->laf50);
	level(out, "laf90", levels->laf90);
	level(out, "lceq", levels->lceq);
	level(out, "lzeq", levels->lzeq);
	key(out, "octaves");
	for (int band = 0; band < SP_OCTAVE_BANDS; band++) {
		put_char(out, band == 0 ? '[' : ',');
		put_level(out, levels->lzeq_octave[band]);
	}
	put_char(out, ']');
	flag(out, "overload", levels->overload);
	flag(out, "under_range", levels->under_range);
	class_fields(out, model, "top_class", classes->top_class, classes->confidence);
	uint(out, "events", classes->events);
	key(out, "active");
	put_char(out, '{');
	for (uint8_t class_id = 0; class_id < model->classes; class_id++) {
		if (classes->active[class_id] == 0) {
			continue;
		}
		put(out, first ? "\"" : ",\"");
		first = false;
		put(out, model->class_names[class_id]);
		put(out, "\":");
		put_hundredths(out,
			       (int32_t)(classes->active[class_id] / (SP_SAMPLE_RATE_HZ / 100)));
	}
	put_char(out, '}');
	end(out, start);
}

void sp_jsonl_frame(struct sp_jsonl *out, uint64_t now, uint8_t data_rate,
		    const struct sp_frame *frame)
{
	static const char hex[] = "0123456789abcdef";
	const uint32_t start = begin(out, "frame", now);

	uint(out, "port", frame->port);
	key(out, "hex");
	put_char(out, '"');
	for (uint8_t i = 0; i < frame->length; i++) {
		put_char(out, hex[frame->payload[i] >> 4]);
		put_char(out, hex[frame->payload[i] & 15]);
	}
	put_char(out, '"');
	uint(out, "dr", data_rate);
	uint(out, "airtime_us", frame->airtime_us);
	end(out, start);
}
