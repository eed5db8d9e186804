import { createHmac as createNodeHmac } from 'node:crypto';
import { cellToParent, h3IndexToSplitLong, latLngToCell } from 'h3-js';
import { createHmac, digestColumn, subkey } from '../transform/digest.ts';
import { cellsToParents, createCellIndex, pointsToCells } from '../transform/h3-cell.ts';

/** One line of the comparison: nanoseconds a value, each the median of its runs. */
export interface KernelRow {
  name: string;
  values: number;
  oursNs: number;
  theirsNs: number;
  ratio: number;
  /** Values of the sample on which the two differ: 0, or the bench is worthless. */
  different: number;
}

const POINTS = 10_000_000;
const SAMPLE = 300_000;
const PASSES = 5;
const DIGESTS = 1_000_000;
const DIGEST_SAMPLE = 100_000;

interface Box {
  name: string;
  south: number;
  north: number;
  west: number;
  east: number;
}

const BOXES: Box[] = [
  { name: 'points of one city', south: 51.44, north: 51.56, west: -3.28, east: -3.08 },
  { name: 'points of Great Britain', south: 50, north: 58.6, west: -6, east: 1.7 },
  { name: 'points of the world', south: -90, north: 90, west: -180, east: 180 },
];

/**
 * Compares the batched kernels with a call a row, on seeded values, and writes a line for each: a first pass with a
 * fresh index over 10 million points against h3-js on a sample of 300,000 of them (its time a point does not
 * depend on how many there are), parents, and keyed digests against node:crypto. Takes about 20 seconds.
 */
export function benchKernel(write: (line: string) => void): KernelRow[] {
  write(
    `kernels: ours over ${POINTS} points, a fresh index each of ${PASSES} passes; h3-js over ${SAMPLE} of them`,
  );
  write(`node ${process.version}; medians`);
  const rows: KernelRow[] = [];
  const lats = new Float64Array(POINTS);
  const lngs = new Float64Array(POINTS);
  const cells = new BigUint64Array(POINTS);
  const report = (row: Omit<KernelRow, 'ratio'>): void => {
    const complete = { ...row, ratio: row.theirsNs / row.oursNs };
    rows.push(complete);
    write(lineOf(complete));
  };
  for (const box of BOXES) {
    fillPoints(box, lats, lngs);
    report(benchPoints(box.name, lats, lngs, cells));
  }
  report(benchParents(cells));
  report(benchDigests());
  return rows;
}

function lineOf({ name, oursNs, theirsNs, ratio, different }: KernelRow): string {
  const times = `${oursNs.toFixed(1).padStart(7)} ns against ${theirsNs.toFixed(0).padStart(5)} ns`;
  return `${name.padEnd(26)}${times}, ${ratio.toFixed(1).padStart(5)} times as fast, ${different} different`;
}

/** Points spread evenly over the box's area, the same in every run. */
function fillPoints({ south, north, west, east }: Box, lats: Float64Array, lngs: Float64Array): void {
  const next = seededFractions(2026);
  const [low, high] = [Math.sin((south * Math.PI) / 180), Math.sin((north * Math.PI) / 180)];
  for (let i = 0; i < lats.length; i++) {
    lats[i] = (Math.asin(low + (high - low) * next()) * 180) / Math.PI;
    lngs[i] = west + (east - west) * next();
  }
}

/** Marsaglia's xorshift with 32 bits: fractions from 0 to 1, the same sequence for a seed. */
function seededFractions(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function benchPoints(name: string, lats: Float64Array, lngs: Float64Array, cells: BigUint64Array) {
  const ours = medianMs(PASSES, () => pointsToCells(createCellIndex(), lats, lngs, POINTS, cells));
  const step = POINTS / SAMPLE;
  const texts = new Array<string>(SAMPLE);
  const theirs = medianMs(3, () => {
    for (let k = 0; k < SAMPLE; k++) {
      const i = Math.floor(k * step);
      texts[k] = latLngToCell(lats[i] as number, lngs[i] as number, 9);
    }
  });
  let different = 0;
  for (const [k, text] of texts.entries()) {
    if (BigInt(`0x${text}`) !== cells[Math.floor(k * step)]) different++;
  }
  return {
    name,
    values: POINTS,
    oursNs: nanoseconds(ours, POINTS),
    theirsNs: nanoseconds(theirs, SAMPLE),
    different,
  };
}

function benchParents(cells: BigUint64Array) {
  const parents = new BigUint64Array(POINTS);
  const ours = medianMs(PASSES, () => cellsToParents(cells, POINTS, 7, parents));
  const texts = Array.from(cells.subarray(0, SAMPLE), (cell) => cell.toString(16));
  let wanted: string[] = [];
  const theirs = medianMs(3, () => {
    wanted = texts.map((text) => cellToParent(text, 7));
  });
  let different = 0;
  const words = new Uint32Array(parents.buffer);
  for (const [i, text] of wanted.entries()) {
    const [low, high] = h3IndexToSplitLong(text);
    if (words[2 * i] !== low >>> 0 || words[2 * i + 1] !== high >>> 0) different++;
  }
  return {
    name: 'parents at resolution 7',
    values: POINTS,
    oursNs: nanoseconds(ours, POINTS),
    theirsNs: nanoseconds(theirs, SAMPLE),
    different,
  };
}

function benchDigests() {
  const length = 24;
  const next = seededFractions(24);
  const bytes = Uint8Array.from({ length: DIGESTS * length }, () => 48 + Math.floor(10 * next()));
  const starts = Int32Array.from({ length: DIGESTS }, (_, i) => i * length);
  const ends = starts.map((start) => start + length);
  const [high, low] = [new BigUint64Array(DIGESTS), new BigUint64Array(DIGESTS)];
  const key = subkey(Uint8Array.of(1, 2, 3), 'bench');
  const hmac = createHmac(key);
  const ours = medianMs(PASSES, () => digestColumn(hmac, bytes, starts, ends, DIGESTS, high, low));
  const wanted = new Array<Buffer>(DIGEST_SAMPLE);
  const theirs = medianMs(3, () => {
    for (let i = 0; i < DIGEST_SAMPLE; i++) {
      wanted[i] = createNodeHmac('sha256', key).update(bytes.subarray(starts[i], ends[i])).digest();
    }
  });
  let different = 0;
  for (const [i, digest] of wanted.entries()) {
    if (digest.readBigUInt64BE(0) !== high[i] || digest.readBigUInt64BE(8) !== low[i]) different++;
  }
  return {
    name: 'keyed digests of 24 bytes',
    values: DIGESTS,
    oursNs: nanoseconds(ours, DIGESTS),
    theirsNs: nanoseconds(theirs, DIGEST_SAMPLE),
    different,
  };
}

const nanoseconds = (milliseconds: number, values: number): number => (milliseconds * 1e6) / values;

function medianMs(runs: number, work: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[runs >> 1] as number;
}
