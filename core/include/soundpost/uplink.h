/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Uplink: summaries, events and octave bands become LoRaWAN frames that fit the link.
 *
 * What goes over the air. All fields are big endian. Byte 0 of every uplink has the version
 * (SP_FRAME_VERSION) in its high nibble and flags in its low one:
 *
 *     bit 0  overload        a sample reached full scale                        fPort 1, 3
 *     bit 1  under-range     a Fast level fell under under_range_cdb            fPort 1, 3
 *     bit 2  synchronised    times count from 1970-01-01T00:00Z, not from start fPort 1, 2
 *     bit 3  gap             the first record does not follow the last one of   fPort 1
 *                            the frame before: restart, lost records, or another
 *                            interval
 *
 * Bits that a port does not use are 0. A level is a byte in 0.5 dB from 0 dB (rounded to nearest,
 * 0 to 127.5 dB; what is lower, or was not measured, is 0). A class is a nibble: 0 to 13, 14
 * unknown, 15 none. A confidence is a nibble: score in 1/16, rounded down.
 *
 *     fPort 1, interval summary: 4 + 8 N bytes, N = 1 to 29
 *       0      version, flags (overload and under-range: in any of the records)
 *       1..2   minute of the start of the first record, rounded down, modulo 65536
 *       3      battery: 0 external supply, 1 (empty) to 254 (full), 255 unknown
 *       then N records, oldest first, of N intervals in a row, each interval_s long:
 *       0      LAeq
 *       1      LAFmax
 *       2      LAF10
 *       3      LAF90
 *       4      top class (high nibble), its confidence (low nibble)
 *       5      events that began in the interval; 255: that many or more
 *       6..7   seconds in which the top class was active, to nearest; 65535: that many or more;
 *              0 if the top class is unknown or none
 *
 *     fPort 2, event: 9 bytes
 *       0      version, flags
 *       1      class 0 to 14 (high nibble), confidence (low nibble)
 *       2..4   second of the start, rounded down, modulo 2^24
 *       5..6   duration in 0.1 s, to nearest; 65535: that long or longer
 *       7      LAFmax
 *       8      LAE
 *
 *     fPort 3, octave bands of one interval: 9 bytes
 *       0      version, flags
 *       1..8   LZeq at 31.5, 63, 125, 250, 500, 1000, 2000 and 4000 Hz
 *
 *     fPort 4, diagnostic: 11 bytes, once after a reset that nobody asked for
 *       0      version
 *       1      enum sp_reset (high nibble), enum sp_fault (low nibble)
 *       2..5   program counter at the fault; 0 where there was none
 *       6..7   minutes from start to reset, rounded down; 65535: that many or more, or unknown
 *       8      enum sp_part that failed (high nibble); resets that nobody asked for since power-on,
 *              15: that many or more (low nibble)
 *       9..10  firmware: major version (4 bits), minor (6), patch level (6); each at its greatest:
 *              that or more
 *
 *     fPort 10 downlink, settings: at most SP_DOWNLINK_ENTRIES_MAX entries, applied in order
 *       set    key (1 to 127), value i16
 *       ask    key + 128
 *
 *     fPort 10 uplink, answer: over as many frames as it takes
 *       0      version
 *       then for each entry of the downlink, in its order, if it asked for a value:
 *       0      key + 128
 *       1..2   value i16
 *       and if it did not, or its key is not known:
 *       0      key
 *       1      enum sp_setting_status
 *
 * Example, fPort 1, hex 14 0014 c8 7c a0 82 64 3b 02 002d: version 1, synchronised, minute 20,
 * battery 200; LAeq 62.0, LAFmax 80.0, LAF10 65.0, LAF90 50.0 dB, class 3 with confidence 11/16,
 * 2 events, 45 s active.
 *
 * Regional figures: LoRa Alliance, RP002-1.0.4 LoRaWAN Regional Parameters, the "data rate" and
 * "maximum payload size (not repeater compatible)" tables of EU863-870, US902-928, AU915-928, AS923
 * and IN865-867. LR-FHSS data rates are not offered: the sensor's radio has none.
 */

