/* SPDX-License-Identifier: Apache-2.0 */
/* Made by soundpost.level_design 0.1.0, design 3c91a948468514b1. Do not edit. */

#ifndef SP_LEVEL_COEFFICIENTS_H_
#define SP_LEVEL_COEFFICIENTS_H_

/* clang-format off */
/* fractional bits of a sample */
#define SAMPLE_BITS 10
/* bits less in the octave filters */
#define OCTAVE_SHIFT 3
/* high pass, 2 Hz: 1 - pole, Q32 */
#define DC_STEP 3371935
/* high pass, 20.395 Hz: 1 - pole, Q32 */
#define C_STEP 34261428
/* high pass, 108.93 Hz: 1 - pole, Q32 */
#define A_STEP_LOW 179850445
/* high pass, 730 Hz: 1 - pole, Q32 */
#define A_STEP_HIGH 1070481123
/* correction: minus its zero, Q32 */
#define C_ZERO 1053555478
/* correction: its pole, Q32 */
#define C_POLE -437657167
/* correction: minus its zero, Q32 */
#define A_ZERO 1045395040
/* correction: its pole, Q32 */
#define A_POLE -447106096
/* octave section 0: minus d1, Q31 */
#define OCTAVE_0_1 1434555576
/* octave section 0: minus d2, Q31 */
#define OCTAVE_0_2 -1445377098
/* octave section 1: minus d1, Q31 */
#define OCTAVE_1_1 -1704600788
/* octave section 1: minus d2, Q31 */
#define OCTAVE_1_2 -1012660710
/* octave section 2: minus d1, Q31 */
#define OCTAVE_2_1 266011692
/* octave section 2: minus d2, Q31 */
#define OCTAVE_2_2 -527037928
/* half-band all-pass 0, Q31 */
#define HALF_0 191010081
/* half-band all-pass 1, Q31 */
#define HALF_1 734946214
/* half-band all-pass 2, Q31 */
#define HALF_2 1575937318
/* 1 - exp(-16 samples / 0.125 s), Q32 */
#define FAST_STEP 34222665
/* Fast energy of a sine at full scale, 1 kHz, cdB re 1 */
#define FAST_FULL_SCALE_CDB 16009
/* sum of a Fast interval to energy, Q38 */
#define Z_SCALE 4291613
/* sum of a Fast interval to energy, Q38 */
#define C_SCALE 3347865
/* sum of a Fast interval to energy, Q38 */
#define A_SCALE 3787034
/* fractional bits of these scales */
#define SCALE_BITS 38
/* sum of an octave block to energy, Q38, 31.5 Hz first */
#define OCTAVE_SCALES \
	{1267246488, 631731533, 315628019, 157784176, 78888397, 39443778, 19721860, 9860938}

#endif /* SP_LEVEL_COEFFICIENTS_H_ */
