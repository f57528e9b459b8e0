/* SPDX-License-Identifier: Apache-2.0 */

/* Microphones on the DFSDM of STM32L4.
 *
 * CKOUT clocks the microphone. Each of its bit streams goes through a serial channel and a sinc
 * filter, which DMA reads into two halves of a ring, at twice the rate of the PCM. In the interrupt
 * of a full half the rest of the filter (stm32_dfsdm_pcm.h) writes PCM straight into a block of the
 * stream's memory slab; a full block goes to a queue. Blocks are slots in time: what is lost is
 * lost by whole blocks and counted, so that time goes on for who reads them.
 *
 * Registers: RM0351, chapter "Digital filter for sigma delta modulators (DFSDM)".
 */

#define DT_DRV_COMPAT st_stm32_dfsdm_dmic

#include <errno.h>
#include <string.h>

#include <soc.h>
#include <zephyr/audio/dmic.h>
#include <zephyr/device.h>
#include <zephyr/drivers/clock_control/stm32_clock_control.h>
#include <zephyr/drivers/dma.h>
#include <zephyr/drivers/dma/dma_stm32.h>
#include <zephyr/drivers/pinctrl.h>
#include <zephyr/irq.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/pm/policy.h>

#include <soundpost_zephyr/dmic_stats.h>

#include "stm32_dfsdm_config.h"
#include "stm32_dfsdm_pcm.h"

LOG_MODULE_REGISTER(dmic_stm32_dfsdm, CONFIG_AUDIO_DMIC_LOG_LEVEL);

#define CHANNELS       8
#define CHANNEL_STRIDE 0x20
#define FILTERS	       0x100
#define FILTER_STRIDE  0x80

/* of a DMA controller: its channels, counted from 1; request selection */
#define DMA_CHANNELS	   0x08
#define DMA_CHANNEL_STRIDE 0x14
#define DMA_SELECTION	   0xa8
#define DMA_FLAG_BITS	   4
#define DMA_SELECTION_BITS 4

#define LANES_MAX    2
#define CHUNK	     CONFIG_SOUNDPOST_DMIC_STM32_DFSDM_CHUNK
#define CHUNK_WORDS  (CHUNK * STM32_DFSDM_PCM_RATIO)
#define RING_WORDS   (2 * CHUNK_WORDS)
#define SAMPLE_BYTES sizeof(int16_t)
#define CALIBRATE_MS 32

/* The offset of a microphone is a few per cent of full scale; this is a line that hangs. */
#define OFFSET_MAX(full_scale) ((full_scale) / 4)

/* until a channel has seen its clock, which has a thousand periods in this time */
#define CLOCK_TRIES   5
#define CLOCK_WAIT_MS 1

BUILD_ASSERT(CHUNK_WORDS > STM32_DFSDM_PCM_HISTORY, "the filter looks back one half at most");

/* A microphone's way from its edge of the data pin to memory; number i has filter i. */
struct dfsdm_lane_config {
	const struct device *dma;
	uintptr_t dma_base;
	uint8_t dma_channel;
	uint8_t dma_request;
	uint8_t dma_priority;
};

struct dfsdm_lane {
	/* of the DFSDM: the pin's own, sampled on the rising edge, or the one before it, falling */
	uint8_t channel;
	/* bit 0 and 1: halves that are full */
	uint8_t full;
	int64_t sum;
	/* the ring, and before it what the filter looks back on when it is at its start */
	int32_t words[STM32_DFSDM_PCM_HISTORY + RING_WORDS];
};

struct dfsdm_config {
	uintptr_t base;
	const struct stm32_pclken *clocks;
	size_t clocks_len;
	const struct pinctrl_dev_config *pins;
	void (*connect)(void);
	const struct dfsdm_lane_config *lanes;
	uint8_t lanes_len;
	uint8_t data_pin;
	uint8_t gain_bits;
	uint16_t startup_ms;
	void **queue;
	uint32_t queue_len;
};

struct dfsdm_data {
	struct k_spinlock lock;
	enum dmic_state state;
	struct stm32_dfsdm_setup setup;
	uint32_t scale;
	struct dfsdm_lane *lanes;
	uint8_t lanes_used;

	struct k_mem_slab *slab;
	uint32_t block_samples;
	struct k_msgq queue;

	/* Chunks still to go by unheard. The last is the one in which the offset comes into force;
	 * it is measured in the `calibrate` ones before.
	 */
	uint16_t warm_up;
	uint16_t calibrate;
	uint16_t start_up;
	/* The slot that is being filled: its block, or NULL if there was none; samples in it. */
	int16_t *block;
	uint32_t filled;
	bool damaged;
	/* The half before was lost, and with it what the filter looks back on. */
	bool history_lost;

