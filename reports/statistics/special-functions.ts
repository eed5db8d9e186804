// Sources: saddle-point binomial, Poisson and negative binomial probabilities, Loader (2000); Binet's series for the
// gamma function (Whittaker and Watson, section 12.31); continued fractions of the incomplete beta and gamma
// functions, DLMF 8.17.22 and 8.9.2, evaluated as in Lentz (1976); normal quantile start, Abramowitz and Stegun
// 26.2.23, polished by Halley's method. Beside them the upper tails P(X >= k) the other files need.

const HALF_LOG_TWO_PI = 0.9189385332046728;
const TINY = 1e-300;
const MAX_TERMS = 100_000;

/** What Stirling's formula leaves out: log gamma(x) - [(x - 1/2) log x - x + log sqrt(2 pi)], for x > 0. */
function stirlingError(x: number): number {
  let sum = 0;
  let y = x;
  while (y < 16) {
    sum += (y + 0.5) * Math.log1p(1 / y) - 1;
    y++;
  }
  const s = 1 / (y * y);
  const series =
    1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))));
  return sum + series / y;
}

/** Natural logarithm of the gamma function, x > 0; 1e-15 absolute near its zeros at 1 and 2, else relative. */
export function logGamma(x: number): number {
  if (x === 1 || x === 2) return 0;
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingError(x);
}

/** x log(x / m) + m - x without cancellation when x is near m (Loader's deviance part). */
function devianceTerm(x: number, m: number): number {
  if (x === 0) return m;
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
  return sum;
}

/** Probability of x in n trials at chance p (x and n may be real); q is 1 - p, passed so that no digits are lost. */
export function binomialDensity(x: number, n: number, p: number, q: number): number {
  if (p === 0) return x === 0 ? 1 : 0;
  if (q === 0) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(p < 0.1 ? n * Math.log1p(-p) : n * Math.log(q));
  if (x === n) return Math.exp(q < 0.1 ? n * Math.log1p(-q) : n * Math.log(p));
  const correction =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    devianceTerm(x, n * p) -
    devianceTerm(n - x, n * q);
  return Math.exp(correction) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** Poisson probability of x (real, not negative) at mean m > 0. */
function poissonDensity(x: number, m: number): number {
  if (x === 0) return Math.exp(-m);
  return Math.exp(-stirlingError(x) - devianceTerm(x, m)) / Math.sqrt(2 * Math.PI * x);
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < TINY ? TINY : d);
  let h = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return h;
}

/** Regularised incomplete beta I_x(a, b), 0 <= x <= 1, a and b > 0. Pass 1 - x when it is known more exactly. */
export function regularisedBeta(x: number, a: number, b: number, complement = 1 - x): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const front = binomialDensity(a, a + b, x, complement) / (a + b);
  if (x <= (a + 1) / (a + b + 2)) return Math.min(1, front * b * betaFraction(x, a, b));
  return Math.max(0, 1 - front * a * betaFraction(complement, b, a));
}

function gammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let i = 1; i < MAX_TERMS && term > sum * 1e-17; i++) {
    term *= x / (a + i);
    sum += term;
  }
  return poissonDensity(a, x) * sum;
}

function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < MAX_TERMS; i++) {
    const an = -i * (i - a);
    b += 2;
    d = an * d + b;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = b + an / c;
    if (Math.abs(c) < TINY) c = TINY;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return poissonDensity(a, x) * a * h;
}

/** Regularised lower incomplete gamma P(a, x), a > 0, x >= 0. */
export function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** Regularised upper incomplete gamma Q(a, x) = 1 - P(a, x), accurate far into the tail. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/** P(Z > z) for a standard normal, accurate to the smallest double. */
export function normalUpperTail(z: number): number {
  const half = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? half : 1 - half;
}

/** P(Z <= z) for a standard normal. */
export function normalCdf(z: number): number {
  return normalUpperTail(-z);
}

/** The z with P(Z <= z) = p, 0 < p < 1. */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const t = Math.sqrt(-2 * Math.log(tail));
  let z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let i = 0; i < 3; i++) {
    const error = (normalUpperTail(z) - tail) / Math.exp(-(z * z) / 2 - HALF_LOG_TWO_PI);
    z += error / (1 - (z * error) / 2);
  }
  return p < 0.5 ? -z : z;
}

/** P(X >= k), X ~ Binomial(n, p), k and n whole. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  return regularisedBeta(p, k, n - k + 1);
}

/** P(X >= k), X ~ Poisson(mean), k whole. */
export function poissonUpperTail(k: number, mean: number): number {
  if (k <= 0) return 1;
  return lowerGamma(k, mean);
}

/** P(X >= k), X negative binomial of the given mean and size (variance mean + mean^2 / size), k whole. */
export function negativeBinomialUpperTail(k: number, mean: number, size: number): number {
  if (k <= 0) return 1;
  if (mean <= 0) return 0;
  return regularisedBeta(mean / (mean + size), k, size, size / (mean + size));
}

/** Probability of exactly x, X negative binomial of the given mean and size, x whole, mean > 0. */
export function negativeBinomialDensity(x: number, mean: number, size: number): number {
  const total = mean + size;
  if (x === 0) return Math.exp(-size * Math.log1p(mean / size));
  return (size / (size + x)) * binomialDensity(size, size + x, size / total, mean / total);
}

/** P(X >= k), X beta-binomial: n trials, chance drawn from Beta(alpha, beta); k and n whole. */
export function betaBinomialUpperTail(k: number, n: number, alpha: number, beta: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  const above = k * (alpha + beta) > n * alpha;
  return above
    ? betaBinomialSum(k, n, alpha, beta)
    : Math.max(0, 1 - betaBinomialSum(n - k + 1, n, beta, alpha));
}

/** Sum of the probabilities of k..n; the first as a ratio of three negative binomial ones, which loses no digits. */
function betaBinomialSum(k: number, n: number, alpha: number, beta: number): number {
  const odds = n / (alpha + beta);
  let term =
    (negativeBinomialDensity(k, alpha * odds, alpha) * negativeBinomialDensity(n - k, beta * odds, beta)) /
    negativeBinomialDensity(n, n, alpha + beta);
  let sum = 0;
  for (let x = k; x <= n; x++) {
    sum += term;
    if (beta >= 1 && term < sum * 1e-18) break;
    term *= ((n - x) / (x + 1)) * ((x + alpha) / (n - x - 1 + beta));
  }
  return Math.min(1, sum);
}

/** The x in [low, high] at which an increasing function reaches target, by bisection to the last bit. */
export function solveIncreasing(f: (x: number) => number, target: number, low: number, high: number): number {
  let a = low;
  let b = high;
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2;
    if (middle <= a || middle >= b) break;
    if (f(middle) < target) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
