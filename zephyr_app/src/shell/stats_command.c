/* SPDX-License-Identifier: Apache-2.0 */

#include <zephyr/kernel.h>
#include <zephyr/shell/shell.h>

#include "audio.h"
#include "health.h"
#include "sensing.h"
#include "store.h"
#include "uplink.h"

/* Airtime and losses of the scheduler in core/. */
struct queue_stats {
	uint32_t records_waiting;
	uint32_t records_dropped;
	uint32_t events_dropped;
	uint32_t budget_ds;
};

static void look_at_queue(struct sp_sensor *sensor, void *context)
{
	struct queue_stats *stats = context;

	*stats = (struct queue_stats){
		.records_waiting = sensor->uplink.record_count,
		.records_dropped = sensor->uplink.records_dropped,
		.events_dropped = sensor->uplink.events_dropped,
		.budget_ds = sensor->uplink.airtime_budget_ds,
	};
}

static void print_audio(const struct shell *sh)
{
	struct audio_stats audio;
	struct sensing_stats sensing;

	audio_get_stats(&audio);
	sensing_get_stats(&sensing);
	shell_print(sh, "audio: %u blocks, %u lost, %u restarts, %u waited at most", audio.blocks,
		    audio.lost_blocks, audio.restarts, audio.waiting_max);
	shell_print(sh,
		    "sensing: %u windows, %u silent, %u events, %u summaries, %u errors, "
		    "%u us a hop at most",
		    sensing.windows, sensing.silent_windows, sensing.events, sensing.summaries,
		    sensing.engine_errors, sensing.hop_max_us);
}

static void print_uplink(const struct shell *sh)
{
	struct uplink_stats uplink;
	struct queue_stats queue;

	uplink_get_stats(&uplink);
	sensing_inspect(look_at_queue, &queue);
	shell_print(sh, "uplink: %u frames, %u transmissions, %u errors, %u downlinks, %u joins",
		    uplink.uplinks + uplink.mac_uplinks, uplink.transmissions, uplink.send_errors,
		    uplink.downlinks, uplink.joins);
	shell_print(sh,
		    "refused: %u MIC, %u replayed, %u malformed, %u foreign, %u on no port, "
		    "%u payloads, %u join accepts",
		    uplink.mic_errors, uplink.replays, uplink.malformed, uplink.foreign,
		    uplink.unknown_ports, uplink.payload_errors, uplink.joins_refused);
	shell_print(sh, "airtime: %u ms; budget %u ms in 24 h",
		    (uint32_t)(uplink.airtime_us / 1000), queue.budget_ds * 100);
	shell_print(sh, "queue: %u summaries wait, %u dropped, %u events dropped",
		    queue.records_waiting, queue.records_dropped, queue.events_dropped);
}

static void print_rest(const struct shell *sh)
{
	struct store_stats store;
	struct sp_diagnostic_frame diagnostic;

	store_get_stats(&store);
	(void)health_diagnostic(&diagnostic);
	shell_print(sh, "store: %u writes, %u bytes, %u errors, %u rejected, %u sectors erased",
		    store.writes, store.written_bytes, store.write_errors, store.rejected,
		    store.erased_sectors);
	shell_print(sh, "reset: %u, fault %u, part %u, pc 0x%08x; %u not asked for",
		    diagnostic.reset, diagnostic.fault, diagnostic.part, diagnostic.program_counter,
		    diagnostic.resets);
}

static void print_thread(const struct k_thread *of, void *context)
{
	const struct shell *sh = context;
	struct k_thread *thread = (struct k_thread *)of;
	k_thread_runtime_stats_t used;
	k_thread_runtime_stats_t all;
	size_t free = 0;
	uint32_t permille = 0;

	(void)k_thread_stack_space_get(thread, &free);
	if (k_thread_runtime_stats_get(thread, &used) == 0 &&
	    k_thread_runtime_stats_all_get(&all) == 0 && all.execution_cycles > 0) {
		permille = (uint32_t)(used.execution_cycles * 1000 / all.execution_cycles);
	}
	shell_print(sh, "%-16s stack %4u of %4u, CPU %3u.%u %%", k_thread_name_get(thread),
		    (unsigned int)(thread->stack_info.size - free),
		    (unsigned int)thread->stack_info.size, permille / 10, permille % 10);
}

static int cmd_stats(const struct shell *sh, size_t argc, char **argv)
{
	shell_print(sh, "up %u s", (uint32_t)(k_uptime_get() / MSEC_PER_SEC));
	print_audio(sh);
	print_uplink(sh);
	print_rest(sh);
	k_thread_foreach_unlocked(print_thread, (void *)sh);

	return 0;
}

SHELL_CMD_ARG_REGISTER(stats, NULL, "Counts since the start, stacks and CPU", cmd_stats, 1, 0);