	struct sp_dmic_stats stats;
};

static int32_t *ring_of(struct dfsdm_lane *lane, uint8_t half)
{
	return &lane->words[STM32_DFSDM_PCM_HISTORY + half * CHUNK_WORDS];
}

static DFSDM_Channel_TypeDef *channel_at(const struct dfsdm_config *config, uint8_t channel)
{
	return (DFSDM_Channel_TypeDef *)(config->base + channel * CHANNEL_STRIDE);
}

static DFSDM_Filter_TypeDef *filter_at(const struct dfsdm_config *config, uint8_t lane)
{
	return (DFSDM_Filter_TypeDef *)(config->base + FILTERS + lane * FILTER_STRIDE);
}

static DMA_TypeDef *dma_at(const struct dfsdm_lane_config *lane)
{
	return (DMA_TypeDef *)lane->dma_base;
}

static DMA_Channel_TypeDef *dma_channel_at(const struct dfsdm_lane_config *lane)
{
	return (DMA_Channel_TypeDef *)(lane->dma_base + DMA_CHANNELS +
				       (lane->dma_channel - 1) * DMA_CHANNEL_STRIDE);
}

static uint32_t dma_flags(const struct dfsdm_lane_config *lane, uint32_t of_channel_1)
{
	return of_channel_1 << ((lane->dma_channel - 1) * DMA_FLAG_BITS);
}

static void start_dma(const struct dfsdm_lane_config *config, struct dfsdm_lane *lane,
		      DFSDM_Filter_TypeDef *filter)
{
	DMA_Channel_TypeDef *dma = dma_channel_at(config);
	DMA_Request_TypeDef *requests = (DMA_Request_TypeDef *)(config->dma_base + DMA_SELECTION);
	const uint32_t shift = (config->dma_channel - 1) * DMA_SELECTION_BITS;

	requests->CSELR = (requests->CSELR & ~(DMA_CSELR_C1S << shift)) |
			  ((uint32_t)config->dma_request << shift);
	dma_at(config)->IFCR = dma_flags(config, DMA_IFCR_CGIF1);
	dma->CPAR = (uint32_t)(uintptr_t)&filter->FLTRDATAR;
	dma->CMAR = (uint32_t)(uintptr_t)ring_of(lane, 0);
	dma->CNDTR = RING_WORDS;
	/* words from the register to rising addresses, over and over */
	dma->CCR = DMA_CCR_MSIZE_1 | DMA_CCR_PSIZE_1 | DMA_CCR_MINC | DMA_CCR_CIRC |
		   ((uint32_t)config->dma_priority << DMA_CCR_PL_Pos) | DMA_CCR_HTIE |
		   DMA_CCR_TCIE | DMA_CCR_TEIE;
	dma->CCR |= DMA_CCR_EN;
	lane->full = 0;
}

static void start_filters(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		start_dma(&config->lanes[i], &data->lanes[i], filter_at(config, i));
	}
	/* not before the stream is active: its interrupt would not end */
	filter_at(config, 0)->FLTCR2 = DFSDM_FLTCR2_CKABIE;
	/* those with RSYNC start with it */
	filter_at(config, 0)->FLTCR1 |= DFSDM_FLTCR1_RSWSTART;
}

/* All that may only be set while the filters are off; then turn them on. */
static void enable_filters(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	const struct stm32_dfsdm_setup *setup = &data->setup;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		DFSDM_Filter_TypeDef *filter = filter_at(config, i);

		filter->FLTFCR = ((uint32_t)setup->order << DFSDM_FLTFCR_FORD_Pos) |
				 ((setup->oversampling - 1U) << DFSDM_FLTFCR_FOSR_Pos);
		/* without FAST the filter is filled anew for each result, and the rate a fifth */
		filter->FLTCR1 = ((uint32_t)data->lanes[i].channel << DFSDM_FLTCR1_RCH_Pos) |
				 DFSDM_FLTCR1_RDMAEN | DFSDM_FLTCR1_RCONT | DFSDM_FLTCR1_FAST |
				 (i > 0 ? DFSDM_FLTCR1_RSYNC : 0);
		filter->FLTCR1 |= DFSDM_FLTCR1_DFEN;
	}
}

static void disable_filters(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		DFSDM_Filter_TypeDef *filter = filter_at(config, i);

		filter->FLTCR1 = 0;
		filter->FLTCR2 = 0;
		dma_channel_at(&config->lanes[i])->CCR = 0;
		dma_at(&config->lanes[i])->IFCR = dma_flags(&config->lanes[i], DMA_IFCR_CGIF1);
	}
}

