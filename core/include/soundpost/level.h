/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Sound level meter, designed after IEC 61672-1:2013 class 1; not certified.
 *
 * Time-domain A, C and Z weighting of 16 kHz samples, Fast time weighting (125 ms), and octave
 * bands after IEC 61260-1:2014. Z is flat above a high pass at 2 Hz. What limits hold, and up to
 * which frequency, is measured in core/level/README.md.
 *
 * Inside, everything is energy relative to full scale; the calibration is added when a level is
 * handed out, so that it may change at any time. A mean square of SP_ENERGY_FULL_SCALE is that of a
 * sine at full scale (peak 32768).
 */

#ifndef SOUNDPOST_LEVEL_H_
#define SOUNDPOST_LEVEL_H_

#include <soundpost/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Width of a class of the histogram behind the percentiles, cdB. */
#define SP_LEVEL_CLASS_CDB 10

/** Classes of that histogram; 110 dB. */
#define SP_LEVEL_CLASSES 1100

/**
 * How far the middle of the lowest class lies under a sine at full scale, cdB. That class also
 * holds all that is lower: the rounding of 16-bit samples alone is 98 dB under full scale.
 */
#define SP_LEVEL_RANGE_CDB 10400

/** Fast intervals after the start that LAFmin, the percentiles and under_range leave out: 500 ms.
 */
#define SP_LEVEL_SETTLING 4

/** Most Fast intervals of one interval: an hour. What comes later is not measured. */
#define SP_LEVEL_FAST_MAX 28800

/** Most times that a class of the histogram can have filled its byte. */
#define SP_LEVEL_CARRIES (SP_LEVEL_FAST_MAX / 256)

/** Most samples of one call of sp_level_process(). */
#define SP_LEVEL_COUNT_MAX SP_FAST_SAMPLES

/** Samples of one step of the Fast average: 1 ms. */
#define SP_LEVEL_SUB_BLOCK 16

/** Samples that the octave filters take at once: 16 ms. */
#define SP_LEVEL_OCTAVE_BLOCK 256

/** What the meter needs of the settings. */
struct sp_level_config {
	/** Level of a sine at full scale, cdB; -30000 to 30000. */
	int32_t full_scale_cdb;
	/** Lower end of the range, cdB; -30000 to 30000. */
	int32_t under_range_cdb;
};

/** State of the filters of a weighting. */
struct sp_level_weighting_state {
	int64_t high_pass[2];
	/** Last input and output of the correction. */
	int32_t x1;
	int32_t y1;
};

/** State of the filters of one octave band. */
struct sp_level_octave {
	/** Four values of the first section, two of the second. */
	int32_t band[6];
	/** Of the half-band filter towards the band below. */
	int32_t half[4];
};

/** Energies of Fast intervals added up; sums of squares until a Fast interval ends. */
struct sp_level_sums {
	uint64_t a;
	uint64_t c;
	uint64_t z;
	uint64_t octave[SP_OCTAVE_BANDS];
	/** Octave blocks in the sums of the octaves. */
	uint32_t octave_blocks;
	/** Greatest and least Fast energy. */
	uint64_t fast_max;
	uint64_t fast_min;
	bool overload;
};

/** A sound level meter; all of it is private. */
struct sp_level {
	struct sp_level_config config;
	int64_t high_pass_z;
	struct sp_level_weighting_state c;
	struct sp_level_weighting_state a;
	struct sp_level_octave octave[SP_OCTAVE_BANDS];
	/** A-weighted energy, exponentially averaged. */
	int64_t fast;
	/** Samples from the start to the last end of a Fast interval, and measured since. */
	uint64_t samples;
	uint16_t fast_count;
	struct sp_level_sums current;
	struct sp_level_sums interval;
	/** Fast intervals in @p interval, and those of them in @p histogram. */
	uint16_t fasts;
	uint16_t settled;
	/**
	 * How many Fast intervals are in each class: its byte, and 256 for each time that it is
	 * among the carries, which are in order.
	 */
	uint8_t histogram[SP_LEVEL_CLASSES];
	uint16_t carries[SP_LEVEL_CARRIES];
	uint8_t carry_count;
	/** Samples that wait for their sub-block to be full. */
	uint16_t pending_count;
	int16_t pending[SP_LEVEL_SUB_BLOCK];
	/** Samples that wait for their octave block to be full. */
	uint16_t octave_count;
	int32_t octave_block[SP_LEVEL_OCTAVE_BLOCK];
};

/**
 * @brief Begin, with silence behind and an empty interval.
 *
 * @retval 0 if the meter is ready
 * @retval -ERANGE if a field of @p config lies outside its range; the meter is untouched
 */
int sp_level_init(struct sp_level *level, const struct sp_level_config *config);

/**
 * @brief Change the calibration or the range; the whole current interval is reported with it.
 *
 * @retval 0 if it was changed
 * @retval -ERANGE if a field of @p config lies outside its range; nothing is changed
 */
int sp_level_set_config(struct sp_level *level, const struct sp_level_config *config);

/**
 * @brief Measure samples. How they are cut into calls makes no difference to any result.
 *
 * @param pcm   Samples at SP_SAMPLE_RATE_HZ.
 * @param count 0 to SP_LEVEL_COUNT_MAX, so that at most one Fast interval ends.
 * @param[out] fast The Fast interval that ended; untouched if none did.
 * @retval 1 if a Fast interval ended
 * @retval 0 if none did
 * @retval -EINVAL if @p count is greater; nothing is measured
 */
int sp_level_process(struct sp_level *level, const int16_t *pcm, uint32_t count,
		     struct sp_fast *fast);

/**
 * @brief Samples were lost: time goes on, and nothing is measured.
 *
 * Filters and Fast average run on, as if the sound before and after met.
 */
void sp_level_skip(struct sp_level *level, uint64_t count);

/**
 * @brief Close the interval and begin a new one; filters and Fast average run on.
 *
 * The summary is of the Fast intervals that ended since the last one; samples of a Fast interval
 * under way belong to the next summary. A percentile LAFn is the level exceeded in n % of the Fast
 * levels at the ends of the Fast intervals, interpolated between neighbours as numpy.percentile
 * does, of values rounded to SP_LEVEL_CLASS_CDB. A level without energy or without a Fast
 * interval is SP_LEVEL_NONE, as is a percentile that lies in the lowest class.
 */
void sp_level_summarize(struct sp_level *level, struct sp_level_summary *summary);

/**
 * @brief Level of energies added up.
 *
 * @param energy Sum of sp_fast.energy_a over Fast intervals.
 * @param fasts  Fast intervals to spread it over: their number gives LAeq, SP_FASTS_PER_SECOND
 *               gives LAE (re 1 s).
 * @return Level in cdB, or SP_LEVEL_NONE if @p energy or @p fasts is 0.
 */
int32_t sp_level_cdb(const struct sp_level_config *config, uint64_t energy, uint32_t fasts);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_LEVEL_H_ */
