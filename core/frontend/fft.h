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

/* Lanes never touch one another's values. */
#define FOR_EACH_LANE(lane) _Pragma("GCC ivdep") for (int lane = 0; lane < LANES; lane++)

#define SAMPLE_BITS 24

/* Powers are kept in 48 bits. */
#define POWER_SHIFT 12

/* sqrt(1/2) in Q31 */
#define SQRT_HALF_Q31 1518500250

/** A bin of each lane: first its complex value, in the end its power. */
union bin {
	struct {
		int32_t re[LANES];
		int32_t im[LANES];
	};
	uint64_t power[LANES];
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

/* a w / 2 */
static inline struct complex half_product(struct complex a, struct sp_twiddle w)
{
	return (struct complex){
		sp_mulhi(a.re, w.re) - sp_mulhi(a.im, w.im),
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

/* x sqrt(1/2) */
static inline int32_t times_sqrt_half(int32_t x)
{
	return sp_mulhi(2 * x, SQRT_HALF_Q31);
}

struct four {
	struct complex a, b, c, d;
};

/* Four-point transform of values over 2^bits, in natural order. */
static inline struct four transform4(struct four x, int bits)
{
	const struct complex ac = shift(add(x.a, x.c), bits);
	const struct complex bd = shift(add(x.b, x.d), bits);
	const struct complex a_c = shift(sub(x.a, x.c), bits);
	const struct complex b_d = shift(sub(x.b, x.d), bits);

	return (struct four){add(ac, bd), sub_j(a_c, b_d), sub(ac, bd), add_j(a_c, b_d)};
}

/* The windowed pair of samples that is complex input i < n / 2, where the window rises. */
static inline struct complex rising(const int16_t *samples, const int16_t *window, int i, int lane)
{
	const int16_t *pair = samples + 2 * (i * LANES + lane);

	return (struct complex){pair[0] * window[2 * i], pair[1] * window[2 * i + 1]};
}

/* The same for i + n / 2: the periodic Hann window of 2 n mirrors about its middle, n. */
static inline struct complex falling(const int16_t *samples, const int16_t *window, int n, int i,
				     int lane)
{
	const int16_t *pair = samples + 2 * ((i + n / 2) * LANES + lane);

	return (struct complex){pair[0] * window[n - 2 * i], pair[1] * window[n - 2 * i - 1]};
}

/* Complex inputs i, i + n / 4, i + n / 2 and i + 3 n / 4, windowed and transformed. Weights n
 * samples apart add up to one, so products may be added before they are scaled down.
 */
static inline struct four first_transform4(const int16_t *samples, const int16_t *window, int n,
					   int i, int lane)
{
	const struct four x = {
		rising(samples, window, i, lane),
		rising(samples, window, i + n / 4, lane),
		falling(samples, window, n, i, lane),
		falling(samples, window, n, i + n / 4, lane),
	};

	return transform4(x, 30 - SAMPLE_BITS);
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

static inline void first_stage4(const int16_t *samples, const int16_t *window, int n, union bin *z)
{
	for (int m = 0, i = 0; m < n; m += 4, i = reversed_next(i, n / 8)) {
		FOR_EACH_LANE(lane)
		{
			const struct four out = first_transform4(samples, window, n, i, lane);

			store(z + m, lane, out.a);
			store(z + m + 1, lane, out.b);
			store(z + m + 2, lane, out.c);
			store(z + m + 3, lane, out.d);
		}
	}
}

static inline void first_stage8(const int16_t *samples, const int16_t *window, int n, union bin *z)
{
	for (int m = 0, i = 0; m < n; m += 8, i = reversed_next(i, n / 16)) {
		FOR_EACH_LANE(lane)
		{
			const struct four even = first_transform4(samples, window, n, i, lane);
			const struct four odd =
				first_transform4(samples, window, n, i + n / 8, lane);
			/* exp(-j pi / 4), and exp(-3 j pi / 4) less a sign of the imaginary part */
			const struct complex b = {times_sqrt_half(odd.b.re + odd.b.im),
						  times_sqrt_half(odd.b.im - odd.b.re)};
			const struct complex d = {times_sqrt_half(odd.d.im - odd.d.re),
						  times_sqrt_half(odd.d.re + odd.d.im)};

			store(z + m, lane, add(even.a, odd.a));
			store(z + m + 1, lane, add(even.b, b));
			store(z + m + 2, lane, sub_j(even.c, odd.c));
			store(z + m + 3, lane,
			      (struct complex){even.d.re + d.re, even.d.im - d.im});
			store(z + m + 4, lane, sub(even.a, odd.a));
			store(z + m + 5, lane, sub(even.b, b));
			store(z + m + 6, lane, add_j(even.c, odd.c));
			store(z + m + 7, lane,
			      (struct complex){even.d.re - d.re, even.d.im + d.im});
		}
	}
}

/* Four-point transform of x to the bins from z on, q apart. */
static inline void store_transform4(struct four x, union bin *z, int q, int lane)
{
	const struct four out = transform4(x, 0);

	store(z, lane, out.a);
	store(z + q, lane, out.b);
	store(z + 2 * q, lane, out.c);
	store(z + 3 * q, lane, out.d);
}

/* Join transforms of length q to such of 4 q, scaled by 1/2. Bit reversal, unlike digit reversal,
 * has put the four in the order 0, 2, 1, 3.
 */
static inline void stage4(union bin *z, int n, int q, const struct sp_twiddle *twiddles)
{
	const int step = n / (4 * q);

	for (int block = 0; block < n; block += 4 * q) {
		union bin *x = z + block;

		FOR_EACH_LANE(lane)
		{
			const struct four in = {
				shift(load(x, lane), 1),
				shift(load(x + 2 * q, lane), 1),
				shift(load(x + q, lane), 1),
				shift(load(x + 3 * q, lane), 1),
			};

			store_transform4(in, x, q, lane);
		}
	}
	for (int k = 1; k < q; k++) {
		const struct sp_twiddle w1 = twiddles[k * step];
		const struct sp_twiddle w2 = twiddles[2 * k * step];
		const struct sp_twiddle w3 = twiddles[3 * k * step];

		for (int block = k; block < n; block += 4 * q) {
			union bin *x = z + block;

			FOR_EACH_LANE(lane)
			{
				const struct four in = {
					shift(load(x, lane), 1),
					half_product(load(x + 2 * q, lane), w1),
					half_product(load(x + q, lane), w2),
					half_product(load(x + 3 * q, lane), w3),
				};

				store_transform4(in, x, q, lane);
			}
		}
	}
}

static inline uint64_t power(int32_t re, int32_t im)
{
	return (uint64_t)((int64_t)re * re + (int64_t)im * im) >> POWER_SHIFT;
}

/* Z of the packed samples to |X|^2 of the real ones:
 * X[k] = (Z[k] + Z*[n-k]) / 2 - j W^k (Z[k] - Z*[n-k]) / 2, and X[n-k] from the same sums.
 */
static inline void split_powers(union bin *z, int n, const struct sp_twiddle *split)
{
	/* Powers take the place of other lanes' values, so they wait until all are done. */
	union bin low;
	union bin high;

	FOR_EACH_LANE(lane)
	{
		const struct complex first = load(z, lane);

		low.power[lane] = power(first.re + first.im, 0);
		high.power[lane] = power(first.re - first.im, 0);
	}
	z[0] = low;
	z[n] = high;
	for (int k = 1; k <= n / 2; k++) {
		const struct sp_twiddle w = split[k];

		FOR_EACH_LANE(lane)
		{
			const struct complex a = load(z + k, lane);
			const struct complex b = load(z + n - k, lane);
			const struct complex even = {(a.re + b.re) >> 1, (a.im - b.im) >> 1};
			const struct complex odd =
				half_product((struct complex){a.re - b.re, a.im + b.im}, w);

			low.power[lane] = power(even.re + odd.im, even.im - odd.re);
			high.power[lane] = power(even.re - odd.im, even.im + odd.re);
		}
		z[k] = low;
		z[n - k] = high;
	}
}

/* log2 of librosa's power over ours: full-scale direct current, windowed, sums to n in its scale,
 * to 2^SAMPLE_BITS n over the stages' scaling in ours.
 */
static inline int power_octaves(int n)
{
	const int log2_n = 31 - __builtin_clz((unsigned int)n);
	const int halvings = (log2_n - 2) / 2;

	return 2 * (halvings - SAMPLE_BITS) + POWER_SHIFT;
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
		q = 8;
		first_stage8(samples, tables->window, n, bins);
	} else {
		first_stage4(samples, tables->window, n, bins);
	}
	for (; q < n; q *= 4) {
		stage4(bins, n, q, tables->twiddles);
	}
	split_powers(bins, n, tables->split);
}

#endif /* SOUNDPOST_FRONTEND_FFT_H_ */
