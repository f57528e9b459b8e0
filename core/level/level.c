/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/level.h>

#include "filters.h"
#include "octave.h"
#include "passes.h"

#define CONFIG_LIMIT_CDB 30000

#define SUB_BLOCK LEVEL_SUB_BLOCK

/* Samples of one pass through the filters, at most. */
#define PASS (8 * SUB_BLOCK)

static bool reaches_full_scale(const int16_t *pcm, const int16_t *end)
{
	for (; pcm != end; pcm++) {
		if (*pcm == INT16_MAX || *pcm == INT16_MIN) {
			return true;
		}
	}

	return false;
}

/* Z weighting, into the octave block. */
static void weight_z(struct sp_level *level, const int16_t *pcm, const int16_t *end)
{
	int32_t *out = level->octave_block + level->octave_count;
	bool loud;

	level->current.z += level_high_pass_z(&level->high_pass_z, sp_level_filters.z_step, pcm,
					      out, out + (end - pcm), &loud);
	if (loud && !level->current.overload) {
		level->current.overload = reaches_full_scale(pcm, end);
	}
}

/* floor(x k / 2^32) */
static int64_t scaled(int64_t x, uint32_t k)
{
	return (x >> 32) * k + (int64_t)(((uint64_t)(uint32_t)x * k) >> 32);
}

/* A sum of squares, at most 2^64 - 1, in units of SP_ENERGY_BITS. */
static uint64_t normalized(uint64_t sum, uint32_t scale)
{
	const uint64_t product = (sum >> 32) * scale + (((uint64_t)(uint32_t)sum * scale) >> 32);

	return (product + (1 << (SP_LEVEL_SCALE_BITS - 33))) >> (SP_LEVEL_SCALE_BITS - 32);
}

/* Level of a Fast average re a sine at full scale. */
static int32_t relative_cdb(uint64_t fast)
{
	return fast == 0 ? SP_LEVEL_NONE
			 : sp_energy_to_cdb(fast) - sp_level_filters.fast_full_scale_cdb;
}

static int32_t calibrated(const struct sp_level_config *config, int32_t relative)
{
	return relative == SP_LEVEL_NONE ? SP_LEVEL_NONE : relative + config->full_scale_cdb;
}

static int32_t fast_cdb(const struct sp_level *level, uint64_t energy)
{
	return calibrated(&level->config, relative_cdb(energy));
}

static void clear(struct sp_level_sums *sums)
{
	*sums = (struct sp_level_sums){.fast_min = UINT64_MAX};
}

/* A step of the Fast average for each of a pass' sub-blocks. */
static void average(struct sp_level *level, const uint64_t *energies, const uint64_t *end)
{
	const uint32_t step = (uint32_t)sp_level_filters.fast_step;
	struct sp_level_sums *current = &level->current;
	int64_t fast = level->fast;
	uint64_t sum = current->a;
	uint64_t max = current->fast_max;
	uint64_t min = current->fast_min;

	for (; energies != end; energies++) {
		fast += scaled((int64_t)*energies - fast, step);
		sum += *energies;
		max = (uint64_t)fast > max ? (uint64_t)fast : max;
		min = (uint64_t)fast < min ? (uint64_t)fast : min;
	}

	level->fast = fast;
	current->a = sum;
	current->fast_max = max;
	current->fast_min = min;
}

/* Measure whole sub-blocks: at most PASS samples, and none beyond the octave block. */
static void measure(struct sp_level *level, const int16_t *pcm, uint32_t count)
{
	const struct sp_level_filters *filters = &sp_level_filters;
	struct sp_level_sums *current = &level->current;
	const int32_t *const z = level->octave_block + level->octave_count;
	int32_t block[PASS];
	const int32_t *const end = block + count;
	uint64_t sums[PASS / SUB_BLOCK];
	const uint64_t *const sums_end = sums + count / SUB_BLOCK;

	weight_z(level, pcm, pcm + count);
	level_high_pass_twice(&level->c, &filters->c, z, block, end);
	level_corrected_energies(&level->c, &filters->c, block, end, sums);
	for (const uint64_t *sum = sums; sum != sums_end; sum++) {
		current->c += *sum;
	}
	level_high_pass_twice(&level->a, &filters->a, block, block, end);
	level_corrected_energies(&level->a, &filters->a, block, end, sums);
	average(level, sums, sums_end);

	level->octave_count += count;
	if (level->octave_count == SP_LEVEL_OCTAVE_BLOCK) {
		level->octave_count = 0;
		sp_octave_process(level->octave, level->octave_block, current->octave);
		current->octave_blocks++;
	}
}

