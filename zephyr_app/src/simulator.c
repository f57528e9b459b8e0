/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include <zephyr/drivers/timer/system_timer.h>
#include <zephyr/kernel.h>
#include <zephyr/stats/stats.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>

#include <cmdline.h>
#include <posix_board_if.h>
#include <posix_native_task.h>

#include "simulator.h"

static uint64_t uptime_ms;
static char *power_cut;
static char *flash_end;

/* What the flash simulator is to do before it takes no more; 0 until it is told. */
static uint32_t *most_writes;

struct search {
	const char *name;
	uint32_t *value;
};

static int match(struct stats_hdr *group, void *context, const char *name, uint16_t offset)
{
	struct search *search = context;

	if (strcmp(name, search->name) == 0) {
		search->value = (uint32_t *)((uint8_t *)group + offset);
	}

	return 0;
}

/* A number of the flash simulator; it has no other way to be told of them. */
static uint32_t *number(const char *group, const char *name)
{
	struct search search = {.name = name};

	(void)stats_walk(stats_group_find(group), match, &search);

	return search.value;
}

/* To sleep until then would take a minute: the simulator's timer counts every tick. */
void simulator_skip_to_uptime(void)
{
	int64_t left = 0;

	/* all ones is what an option has that was not given */
	if (uptime_ms != UINT64_MAX) {
		left = (int64_t)k_ms_to_ticks_ceil64(uptime_ms) - k_uptime_ticks();
	}
	while (left > 0) {
		const int32_t ticks = (int32_t)MIN(left, INT32_MAX);
		const unsigned int key = irq_lock();

		sys_clock_announce(ticks);
		irq_unlock(key);
		left -= ticks;
	}
}

void simulator_write_begins(const char *name)
{
	const size_t length = strlen(name);

	if (flash_end != NULL && strcmp(flash_end, name) == 0) {
		*number("flash_sim_thresholds", "max_write_calls") =
			*number("flash_sim_stats", "flash_write_calls");
	}
	if (power_cut == NULL || strncmp(power_cut, name, length) != 0 ||
	    power_cut[length] != ':') {
		return;
	}
	most_writes = number("flash_sim_thresholds", "max_write_calls");
	*most_writes = *number("flash_sim_stats", "flash_write_calls") +
		       (uint32_t)strtoul(&power_cut[length + 1], NULL, 10);
}

void simulator_write_ended(void)
{
	if (most_writes != NULL &&
	    *number("flash_sim_stats", "flash_write_calls") >= *most_writes) {
		printk("The power has failed\n");
		posix_exit(EXIT_SUCCESS);
	}
}

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{.option = "uptime",
		 .name = "ms",
		 .type = 'U',
		 .dest = (void *)&uptime_ms,
		 .descript = "Start that long after power-on"},
		{.option = "power-cut-after",
		 .name = "value:writes",
		 .type = 's',
		 .dest = (void *)&power_cut,
		 .descript = "The power fails after so many writes to flash of that value"},
		{.option = "flash-ends-at",
		 .name = "value",
		 .type = 's',
		 .dest = (void *)&flash_end,
		 .descript = "From that value on, flash takes no write"},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);
