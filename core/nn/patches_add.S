/* SPDX-License-Identifier: Apache-2.0 */

/* The loop of sp_nn_conv_patches() for Cortex-M with the DSP extension: 15 instructions for 16
 * multiply-accumulates. Eight sums, a pair of inputs of two positions, a word of weights and the
 * pair that is made of it take all registers there are.
 */

#include "dsp.h"

#if NN_DSP

	.syntax unified
	.thumb

	.equ	PAIR_BYTES, 60
	.equ	PAIRS_ABREAST, 8

/* Two channels of a pair of inputs: bytes 0 and 2 of a word are the weights of one, 1 and 3 those of
 * the other.
 */
	.macro	add_channels a0, a1, b0, b1
	ldr.w	r12, [r1], #4
	sxtb16.w lr, r12
	sxtb16.w r12, r12, ror #8
	smlad	\a0, r2, lr, \a0
	smlad	\a1, r3, lr, \a1
	smlad	\b0, r2, r12, \b0
	smlad	\b1, r3, r12, \b1
	.endm

/* Enter with what end_of_pairs needs on the stack: sums in r4 to r11, pairs of inputs in r2. */
	.macro	add_pairs
	/* pairs are written out by eights: where to jump to */
	subs	r2, #1
	and	r2, r2, #(PAIRS_ABREAST - 1)
	adds	r2, #1
	mov	r12, #PAIR_BYTES
	adr.w	lr, end_of_pairs
	mls	r12, r2, r12, lr
	orr	r12, r12, #1
	bx	r12
	.endm

/* Scale two sums of a channel, as dsp.h derives. */
	.macro	scale_channel a0, a1
	/* multiplier, k; 2^k; offset; 2^k or 0 */
	ldrd	r2, r3, [r0], #12
	add	r3, #13
	mov	r12, #1
	lsl	r12, r12, r3
	add	lr, r1, r12, lsr #2
	ldr	r12, [sp, #HALF]
	lsl	r12, r12, r3
	lsl	\a0, \a0, r3
	lsl	\a1, \a1, r3
	and	r3, r12, \a0, asr #31
	smmla	\a0, \a0, r2, lr
	sub	\a0, \a0, r3, lsr #1
	and	r3, r12, \a1, asr #31
	smmla	\a1, \a1, r2, lr
	sub	\a1, \a1, r3, lsr #1
	ssat	\a0, #8, \a0, asr #12
	ssat	\a1, #8, \a1, asr #12
	.endm

/* On the stack: where the patches end, where to go then, 1 or 0 as nn_patches_quad.half has it, and
 * the last argument.
 */
	.equ	THEN, 4
	.equ	HALF, 8
	.equ	LAST, 12

/* struct nn_patches_quad, struct sp_nn_channel */
	.equ	CHANNELS, 0
	.equ	OUTPUT, 4
	.equ	OFFSET, 12
	.equ	HALF_AT, 16
	.equ	CHANNEL_BYTES, 12

/* void nn_patches_add(const int16_t *patches, const int8_t *weights, int groups, int32_t *sums) */
	.section .text.nn_patches, "ax", %progbits
	.global	nn_patches_add
	.type	nn_patches_add, %function
	.balign	4
nn_patches_add:
	push	{r3-r11, lr}
	add	r4, r0, r2, lsl #4
	adr.w	r5, store_sums
	orr	r5, r5, #1
	push	{r4-r6}
	lsls	r2, r2, #1
	ldm	r3, {r4-r11}
	add_pairs
	.balign	4
store_sums:
	ldr	r3, [sp, #LAST]
	stm	r3, {r4-r11}
	add	sp, #16
	pop	{r4-r11, pc}
	.size	nn_patches_add, . - nn_patches_add

	.balign	4
add_pair:
	.rept	PAIRS_ABREAST
	ldrd	r2, r3, [r0], #8
	add_channels r4, r5, r6, r7
	add_channels r8, r9, r10, r11
	.endr
end_of_pairs:
	ldrd	r12, lr, [sp]
	cmp	r0, r12
	bne	add_pair
	bx	lr

/* void nn_patches_make(const int16_t *patches, const int8_t *weights, int groups,
 *			const struct nn_patches_quad *quad)
 */
	.global	nn_patches_make
	.type	nn_patches_make, %function
	.balign	4
nn_patches_make:
	push	{r3-r11, lr}
	add	r4, r0, r2, lsl #4
	adr.w	r5, scale_sums
	orr	r5, r5, #1
	ldr	r6, [r3, #HALF_AT]
	push	{r4-r6}
	lsls	r2, r2, #1
	ldr	r3, [r3, #CHANNELS]
	ldr	r4, [r3]
	ldr	r6, [r3, #CHANNEL_BYTES]
	ldr	r8, [r3, #2 * CHANNEL_BYTES]
	ldr	r10, [r3, #3 * CHANNEL_BYTES]
	mov	r5, r4
	mov	r7, r6
	mov	r9, r8
	mov	r11, r10
	add_pairs
	.balign	4
scale_sums:
	ldr	r3, [sp, #LAST]
	ldr	r0, [r3, #CHANNELS]
	ldr	r1, [r3, #OFFSET]
	adds	r0, #4
	scale_channel r4, r5
	scale_channel r6, r7
	scale_channel r8, r9
	scale_channel r10, r11
	ldr	r3, [sp, #LAST]
	ldrd	r0, r1, [r3, #OUTPUT]
	strb	r4, [r0]
	strb	r6, [r0, #1]
	strb	r8, [r0, #2]
	strb	r10, [r0, #3]
	add	r0, r1
	strb	r5, [r0]
	strb	r7, [r0, #1]
	strb	r9, [r0, #2]
	strb	r11, [r0, #3]
	add	sp, #16
	pop	{r4-r11, pc}
	.size	nn_patches_make, . - nn_patches_make

#endif

#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
