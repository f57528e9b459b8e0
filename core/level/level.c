/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <soundpost/fixed.h>
#include <soundpost/level.h>

#include "coefficients.h"
#include "octave.h"

#define CONFIG_LIMIT_CDB 30000

#define SUB_BLOCK SP_LEVEL_SUB_BLOCK

/* First-order high pass: y = x - s, s += k y has a zero at 0 Hz and its pole at 1 - k. The state
 * has 32 bits more than the signal, so that low corners cost no precision.
 */
static inline int32_t high_pass(int64_t *s, int32_t x, int32_t step)
{
	const int32_t y = x - (int32_t)(*s >> 32);

	*s += (int64_t)step * y;

	return y;
}

/* Z weighting. Says whether a sample lies at either end of the range. */
static bool weight_z(int64_t *state, const int16_t *restrict pcm, int32_t *restrict out,
		     int32_t *restrict octave, uint64_t *energy)
{
	int64_t s = *state;
	int64_t sum = 0;
	int32_t bits = 0;

	for (int i = 0; i < SUB_BLOCK; i++) {
		const int32_t x = pcm[i];
		const int32_t z = high_pass(&s, x * (1 << SAMPLE_BITS), DC_STEP);

		/* x ^ (x >> 31) is x, or -1 - x if x is negative */
		bits |= x ^ (x >> 31);
		sum += (int64_t)z * z;
		out[i] = z;
		octave[i] = z >> OCTAVE_SHIFT;
	}

	*state = s;
	*energy += (uint64_t)sum;
	if (bits != INT16_MAX) {
		return false;
	}
	for (int i = 0; i < SUB_BLOCK; i++) {
		if (pcm[i] == INT16_MAX || pcm[i] == INT16_MIN) {
			return true;
		}
	}

	return false;
}

static void high_pass_twice(int64_t state[2], int32_t *block, int32_t step0, int32_t step1)
{
	int64_t s0 = state[0];
	int64_t s1 = state[1];

	for (int i = 0; i < SUB_BLOCK; i++) {
		block[i] = high_pass(&s1, high_pass(&s0, block[i], step0), step1);
	}

	state[0] = s0;
	state[1] = s1;
}

/* Sum of squares behind a first-order section with its zero and pole near half the rate, which
 * makes up for what the sampling did to the weighting.
 */
static uint64_t corrected_energy(int32_t state[2], const int32_t *block, int32_t zero, int32_t pole)
{
	int32_t x1 = state[0];
	int32_t y1 = state[1];
	int64_t sum = 0;

	for (int i = 0; i < SUB_BLOCK; i++) {
		const int32_t x = block[i];

		y1 = x + (int32_t)(((int64_t)zero * x1 + (int64_t)pole * y1) >> 32);
		x1 = x;
		sum += (int64_t)y1 * y1;
	}

	state[0] = x1;
	state[1] = y1;

	return (uint64_t)sum;
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

	return (product + (1 << (SCALE_BITS - 33))) >> (SCALE_BITS - 32);
}

static int32_t relative_cdb(uint64_t energy, int32_t full_scale_cdb)
{
	return energy == 0 ? SP_LEVEL_NONE : sp_energy_to_cdb(energy) - full_scale_cdb;
}

static int32_t calibrated(const struct sp_level_config *config, int32_t relative)
{
	return relative == SP_LEVEL_NONE ? SP_LEVEL_NONE : relative + config->full_scale_cdb;
}

static int32_t fast_cdb(const struct sp_level *level, uint64_t energy)
{
	return calibrated(&level->config, relative_cdb(energy, FAST_FULL_SCALE_CDB));
}

static void clear(struct sp_level_sums *sums)
{
	*sums = (struct sp_level_sums){.fast_min = UINT64_MAX};
}

