/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Windowed real FFT in 32-bit fixed point.
 */

#ifndef SOUNDPOST_FRONTEND_FFT_H_
#define SOUNDPOST_FRONTEND_FFT_H_

#include <stdint.h>

#include <soundpost/frontend.h>

/**
 * @brief Window samples and transform them.
 *
 * @param tables  Sizes, window and twiddles.
 * @param samples tables->fft_size samples.
 * @param bits    Full-scale DC comes out as 2^bits in bin 0; at most 24.
 * @param bins    Receives fft_size / 2 + 1 complex bins, real and imaginary in turn.
 */
void sp_fft_real(const struct sp_frontend_tables *tables, const int16_t *samples, int bits,
		 int32_t *bins);

#endif /* SOUNDPOST_FRONTEND_FFT_H_ */
