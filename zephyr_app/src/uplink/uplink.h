/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The uplink thread: LoRaWAN class A, from join to downlink.
 *
 * The thread joins, asks sensing for the frame to be sent, sends it, and hands downlinks on. It
 * never holds sensing's lock while the radio works. See README.md for what it keeps over a reset,
 * and when it joins anew.
 */

#ifndef SOUNDPOST_APP_UPLINK_H_
#define SOUNDPOST_APP_UPLINK_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the uplink is at. */
enum uplink_state {
	/** Keys are missing: nothing is sent. */
	UPLINK_NOT_PROVISIONED,
	/** The radio does not work: nothing is sent. */
	UPLINK_NO_RADIO,
	/** Not part of a network, and trying to be. */
	UPLINK_JOINING,
	/** Part of a network. */
	UPLINK_JOINED,
};

/** Counts since the start. */
struct uplink_stats {
	/** Frames of the sensor; those of MAC commands alone, or of the clock; all with their
	 * repetitions.
	 */
	uint32_t uplinks;
	uint32_t mac_uplinks;
	uint32_t transmissions;
	/** Times that the MAC refused a frame since its duty cycle was used up, or for another
	 * reason, or did not come to an end.
	 */
	uint32_t duty_cycle_refusals;
	uint32_t send_errors;
	uint32_t mac_timeouts;

	/** Join requests, joins, requests without an answer or with a wrong one, and join accepts
	 * that were refused: for their MIC, or since they are older than one that was taken.
	 */
	uint32_t join_requests;
	uint32_t joins;
	uint32_t join_failures;
	uint32_t joins_refused;
	/** Times that the network was given up as lost. */
	uint32_t networks_lost;

	/** Link checks asked for, and those that went unanswered. */
	uint32_t link_checks;
	uint32_t link_checks_lost;

	/** Downlinks taken, with data or without. */
	uint32_t downlinks;
	/** Downlinks refused: wrong MIC; frame counter that was had before; any other fault, such
	 * as a length that its data rate does not have; another's address; port that nobody listens
	 * on; payload that its port does not take.
	 */
	uint32_t mic_errors;
	uint32_t replays;
	uint32_t malformed;
	uint32_t foreign;
	uint32_t unknown_ports;
	uint32_t payload_errors;

	/** Times that the network told the time. */
	uint32_t time_syncs;

	/** Airtime of all transmissions, microseconds. */
	uint64_t airtime_us;
};

/** What holds now. */
struct uplink_status {
	enum uplink_state state;
	/** Name of the region, such as "EU868". */
	const char *region;
	/** From here on all are 0 unless joined. */
	uint32_t dev_addr;
	uint32_t net_id;
	uint32_t frames_up;
	uint32_t frames_down;
	uint8_t data_rate;
	/** Index of the region's table, 0 is the strongest. */
	uint8_t tx_power;
	uint8_t repetitions;
	/** Link checks in a row that went unanswered. */
	uint8_t link_checks_lost;
	/** Of the last link check's answer; gateways 0 if there was none. */
	uint8_t margin_db;
	uint8_t gateways;
	/** Of the last downlink. */
	int16_t rssi_dbm;
	int8_t snr_db;
	/** Seconds until the next join request; 0 if joined. */
	uint32_t join_in_s;
	/** Seconds since 1970 if the time is known, else 0. */
	uint32_t unix_s;
};

#ifdef CONFIG_SOUNDPOST_UPLINK

/**
 * @brief Run the uplink in this thread; audio and sensing must have been started.
 *
 * @return 0 once an emulated microphone has ended (CONFIG_SOUNDPOST_END_WITH_AUDIO); else never.
 */
int uplink_run(void);

/** @brief Tell the uplink that there may be something to send; may be called from any context. */
void uplink_wake(void);

/** @brief Have the uplink read its keys, leave the network and join anew, at once. */
void uplink_rejoin(void);

/**
 * @brief Tell the state of the battery.
 *
 * @param level As in frames and in LoRaWAN: 0 external supply, 1 (empty) to 254 (full), 255
 *              unknown.
 */
void uplink_set_battery(uint8_t level);

/** @brief Read the counts. */
void uplink_get_stats(struct uplink_stats *stats);

/** @brief Read what holds now. */
void uplink_get_status(struct uplink_status *status);

/** @brief Name of a state, such as "joined". */
const char *uplink_state_name(enum uplink_state state);

#else

static inline int uplink_run(void)
{
	return 0;
}

static inline void uplink_wake(void)
{
}

static inline void uplink_get_status(struct uplink_status *status)
{
	*status = (struct uplink_status){.state = UPLINK_NOT_PROVISIONED};
}

#endif /* CONFIG_SOUNDPOST_UPLINK */

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_APP_UPLINK_H_ */