#ifndef SOUNDPOST_UPLINK_H_
#define SOUNDPOST_UPLINK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundpost/settings.h>
#include <soundpost/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the frames' layout. */
#define SP_FRAME_VERSION 1

#define SP_FLAG_OVERLOAD     0x1
#define SP_FLAG_UNDER_RANGE  0x2
#define SP_FLAG_SYNCHRONISED 0x4
#define SP_FLAG_GAP	     0x8

#define SP_PORT_SUMMARY	   1
#define SP_PORT_EVENT	   2
#define SP_PORT_OCTAVE	   3
#define SP_PORT_DIAGNOSTIC 4
#define SP_PORT_SETTINGS   10

/** Longest application payload of any data rate, in bytes. */
#define SP_PAYLOAD_MAX 242

#define SP_SUMMARY_HEADER_BYTES 4
#define SP_SUMMARY_RECORD_BYTES 8
#define SP_EVENT_BYTES		9
#define SP_OCTAVE_BYTES		9
#define SP_DIAGNOSTIC_BYTES	11

/** Most records of a summary frame. */
#define SP_RECORDS_MAX 29

/** Most entries of a settings downlink: one for every setting, and room. */
#define SP_DOWNLINK_ENTRIES_MAX 16

/** Bit of a key in a downlink that asks for the value, and in an answer that brings it. */
#define SP_SETTING_ASK 0x80

/** Bytes of answers that can wait; a whole answer is at most 3 * 16 + 2. */
#define SP_ANSWER_BYTES 64

/** Most entries of an answer frame. */
#define SP_ANSWERS_MAX 32

/** Events that can wait. */
#define SP_EVENTS_MAX 8

/** Battery byte of a sensor on external supply, and of one that cannot tell. */
#define SP_BATTERY_EXTERNAL 0
#define SP_BATTERY_UNKNOWN  255

/** Most bytes of MAC commands in a frame header. */
#define SP_FOPTS_MAX 15

/** @defgroup sp_frames Frames
 * @{
 */

/** One interval, in the units of the air. */
struct sp_summary_record {
	/** Levels, 0.5 dB. */
	uint8_t laeq;
	uint8_t lafmax;
	uint8_t laf10;
	uint8_t laf90;
	/** 0 to 15; see types.h. */
	uint8_t class_id;
	/** 0 to 15, in 1/16. */
	uint8_t confidence;
	uint8_t events;
	/** Seconds. */
	uint16_t active_s;
};

/** fPort 1. */
struct sp_summary_frame {
	uint8_t flags;
	uint8_t battery;
	uint16_t minute;
	/** 1 to SP_RECORDS_MAX. */
	uint8_t count;
	struct sp_summary_record records[SP_RECORDS_MAX];
};

/** fPort 2, in the units of the air. */
struct sp_event_frame {
	/** SP_FLAG_SYNCHRONISED or 0. */
	uint8_t flags;
	/** 0 to 14. */
	uint8_t class_id;
	/** 0 to 15, in 1/16. */
	uint8_t confidence;
	/** Levels, 0.5 dB. */
	uint8_t lafmax;
	uint8_t lae;
	/** 0.1 s. */
	uint16_t duration_ds;
	/** Seconds, below 2^24. */
	uint32_t start_s;
};

/** fPort 3. */
struct sp_octave_frame {
	/** SP_FLAG_OVERLOAD, SP_FLAG_UNDER_RANGE. */
	uint8_t flags;
	/** 0.5 dB. */
	uint8_t lzeq[SP_OCTAVE_BANDS];
};

