/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Plain data that passes between the parts of core/.
 *
 * Time is counted in samples of the sensor's clock (16 kHz) since it started. Levels are in
 * centidecibels (cdB, 0.01 dB) re 20 uPa once calibration is applied; everything is integer, so
 * that every machine computes the same bytes.
 */

#ifndef SOUNDPOST_TYPES_H_
#define SOUNDPOST_TYPES_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of Soundpost. */
#define SP_VERSION "0.1.0"

/** Sample rate of everything in core/, in Hz. */
#define SP_SAMPLE_RATE_HZ 16000

/** Samples of one Fast interval: 125 ms. */
#define SP_FAST_SAMPLES 2000

/** Fast intervals of a second. */
#define SP_FASTS_PER_SECOND 8

/** Mean square of a sine at full scale is 2 to this power. */
#define SP_ENERGY_BITS 44

/** The same in cdB re 1. */
#define SP_ENERGY_FULL_SCALE_CDB 13245

/** Most classes that a network may tell apart: a class is a nibble on air. */
#define SP_CLASSES_MAX 14

/** Class of a sound that no known class explains well enough. */
#define SP_CLASS_UNKNOWN 14

/** Class of a time in which nothing was louder than the silence gate. */
#define SP_CLASS_NONE 15

/** Octave bands of LZeq: 31.5 Hz to 4 kHz nominal. */
#define SP_OCTAVE_BANDS 8

/** A level that was not measured (no samples, or a mean square of zero), in cdB. */
#define SP_LEVEL_NONE INT32_MIN

/** What the level meter says of one Fast interval (125 ms). */
struct sp_fast {
	/** Samples since the start at the end of this interval. */
	uint64_t end;
	/**
	 * A-weighted mean square of this interval, where a sine at full scale (peak 32768) has
	 * 2^SP_ENERGY_BITS. With E the sum over n intervals, LAeq = full_scale_cdb +
	 * sp_energy_to_cdb(E) - SP_ENERGY_FULL_SCALE_CDB - sp_energy_to_cdb(n), and LAE (re 1 s)
	 * has SP_FASTS_PER_SECOND in place of n. Sums over four hours fit.
	 */
	uint64_t energy_a;
	/** A-weighted, Fast time-weighted level at the end of this interval, cdB. */
	int32_t laf;
	/** Greatest A-weighted, Fast time-weighted level in this interval, cdB. */
	int32_t lafmax;
};

/** Levels of one interval (of one summary), cdB. */
struct sp_level_summary {
	/** Samples measured. */
	uint32_t samples;
	int32_t laeq;
	int32_t lafmax;
	int32_t lafmin;
	/** Levels exceeded in 10, 50 and 90 % of the interval. */
	int32_t laf10;
	int32_t laf50;
	int32_t laf90;
	int32_t lceq;
	int32_t lzeq;
	/** LZeq of the octave bands 31.5, 63, 125, 250, 500, 1000, 2000 and 4000 Hz. */
	int32_t lzeq_octave[SP_OCTAVE_BANDS];
	/** A sample reached full scale. */
	bool overload;
	/** A Fast level fell under the meter's range (setting under_range_cdb). */
	bool under_range;
};

/** One sound that was named, from its first window to its last. */
struct sp_event {
	/** Samples since the start at the beginning of the first window. */
	uint64_t start;
	/** Samples from there to the end of the last window. */
	uint32_t duration;
	/** Greatest Fast level and sound exposure level (re 1 s) over that time, cdB. */
	int32_t lafmax;
	int32_t lae;
	/** 0 to SP_CLASSES_MAX - 1. */
	uint8_t class_id;
	/** Greatest smoothed score, 0 to 255 in 1/256. */
	uint8_t confidence;
};

/** What the detector saw in one interval. */
struct sp_class_summary {
	/** Samples in which each class was active. */
	uint32_t active[SP_CLASSES_MAX];
	/** Events that began in the interval. */
	uint16_t events;
	/**
	 * The class active longest; where none was, SP_CLASS_UNKNOWN, or SP_CLASS_NONE if no window
	 * was over the silence gate.
	 */
	uint8_t top_class;
	/** Greatest smoothed score of that class while active, 0 to 255 in 1/256. */
	uint8_t confidence;
};

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_TYPES_H_ */
