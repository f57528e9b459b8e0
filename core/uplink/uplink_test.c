/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <soundpost/uplink.h>

#define INTERVAL (300u * SP_SAMPLE_RATE_HZ)

static const struct sp_link eu868_dr5 = {.region = SP_REGION_EU868, .data_rate = 5};
static const struct sp_link us915_dr0 = {.region = SP_REGION_US915, .data_rate = 0};

/* xorshift32: the same numbers everywhere */
static uint32_t chance(void)
{
	static uint32_t state = 2463534242u;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;

	return state;
}

static void start(struct sp_uplink *uplink)
{
	struct sp_settings settings;

	sp_settings_defaults(&settings);
	assert_int_equal(sp_uplink_init(uplink, &settings), 0);
}

static void add_summary(struct sp_uplink *uplink, uint64_t begin, uint32_t samples, int32_t laeq)
{
	const struct sp_level_summary level = {.samples = samples, .laeq = laeq};
	const struct sp_class_summary classes = {.top_class = SP_CLASS_NONE};

	assert_int_equal(sp_uplink_summary(uplink, &level, &classes, begin, begin + level.samples),
			 0);
}

static void add_event(struct sp_uplink *uplink, uint8_t class_id, uint64_t begin)
{
	const struct sp_event event = {.start = begin, .class_id = class_id};

	assert_int_equal(sp_uplink_event(uplink, &event), 0);
}

static void expect_frame(struct sp_uplink *uplink, uint64_t now_ms, const struct sp_link *link,
			 uint8_t port, uint8_t length, struct sp_frame *frame)
{
	assert_int_equal(sp_uplink_next(uplink, now_ms, link, frame), 1);
	assert_int_equal(frame->port, port);
	assert_int_equal(frame->length, length);
	sp_uplink_sent(uplink, now_ms, frame);
}

static void expect_none(const struct sp_uplink *uplink, uint64_t now_ms, const struct sp_link *link)
{
	struct sp_frame frame;

	assert_int_equal(sp_uplink_next(uplink, now_ms, link, &frame), 0);
}

static void test_state_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct sp_uplink) <= 1280);
	assert_true(sizeof(struct sp_frame) <= 256);
}

static void test_levels_are_rounded_and_saturate(void **state)
{
	(void)state;
	assert_int_equal(sp_level_byte(SP_LEVEL_NONE), 0);
	assert_int_equal(sp_level_byte(-100), 0);
	assert_int_equal(sp_level_byte(24), 0);
	assert_int_equal(sp_level_byte(25), 1);
	assert_int_equal(sp_level_byte(6224), 124);
	assert_int_equal(sp_level_byte(6225), 125);
	assert_int_equal(sp_level_byte(12750), 255);
	assert_int_equal(sp_level_byte(INT32_MAX), 255);
}

static void test_the_example_frame_of_the_header(void **state)
{
	static const uint8_t expected[] = {0x14, 0x00, 0x14, 0xc8, 0x7c, 0xa0,
					   0x82, 0x64, 0x3b, 0x02, 0x00, 0x2d};
	const struct sp_level_summary level = {
		.samples = INTERVAL, .laeq = 6195, .lafmax = 8000, .laf10 = 6500, .laf90 = 5001};
	struct sp_class_summary classes = {.events = 2, .top_class = 3, .confidence = 0xbf};
	struct sp_summary_frame frame = {
		.flags = SP_FLAG_SYNCHRONISED, .battery = 200, .minute = 20, .count = 1};
	uint8_t bytes[12];

	(void)state;
	classes.active[3] = 45 * SP_SAMPLE_RATE_HZ + 7999;
	assert_int_equal(sp_summary_record(&frame.records[0], &level, &classes), 0);
	assert_int_equal(sp_summary_encode(&frame, bytes, sizeof(bytes)), 12);
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(sp_summary_encode(&frame, bytes, sizeof(bytes) - 1), -ENOBUFS);
	classes.top_class = 16;
	assert_int_equal(sp_summary_record(&frame.records[0], &level, &classes), -EINVAL);
}

