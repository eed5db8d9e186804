import { expect, test } from 'vitest';
import {
  betaBinomialUpperTail,
  binomialUpperTail,
  logGamma,
  lowerGamma,
  negativeBinomialDensity,
  negativeBinomialUpperTail,
  normalCdf,
  normalQuantile,
  normalUpperTail,
  poissonUpperTail,
  regularisedBeta,
  solveIncreasing,
  upperGamma,
} from '../../../reports/statistics/special-functions.ts';

// Worked out in 50-digit arithmetic.
const KNOWN: [name: string, got: number, wanted: number][] = [
  ['logGamma(1e-8)', logGamma(1e-8), 18.42068073818021],
  ['logGamma(0.3)', logGamma(0.3), 1.0957979948180756],
  ['logGamma(0.5)', logGamma(0.5), 0.5723649429247001],
  ['logGamma(1.5)', logGamma(1.5), -0.12078223763524522],
  ['logGamma(2.5)', logGamma(2.5), 0.2846828704729192],
  ['logGamma(7)', logGamma(7), 6.579251212010101],
  ['logGamma(15.99)', logGamma(15.99), 27.87186447594001],
  ['logGamma(100.25)', logGamma(100.25), 360.28455963776423],
  ['logGamma(3000)', logGamma(3000), 21016.018485477896],
  ['logGamma(68000.5)', logGamma(68000.5), 688654.801860681],
  ['I(.3; 2, 5)', regularisedBeta(0.3, 2, 5), 0.579825],
  ['I(.001; .5, 30)', regularisedBeta(0.001, 0.5, 30), 0.19276269384046288],
  ['I(.999; 30, .5)', regularisedBeta(0.999, 30, 0.5), 0.8072373061595371],
  ['I(.02; 12, 989)', regularisedBeta(0.02, 12, 989), 0.9795589254004117],
  ['I(.5; 10000, 10100)', regularisedBeta(0.5, 1e4, 1.01e4), 0.7597074115437525],
  ['I(.9; 3, .2)', regularisedBeta(0.9, 3, 0.2), 0.1941412796298972],
  ['I(.01; 140, 3000)', regularisedBeta(0.01, 140, 3000), 1.1744738795805504e-46],
  ['P(.5, .1)', lowerGamma(0.5, 0.1), 0.34527915398142295],
  ['Q(.5, .1)', upperGamma(0.5, 0.1), 0.654720846018577],
  ['P(.5, 450)', lowerGamma(0.5, 450), 1],
  ['Q(.5, 450)', upperGamma(0.5, 450), 9.813427854296374e-198],
  ['P(10, 3)', lowerGamma(10, 3), 0.0011024881301154798],
  ['Q(10, 30)', upperGamma(10, 30), 0.000007121750862815577],
  ['P(3000, 2900)', lowerGamma(3000, 2900), 0.032859991921120976],
  ['Q(3000, 2900)', upperGamma(3000, 2900), 0.967140008078879],
  ['Q(1045, 1200)', upperGamma(1045, 1200), 0.000002252959357829777],
  ['normal above 3', normalUpperTail(3), 0.0013498980316300946],
  ['normal above 8', normalUpperTail(8), 6.220960574271784e-16],
  ['normal above 37', normalUpperTail(37), 5.725571222524577e-300],
  ['normal to -1.96', normalCdf(-1.959963984540054), 0.025000000000000015],
  ['normal to -0.5', normalCdf(-0.5), 0.3085375387259869],
  ['quantile .975', normalQuantile(0.975), 1.9599639845400543],
  ['quantile .999', normalQuantile(0.999), 3.0902323061678136],
  ['quantile 1e-10', normalQuantile(1e-10), -6.361340902404057],
  ['quantile .3', normalQuantile(0.3), -0.5244005127080408],
  ['binomial 1 of 10', binomialUpperTail(1, 10, 0.001), 0.00995511979025179],
  ['binomial 20 of 500', binomialUpperTail(20, 500, 0.01), 2.774629923620726e-7],
  ['binomial 160 of 3000', binomialUpperTail(160, 3000, 0.02), 1.7013638248709996e-27],
  ['binomial 7 of 3000', binomialUpperTail(7, 3000, 0.00001), 4.197635022043822e-15],
  ['Poisson 1', poissonUpperTail(1, 0.001), 0.0009995001666250082],
  ['Poisson 13', poissonUpperTail(13, 8.48), 0.08971363221135768],
  ['Poisson 40', poissonUpperTail(40, 9.5), 1.5313133329059162e-13],
  ['Poisson 300', poissonUpperTail(300, 250), 0.0011623936310546183],
  ['negative binomial 5', negativeBinomialUpperTail(5, 0.5, 0.3), 0.017231752817175844],
  ['negative binomial 41', negativeBinomialUpperTail(41, 3.2, 0.4), 0.0013158208832057749],
  ['negative binomial 1', negativeBinomialUpperTail(1, 2, 1000), 0.8643941364203702],
  ['beta-binomial 3', betaBinomialUpperTail(3, 10, 0.5, 0.7), 0.5809489277689491],
  ['beta-binomial 30', betaBinomialUpperTail(30, 1000, 7.5, 992.5), 0.00005161003524267001],
  ['beta-binomial 2', betaBinomialUpperTail(2, 3000, 0.02, 900), 0.013965328449465943],
  ['beta-binomial 500', betaBinomialUpperTail(500, 3000, 200, 1000), 0.49825664704263856],
  ['beta-binomial 12', betaBinomialUpperTail(12, 800, 500, 99500), 0.0009349767073390688],
];

test.each(KNOWN)('%s agrees with 50-digit arithmetic to 1e-12', (_, got, wanted) => {
  expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-12);
});

test('tails at and beyond the ends of the range are 1 and 0', () => {
  expect(binomialUpperTail(0, 10, 0.2)).toBe(1);
  expect(binomialUpperTail(11, 10, 0.2)).toBe(0);
  expect(binomialUpperTail(1, 10, 0)).toBe(0);
  expect(poissonUpperTail(0, 3)).toBe(1);
  expect(negativeBinomialUpperTail(1, 0, 3)).toBe(0);
  expect(betaBinomialUpperTail(0, 5, 1, 1)).toBe(1);
  expect(betaBinomialUpperTail(6, 5, 1, 1)).toBe(0);
  expect(regularisedBeta(0, 2, 2)).toBe(0);
  expect(regularisedBeta(1, 2, 2)).toBe(1);
});

test('negative binomial probabilities add up to the tail', () => {
  let below = 0;
  for (let x = 0; x < 7; x++) below += negativeBinomialDensity(x, 2.5, 0.8);
  expect(1 - below).toBeCloseTo(negativeBinomialUpperTail(7, 2.5, 0.8), 13);
});

test('bisection finds the point at which an increasing function reaches its target', () => {
  expect(solveIncreasing((x) => x * x, 2, 0, 2)).toBeCloseTo(Math.SQRT2, 14);
});