/** Why the sensor began anew. */
enum sp_reset {
	SP_RESET_UNKNOWN = 0,
	SP_RESET_POWER = 1,
	SP_RESET_PIN = 2,
	/** Asked for: shell, update, debugger. */
	SP_RESET_SOFTWARE = 3,
	SP_RESET_BROWNOUT = 4,
	/** The processor or the kernel met a fault; enum sp_fault tells which. */
	SP_RESET_FAULT = 5,
	SP_RESET_WATCHDOG = 6,
	/** A fault within the handling of a fault. */
	SP_RESET_LOCKUP = 7,
};

/** What ended the last run. */
enum sp_fault {
	SP_FAULT_NONE = 0,
	/** An exception of the processor that is none of the others. */
	SP_FAULT_EXCEPTION = 1,
	SP_FAULT_SPURIOUS_IRQ = 2,
	SP_FAULT_STACK = 3,
	/** The kernel, or an assertion, gave up a thread or all. */
	SP_FAULT_OOPS = 4,
	SP_FAULT_PANIC = 5,
	SP_FAULT_MEMORY = 6,
	SP_FAULT_BUS = 7,
	/** Undefined instruction, division by zero, unaligned access. */
	SP_FAULT_USAGE = 8,
	/** A part did not report to the watchdog in time. */
	SP_FAULT_STALL = 9,
};

/** A part of the firmware. */
enum sp_part {
	SP_PART_NONE = 0,
	SP_PART_AUDIO = 1,
	SP_PART_SENSING = 2,
	SP_PART_UPLINK = 3,
	SP_PART_OTHER = 4,
};

#define SP_VERSION_MAJOR_MAX 15
#define SP_VERSION_MINOR_MAX 63
#define SP_VERSION_PATCH_MAX 63

/** fPort 4. */
struct sp_diagnostic_frame {
	uint32_t program_counter;
	/** Minutes. */
	uint16_t uptime_min;
	/** enum sp_reset. */
	uint8_t reset;
	/** enum sp_fault. */
	uint8_t fault;
	/** enum sp_part. */
	uint8_t part;
	/** 0 to 15. */
	uint8_t resets;
	/** 0 to SP_VERSION_MAJOR_MAX, SP_VERSION_MINOR_MAX and SP_VERSION_PATCH_MAX. */
	uint8_t version_major;
	uint8_t version_minor;
	uint8_t version_patch;
};

/** How an entry of a settings downlink fared. */
enum sp_setting_status {
	SP_SETTING_OK = 0,
	SP_SETTING_UNKNOWN_KEY = 1,
	/** Outside its range, or in conflict with another setting. */
	SP_SETTING_OUT_OF_RANGE = 2,
	/** The downlink ended within this entry. */
	SP_SETTING_TRUNCATED = 3,
	/** One entry too many: this one and all after it were left undone. */
	SP_SETTING_TOO_MANY = 4,
	/** In force, and lost at the next reset: it could not be written. */
	SP_SETTING_NOT_KEPT = 5,
};

struct sp_answer {
	/** 0 to 127. */
	uint8_t key;
	/** The entry asked for a value, and here it is. */
	bool has_value;
	/** enum sp_setting_status; SP_SETTING_OK where there is a value. */
	uint8_t status;
	/** 0 where there is none. */
	int16_t value;
};

/** fPort 10, uplink. */
struct sp_answer_frame {
	/** 1 to SP_ANSWERS_MAX. */
	uint8_t count;
	struct sp_answer answers[SP_ANSWERS_MAX];
};

/** @brief A level in cdB as the byte that goes over the air: 0.5 dB, nearest, 0 to 255. */
uint8_t sp_level_byte(int32_t cdb);

/**
 * @brief One interval in the units of the air.
 *
 * @retval 0 on success
 * @retval -EINVAL if the top class is over 15
 */
int sp_summary_record(struct sp_summary_record *record, const struct sp_level_summary *level,
		      const struct sp_class_summary *classes);

/**
 * @brief One event in the units of the air; start_s counts from the sensor's start, not modulo.
 *
 * @retval 0 on success
 * @retval -EINVAL if the class is over 14
 */
