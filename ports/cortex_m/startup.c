/* SPDX-License-Identifier: Apache-2.0 */

/* Start of a Cortex-M under QEMU: vectors, memory, the FPU where there is one, semihosting for
 * files, and the arguments that -semihosting-config arg=... gives.
 */

#include <stdint.h>
#include <stdlib.h>

#define SYS_GET_CMDLINE 0x15

#define SCB_CPACR   (*(volatile uint32_t *)0xE000ED88)
#define CPACR_FPU   (0xFu << 20)
#define SYST_CSR    (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR    (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR    (*(volatile uint32_t *)0xE000E018)
#define SYST_ENABLE 5u

#define ARGUMENTS_MAX 24

extern uint32_t __stack_top[];
extern uint32_t __data_load[];
extern uint32_t __data_start[];
extern uint32_t __data_end[];
extern uint32_t __bss_start[];
extern uint32_t __bss_end[];

void initialise_monitor_handles(void);
void __libc_init_array(void);
int main(int argc, char **argv);

void reset_handler(void);
void fault_handler(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
	__stack_top,	       (void *)reset_handler, (void *)fault_handler, (void *)fault_handler,
	(void *)fault_handler, (void *)fault_handler, (void *)fault_handler,
};

/* newlib's start file, which is not linked, would define these for __libc_init_array */
void _init(void)
{
}

void _fini(void)
{
}

static int semihost(int operation, void *argument)
{
	register int r0 __asm__("r0") = operation;
	register void *r1 __asm__("r1") = argument;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");

	return r0;
}

static int split_arguments(char *line, char **argv)
{
	int argc = 0;

	while (*line != '\0' && argc < ARGUMENTS_MAX) {
		while (*line == ' ') {
			*line++ = '\0';
		}
		if (*line != '\0') {
			argv[argc++] = line;
		}
		while (*line != '\0' && *line != ' ') {
			line++;
		}
	}

	return argc;
}

void fault_handler(void)
{
	_Exit(70);
}

void reset_handler(void)
{
	static char line[1024];
	static char *argv[ARGUMENTS_MAX + 1];
	struct {
		char *text;
		int size;
	} command_line = {line, sizeof(line)};

#ifdef __ARM_FP
	SCB_CPACR |= CPACR_FPU;
	__asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
	for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;) {
		*to++ = *from++;
	}
	for (uint32_t *to = __bss_start; to < __bss_end;) {
		*to++ = 0;
	}
	SYST_RVR = 0xFFFFFF;
	SYST_CVR = 0;
	SYST_CSR = SYST_ENABLE;

	initialise_monitor_handles();
	__libc_init_array();
	semihost(SYS_GET_CMDLINE, &command_line);
	exit(main(split_arguments(line, argv), argv));
}
