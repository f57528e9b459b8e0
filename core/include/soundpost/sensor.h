/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief The whole pipeline: samples in, levels, scores, events, summaries and frames out.
 *
 * A port feeds hops of samples to sp_sensor_push(), hears of results through a sink, and asks
 * sp_uplink_next() of the sensor's uplink for frames whenever its radio is free. There is no clock
 * but the count of samples.
 */

#ifndef SOUNDPOST_SENSOR_H_
#define SOUNDPOST_SENSOR_H_

#include <stddef.h>

#include <soundpost/detector.h>
#include <soundpost/frontend.h>
#include <soundpost/level.h>
#include <soundpost/nn.h>
#include <soundpost/settings.h>
#include <soundpost/types.h>
#include <soundpost/uplink.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sp_engine;

/**
 * @brief From a window of columns, less their running mean if the model wants that, to an engine's
 * output.
 *
 * @param columns Ring of model->window columns.
 * @param first   Which of them is the oldest.
 * @param fresh   How many of them, the last ones, came after the window of the last call that went
 *                well; all, if there was none. An engine that streams computes no more than these,
 *                if their number allows that.
 * @retval 0 if the output is there
 * @return A negative errno if it could not be made
 */
typedef int (*sp_score)(const struct sp_engine *engine, const int8_t *columns, uint16_t first,
			uint16_t fresh);

/** A trained network with all that belongs to it. */
struct sp_model {
	const char *name;
	const struct sp_frontend_tables *tables;
	/** The network compiled; NULL in a build whose engine needs none. */
	const struct sp_nn_network *network;
	/** Its streaming form instead; there is none of windows less their own mean. */
	const struct sp_nn_stream *stream;
	/** What runs the one of them that is there: sp_score_window() or sp_score_fresh(). */
	sp_score score;
	/** Columns of a window, and what becomes of their values. */
	uint16_t window;
	enum sp_normalisation normalisation;
	/** Classes, 1 to SP_CLASSES_MAX, and their names. */
	uint8_t classes;
	const char *const *class_names;
};

/** What runs the network: the compiled C of core/nn, or an interpreter. */
struct sp_engine {
	sp_score score;
	const struct sp_model *model;
	void *context;
	/** Values of a window that it takes. */
	uint32_t input_bytes;
	/** Scores, one a class. */
	const int8_t *output;
	uint32_t output_bytes;
	/**
	 * Memory that holds nothing between calls of @p score, aligned to 8 bytes: the front end
	 * makes its columns there. It may hold the output.
	 */
	void *scratch;
	uint32_t scratch_bytes;
};

/** One classified (or gated) window. */
struct sp_window {
	/** Samples since the start at its end. */
	uint64_t end;
	/** Scores of the network, model->classes values in 1/256 from -128; NULL under the gate. */
	const int8_t *scores;
	/** Smoothed scores, Q8 of 1/256. */
	const uint16_t *smoothed_q8;
	/** The class that leads, and its smoothed score, 0 to 255 in 1/256. */
	uint8_t leader;
	uint8_t confidence;
};

/** Who hears of results, in the order of time; any function may be NULL. */
struct sp_sink {
	void *context;
	void (*column)(void *context, const int8_t *column);
	void (*fast)(void *context, const struct sp_fast *fast);
	void (*window)(void *context, const struct sp_window *window);
	void (*event)(void *context, const struct sp_event *event);
	void (*summary)(void *context, uint64_t end, const struct sp_level_summary *levels,
			const struct sp_class_summary *classes);
};

/** State of a sensor. */
struct sp_sensor {
	const struct sp_engine *engine;
	const struct sp_sink *sink;
	struct sp_settings settings;
	struct sp_frontend frontend;
	/** Of the columns; used if the model wants it. */
	struct sp_running_mean mean;
	struct sp_level level;
	struct sp_detector detector;
	struct sp_uplink uplink;

	/** Samples taken since the start. */
	uint64_t samples;
	/** Where the interval under way began. */
	uint64_t interval_start;

	/** Ring of model->window columns, less their running mean or not; of the caller's. */
	int8_t *columns;
	uint16_t columns_next;
	/** Columns to come before the next inference. */
	uint16_t columns_to_go;
	/** Columns that came since the last inference, no further than model->window. */
	uint16_t columns_fresh;
};