static void enable_channels(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	DFSDM_Channel_TypeDef *first = channel_at(config, 0);

	first->CHCFGR1 = (data->setup.divider - 1U) << DFSDM_CHCFGR1_CKOUTDIV_Pos;
	first->CHCFGR1 |= DFSDM_CHCFGR1_DFSDMEN;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		DFSDM_Channel_TypeDef *channel = channel_at(config, data->lanes[i].channel);
		const bool redirected = data->lanes[i].channel != config->data_pin;

		channel->CHCFGR2 = (uint32_t)data->setup.shift << DFSDM_CHCFGR2_DTRBS_Pos;
		/* clocked by CKOUT; SITP 0 samples on its rising edge, 1 on the falling one */
		channel->CHCFGR1 |= DFSDM_CHCFGR1_SPICKSEL_0 | DFSDM_CHCFGR1_CKABEN |
				    (redirected ? DFSDM_CHCFGR1_CHINSEL | DFSDM_CHCFGR1_SITP_0 : 0);
		channel->CHCFGR1 |= DFSDM_CHCFGR1_CHEN;
	}
}

static void disable_channels(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		DFSDM_Channel_TypeDef *channel = channel_at(config, data->lanes[i].channel);

		channel->CHCFGR1 &= ~DFSDM_CHCFGR1_CHEN;
		channel->CHCFGR1 &= DFSDM_CHCFGR1_DFSDMEN | DFSDM_CHCFGR1_CKOUTDIV;
	}
	channel_at(config, 0)->CHCFGR1 &= ~DFSDM_CHCFGR1_DFSDMEN;
	channel_at(config, 0)->CHCFGR1 = 0;
}

/* "Clock absence detection": the flag comes back until the channel has seen the clock. */
static int wait_for_clock(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	DFSDM_Filter_TypeDef *filter = filter_at(config, 0);
	uint32_t channels = 0;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		channels |= BIT(data->lanes[i].channel);
	}
	for (int i = 0; i < CLOCK_TRIES; i++) {
		filter->FLTICR = channels << DFSDM_FLTICR_CLRCKABF_Pos;
		k_msleep(CLOCK_WAIT_MS);
		if ((filter->FLTISR & (channels << DFSDM_FLTISR_CKABF_Pos)) == 0) {
			return 0;
		}
	}

	return -EIO;
}

static void switch_off(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;

	disable_filters(dev);
	disable_channels(dev);
	(void)clock_control_off(DEVICE_DT_GET(STM32_CLOCK_CONTROL_NODE),
				(clock_control_subsys_t)&config->clocks[0]);
	if (data->block != NULL) {
		k_mem_slab_free(data->slab, data->block);
		data->block = NULL;
	}
	/* Stop mode has no clock for the DFSDM */
	pm_policy_state_lock_put(PM_STATE_SUSPEND_TO_IDLE, PM_ALL_SUBSTATES);
}

static void drain(struct dfsdm_data *data)
{
	void *block;

	while (k_msgq_get(&data->queue, &block, K_NO_WAIT) == 0) {
		if (block != NULL) {
			k_mem_slab_free(data->slab, block);
		}
	}
}

/* The microphone is gone; who reads is told after the blocks that were good. Locked. */
static void fail(const struct device *dev)
{
	struct dfsdm_data *data = dev->data;
	void *const none = NULL;

	data->stats.clock_absent++;
	switch_off(dev);
	data->state = DMIC_STATE_ERROR;
	(void)k_msgq_put(&data->queue, &none, K_NO_WAIT);
}

static void close_slot(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;

	data->filled = 0;
	if (data->block == NULL) {
		data->stats.slab_empty++;
	} else if (data->damaged || k_msgq_num_used_get(&data->queue) >= config->queue_len) {
		/* the next slot takes the block */
		data->stats.overruns++;
	} else {
		(void)k_msgq_put(&data->queue, &data->block, K_NO_WAIT);
		data->stats.blocks++;
		data->block = NULL;
	}
	data->damaged = false;
}

