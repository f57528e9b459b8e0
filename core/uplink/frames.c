/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/uplink.h>

#define SAMPLES_PER_DS (SP_SAMPLE_RATE_HZ / 10)
#define NIBBLE_MAX     15

static const uint8_t summary_flags =
	SP_FLAG_OVERLOAD | SP_FLAG_UNDER_RANGE | SP_FLAG_SYNCHRONISED | SP_FLAG_GAP;
static const uint8_t event_flags = SP_FLAG_SYNCHRONISED;
static const uint8_t octave_flags = SP_FLAG_OVERLOAD | SP_FLAG_UNDER_RANGE;

static void put_u16(uint8_t *out, uint16_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static uint16_t get_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put_u32(uint8_t *out, uint32_t value)
{
	put_u16(out, (uint16_t)(value >> 16));
	put_u16(out + 2, (uint16_t)value);
}

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

static uint8_t head(uint8_t flags)
{
	return (uint8_t)(SP_FRAME_VERSION << 4 | flags);
}

/* Byte 0 of any frame: its flags, or an error. */
static int check_head(const uint8_t *bytes, size_t length, uint8_t allowed)
{
	if (length == 0) {
		return -EMSGSIZE;
	}
	if (bytes[0] >> 4 != SP_FRAME_VERSION) {
		return -EPROTONOSUPPORT;
	}

	return (bytes[0] & NIBBLE_MAX & ~allowed) != 0 ? -EINVAL : bytes[0] & NIBBLE_MAX;
}

uint8_t sp_level_byte(int32_t cdb)
{
	if (cdb <= 0) {
		return 0;
	}

	return cdb >= 50 * UINT8_MAX ? UINT8_MAX : (uint8_t)((cdb + 25) / 50);
}

int sp_summary_record(struct sp_summary_record *record, const struct sp_level_summary *level,
		      const struct sp_class_summary *classes)
{
	uint32_t active_s = 0;

	if (classes->top_class > SP_CLASS_NONE) {
		return -EINVAL;
	}
	if (classes->top_class < SP_CLASSES_MAX) {
		const uint32_t active = classes->active[classes->top_class];

		active_s = active / SP_SAMPLE_RATE_HZ +
			   (active % SP_SAMPLE_RATE_HZ >= SP_SAMPLE_RATE_HZ / 2);
	}

	*record = (struct sp_summary_record){
		.laeq = sp_level_byte(level->laeq),
		.lafmax = sp_level_byte(level->lafmax),
		.laf10 = sp_level_byte(level->laf10),
		.laf90 = sp_level_byte(level->laf90),
		.class_id = classes->top_class,
		.confidence = classes->confidence >> 4,
		.events = classes->events > UINT8_MAX ? UINT8_MAX : (uint8_t)classes->events,
		.active_s = active_s > UINT16_MAX ? UINT16_MAX : (uint16_t)active_s,
	};

	return 0;
}

int sp_event_frame(struct sp_event_frame *frame, const struct sp_event *event)
{
	const uint32_t duration_ds = event->duration / SAMPLES_PER_DS +
				     (event->duration % SAMPLES_PER_DS >= SAMPLES_PER_DS / 2);

	if (event->class_id > SP_CLASS_UNKNOWN) {
		return -EINVAL;
	}

	*frame = (struct sp_event_frame){
		.class_id = event->class_id,
		.confidence = event->confidence >> 4,
		.lafmax = sp_level_byte(event->lafmax),
		.lae = sp_level_byte(event->lae),
		.duration_ds = duration_ds > UINT16_MAX ? UINT16_MAX : (uint16_t)duration_ds,
		.start_s = (uint32_t)(event->start / SP_SAMPLE_RATE_HZ),
	};

	return 0;
}

int sp_summary_encode(const struct sp_summary_frame *frame, uint8_t *out, size_t size)
{
	const int length = SP_SUMMARY_HEADER_BYTES + SP_SUMMARY_RECORD_BYTES * frame->count;

	if (frame->flags & ~summary_flags || frame->count < 1 || frame->count > SP_RECORDS_MAX) {
		return -EINVAL;
	}
	for (int i = 0; i < frame->count; i++) {
		if (frame->records[i].class_id > NIBBLE_MAX ||
		    frame->records[i].confidence > NIBBLE_MAX) {
			return -EINVAL;
		}
	}
	if (size < (size_t)length) {
		return -ENOBUFS;
	}

	out[0] = head(frame->flags);
	put_u16(out + 1, frame->minute);
	out[3] = frame->battery;
	out += SP_SUMMARY_HEADER_BYTES;
	for (int i = 0; i < frame->count; i++) {
		const struct sp_summary_record *record = &frame->records[i];

		out[0] = record->laeq;
		out[1] = record->lafmax;
		out[2] = record->laf10;
		out[3] = record->laf90;
		out[4] = (uint8_t)(record->class_id << 4 | record->confidence);
		out[5] = record->events;
		put_u16(out + 6, record->active_s);
		out += SP_SUMMARY_RECORD_BYTES;
	}

	return length;
}

int sp_summary_decode(struct sp_summary_frame *frame, const uint8_t *bytes, size_t length)
{
	const int flags = check_head(bytes, length, summary_flags);

	if (flags < 0) {
		return flags;
	}
	if (length < SP_SUMMARY_HEADER_BYTES + SP_SUMMARY_RECORD_BYTES ||
	    length > SP_SUMMARY_HEADER_BYTES + SP_SUMMARY_RECORD_BYTES * SP_RECORDS_MAX ||
	    (length - SP_SUMMARY_HEADER_BYTES) % SP_SUMMARY_RECORD_BYTES != 0) {
		return -EMSGSIZE;
	}

	frame->flags = (uint8_t)flags;
	frame->minute = get_u16(bytes + 1);
	frame->battery = bytes[3];
	frame->count = (uint8_t)((length - SP_SUMMARY_HEADER_BYTES) / SP_SUMMARY_RECORD_BYTES);
	bytes += SP_SUMMARY_HEADER_BYTES;
	for (int i = 0; i < frame->count; i++) {
		frame->records[i] = (struct sp_summary_record){
			.laeq = bytes[0],
			.lafmax = bytes[1],
			.laf10 = bytes[2],
			.laf90 = bytes[3],
			.class_id = bytes[4] >> 4,
			.confidence = bytes[4] & NIBBLE_MAX,
			.events = bytes[5],
			.active_s = get_u16(bytes + 6),
		};
		bytes += SP_SUMMARY_RECORD_BYTES;
	}

	return 0;
}

int sp_event_encode(const struct sp_event_frame *frame, uint8_t *out, size_t size)
{
	if (frame->flags & ~event_flags || frame->class_id > SP_CLASS_UNKNOWN ||
	    frame->confidence > NIBBLE_MAX || frame->start_s >> 24 != 0) {
		return -EINVAL;
	}
	if (size < SP_EVENT_BYTES) {
		return -ENOBUFS;
	}

	out[0] = head(frame->flags);
	out[1] = (uint8_t)(frame->class_id << 4 | frame->confidence);
	out[2] = (uint8_t)(frame->start_s >> 16);
	put_u16(out + 3, (uint16_t)frame->start_s);
	put_u16(out + 5, frame->duration_ds);
	out[7] = frame->lafmax;
	out[8] = frame->lae;

	return SP_EVENT_BYTES;
}

int sp_event_decode(struct sp_event_frame *frame, const uint8_t *bytes, size_t length)
{
	const int flags = check_head(bytes, length, event_flags);

	if (flags < 0) {
		return flags;
	}
	if (length != SP_EVENT_BYTES) {
		return -EMSGSIZE;
	}

	*frame = (struct sp_event_frame){
		.flags = (uint8_t)flags,
		.class_id = bytes[1] >> 4,
		.confidence = bytes[1] & NIBBLE_MAX,
		.start_s = (uint32_t)bytes[2] << 16 | get_u16(bytes + 3),
		.duration_ds = get_u16(bytes + 5),
		.lafmax = bytes[7],
		.lae = bytes[8],
	};

	return frame->class_id > SP_CLASS_UNKNOWN ? -EINVAL : 0;
}

int sp_octave_encode(const struct sp_octave_frame *frame, uint8_t *out, size_t size)
{
	if (frame->flags & ~octave_flags) {
		return -EINVAL;
	}
	if (size < SP_OCTAVE_BYTES) {
		return -ENOBUFS;
	}

	out[0] = head(frame->flags);
	memcpy(out + 1, frame->lzeq, SP_OCTAVE_BANDS);

	return SP_OCTAVE_BYTES;
}

int sp_octave_decode(struct sp_octave_frame *frame, const uint8_t *bytes, size_t length)
{
	const int flags = check_head(bytes, length, octave_flags);

	if (flags < 0) {
		return flags;
	}
	if (length != SP_OCTAVE_BYTES) {
		return -EMSGSIZE;
	}

	frame->flags = (uint8_t)flags;
	memcpy(frame->lzeq, bytes + 1, SP_OCTAVE_BANDS);

	return 0;
}

int sp_diagnostic_encode(const struct sp_diagnostic_frame *frame, uint8_t *out, size_t size)
{
	if (frame->reset > SP_RESET_LOCKUP || frame->fault > SP_FAULT_STALL ||
	    frame->part > SP_PART_OTHER || frame->resets > NIBBLE_MAX ||
	    frame->version_major > SP_VERSION_MAJOR_MAX ||
	    frame->version_minor > SP_VERSION_MINOR_MAX ||
	    frame->version_patch > SP_VERSION_PATCH_MAX) {
		return -EINVAL;
	}
	if (size < SP_DIAGNOSTIC_BYTES) {
		return -ENOBUFS;
	}

	out[0] = head(0);
	out[1] = (uint8_t)(frame->reset << 4 | frame->fault);
	put_u32(out + 2, frame->program_counter);
	put_u16(out + 6, frame->uptime_min);
	out[8] = (uint8_t)(frame->part << 4 | frame->resets);
	put_u16(out + 9, (uint16_t)(frame->version_major << 12 | frame->version_minor << 6 |
				    frame->version_patch));

	return SP_DIAGNOSTIC_BYTES;
}

int sp_diagnostic_decode(struct sp_diagnostic_frame *frame, const uint8_t *bytes, size_t length)
{
	const int flags = check_head(bytes, length, 0);

	if (flags < 0) {
		return flags;
	}
	if (length != SP_DIAGNOSTIC_BYTES) {
		return -EMSGSIZE;
	}

	*frame = (struct sp_diagnostic_frame){
		.program_counter = get_u32(bytes + 2),
		.uptime_min = get_u16(bytes + 6),
		.reset = bytes[1] >> 4,
		.fault = bytes[1] & NIBBLE_MAX,
		.part = bytes[8] >> 4,
		.resets = bytes[8] & NIBBLE_MAX,
		.version_major = bytes[9] >> 4,
		.version_minor = (get_u16(bytes + 9) >> 6) & SP_VERSION_MINOR_MAX,
		.version_patch = bytes[10] & SP_VERSION_PATCH_MAX,
	};

	return frame->reset > SP_RESET_LOCKUP || frame->fault > SP_FAULT_STALL ||
			       frame->part > SP_PART_OTHER
		       ? -EINVAL
		       : 0;
}

int sp_answer_encode(const struct sp_answer_frame *frame, uint8_t *out, size_t size)
{
	int length = 1;

	if (frame->count < 1 || frame->count > SP_ANSWERS_MAX) {
		return -EINVAL;
	}
	for (int i = 0; i < frame->count; i++) {
		const struct sp_answer *answer = &frame->answers[i];

		if (answer->key >= SP_SETTING_ASK || answer->status > SP_SETTING_NOT_KEPT ||
		    (answer->has_value ? answer->status != SP_SETTING_OK : answer->value != 0)) {
			return -EINVAL;
		}
		length += answer->has_value ? 3 : 2;
	}
	if (size < (size_t)length) {
		return -ENOBUFS;
	}

	*out++ = head(0);
	for (int i = 0; i < frame->count; i++) {
		const struct sp_answer *answer = &frame->answers[i];

		if (answer->has_value) {
			out[0] = answer->key | SP_SETTING_ASK;
			put_u16(out + 1, (uint16_t)answer->value);
			out += 3;
		} else {
			out[0] = answer->key;
			out[1] = answer->status;
			out += 2;
		}
	}

	return length;
}

int sp_answer_decode(struct sp_answer_frame *frame, const uint8_t *bytes, size_t length)
{
	const int flags = check_head(bytes, length, 0);
	size_t at = 1;

	if (flags < 0) {
		return flags;
	}
	if (length < 3) {
		return -EMSGSIZE;
	}

	frame->count = 0;
	while (at < length) {
		struct sp_answer *answer = &frame->answers[frame->count];
		const bool has_value = (bytes[at] & SP_SETTING_ASK) != 0;

		if (length - at < (has_value ? 3 : 2) || frame->count == SP_ANSWERS_MAX) {
			return -EMSGSIZE;
		}
		*answer = (struct sp_answer){.key = bytes[at] & ~SP_SETTING_ASK,
					     .has_value = has_value};
		if (has_value) {
			answer->value = (int16_t)get_u16(bytes + at + 1);
			at += 3;
		} else {
			answer->status = bytes[at + 1];
			at += 2;
		}
		if (answer->status > SP_SETTING_NOT_KEPT) {
			return -EINVAL;
		}
		frame->count++;
	}

	return 0;
}
