// Choices that look random to whoever lacks the key and never change for who has it.
import { createHmac } from 'node:crypto';

/** 32 bytes for one source, period and cut: no two of them share a choice. */
export function deriveSubkey(key: Uint8Array, source: string, period: string, cut: string): Uint8Array {
  return digest(key, JSON.stringify([source, period, cut]));
}

/** A start phase 0..base-1. */
export function keyedPhase(subkey: Uint8Array, base: number): number {
  // 48 of the bits: what the remainder favours is below 1e-13.
  return Buffer.from(digest(subkey, 'phase')).readUIntBE(0, 6) % base;
}

/** A number 0..63 for a name. */
export function keyedDraw(subkey: Uint8Array, name: string): number {
  return (digest(subkey, JSON.stringify(['draw', name]))[0] as number) & 63;
}

/** The places of `names` in keyed order. Two names stand in the same order whatever the others are. */
export function keyedOrder(subkey: Uint8Array, names: readonly string[]): Int32Array {
  const ranks = names.map((name) => keyedRank(subkey, 'order', name));
  const places = names.map((_, i) => i);
  places.sort((a, b) => (ranks[a]! < ranks[b]! ? -1 : 1));
  return Int32Array.from(places);
}

/** One of `names` (at least one), whatever their order. */
export function keyedPick(subkey: Uint8Array, names: readonly string[]): string {
  let best = names[0]!;
  for (const name of names) {
    if (keyedRank(subkey, 'pick', name) < keyedRank(subkey, 'pick', best)) best = name;
  }
  return best;
}

/** The order and the pick of one subkey. */
export function keyedChoices(subkey: Uint8Array) {
  return {
    order: (names: readonly string[]) => keyedOrder(subkey, names),
    pick: (names: readonly string[]) => keyedPick(subkey, names),
  };
}

function keyedRank(subkey: Uint8Array, purpose: string, name: string): string {
  return Buffer.from(digest(subkey, JSON.stringify([purpose, name]))).toString('hex');
}

function digest(key: Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', key).update(text).digest();
}
