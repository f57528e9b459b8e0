/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/uplink.h>

#define US_PER_DS   100000u
#define HOUR_US	    3600000000u
#define START_MAX   0xffffffu
/* the time over which the ledger's rings add up airtime */
#define HOUR_SPAN_S (SP_LEDGER_BUCKETS * SP_LEDGER_HOUR_BUCKET_S)
#define DAY_SPAN_S  (SP_LEDGER_BUCKETS * SP_LEDGER_DAY_BUCKET_S)

#define REGION_DUTY(name, duty) duty,
static const uint16_t duty_permille[] = {SP_REGIONS(REGION_DUTY)};

/* Where the record at index, counted from the oldest, lies in the ring. */
static int slot(const struct sp_uplink *uplink, int index)
{
	return (uplink->record_first + index) % SP_RECORDS_MAX;
}

static void drop_records(struct sp_uplink *uplink, int count)
{
	uplink->record_first = (uint8_t)((uplink->record_first + count) % SP_RECORDS_MAX);
	uplink->record_count -= (uint8_t)count;
	uplink->record_serial += (uint32_t)count;
}

static void drop_event(struct sp_uplink *uplink, int index)
{
	uplink->event_count--;
	memmove(&uplink->events[index], &uplink->events[index + 1],
		(size_t)(uplink->event_count - index) * sizeof(uplink->events[0]));
}

/* Seconds since the sensor's start as they go over the air. */
static uint32_t air_s(const struct sp_uplink *uplink, uint32_t start_s)
{
	return uplink->synchronised ? uplink->epoch_s + start_s : start_s;
}

static uint8_t level_flags(const struct sp_level_summary *level)
{
	return (level->overload ? SP_FLAG_OVERLOAD : 0) |
	       (level->under_range ? SP_FLAG_UNDER_RANGE : 0);
}

int sp_uplink_init(struct sp_uplink *uplink, const struct sp_settings *settings)
{
	memset(uplink, 0, sizeof(*uplink));

	return sp_uplink_configure(uplink, settings);
}

int sp_uplink_configure(struct sp_uplink *uplink, const struct sp_settings *settings)
{
	const int ret = sp_settings_validate(settings);

	if (ret < 0) {
		return ret;
	}

	uplink->interval_s = (uint16_t)settings->interval_s;
	uplink->event_gap_s = (uint16_t)settings->event_gap_s;
	uplink->airtime_budget_ds = (uint16_t)settings->airtime_budget_ds;
	uplink->octave_every = (uint8_t)settings->octave_every;
	uplink->records_per_frame = (uint8_t)settings->records_per_frame;

	return 0;
}

void sp_uplink_synchronise(struct sp_uplink *uplink, uint32_t unix_s, uint64_t now)
{
	uplink->epoch_s = unix_s - (uint32_t)(now / SP_SAMPLE_RATE_HZ);
	uplink->synchronised = true;
}

static void queue_octave(struct sp_uplink *uplink, const struct sp_level_summary *level)
{
	uplink->octave_age++;
	if (uplink->octave_every == 0 || uplink->octave_age < uplink->octave_every) {
		return;
	}

	uplink->octave.flags = level_flags(level);
	for (int i = 0; i < SP_OCTAVE_BANDS; i++) {
		uplink->octave.lzeq[i] = sp_level_byte(level->lzeq_octave[i]);
	}
	uplink->octave_age = 0;
	uplink->octave_waiting = true;
	uplink->octave_serial++;
}

int sp_uplink_summary(struct sp_uplink *uplink, const struct sp_level_summary *level,
		      const struct sp_class_summary *classes, uint64_t start, uint64_t end)
{
	const bool follows = start == uplink->last_end && end - start == uplink->last_samples;
	struct sp_waiting_record waiting = {
		.start_s = (uint32_t)(start / SP_SAMPLE_RATE_HZ),
		.flags = level_flags(level) | (follows ? 0 : SP_FLAG_GAP),
	};
	const int ret = sp_summary_record(&waiting.record, level, classes);

	if (ret < 0) {
		return ret;
	}
	uplink->flush = false;
	if (level->samples == 0) {
		return -EINVAL;
	}

	if (uplink->record_count == SP_RECORDS_MAX) {
		drop_records(uplink, 1);
		uplink->records[slot(uplink, 0)].flags |= SP_FLAG_GAP;
		uplink->records_dropped++;
	}
	uplink->records[slot(uplink, uplink->record_count)] = waiting;
	uplink->record_count++;
	uplink->last_end = end;
	uplink->last_samples = end - start;
	queue_octave(uplink, level);

	return 0;
}