/* PCM of a half into blocks, or the time that it lasts if its data are lost. */
static void fill_slots(const struct device *dev, uint8_t half, bool lost)
{
	struct dfsdm_data *data = dev->data;
	const size_t step = data->lanes_used;
	size_t done = 0;

	while (done < CHUNK) {
		const size_t samples = MIN(CHUNK - done, data->block_samples - data->filled);

		if (data->filled == 0 && data->block == NULL) {
			/* NULL if there is none: the slot goes by unheard */
			(void)k_mem_slab_alloc(data->slab, (void **)&data->block, K_NO_WAIT);
		}
		data->damaged |= lost;
		for (size_t i = 0; data->block != NULL && !data->damaged && i < step; i++) {
			stm32_dfsdm_pcm(
				&ring_of(&data->lanes[i], half)[done * STM32_DFSDM_PCM_RATIO],
				samples, data->scale, &data->block[data->filled * step + i], step);
		}
		done += samples;
		data->filled += samples;
		if (data->filled == data->block_samples) {
			close_slot(dev);
		}
	}
}

/* Data of a half in place of its words. False if they are all the same: no microphone does that. */
static bool unpack(struct dfsdm_lane *lane, uint8_t half)
{
	int32_t *word = ring_of(lane, half);
	const int32_t first = stm32_dfsdm_data((uint32_t)word[0]);
	int32_t differences = 0;

	for (size_t i = 0; i < CHUNK_WORDS; i++) {
		word[i] = stm32_dfsdm_data((uint32_t)word[i]);
		differences |= word[i] ^ first;
		lane->sum += word[i];
	}

	return differences != 0;
}

/* Whether DMA has come back to what is to be read: the half, and before the second one what the
 * filter looks back on.
 */
static bool is_overtaken(const struct device *dev, uint8_t lane, uint8_t half)
{
	const struct dfsdm_config *config = dev->config;
	const uint32_t next = RING_WORDS - dma_channel_at(&config->lanes[lane])->CNDTR;

	return half == 0 ? next < CHUNK_WORDS : next >= CHUNK_WORDS - STM32_DFSDM_PCM_HISTORY;
}

/* Whether a conversion ended before DMA had taken the one before. */
static bool is_overrun(const struct device *dev, uint8_t lane)
{
	DFSDM_Filter_TypeDef *filter = filter_at(dev->config, lane);

	if ((filter->FLTISR & DFSDM_FLTISR_ROVRF) == 0) {
		return false;
	}
	filter->FLTICR = DFSDM_FLTICR_CLRROVRF;

	return true;
}

/* The mean of a lane as its offset; false if it cannot be one. */
static bool calibrate(const struct device *dev, struct dfsdm_lane *lane)
{
	struct dfsdm_data *data = dev->data;
	const int32_t mean = (int32_t)(lane->sum / (data->calibrate * CHUNK_WORDS));
	const int32_t most = OFFSET_MAX(data->setup.full_scale);
	DFSDM_Channel_TypeDef *channel = channel_at(dev->config, lane->channel);
	int32_t offset;

	if (!IN_RANGE(mean, -most, most)) {
		return false;
	}
	/* on top of the one that it was measured with */
	offset = ((int32_t)channel->CHCFGR2 >> DFSDM_CHCFGR2_OFFSET_Pos) + mean;
	channel->CHCFGR2 = (channel->CHCFGR2 & ~DFSDM_CHCFGR2_OFFSET) |
			   ((uint32_t)offset << DFSDM_CHCFGR2_OFFSET_Pos);

	return true;
}

/* False if the microphone is not there. */
static bool prepare_lane(const struct device *dev, struct dfsdm_lane *lane, uint8_t half)
{
	struct dfsdm_data *data = dev->data;
	bool alive;

	if (data->warm_up == data->calibrate + 1) {
		lane->sum = 0;
	}
	alive = unpack(lane, half);
	if (data->warm_up > data->calibrate + 1) {
		/* it may still be starting up */
		return true;
	}

	return alive && (data->warm_up != 2 || calibrate(dev, lane));
}

/* Locked. */
static void take_chunk(const struct device *dev, uint8_t half)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	bool overtaken = false;
	bool lost = data->history_lost;

	for (uint8_t i = 0; i < data->lanes_used; i++) {
		overtaken |= is_overtaken(dev, i, half);
		lost |= is_overrun(dev, i);
	}
	data->history_lost = overtaken;
	lost |= overtaken;

	/* what DMA has overtaken are the words of the next time, to be unpacked then */
	for (uint8_t i = 0; i < data->lanes_used && !overtaken; i++) {
		if (!prepare_lane(dev, &data->lanes[i], half)) {
			LOG_ERR("%s hears nothing at DATIN%u", dev->name, config->data_pin);
			fail(dev);
			return;
		}
	}

	if (data->warm_up == 0) {
		fill_slots(dev, half, lost);
	} else if (lost && data->warm_up <= data->calibrate) {
		/* measure anew */
		data->warm_up = data->calibrate + 1;
	} else {
		data->warm_up--;
	}

	for (uint8_t i = 0; i < data->lanes_used && half == 1; i++) {
		int32_t *words = data->lanes[i].words;

		memcpy(words, &words[RING_WORDS], STM32_DFSDM_PCM_HISTORY * sizeof(*words));
	}
}