/* A class has filled its byte. */
static void carry(struct sp_level *level, uint16_t class)
{
	uint8_t at = level->carry_count++;

	for (; at > 0 && level->carries[at - 1] > class; at--) {
		level->carries[at] = level->carries[at - 1];
	}
	level->carries[at] = class;
}

static void count_fast(struct sp_level *level)
{
	const int32_t relative = relative_cdb((uint64_t)level->fast);
	int32_t class = 0;

	if (relative > -SP_LEVEL_RANGE_CDB) {
		class = (relative + SP_LEVEL_RANGE_CDB + SP_LEVEL_CLASS_CDB / 2) /
			SP_LEVEL_CLASS_CDB;
	}
	if (class >= SP_LEVEL_CLASSES) {
		class = SP_LEVEL_CLASSES - 1;
	}
	level->histogram[class]++;
	if (level->histogram[class] == 0) {
		carry(level, (uint16_t)class);
	}
	level->settled++;
}

/* The Fast interval has ended: say so, and add it to the interval. */
static void end_fast(struct sp_level *level, struct sp_fast *fast)
{
	const struct sp_level_filters *filters = &sp_level_filters;
	struct sp_level_sums *current = &level->current;
	struct sp_level_sums *interval = &level->interval;

	level->fast_count = 0;
	level->samples += SP_FAST_SAMPLES;
	fast->end = level->samples;
	fast->energy_a = normalized(current->a, filters->a.scale);
	fast->laf = fast_cdb(level, (uint64_t)level->fast);
	fast->lafmax = fast_cdb(level, current->fast_max);

	if (level->fasts < SP_LEVEL_FAST_MAX) {
		level->fasts++;
		interval->a += fast->energy_a;
		interval->c += normalized(current->c, filters->c.scale);
		interval->z += normalized(current->z, filters->z_scale);
		for (int i = 0; i < SP_OCTAVE_BANDS; i++) {
			interval->octave[i] +=
				normalized(current->octave[i], filters->octave_scale[i]);
		}
		interval->octave_blocks += current->octave_blocks;
		interval->overload |= current->overload;
		if (current->fast_max > interval->fast_max) {
			interval->fast_max = current->fast_max;
		}
		if (level->samples > SP_LEVEL_SETTLING * SP_FAST_SAMPLES) {
			count_fast(level);
			if (current->fast_min < interval->fast_min) {
				interval->fast_min = current->fast_min;
			}
		}
	}
	clear(current);
}

static int validate(const struct sp_level_config *config)
{
	if (config->full_scale_cdb < -CONFIG_LIMIT_CDB ||
	    config->full_scale_cdb > CONFIG_LIMIT_CDB ||
	    config->under_range_cdb < -CONFIG_LIMIT_CDB ||
	    config->under_range_cdb > CONFIG_LIMIT_CDB) {
		return -ERANGE;
	}

	return 0;
}

int sp_level_init(struct sp_level *level, const struct sp_level_config *config)
{
	const int ret = validate(config);

	if (ret < 0) {
		return ret;
	}

	memset(level, 0, sizeof(*level));
	level->config = *config;
	clear(&level->current);
	clear(&level->interval);

	return 0;
}