int sp_event_frame(struct sp_event_frame *frame, const struct sp_event *event);

/**
 * @name Encoders
 *
 * @param[out] out The frame; nothing is written on error.
 * @param size Bytes at @p out.
 * @return Bytes of the frame.
 * @retval -EINVAL if a field is out of its range
 * @retval -ENOBUFS if @p size is too small
 * @{
 */
int sp_summary_encode(const struct sp_summary_frame *frame, uint8_t *out, size_t size);
int sp_event_encode(const struct sp_event_frame *frame, uint8_t *out, size_t size);
int sp_octave_encode(const struct sp_octave_frame *frame, uint8_t *out, size_t size);
int sp_diagnostic_encode(const struct sp_diagnostic_frame *frame, uint8_t *out, size_t size);
int sp_answer_encode(const struct sp_answer_frame *frame, uint8_t *out, size_t size);
/** @} */

/**
 * @name Decoders
 *
 * Any bytes give an error or a frame that encodes to the same bytes.
 *
 * @param[out] frame The frame; undefined on error.
 * @param bytes Payload of the port.
 * @param length Bytes at @p bytes.
 * @retval 0 on success
 * @retval -EPROTONOSUPPORT if the version is not SP_FRAME_VERSION
 * @retval -EMSGSIZE if the length is none that the port has
 * @retval -EINVAL if a flag, class, status, reset, fault or part is none that the port has
 * @{
 */
int sp_summary_decode(struct sp_summary_frame *frame, const uint8_t *bytes, size_t length);
int sp_event_decode(struct sp_event_frame *frame, const uint8_t *bytes, size_t length);
int sp_octave_decode(struct sp_octave_frame *frame, const uint8_t *bytes, size_t length);
int sp_diagnostic_decode(struct sp_diagnostic_frame *frame, const uint8_t *bytes, size_t length);
int sp_answer_decode(struct sp_answer_frame *frame, const uint8_t *bytes, size_t length);
/** @} */

/** @} */

/** @defgroup sp_region Regions and airtime
 * @{
 */

/** X(name, duty cycle in 1/1000 of any hour, or 1000 where there is none) */
#define SP_REGIONS(X)                                                                              \
	X(EU868, 10)                                                                               \
	X(US915, 1000)                                                                             \
	X(AU915, 1000)                                                                             \
	X(AS923, 10)                                                                               \
	X(IN865, 1000)

enum sp_region {
#define SP_REGION_ENUM(name, duty) SP_REGION_##name,
	SP_REGIONS(SP_REGION_ENUM)
#undef SP_REGION_ENUM
};

/** The link as the next frame will find it. */
struct sp_link {
	/** enum sp_region. */
	uint8_t region;
	/** Uplink data rate of the region. */
	uint8_t data_rate;
	/** MAC commands that will go with the frame, bytes: 0 to SP_FOPTS_MAX. */
	uint8_t fopts_bytes;
	/** As in the summary's header. */
	uint8_t battery;
	/** The network asks for a dwell time of 400 ms (AU915, AS923). US915 always has it. */
	bool dwell_limited;
};

/** @brief Name of a region, such as "EU868"; NULL if there is no such region. */
const char *sp_region_name(int region);

/**
 * @brief Longest application payload that the link takes now.
 *
 * @return Bytes, 0 if the MAC commands leave no room.
 * @retval -EINVAL if the region, the data rate (under this dwell time) or fopts_bytes does not
 * exist
 */
int sp_link_payload_max(const struct sp_link *link);

/**
 * @brief Airtime of a frame on the link, in microseconds, rounded up.
 *
 * The radio's payload is 13 bytes (MHDR, DevAddr, FCtrl, FCnt, FPort, MIC) more than the
 * application's, and the MAC commands.
 *
 * @param payload_bytes 0 to sp_link_payload_max().
 * @return Microseconds.
 * @retval -EINVAL as sp_link_payload_max()
 * @retval -EMSGSIZE if the payload is longer than the link takes
 */