static void on_dma(const struct device *dma, void *user_data, uint32_t channel, int status)
{
	const struct device *dev = user_data;
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	const uint8_t half = status == DMA_STATUS_BLOCK ? 0 : 1;
	const k_spinlock_key_t key = k_spin_lock(&data->lock);
	uint8_t full = BIT(half);

	for (uint8_t i = 0; i < config->lanes_len; i++) {
		const struct dfsdm_lane_config *lane = &config->lanes[i];

		if (lane->dma == dma && lane->dma_channel == channel && status >= 0) {
			dma_at(lane)->IFCR =
				dma_flags(lane, half == 0 ? DMA_IFCR_CHTIF1 : DMA_IFCR_CTCIF1);
			data->lanes[i].full |= BIT(half);
		}
	}
	for (uint8_t i = 0; i < data->lanes_used; i++) {
		full &= data->lanes[i].full;
	}

	if (data->state != DMIC_STATE_ACTIVE) {
		/* the last of a stream that was stopped meanwhile */
	} else if (status < 0) {
		LOG_ERR("DMA channel %u failed (%d)", channel, status);
		fail(dev);
	} else if (full != 0) {
		for (uint8_t i = 0; i < data->lanes_used; i++) {
			data->lanes[i].full &= ~full;
		}
		take_chunk(dev, half);
	}
	k_spin_unlock(&data->lock, key);
}

/* Filter 0's interrupt has one cause: a clock that is absent. */
static void on_clock_absence(const void *argument)
{
	const struct device *dev = argument;
	struct dfsdm_data *data = dev->data;
	const k_spinlock_key_t key = k_spin_lock(&data->lock);

	if (data->state == DMIC_STATE_ACTIVE) {
		LOG_ERR("%s has lost its clock", dev->name);
		fail(dev);
	}
	k_spin_unlock(&data->lock, key);
}

/* Lanes for the microphones asked for, if they are one or both of the data pin's. */
static int map_channels(const struct device *dev, struct pdm_chan_cfg *channels)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	const uint8_t own = config->data_pin;
	const uint8_t redirected = (config->data_pin + CHANNELS - 1) % CHANNELS;
	uint8_t pdm;
	enum pdm_lr first;

	dmic_parse_channel_map(channels->req_chan_map_lo, 0, 0, &pdm, &first);
	channels->act_num_streams = 1;
	channels->act_num_chan = CLAMP(channels->req_num_chan, 1, config->lanes_len);
	channels->act_chan_map_hi = 0;
	channels->act_chan_map_lo = dmic_build_channel_map(0, 0, first);
	if (channels->act_num_chan == 2) {
		channels->act_chan_map_lo |= dmic_build_channel_map(
			1, 0, first == PDM_CHAN_LEFT ? PDM_CHAN_RIGHT : PDM_CHAN_LEFT);
	}
	if (channels->req_num_streams != 1 || channels->req_num_chan != channels->act_num_chan ||
	    channels->req_chan_map_lo != channels->act_chan_map_lo ||
	    channels->req_chan_map_hi != 0) {
		return -ENOTSUP;
	}

	data->lanes_used = channels->act_num_chan;
	data->lanes[0].channel = first == PDM_CHAN_LEFT ? own : redirected;
	if (data->lanes_used == 2) {
		data->lanes[1].channel = first == PDM_CHAN_LEFT ? redirected : own;
	}

	return 0;
}

