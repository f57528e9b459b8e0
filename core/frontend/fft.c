/* SPDX-License-Identifier: Apache-2.0 */

/* Real FFT of 2n samples by a complex FFT of n: the even samples as real, the odd as imaginary
 * parts, split afterwards (H. V. Sorensen et al., "Real-valued fast Fourier transform algorithms",
 * IEEE Trans. ASSP 35(6), 1987). Decimation in time on bit-reversed input: the first stage, radix 8
 * or 4 and without general twiddles, reads its samples where bit reversal finds them and windows
 * them on the way; the other stages are radix 4.
 *
 * Scaling: a windowed sample starts in 25 bits, sign included. The first stage scales by 1, every
 * later one by 1/2, which the upper half of a product gives for nothing. So a complex value grows
 * by at most 8 * 2^3 (n = 512), and stays below sqrt(2) * 2^30.
 */

#include <soundpost/fixed.h>

#include "fft.h"

#define SAMPLE_BITS 24

/* sqrt(1/2) in Q32 */
#define SQRT_HALF_Q32 3037000500u

struct complex {
	int32_t re;
	int32_t im;
};

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

static inline struct complex half(struct complex a)
{
	return (struct complex){a.re >> 1, a.im >> 1};
}

/* x sqrt(1/2); the constant does not fit 32 bits with its sign */
static inline int32_t times_sqrt_half(int32_t x)
{
	return (int32_t)(((int64_t)x * SQRT_HALF_Q32) >> 32);
}

/* Four-point transform of the values at x, in natural order. */
static inline void transform4(struct complex a, struct complex b, struct complex c,
			      struct complex d, struct complex *out, int stride)
{
	const struct complex ac = add(a, c);
	const struct complex bd = add(b, d);
	const struct complex a_c = sub(a, c);
	const struct complex b_d = sub(b, d);

	out[0] = add(ac, bd);
	out[stride] = sub_j(a_c, b_d);
	out[2 * stride] = sub(ac, bd);
	out[3 * stride] = add_j(a_c, b_d);
}

/* The windowed pair of samples that is complex input i < n / 2, where the window rises. */
static inline struct complex rising(const int16_t *samples, const int16_t *window, int i)
{
	return (struct complex){
		(samples[2 * i] * window[2 * i]) >> (30 - SAMPLE_BITS),
		(samples[2 * i + 1] * window[2 * i + 1]) >> (30 - SAMPLE_BITS),
	};
}

