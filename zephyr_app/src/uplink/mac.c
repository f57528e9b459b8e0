/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include <LoRaMac.h>
#include <region/Region.h>
#include <secure-element.h>
#include <systime.h>

#include "mac.h"

LOG_MODULE_REGISTER(mac, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

/* GPS time, which the network tells, is ahead of UTC by the leap seconds since 1980: IERS Bulletin
 * C 70, no more were announced.
 */
#define LEAP_SECONDS 18

/* LoRaMac counts from the start until the network tells the time: GPS time plus this */
#define TIME_IS_KNOWN_S UNIX_GPS_EPOCH_OFFSET

#if defined(CONFIG_SOUNDPOST_REGION_EU868)
#define REGION	     LORAMAC_REGION_EU868
#define JOIN_SLOWEST DR_0
#define JOIN_FASTEST DR_5
const uint8_t mac_region = SP_REGION_EU868;
#elif defined(CONFIG_SOUNDPOST_REGION_US915)
/* LoRaMac itself goes round the sub-bands, at DR0 and DR4 */
#define REGION	     LORAMAC_REGION_US915
#define JOIN_SLOWEST DR_0
#define JOIN_FASTEST DR_0
const uint8_t mac_region = SP_REGION_US915;
#elif defined(CONFIG_SOUNDPOST_REGION_AU915)
/* as US915, at DR2 and DR6 */
#define REGION	     LORAMAC_REGION_AU915
#define JOIN_SLOWEST DR_2
#define JOIN_FASTEST DR_2
const uint8_t mac_region = SP_REGION_AU915;
#elif defined(CONFIG_SOUNDPOST_REGION_AS923)
/* slower ones would break the dwell time that may be in force */
#define REGION	     LORAMAC_REGION_AS923
#define JOIN_SLOWEST DR_2
#define JOIN_FASTEST DR_5
const uint8_t mac_region = SP_REGION_AS923;
#elif defined(CONFIG_SOUNDPOST_REGION_IN865)
#define REGION	     LORAMAC_REGION_IN865
#define JOIN_SLOWEST DR_0
#define JOIN_FASTEST DR_5
const uint8_t mac_region = SP_REGION_IN865;
#endif

enum operation {
	OPERATION_NONE,
	OPERATION_JOIN,
	OPERATION_FRAME,
};

static const struct mac_listener *listener;
static enum operation operation;
static bool confirmed;
static struct mac_result result;
/* MAC_ASK_… that LoRaMac has taken and not answered for. */
static uint8_t asked;

/* Called by soft-se at LoRaMac's start; the DevEUI is set after it. */
void BoardGetUniqueId(uint8_t *id)
{
	memset(id, 0, SE_EUI_SIZE);
}

static int status_to_errno(LoRaMacStatus_t status)
{
	switch (status) {
	case LORAMAC_STATUS_OK:
		return 0;
	case LORAMAC_STATUS_DUTYCYCLE_RESTRICTED:
		return -EAGAIN;
	case LORAMAC_STATUS_BUSY:
		return -EBUSY;
	case LORAMAC_STATUS_LENGTH_ERROR:
	case LORAMAC_STATUS_SKIPPED_APP_DATA:
		return -EMSGSIZE;
	case LORAMAC_STATUS_NO_NETWORK_JOINED:
		return -ENOTCONN;
	case LORAMAC_STATUS_NO_FREE_CHANNEL_FOUND:
	case LORAMAC_STATUS_NO_CHANNEL_FOUND:
		return -ENETDOWN;
	default:
		return -EINVAL;
	}
}

static int event_to_errno(LoRaMacEventInfoStatus_t status)
{
	switch (status) {
	case LORAMAC_EVENT_INFO_STATUS_OK:
		return 0;
	case LORAMAC_EVENT_INFO_STATUS_RX1_TIMEOUT:
	case LORAMAC_EVENT_INFO_STATUS_RX2_TIMEOUT:
	case LORAMAC_EVENT_INFO_STATUS_RX1_ERROR:
	case LORAMAC_EVENT_INFO_STATUS_RX2_ERROR:
		return -ETIMEDOUT;
	case LORAMAC_EVENT_INFO_STATUS_JOIN_FAIL:
	case LORAMAC_EVENT_INFO_STATUS_MIC_FAIL:
		return -EACCES;
	default:
		return -EIO;
	}
}

static void on_mcps_confirm(McpsConfirm_t *confirm)
{
	if (operation != OPERATION_FRAME) {
		return;
	}
	result.status = event_to_errno(confirm->Status);
	result.transmissions = MAX(confirm->NbTrans, 1);
	result.airtime_ms = confirm->TxTimeOnAir;
	confirmed = true;
}

static void on_mcps_indication(McpsIndication_t *indication)
{
	switch (indication->Status) {
	case LORAMAC_EVENT_INFO_STATUS_OK:
		listener->downlink(indication);
		break;
	case LORAMAC_EVENT_INFO_STATUS_MIC_FAIL:
		listener->refused(MAC_REFUSED_MIC);
		break;
	case LORAMAC_EVENT_INFO_STATUS_DOWNLINK_REPEATED:
		listener->refused(MAC_REFUSED_REPLAY);
		break;
	case LORAMAC_EVENT_INFO_STATUS_ADDRESS_FAIL:
		listener->refused(MAC_REFUSED_FOREIGN);
		break;
	default:
		listener->refused(MAC_REFUSED_MALFORMED);
		break;
	}
}

static void on_mlme_confirm(MlmeConfirm_t *confirm)
{
	const bool answered = confirm->Status == LORAMAC_EVENT_INFO_STATUS_OK;

	switch (confirm->MlmeRequest) {
	case MLME_JOIN:
		result.status = event_to_errno(confirm->Status);
		result.transmissions = 1;
		result.airtime_ms = confirm->TxTimeOnAir;
		confirmed = operation == OPERATION_JOIN;
		break;
	case MLME_LINK_CHECK:
		asked &= ~MAC_ASK_LINK;
		if (answered) {
			result.answered |= MAC_ASK_LINK;
			result.margin_db = confirm->DemodMargin;
			result.gateways = confirm->NbGateways;
		}
		break;
	case MLME_DEVICE_TIME:
		asked &= ~MAC_ASK_TIME;
		result.answered |= answered ? MAC_ASK_TIME : 0;
		break;
	default:
		break;
	}
}

static void on_mlme_indication(MlmeIndication_t *indication)
{
	/* class B, and LoRaWAN 1.1's fall back to joining */
	LOG_DBG("MLME indication %d", indication->MlmeIndication);
}

static void on_nvm_change(uint16_t flags)
{
	if (flags & (LORAMAC_NVM_NOTIFY_FLAG_MAC_GROUP1 | LORAMAC_NVM_NOTIFY_FLAG_MAC_GROUP2 |
		     LORAMAC_NVM_NOTIFY_FLAG_REGION_GROUP2)) {
		listener->session_changed();
	}
}

static void on_process_notify(void)
{
	listener->notify();
}

static uint8_t on_battery(void)
{
	return listener->battery();
}

static LoRaMacPrimitives_t primitives = {
	.MacMcpsConfirm = on_mcps_confirm,
	.MacMcpsIndication = on_mcps_indication,
	.MacMlmeConfirm = on_mlme_confirm,
	.MacMlmeIndication = on_mlme_indication,
};

static LoRaMacCallback_t callbacks = {
	.GetBatteryLevel = on_battery,
	.NvmDataChange = on_nvm_change,
	.MacProcessNotify = on_process_notify,
};

static int set(MibRequestConfirm_t *request)
{
	const LoRaMacStatus_t status = LoRaMacMibSetRequestConfirm(request);

	if (status != LORAMAC_STATUS_OK) {
		LOG_ERR("Could not set parameter %d of the MAC (%d)", request->Type, status);
		return -EIO;
	}

	return 0;
}

static int set_identity(const struct store_identity *identity)
{
	struct store_identity given = *identity;
	MibRequestConfirm_t eui = {.Type = MIB_DEV_EUI, .Param.DevEui = given.dev_eui};
	MibRequestConfirm_t join = {.Type = MIB_JOIN_EUI, .Param.JoinEui = given.join_eui};
	/* LoRaWAN 1.0 has the one key, which LoRaMac knows by its name in 1.1 */
	MibRequestConfirm_t network = {.Type = MIB_NWK_KEY, .Param.NwkKey = given.app_key};
	MibRequestConfirm_t app = {.Type = MIB_APP_KEY, .Param.AppKey = given.app_key};

	return set(&eui) < 0 || set(&join) < 0 || set(&network) < 0 || set(&app) < 0 ? -EIO : 0;
}

static int set_parameters(void)
{
	MibRequestConfirm_t network = {.Type = MIB_PUBLIC_NETWORK,
				       .Param.EnablePublicNetwork = true};
	MibRequestConfirm_t adr = {.Type = MIB_ADR, .Param.AdrEnable = true};
	MibRequestConfirm_t error = {.Type = MIB_SYSTEM_MAX_RX_ERROR,
				     .Param.SystemMaxRxError = CONFIG_SOUNDPOST_RX_ERROR_MS};

	return set(&network) < 0 || set(&adr) < 0 || set(&error) < 0 ? -EIO : 0;
}

#if defined(CONFIG_SOUNDPOST_SUB_BAND) && CONFIG_SOUNDPOST_SUB_BAND > 0
/* 8 channels of 125 kHz, and the one of 500 kHz that goes with them */
static int set_channels(void)
{
	uint16_t mask[REGION_NVM_CHANNELS_MASK_SIZE] = {0};
	MibRequestConfirm_t first = {.Type = MIB_CHANNELS_DEFAULT_MASK,
				     .Param.ChannelsDefaultMask = mask};
	MibRequestConfirm_t now = {.Type = MIB_CHANNELS_MASK, .Param.ChannelsMask = mask};
	const int band = CONFIG_SOUNDPOST_SUB_BAND - 1;

	mask[band / 2] = 0xff << (8 * (band % 2));
	mask[4] = BIT(band);

	return set(&first) < 0 || set(&now) < 0 ? -EIO : 0;
}
#else
static int set_channels(void)
{
	return 0;
}
#endif

int mac_start(const struct store_identity *identity, const struct mac_listener *who)
{
	LoRaMacStatus_t status;

	listener = who;
	operation = OPERATION_NONE;
	asked = 0;
	status = LoRaMacInitialization(&primitives, &callbacks, REGION);
	if (status != LORAMAC_STATUS_OK) {
		LOG_ERR("Could not start the MAC (%d)", status);
		return -EIO;
	}
	if (set_identity(identity) < 0 || set_parameters() < 0 || set_channels() < 0) {
		return -EIO;
	}
	(void)LoRaMacStart();

	return 0;
}

void mac_process(void)
{
	LoRaMacProcess();
}

bool mac_is_busy(void)
{
	return LoRaMacIsBusy();
}

LoRaMacNvmData_t *mac_context(void)
{
	MibRequestConfirm_t request = {.Type = MIB_NVM_CTXS};

	(void)LoRaMacMibGetRequestConfirm(&request);

	return request.Param.Contexts;
}

void mac_leave(void)
{
	mac_context()->MacGroup2.NetworkActivation = ACTIVATION_TYPE_NONE;
}

bool mac_is_joined(void)
{
	return mac_context()->MacGroup2.NetworkActivation != ACTIVATION_TYPE_NONE;
}

void mac_join_data_rates(uint8_t *slowest, uint8_t *fastest)
{
	*slowest = JOIN_SLOWEST;
	*fastest = JOIN_FASTEST;
}

static void begin(enum operation what)
{
	operation = what;
	confirmed = false;
	result = (struct mac_result){.status = -EIO};
}

int mac_join(uint16_t dev_nonce, uint8_t data_rate, uint32_t *wait_ms)
{
	MlmeReq_t request = {
		.Type = MLME_JOIN,
		.Req.Join = {.NetworkActivation = ACTIVATION_TYPE_OTAA, .Datarate = data_rate},
	};
	int ret;

	/* LoRaMac counts up before it uses it */
	mac_context()->Crypto.DevNonce = dev_nonce - 1;
	begin(OPERATION_JOIN);
	ret = status_to_errno(LoRaMacMlmeRequest(&request));
	*wait_ms = request.ReqReturn.DutyCycleWaitTime;
	if (ret < 0) {
		operation = OPERATION_NONE;
	}

	return ret;
}

static void ask_for(uint8_t what, Mlme_t type)
{
	MlmeReq_t request = {.Type = type};

	/* what did not get out with a frame that was refused goes with the next one */
	if ((asked & what) == 0 && LoRaMacMlmeRequest(&request) == LORAMAC_STATUS_OK) {
		asked |= what;
	}
}

int mac_send(uint8_t port, const uint8_t *bytes, uint8_t length, uint8_t ask, uint32_t *wait_ms)
{
	McpsReq_t request = {.Type = MCPS_UNCONFIRMED};
	LoRaMacTxInfo_t info;
	int ret;

	begin(OPERATION_FRAME);
	*wait_ms = 0;
	if (ask & MAC_ASK_LINK) {
		ask_for(MAC_ASK_LINK, MLME_LINK_CHECK);
	}
	if (ask & MAC_ASK_TIME) {
		ask_for(MAC_ASK_TIME, MLME_DEVICE_TIME);
	}
	/* LoRaMac would leave out the data, and say that all is well */
	if (length > 0 && LoRaMacQueryTxPossible(length, &info) != LORAMAC_STATUS_OK) {
		operation = OPERATION_NONE;
		return -EMSGSIZE;
	}

	request.Req.Unconfirmed.fPort = port;
	request.Req.Unconfirmed.fBuffer = length > 0 ? (void *)bytes : NULL;
	request.Req.Unconfirmed.fBufferSize = length;
	request.Req.Unconfirmed.Datarate = mac_context()->MacGroup1.ChannelsDatarate;
	ret = status_to_errno(LoRaMacMcpsRequest(&request));
	*wait_ms = request.ReqReturn.DutyCycleWaitTime;
	if (ret < 0) {
		operation = OPERATION_NONE;
	}

	return ret;
}

bool mac_ended(struct mac_result *how)
{
	if (operation == OPERATION_NONE || !confirmed || LoRaMacIsBusy()) {
		return false;
	}
	operation = OPERATION_NONE;
	*how = result;

	return true;
}

void mac_abort(void)
{
	LoRaMacReset();
	LoRaMacProcess();
	operation = OPERATION_NONE;
	asked = 0;
}

void mac_get_link(uint8_t ask, struct sp_link *link)
{
	const LoRaMacNvmData_t *context = mac_context();
	LoRaMacTxInfo_t info;
	int commands = 0;

	(void)LoRaMacQueryTxPossible(0, &info);
	commands = info.CurrentPossiblePayloadSize - info.MaxPossibleApplicationDataSize;
	commands += POPCOUNT(ask & ~asked);

	link->region = mac_region;
	link->data_rate = (uint8_t)context->MacGroup1.ChannelsDatarate;
	link->fopts_bytes = (uint8_t)MIN(commands, SP_FOPTS_MAX);
	link->battery = listener->battery();
	link->dwell_limited = context->MacGroup2.MacParams.UplinkDwellTime != 0;
}

uint32_t mac_gps_s(void)
{
	const uint32_t seconds = SysTimeGet().Seconds;

	return seconds > TIME_IS_KNOWN_S ? seconds - UNIX_GPS_EPOCH_OFFSET : seconds;
}

void mac_correct_clock(int32_t seconds)
{
	SysTime_t now = SysTimeGet();

	now.Seconds = mac_gps_s() + (uint32_t)seconds + UNIX_GPS_EPOCH_OFFSET;
	SysTimeSet(now);
}

uint32_t mac_unix_s(void)
{
	const uint32_t seconds = SysTimeGet().Seconds;

	return seconds > TIME_IS_KNOWN_S ? seconds - LEAP_SECONDS : 0;
}