static int plan_clocks(const struct device *dev, const struct dmic_cfg *wanted)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	struct stm32_dfsdm_request request = {
		.rate_hz = wanted->streams[0].pcm_rate * STM32_DFSDM_PCM_RATIO,
		.pdm_min_hz = wanted->io.min_pdm_clk_freq,
		.pdm_max_hz = wanted->io.max_pdm_clk_freq,
		.order = STM32_DFSDM_PCM_ORDER,
	};
	uint8_t duty;
	int ret;

	/* the kernel clock is the last */
	ret = clock_control_get_rate(
		DEVICE_DT_GET(STM32_CLOCK_CONTROL_NODE),
		(clock_control_subsys_t)&config->clocks[config->clocks_len - 1],
		&request.kernel_hz);
	if (ret < 0) {
		LOG_ERR("Could not get the rate of the clock (%d)", ret);
		return ret;
	}
	ret = stm32_dfsdm_configure(&request, &data->setup);
	if (ret < 0) {
		LOG_ERR("No clock of %u to %u Hz gives %u Hz of %u Hz (%d)", request.pdm_min_hz,
			request.pdm_max_hz, wanted->streams[0].pcm_rate, request.kernel_hz, ret);
		return ret;
	}
	/* one phase of an odd divider is a kernel clock longer, whichever it is */
	duty = (data->setup.divider / 2) * 100 / data->setup.divider;
	if (wanted->io.min_pdm_clk_dc > duty ||
	    (wanted->io.max_pdm_clk_dc != 0 && wanted->io.max_pdm_clk_dc < 100 - duty)) {
		LOG_ERR("The duty cycle is up to %u %%", 100 - duty);
		return -ENOTSUP;
	}
	data->scale = stm32_dfsdm_pcm_scale(data->setup.full_scale, config->gain_bits);
	LOG_INF("CKOUT %u Hz, oversampling %u, rate off by %d ppm", data->setup.pdm_hz,
		data->setup.oversampling, data->setup.rate_error_ppm);

	return 0;
}

static uint32_t chunks_in(uint32_t rate_hz, uint32_t ms)
{
	return DIV_ROUND_UP(rate_hz * ms, CHUNK * MSEC_PER_SEC);
}

static int dfsdm_configure(const struct device *dev, struct dmic_cfg *wanted)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	const struct pcm_stream_cfg *stream = &wanted->streams[0];
	uint32_t frame;
	int ret;

	if (data->state == DMIC_STATE_ACTIVE || data->state == DMIC_STATE_PAUSED) {
		LOG_ERR("Stop the stream before it is configured");
		return -EBUSY;
	}
	if (data->state != DMIC_STATE_INITIALIZED) {
		drain(data);
		data->state = DMIC_STATE_INITIALIZED;
	}

	ret = map_channels(dev, &wanted->channel);
	if (ret < 0) {
		LOG_ERR("No such stream: one of the left, the right or both microphones");
		return ret;
	}
	/* dmic.h: the stream is disabled */
	if (stream->pcm_rate == 0 || stream->pcm_width == 0) {
		return 0;
	}
	if (stream->pcm_width != 8 * SAMPLE_BYTES || wanted->io.pdm_clk_pol != 0 ||
	    wanted->io.pdm_data_pol != 0) {
		LOG_ERR("Samples have 16 bits, clock and data are not inverted");
		return -ENOTSUP;
	}
	frame = SAMPLE_BYTES * data->lanes_used;
	if (stream->mem_slab == NULL || stream->block_size == 0 ||
	    stream->block_size % frame != 0 ||
	    stream->block_size > stream->mem_slab->info.block_size) {
		LOG_ERR("Blocks hold whole samples and fit into those of the slab");
		return -EINVAL;
	}
	ret = plan_clocks(dev, wanted);
	if (ret < 0) {
		return ret;
	}

	data->slab = stream->mem_slab;
	data->block_samples = stream->block_size / frame;
	data->start_up = chunks_in(stream->pcm_rate, config->startup_ms);
	data->calibrate = chunks_in(stream->pcm_rate, CALIBRATE_MS);
	data->state = DMIC_STATE_CONFIGURED;

	return 0;
}

/* A slot is not made of two times. */
static void begin_slot(struct dfsdm_data *data, uint16_t warm_up)
{
	data->filled = 0;
	data->damaged = false;
	data->history_lost = false;
	data->warm_up = warm_up;
}

static int start(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	k_spinlock_key_t key;
	int ret;

	ret = clock_control_on(DEVICE_DT_GET(STM32_CLOCK_CONTROL_NODE),
			       (clock_control_subsys_t)&config->clocks[0]);
	if (ret < 0) {
		LOG_ERR("Could not switch on the clock (%d)", ret);
		return ret;
	}
	pm_policy_state_lock_get(PM_STATE_SUSPEND_TO_IDLE, PM_ALL_SUBSTATES);
	begin_slot(data, data->start_up + data->calibrate + 1);
	enable_channels(dev);
	enable_filters(dev);
	ret = wait_for_clock(dev);

	key = k_spin_lock(&data->lock);
	if (ret < 0) {
		LOG_ERR("%s has no clock (%d)", dev->name, ret);
		data->stats.clock_absent++;
		switch_off(dev);
	} else {
		data->state = DMIC_STATE_ACTIVE;
		start_filters(dev);
	}
	k_spin_unlock(&data->lock, key);

	return ret;
}