void sp_uplink_flush(struct sp_uplink *uplink)
{
	uplink->flush = true;
}

int sp_uplink_event(struct sp_uplink *uplink, const struct sp_event *event)
{
	struct sp_waiting_event waiting;
	const int ret = sp_event_frame(&waiting.frame, event);
	int in_the_way = uplink->event_count == SP_EVENTS_MAX ? 0 : -1;

	if (ret < 0) {
		return ret;
	}

	for (int i = 0; uplink->event_gap_s > 0 && i < uplink->event_count; i++) {
		if (uplink->events[i].frame.class_id == event->class_id) {
			in_the_way = i;
		}
	}
	if (in_the_way >= 0) {
		drop_event(uplink, in_the_way);
		uplink->events_dropped++;
	}
	waiting.serial = uplink->event_serial++;
	uplink->events[uplink->event_count++] = waiting;

	return 0;
}

int sp_uplink_diagnostic(struct sp_uplink *uplink, const struct sp_diagnostic_frame *diagnostic)
{
	uint8_t bytes[SP_DIAGNOSTIC_BYTES];
	const int ret = sp_diagnostic_encode(diagnostic, bytes, sizeof(bytes));

	if (ret < 0) {
		return ret;
	}
	uplink->diagnostic = *diagnostic;
	uplink->diagnostic_waiting = true;

	return 0;
}

/*
 * The make_ functions build the frame of what waits first, if it is ready and fits; they return its
 * length, or 0.
 */

static int make_diagnostic(const struct sp_uplink *uplink, int payload_max, struct sp_frame *frame)
{
	if (!uplink->diagnostic_waiting || payload_max < SP_DIAGNOSTIC_BYTES) {
		return 0;
	}
	frame->port = SP_PORT_DIAGNOSTIC;

	return sp_diagnostic_encode(&uplink->diagnostic, frame->payload, sizeof(frame->payload));
}

static int make_answer(const struct sp_uplink *uplink, int payload_max, struct sp_frame *frame)
{
	int length = 0;

	while (length < uplink->answer_length) {
		const int entry = uplink->answer[length] & SP_SETTING_ASK ? 3 : 2;

		if (1 + length + entry > payload_max) {
			break;
		}
		length += entry;
	}
	frame->port = SP_PORT_SETTINGS;
	frame->payload[0] = SP_FRAME_VERSION << 4;
	memcpy(frame->payload + 1, uplink->answer, (size_t)length);

	return length == 0 ? 0 : 1 + length;
}

static uint32_t summary_airtime_us(const struct sp_link *link, int records)
{
	return (uint32_t)sp_link_airtime_us(link, SP_SUMMARY_HEADER_BYTES +
							  SP_SUMMARY_RECORD_BYTES * records);
}

/* As many as were asked for, if the payload takes them, and no more airtime than there ever is. */
static int records_of_a_frame(const struct sp_uplink *uplink, const struct sp_link *link,
			      const struct sp_airtime_limits *limits)
{
	const uint32_t limit_us =
		limits->hour_us < limits->day_us ? limits->hour_us : limits->day_us;
	const int fit =
		(sp_link_payload_max(link) - SP_SUMMARY_HEADER_BYTES) / SP_SUMMARY_RECORD_BYTES;
	int records = fit < uplink->records_per_frame ? fit : uplink->records_per_frame;

	while (records > 1 && summary_airtime_us(link, records) > limit_us) {
		records--;
	}

	return records;
}

static int make_summary(const struct sp_uplink *uplink, const struct sp_link *link,
			const struct sp_airtime_limits *limits, struct sp_frame *frame)
{
	const int wanted = records_of_a_frame(uplink, link, limits);
	struct sp_summary_frame summary = {.battery = link->battery};
	int count = 0;

	while (count < wanted && count < uplink->record_count) {
		const struct sp_waiting_record *waiting = &uplink->records[slot(uplink, count)];

		if (count > 0 && (waiting->flags & SP_FLAG_GAP)) {
			break;
		}
		summary.flags |= waiting->flags;
		summary.records[count] = waiting->record;
		count++;
	}
	/* fewer will do only at a flush, or if a gap follows them: they will never be more */
	if (wanted <= 0 || count == 0 ||
	    (count < wanted && count == uplink->record_count && !uplink->flush)) {
		return 0;
	}

	summary.flags |= uplink->synchronised ? SP_FLAG_SYNCHRONISED : 0;
	summary.minute = (uint16_t)(air_s(uplink, uplink->records[slot(uplink, 0)].start_s) / 60);
	summary.count = (uint8_t)count;
	frame->port = SP_PORT_SUMMARY;
	frame->serial = uplink->record_serial;

	return sp_summary_encode(&summary, frame->payload, sizeof(frame->payload));
}

