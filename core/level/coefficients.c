/* SPDX-License-Identifier: Apache-2.0 */
/* Made by soundpost.level_design 0.1.0, design 8c6a2ed527a79386. Do not edit. */

#include "filters.h"

/* clang-format off */
const struct sp_level_filters sp_level_filters = {
	.z_step = 3371935,
	.z_scale = 17166451,
	.c = {.step = {34259755, 34259755}, .zero = 1053555478, .pole = -437657167, .scale = 13391470},
	.a = {.step = {177021469, 1087492516}, .zero = 904090616, .pole = -303224691, .scale = 15173424},
	.fast_step = 34222665,
	.fast_full_scale_cdb = 14804,
	.octave_pair = {-1443946530, -694496212},
	.octave_last = {797618377, -900461368},
	.half = {190932771, 734847430, 1575587278},
	.octave_scale = {217749437, 108472322, 54155301, 27051869, 13514672, 6751812, 3373113, 1685135},
};
