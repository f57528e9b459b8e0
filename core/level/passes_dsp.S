/* SPDX-License-Identifier: Apache-2.0 */

/* The passes of passes.c for Cortex-M with the DSP extension, to the bit. Four samples are loaded and
 * stored at once, and no state is moved: GCC, short of registers, loads, stores, moves and counts for
 * a third of its instructions, in the octave's filters for more than a half.
 */

#include "filters.h"
#include "passes.h"

#if LEVEL_DSP

	.syntax unified
	.thumb

	.macro	function name
	.section .text.\name, "ax", %progbits
	.global	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

/* uint64_t level_high_pass_z(int64_t *state, int32_t step, const int16_t *pcm, int32_t *out,
 *			      const int32_t *end, bool *loud)
 *
 * State r1:r0, sum r7:r6. Saturation at half of full scale sets flag Q, which stays set.
 */
	.equ	Q_FLAG, 27

	.macro	square_of_z z
	rsb	\z, r1, \z, lsl #SP_LEVEL_SAMPLE_BITS
	smlal	r0, r1, r2, \z
	smlal	r6, r7, \z, \z
	.endm

	.macro	pair_of_z z0, z1
	ldr	r12, [r3], #4
	ssat16	\z0, #15, r12
	sxth	\z0, r12
	square_of_z \z0
	asr	\z1, r12, #16
	square_of_z \z1
	.endm

	function level_high_pass_z
	push	{r0, r4-r11, lr}
	movs	r6, #0
	movs	r7, #0
	msr	APSR_nzcvq, r6
	mov	lr, r2
	mov	r2, r1
	ldrd	r0, r1, [r0]
	mov	r4, r3
	mov	r3, lr
	ldr	r5, [sp, #(10 * 4)]
1:	pair_of_z r8, r9
	pair_of_z r10, r11
	stm	r4!, {r8-r11}
	pair_of_z r8, r9
	pair_of_z r10, r11
	stm	r4!, {r8-r11}
	cmp	r4, r5
	bne	1b
	mrs	r8, APSR
	ubfx	r8, r8, #Q_FLAG, #1
	ldr	r9, [sp, #(11 * 4)]
	strb	r8, [r9]
	pop	{r2}
	strd	r0, r1, [r2]
	mov	r0, r6
	mov	r1, r7
	pop	{r4-r11, pc}
	.size	level_high_pass_z, . - level_high_pass_z

/* void level_high_pass_twice(struct sp_level_weighting_state *state,
 *			      const struct sp_level_weighting *weighting, const int32_t *block,
 *			      int32_t *out, const int32_t *end)
 *
 * States r5:r4 and r7:r6.
 */
	.macro	high_pass_twice x
	sub	\x, \x, r5
	smlal	r4, r5, r0, \x
	sub	\x, \x, r7
	smlal	r6, r7, r1, \x
	.endm

	function level_high_pass_twice
	push	{r0, r4-r11, lr}
	ldr	r12, [sp, #(10 * 4)]
	ldm	r0, {r4-r7}
	ldrd	r0, r1, [r1]
1:	.rept	2
	ldm	r2!, {r8-r11}
	high_pass_twice r8
	high_pass_twice r9
	high_pass_twice r10
	high_pass_twice r11
	stm	r3!, {r8-r11}
	.endr
	cmp	r3, r12
	bne	1b
	pop	{r0}
	stm	r0, {r4-r7}
	pop	{r4-r11, pc}
	.size	level_high_pass_twice, . - level_high_pass_twice

/* void level_corrected_energies(struct sp_level_weighting_state *state,
 *				 const struct sp_level_weighting *weighting, const int32_t *block,
 *				 const int32_t *end, uint64_t *sums)
 *
 * Last output r5, zero r6, pole r7.
 */
	.macro	corrected_energy x1, x
	smmla	r12, r6, \x1, \x
	smmla	r5, r7, r5, r12
	smlal	r0, r1, r5, r5
	.endm

	function level_corrected_energies
	push	{r0, r4-r11, lr}
	ldr	lr, [sp, #(10 * 4)]
	ldrd	r4, r5, [r0, #16]
	ldrd	r6, r7, [r1, #8]
1:	movs	r0, #0
	movs	r1, #0
	.rept	LEVEL_SUB_BLOCK / 4
	ldm	r2!, {r8-r11}
	corrected_energy r4, r8
	corrected_energy r8, r9
	corrected_energy r9, r10
	corrected_energy r10, r11
	mov	r4, r11
	.endr
	strd	r0, r1, [lr], #8
	cmp	r2, r3
	bne	1b
	pop	{r2}
	strd	r4, r5, [r2, #16]
	pop	{r4-r11, pc}
	.size	level_corrected_energies, . - level_corrected_energies

/* The recursive part of a section, to out: x + 2 floor((r2 w0 + r3 w1) / 2^32). */
	.macro	recur out, x, w0, w1
	smull	r12, lr, r3, \w1
	smlal	r12, lr, r2, \w0
	add	\out, \x, lr, lsl #1
	.endm

/* void level_filter_pair(int32_t *block, const int32_t *end, int32_t *state, const int32_t k[2])
 *
 * The last two samples' values take the place of those two before them: r4 to r7, newest first, are
 * r6, r7, r4, r5 halfway.
 */
	.macro	pair x0, x1, w1, w2, w3, w4
	recur	\w4, \x0, \w2, \w4
	sub	\x0, \w4, \w2
	recur	\w3, \x1, \w1, \w3
	sub	\x1, \w3, \w1
	.endm

	function level_filter_pair
	push	{r2, r4-r11, lr}
	ldm	r2, {r4-r7}
	ldrd	r2, r3, [r3]
	sub	r12, r1, r0
	cmp	r12, #8
	beq	2f
1:	ldm	r0, {r8-r11}
	pair	r8, r9, r4, r5, r6, r7
	pair	r10, r11, r6, r7, r4, r5
	stm	r0!, {r8-r11}
	cmp	r0, r1
	bne	1b
	pop	{r2}
	stm	r2, {r4-r7}
	pop	{r4-r11, pc}
	/* a block of two samples */
2:	ldrd	r8, r9, [r0]
	pair	r8, r9, r4, r5, r6, r7
	strd	r8, r9, [r0]
	pop	{r2}
	strd	r6, r7, [r2]
	strd	r4, r5, [r2, #8]
	pop	{r4-r11, pc}
	.size	level_filter_pair, . - level_filter_pair

/* The same with coefficients in Q32: x + floor(r2 w0 / 2^32) + floor(r3 w1 / 2^32). */
	.macro	recur_q32 out, x, w0, w1
	smmla	r12, r2, \w0, \x
	smmla	\out, r3, \w1, r12
	.endm

/* uint64_t level_filter_last(const int32_t *block, const int32_t *end, int32_t *state,
 *			      const int32_t k[2])
 *
 * The newest value is r4, the one before r5.
 */
	/* value behind those, and the square of value - 2 w1 + w2, which takes the place of w2 */
	.macro	add_square value, w1, w2
	add	\w2, \w2, \value
	sub	\w2, \w2, \w1, lsl #1
	smlal	r6, r7, \w2, \w2
	.endm

	function level_filter_last
	push	{r2, r4-r11, lr}
	ldrd	r4, r5, [r2]
	ldrd	r2, r3, [r3]
	movs	r6, #0
	movs	r7, #0
	sub	r12, r1, r0
	cmp	r12, #8
	beq	2f
1:	ldm	r0!, {r8-r11}
	recur_q32 r8, r8, r4, r5
	add_square r8, r4, r5
	recur_q32 r9, r9, r8, r4
	add_square r9, r8, r4
	recur_q32 r5, r10, r9, r8
	add_square r5, r9, r8
	recur_q32 r4, r11, r5, r9
	add_square r4, r5, r9
	cmp	r0, r1
	bne	1b
	b	3f
	/* a block of two samples */
2:	ldrd	r8, r9, [r0]
	recur_q32 r8, r8, r4, r5
	add_square r8, r4, r5
	recur_q32 r9, r9, r8, r4
	add_square r9, r8, r4
	mov	r4, r9
	mov	r5, r8
3:	pop	{r2}
	strd	r4, r5, [r2]
	mov	r0, r6
	mov	r1, r7
	pop	{r4-r11, pc}
	.size	level_filter_last, . - level_filter_last

/* void level_halve(const int32_t *block, const int32_t *end, int32_t *out, int32_t *state,
 *		    const int32_t k[2])
 *
 * The all-pass of even samples x0 has half of its last output in r6, that of odd samples x1 its own
 * in r8.
 */
	.macro	halve out, x0, x1, before0, before1
	ldrd	\x0, \x1, [r0], #8
	sub	r12, \x0, r6, lsl #1
	smmul	r12, r12, r4
	add	r6, r12, \before0, asr #1
	sub	r12, \x1, r8
	smmla	r8, r12, r5, \before1
	add	\out, r6, r8, asr #1
	.endm

	function level_halve
	push	{r3-r11, lr}
	ldr	r4, [sp, #(10 * 4)]
	ldrd	r4, r5, [r4]
	ldr	r7, [r3]
	ldr	r6, [r3, #4]
	ldr	lr, [r3, #8]
	ldr	r8, [r3, #12]
1:	halve	r3, r9, r10, r7, lr
	halve	r11, r7, lr, r9, r10
	strd	r3, r11, [r2], #8
	cmp	r0, r1
	bne	1b
	pop	{r0}
	strd	r7, r6, [r0]
	strd	lr, r8, [r0, #8]
	pop	{r4-r11, pc}
	.size	level_halve, . - level_halve

#endif

#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
