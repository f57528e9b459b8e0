/* SPDX-License-Identifier: Apache-2.0 */

/* The loops of sp_nn_conv_columns() for Cortex-M with the DSP extension: 15 instructions for 24
 * multiply-accumulates. A pair of channels of each column is loaded once, and used with up to three
 * weights; these are loaded once for four positions.
 */

#include "dsp.h"

#if NN_DSP

	.syntax unified
	.thumb

	.equ	NN_BLOCK, 4

/* Pairs of channels of columns 0 to 5, into the sums of four positions in r4 to r7. */
	.macro	add_pair_1
	ldm.w	r1!, {r8-r10}
	ldm.w	r0!, {r2, r3, r11, r12}
	smlad	r4, r2, r8, r4
	smlad	r5, r3, r8, r5
	smlad	r6, r11, r8, r6
	smlad	r7, r12, r8, r7
	smlad	r4, r3, r9, r4
	smlad	r5, r11, r9, r5
	smlad	r6, r12, r9, r6
	ldrd	r2, r3, [r0], #8
	smlad	r4, r11, r10, r4
	smlad	r5, r12, r10, r5
	smlad	r6, r2, r10, r6
	smlad	r7, r2, r9, r7
	smlad	r7, r3, r10, r7
	.endm

/* The same of columns 0 to 8. */
	.macro	add_pair_2
	ldm.w	r1!, {r8-r10}
	ldm.w	r0!, {r2, r3, r11, r12, lr}
	smlad	r4, r2, r8, r4
	smlad	r4, r3, r9, r4
	smlad	r4, r11, r10, r4
	smlad	r5, r11, r8, r5
	smlad	r5, r12, r9, r5
	smlad	r5, lr, r10, r5
	smlad	r6, lr, r8, r6
	ldm.w	r0!, {r2, r3, r11, r12}
	smlad	r6, r2, r9, r6
	smlad	r6, r3, r10, r6
	smlad	r7, r3, r8, r7
	smlad	r7, r11, r9, r7
	smlad	r7, r12, r10, r7
	.endm

/* struct nn_columns_rows */
	.equ	VALUES, 8
	.equ	STEP, 12
	.equ	COUNT, 16
	.equ	LINE, 28
	.equ	BIAS, 36
	.equ	MULTIPLIER, 40
	.equ	HALF, 48
	/* on the stack, with the rows before it */
	.equ	END, 4

/* Scale a sum, as dsp.h derives. */
	.macro	scale sum
	lsl	\sum, \sum, r11
	and	r12, r10, \sum, asr #31
	smmla	\sum, \sum, r8, r9
	sub	\sum, r12
	ssat	\sum, #8, \sum, asr #12
	.endm

/* void nn_columns_rows_1(struct nn_columns_rows *rows)
 *
 * Values of a block are a multiple of those of a group, whose lowest bit tells whether groups are
 * odd.
 */
	.macro	columns_rows stride, odd
	.section .text.nn_columns_rows_\stride, "ax", %progbits
	.global	nn_columns_rows_\stride
	.type	nn_columns_rows_\stride, %function
	.balign	4
nn_columns_rows_\stride:
	push	{r0, r1, r4-r11, lr}
	mov	r3, r0
1:	ldm	r3, {r0-r2}
	ldr	r4, [r3, #BIAS]
	add	lr, r0, r2, lsl #1
	str	lr, [sp, #END]
	mov	r5, r4
	mov	r6, r4
	mov	r7, r4
	cmp	r2, #0
	beq	4f
	tst	r2, #\odd
	bne	3f
	.balign	4
2:	add_pair_\stride
	add_pair_\stride
3:	add_pair_\stride
	add_pair_\stride
	.if	\stride == 2
	ldr	lr, [sp, #END]
	.endif
	cmp	r0, lr
	bne	2b
4:	ldr	r3, [sp]
	ldrd	r8, r9, [r3, #MULTIPLIER]
	ldrd	r10, r11, [r3, #HALF]
	scale	r4
	scale	r5
	scale	r6
	scale	r7
	/* x, from one to the next, rows left, output, pitch; line and width */
	ldr	lr, [r3]
	add	r12, r3, #STEP
	ldm	r12, {r0, r2, r8, r9}
	ldrd	r1, r12, [r3, #LINE]
	strb	r4, [r8]
	cmp	r12, #NN_BLOCK
	bne	6f
	strb	r5, [r8, r9]
	strb	r6, [r8, r9, lsl #1]
	add	r9, r9, r9, lsl #1
	strb	r7, [r8, r9]
5:	add	lr, lr, r0, lsl #1
	str	lr, [r3]
	add	r8, r1
	subs	r2, #1
	strd	r2, r8, [r3, #COUNT]
	bne	1b
	pop	{r0, r1, r4-r11, pc}
	/* up to three positions */
6:	cmp	r12, #2
	blt	5b
	strb	r5, [r8, r9]
	beq	5b
	strb	r6, [r8, r9, lsl #1]
	b	5b
	.size	nn_columns_rows_\stride, . - nn_columns_rows_\stride
	.endm

	columns_rows 1, 8
	columns_rows 2, 4

/* void nn_columns_widen(int16_t *to, const int8_t *weights, int groups) */
	.section .text.nn_columns_widen, "ax", %progbits
	.global	nn_columns_widen
	.type	nn_columns_widen, %function
	.balign	4
nn_columns_widen:
	push	{r4-r11, lr}
1:	ldm	r1!, {r3-r5}
	sxtb16	r6, r3
	sxtb16	r7, r4
	sxtb16	r8, r5
	sxtb16	r9, r3, ror #8
	sxtb16	r10, r4, ror #8
	sxtb16	r11, r5, ror #8
	stm	r0!, {r6-r11}
	subs	r2, #1
	bne	1b
	pop	{r4-r11, pc}
	.size	nn_columns_widen, . - nn_columns_widen

#endif

#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
