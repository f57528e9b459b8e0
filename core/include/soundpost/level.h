/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Sound level meter, designed after IEC 61672-1:2013 class 1; not certified.
 */

#ifndef SOUNDPOST_LEVEL_H_
#define SOUNDPOST_LEVEL_H_

#include <soundpost/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Width of a class of the histogram behind the percentiles, cdB. */
#define SP_LEVEL_CLASS_CDB 10

/* (state struct and private sizes go here) */

/** What the meter needs of the settings. */
struct sp_level_config {
	/** Level of a sine at full scale, cdB. */
	int32_t full_scale_cdb;
	/** Lower end of the range, cdB. */
	int32_t under_range_cdb;
};

#ifdef __cplusplus
}
#endif

#endif /* SOUNDPOST_LEVEL_H_ */
