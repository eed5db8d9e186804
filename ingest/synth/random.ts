/** Draws numbers in [0, 1), the same ones for the same seed on every machine. */
export type Random = () => number;

/**
 * A stream of random numbers (sfc32) for a seed and the name of its use. Streams of different names are
 * independent, so that a change in how one part of the city is made leaves the other parts as they were.
 */
export function seedRandom(seed: number, stream: string): Random {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = hash | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // Nearby seeds share most of their state; these rounds part them.
  for (let i = 0; i < 20; i++) next();
  return next;
}

/** A whole number from `low` to `high`, both included, each as likely. */
export function drawInteger(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One item of a list that is not empty, each as likely. */
export function drawItem<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** A standard normal number (Box and Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A Poisson count. A large mean is drawn in parts of 30, so that exp(-mean) never reaches zero. */
export function drawPoisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 30) {
    const limit = Math.exp(-Math.min(left, 30));
    for (let product = random(); product > limit; product *= random()) count++;
  }
  return count;
}

/** Running sums of weights of zero or more, for `drawIndex`. */
export function cumulate(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i] as number;
    sums[i] = sum;
  }
  return sums;
}

/** An index drawn in proportion to the weights whose running sums are given; the sum must be above zero. */
export function drawIndex(random: Random, sums: Float64Array): number {
  const target = random() * (sums[sums.length - 1] as number);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A weighted choice kept ready: the options and the running sums of their weights. */
export type Mix<Item> = { readonly items: readonly Item[]; readonly sums: Float64Array };

/** Makes a mix from pairs of an option and its weight. */
export function mixOf<Item>(pairs: readonly (readonly [Item, number])[]): Mix<Item> {
  return { items: pairs.map(([item]) => item), sums: cumulate(pairs.map(([, weight]) => weight)) };
}

/** One option of a mix, in proportion to its weight. */
export function drawMix<Item>(random: Random, mix: Mix<Item>): Item {
  return mix.items[drawIndex(random, mix.sums)] as Item;
}

/** The same items in a random order (Fisher and Yates); the list given is left as it was. */
export function shuffle<Item>(random: Random, items: readonly Item[]): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    const item = mixed[i] as Item;
    mixed[i] = mixed[other] as Item;
    mixed[other] = item;
  }
  return mixed;
}
