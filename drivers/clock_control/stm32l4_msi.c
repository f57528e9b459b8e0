/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief What Zephyr 3.7's driver leaves undone where the MSI, locked to the crystal, is the clock.
 *
 * That driver sets MSIPLLEN before it has started the crystal, and the hardware does not take it
 * then (RM0351, RCC_CR): after a power-on the MSI would run free. Later versions start the crystal
 * first (github.com/zephyrproject-rtos/zephyr/pull/97622).
 */

#include <errno.h>

#include <stm32_ll_rcc.h>

#include <zephyr/drivers/clock_control/stm32_clock_control.h>
#include <zephyr/init.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/util.h>

LOG_MODULE_REGISTER(stm32l4_msi, CONFIG_CLOCK_CONTROL_LOG_LEVEL);

BUILD_ASSERT(STM32_LSE_ENABLED, "msi-pll-mode needs clk_lse");

static int stm32l4_msi_init(void)
{
	/* the driver has waited for the crystal */
	LL_RCC_MSI_EnablePLLMode();
	if (READ_BIT(RCC->CR, RCC_CR_MSIPLLEN) == 0) {
		LOG_ERR("Could not lock the MSI to the crystal");
		return -EIO;
	}
	/* what a boot loader had for its clock, and the driver to change the PLL */
	if (!IS_ENABLED(STM32_HSI_ENABLED)) {
		LL_RCC_HSI_Disable();
	}

	return 0;
}

SYS_INIT(stm32l4_msi_init, PRE_KERNEL_2, 0);
