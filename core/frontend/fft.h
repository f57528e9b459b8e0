/* SPDX-License-Identifier: Apache-2.0 */

/* Power spectrum of 2n windowed real samples by a complex FFT of n: the even samples as real, the
 * odd as imaginary parts, split afterwards (H. V. Sorensen et al., "Real-valued fast Fourier
 * transform algorithms", IEEE Trans. ASSP 35(6), 1987). Decimation in time on bit-reversed input:
 * the first stage, radix 8 or 4 and without general twiddles, reads its samples where bit reversal
 * finds them and windows them on the way; the other stages are radix 4.
 *
 * Scaling: a windowed sample starts in 25 bits, sign included. The first stage scales by 1, every
 * later one by 1/2, which the upper half of a product gives for nothing. The window's values sum to
 * half their number, so a complex value stays below sqrt(2) * 2^29, a real bin within 2^30
 * (n = 512), and its power below 2^60.
 *
 * LANES columns are transformed side by side: a value is an array of LANES, and the innermost loop
 * runs over them, for the compiler to do at once. With one lane, as on the sensor, there is no
 * loop.
 */

#ifndef SOUNDPOST_FRONTEND_FFT_H_
#define SOUNDPOST_FRONTEND_FFT_H_

#include <stdint.h>

#include <soundpost/fixed.h>
#include <soundpost/frontend.h>

#include "scale.h"

/* Lanes never touch one another's values. */
#define FOR_EACH_LANE(lane) _Pragma("GCC ivdep") for (int lane = 0; lane < LANES; lane++)

/* A stage of the work is a function of its own, since compilers run short of registers in larger
 * ones; with lanes it is compiled for each generation of vector units and chosen at load time.
 */
