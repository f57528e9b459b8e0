/* SPDX-License-Identifier: Apache-2.0 */

/* Columns of a recording that is wholly in memory, several at once in the lanes of a PC's vector
 * unit. A sensor, to which samples come hop by hop, does not link this file.
 */

#include <string.h>

#include <soundpost/frontend.h>

#define LANES SP_FRONTEND_LANES
#include "column.h"

/* The samples of count columns, hop apart, two by two as power_spectrum() wants them. Lanes beyond
 * do the last one's work once more.
 */
STAGE void interleave(const int16_t *pcm, int hop, int size, int count, int16_t *samples)
{
	for (int lane = 0; lane < LANES; lane++) {
		const int16_t *column = pcm + (lane < count ? lane : count - 1) * hop;

		int16_t *to = samples + 2 * lane;

		for (const int16_t *end = column + size; column < end; column += 2) {
			memcpy(to, column, 2 * sizeof(*to));
			to += 2 * LANES;
		}
	}
}

uint32_t sp_frontend_columns(const struct sp_frontend_tables *tables, const int16_t *pcm,
			     uint32_t count, struct sp_frontend_batch *batch, int8_t *columns)
{
	const uint32_t hop = tables->hop;
	/* hops that end before an FFT length has come */
	const uint32_t early = (tables->fft_size - 1) / hop;
	const uint32_t total = count / hop > early ? count / hop - early : 0;

	if (total == 0) {
		return 0;
	}

	/* where the first column begins */
	pcm += (early + 1) * hop - tables->fft_size;
	for (uint32_t done = 0; done < total; done += LANES) {
		const int now = total - done < LANES ? (int)(total - done) : LANES;

		interleave(pcm, (int)hop, tables->fft_size, now, batch->samples);
		make_columns(tables, batch->samples, (union bin *)batch->work, now, columns);
		pcm += now * hop;
		columns += now * tables->bands;
	}

	return total;
}