int32_t sp_link_airtime_us(const struct sp_link *link, int payload_bytes);

/**
 * @brief Airtime of a LoRa frame: explicit header, CRC, coding rate 4/5, preamble of 8 symbols, low
 * data rate optimisation from symbols of 16 ms on.
 *
 * Semtech SX1276 datasheet, section 4.1.1.7 (also AN1200.13). It is a whole number of microseconds.
 *
 * @param spreading_factor 7 to 12.
 * @param bandwidth_khz 125, 250 or 500.
 * @param radio_bytes Radio payload, 0 to 255 bytes.
 * @return Microseconds.
 * @retval -EINVAL if a parameter is none of these
 */
int32_t sp_lora_airtime_us(int spreading_factor, int bandwidth_khz, int radio_bytes);

/** @} */

/** @defgroup sp_ledger Ledger of airtime
 *
 * Holds the airtime of any hour within the region's duty cycle and that of any 24 hours within the
 * user's budget. Each is a ring of 25 buckets, 24 of which make up the time: whatever the window,
 * all that was sent in it lies in 25 buckets, or in 25 and the moment that the oldest frame reached
 * into them; for frames that do not overlap, no window holds more than its limit. (Airtime of the
 * past is held against the sensor up to one bucket too long: 2.5 minutes and one hour.)
 *
 * The ledger is plain data: a firmware that keeps it over a reset, and tells it so by
 * sp_ledger_restart(), keeps to the limits over a reset.
 * @{
 */

#define SP_LEDGER_BUCKETS	25
#define SP_LEDGER_HOUR_BUCKET_S 150
#define SP_LEDGER_DAY_BUCKET_S	3600

/** A limit that is none. */
#define SP_AIRTIME_UNLIMITED UINT32_MAX

/** Airtime, in microseconds, by time of sending. */
struct sp_airtime_ring {
	uint32_t bucket_us[SP_LEDGER_BUCKETS];
	/** The newest bucket, counted from time 0. */
	uint32_t newest;
};

struct sp_ledger {
	struct sp_airtime_ring hour;
	struct sp_airtime_ring day;
	/** When the last frame is over. */
	uint64_t busy_until_ms;
	/** Time before the sensor's clock began anew; both rings and busy_until_ms count it. */
	uint64_t origin_ms;
};

/** Airtime allowed in any hour and any 24 hours, in microseconds. */
struct sp_airtime_limits {
	uint32_t hour_us;
	uint32_t day_us;
};

/**
 * @brief Go on after a reset, with a ledger that was kept over it.
 *
 * For a scheduler: call sp_uplink_init(), put back struct sp_uplink's ledger and extra as they
 * were, and restart both.
 *
 * @param stopped_ms What the sensor's clock was at the reset; it counts from 0 again. The time
 *                   between, which nobody knows, is taken as none.
 */
void sp_ledger_restart(struct sp_ledger *ledger, uint64_t stopped_ms);

/** @brief Empty the ledger. */
void sp_ledger_init(struct sp_ledger *ledger);

/**
 * @brief How long a frame must wait.
 *
 * @param clock_ms Time of the sensor's clock; it must never go back.
 * @retval 0 if the frame may be sent now
 * @return Else the milliseconds after which it may, if nothing else is sent.
 * @retval -ENOSPC if the frame alone exceeds a limit: no time is long enough
 */
int32_t sp_ledger_wait_ms(const struct sp_ledger *ledger, const struct sp_airtime_limits *limits,
			  uint64_t clock_ms, uint32_t airtime_us);

/** @brief Book a frame whose transmission began at @p clock_ms. */
void sp_ledger_record(struct sp_ledger *ledger, uint64_t clock_ms, uint32_t airtime_us);

/** @} */

