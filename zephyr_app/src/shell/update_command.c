/* SPDX-License-Identifier: Apache-2.0 */

#include <zephyr/dfu/mcuboot.h>
#include <zephyr/shell/shell.h>
#include <zephyr/storage/flash_map.h>

static int cmd_status(const struct shell *sh, size_t argc, char **argv)
{
	struct mcuboot_img_header header;

	shell_print(sh, "This image is %s", boot_is_img_confirmed() ? "kept" : "tried");
	if (boot_read_bank_header(FIXED_PARTITION_ID(slot1_partition), &header, sizeof(header)) <
	    0) {
		shell_print(sh, "There is no other image");
		return 0;
	}
	shell_print(sh, "The other one is %u.%u.%u, %u bytes", header.h.v1.sem_ver.major,
		    header.h.v1.sem_ver.minor, header.h.v1.sem_ver.revision,
		    header.h.v1.image_size);

	return 0;
}

static int cmd_try(const struct shell *sh, size_t argc, char **argv)
{
	struct mcuboot_img_header header;
	int ret;

	/* the request is taken for an empty slot too */
	ret = boot_read_bank_header(FIXED_PARTITION_ID(slot1_partition), &header, sizeof(header));
	if (ret < 0) {
		shell_error(sh, "There is no other image (%d): write one into the second slot",
			    ret);
		return ret;
	}
	ret = boot_request_upgrade(BOOT_UPGRADE_TEST);
	if (ret < 0) {
		shell_error(sh, "Could not ask for the other image (%d)", ret);
		return ret;
	}
	shell_print(sh, "The other image is tried at the next reset");

	return 0;
}

SHELL_STATIC_SUBCMD_SET_CREATE(update_commands,
			       SHELL_CMD_ARG(status, NULL, "The images", cmd_status, 1, 0),
			       SHELL_CMD_ARG(try, NULL, "Try the other image at the next reset",
					     cmd_try, 1, 0),
			       SHELL_SUBCMD_SET_END);
SHELL_CMD_REGISTER(update, &update_commands, "Update by MCUboot", NULL);
