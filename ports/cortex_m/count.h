/* SPDX-License-Identifier: Apache-2.0 */

/* Counting under QEMU with -icount shift=0, where SysTick at 25 MHz ticks once in 40 instructions.
 */

#ifndef SOUNDPOST_CORTEX_M_COUNT_H_
#define SOUNDPOST_CORTEX_M_COUNT_H_

#include <stdint.h>

#define SP_SYST_CVR		 (*(volatile uint32_t *)0xE000E018)
#define SP_SYST_MASK		 0xFFFFFFu
#define SP_INSTRUCTIONS_PER_TICK 40

/* bytes of stack that are looked at, and those of them that painting itself needs */
#define SP_STACK_BYTES 4096
#define SP_STACK_GUARD 64
#define SP_STACK_PAINT 0x5A

static inline uint32_t sp_count_start(void)
{
	return SP_SYST_CVR;
}

/* SysTick counts down. */
static inline unsigned long sp_count_since(uint32_t start)
{
	return (unsigned long)((start - SP_SYST_CVR) & SP_SYST_MASK) * SP_INSTRUCTIONS_PER_TICK;
}

/* Call on a painted stack, and see how much of the paint is gone.
 *
 * Returns bytes of stack below the caller's frame; SP_STACK_BYTES where it may be more.
 */
static __attribute__((noinline)) unsigned long sp_count_stack(void (*call)(void *), void *argument)
{
	uint8_t *top = (uint8_t *)__builtin_frame_address(0);
	volatile uint8_t *bottom = top - SP_STACK_BYTES;
	uint32_t unused = 0;

	for (volatile uint8_t *p = bottom; p < top - SP_STACK_GUARD; p++) {
		*p = SP_STACK_PAINT;
	}
	call(argument);
	while (unused < SP_STACK_BYTES && bottom[unused] == SP_STACK_PAINT) {
		unused++;
	}

	return SP_STACK_BYTES - unused;
}

#endif /* SOUNDPOST_CORTEX_M_COUNT_H_ */
