/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include <zephyr/audio/dmic.h>
#include <zephyr/device.h>
#include <zephyr/logging/log.h>

#include <model.h>
#include <soundpost_zephyr/dmic_gain.h>
#include <soundpost_zephyr/dmic_stats.h>

#include "audio.h"
#include "health.h"

LOG_MODULE_REGISTER(audio, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

#define BLOCK_BYTES	(SP_MODEL_HOP * sizeof(int16_t))
#define BLOCK_MS	(SP_MODEL_HOP * 1000 / SP_SAMPLE_RATE_HZ)
#define SAMPLES_PER_MS	(SP_SAMPLE_RATE_HZ / 1000)
/* a microphone that is this late has failed */
#define READ_TIMEOUT_MS (4 * BLOCK_MS)
#define RETRY_MS	1000
/* how often to look whether all blocks have come back */
#define POLL_MS		1

/* Clock of PDM microphones in their normal mode; Infineon IM69D130 and ST MP34DT05 have this much
 * in common.
 */
#define PDM_CLOCK_MIN_HZ 1000000
#define PDM_CLOCK_MAX_HZ 3250000
#define PDM_DUTY_MIN_PCT 40
#define PDM_DUTY_MAX_PCT 60

/* else blocks are lost in the driver, and nRF's stops */
BUILD_ASSERT(CONFIG_SOUNDPOST_AUDIO_BLOCKS <=
		     DT_PROP_OR(DT_NODELABEL(dmic_dev), queue_size, CONFIG_SOUNDPOST_AUDIO_BLOCKS),
	     "The microphone's queue-size must be CONFIG_SOUNDPOST_AUDIO_BLOCKS or more");

static const struct device *const microphone = DEVICE_DT_GET(DT_NODELABEL(dmic_dev));

K_MEM_SLAB_DEFINE_STATIC(slab, BLOCK_BYTES, CONFIG_SOUNDPOST_AUDIO_BLOCKS, 4);
/* one more for what is told without a block */
K_MSGQ_DEFINE(blocks, sizeof(struct audio_block), CONFIG_SOUNDPOST_AUDIO_BLOCKS + 1, 4);

static K_THREAD_STACK_DEFINE(stack, CONFIG_SOUNDPOST_AUDIO_STACK_SIZE);
static struct k_thread thread;

static struct audio_stats counts;
static atomic_t ended;
/* blocks that others have */
static atomic_t lent;

/* Until when the samples handed on, or told of as lost, reach. */
static int64_t heard_until_ms;
/* Blocks that the driver had lost when last asked. */
static uint32_t driver_lost;

static int configure(void)
{
	struct pcm_stream_cfg stream = {
		.pcm_rate = SP_SAMPLE_RATE_HZ,
		.pcm_width = 16,
		.block_size = BLOCK_BYTES,
		.mem_slab = &slab,
	};
	struct dmic_cfg config = {
		.io =
			{
				.min_pdm_clk_freq = PDM_CLOCK_MIN_HZ,
				.max_pdm_clk_freq = PDM_CLOCK_MAX_HZ,
				.min_pdm_clk_dc = PDM_DUTY_MIN_PCT,
				.max_pdm_clk_dc = PDM_DUTY_MAX_PCT,
			},
		.streams = &stream,
		.channel =
			{
				.req_num_streams = 1,
				.req_num_chan = 1,
				.req_chan_map_lo = dmic_build_channel_map(0, 0, PDM_CHAN_LEFT),
			},
	};

	const int ret = dmic_configure(microphone, &config);

	if (ret == 0) {
		sp_dmic_set_gain(microphone);
	}

	return ret;
}

/* Blocks that the driver lost since it was last asked; none if it does not count them. */
static uint32_t lost_by_driver(void)
{
	struct sp_dmic_stats stats;
	uint32_t lost;

	if (sp_dmic_get_stats(microphone, &stats) < 0) {
		return 0;
	}
	lost = stats.overruns + stats.slab_empty - driver_lost;
	driver_lost += lost;

	return lost;
}

static void hand_on(const int16_t *pcm, uint32_t lost)
{
	const struct audio_block block = {.pcm = pcm, .lost = lost};

	counts.lost_blocks += DIV_ROUND_UP(lost, SP_MODEL_HOP);
	if (pcm != NULL) {
		counts.blocks++;
		(void)atomic_inc(&lent);
	}
	/* there is a place for every block of the slab */
	(void)k_msgq_put(&blocks, &block, K_FOREVER);
	counts.waiting_max = MAX(counts.waiting_max, k_msgq_num_used_get(&blocks));
}

/* Samples that went by unheard until @p now_ms. */
static uint32_t unheard(int64_t now_ms)
{
	const int64_t gone_ms = now_ms - heard_until_ms;

	return gone_ms > 0 ? (uint32_t)(gone_ms * SAMPLES_PER_MS) : 0;
}

/* Have every block back from a driver that was stopped and configured, and from those who listen.
 *
 * Zephyr 3.7's driver of nRF's PDM stops for good once it finds the slab empty, leaves what was
 * full in its queue, and forgets a block if it is stopped just as it asks for one. Started with an
 * empty slab, it cannot even be stopped any more.
 */
static void gather_blocks(void)
{
	void *pcm;
	size_t size;

	while (dmic_read(microphone, 0, &pcm, &size, 0) == 0) {
		k_mem_slab_free(&slab, pcm);
	}
	while (atomic_get(&lent) > 0) {
		k_msleep(POLL_MS);
	}
	if (k_mem_slab_num_used_get(&slab) > 0) {
		LOG_WRN("The driver forgot %u blocks", k_mem_slab_num_used_get(&slab));
		(void)k_mem_slab_init(&slab, slab.buffer, slab.info.block_size,
				      slab.info.num_blocks);
	}
}

static int start_anew(void)
{
	int ret;

	(void)dmic_trigger(microphone, DMIC_TRIGGER_STOP);
	/* drivers stop in an interrupt, soon */
	k_msleep(POLL_MS);
	ret = configure();
	if (ret < 0) {
		return ret;
	}
	gather_blocks();

	return dmic_trigger(microphone, DMIC_TRIGGER_START);
}

/* Start the microphone anew, for as long as it takes; time goes on for those who listen. */
static void restart(void)
{
	int ret;

	counts.restarts++;
	while ((ret = start_anew()) < 0) {
		health_alive(SP_PART_AUDIO);
		LOG_ERR("Could not start the microphone (%d)", ret);
		k_msleep(RETRY_MS);
		hand_on(NULL, unheard(k_uptime_get()));
		heard_until_ms = k_uptime_get();
	}
}

static void listen(void *p1, void *p2, void *p3)
{
	bool restarted = false;

	while (true) {
		void *pcm;
		size_t size;
		uint32_t lost = 0;
		/* one that was started anew for nothing gets more time, or there is no end of it */
		const int32_t timeout_ms = restarted ? RETRY_MS : READ_TIMEOUT_MS;
		const int ret = dmic_read(microphone, 0, &pcm, &size, timeout_ms);

		health_alive(SP_PART_AUDIO);
		if (ret == -ENODATA) {
			LOG_INF("The audio has ended");
			health_leave(SP_PART_AUDIO);
			atomic_set(&ended, 1);
			hand_on(NULL, 0);
			return;
		}
		if (ret < 0) {
			LOG_ERR("Could not read the microphone (%d)", ret);
			if (restarted && ret != -EAGAIN) {
				k_msleep(RETRY_MS);
			}
			hand_on(NULL, unheard(k_uptime_get()));
			heard_until_ms = k_uptime_get();
			restart();
			restarted = true;
			continue;
		}
		if (restarted) {
			lost = unheard(k_uptime_get() - BLOCK_MS);
			(void)lost_by_driver();
			restarted = false;
		} else {
			lost = lost_by_driver() * SP_MODEL_HOP;
		}
		heard_until_ms = k_uptime_get();
		hand_on(pcm, lost);
	}
}

int audio_start(void)
{
	int ret;

	if (!device_is_ready(microphone)) {
		LOG_ERR("%s is not ready", microphone->name);
		return -ENODEV;
	}
	ret = configure();
	if (ret < 0) {
		LOG_ERR("Could not configure the microphone (%d)", ret);
		return ret;
	}
	ret = dmic_trigger(microphone, DMIC_TRIGGER_START);
	if (ret < 0) {
		LOG_ERR("Could not start the microphone (%d)", ret);
		return ret;
	}

	heard_until_ms = k_uptime_get();
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), listen, NULL, NULL, NULL,
			CONFIG_SOUNDPOST_AUDIO_PRIORITY, 0, K_NO_WAIT);
	k_thread_name_set(&thread, "audio");

	return 0;
}

int audio_take(struct audio_block *block, k_timeout_t timeout)
{
	if (k_msgq_get(&blocks, block, timeout) < 0) {
		return -EAGAIN;
	}

	return block->pcm == NULL && block->lost == 0 && atomic_get(&ended) ? -ENODATA : 0;
}

void audio_free(const struct audio_block *block)
{
	if (block->pcm != NULL) {
		k_mem_slab_free(&slab, (void *)block->pcm);
		(void)atomic_dec(&lent);
	}
}

void audio_get_stats(struct audio_stats *stats)
{
	*stats = counts;
}
