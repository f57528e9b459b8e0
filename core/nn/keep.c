/* SPDX-License-Identifier: Apache-2.0 */

/* What a network that streams keeps from one chunk of columns to the next. */

#include <string.h>

#include <soundpost/nn.h>

void sp_nn_keep(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_keep_params *params = step->params;
	int8_t *kept = arena + step->input2;
	int8_t *all = arena + step->output;

	memcpy(all, kept, params->kept);
	memcpy(kept, all + params->fresh, params->kept);
}

void sp_nn_queue(const struct sp_nn_step *step, int8_t *arena)
{
	const struct sp_nn_keep_params *params = step->params;
	const uint32_t fresh = params->fresh < params->kept ? params->fresh : params->kept;
	const uint32_t stays = params->kept - fresh;
	int8_t *queue = arena + step->output;

	memmove(queue, queue + fresh, stays);
	memcpy(queue + stays, arena + step->input + params->fresh - fresh, fresh);
}
