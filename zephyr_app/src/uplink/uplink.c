/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/crc.h>

#include "airtime.h"
#include "backoff.h"
#include "clock_sync.h"
#include "health.h"
#include "mac.h"
#include "sensing.h"
#include "session.h"
#include "store.h"
#include "trace.h"
#include "uplink.h"

LOG_MODULE_REGISTER(uplink, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

/* A look at all that has no event of its own: airtime that is free again, keys that came. */
#define POLL_MS		10000
/* After a fault of the MAC or the store. */
#define RETRY_MS	60000
/* A transmission, its windows, and what the duty cycle puts between repetitions. */
#define OPERATION_MS	(10 * 60 * MSEC_PER_SEC)
/* Once the audio of a simulation has ended. */
#define END_MS		60000
#define TIME_TRIES	3
#define TIME_EVERY_MS	(CONFIG_SOUNDPOST_TIME_SYNC_H * 3600 * (int64_t)MSEC_PER_SEC)
#define NEVER		INT64_MAX
/* a join request is as long on air as 10 bytes of data */
#define JOIN_AS_PAYLOAD 10
#define US_PER_MS	1000u
#define SAMPLES_PER_MS	(SP_SAMPLE_RATE_HZ / 1000)

static const struct device *const radio = DEVICE_DT_GET(DT_ALIAS(lora0));

static const struct backoff join_backoff = {
	.jitter_ms = CONFIG_SOUNDPOST_JOIN_JITTER_S * MSEC_PER_SEC,
	.first_ms = CONFIG_SOUNDPOST_JOIN_FIRST_WAIT_S * MSEC_PER_SEC,
	.most_ms = CONFIG_SOUNDPOST_JOIN_MOST_WAIT_S * MSEC_PER_SEC,
};

/* Told by interrupts, by sensing and by whoever wakes the uplink. */
static K_SEM_DEFINE(news, 0, 1);
static atomic_t rejoin_wanted;
static atomic_t battery = ATOMIC_INIT(SP_BATTERY_UNKNOWN);

static enum uplink_state state = UPLINK_NOT_PROVISIONED;
static struct uplink_stats counts;
static struct store_identity identity;

/* What is on air, if anything is. */
static enum {
	ON_AIR_NOTHING,
	ON_AIR_JOIN,
	/* the scheduler's */
	ON_AIR_FRAME,
	/* our own: MAC commands alone, or the clock's */
	ON_AIR_OTHER,
} on_air;
static struct sp_frame frame;
static struct sp_link link;
static uint8_t asked;
static uint64_t began_ms;
static int64_t give_up_at;

static uint32_t join_failures;
static int64_t join_at;
static int64_t send_at;

static bool session_changed;
/* The network waits for a frame: to acknowledge, or since it has more for us. */
static bool frame_wanted;
static uint32_t frames_unchecked;
static uint8_t checks_lost;
static uint8_t time_tries;
static struct clock_sync clock_sync;
static int64_t time_at;

static struct {
	uint8_t margin_db;
	uint8_t gateways;
	int16_t rssi_dbm;
	int8_t snr_db;
} last;

static void tell_news(void)
{
	k_sem_give(&news);
}

static uint8_t get_battery(void)
{
	return (uint8_t)atomic_get(&battery);
}

static void on_session_changed(void)
{
	session_changed = true;
}

static void on_refused(enum mac_refusal refusal)
{
	switch (refusal) {
	case MAC_REFUSED_MIC:
		counts.mic_errors++;
		LOG_WRN("Refused a downlink: its MIC is wrong");
		break;
	case MAC_REFUSED_REPLAY:
		counts.replays++;
		LOG_WRN("Refused a downlink: its counter was used before");
		break;
	case MAC_REFUSED_FOREIGN:
		counts.foreign++;
		LOG_WRN("Refused a downlink: it is another's");
		break;
	default:
		counts.malformed++;
		LOG_WRN("Refused a downlink: it is malformed");
		break;
	}
}

static void take_settings(const uint8_t *bytes, size_t length)
{
	struct sp_settings settings;
	int ret;

	ret = sensing_downlink(SP_PORT_SETTINGS, bytes, length, &settings);
	if (ret < 0) {
		LOG_WRN("Could not take a settings downlink (%d)", ret);
		counts.payload_errors++;
		return;
	}
	/* its answer goes out after this: what is acknowledged is kept */
	ret = store_save_settings(&settings);
	if (ret < 0) {
		LOG_ERR("Could not keep the settings of a downlink (%d)", ret);
		sensing_not_kept();
	}
	LOG_INF("Settings downlink, %u bytes", (unsigned int)length);
}

static void tell_time(void)
{
	const uint32_t unix_s = mac_unix_s();

	if (unix_s == 0) {
		return;
	}
	counts.time_syncs++;
	sensing_synchronise(unix_s);
	LOG_INF("The time is %u", unix_s);
}

static void take_clock(const uint8_t *bytes, size_t length)
{
	int32_t correction_s = 0;
	const int ret = clock_sync_take(&clock_sync, bytes, length, &correction_s);

	if (ret < 0) {
		LOG_WRN("Could not take a downlink of the clock (%d)", ret);
		counts.payload_errors++;
	} else if (ret > 0) {
		mac_correct_clock(correction_s);
		tell_time();
	}
}

static void on_downlink(const McpsIndication_t *indication)
{
	int ret;

	ret = session_keep_downlink(indication->DownLinkCounter);
	if (ret < 0) {
		LOG_ERR("Could not keep the counter of a downlink, which is left (%d)", ret);
		return;
	}
	counts.downlinks++;
	checks_lost = 0;
	frame_wanted = indication->IsUplinkTxPending;
	last.rssi_dbm = indication->Rssi;
	last.snr_db = indication->Snr;
	if (!indication->RxData) {
		return;
	}
	if (indication->Port == SP_PORT_SETTINGS) {
		take_settings(indication->Buffer, indication->BufferSize);
	} else if (indication->Port == CLOCK_SYNC_PORT) {
		take_clock(indication->Buffer, indication->BufferSize);
	} else {
		LOG_WRN("Nobody listens on port %u", indication->Port);
		counts.unknown_ports++;
	}
}

static const struct mac_listener listener = {
	.downlink = on_downlink,
	.refused = on_refused,
	.session_changed = on_session_changed,
	.notify = tell_news,
	.battery = get_battery,
};

static void schedule_join(void)
{
	/* two sensors that start alike have different EUIs */
	const uint32_t random =
		sys_rand32_get() ^ crc32_ieee(identity.dev_eui, sizeof(identity.dev_eui));
	const uint32_t wait_ms = backoff_wait_ms(&join_backoff, join_failures, random);

	join_at = k_uptime_get() + wait_ms;
	LOG_INF("Join request in %u s", wait_ms / MSEC_PER_SEC);
}

static void leave_network(void)
{
	mac_leave();
	session_forget();
	state = UPLINK_JOINING;
	join_failures = 0;
	schedule_join();
}

static void enter_network(void)
{
	state = UPLINK_JOINED;
	frame_wanted = false;
	frames_unchecked = 0;
	checks_lost = 0;
	time_tries = 0;
	time_at = k_uptime_get();
	send_at = 0;
}

/* Read keys and begin; also anew. */
static void provision(void)
{
	if (store_load_identity(&identity) < 0) {
		if (state != UPLINK_NOT_PROVISIONED) {
			LOG_ERR("Keys are missing");
		}
		state = UPLINK_NOT_PROVISIONED;
		return;
	}
	if (mac_start(&identity, &listener) < 0) {
		state = UPLINK_NO_RADIO;
		return;
	}
	if (session_restore(mac_context()) == 0) {
		LOG_INF("Session of 0x%08x goes on", mac_context()->MacGroup2.DevAddr);
		enter_network();
	} else {
		state = UPLINK_JOINING;
		join_failures = 0;
		schedule_join();
	}
}

static void go_on_air(int what)
{
	on_air = what;
	began_ms = sensing_now_ms();
	give_up_at = k_uptime_get() + OPERATION_MS;
}

static int64_t try_join(int64_t now)
{
	uint8_t slowest, fastest;
	uint16_t dev_nonce;
	uint32_t wait_ms;
	int32_t airtime_us, airtime_ms;
	int ret;

	if (now < join_at) {
		return join_at;
	}

	mac_join_data_rates(&slowest, &fastest);
	link = (struct sp_link){
		.region = mac_region,
		.data_rate = backoff_data_rate(join_failures, slowest, fastest),
	};
	airtime_us = sp_link_airtime_us(&link, JOIN_AS_PAYLOAD);
	airtime_ms = airtime_wait_ms(mac_region, airtime_us);
	if (airtime_ms > 0) {
		return now + airtime_ms;
	}
	ret = airtime_reserve(airtime_us);
	if (ret == 0) {
		ret = session_next_dev_nonce(&dev_nonce);
	}
	if (ret < 0) {
		LOG_ERR("Could not take a DevNonce (%d)", ret);
		join_at = now + join_backoff.most_ms;
		return join_at;
	}

	ret = mac_join(dev_nonce, link.data_rate, &wait_ms);
	if (ret < 0) {
		LOG_WRN("The MAC refused a join request (%d)", ret);
		join_at = now + MAX(wait_ms, RETRY_MS);
		return join_at;
	}
	counts.join_requests++;
	LOG_INF("Join request %u at DR%u", dev_nonce, link.data_rate);
	go_on_air(ON_AIR_JOIN);

	return give_up_at;
}

static void end_join(const struct mac_result *result)
{
	const uint32_t airtime_us = result->transmissions * result->airtime_ms * US_PER_MS;
	int ret = result->status;

	counts.transmissions += result->transmissions;
	counts.airtime_us += airtime_us;
	airtime_book(began_ms, airtime_us);

	if (ret == 0) {
		ret = session_begin(mac_context());
	}
	if (ret < 0) {
		LOG_WRN("Could not join: %s (%d)",
			ret == -EALREADY    ? "the join accept is an old one"
			: ret == -ETIMEDOUT ? "no answer"
					    : "the join accept is not valid",
			ret);
		mac_leave();
		counts.joins_refused += ret == -EACCES || ret == -EALREADY;
		counts.join_failures++;
		join_failures++;
		schedule_join();
		return;
	}
	counts.joins++;
	LOG_INF("Joined as 0x%08x", mac_context()->MacGroup2.DevAddr);
	enter_network();
}

static uint8_t to_ask(int64_t now)
{
	uint8_t ask = 0;

	if (checks_lost > 0 || frames_unchecked + 1 >= CONFIG_SOUNDPOST_LINK_CHECK_FRAMES) {
		ask |= MAC_ASK_LINK;
	}
	if (now >= time_at) {
		ask |= MAC_ASK_TIME;
	}

	return ask;
}

/* Make the frame one of our own: of the clock if there is one and it fits, else of MAC commands
 * alone.
 */
static void make_other(bool commands)
{
	int32_t airtime_us;

	frame.port = CLOCK_SYNC_PORT;
	frame.length =
		commands ? 0 : (uint8_t)clock_sync_message(&clock_sync, mac_gps_s(), frame.payload);
	airtime_us = sp_link_airtime_us(&link, frame.length);
	if (airtime_us < 0) {
		frame.length = 0;
		airtime_us = sp_link_airtime_us(&link, 0);
	}
	frame.airtime_us = (uint32_t)MAX(airtime_us, 0);
}

/* Send the frame; what is not the scheduler's asks for airtime here. */
static int64_t try_frame(int64_t now, bool other)
{
	uint32_t wait_ms;
	int ret;

	if (other) {
		const int32_t ms = airtime_wait_ms(mac_region, frame.airtime_us);

		if (ms > 0) {
			return now + ms;
		}
	}
	ret = airtime_reserve(frame.airtime_us);
	if (ret == 0) {
		ret = session_reserve_uplink(mac_context());
	}
	if (ret < 0) {
		LOG_ERR("Could not keep the state of the uplink (%d)", ret);
		counts.send_errors++;
		send_at = now + RETRY_MS;
		return send_at;
	}

	ret = mac_send(frame.port, frame.payload, frame.length, asked, &wait_ms);
	if (ret == 0) {
		frame_wanted = false;
		if (other && frame.length > 0) {
			/* its answer comes in this frame's own windows */
			clock_sync_sent(&clock_sync);
		}
		go_on_air(other ? ON_AIR_OTHER : ON_AIR_FRAME);
		return give_up_at;
	}
	if (ret == -EAGAIN) {
		counts.duty_cycle_refusals++;
		send_at = now + MAX(wait_ms, MSEC_PER_SEC);
	} else if (ret == -EMSGSIZE && frame.length > 0) {
		/* MAC commands are in the way, or the data rate is about to go down */
		make_other(true);
		return try_frame(now, true);
	} else {
		LOG_WRN("The MAC refused a frame (%d)", ret);
		counts.send_errors++;
		send_at = now + RETRY_MS;
	}

	return send_at;
}

static int64_t try_send(int64_t now)
{
	int ret;

	if (now < send_at) {
		return send_at;
	}

	asked = to_ask(now);
	mac_get_link(asked, &link);
	ret = sensing_next_frame(&link, &frame);
	if (ret < 0) {
		LOG_ERR("No frame fits data rate %u (%d)", link.data_rate, ret);
		counts.send_errors++;
		send_at = now + RETRY_MS;
		return send_at;
	}
	if (ret == 1) {
		return try_frame(now, false);
	}
	if (frame_wanted || clock_sync_is_due(&clock_sync)) {
		make_other(false);
		/* nothing if the clock's message must wait for a better data rate */
		return frame.length > 0 || frame_wanted ? try_frame(now, true) : NEVER;
	}

	return NEVER;
}

static void check_link(const struct mac_result *result)
{
	frames_unchecked++;
	if ((asked & MAC_ASK_LINK) == 0) {
		return;
	}
	counts.link_checks++;
	frames_unchecked = 0;
	if (result->answered & MAC_ASK_LINK) {
		checks_lost = 0;
		last.margin_db = result->margin_db;
		last.gateways = result->gateways;
		return;
	}
	counts.link_checks_lost++;
	checks_lost++;
	LOG_WRN("Link check %u in a row went unanswered", checks_lost);
	if (checks_lost >= CONFIG_SOUNDPOST_LINK_CHECKS_LOST) {
		LOG_WRN("The network is lost");
		counts.networks_lost++;
		leave_network();
	}
}

static void check_time(const struct mac_result *result)
{
	if ((asked & MAC_ASK_TIME) == 0) {
		return;
	}
	if (result->answered & MAC_ASK_TIME) {
		tell_time();
	} else if (++time_tries < TIME_TRIES) {
		return;
	} else {
		/* a network that does not know the command may have the service */
		clock_sync.request_wanted = true;
	}
	time_tries = 0;
	time_at = k_uptime_get() + TIME_EVERY_MS;
}

static void end_frame(const struct mac_result *result)
{
	const uint32_t airtime_us = result->transmissions * result->airtime_ms * US_PER_MS;

	counts.transmissions += result->transmissions;
	counts.airtime_us += airtime_us;
	if (result->status == -EIO) {
		LOG_ERR("The radio did not send");
		counts.send_errors++;
		airtime_book(began_ms, airtime_us);
		send_at = k_uptime_get() + RETRY_MS;
		return;
	}

	if (on_air == ON_AIR_FRAME) {
		counts.uplinks++;
		trace_frame(began_ms * SAMPLES_PER_MS, link.data_rate, &frame);
		sensing_frame_sent(&frame, began_ms);
		airtime_spend(frame.airtime_us);
		/* repetitions, and the milliseconds that the MAC rounds up to */
		airtime_book(began_ms, airtime_us - MIN(airtime_us, frame.airtime_us));
	} else {
		counts.mac_uplinks++;
		airtime_book(began_ms, airtime_us);
	}
	check_time(result);
	check_link(result);
}

static void end_operation(const struct mac_result *result)
{
	if (on_air == ON_AIR_JOIN) {
		end_join(result);
	} else {
		end_frame(result);
	}
	on_air = ON_AIR_NOTHING;
	if (session_changed && state == UPLINK_JOINED) {
		session_changed = false;
		(void)session_update(mac_context());
	}
}

static int64_t watch_operation(int64_t now)
{
	struct mac_result result = {.status = -EIO};

	if (mac_ended(&result)) {
		end_operation(&result);
		return now;
	}
	if (now >= give_up_at) {
		LOG_ERR("The MAC did not come to an end");
		counts.mac_timeouts++;
		mac_abort();
		end_operation(&result);
		return now;
	}

	return give_up_at;
}

/* What there is to do; returns when to look again if nothing happens. */
static int64_t step(int64_t now)
{
	if (state >= UPLINK_JOINING) {
		mac_process();
	}
	if (on_air != ON_AIR_NOTHING) {
		return watch_operation(now);
	}
	if (atomic_set(&rejoin_wanted, 0)) {
		if (state == UPLINK_JOINED) {
			session_forget();
		}
		provision();
		join_at = now;
	}

	switch (state) {
	case UPLINK_JOINING:
		return mac_is_busy() ? NEVER : try_join(now);
	case UPLINK_JOINED:
		return mac_is_busy() ? NEVER : try_send(now);
	case UPLINK_NOT_PROVISIONED:
		provision();
		return state == UPLINK_NOT_PROVISIONED ? NEVER : now;
	default:
		return NEVER;
	}
}

/* Whether a simulation may end: the radio stayed on for as long as in the ports' runner. */
static bool is_over(int64_t now)
{
	static int64_t over_at = NEVER;

	if (!IS_ENABLED(CONFIG_SOUNDPOST_END_WITH_AUDIO) || !sensing_ended()) {
		return false;
	}
	if (over_at == NEVER) {
		over_at = now + END_MS;
	}

	return now >= over_at || state < UPLINK_JOINING;
}

int uplink_run(void)
{
	bool over = false;

	airtime_restore();
	if (!device_is_ready(radio)) {
		LOG_ERR("%s is not ready", radio->name);
		state = UPLINK_NO_RADIO;
	} else {
		provision();
		if (state == UPLINK_NOT_PROVISIONED) {
			LOG_WRN("Keys are missing: nothing will be sent");
		}
	}

	while (!over) {
		const int64_t now = k_uptime_get();
		const int64_t next = step(now);

		health_alive(SP_PART_UPLINK);
		over = is_over(now);
		if (!over && next > now) {
			(void)k_sem_take(&news, K_MSEC(MIN(next - now, POLL_MS)));
		}
	}

	return 0;
}

void uplink_wake(void)
{
	tell_news();
}

void uplink_rejoin(void)
{
	atomic_set(&rejoin_wanted, 1);
	tell_news();
}

void uplink_set_battery(uint8_t level)
{
	atomic_set(&battery, level);
}

void uplink_get_stats(struct uplink_stats *stats)
{
	*stats = counts;
}

void uplink_get_status(struct uplink_status *status)
{
	const LoRaMacNvmData_t *context = mac_context();

	*status = (struct uplink_status){.state = state, .region = sp_region_name(mac_region)};
	if (state == UPLINK_JOINING) {
		status->join_in_s = (uint32_t)(MAX(join_at - k_uptime_get(), 0) / MSEC_PER_SEC);
	}
	if (state != UPLINK_JOINED) {
		return;
	}
	status->dev_addr = context->MacGroup2.DevAddr;
	status->net_id = context->MacGroup2.NetID;
	status->frames_up = context->Crypto.FCntList.FCntUp;
	status->frames_down = context->Crypto.FCntList.FCntDown + 1;
	status->data_rate = (uint8_t)context->MacGroup1.ChannelsDatarate;
	status->tx_power = (uint8_t)context->MacGroup1.ChannelsTxPower;
	status->repetitions = context->MacGroup2.MacParams.ChannelsNbTrans;
	status->link_checks_lost = checks_lost;
	status->margin_db = last.margin_db;
	status->gateways = last.gateways;
	status->rssi_dbm = last.rssi_dbm;
	status->snr_db = last.snr_db;
	status->unix_s = mac_unix_s();
}

const char *uplink_state_name(enum uplink_state what)
{
	static const char *const names[] = {
		[UPLINK_NOT_PROVISIONED] = "not provisioned",
		[UPLINK_NO_RADIO] = "no radio",
		[UPLINK_JOINING] = "joining",
		[UPLINK_JOINED] = "joined",
	};

	return names[what];
}
