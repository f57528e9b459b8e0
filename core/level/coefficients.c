/* SPDX-License-Identifier: Apache-2.0 */
/* Made by soundpost.level_design 0.1.0, design 83f714fac2f37cb7. Do not edit. */

#include "filters.h"

/* clang-format off */
const struct sp_level_filters sp_level_filters = {
	.z_step = 3371935,
	.z_scale = 4291613,
	.c = {.step = {34259755, 34259755}, .zero = 1053555478, .pole = -437657167, .scale = 3347867},
	.a = {.step = {177021469, 1087492516}, .zero = 904090616, .pole = -303224691, .scale = 3793356},
	.fast_step = 34222665,
	.fast_full_scale_cdb = 16009,
	.octave_pair = {-1043032808, -321478302},
	.octave_last = {1453416933, -1437525554},
	.half = {190911296, 734868904, 1575608753},
	.octave_scale = {1077256292, 537093426, 268376858, 134176988, 67091208, 33547616, 16774687, 8387662},
};
