/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/uplink.h>

#define HOUR_BUCKET_MS (1000u * SP_LEDGER_HOUR_BUCKET_S)
#define DAY_BUCKET_MS  (1000u * SP_LEDGER_DAY_BUCKET_S)

/* When the ring has room for a frame: now, or the time at which enough buckets have left it. */
static uint64_t ready_ms(const struct sp_airtime_ring *ring, uint32_t bucket_ms, uint32_t limit_us,
			 uint64_t now_ms, uint32_t airtime_us)
{
	const uint32_t now = (uint32_t)(now_ms / bucket_ms);
	uint64_t sum = airtime_us;

	for (uint32_t age = 0; age < SP_LEDGER_BUCKETS && age <= ring->newest; age++) {
		const uint32_t index = ring->newest - age;

		if (index + SP_LEDGER_BUCKETS <= now) {
			break;
		}
		sum += ring->bucket_us[index % SP_LEDGER_BUCKETS];
		if (sum > limit_us) {
			return (uint64_t)(index + SP_LEDGER_BUCKETS) * bucket_ms;
		}
	}

	return now_ms;
}

static void ring_record(struct sp_airtime_ring *ring, uint32_t bucket_ms, uint64_t now_ms,
			uint32_t airtime_us)
{
	const uint32_t now = (uint32_t)(now_ms / bucket_ms);
	uint32_t *bucket;

	if (now > ring->newest && now - ring->newest >= SP_LEDGER_BUCKETS) {
		memset(ring->bucket_us, 0, sizeof(ring->bucket_us));
		ring->newest = now;
	}
	while (ring->newest < now) {
		ring->newest++;
		ring->bucket_us[ring->newest % SP_LEDGER_BUCKETS] = 0;
	}

	bucket = &ring->bucket_us[ring->newest % SP_LEDGER_BUCKETS];
	*bucket = airtime_us > UINT32_MAX - *bucket ? UINT32_MAX : *bucket + airtime_us;
}

void sp_ledger_init(struct sp_ledger *ledger)
{
	memset(ledger, 0, sizeof(*ledger));
}

void sp_ledger_restart(struct sp_ledger *ledger, uint64_t stopped_ms)
{
	ledger->origin_ms += stopped_ms;
}

int32_t sp_ledger_wait_ms(const struct sp_ledger *ledger, const struct sp_airtime_limits *limits,
			  uint64_t clock_ms, uint32_t airtime_us)
{
	const uint64_t now_ms = clock_ms + ledger->origin_ms;
	uint64_t ready = now_ms, at;

	if (airtime_us > limits->hour_us || airtime_us > limits->day_us) {
		return -ENOSPC;
	}

	if (ledger->busy_until_ms > ready) {
		ready = ledger->busy_until_ms;
	}
	at = ready_ms(&ledger->hour, HOUR_BUCKET_MS, limits->hour_us, now_ms, airtime_us);
	if (at > ready) {
		ready = at;
	}
	at = ready_ms(&ledger->day, DAY_BUCKET_MS, limits->day_us, now_ms, airtime_us);
	if (at > ready) {
		ready = at;
	}

	return ready - now_ms > INT32_MAX ? INT32_MAX : (int32_t)(ready - now_ms);
}

void sp_ledger_record(struct sp_ledger *ledger, uint64_t clock_ms, uint32_t airtime_us)
{
	const uint64_t now_ms = clock_ms + ledger->origin_ms;
	const uint64_t over_ms = now_ms + (airtime_us + 999u) / 1000u;

	ring_record(&ledger->hour, HOUR_BUCKET_MS, now_ms, airtime_us);
	ring_record(&ledger->day, DAY_BUCKET_MS, now_ms, airtime_us);
	if (over_ms > ledger->busy_until_ms) {
		ledger->busy_until_ms = over_ms;
	}
}