/** @defgroup sp_uplink Scheduler
 *
 * What waits goes in this order: diagnostic, answers to downlinks, summaries, events, octave bands.
 * None is overtaken by a later one, save where the data rate has no room for a single summary
 * record (US915 DR0): then summaries wait, and events go. Events and octave bands may only use the
 * airtime that a whole day (and hour) of summaries leaves over at this data rate.
 * @{
 */

/** A summary record that waits. */
struct sp_waiting_record {
	/** Seconds since the sensor's start. */
	uint32_t start_s;
	struct sp_summary_record record;
	/** SP_FLAG_OVERLOAD, SP_FLAG_UNDER_RANGE, SP_FLAG_GAP of this record alone. */
	uint8_t flags;
};

/** An event that waits. */
struct sp_waiting_event {
	struct sp_event_frame frame;
	uint32_t serial;
};

/** A frame to be sent. */
struct sp_frame {
	uint32_t airtime_us;
	/** Which of the scheduler's things it holds. */
	uint32_t serial;
	uint8_t port;
	/** Bytes of the payload. */
	uint8_t length;
	uint8_t payload[SP_PAYLOAD_MAX];
};

/** State of the scheduler; its fields are its own, save those marked. */
struct sp_uplink {
	/** All airtime, and that of all but summaries. Read them, or book frames of others. */
	struct sp_ledger ledger;
	struct sp_ledger extra;

	uint16_t interval_s;
	uint16_t event_gap_s;
	uint16_t airtime_budget_ds;
	uint8_t octave_every;
	uint8_t records_per_frame;
	/** What waits need not be records_per_frame. */
	bool flush;

	/** Seconds from 1970-01-01T00:00Z to the sensor's start. */
	uint32_t epoch_s;
	bool synchronised;

	/** Ring of records; record_serial counts those that left it. */
	struct sp_waiting_record records[SP_RECORDS_MAX];
	uint8_t record_first;
	uint8_t record_count;
	uint32_t record_serial;
	/** End and length of the last record, samples. */
	uint64_t last_end;
	uint64_t last_samples;

	/** Oldest first. */
	struct sp_waiting_event events[SP_EVENTS_MAX];
	uint8_t event_count;
	uint32_t event_serial;
	/** When the last event frame of each class was sent, whole seconds rounded up; 0 never. */
	uint32_t event_sent_s[SP_CLASSES_MAX + 1];

	struct sp_octave_frame octave;
	uint8_t octave_age;
	bool octave_waiting;
	uint32_t octave_serial;

	uint8_t answer[SP_ANSWER_BYTES];
	uint8_t answer_length;
	/* where those of the last downlink begin */
	uint8_t answer_last;

	struct sp_diagnostic_frame diagnostic;
	bool diagnostic_waiting;

	/** Read these: records and events that were never sent, since there was no room or time. */
	uint32_t records_dropped;
	uint32_t events_dropped;
};

/**
 * @brief Start with nothing waiting and an empty ledger.
 *
 * @retval 0 on success
 * @retval -ERANGE if the settings are not valid
 */
int sp_uplink_init(struct sp_uplink *uplink, const struct sp_settings *settings);

/**
 * @brief Take over changed settings (interval_s, event_gap_s, octave_every, airtime_budget_ds,
 * records_per_frame); what waits stays.
 *
 * @retval 0 on success
 * @retval -ERANGE if the settings are not valid; then nothing changes
 */
int sp_uplink_configure(struct sp_uplink *uplink, const struct sp_settings *settings);

/**
 * @brief Tell the time: frames from now on count it from 1970-01-01T00:00Z, within a second.
 *
 * @param unix_s Seconds since then at the sample @p now.
 * @param now Samples since the sensor's start.
 */
void sp_uplink_synchronise(struct sp_uplink *uplink, uint32_t unix_s, uint64_t now);