/* The clock stays, so that the microphone need not start up again. */
static void pause(const struct device *dev)
{
	struct dfsdm_data *data = dev->data;
	const k_spinlock_key_t key = k_spin_lock(&data->lock);

	if (data->state == DMIC_STATE_ACTIVE) {
		disable_filters(dev);
		data->state = DMIC_STATE_PAUSED;
	}
	k_spin_unlock(&data->lock, key);
}

static int release(const struct device *dev)
{
	struct dfsdm_data *data = dev->data;
	const k_spinlock_key_t key = k_spin_lock(&data->lock);

	/* a chunk for the filters to fill */
	begin_slot(data, MAX(data->warm_up, 1));
	enable_filters(dev);
	data->state = DMIC_STATE_ACTIVE;
	start_filters(dev);
	k_spin_unlock(&data->lock, key);

	return 0;
}

static void stop(const struct device *dev, enum dmic_state state)
{
	struct dfsdm_data *data = dev->data;
	const k_spinlock_key_t key = k_spin_lock(&data->lock);

	if (data->state == DMIC_STATE_ACTIVE || data->state == DMIC_STATE_PAUSED) {
		switch_off(dev);
	}
	if (data->state != DMIC_STATE_INITIALIZED) {
		data->state = state;
		drain(data);
	}
	k_spin_unlock(&data->lock, key);
}

static int dfsdm_trigger(const struct device *dev, enum dmic_trigger command)
{
	struct dfsdm_data *data = dev->data;

	switch (command) {
	case DMIC_TRIGGER_STOP:
		stop(dev, DMIC_STATE_CONFIGURED);
		return 0;
	case DMIC_TRIGGER_RESET:
		stop(dev, DMIC_STATE_INITIALIZED);
		return 0;
	case DMIC_TRIGGER_PAUSE:
		pause(dev);
		return 0;
	case DMIC_TRIGGER_START:
	case DMIC_TRIGGER_RELEASE:
		if (data->state == DMIC_STATE_ACTIVE) {
			return 0;
		}
		if (data->state == DMIC_STATE_PAUSED) {
			return release(dev);
		}
		if (data->state == DMIC_STATE_CONFIGURED && command == DMIC_TRIGGER_START) {
			return start(dev);
		}
		LOG_ERR("The stream is not configured, or has failed and was not stopped");
		return -EIO;
	default:
		return -EINVAL;
	}
}

static int dfsdm_read(const struct device *dev, uint8_t stream, void **buffer, size_t *size,
		      int32_t timeout)
{
	struct dfsdm_data *data = dev->data;
	const bool waits = data->state == DMIC_STATE_ACTIVE;
	int ret;

	if (stream != 0) {
		return -EINVAL;
	}
	ret = k_msgq_get(&data->queue, buffer, waits ? SYS_TIMEOUT_MS(timeout) : K_NO_WAIT);
	if (ret < 0) {
		return waits || data->state == DMIC_STATE_PAUSED ? -EAGAIN : -EIO;
	}
	if (*buffer == NULL) {
		return -EIO;
	}
	*size = data->block_samples * data->lanes_used * SAMPLE_BYTES;

	return 0;
}

static const struct _dmic_ops dfsdm_ops = {
	.configure = dfsdm_configure,
	.trigger = dfsdm_trigger,
	.read = dfsdm_read,
};

int sp_dmic_get_stats(const struct device *dev, struct sp_dmic_stats *stats)
{
	struct dfsdm_data *data = dev->data;
	k_spinlock_key_t key;

	if (dev->api != &dfsdm_ops) {
		return -ENOSYS;
	}
	key = k_spin_lock(&data->lock);
	*stats = data->stats;
	k_spin_unlock(&data->lock, key);

	return 0;
}

/* Have Zephyr's DMA driver hand on the interrupts of a channel, and leave its registers to
 * us: 3.7's forgets a circular transfer after its first interrupt where there is no DMAMUX.
 */
static int claim_dma(const struct device *dev, const struct dfsdm_lane_config *lane)
{
	struct dma_config claim = {
		.linked_channel = STM32_DMA_HAL_OVERRIDE,
		.dma_callback = on_dma,
		.user_data = (void *)dev,
	};

	if (!device_is_ready(lane->dma)) {
		LOG_ERR("%s is not ready", lane->dma->name);
		return -ENODEV;
	}

	return dma_config(lane->dma, lane->dma_channel, &claim);
}