static int make_event(const struct sp_uplink *uplink, int payload_max, uint32_t now_s,
		      struct sp_frame *frame)
{
	if (payload_max < SP_EVENT_BYTES) {
		return 0;
	}

	for (int i = 0; i < uplink->event_count; i++) {
		struct sp_event_frame event = uplink->events[i].frame;
		const uint32_t sent_s = uplink->event_sent_s[event.class_id];

		if (sent_s != 0 && uplink->event_gap_s > 0 &&
		    now_s < sent_s + uplink->event_gap_s) {
			continue;
		}
		event.flags = uplink->synchronised ? SP_FLAG_SYNCHRONISED : 0;
		event.start_s = air_s(uplink, event.start_s) & START_MAX;
		frame->port = SP_PORT_EVENT;
		frame->serial = uplink->events[i].serial;

		return sp_event_encode(&event, frame->payload, sizeof(frame->payload));
	}

	return 0;
}

static int make_octave(const struct sp_uplink *uplink, int payload_max, struct sp_frame *frame)
{
	if (!uplink->octave_waiting || payload_max < SP_OCTAVE_BYTES) {
		return 0;
	}
	frame->port = SP_PORT_OCTAVE;
	frame->serial = uplink->octave_serial;

	return sp_octave_encode(&uplink->octave, frame->payload, sizeof(frame->payload));
}

static uint32_t less(uint32_t limit_us, uint64_t used_us)
{
	return limit_us == SP_AIRTIME_UNLIMITED ? limit_us
	       : used_us >= limit_us		? 0
						: limit_us - (uint32_t)used_us;
}

/* What the summaries of the sensor, sent as they fall due, leave of the limits. */
static struct sp_airtime_limits spare(const struct sp_uplink *uplink, const struct sp_link *link,
				      const struct sp_airtime_limits *limits)
{
	const int records = records_of_a_frame(uplink, link, limits);
	const uint32_t frame_s = (uint32_t)records * uplink->interval_s;
	uint64_t airtime_us;

	if (records <= 0) {
		return *limits;
	}
	airtime_us = summary_airtime_us(link, records);

	return (struct sp_airtime_limits){
		.hour_us = less(limits->hour_us, (HOUR_SPAN_S / frame_s + 1) * airtime_us),
		.day_us = less(limits->day_us, (DAY_SPAN_S / frame_s + 1) * airtime_us),
	};
}

/* Whether the frame may go now; if not, whether it would if time went by. */
enum verdict {
	VERDICT_GO,
	VERDICT_WAIT,
	VERDICT_NEVER,
};

static enum verdict judge(const struct sp_uplink *uplink, uint64_t now_ms,
			  const struct sp_link *link, const struct sp_airtime_limits *limits,
			  const struct sp_frame *frame)
{
	int32_t wait_ms = sp_ledger_wait_ms(&uplink->ledger, limits, now_ms, frame->airtime_us);

	if (wait_ms == 0 && (frame->port == SP_PORT_EVENT || frame->port == SP_PORT_OCTAVE)) {
		const struct sp_airtime_limits left = spare(uplink, link, limits);

		wait_ms = sp_ledger_wait_ms(&uplink->extra, &left, now_ms, frame->airtime_us);
	}

	return wait_ms == 0 ? VERDICT_GO : wait_ms > 0 ? VERDICT_WAIT : VERDICT_NEVER;
}

static int make_frame(const struct sp_uplink *uplink, uint8_t port, uint64_t now_ms,
		      const struct sp_link *link, const struct sp_airtime_limits *limits,
		      struct sp_frame *frame)
{
	const int payload_max = sp_link_payload_max(link);

	switch (port) {
	case SP_PORT_DIAGNOSTIC:
		return make_diagnostic(uplink, payload_max, frame);
	case SP_PORT_SETTINGS:
		return make_answer(uplink, payload_max, frame);
	case SP_PORT_SUMMARY:
		return make_summary(uplink, link, limits, frame);
	case SP_PORT_EVENT:
		return make_event(uplink, payload_max, (uint32_t)(now_ms / 1000), frame);
	default:
		return make_octave(uplink, payload_max, frame);
	}
}