/**
 * @brief Put one interval in the queue, and every octave_every intervals its octave bands.
 *
 * If SP_RECORDS_MAX records wait, the oldest is dropped.
 *
 * @param start Samples since the sensor's start at the beginning of the interval.
 * @param end   The same at its end; less may have been measured, if samples were lost.
 * @retval 0 on success
 * @retval -EINVAL if nothing was measured, or the top class is over 15
 */
int sp_uplink_summary(struct sp_uplink *uplink, const struct sp_level_summary *level,
		      const struct sp_class_summary *classes, uint64_t start, uint64_t end);

/** @brief Let the records that wait go, however few, as before the power is cut. */
void sp_uplink_flush(struct sp_uplink *uplink);

/**
 * @brief Put one event in the queue.
 *
 * If event_gap_s is not 0, one event a class waits at most, the latest. If SP_EVENTS_MAX events
 * wait, the oldest is dropped.
 *
 * @retval 0 on success
 * @retval -EINVAL if the class is over 14
 */
int sp_uplink_event(struct sp_uplink *uplink, const struct sp_event *event);

/**
 * @brief Apply a downlink, and queue an answer for each of its entries.
 *
 * The answer to more than SP_DOWNLINK_ENTRIES_MAX entries ends with the first one too many.
 *
 * @param port Its fPort.
 * @param[in,out] settings Changed by the entries that are valid. Configure all parts if they
 * changed.
 * @return Number of settings that were set.
 * @retval -EINVAL if the port is not SP_PORT_SETTINGS
 * @retval -ENOBUFS if earlier answers still wait and leave no room; then nothing changes and
 * nothing is answered
 */
int sp_uplink_downlink(struct sp_uplink *uplink, uint8_t port, const uint8_t *bytes, size_t length,
		       struct sp_settings *settings);

/**
 * @brief Say in the answer to the last downlink that what it set is lost at the next reset.
 *
 * To be called before the answer is asked for: what has gone out stays said.
 */
void sp_uplink_not_kept(struct sp_uplink *uplink);

/**
 * @brief Have a diagnostic sent once, before all else; one that waits already is replaced.
 *
 * @retval 0 on success
 * @retval -EINVAL if a field is out of its range
 */
int sp_uplink_diagnostic(struct sp_uplink *uplink, const struct sp_diagnostic_frame *diagnostic);

/**
 * @brief The frame to be sent now, if there is one.
 *
 * Nothing changes: call sp_uplink_sent() once the radio has taken the frame.
 *
 * @param now_ms Time of the sensor's clock, samples / 16; it must never go back.
 * @param[out] frame The frame; undefined if there is none.
 * @retval 1 if there is one
 * @retval 0 if nothing may, or need, be sent now
 * @retval -EINVAL if the link does not exist, as sp_link_payload_max()
 */
int sp_uplink_next(const struct sp_uplink *uplink, uint64_t now_ms, const struct sp_link *link,
		   struct sp_frame *frame);

/**
 * @brief Book the airtime of a frame of sp_uplink_next() and drop what it held from the queues.
 *
 * @param now_ms When its transmission began.
 */
void sp_uplink_sent(struct sp_uplink *uplink, uint64_t now_ms, const struct sp_frame *frame);

/**
 * @brief How long a frame that is not the scheduler's must wait: a join request, say.
 *
 * @param region enum sp_region.
 * @retval 0 if it may be sent now
 * @return Else the milliseconds after which it may, if nothing else is sent.
 * @retval -EINVAL if there is no such region
 * @retval -ENOSPC if it alone exceeds a limit: no time is long enough
 */
int32_t sp_uplink_wait_ms(const struct sp_uplink *uplink, uint64_t now_ms, int region,
			  uint32_t airtime_us);

/**
 * @brief Book the airtime of a frame that is not the scheduler's: a join request, one of MAC
 * commands alone, a repetition.
 *
 * @param now_ms When its transmission began.
 */
void sp_uplink_book(struct sp_uplink *uplink, uint64_t now_ms, uint32_t airtime_us);

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_UPLINK_H_ */
