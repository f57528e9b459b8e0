/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief A sensor whose results are lines of JSON and whose radio is always free.
 *
 * What the ports on a PC and on an emulated microcontroller run, and the Python binding.
 */

#ifndef SOUNDPOST_PORTS_RUNNER_H_
#define SOUNDPOST_PORTS_RUNNER_H_

#include <soundpost/sensor.h>

#include "jsonl.h"

/** How long the radio stays on after the last sample, seconds. */
#define SP_RUNNER_DRAIN_S 60

/** State of a runner; it must not move once begun. */
struct sp_runner {
	struct sp_sensor sensor;
	struct sp_engine engine;
	struct sp_sink sink;
	struct sp_link link;
	struct sp_jsonl out;
	/** The newest column, as the front end made it. */
	int8_t column[SP_BANDS_MAX];
};

/**
 * @brief Begin, and write the line that says so.
 *
 * @param model    Must outlive @p runner.
 * @param arena    As for sp_engine_compiled().
 * @param columns  As for sp_sensor_init(), as is @p history.
 * @param link     Region and data rate of the frames.
 * @param text     Receives the lines; @p size bytes, at least 4096 for a hop.
 * @retval 0 if all is well
 * @return A negative errno of sp_sensor_init()
 * @retval -ENOSPC if the line did not fit
 */
int sp_runner_init(struct sp_runner *runner, const struct sp_model *model, int8_t *arena,
		   int8_t *columns, int16_t *history, const struct sp_settings *settings,
		   const struct sp_link *link, char *text, uint32_t size);

/**
 * @brief Take one hop of samples; lines are added to runner->out, which the caller empties.
 *
 * @retval 0 if all is well
 * @return A negative errno of sp_sensor_push() or sp_uplink_next()
 * @retval -ENOSPC if the lines did not fit
 */
int sp_runner_push(struct sp_runner *runner, const int16_t *pcm);

/**
 * @brief End what is under way, and send what waits and may be sent in SP_RUNNER_DRAIN_S seconds.
 *
 * @return As sp_runner_push().
 */
int sp_runner_finish(struct sp_runner *runner);

#endif /* SOUNDPOST_PORTS_RUNNER_H_ */
