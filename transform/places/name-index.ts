/** Every name of the gazetteer in one tree of words, and the words of it that a slip leads to. */
import { levelOf, type Place } from '../../schemas/gazetteer.ts';
import { readDatedName } from './dated-name.ts';
import { createDeletionIndex, type DeletionIndex } from './deletion-index.ts';
import { nameVariants } from './name-variants.ts';
import { wordsOf } from './words.ts';

/** A name, and the place that it is of. */
export interface Name {
  /** Number of the place in the gazetteer. */
  readonly place: number;
  readonly cost: number;
  readonly isSure: boolean;
  readonly isAlias: boolean;
  /** Days between which it was in use. */
  readonly from: number;
  readonly until: number;
  readonly letters: number;
}

/** A tree whose edges are words; open addressing, so that walking it makes no objects. */
export interface NameIndex {
  readonly wordNumbers: ReadonlyMap<string, number>;
  readonly similar: DeletionIndex;
  /** Edges: node and word to the next node; 0 is free, as no edge leads to the root. */
  readonly edgeNodes: Int32Array;
  readonly edgeWords: Int32Array;
  readonly edgeTargets: Int32Array;
  /** Names that end at a node. */
  readonly names: readonly (readonly Name[] | undefined)[];
  /** Words that occur in the names of one place alone. */
  readonly ownerOfWord: ReadonlyMap<number, number>;
}

interface Node {
  readonly children: Map<number, Node>;
  names?: Name[];
  readonly id: number;
}

/** Indexes the names and aliases of all places that texts can name: not of postcodes. */
export function createNameIndex(places: readonly Place[]): NameIndex {
  const wordNumbers = new Map<string, number>();
  const vocabulary: string[] = [];
  const numberOf = (word: string) => {
    const known = wordNumbers.get(word);
    if (known !== undefined) return known;
    wordNumbers.set(word, vocabulary.length);
    return vocabulary.push(word) - 1;
  };
  const nodes: Node[] = [];
  const newNode = (): Node => {
    const node = { children: new Map(), id: nodes.length };
    nodes.push(node);
    return node;
  };
  const root = newNode();
  const owners = new Map<number, number>();
  const localities = localityWords(places);
  places.forEach((place, at) => {
    const level = levelOf(place);
    if (level === 'postcode') return;
    for (const [i, listed] of [place.name, ...place.aliases].entries()) {
      const dated = readDatedName(listed) ?? { name: listed, from: -Infinity, until: Infinity };
      for (const { words, cost, isSure } of nameVariants(dated.name, level, localities)) {
        let node = root;
        for (const word of words) {
          const number = numberOf(word);
          const owner = owners.get(number);
          owners.set(number, owner === undefined || owner === at ? at : -1);
          let next = node.children.get(number);
          if (!next) {
            next = newNode();
            node.children.set(number, next);
          }
          node = next;
        }
        node.names ??= [];
        const { from, until } = dated;
        const name = { place: at, cost, isSure, isAlias: i > 0, from, until, letters: words.join('').length };
        if (!node.names.some((other) => other.place === at && other.from === from && other.until === until))
          node.names.push(name);
      }
    }
  });
  return { ...packed(nodes), wordNumbers, similar: createDeletionIndex(vocabulary), ownerOfWord: owners };
}

/** Words of one-word towns and suburbs. */
function localityWords(places: readonly Place[]): Set<string> {
  return new Set(
    places
      .filter((place) => levelOf(place) === 'area')
      .flatMap(({ name, aliases }) => [name, ...aliases].map((each) => wordsOf(each).words))
      .filter((words) => words.length === 1)
      .map(([word]) => word as string),
  );
}

const slotOf = (node: number, word: number, mask: number) =>
  ((Math.imul(node, 0x9e3779b1) ^ Math.imul(word, 0x85ebca6b)) >>> 7) & mask;

function packed(nodes: readonly Node[]) {
  const size = 1 << Math.ceil(Math.log2(Math.max(2, nodes.length * 2)));
  const [edgeNodes, edgeWords, edgeTargets] = [
    new Int32Array(size),
    new Int32Array(size),
    new Int32Array(size),
  ];
  for (const { id, children } of nodes) {
    for (const [word, child] of children) {
      let slot = slotOf(id, word, size - 1);
      while (edgeTargets[slot] !== 0) slot = (slot + 1) & (size - 1);
      edgeNodes[slot] = id;
      edgeWords[slot] = word;
      edgeTargets[slot] = child.id;
    }
  }
  return { edgeNodes, edgeWords, edgeTargets, names: nodes.map(({ names }) => names) };
}

/** The node that a word leads to from another; 0 where none does. */
export function follow({ edgeNodes, edgeWords, edgeTargets }: NameIndex, node: number, word: number): number {
  const mask = edgeTargets.length - 1;
  for (let slot = slotOf(node, word, mask); ; slot = (slot + 1) & mask) {
    const target = edgeTargets[slot] as number;
    if (target === 0) return 0;
    if (edgeNodes[slot] === node && edgeWords[slot] === word) return target;
  }
}
