import type { Block, Picture } from './document.ts';

/** Pictures two by two. */
export function pairs(pictures: Picture[]): Block[] {
  return sideBySide(pictures.map((picture) => ({ kind: 'picture', picture })));
}

/** Blocks two by two. */
export function sideBySide(blocks: Block[]): Block[] {
  return blocks.flatMap((left, i): Block[] => {
    if (i % 2 === 1) return [];
    const right = blocks[i + 1];
    return [{ kind: 'pair', left: [left], right: right ? [right] : [] }];
  });
}