static void test_any_bytes_are_refused_or_encode_to_themselves(void **state)
{
	int valid = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		static const uint8_t lengths[] = {0, 1, 8, 9, 11, 12, 20, 36};
		const size_t length = chance() % 3 ? lengths[chance() % 8] : chance() % 243;
		uint8_t *bytes = malloc(length ? length : 1);
		uint8_t again[SP_PAYLOAD_MAX];
		struct sp_summary_frame summary;
		struct sp_event_frame event;
		struct sp_octave_frame octave;
		struct sp_diagnostic_frame diagnostic;
		struct sp_answer_frame answer;

		assert_non_null(bytes);
		for (size_t i = 0; i < length; i++) {
			bytes[i] = (uint8_t)chance();
		}
		if (length && chance() % 4) {
			bytes[0] = (uint8_t)(0x10 | (chance() % 16));
		}
		if (sp_summary_decode(&summary, bytes, length) == 0) {
			assert_int_equal(sp_summary_encode(&summary, again, length), length);
			assert_memory_equal(again, bytes, length);
			valid++;
		}
		if (sp_event_decode(&event, bytes, length) == 0) {
			assert_int_equal(sp_event_encode(&event, again, length), length);
			assert_memory_equal(again, bytes, length);
			valid++;
		}
		if (sp_octave_decode(&octave, bytes, length) == 0) {
			assert_int_equal(sp_octave_encode(&octave, again, length), length);
			assert_memory_equal(again, bytes, length);
			valid++;
		}
		if (sp_diagnostic_decode(&diagnostic, bytes, length) == 0) {
			assert_int_equal(sp_diagnostic_encode(&diagnostic, again, length), length);
			assert_memory_equal(again, bytes, length);
			valid++;
		}
		if (sp_answer_decode(&answer, bytes, length) == 0) {
			assert_int_equal(sp_answer_encode(&answer, again, length), length);
			assert_memory_equal(again, bytes, length);
			valid++;
		}
		free(bytes);
	}
	assert_true(valid > 10000);
}

