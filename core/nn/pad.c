/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include <soundpost/nn.h>

static int8_t *fill(int8_t *to, int value, int count)
{
	memset(to, value, (size_t)count);

	return to + count;
}

void sp_nn_pad(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_pad_params *p = step->params;
	const int pixel = p->before[2] + p->channels + p->after[2];
	const int line = (p->before[1] + p->width + p->after[1]) * pixel;
	const int8_t *from = arena + step->input;
	int8_t *to = fill(arena + step->output, p->value, p->before[0] * line);

	for (int y = 0; y < p->height; y++) {
		to = fill(to, p->value, p->before[1] * pixel);
		for (int x = 0; x < p->width; x++) {
			to = fill(to, p->value, p->before[2]);
			memcpy(to, from, p->channels);
			from += p->channels;
			to = fill(to + p->channels, p->value, p->after[2]);
		}
		to = fill(to, p->value, p->after[1] * pixel);
	}
	fill(to, p->value, p->after[0] * line);
}
