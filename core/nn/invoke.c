/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include <soundpost/nn.h>

int sp_nn_invoke(const struct sp_nn_network *network, int8_t *arena)
{
	if ((uintptr_t)arena % SP_NN_ALIGNMENT != 0) {
		return -EINVAL;
	}

	for (uint16_t i = 0; i < network->step_count; i++) {
		network->steps[i].kernel(&network->steps[i], arena);
	}

	return 0;
}
