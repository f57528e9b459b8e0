/* SPDX-License-Identifier: Apache-2.0 */

/* A column for Cortex-M with the DSP extension: the steps of column.h and fft.h, by the functions
 * of column_stages.S.
 */

#include "dsp.h"

#if FRONTEND_DSP

#include "scale.h"

/* Bytes of the twiddles of a butterfly. */
#define TWIDDLES ((int)(3 * sizeof(struct sp_twiddle)))

/* A bin: its complex value, then its power. */
union bin {
	struct {
		int32_t re;
		int32_t im;
	};
	uint64_t power;
};

void frontend_first_64(const int16_t *samples, const int16_t *window, union bin *z);
void frontend_first_128(const int16_t *samples, const int16_t *window, union bin *z);
void frontend_first_256(const int16_t *samples, const int16_t *window, union bin *z);
void frontend_first_512(const int16_t *samples, const int16_t *window, union bin *z);

/* step: bytes from one butterfly's twiddles to the next */
void frontend_stage4_4(union bin *z, const struct sp_twiddle *twiddles, int step, int blocks);
void frontend_stage4_8(union bin *z, const struct sp_twiddle *twiddles, int step, int blocks);
void frontend_stage4_16(union bin *z, const struct sp_twiddle *twiddles, int step, int blocks);
void frontend_stage4_32(union bin *z, const struct sp_twiddle *twiddles, int step, int blocks);
/* of one block */
void frontend_stage4_64(union bin *z, const struct sp_twiddle *twiddles);
void frontend_stage4_128(union bin *z, const struct sp_twiddle *twiddles);

void frontend_split_powers(union bin *z, union bin *z_n, const struct sp_twiddle *split, int count);

void frontend_make_bands(const union bin *bins, const uint16_t *weights, const uint16_t *segments,
			 int bands, int32_t zero_q16, const int16_t *gains_q8, int8_t *column);

static void transform(const struct sp_frontend_tables *tables, const int16_t *samples, union bin *z)
{
	const int16_t *window = tables->window;
	const struct sp_twiddle *twiddles = tables->twiddles;

	switch (tables->fft_size) {
	case 128:
		frontend_first_64(samples, window, z);
		frontend_stage4_4(z, twiddles, 4 * TWIDDLES, 4);
		frontend_stage4_16(z, twiddles, TWIDDLES, 1);
		break;
	case 256:
		frontend_first_128(samples, window, z);
		frontend_stage4_8(z, twiddles, 4 * TWIDDLES, 4);
		frontend_stage4_32(z, twiddles, TWIDDLES, 1);
		break;
	case 512:
		frontend_first_256(samples, window, z);
		frontend_stage4_4(z, twiddles, 16 * TWIDDLES, 16);
		frontend_stage4_16(z, twiddles, 4 * TWIDDLES, 4);
		frontend_stage4_64(z, twiddles);
		break;
	default:
		frontend_first_512(samples, window, z);
		frontend_stage4_8(z, twiddles, 16 * TWIDDLES, 16);
		frontend_stage4_32(z, twiddles, 4 * TWIDDLES, 4);
		frontend_stage4_128(z, twiddles);
		break;
	}
}

static uint64_t real_power(int32_t re)
{
	return (uint64_t)((int64_t)re * re);
}

void frontend_make_column(const struct sp_frontend_tables *tables, const int16_t *samples,
			  void *bins, int8_t *column)
{
	const int n = tables->fft_size / 2;
	union bin *z = bins;

	transform(tables, samples, z);

	const union bin first = z[0];

	z[0].power = real_power(first.re + first.im);
	z[n].power = real_power(first.re - first.im);
	frontend_split_powers(z, z + n, tables->split, n / 2);
	frontend_make_bands(z + tables->first_bin, tables->weights, tables->segments, tables->bands,
			    zero_step_q16(tables), tables->gains_q8, column);
}

#endif