/* The same for n / 2 <= i < n: the periodic Hann window of 2 n mirrors about its middle, n. */
static inline struct complex falling(const int16_t *samples, const int16_t *window, int n, int i)
{
	return (struct complex){
		(samples[2 * i] * window[2 * (n - i)]) >> (30 - SAMPLE_BITS),
		(samples[2 * i + 1] * window[2 * (n - i) - 1]) >> (30 - SAMPLE_BITS),
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

static void first_stage4(const int16_t *samples, const int16_t *window, int n, struct complex *z)
{
	const int q = n / 4;

	for (int m = 0, i = 0; m < n; m += 4, i = reversed_next(i, q / 2)) {
		transform4(rising(samples, window, i), rising(samples, window, i + q),
			   falling(samples, window, n, i + 2 * q),
			   falling(samples, window, n, i + 3 * q), z + m, 1);
	}
}

static void first_stage8(const int16_t *samples, const int16_t *window, int n, struct complex *z)
{
	const int q = n / 8;

	for (int m = 0, i = 0; m < n; m += 8, i = reversed_next(i, q / 2)) {
		struct complex even[4];
		struct complex odd[4];

		transform4(rising(samples, window, i), rising(samples, window, i + 2 * q),
			   falling(samples, window, n, i + 4 * q),
			   falling(samples, window, n, i + 6 * q), even, 1);
		transform4(rising(samples, window, i + q), rising(samples, window, i + 3 * q),
			   falling(samples, window, n, i + 5 * q),
			   falling(samples, window, n, i + 7 * q), odd, 1);

		/* exp(-j pi / 4) and exp(-3 j pi / 4) */
		const struct complex odd1 = {times_sqrt_half(odd[1].re + odd[1].im),
					     times_sqrt_half(odd[1].im - odd[1].re)};
		const struct complex odd3 = {times_sqrt_half(odd[3].im - odd[3].re),
					     -times_sqrt_half(odd[3].re + odd[3].im)};

		z[m] = add(even[0], odd[0]);
		z[m + 1] = add(even[1], odd1);
		z[m + 2] = sub_j(even[2], odd[2]);
		z[m + 3] = add(even[3], odd3);
		z[m + 4] = sub(even[0], odd[0]);
		z[m + 5] = sub(even[1], odd1);
		z[m + 6] = add_j(even[2], odd[2]);
		z[m + 7] = sub(even[3], odd3);
	}
}

/* Join transforms of length q to such of 4 q, scaled by 1/2. Bit reversal, unlike digit reversal,
 * has put the four in the order 0, 2, 1, 3.
 */
static void stage4(struct complex *z, int n, int q, const struct sp_twiddle *twiddles)
{
	const int step = n / (4 * q);

	for (int block = 0; block < n; block += 4 * q) {
		struct complex *x = z + block;

		transform4(half(x[0]), half(x[2 * q]), half(x[q]), half(x[3 * q]), x, q);
	}
	for (int k = 1; k < q; k++) {
		const struct sp_twiddle w1 = twiddles[k * step];
		const struct sp_twiddle w2 = twiddles[2 * k * step];
		const struct sp_twiddle w3 = twiddles[3 * k * step];

		for (int block = k; block < n; block += 4 * q) {
			struct complex *x = z + block;

			transform4(half(x[0]), half_product(x[2 * q], w1), half_product(x[q], w2),
				   half_product(x[3 * q], w3), x, q);
		}
	}
}

static inline struct complex rounded_shift(struct complex a, int shift)
{
	const int32_t round = (1 << shift) >> 1;

	return (struct complex){(a.re + round) >> shift, (a.im + round) >> shift};
}

/* Z of the packed samples to X of the real ones, X / 2^shift:
 * X[k] = (Z[k] + Z*[n-k]) / 2 - j W^k (Z[k] - Z*[n-k]) / 2, and X[n-k] from the same sums.
 */
static void split_real(struct complex *z, int n, const struct sp_twiddle *split, int shift)
{
	const struct complex first = z[0];

	z[0] = rounded_shift((struct complex){first.re + first.im, 0}, shift);
	z[n] = rounded_shift((struct complex){first.re - first.im, 0}, shift);
	for (int k = 1; k <= n / 2; k++) {
		const struct complex a = z[k];
		const struct complex b = {z[n - k].re, -z[n - k].im};
		const struct complex even = half(add(a, b));
		const struct complex odd = half_product(sub(a, b), split[k]);
		const struct complex low = sub_j(even, odd);
		const struct complex high = add_j(even, odd);

		z[k] = rounded_shift(low, shift);
		z[n - k] = rounded_shift((struct complex){high.re, -high.im}, shift);
	}
}

void sp_fft_real(const struct sp_frontend_tables *tables, const int16_t *samples, int bits,
		 int32_t *bins)
{
	struct complex *z = (struct complex *)bins;
	const int n = tables->fft_size / 2;
	const int log2_n = 31 - __builtin_clz((unsigned int)n);
	int q = (log2_n & 1) != 0 ? 8 : 4;
	/* Full-scale DC, windowed, sums to half its samples: 2^(SAMPLE_BITS + log2_n). */
	int dc_bits = SAMPLE_BITS + log2_n;

	if (q == 8) {
		first_stage8(samples, tables->window, n, z);
	} else {
		first_stage4(samples, tables->window, n, z);
	}
	for (; q < n; q *= 4) {
		stage4(z, n, q, tables->twiddles);
		dc_bits--;
	}
	split_real(z, n, tables->split, dc_bits - bits);
}
