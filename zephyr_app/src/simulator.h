/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief What only a simulator can do to the sensor (native_sim, native_posix).
 *
 *     --uptime=MS                   start that long after power-on
 *     --power-cut-after=NAME:COUNT  the power fails after COUNT writes to flash of value NAME
 *     --flash-ends-at=NAME          from value NAME on, flash takes no write, and says nothing of
 * it
 */

#ifndef SOUNDPOST_APP_SIMULATOR_H_
#define SOUNDPOST_APP_SIMULATOR_H_

#ifdef CONFIG_SOUNDPOST_SIMULATOR

/** @brief Have the kernel count on from the wanted uptime. */
void simulator_skip_to_uptime(void);

/** @brief A value is about to be written. */
void simulator_write_begins(const char *name);

/** @brief It is written, or the power has failed meanwhile: then the simulation ends. */
void simulator_write_ended(void);

#else

static inline void simulator_skip_to_uptime(void)
{
}

static inline void simulator_write_begins(const char *name)
{
}

static inline void simulator_write_ended(void)
{
}

#endif /* CONFIG_SOUNDPOST_SIMULATOR */

#endif /* SOUNDPOST_APP_SIMULATOR_H_ */