static struct sp_airtime_limits limits_of(const struct sp_uplink *uplink, int region)
{
	return (struct sp_airtime_limits){
		.hour_us = duty_permille[region] == 1000 ? SP_AIRTIME_UNLIMITED
							 : HOUR_US / 1000 * duty_permille[region],
		.day_us = uplink->airtime_budget_ds * US_PER_DS,
	};
}

int sp_uplink_next(const struct sp_uplink *uplink, uint64_t now_ms, const struct sp_link *link,
		   struct sp_frame *frame)
{
	static const uint8_t order[] = {SP_PORT_DIAGNOSTIC, SP_PORT_SETTINGS, SP_PORT_SUMMARY,
					SP_PORT_EVENT, SP_PORT_OCTAVE};
	const int payload_max = sp_link_payload_max(link);

	if (payload_max < 0) {
		return payload_max;
	}

	const struct sp_airtime_limits limits = limits_of(uplink, link->region);

	for (size_t i = 0; i < sizeof(order); i++) {
		const int length = make_frame(uplink, order[i], now_ms, link, &limits, frame);
		enum verdict verdict;

		if (length == 0) {
			continue;
		}
		frame->length = (uint8_t)length;
		frame->airtime_us = (uint32_t)sp_link_airtime_us(link, length);
		verdict = judge(uplink, now_ms, link, &limits, frame);
		/* what can never go must not hold up the others */
		if (verdict != VERDICT_NEVER) {
			return verdict == VERDICT_GO;
		}
	}

	return 0;
}

static void sent_summary(struct sp_uplink *uplink, const struct sp_frame *frame)
{
	const int held = (frame->length - SP_SUMMARY_HEADER_BYTES) / SP_SUMMARY_RECORD_BYTES;
	/* some may have left the ring while the radio was at it */
	const int32_t left = (int32_t)(frame->serial + (uint32_t)held - uplink->record_serial);

	if (left > 0 && left <= uplink->record_count) {
		drop_records(uplink, left);
	}
}

static void sent_event(struct sp_uplink *uplink, uint64_t now_ms, const struct sp_frame *frame)
{
	uplink->event_sent_s[frame->payload[1] >> 4] = (uint32_t)(now_ms / 1000) + 1;
	for (int i = 0; i < uplink->event_count; i++) {
		if (uplink->events[i].serial == frame->serial) {
			drop_event(uplink, i);
		}
	}
}

static void sent_answer(struct sp_uplink *uplink, const struct sp_frame *frame)
{
	const int length = frame->length - 1;

	if (length <= uplink->answer_length) {
		uplink->answer_length -= (uint8_t)length;
		uplink->answer_last -=
			(uint8_t)(length < uplink->answer_last ? length : uplink->answer_last);
		memmove(uplink->answer, uplink->answer + length, uplink->answer_length);
	}
}

void sp_uplink_sent(struct sp_uplink *uplink, uint64_t now_ms, const struct sp_frame *frame)
{
	sp_ledger_record(&uplink->ledger, now_ms, frame->airtime_us);
	if (frame->port != SP_PORT_SUMMARY) {
		sp_ledger_record(&uplink->extra, now_ms, frame->airtime_us);
	}

	switch (frame->port) {
	case SP_PORT_DIAGNOSTIC:
		uplink->diagnostic_waiting = false;
		break;
	case SP_PORT_SUMMARY:
		sent_summary(uplink, frame);
		break;
	case SP_PORT_EVENT:
		sent_event(uplink, now_ms, frame);
		break;
	case SP_PORT_OCTAVE:
		uplink->octave_waiting &= uplink->octave_serial != frame->serial;
		break;
	default:
		sent_answer(uplink, frame);
		break;
	}
}

int32_t sp_uplink_wait_ms(const struct sp_uplink *uplink, uint64_t now_ms, int region,
			  uint32_t airtime_us)
{
	struct sp_airtime_limits limits;

	if (sp_region_name(region) == NULL) {
		return -EINVAL;
	}
	limits = limits_of(uplink, region);

	return sp_ledger_wait_ms(&uplink->ledger, &limits, now_ms, airtime_us);
}

void sp_uplink_book(struct sp_uplink *uplink, uint64_t now_ms, uint32_t airtime_us)
{
	sp_ledger_record(&uplink->ledger, now_ms, airtime_us);
	sp_ledger_record(&uplink->extra, now_ms, airtime_us);
}
