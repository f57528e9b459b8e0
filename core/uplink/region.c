/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stddef.h>

#include <soundpost/uplink.h>

/* MHDR 1, DevAddr 4, FCtrl 1, FCnt 2, FPort 1, MIC 4 */
#define MAC_BYTES 13

/* GFSK of RP002: 50 kbit/s, preamble 5, sync word 3, length 1, CRC 2 */
#define FSK_OVERHEAD_BYTES 11
#define FSK_BYTE_US	   160

#define PREAMBLE_SYMBOLS  8
#define SLOW_SYMBOL_US	  16000
#define NOT_AVAILABLE	  0
#define SPREADING_OF_GFSK 1

struct data_rate {
	/* 0: no such data rate */
	uint8_t spreading_factor;
	uint16_t bandwidth_khz;
	/* application payload without MAC commands, without and with a dwell time of 400 ms */
	uint8_t payload;
	uint8_t payload_dwell;
};

#define LORA(sf, khz, payload, payload_dwell) {sf, khz, payload, payload_dwell}
#define GFSK(payload)			      {SPREADING_OF_GFSK, 0, payload, payload}

#define DATA_RATES 8

static const struct data_rate data_rates[][DATA_RATES] = {
	[SP_REGION_EU868] = {LORA(12, 125, 51, 51), LORA(11, 125, 51, 51), LORA(10, 125, 51, 51),
			     LORA(9, 125, 115, 115), LORA(8, 125, 242, 242), LORA(7, 125, 242, 242),
			     LORA(7, 250, 242, 242), GFSK(242)},
	[SP_REGION_US915] = {LORA(10, 125, 11, 11), LORA(9, 125, 53, 53), LORA(8, 125, 125, 125),
			     LORA(7, 125, 242, 242), LORA(8, 500, 242, 242)},
	[SP_REGION_AU915] = {LORA(12, 125, 51, NOT_AVAILABLE), LORA(11, 125, 51, NOT_AVAILABLE),
			     LORA(10, 125, 51, 11), LORA(9, 125, 115, 53), LORA(8, 125, 242, 125),
			     LORA(7, 125, 242, 242), LORA(8, 500, 242, 242)},
	[SP_REGION_AS923] = {LORA(12, 125, 51, NOT_AVAILABLE), LORA(11, 125, 51, NOT_AVAILABLE),
			     LORA(10, 125, 115, 11), LORA(9, 125, 115, 53), LORA(8, 125, 242, 125),
			     LORA(7, 125, 242, 242), LORA(7, 250, 242, 242), GFSK(242)},
	[SP_REGION_IN865] = {LORA(12, 125, 51, 51), LORA(11, 125, 51, 51), LORA(10, 125, 51, 51),
			     LORA(9, 125, 115, 115), LORA(8, 125, 242, 242), LORA(7, 125, 242, 242),
			     [7] = GFSK(242)},
};

#define REGION_NAME(name, duty) #name,
static const char *const names[] = {SP_REGIONS(REGION_NAME)};

#define REGION_COUNT ((int)(sizeof(names) / sizeof(names[0])))

static const struct data_rate *find_data_rate(const struct sp_link *link)
{
	const struct data_rate *rate;

	if (link->region >= REGION_COUNT || link->data_rate >= DATA_RATES) {
		return NULL;
	}
	rate = &data_rates[link->region][link->data_rate];

	return rate->spreading_factor == 0 ? NULL : rate;
}

const char *sp_region_name(int region)
{
	return region < 0 || region >= REGION_COUNT ? NULL : names[region];
}

int sp_link_payload_max(const struct sp_link *link)
{
	const struct data_rate *rate = find_data_rate(link);
	int payload;

	if (rate == NULL || link->fopts_bytes > SP_FOPTS_MAX) {
		return -EINVAL;
	}
	payload = link->dwell_limited ? rate->payload_dwell : rate->payload;
	if (payload == NOT_AVAILABLE) {
		return -EINVAL;
	}

	return payload > link->fopts_bytes ? payload - link->fopts_bytes : 0;
}

int32_t sp_link_airtime_us(const struct sp_link *link, int payload_bytes)
{
	const int payload_max = sp_link_payload_max(link);
	const struct data_rate *rate = find_data_rate(link);
	const int radio_bytes = payload_bytes + MAC_BYTES + link->fopts_bytes;

	if (payload_max < 0) {
		return payload_max;
	}
	if (payload_bytes < 0 || payload_bytes > payload_max) {
		return -EMSGSIZE;
	}

	return rate->spreading_factor == SPREADING_OF_GFSK
		       ? (FSK_OVERHEAD_BYTES + radio_bytes) * FSK_BYTE_US
		       : sp_lora_airtime_us(rate->spreading_factor, rate->bandwidth_khz,
					    radio_bytes);
}

int32_t sp_lora_airtime_us(int spreading_factor, int bandwidth_khz, int radio_bytes)
{
	int32_t symbol_us, bits, bits_per_block, blocks;

	if (spreading_factor < 7 || spreading_factor > 12 || radio_bytes < 0 || radio_bytes > 255 ||
	    (bandwidth_khz != 125 && bandwidth_khz != 250 && bandwidth_khz != 500)) {
		return -EINVAL;
	}

	/* 2^SF / bandwidth: 8, 4 or 2 us for each of the 2^SF chips */
	symbol_us = (1000 / bandwidth_khz) << spreading_factor;
	bits = 8 * radio_bytes - 4 * spreading_factor + 28 + 16;
	bits_per_block = 4 * (spreading_factor - (symbol_us >= SLOW_SYMBOL_US ? 2 : 0));
	blocks = bits > 0 ? (bits + bits_per_block - 1) / bits_per_block : 0;

	/* preamble and 4.25 symbols of synchronisation; then 8 symbols, and 5 a block of 4/5 code
	 */
	return symbol_us * (4 * PREAMBLE_SYMBOLS + 17) / 4 + symbol_us * (8 + 5 * blocks);
}