int sp_level_set_config(struct sp_level *level, const struct sp_level_config *config)
{
	const int ret = validate(config);

	if (ret == 0) {
		level->config = *config;
	}

	return ret;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Measure whole sub-blocks and end Fast intervals. */
static int advance(struct sp_level *level, const int16_t *pcm, uint32_t count, struct sp_fast *fast)
{
	int ended = 0;

	while (count > 0) {
		uint32_t taken = least(count, PASS);

		taken = least(taken, SP_FAST_SAMPLES - level->fast_count);
		taken = least(taken, SP_LEVEL_OCTAVE_BLOCK - level->octave_count);
		measure(level, pcm, taken);
		level->fast_count += taken;
		pcm += taken;
		count -= taken;
		if (level->fast_count == SP_FAST_SAMPLES) {
			end_fast(level, fast);
			ended = 1;
		}
	}

	return ended;
}

int sp_level_process(struct sp_level *level, const int16_t *pcm, uint32_t count,
		     struct sp_fast *fast)
{
	int ended = 0;

	if (count > SP_LEVEL_COUNT_MAX) {
		return -EINVAL;
	}

	if (level->pending_count > 0) {
		const uint32_t taken = least(count, SUB_BLOCK - level->pending_count);

		memcpy(level->pending + level->pending_count, pcm, taken * sizeof(*pcm));
		level->pending_count += taken;
		pcm += taken;
		count -= taken;
		if (level->pending_count == SUB_BLOCK) {
			level->pending_count = 0;
			ended = advance(level, level->pending, SUB_BLOCK, fast);
		}
	}

	const uint32_t whole = count / SUB_BLOCK * SUB_BLOCK;
	const uint32_t rest = count - whole;

	ended |= advance(level, pcm, whole, fast);
	if (rest > 0) {
		memcpy(level->pending, pcm + whole, rest * sizeof(*pcm));
		level->pending_count = rest;
	}

	return ended;
}

void sp_level_skip(struct sp_level *level, uint64_t count)
{
	level->samples += count;
}

/* Middle of the class of the Fast level that @p rank others are lower than, cdB re full scale. */
static int32_t ranked(const struct sp_level *level, uint32_t rank)
{
	uint32_t up_to = 0;
	int32_t class = -1;
	uint8_t carried = 0;

	while (up_to <= rank) {
		class++;
		up_to += level->histogram[class];
		for (; carried < level->carry_count && level->carries[carried] == class;
		     carried++) {
			up_to += UINT8_MAX + 1;
		}
	}

	return class * SP_LEVEL_CLASS_CDB - SP_LEVEL_RANGE_CDB;
}

/* Level that @p percent of the Fast levels do not reach. */
static int32_t percentile(const struct sp_level *level, uint32_t percent)
{
	if (level->settled == 0) {
		return SP_LEVEL_NONE;
	}

	const uint32_t position = (level->settled - 1U) * percent;
	const uint32_t rank = position / 100;
	const int32_t part = (int32_t)(position % 100);
	const int32_t lower = ranked(level, rank);
	const int32_t upper = part > 0 ? ranked(level, rank + 1) : lower;

	/* the lowest class holds all that is lower, and silence */
	if (lower == -SP_LEVEL_RANGE_CDB) {
		return SP_LEVEL_NONE;
	}

	return calibrated(&level->config, lower + ((upper - lower) * part + 50) / 100);
}

int32_t sp_level_cdb(const struct sp_level_config *config, uint64_t energy, uint32_t fasts)
{
	return sp_fasts_to_cdb(energy, fasts, config->full_scale_cdb);
}

void sp_level_summarize(struct sp_level *level, struct sp_level_summary *summary)
{
	const struct sp_level_config *config = &level->config;
	const struct sp_level_sums *interval = &level->interval;

	summary->samples = (uint32_t)level->fasts * SP_FAST_SAMPLES;
	summary->laeq = sp_level_cdb(config, interval->a, level->fasts);
	summary->lceq = sp_level_cdb(config, interval->c, level->fasts);
	summary->lzeq = sp_level_cdb(config, interval->z, level->fasts);
	for (int i = 0; i < SP_OCTAVE_BANDS; i++) {
		summary->lzeq_octave[i] =
			sp_level_cdb(config, interval->octave[i], interval->octave_blocks);
	}
	summary->lafmax = fast_cdb(level, interval->fast_max);
	summary->lafmin = level->settled > 0 ? fast_cdb(level, interval->fast_min) : SP_LEVEL_NONE;
	summary->laf10 = percentile(level, 90);
	summary->laf50 = percentile(level, 50);
	summary->laf90 = percentile(level, 10);
	summary->overload = interval->overload;
	summary->under_range = level->settled > 0 && summary->lafmin < config->under_range_cdb;

	level->fasts = 0;
	level->settled = 0;
	memset(level->histogram, 0, sizeof(level->histogram));
	level->carry_count = 0;
	clear(&level->interval);
}