static void measure(struct sp_level *level, const int16_t *pcm)
{
	struct sp_level_sums *current = &level->current;
	int32_t block[SUB_BLOCK];

	current->overload |= weight_z(&level->high_pass[0], pcm, block,
				      level->octave_block + level->octave_count, &current->z);
	high_pass_twice(&level->high_pass[1], block, C_STEP, C_STEP);
	current->c += corrected_energy(level->correction_c, block, C_ZERO, C_POLE);
	high_pass_twice(&level->high_pass[3], block, A_STEP_LOW, A_STEP_HIGH);

	const uint64_t energy = corrected_energy(level->correction_a, block, A_ZERO, A_POLE);

	current->a += energy;
	level->fast += scaled((int64_t)energy - level->fast, FAST_STEP);

	const uint64_t fast = (uint64_t)level->fast;

	current->fast_max = fast > current->fast_max ? fast : current->fast_max;
	current->fast_min = fast < current->fast_min ? fast : current->fast_min;

	level->octave_count += SUB_BLOCK;
	if (level->octave_count == SP_LEVEL_OCTAVE_BLOCK) {
		level->octave_count = 0;
		sp_octave_process(level->octave, level->octave_block, current->octave);
		current->octave_blocks++;
	}
}

static void count_fast(struct sp_level *level)
{
	const int32_t relative = relative_cdb((uint64_t)level->fast, FAST_FULL_SCALE_CDB);
	int32_t class = 0;

	if (relative > -SP_LEVEL_RANGE_CDB) {
		class = (relative + SP_LEVEL_RANGE_CDB + SP_LEVEL_CLASS_CDB / 2) /
			SP_LEVEL_CLASS_CDB;
	}
	level->histogram[class < SP_LEVEL_CLASSES ? class : SP_LEVEL_CLASSES - 1]++;
	level->settled++;
}

/* The Fast interval has ended: say so, and add it to the interval. */
static void end_fast(struct sp_level *level, struct sp_fast *fast)
{
	static const uint32_t octave_scales[SP_OCTAVE_BANDS] = OCTAVE_SCALES;
	struct sp_level_sums *current = &level->current;
	struct sp_level_sums *interval = &level->interval;

	fast->end = level->samples;
	fast->energy_a = normalized(current->a, A_SCALE);
	fast->laf = fast_cdb(level, (uint64_t)level->fast);
	fast->lafmax = fast_cdb(level, current->fast_max);

	if (level->fasts < SP_LEVEL_FAST_MAX) {
		level->fasts++;
		interval->a += fast->energy_a;
		interval->c += normalized(current->c, C_SCALE);
		interval->z += normalized(current->z, Z_SCALE);
		for (int i = 0; i < SP_OCTAVE_BANDS; i++) {
			interval->octave[i] += normalized(current->octave[i], octave_scales[i]);
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

int sp_level_process(struct sp_level *level, const int16_t *pcm, uint32_t count,
		     struct sp_fast *fast)
{
	int ended = 0;

	if (count > SP_LEVEL_COUNT_MAX) {
		return -EINVAL;
	}

	while (count > 0) {
		uint32_t taken = SUB_BLOCK - level->pending_count;
		const int16_t *block = pcm;

		if (level->pending_count > 0 || count < SUB_BLOCK) {
			taken = count < taken ? count : taken;
			memcpy(level->pending + level->pending_count, pcm, taken * sizeof(*pcm));
			level->pending_count += taken;
			block = level->pending;
		}
		pcm += taken;
		count -= taken;
		if (block == level->pending) {
			if (level->pending_count < SUB_BLOCK) {
				break;
			}
			level->pending_count = 0;
		}

		measure(level, block);
		level->samples += SUB_BLOCK;
		if (level->samples % SP_FAST_SAMPLES == 0) {
			end_fast(level, fast);
			ended = 1;
		}
	}

	return ended;
}

/* Middle of the class of the Fast level that @p rank others are lower than, cdB re full scale. */
static int32_t ranked(const struct sp_level *level, uint32_t rank)
{
	uint32_t below = 0;
	int32_t class = 0;

	while (below + level->histogram[class] <= rank) {
		below += level->histogram[class++];
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

	return calibrated(&level->config, lower + ((upper - lower) * part + 50) / 100);
}

int32_t sp_level_cdb(const struct sp_level_config *config, uint64_t energy, uint32_t fasts)
{
	if (energy == 0 || fasts == 0) {
		return SP_LEVEL_NONE;
	}

	return config->full_scale_cdb + sp_energy_to_cdb(energy) - SP_ENERGY_FULL_SCALE_CDB -
	       sp_energy_to_cdb(fasts);
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
	clear(&level->interval);
}