#if LANES > 1 && defined(__x86_64__) && defined(__GLIBC__) && __GNUC__ >= 12
#define STAGE                                                                                      \
	static __attribute__((noinline,                                                            \
			      target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STAGE static __attribute__((noinline))
#endif

/** A bin of each lane: first its complex value, in the end the words of its power. */
union bin {
	struct {
		int32_t re[LANES];
		int32_t im[LANES];
	};
	struct {
		uint32_t low[LANES];
		uint32_t high[LANES];
	};
};

struct complex {
	int32_t re;
	int32_t im;
};

static inline struct complex load(const union bin *bin, int lane)
{
	return (struct complex){bin->re[lane], bin->im[lane]};
}

static inline void store(union bin *bin, int lane, struct complex value)
{
	bin->re[lane] = value.re;
	bin->im[lane] = value.im;
}

/* a w / 2. What is taken away is negated before it is rounded, as SMMLS does in one instruction of
 * a Cortex-M4.
 */
static inline struct complex half_product(struct complex a, struct sp_twiddle w)
{
	return (struct complex){
		sp_mulhi(a.re, w.re) + sp_mulhi(-a.im, w.im),
		sp_mulhi(a.re, w.im) + sp_mulhi(a.im, w.re),
	};
}

static inline struct complex add(struct complex a, struct complex b)
{
	return (struct complex){a.re + b.re, a.im + b.im};
}

static inline struct complex sub(struct complex a, struct complex b)
{
	return (struct complex){a.re - b.re, a.im - b.im};
}

/* a - j b */
static inline struct complex sub_j(struct complex a, struct complex b)
{
	return (struct complex){a.re + b.im, a.im - b.re};
}

/* a + j b */
static inline struct complex add_j(struct complex a, struct complex b)
{
	return (struct complex){a.re - b.im, a.im + b.re};
}

static inline struct complex shift(struct complex a, int bits)
{
	return (struct complex){a.re >> bits, a.im >> bits};
}

/* b exp(-j pi / 4) / 2^SCALE */
static inline struct complex rotated_eighth(struct complex b)
{
	const int32_t re = sp_mulhi(b.re, SCALED_SQRT_HALF);
	const int32_t im = sp_mulhi(b.im, SCALED_SQRT_HALF);

	return (struct complex){re + im, im - re};
}

/* -j b */
static inline struct complex rotated_quarter(struct complex b)
{
	return (struct complex){b.im, -b.re};
}

struct four {
	struct complex a, b, c, d;
};

/* Four-point transform in natural order, even outputs over 2^even_bits, odd ones over 2^odd_bits.
 */
static inline struct four transform4(struct four x, int even_bits, int odd_bits)
{
	const struct complex ac = shift(add(x.a, x.c), even_bits);
	const struct complex bd = shift(add(x.b, x.d), even_bits);
	const struct complex a_c = shift(sub(x.a, x.c), odd_bits);
	const struct complex b_d = shift(sub(x.b, x.d), odd_bits);

	return (struct four){add(ac, bd), sub_j(a_c, b_d), sub(ac, bd), add_j(a_c, b_d)};
}

/* A pair of samples, windowed: a complex input. */
static inline struct complex windowed(const int16_t *pair, int16_t even, int16_t odd)
{
	return (struct complex){pair[0] * even, pair[1] * odd};
}

/* Complex inputs i, i + n / 4, i + n / 2 and i + 3 n / 4, windowed. The periodic Hann window of 2 n
 * mirrors about its middle, n. Weights n samples apart add up to one at most, so the transform of
 * these four fits 32 bits before it is scaled down.
 */
static inline struct four first_inputs(const int16_t *samples, const int16_t *window, int n, int i,
				       int lane)
{
	const int quarter = n / 2 * LANES;
	const int16_t *a = samples + 2 * LANES * i + 2 * lane;
	const int16_t *b = a + quarter;
	const int16_t *c = b + quarter;
	const int16_t *d = c + quarter;
	const int16_t *rise = window + 2 * i;
	const int16_t *fall = window + n - 2 * i;

	return (struct four){
		windowed(a, rise[0], rise[1]),
		windowed(b, rise[n / 2], rise[n / 2 + 1]),
		windowed(c, fall[0], fall[-1]),
		windowed(d, fall[-n / 2], fall[-n / 2 - 1]),
	};
}

/* Count up in bit-reversed order: the carry runs down from bit top. */
static inline int reversed_next(int i, int top)
{
	while ((i & top) != 0) {
		i ^= top;
		top >>= 1;
	}

	return i | top;
}

STAGE void first_stage4(const int16_t *samples, const int16_t *window, int n, union bin *z)
{
	for (int m = 0, i = 0; m < n; m += 4, i = reversed_next(i, n / 8)) {
		FOR_EACH_LANE(lane) {
			const struct four out =
				transform4(first_inputs(samples, window, n, i, lane), SCALE, SCALE);

			store(z + m, lane, out.a);
			store(z + m + 1, lane, out.b);
			store(z + m + 2, lane, out.c);
			store(z + m + 3, lane, out.d);
		}
	}
}

/* Bins k and k + 4 of eight, from the even inputs' bin k, unscaled, and the odd inputs', rotated.
 */
static inline void store_joined(union bin *bin, int lane, struct complex even, struct complex odd)
{
	const struct complex scaled = shift(even, SCALE);

	store(bin, lane, add(scaled, odd));
	store(bin + 4, lane, sub(scaled, odd));
}

STAGE void first_stage8(const int16_t *samples, const int16_t *window, int n, union bin *z)
{
	for (int m = 0, i = 0; m < n; m += 8, i = reversed_next(i, n / 16)) {
		FOR_EACH_LANE(lane) {
			const struct four even =
				transform4(first_inputs(samples, window, n, i, lane), 0, 0);
			const struct four odd = transform4(
				first_inputs(samples, window, n, i + n / 8, lane), SCALE, 0);

			store_joined(z + m, lane, even.a, odd.a);
			store_joined(z + m + 1, lane, even.b, rotated_eighth(odd.b));
			store_joined(z + m + 2, lane, even.c, rotated_quarter(odd.c));
			store_joined(z + m + 3, lane, even.d,
				     rotated_quarter(rotated_eighth(odd.d)));
		}
	}
}

/* Join transforms of length q to such of 4 q, scaled by 1/2. Bit reversal, unlike digit reversal,
 * has put the four in the order 0, 2, 1, 3.
 */
STAGE void stage4(union bin *z, int n, int q, const struct sp_twiddle *twiddles)
{
	const int step = 3 * (n / (4 * q));

	for (int block = 0; block < n; block += 4 * q) {
		union bin *z0 = z + block;
		union bin *z1 = z0 + q;
		union bin *z2 = z1 + q;
		union bin *z3 = z2 + q;
		const struct sp_twiddle *w = twiddles;

		FOR_EACH_LANE(lane) {
			const struct four in = {
				shift(load(z0, lane), 1),
				shift(load(z2, lane), 1),
				shift(load(z1, lane), 1),
				shift(load(z3, lane), 1),
			};
			const struct four out = transform4(in, 0, 0);

			store(z0, lane, out.a);
			store(z1, lane, out.b);
			store(z2, lane, out.c);
			store(z3, lane, out.d);
		}
		for (int k = q - 1; k > 0; k--) {
			z0++;
			z1++;
			z2++;
			z3++;
			w += step;
			FOR_EACH_LANE(lane) {
				const struct four in = {
					shift(load(z0, lane), 1),
					half_product(load(z2, lane), w[0]),
					half_product(load(z1, lane), w[1]),
					half_product(load(z3, lane), w[2]),
				};
				const struct four out = transform4(in, 0, 0);

				store(z0, lane, out.a);
				store(z1, lane, out.b);
				store(z2, lane, out.c);
				store(z3, lane, out.d);
			}
		}
	}
}

static inline void store_power(union bin *bin, int lane, int32_t re, int32_t im)
{
	const uint64_t power = (uint64_t)((int64_t)re * re + (int64_t)im * im);

	bin->low[lane] = (uint32_t)power;
	bin->high[lane] = (uint32_t)(power >> 32);
}

/* Z of the packed samples to |X|^2 of the real ones:
 * X[k] = (Z[k] + Z*[n-k]) / 2 - j W^k (Z[k] - Z*[n-k]) / 2, and X[n-k] from the same sums.
 */
STAGE void split_powers(union bin *z, int n, const struct sp_twiddle *split)
{
	FOR_EACH_LANE(lane) {
		const struct complex first = load(z, lane);

		store_power(z, lane, first.re + first.im, 0);
		store_power(z + n, lane, first.re - first.im, 0);
	}
	for (int k = 1; k <= n / 2; k++) {
		const struct sp_twiddle w = split[k];

		FOR_EACH_LANE(lane) {
			const struct complex a = load(z + k, lane);
			const struct complex b = load(z + n - k, lane);
			const struct complex twice = {a.re - b.re, a.im + b.im};
			const struct complex even = {b.re + (twice.re >> 1),
						     (twice.im >> 1) - b.im};
			const struct complex odd = half_product(twice, w);

			store_power(z + k, lane, even.re + odd.im, even.im - odd.re);
			store_power(z + n - k, lane, even.re - odd.im, even.im + odd.re);
		}
	}
}

/* Powers of bins 0 to fft_size / 2 from fft_size samples of each lane, two by two: the first two of
 * every lane, the next two of every lane and so on.
 */
static inline void power_spectrum(const struct sp_frontend_tables *tables, const int16_t *samples,
				  union bin *bins)
{
	const int n = tables->fft_size / 2;
	int q = 4;

	if ((__builtin_clz((unsigned int)n) & 1) == 0) {
		first_stage8(samples, tables->window, n, bins);
		q = 8;
	} else {
		first_stage4(samples, tables->window, n, bins);
	}
	for (; q < n; q *= 4) {
		stage4(bins, n, q, tables->twiddles);
	}
	split_powers(bins, n, tables->split);
}

#endif /* SOUNDPOST_FRONTEND_FFT_H_ */
