/* SPDX-License-Identifier: Apache-2.0 */

/* The steps of column.h and fft.h for Cortex-M with the DSP extension, to the bit: the same sums,
 * products and roundings, in an order in which fourteen registers hold a butterfly with all its
 * twiddles, or a segment's three sums of 64 bits. In C, GCC runs out of registers: of the 67
 * instructions of its butterfly 33 load, store and count, of the 38 here 12.
 *
 * SMMUL is sp_mulhi(), SMMLA adds one to a sum, and SMMLS adds one with an operand negated. With
 * x = a + b, a - b is 2 a - x or x - 2 b, and the shift costs nothing; what overflows on the way is
 * back in range in the end. A value (re, im) is two words.
 */

#include "dsp.h"
#include "scale.h"

#if FRONTEND_DSP

	.syntax unified
	.thumb

	.macro	function name
	.section .text.\name, "ax", %progbits
	.global	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

/* first_inputs() of input i, or with o = n / 2 of input i + n / 8: sums of the first and third r4, r5,
 * their differences r6, r7; of the others r10, r8 and r12, r11.
 *
 * r0 samples, r1 rising window, lr falling window of inputs i + n / 4 and on, each a pair. They go on
 * with input i; input i + n / 8 comes after it.
 */
	.macro	first_inputs n, o=0
	.if	\o
	ldr	r4, [r0, #(\o - 4)]
	ldr	r5, [r1, #(\o - 4)]
	ldr	r9, [lr, #(\n - \o + 4)]
	.else
	ldr	r4, [r0], #4
	ldr	r5, [r1], #4
	ldr	r9, [lr, #\n]
	.endif
	ldr	r8, [r0, #(2 * \n + \o - 4)]
	smulbb	r6, r4, r5
	smultt	r7, r4, r5
	smlabt	r4, r8, r9, r6
	smlatb	r5, r8, r9, r7
	rsb	r6, r4, r6, lsl #1
	rsb	r7, r5, r7, lsl #1
	ldr	r8, [r0, #(\n + \o - 4)]
	ldr	r9, [r1, #(\n + \o - 4)]
	smulbb	r12, r8, r9
	smultt	r11, r8, r9
	ldr	r8, [r0, #(3 * \n + \o - 4)]
	.if	\o
	ldr	r9, [lr, #(4 - \o)]
	.else
	ldr	r9, [lr], #-4
	.endif
	smlabt	r10, r8, r9, r12
	smlatb	r8, r8, r9, r11
	rsb	r12, r10, r12, lsl #1
	rsb	r11, r8, r11, lsl #1
	.endm

/* void frontend_first_N(const int16_t *samples, const int16_t *window, union bin *z)
 *
 * first_stage4(), input after input; RBIT finds where an output belongs. r2 is z, r3 i in the
 * uppermost bits.
 */
	.macro	first4 n, log2_n
	function frontend_first_\n
	push	{r4-r11, lr}
	add	lr, r1, #(\n - 2)
	movs	r3, #0
1:	first_inputs \n
	/* both transformed: r4 to r11 */
	asr	r4, r4, #SCALE
	asr	r5, r5, #SCALE
	asr	r6, r6, #SCALE
	asr	r7, r7, #SCALE
	sub	r9, r5, r8, asr #SCALE
	add	r5, r5, r8, asr #SCALE
	sub	r8, r4, r10, asr #SCALE
	add	r4, r4, r10, asr #SCALE
	sub	r10, r6, r11, asr #SCALE
	add	r6, r6, r11, asr #SCALE
	add	r11, r7, r12, asr #SCALE
	sub	r7, r7, r12, asr #SCALE
	rbit	r12, r3
	add	r12, r2, r12, lsl #5
	stm	r12, {r4-r11}
	adds	r3, #(1 << (34 - \log2_n))
	bne	1b
	pop	{r4-r11, pc}
	.size	frontend_first_\n, . - frontend_first_\n
	.endm

	first4	64, 6
	first4	256, 8

/* first_stage8(), likewise: the even transform waits on the stack, and under it what goes on to the
 * next inputs.
 */
	.macro	first8 n, log2_n
	function frontend_first_\n
	push	{r4-r11, lr}
	add	lr, r1, #(\n - 2)
	movs	r3, #0
1:	first_inputs \n
	push	{r0-r3, lr}
	sub	r9, r5, r8
	add	r5, r5, r8
	sub	r8, r4, r10
	add	r4, r4, r10
	sub	r10, r6, r11
	add	r6, r6, r11
	add	r11, r7, r12
	sub	r7, r7, r12
	push	{r4-r11}
	/* the odd one, with its bin 2 as (r9, r8) */
	first_inputs \n, (\n / 2)
	asr	r0, r4, #SCALE
	add	r4, r0, r10, asr #SCALE
	sub	r9, r0, r10, asr #SCALE
	asr	r0, r5, #SCALE
	add	r5, r0, r8, asr #SCALE
	sub	r8, r0, r8, asr #SCALE
	sub	r10, r6, r11
	add	r6, r6, r11
	add	r11, r7, r12
	sub	r7, r7, r12
	rbit	r12, r3
	add	r12, r2, r12, lsl #6
	ldr	lr, =SCALED_SQRT_HALF
	/* bins 0 and 1 */
	pop	{r0-r3}
	add	r0, r4, r0, asr #SCALE
	sub	r4, r0, r4, lsl #1
	add	r1, r5, r1, asr #SCALE
	sub	r5, r1, r5, lsl #1
	smmul	r6, r6, lr
	smmul	r7, r7, lr
	add	r6, r6, r7
	rsb	r7, r6, r7, lsl #1
	add	r2, r6, r2, asr #SCALE
	sub	r6, r2, r6, lsl #1
	add	r3, r7, r3, asr #SCALE
	sub	r7, r3, r7, lsl #1
	stm	r12!, {r0-r3}
	/* bins 2 and 3 */
	pop	{r0-r3}
	add	r0, r8, r0, asr #SCALE
	sub	r8, r0, r8, lsl #1
	rsb	r1, r9, r1, asr #SCALE
	add	r9, r1, r9, lsl #1
	smmul	r10, r10, lr
	smmul	r11, r11, lr
	sub	r10, r11, r10
	rsb	r11, r10, r11, lsl #1
	add	r2, r10, r2, asr #SCALE
	sub	r10, r2, r10, lsl #1
	rsb	r3, r11, r3, asr #SCALE
	add	r11, r3, r11, lsl #1
	stm	r12!, {r0-r3}
	stm	r12, {r4-r11}
	pop	{r0-r3, lr}
	adds	r3, #(1 << (35 - \log2_n))
	bne	1b
	pop	{r4-r11, pc}
	.ltorg
	.size	frontend_first_\n, . - frontend_first_\n
	.endm

	first8	128, 7
	first8	512, 9

/* A butterfly of stage4() without twiddles, its inputs q apart: z0 lies o01 bytes behind at01, z2 o23
 * behind at23. It gives z0 as (r8, r9), z1 (r10, lr), z2 (r6, r5) and z3 (r12, r7).
 */
	.macro	plain_butterfly q, at01, o01, at23, o23
	ldrd	r4, r5, [\at01, #\o01]
	ldrd	r6, r7, [\at01, #(\o01 + 8 * \q)]
	ldrd	r8, r9, [\at23, #\o23]
	ldrd	r10, r11, [\at23, #(\o23 + 8 * \q)]
	asr	r6, r6, #1
	asr	r7, r7, #1
	asr	r10, r10, #1
	asr	r11, r11, #1
	rsb	r12, r6, r4, asr #1
	add	r6, r6, r4, asr #1
	add	lr, r7, r5, asr #1
	rsb	r7, r7, r5, asr #1
	add	r4, r10, r8, asr #1
	rsb	r10, r10, r8, asr #1
	add	r5, r11, r9, asr #1
	rsb	r11, r11, r9, asr #1
	add	r8, r6, r4
	sub	r6, r6, r4
	add	r9, lr, r5
	sub	r5, lr, r5
	sub	lr, r7, r10
	add	r7, r7, r10
	add	r10, r12, r11
	sub	r12, r12, r11
	.endm

/* A butterfly whose twiddles, w, w^2 and w^3, are in r4 to r9; else as plain_butterfly. */
	.macro	butterfly q, at01, o01, at23, o23
	/* z1 w^2: (r12, r7) */
	ldrd	r10, r11, [\at01, #(\o01 + 8 * \q)]
	smmul	r12, r10, r6
	smmls	r12, r11, r7, r12
	smmul	r7, r10, r7
	smmla	r7, r11, r6, r7
	/* z2 w: (r6, r5) */
	ldrd	r10, r11, [\at23, #\o23]
	smmul	r6, r10, r4
	smmls	r6, r11, r5, r6
	smmul	r5, r10, r5
	smmla	r5, r11, r4, r5
	/* and z3 w^3 added, (r4, lr), or taken away, (r6, r5) */
	ldrd	r10, r11, [\at23, #(\o23 + 8 * \q)]
	smmla	r4, r10, r8, r6
	smmls	r4, r11, r9, r4
	smmla	lr, r10, r9, r5
	smmla	lr, r11, r8, lr
	rsb	r6, r4, r6, lsl #1
	rsb	r5, lr, r5, lsl #1
	/* z0 and z1 w^2 added, (r8, r9), or taken away, (r12, r7) */
	ldrd	r10, r11, [\at01, #\o01]
	add	r8, r12, r10, asr #1
	rsb	r12, r12, r10, asr #1
	add	r9, r7, r11, asr #1
	rsb	r7, r7, r11, asr #1
	add	r10, r12, r5
	sub	r12, r12, r5
	sub	r5, r9, lr
	add	r9, r9, lr
	sub	lr, r7, r6
	add	r7, r7, r6
	sub	r6, r8, r4
	add	r8, r8, r4
	.endm

/* void frontend_stage4_Q(union bin *z, const struct sp_twiddle *twiddles, int step, int blocks)
 *
 * stage4(); step is in bytes. r0 points to z0, and goes on, by bytes, with the last store.
 */
	.macro	store q, by
	strd	r10, lr, [r0, #(8 * \q)]
	strd	r6, r5, [r0, #(16 * \q)]
	strd	r12, r7, [r0, #(24 * \q)]
	strd	r8, r9, [r0], #\by
	.endm

	/* of short blocks, all butterflies with the same twiddles in turn */
	.macro	stage4_short q
	function frontend_stage4_\q
	push	{r3-r11, lr}
	movs	r4, #\q
	push	{r0, r4}
1:	plain_butterfly \q, r0, 0, r0, (16 * \q)
	store	\q, (32 * \q)
	subs	r3, #1
	bne	1b
	b	3f
	/* r1 points to them, r3 blocks are left */
2:	ldm	r1, {r4-r9}
	butterfly \q, r0, 0, r0, (16 * \q)
	store	\q, (32 * \q)
	subs	r3, #1
	bne	2b
3:	ldrd	r0, r4, [sp]
	ldr	r3, [sp, #8]
	add	r0, #8
	add	r1, r2
	subs	r4, #1
	strd	r0, r4, [sp]
	bne	2b
	add	sp, #12
	pop	{r4-r11, pc}
	.size	frontend_stage4_\q, . - frontend_stage4_\q
	.endm

	/* block after block */
	.macro	stage4 q
	function frontend_stage4_\q
	push	{r1, r3-r11, lr}
1:	plain_butterfly \q, r0, 0, r0, (16 * \q)
	store	\q, 8
	ldr	r1, [sp]
	movs	r3, #(\q - 1)
2:	add	r1, r2
	ldm	r1, {r4-r9}
	butterfly \q, r0, 0, r0, (16 * \q)
	store	\q, 8
	subs	r3, #1
	bne	2b
	ldr	r3, [sp, #4]
	add	r0, #(24 * \q)
	subs	r3, #1
	str	r3, [sp, #4]
	bne	1b
	add	sp, #8
	pop	{r4-r11, pc}
	.size	frontend_stage4_\q, . - frontend_stage4_\q
	.endm

	stage4_short 4
	stage4_short 8
	stage4	16
	stage4	32

/* void frontend_stage4_Q(union bin *z, const struct sp_twiddle *twiddles)
 *
 * stage4() of one block, with all twiddles. An immediate reaches 1020 bytes either way, so r0 points
 * to 8 bytes before z2, or z1 if r2 points to 8 before z3.
 */
	.macro	store_64
	strd	r8, r9, [r0, #(8 - 16 * 64)]
	strd	r10, lr, [r0, #(8 - 8 * 64)]
	strd	r12, r7, [r0, #(8 + 8 * 64)]
	strd	r6, r5, [r0, #8]!
	.endm

	.macro	store_128
	strd	r8, r9, [r0, #(8 - 8 * 128)]
	strd	r10, lr, [r0, #8]!
	strd	r6, r5, [r2, #(8 - 8 * 128)]
	strd	r12, r7, [r2, #8]!
	.endm

	.macro	stage4_last q, o01, at23, o23
	function frontend_stage4_\q
	push	{r4-r11, lr}
	sub	r0, #(8 + \o01)
	.ifc	\at23, r2
	add	r2, r0, #(16 * \q)
	.endif
	plain_butterfly \q, r0, (8 + \o01), \at23, (8 + \o23)
	store_\q
	add	r1, #24
	movs	r3, #(\q - 1)
1:	ldm	r1!, {r4-r9}
	butterfly \q, r0, (8 + \o01), \at23, (8 + \o23)
	store_\q
	subs	r3, #1
	bne	1b
	pop	{r4-r11, pc}
	.size	frontend_stage4_\q, . - frontend_stage4_\q
	.endm

	stage4_last 64, (-16 * 64), r0, 0
	stage4_last 128, (-8 * 128), r2, (-8 * 128)

/* void frontend_split_powers(union bin *z, union bin *z_n, const struct sp_twiddle *split, int count)
 *
 * split_powers() for bins 1 to count, up from z, and n - 1 to n - count, down from z_n; count is even.
 */
	.macro	split_power
	ldrd	r4, r5, [r0, #8]!
	ldrd	r6, r7, [r1, #-8]!
	ldrd	r8, r9, [r2, #8]!
	/* twice the odd part, not yet turned: (r4, r5); the even one: (r6, r7) */
	sub	r4, r4, r6
	add	r5, r5, r7
	add	r6, r6, r4, asr #1
	rsb	r7, r7, r5, asr #1
	/* bin k: (r10, r11), n - k: (r6, r12) */
	smmla	r10, r4, r9, r6
	smmla	r10, r5, r8, r10
	rsb	r6, r10, r6, lsl #1
	smmla	r12, r4, r8, r7
	smmls	r12, r5, r9, r12
	rsb	r11, r12, r7, lsl #1
	smull	r4, r5, r10, r10
	smlal	r4, r5, r11, r11
	smull	r10, r11, r6, r6
	smlal	r10, r11, r12, r12
	strd	r4, r5, [r0]
	strd	r10, r11, [r1]
	.endm

	function frontend_split_powers
	push	{r4-r11, lr}
1:	split_power
	split_power
	subs	r3, #2
	bne	1b
	pop	{r4-r11, pc}
	.size	frontend_split_powers, . - frontend_split_powers

/* void frontend_make_bands(const union bin *bins, const uint16_t *weights, const uint16_t *segments,
 *		       int bands, int32_t zero_q16, const int16_t *gains_q8, int8_t *column)
 *
 * The rest of make_columns(). Of powers p = p1 2^32 + p0 and rising weights w: sum p in r1:r0,
 * sum p0 w in r3:r2, sum p1 w in r7:r6. Bins are read at r4, weights at r5.
 */
	/* on the stack: 64 bits of the band below; the next segment's width and gain, where its value
	 * goes, and how many are left; zero_q16 and STEPS_PER_OCTAVE_Q24; behind what is saved, arguments
	 */
	.equ	ZERO, 24
	.equ	FRAME, 36
	.equ	ARGUMENTS, FRAME + 9 * 4

	.macro	add_power low, high
	ldrh	r12, [r5], #2
	adds	r0, r0, \low
	adc	r1, r1, \high
	umlal	r2, r3, \low, r12
	umlal	r6, r7, \high, r12
	.endm

	function frontend_make_bands
	push	{r4-r11, lr}
	sub	sp, #FRAME
	mov	r4, r0
	mov	r5, r1
	mov	r10, r2
	mov	lr, r3
	ldr	r8, [sp, #ARGUMENTS]
	ldr	r9, =STEPS_PER_OCTAVE_Q24
	strd	r8, r9, [sp, #ZERO]
	ldrd	r11, r12, [sp, #(ARGUMENTS + 4)]
	/* below the first segment there is no band: the sign says so */
	movs	r2, #0
	mov	r3, #0x80000000
	/* a segment: the first bin, a second if they are even in number, the others two by two */
1:	ldrh	r6, [r10], #2
	stm	sp, {r2, r3, r10-r12, lr}
	subs	lr, r6, #1
	blo	6f
	ldrd	r0, r1, [r4], #8
	ldrh	r12, [r5], #2
	umull	r2, r3, r0, r12
	umull	r6, r7, r1, r12
	lsrs	lr, lr, #1
	bcc	2f
	ldrd	r8, r9, [r4], #8
	add_power r8, r9
2:	subs	lr, #1
	blo	4f
3:	ldm	r4!, {r8-r11}
	add_power r8, r9
	add_power r10, r11
	subs	lr, #1
	bhs	3b
	/* the power on the rising side: r3:r2 */
4:	adds	r3, r3, r6
	adc	r7, r7, #0
	lsr	r2, r2, #WEIGHT_BITS
	orr	r2, r2, r3, lsl #(32 - WEIGHT_BITS)
	lsr	r3, r3, #WEIGHT_BITS
	orr	r3, r3, r7, lsl #(32 - WEIGHT_BITS)
	/* the band below: its rising side and this falling one, r1:r0 */
	ldm	sp, {r8-r12, lr}
	adds	r0, r8, r0
	adc	r1, r9, r1
	subs	r0, r0, r2
	sbcs	r1, r1, r3
	ble	7f
	/* sp_log2_q24() where the upper word is not zero */
	clz	r6, r1
	lsl	r1, r1, r6
	rsb	r7, r6, #31
	lsr	r0, r0, r7
	orr	r0, r0, r1, lsl #1
	ldr	r7, =sp_log2_table
	lsr	r8, r0, #26
	add	r7, r7, r8, lsl #2
	ldrd	r8, r9, [r7]
	lsl	r0, r0, #6
	sub	r9, r9, r8
	umull	r1, r0, r9, r0
	rsb	r6, r6, #63
	add	r0, r0, r8
	add	r0, r0, r6, lsl #24
	/* quantise() */
5:	ldrd	r8, r9, [sp, #ZERO]
	ldrsh	r1, [r11], #2
	add	r8, r8, r1, lsl #8
	smmla	r0, r0, r9, r8
	ssat	r0, #8, r0, asr #16
	strb	r0, [r12], #1
	subs	lr, #1
	bne	1b
	add	sp, #FRAME
	pop	{r4-r11, pc}
	/* a segment without bins */
6:	movs	r0, #0
	movs	r1, #0
	movs	r2, #0
	movs	r3, #0
	movs	r6, #0
	movs	r7, #0
	b	4b
	/* no band, or one whose upper word is zero */
7:	bmi	1b
	push	{r2, r3, r12, lr}
	bl	sp_log2_q24
	pop	{r2, r3, r12, lr}
	b	5b
	.ltorg
	.size	frontend_make_bands, . - frontend_make_bands

/* void frontend_copy(void *to, const void *from, size_t bytes) */
	function frontend_copy
	orr	r3, r0, r1
	lsls	r3, r3, #30
	bne	4f
	push	{r4-r9}
	subs	r2, #64
	blo	2f
1:	.rept	2
	ldm	r1!, {r3-r9, r12}
	stm	r0!, {r3-r9, r12}
	.endr
	subs	r2, #64
	bhs	1b
2:	adds	r2, #32
	bcc	3f
	ldm	r1!, {r3-r9, r12}
	stm	r0!, {r3-r9, r12}
	sub	r2, #32
3:	pop	{r4-r9}
	add	r2, #32
4:	b	memcpy
	.size	frontend_copy, . - frontend_copy

/* int32_t frontend_sum(const int8_t *values, uint32_t size)
 *
 * A value with its uppermost bit turned is 128 more, from 0 to 255, as USADA8 adds them up.
 */
	function frontend_sum
	mov	r12, #0
	sub	r2, r12, r1, lsl #7
	subs	r1, #8
	blo	2f
1:	ldr	r3, [r0], #4
	eor	r3, r3, #0x80808080
	usada8	r2, r3, r12, r2
	ldr	r3, [r0], #4
	eor	r3, r3, #0x80808080
	usada8	r2, r3, r12, r2
	subs	r1, #8
	bhs	1b
2:	adds	r1, #8
	beq	4f
3:	ldrb	r3, [r0], #1
	eor	r3, r3, #0x80
	add	r2, r2, r3
	subs	r1, #1
	bne	3b
4:	mov	r0, r2
	bx	lr
	.size	frontend_sum, . - frontend_sum

/* void frontend_subtract(int8_t *values, uint32_t size, int32_t less) */
	function frontend_subtract
	uxtb	r2, r2
	orr	r2, r2, r2, lsl #8
	orr	r2, r2, r2, lsl #16
	subs	r1, #8
	blo	2f
1:	ldr	r3, [r0]
	ldr	r12, [r0, #4]
	qsub8	r3, r3, r2
	qsub8	r12, r12, r2
	str	r3, [r0], #4
	str	r12, [r0], #4
	subs	r1, #8
	bhs	1b
2:	adds	r1, #8
	beq	4f
3:	ldrb	r3, [r0]
	qsub8	r3, r3, r2
	strb	r3, [r0], #1
	subs	r1, #1
	bne	3b
4:	bx	lr
	.size	frontend_subtract, . - frontend_subtract

#endif

#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
