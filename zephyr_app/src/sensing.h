/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The sensor of core/ in a thread of its own.
 *
 * The thread takes blocks of audio and pushes them through core/. All other functions may be called
 * from any thread; none waits longer than one hop takes to compute.
 */

#ifndef SOUNDPOST_APP_SENSING_H_
#define SOUNDPOST_APP_SENSING_H_

#include <stddef.h>
#include <stdint.h>

#include <soundpost/sensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the sensor heard last. */
struct sensing_levels {
	/** The last Fast interval. */
	struct sp_fast fast;
	/** The last window's leading class, and its smoothed score in 1/256. */
	uint8_t leader;
	uint8_t confidence;
	/** Samples since the start. */
	uint64_t samples;
};

/** Counts since the start. */
struct sensing_stats {
	uint32_t windows;
	uint32_t silent_windows;
	uint32_t events;
	uint32_t summaries;
	/** Windows that the engine failed on. */
	uint32_t engine_errors;
	/** Samples lost, as core/ was told. */
	uint64_t lost_samples;
	/** Longest time that a hop took to compute, microseconds. */
	uint32_t hop_max_us;
};

/**
 * @brief Start the sensor; audio must have been started.
 *
 * @param settings Copied.
 * @param news     Called, from the sensor's thread, when there may be something to send, and at the
 *                 end.
 * @retval 0 on success
 * @return A negative errno of engine_init() or sp_sensor_init()
 */
int sensing_start(const struct sp_settings *settings, void (*news)(void));

/** @brief The frame to be sent now: sp_uplink_next() of the sensor. */
int sensing_next_frame(const struct sp_link *link, struct sp_frame *frame);

/** @brief A frame was sent, from @p began_ms of sensing_now_ms() on: sp_uplink_sent(). */
void sensing_frame_sent(const struct sp_frame *frame, uint64_t began_ms);

/** @brief A downlink came: sp_sensor_downlink(). @p settings receives what is in force after it. */
int sensing_downlink(uint8_t port, const uint8_t *bytes, size_t length,
		     struct sp_settings *settings);

/** @brief What the last downlink set could not be written: sp_uplink_not_kept(). */
void sensing_not_kept(void);

/** @brief Settings in force. */
void sensing_get_settings(struct sp_settings *settings);

/**
 * @brief Put settings in force.
 *
 * @retval 0 on success
 * @retval -ERANGE if they are not valid; nothing changes
 */
int sensing_configure(const struct sp_settings *settings);

/**
 * @brief Put one setting in force, whatever others do meanwhile.
 *
 * @retval 0 on success
 * @retval -ENOENT if there is no such key
 * @retval -ERANGE if it is out of range, or in conflict with another; nothing changes
 */
int sensing_set(uint8_t key, int32_t value);

/** @brief Tell the time: seconds since 1970-01-01T00:00Z now. */
void sensing_synchronise(uint32_t unix_s);

/** @brief Milliseconds of the sensor's clock, which counts samples. */
uint64_t sensing_now_ms(void);

/** @brief What was heard last. */
void sensing_get_levels(struct sensing_levels *levels);

/** @brief Read the counts. */
void sensing_get_stats(struct sensing_stats *stats);

/**
 * @brief Call @p inspect with the sensor, held still meanwhile.
 *
 * @p inspect may call sensing_now_ms().
 *
 * For what is read seldom (airtime ledger, queues) or kept over a reset.
 */
void sensing_inspect(void (*inspect)(struct sp_sensor *sensor, void *context), void *context);

/** @brief Whether an emulated microphone has ended and all it brought is computed. */
bool sensing_ended(void);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_APP_SENSING_H_ */