static void test_a_diagnostic_goes_once_and_first(void **state)
{
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_diagnostic_frame diagnostic = {.reset = SP_RESET_FAULT, .fault = SP_FAULT_BUS};
	struct sp_diagnostic_frame bad = {.reset = SP_RESET_LOCKUP + 1};

	(void)state;
	start(&uplink);
	add_event(&uplink, 1, 0);
	expect_frame(&uplink, 1000, &us915_dr0, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	add_event(&uplink, 2, 0);
	assert_int_equal(sp_uplink_diagnostic(&uplink, &bad), -EINVAL);
	assert_int_equal(sp_uplink_diagnostic(&uplink, &diagnostic), 0);
	/* the longest payload that US915 DR0 takes */
	expect_frame(&uplink, 20000, &us915_dr0, SP_PORT_DIAGNOSTIC, 11, &frame);
	expect_frame(&uplink, 40000, &us915_dr0, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	expect_none(&uplink, 60000, &us915_dr0);
}

static void test_airtime_of_published_tables(void **state)
{
	/* AN1200.13 as the LoRaWAN airtime sheets of The Things Network tabulate it */
	static const struct {
		int sf, khz, bytes;
		int32_t us;
	} published[] = {
		{7, 125, 37, 82176},	{8, 125, 37, 143872},	{9, 125, 37, 267264},
		{10, 125, 37, 493568},	{11, 125, 37, 1069056}, {12, 125, 37, 1974272},
		{9, 125, 13, 164864},	{7, 125, 10, 41216},	{11, 125, 10, 577536},
		{12, 125, 23, 1482752}, {7, 125, 23, 61696},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		assert_int_equal(
			sp_lora_airtime_us(published[i].sf, published[i].khz, published[i].bytes),
			published[i].us);
	}
	assert_int_equal(sp_lora_airtime_us(6, 125, 10), -EINVAL);
	assert_int_equal(sp_lora_airtime_us(13, 125, 10), -EINVAL);
	assert_int_equal(sp_lora_airtime_us(7, 62, 10), -EINVAL);
	assert_int_equal(sp_lora_airtime_us(7, 125, 256), -EINVAL);
}

static void test_links_that_do_not_exist(void **state)
{
	struct sp_link link = eu868_dr5;
	struct sp_uplink uplink;
	struct sp_frame frame;

	(void)state;
	start(&uplink);
	link.data_rate = 8;
	assert_int_equal(sp_link_payload_max(&link), -EINVAL);
	assert_int_equal(sp_link_airtime_us(&link, 0), -EINVAL);
	assert_int_equal(sp_uplink_next(&uplink, 0, &link, &frame), -EINVAL);
	link = (struct sp_link){.region = 5};
	assert_int_equal(sp_link_payload_max(&link), -EINVAL);
	link = (struct sp_link){.region = SP_REGION_EU868, .fopts_bytes = 16};
	assert_int_equal(sp_link_payload_max(&link), -EINVAL);
	link = (struct sp_link){.region = SP_REGION_AU915, .data_rate = 1, .dwell_limited = true};
	assert_int_equal(sp_link_payload_max(&link), -EINVAL);
	link = (struct sp_link){.region = SP_REGION_IN865, .data_rate = 6};
	assert_int_equal(sp_link_payload_max(&link), -EINVAL);
	link = (struct sp_link){.region = SP_REGION_US915, .fopts_bytes = 15};
	assert_int_equal(sp_link_payload_max(&link), 0);
	assert_int_equal(sp_link_airtime_us(&eu868_dr5, 243), -EMSGSIZE);
	assert_int_equal(sp_link_airtime_us(&eu868_dr5, -1), -EMSGSIZE);
	assert_null(sp_region_name(-1));
	assert_null(sp_region_name(5));
}

static void test_four_records_make_a_frame_that_fits_full_mac_options(void **state)
{
	const struct sp_link link = {.region = SP_REGION_EU868, .fopts_bytes = 15, .battery = 77};
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_summary_frame summary;

	(void)state;
	start(&uplink);
	for (uint32_t i = 0; i < 4; i++) {
		expect_none(&uplink, i * 300000u, &link);
		add_summary(&uplink, i * (uint64_t)INTERVAL, INTERVAL, (int32_t)(5000 + 50 * i));
	}
	expect_frame(&uplink, 1200000, &link, SP_PORT_SUMMARY, 36, &frame);
	assert_int_equal(sp_summary_decode(&summary, frame.payload, frame.length), 0);
	assert_int_equal(summary.flags, SP_FLAG_GAP);
	assert_int_equal(summary.battery, 77);
	assert_int_equal(summary.minute, 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(summary.records[i].laeq, 100 + i);
	}
	for (uint32_t i = 4; i < 8; i++) {
		add_summary(&uplink, i * (uint64_t)INTERVAL, INTERVAL, 5000);
	}
	sp_uplink_synchronise(&uplink, 1700000000u, 8 * (uint64_t)INTERVAL);
	expect_frame(&uplink, 2400000, &link, SP_PORT_SUMMARY, 36, &frame);
	assert_int_equal(sp_summary_decode(&summary, frame.payload, frame.length), 0);
	assert_int_equal(summary.flags, SP_FLAG_SYNCHRONISED);
	assert_int_equal(summary.minute, (1700000000u - 4 * 300) / 60 % 65536);
}

static void test_a_flush_sends_fewer_records_until_the_next_comes(void **state)
{
	const struct sp_link link = {.region = SP_REGION_EU868, .data_rate = 5};
	struct sp_uplink uplink;
	struct sp_frame frame;

	(void)state;
	start(&uplink);
	sp_uplink_flush(&uplink);
	expect_none(&uplink, 0, &link);
	add_summary(&uplink, 0, INTERVAL, 5000);
	expect_none(&uplink, 300000, &link);
	sp_uplink_flush(&uplink);
	expect_frame(&uplink, 300000, &link, SP_PORT_SUMMARY, 12, &frame);
	add_summary(&uplink, INTERVAL, INTERVAL, 5000);
	expect_none(&uplink, 600000, &link);
}

static void test_a_frame_holds_only_intervals_in_a_row(void **state)
{
	struct sp_uplink uplink;
	struct sp_frame frame;

	(void)state;
	start(&uplink);
	add_summary(&uplink, 0, INTERVAL, 0);
	add_summary(&uplink, INTERVAL, INTERVAL, 0);
	expect_none(&uplink, 600000, &eu868_dr5);
	/* another length, then a hole */
	add_summary(&uplink, 2ull * INTERVAL, INTERVAL / 2, 0);
	expect_frame(&uplink, 600000, &eu868_dr5, SP_PORT_SUMMARY, 20, &frame);
	expect_none(&uplink, 700000, &eu868_dr5);
	add_summary(&uplink, 4ull * INTERVAL, INTERVAL / 2, 0);
	expect_frame(&uplink, 800000, &eu868_dr5, SP_PORT_SUMMARY, 12, &frame);
	assert_int_equal(frame.payload[0], 0x10 | SP_FLAG_GAP);
}

static void test_a_full_ring_drops_the_oldest_and_says_so(void **state)
{
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_summary_frame summary;

	(void)state;
	start(&uplink);
	uplink.octave_every = 0;
	/* US915 DR0 has no room for a record */
	for (uint32_t i = 0; i < SP_RECORDS_MAX + 3; i++) {
		add_summary(&uplink, i * (uint64_t)INTERVAL, INTERVAL, (int32_t)(50 * i));
		expect_none(&uplink, i * 300000u, &us915_dr0);
	}
	assert_int_equal(uplink.records_dropped, 3);
	/* one more while the radio is at it */
	assert_int_equal(sp_uplink_next(&uplink, 9600000, &eu868_dr5, &frame), 1);
	add_summary(&uplink, 32ull * INTERVAL, INTERVAL, 50 * 32);
	sp_uplink_sent(&uplink, 9600000, &frame);
	assert_int_equal(sp_summary_decode(&summary, frame.payload, frame.length), 0);
	assert_true(summary.flags & SP_FLAG_GAP);
	assert_int_equal(summary.records[0].laeq, 3);
	expect_frame(&uplink, 9700000, &eu868_dr5, SP_PORT_SUMMARY, 36, &frame);
	assert_int_equal(sp_summary_decode(&summary, frame.payload, frame.length), 0);
	assert_int_equal(summary.records[0].laeq, 7);
}

static void test_summaries_go_before_events_unless_none_fits(void **state)
{
	struct sp_uplink uplink;
	struct sp_frame frame;

	(void)state;
	start(&uplink);
	for (uint32_t i = 0; i < 4; i++) {
		add_summary(&uplink, i * (uint64_t)INTERVAL, INTERVAL, 0);
	}
	add_event(&uplink, 3, 77 * SP_SAMPLE_RATE_HZ);
	expect_frame(&uplink, 1200000, &us915_dr0, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	add_event(&uplink, 4, 78 * SP_SAMPLE_RATE_HZ);
	expect_frame(&uplink, 1201000, &eu868_dr5, SP_PORT_SUMMARY, 36, &frame);
	/* the radio is still at it */
	expect_none(&uplink, 1201050, &eu868_dr5);
	expect_frame(&uplink, 1202000, &eu868_dr5, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	expect_frame(&uplink, 1203000, &eu868_dr5, SP_PORT_OCTAVE, SP_OCTAVE_BYTES, &frame);
	expect_none(&uplink, 1204000, &eu868_dr5);
}

static void test_events_of_a_class_keep_their_distance(void **state)
{
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_event_frame event;

	(void)state;
	start(&uplink);
	add_event(&uplink, 3, 0);
	expect_frame(&uplink, 1500, &eu868_dr5, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	add_event(&uplink, 3, 5 * SP_SAMPLE_RATE_HZ);
	add_event(&uplink, 3, 10 * SP_SAMPLE_RATE_HZ);
	add_event(&uplink, 5, 7 * SP_SAMPLE_RATE_HZ);
	assert_int_equal(uplink.events_dropped, 1);
	expect_frame(&uplink, 12000, &eu868_dr5, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	assert_int_equal(frame.payload[1] >> 4, 5);
	expect_none(&uplink, 31499, &eu868_dr5);
	expect_frame(&uplink, 32000, &eu868_dr5, SP_PORT_EVENT, SP_EVENT_BYTES, &frame);
	assert_int_equal(sp_event_decode(&event, frame.payload, frame.length), 0);
	assert_int_equal(event.start_s, 10);
	assert_int_equal(sp_uplink_event(&uplink, &(struct sp_event){.class_id = 15}), -EINVAL);
}

static void test_downlink_answers_every_entry(void **state)
{
	static const uint8_t downlink[] = {1,	 0x00, 60,   99,   0,	 0, 3,
					   0x7f, 0xff, 0x81, 0xe3, 0x8f, 2, 0x00};
	static const uint8_t first[] = {0x10, 1, 0, 99, 1, 3, 2, 0x81, 0, 60};
	static const uint8_t second[] = {0x10, 99, 1, 0x8f, 0, 4, 2, 3};
	struct sp_settings settings;
	struct sp_uplink uplink;
	struct sp_frame frame;

	(void)state;
	sp_settings_defaults(&settings);
	start(&uplink);
	assert_int_equal(sp_uplink_downlink(&uplink, 9, downlink, 3, &settings), -EINVAL);
	assert_int_equal(sp_uplink_downlink(&uplink, 10, downlink, 0, &settings), 0);
	assert_int_equal(sp_uplink_downlink(&uplink, 10, downlink, sizeof(downlink), &settings), 1);
	assert_int_equal(settings.interval_s, 60);
	expect_frame(&uplink, 0, &us915_dr0, SP_PORT_SETTINGS, sizeof(first), &frame);
	assert_memory_equal(frame.payload, first, sizeof(first));
	expect_frame(&uplink, 1000, &us915_dr0, SP_PORT_SETTINGS, sizeof(second), &frame);
	assert_memory_equal(frame.payload, second, sizeof(second));
	expect_none(&uplink, 2000, &us915_dr0);
}

static void test_downlink_of_too_many_entries(void **state)
{
	struct sp_settings settings;
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_answer_frame answer;
	uint8_t asks[242];

	(void)state;
	sp_settings_defaults(&settings);
	start(&uplink);
	memset(asks, 0x81, sizeof(asks));
	assert_int_equal(sp_uplink_downlink(&uplink, 10, asks, sizeof(asks), &settings), 0);
	/* no room for as much again */
	assert_int_equal(sp_uplink_downlink(&uplink, 10, asks, sizeof(asks), &settings), -ENOBUFS);
	expect_frame(&uplink, 0, &eu868_dr5, SP_PORT_SETTINGS, 1 + 3 * 16 + 2, &frame);
	assert_int_equal(sp_answer_decode(&answer, frame.payload, frame.length), 0);
	assert_int_equal(answer.count, 17);
	assert_int_equal(answer.answers[15].value, 300);
	assert_int_equal(answer.answers[16].status, SP_SETTING_TOO_MANY);
}

static void test_what_was_not_kept_is_answered_so(void **state)
{
	static const uint8_t kept[] = {0x01, 0x00, 0x3c};
	static const uint8_t lost[] = {0x01, 0x00, 0x78, 0x81, 0x7f, 0x00, 0x00, 0x01, 0x00};
	static const uint8_t many[] = {0x01, 0x00, 0x14, 0x01, 0x00, 0x28, 0x01, 0x00,
				       0x3c, 0x01, 0x00, 0x50, 0x01, 0x00, 0x64};
	struct sp_settings settings;
	struct sp_uplink uplink;
	struct sp_frame frame;
	struct sp_answer_frame answer;

	(void)state;
	sp_settings_defaults(&settings);
	start(&uplink);
	assert_int_equal(sp_uplink_downlink(&uplink, 10, kept, sizeof(kept), &settings), 1);
	assert_int_equal(sp_uplink_downlink(&uplink, 10, lost, sizeof(lost), &settings), 1);
	sp_uplink_not_kept(&uplink);
	expect_frame(&uplink, 0, &eu868_dr5, SP_PORT_SETTINGS, 1 + 2 + 2 + 3 + 2 + 2, &frame);
	assert_int_equal(sp_answer_decode(&answer, frame.payload, frame.length), 0);
	assert_int_equal(answer.count, 5);
	assert_int_equal(answer.answers[0].status, SP_SETTING_OK);
	assert_int_equal(answer.answers[1].status, SP_SETTING_NOT_KEPT);
	assert_int_equal(answer.answers[2].value, 120);
	assert_int_equal(answer.answers[3].status, SP_SETTING_UNKNOWN_KEY);
	assert_int_equal(answer.answers[4].status, SP_SETTING_TRUNCATED);

	/* five have gone out meanwhile, four of them of the last downlink */
	assert_int_equal(sp_uplink_downlink(&uplink, 10, kept, sizeof(kept), &settings), 1);
	assert_int_equal(sp_uplink_downlink(&uplink, 10, many, sizeof(many), &settings), 5);
	expect_frame(&uplink, 20000, &us915_dr0, SP_PORT_SETTINGS, 1 + 5 * 2, &frame);
	sp_uplink_not_kept(&uplink);
	expect_frame(&uplink, 40000, &us915_dr0, SP_PORT_SETTINGS, 1 + 2, &frame);
	assert_int_equal(sp_answer_decode(&answer, frame.payload, frame.length), 0);
	assert_int_equal(answer.answers[0].status, SP_SETTING_NOT_KEPT);
}

static void test_any_downlink_leaves_valid_settings_and_an_answer(void **state)
{
	struct sp_settings settings;
	struct sp_uplink uplink;

	(void)state;
	sp_settings_defaults(&settings);
	start(&uplink);
	for (int round = 0; round < 50000; round++) {
		const size_t length = chance() % 60;
		const struct sp_settings before = settings;
		const uint8_t waiting = uplink.answer_length;
		uint8_t *bytes = malloc(length ? length : 1);
		struct sp_frame frame;
		int ret;

		assert_non_null(bytes);
		for (size_t i = 0; i < length; i++) {
			bytes[i] = chance() % 2 ? (uint8_t)(chance() % 20) : (uint8_t)chance();
		}
		ret = sp_uplink_downlink(&uplink, 10, bytes, length, &settings);
		free(bytes);
		assert_int_equal(sp_settings_validate(&settings), 0);
		if (ret < 0) {
			assert_int_equal(ret, -ENOBUFS);
			assert_memory_equal(&before, &settings, sizeof(settings));
			assert_int_equal(uplink.answer_length, waiting);
		}
		sp_ledger_init(&uplink.ledger);
		if (uplink.answer_length > 0) {
			struct sp_answer_frame answer;

			assert_int_equal(sp_uplink_next(&uplink, 0, &us915_dr0, &frame), 1);
			assert_true(frame.length <= 11);
			assert_int_equal(sp_answer_decode(&answer, frame.payload, frame.length), 0);
			sp_uplink_sent(&uplink, 0, &frame);
		}
	}
}

static void test_settings_that_are_not_valid_are_refused(void **state)
{
	struct sp_settings settings;
	struct sp_uplink uplink;

	(void)state;
	sp_settings_defaults(&settings);
	start(&uplink);
	settings.records_per_frame = 30;
	assert_int_equal(sp_uplink_configure(&uplink, &settings), -ERANGE);
	assert_int_equal(uplink.records_per_frame, 4);
	settings.records_per_frame = 29;
	settings.airtime_budget_ds = 29;
	assert_int_equal(sp_uplink_configure(&uplink, &settings), -ERANGE);
}

static void test_the_least_budget_lets_an_answer_and_a_record_out_everywhere(void **state)
{
	const uint8_t ask[] = {0x80 | 1};

	(void)state;
	for (uint8_t region = 0; sp_region_name(region) != NULL; region++) {
		for (uint8_t data_rate = 0; data_rate < 8; data_rate++) {
			const struct sp_link link = {.region = region, .data_rate = data_rate};
			struct sp_settings settings;
			struct sp_uplink uplink;
			struct sp_frame frame;
			const uint64_t day_ms = 25 * 3600 * 1000;

			if (sp_link_payload_max(&link) < 12) {
				continue;
			}
			sp_settings_defaults(&settings);
			settings.airtime_budget_ds = 30;
			settings.records_per_frame = 29;
			assert_int_equal(sp_uplink_init(&uplink, &settings), 0);
			assert_int_equal(sp_uplink_downlink(&uplink, SP_PORT_SETTINGS, ask,
							    sizeof(ask), &settings),
					 0);
			assert_int_equal(sp_uplink_next(&uplink, 0, &link, &frame), 1);
			assert_int_equal(frame.port, SP_PORT_SETTINGS);
			sp_uplink_sent(&uplink, 0, &frame);
			for (uint32_t i = 0; i < SP_RECORDS_MAX; i++) {
				add_summary(&uplink, i * (uint64_t)INTERVAL, INTERVAL, 5000);
			}
			assert_int_equal(sp_uplink_next(&uplink, day_ms, &link, &frame), 1);
			assert_int_equal(frame.port, SP_PORT_SUMMARY);
			assert_true(frame.airtime_us <= 3000000);
		}
	}
}

static void test_a_ledger_kept_over_a_reset_goes_on(void **state)
{
	const struct sp_airtime_limits limits = {.hour_us = 200000, .day_us = 1000000};
	const uint64_t stopped_ms = 30 * 24 * 3600 * (uint64_t)1000;
	struct sp_ledger ledger;

	(void)state;
	sp_ledger_init(&ledger);
	sp_ledger_record(&ledger, stopped_ms - 1000, 150000);
	sp_ledger_restart(&ledger, stopped_ms);
	/* what was sent before counts for its hour, and no longer */
	assert_int_equal(sp_ledger_wait_ms(&ledger, &limits, 0, 50000), 0);
	assert_in_range(sp_ledger_wait_ms(&ledger, &limits, 0, 100000), 3600000 - 1000,
			3600000 + 150000);
	assert_int_equal(sp_ledger_wait_ms(&ledger, &limits, 3600000 + 150000, 100000), 0);
	/* and again */
	sp_ledger_record(&ledger, 5000000, 200000);
	sp_ledger_restart(&ledger, 5000001);
	assert_true(sp_ledger_wait_ms(&ledger, &limits, 0, 50000) > 3000000);
}

static void test_frames_of_others_count_against_the_limits(void **state)
{
	/* 1 % of an hour */
	const uint32_t hour_us = 36000000;
	struct sp_uplink uplink;
	struct sp_settings settings;
	struct sp_frame frame;

	(void)state;
	sp_settings_defaults(&settings);
	settings.airtime_budget_ds = 8640;
	settings.records_per_frame = 1;
	assert_int_equal(sp_uplink_init(&uplink, &settings), 0);
	assert_int_equal(sp_uplink_wait_ms(&uplink, 0, SP_REGION_EU868, hour_us), 0);
	assert_int_equal(sp_uplink_wait_ms(&uplink, 0, SP_REGION_EU868, hour_us + 1), -ENOSPC);
	assert_int_equal(sp_uplink_wait_ms(&uplink, 0, SP_REGION_EU868 + 5, 1), -EINVAL);

	sp_uplink_book(&uplink, 0, hour_us);
	/* they do not overlap, and the hour is full; where there is no duty cycle only the day
	 * counts */
	assert_true(sp_uplink_wait_ms(&uplink, 36000, SP_REGION_EU868, 1) > 3000000);
	assert_int_equal(sp_uplink_wait_ms(&uplink, 36000, SP_REGION_IN865, 1), 0);
	add_summary(&uplink, 0, INTERVAL, 5000);
	assert_int_equal(sp_uplink_next(&uplink, 36000, &eu868_dr5, &frame), 0);
	assert_int_equal(sp_uplink_next(&uplink, 36000 + 3750000, &eu868_dr5, &frame), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_is_small),
		cmocka_unit_test(test_levels_are_rounded_and_saturate),
		cmocka_unit_test(test_the_example_frame_of_the_header),
		cmocka_unit_test(test_any_bytes_are_refused_or_encode_to_themselves),
		cmocka_unit_test(test_a_diagnostic_goes_once_and_first),
		cmocka_unit_test(test_airtime_of_published_tables),
		cmocka_unit_test(test_links_that_do_not_exist),
		cmocka_unit_test(test_four_records_make_a_frame_that_fits_full_mac_options),
		cmocka_unit_test(test_a_flush_sends_fewer_records_until_the_next_comes),
		cmocka_unit_test(test_a_frame_holds_only_intervals_in_a_row),
		cmocka_unit_test(test_a_full_ring_drops_the_oldest_and_says_so),
		cmocka_unit_test(test_summaries_go_before_events_unless_none_fits),
		cmocka_unit_test(test_events_of_a_class_keep_their_distance),
		cmocka_unit_test(test_downlink_answers_every_entry),
		cmocka_unit_test(test_downlink_of_too_many_entries),
		cmocka_unit_test(test_what_was_not_kept_is_answered_so),
		cmocka_unit_test(test_any_downlink_leaves_valid_settings_and_an_answer),
		cmocka_unit_test(test_settings_that_are_not_valid_are_refused),
		cmocka_unit_test(test_the_least_budget_lets_an_answer_and_a_record_out_everywhere),
		cmocka_unit_test(test_a_ledger_kept_over_a_reset_goes_on),
		cmocka_unit_test(test_frames_of_others_count_against_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
