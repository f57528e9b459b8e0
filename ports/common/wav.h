/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Reads what the sensor's microphone would give: WAV, 16 kHz, mono, 16-bit PCM.
 *
 * `soundpost listen` turns every other recording into that.
 */

#ifndef SOUNDPOST_PORTS_WAV_H_
#define SOUNDPOST_PORTS_WAV_H_

#include <stdint.h>
#include <stdio.h>

/**
 * @brief Read up to the first sample.
 *
 * @param[out] samples Samples that the header promises; UINT32_MAX if it leaves that open.
 * @retval 0 if samples follow
 * @retval -EIO if the file ends before they do
 * @retval -EINVAL if it is no WAV file
 * @retval -ENOTSUP if it holds anything but 16 kHz, mono, 16-bit PCM
 */
int sp_wav_open(FILE *file, uint32_t *samples);

/**
 * @brief Read samples.
 *
 * @return How many were read; fewer than @p count only where the file ends.
 */
uint32_t sp_wav_read(FILE *file, int16_t *pcm, uint32_t count);

#endif /* SOUNDPOST_PORTS_WAV_H_ */
