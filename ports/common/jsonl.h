/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief What a sensor does, as lines of JSON: the same bytes from every port.
 *
 * The lines and their fields are listed in ports/README.md. Times are samples since the start,
 * levels decibels with two decimals, null where nothing was measured.
 */

#ifndef SOUNDPOST_PORTS_JSONL_H_
#define SOUNDPOST_PORTS_JSONL_H_

#include <stdbool.h>
#include <stdint.h>

#include <soundpost/sensor.h>

/** A text that grows in a buffer of the caller's. */
struct sp_jsonl {
	char *text;
	uint32_t size;
	uint32_t length;
	/** Something did not fit; what is there ends with a whole line. */
	bool overflow;
};

/** @brief The line that begins a run. */
void sp_jsonl_start(struct sp_jsonl *out, const struct sp_model *model);

/** @brief Levels of a Fast interval. */
void sp_jsonl_fast(struct sp_jsonl *out, const struct sp_fast *fast);

/** @brief Scores of a window, or that it was silent. */
void sp_jsonl_window(struct sp_jsonl *out, const struct sp_model *model,
		     const struct sp_window *window);

/** @brief An event that ended, at sample @p now. */
void sp_jsonl_event(struct sp_jsonl *out, const struct sp_model *model, uint64_t now,
		    const struct sp_event *event);

/** @brief Summary of the interval that ended at sample @p now. */
void sp_jsonl_summary(struct sp_jsonl *out, const struct sp_model *model, uint64_t now,
		      const struct sp_level_summary *levels,
		      const struct sp_class_summary *classes);

/** @brief A frame that is sent at sample @p now. */
void sp_jsonl_frame(struct sp_jsonl *out, uint64_t now, uint8_t data_rate,
		    const struct sp_frame *frame);

#endif /* SOUNDPOST_PORTS_JSONL_H_ */