static int dfsdm_init(const struct device *dev)
{
	const struct dfsdm_config *config = dev->config;
	struct dfsdm_data *data = dev->data;
	const struct device *const clock = DEVICE_DT_GET(STM32_CLOCK_CONTROL_NODE);
	int ret;

	if (!device_is_ready(clock)) {
		LOG_ERR("%s is not ready", clock->name);
		return -ENODEV;
	}
	if (config->clocks_len > 1) {
		ret = clock_control_configure(clock, (clock_control_subsys_t)&config->clocks[1],
					      NULL);
		if (ret < 0) {
			LOG_ERR("Could not select the clock (%d)", ret);
			return ret;
		}
	}
	ret = pinctrl_apply_state(config->pins, PINCTRL_STATE_DEFAULT);
	if (ret < 0) {
		LOG_ERR("Could not configure the pins (%d)", ret);
		return ret;
	}
	for (uint8_t i = 0; i < config->lanes_len; i++) {
		ret = claim_dma(dev, &config->lanes[i]);
		if (ret < 0) {
			LOG_ERR("Could not claim DMA channel %u (%d)", config->lanes[i].dma_channel,
				ret);
			return ret;
		}
	}
	/* one more for the news that the microphone is gone */
	k_msgq_init(&data->queue, (char *)config->queue, sizeof(void *), config->queue_len + 1);
	config->connect();
	data->state = DMIC_STATE_INITIALIZED;

	return 0;
}

#define DFSDM_LANE(index, inst)                                                                    \
	{                                                                                          \
		.dma = DEVICE_DT_GET(DT_INST_DMAS_CTLR_BY_IDX(inst, index)),                       \
		.dma_base = DT_REG_ADDR(DT_INST_DMAS_CTLR_BY_IDX(inst, index)),                    \
		.dma_channel = DT_INST_DMAS_CELL_BY_IDX(inst, index, channel),                     \
		.dma_request = DT_INST_DMAS_CELL_BY_IDX(inst, index, slot),                        \
		.dma_priority = STM32_DMA_CONFIG_PRIORITY(                                         \
			DT_INST_DMAS_CELL_BY_IDX(inst, index, channel_config)),                    \
	}

#define DFSDM_DEFINE(inst)                                                                         \
	BUILD_ASSERT(DT_INST_PROP_LEN(inst, dmas) <= LANES_MAX, "a data pin has two microphones"); \
	PINCTRL_DT_INST_DEFINE(inst);                                                              \
	static void dfsdm_connect_##inst(void)                                                     \
	{                                                                                          \
		IRQ_CONNECT(DT_INST_IRQN(inst), DT_INST_IRQ(inst, priority), on_clock_absence,     \
			    DEVICE_DT_INST_GET(inst), 0);                                          \
		irq_enable(DT_INST_IRQN(inst));                                                    \
	}                                                                                          \
	static const struct stm32_pclken dfsdm_clocks_##inst[] = STM32_DT_INST_CLOCKS(inst);       \
	static const struct dfsdm_lane_config dfsdm_lane_configs_##inst[] = {                      \
		LISTIFY(DT_INST_PROP_LEN(inst, dmas), DFSDM_LANE, (, ), inst)};                    \
	static void *dfsdm_queue_##inst[DT_INST_PROP(inst, queue_size) + 1];                       \
	static const struct dfsdm_config dfsdm_config_##inst = {                                   \
		.base = DT_INST_REG_ADDR(inst),                                                    \
		.clocks = dfsdm_clocks_##inst,                                                     \
		.clocks_len = ARRAY_SIZE(dfsdm_clocks_##inst),                                     \
		.pins = PINCTRL_DT_INST_DEV_CONFIG_GET(inst),                                      \
		.connect = dfsdm_connect_##inst,                                                   \
		.lanes = dfsdm_lane_configs_##inst,                                                \
		.lanes_len = DT_INST_PROP_LEN(inst, dmas),                                         \
		.data_pin = DT_INST_PROP(inst, data_pin),                                          \
		.gain_bits = DT_INST_PROP(inst, gain_bits),                                        \
		.startup_ms = DT_INST_PROP(inst, startup_ms),                                      \
		.queue = dfsdm_queue_##inst,                                                       \
		.queue_len = DT_INST_PROP(inst, queue_size),                                       \
	};                                                                                         \
	static struct dfsdm_lane dfsdm_lanes_##inst[DT_INST_PROP_LEN(inst, dmas)];                 \
	static struct dfsdm_data dfsdm_data_##inst = {.lanes = dfsdm_lanes_##inst};                \
	DEVICE_DT_INST_DEFINE(inst, dfsdm_init, NULL, &dfsdm_data_##inst, &dfsdm_config_##inst,    \
			      POST_KERNEL, CONFIG_AUDIO_DMIC_INIT_PRIORITY, &dfsdm_ops);

DT_INST_FOREACH_STATUS_OKAY(DFSDM_DEFINE)
