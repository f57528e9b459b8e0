/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a column is made by column_dsp.c and column_stages.S, for Cortex-M with the DSP extension
 * (M4, M7, M33 …), instead of column.h. They read pairs of int16 that lie across two words.
 */

#ifndef SOUNDPOST_FRONTEND_DSP_H_
#define SOUNDPOST_FRONTEND_DSP_H_

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__thumb2__) &&       \
	!defined(__ARM_BIG_ENDIAN)
#define FRONTEND_DSP 1
#else
#define FRONTEND_DSP 0
#endif

#if FRONTEND_DSP && !defined(__ASSEMBLER__)

#include <stddef.h>
#include <stdint.h>

#include <soundpost/frontend.h>

/* make_columns() of one column; bins has room for fft_size / 2 + 1 of 8 bytes. */
void frontend_make_column(const struct sp_frontend_tables *tables, const int16_t *samples,
			  void *bins, int8_t *column);

/* memcpy(), eight words at a time where both are aligned to words. */
void frontend_copy(void *to, const void *from, size_t bytes);

/* Four values at a time, wherever they begin. */
int32_t frontend_sum(const int8_t *values, uint32_t size);

/* values[i] = sp_sat8(values[i] - less), likewise; less is in the range of int8_t. */
void frontend_subtract(int8_t *values, uint32_t size, int32_t less);

#endif

#endif /* SOUNDPOST_FRONTEND_DSP_H_ */
