/* SPDX-License-Identifier: Apache-2.0 */
/* Made by soundpost.level_design 0.1.0, design 2f549e00e49f412e. Do not edit. */

#include "filters.h"

/* clang-format off */
const struct sp_level_filters sp_level_filters = {
	.z_step = 3371935,
	.z_scale = 17166451,
	.c = {.step = {34259755, 34259755}, .zero = 1053555478, .pole = -437657167, .scale = 13391470},
	.a = {.step = {177021469, 1087492516}, .zero = 904090616, .pole = -303224691, .scale = 15173424},
	.fast_step = 34222665,
	.fast_full_scale_cdb = 14804,
	.octave_pair = {-1442099694, -696171249},
	.octave_last = {1587763510, -1805217704},
	.half = {1204974550, 532447096},
	.octave_scale = {217736255, 108464521, 54150797, 27049319, 13513250, 6751029, 3372687, 1684872},
};