/**
 * Bytes of memory that a compiled network and its front end share, in turns. The first
 * @p kept_bytes are the network's alone: 0, or those of its streaming form, a multiple of 8.
 */
#define SP_ARENA_BYTES(network_arena_bytes, kept_bytes, fft_size)                                  \
	((network_arena_bytes) > (kept_bytes) + SP_FRONTEND_SCRATCH_BYTES(fft_size)                \
		 ? (network_arena_bytes)                                                           \
		 : (kept_bytes) + SP_FRONTEND_SCRATCH_BYTES(fft_size))

/**
 * Values of sp_sensor_init()'s history: the front end's samples, and behind them the sums of a
 * running mean over @p means columns, those of a window, or 0 if the model has none.
 */
#define SP_SENSOR_HISTORY(fft_size, hop, means) (SP_FRONTEND_HISTORY(fft_size, hop) + (means))

/**
 * @brief The input tensor of a model's network: the window in a ring of columns.
 *
 * @param first Which of the columns is the oldest.
 * @param input Receives model->window x bands values.
 */
void sp_model_input(const struct sp_model *model, const int8_t *columns, uint16_t first,
		    int8_t *input);

/** @brief The sp_score of a compiled network that computes each window as a whole. */
int sp_score_window(const struct sp_engine *engine, const int8_t *columns, uint16_t first,
		    uint16_t fresh);

/** @brief The sp_score of a network in its streaming form. */
int sp_score_fresh(const struct sp_engine *engine, const int8_t *columns, uint16_t first,
		   uint16_t fresh);

/** @brief Bytes of arena that sp_engine_compiled() takes for a model. */
uint32_t sp_engine_arena_bytes(const struct sp_model *model);

/**
 * @brief An engine that runs a model's compiled network, in the form that it has.
 *
 * @param arena sp_engine_arena_bytes() bytes, aligned to 8; it must outlive the engine.
 */
void sp_engine_compiled(struct sp_engine *engine, const struct sp_model *model, int8_t *arena);

/**
 * @brief Begin.
 *
 * @param engine   Must outlive @p sensor, as must its model, @p sink, @p columns and @p history.
 * @param settings Copied.
 * @param columns  Room for model->window columns of tables->bands bytes each.
 * @param history  SP_SENSOR_HISTORY() values.
 * @retval 0 if all is well
 * @retval -EINVAL if the model does not fit together: sizes of its window, network and classes, a
 *         hop longer than a Fast interval, or a window longer than the detector's Fast intervals;
 *         or if the engine's scratch is too small or not aligned
 * @retval -ERANGE if the settings are not valid
 */
int sp_sensor_init(struct sp_sensor *sensor, const struct sp_engine *engine,
		   const struct sp_settings *settings, const struct sp_sink *sink, int8_t *columns,
		   int16_t *history);

/**
 * @brief Take over changed settings; what is under way goes on.
 *
 * @retval 0 if they were taken over
 * @retval -ERANGE if they are not valid; nothing changes
 */
int sp_sensor_configure(struct sp_sensor *sensor, const struct sp_settings *settings);

/**
 * @brief Take one hop of samples.
 *
 * @param pcm model->tables->hop samples.
 * @retval 0 if all is well
 * @return A negative errno of the engine; the window counts as under the gate then.
 */
int sp_sensor_push(struct sp_sensor *sensor, const int16_t *pcm);

/**
 * @brief Samples were lost: time goes on without them.
 *
 * Intervals that end meanwhile end on time. What was measured of them goes into their summary; one
 * of which nothing was has none. After a loss of a whole window or more the event under way is over
 * and the next window is filled anew.
 *
 * @param count Samples that did not arrive, before those of the next sp_sensor_push().
 */
void sp_sensor_skip(struct sp_sensor *sensor, uint64_t count);

/**
 * @brief Take a downlink.
 *
 * @retval 0 if it was understood; settings that it changed are in force
 * @return A negative errno of sp_uplink_downlink()
 */
int sp_sensor_downlink(struct sp_sensor *sensor, uint8_t port, const uint8_t *bytes, size_t length);

/** @brief End the event and the interval under way, and let go what waits, as at a power cut. */
void sp_sensor_finish(struct sp_sensor *sensor);

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_SENSOR_H_ */
