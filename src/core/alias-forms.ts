import { comparable, type Vocabulary } from './aliases.ts';

/** The words of a slot in comparable form. */
interface Slot {
  /** By the first character; the empty word under ''. */
  readonly words: ReadonlyMap<string, readonly string[]>;
  readonly longest: number;
}

interface Pattern<Target> {
  readonly order: number;
  readonly target: Target;
}

/** Where patterns that begin alike have come to. */
interface Node<Target> {
  /** The literals that end a pattern. */
  readonly ends: Map<string, Pattern<Target>>;
  /** What goes on with a literal and a slot, by both. */
  readonly branches: Map<string, Branch<Target>>;
}

interface Branch<Target> extends Node<Target> {
  readonly literal: string;
  readonly slot: Slot;
}

/**
 * Tells of which alias pattern a header is a form. It finds what a map from `comparable` of every
 * form that `expandAlias` gives would find, that of the pattern added last where there are several,
 * without expanding: the forms are tens of thousands, and a file has some dozen headers.
 */
export class AliasForms<Target> {
  readonly #vocabulary: Vocabulary;
  readonly #slots = new Map<string, Slot>();
  readonly #root: Node<Target> = { ends: new Map(), branches: new Map() };
  #patterns = 0;
  #longest = 0;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** @throws Error where a slot is not in the vocabulary: a defect of the schema files */
  add(pattern: string, target: Target): void {
    let node = this.#root;
    let longest = 0;
    let from = 0;
    for (let open; (open = pattern.indexOf('{', from)) >= 0;) {
      const close = pattern.indexOf('}', open);
      const slot = close < 0 ? undefined : this.#slotOf(pattern.slice(open + 1, close));
      if (!slot) throw new Error('alias pattern with an unknown slot');
      const key = pattern.slice(from, close);
      let branch = node.branches.get(key);
      if (!branch) {
        const literal = comparable(pattern.slice(from, open));
        branch = { literal, slot, ends: new Map(), branches: new Map() };
        node.branches.set(key, branch);
      }
      longest += branch.literal.length + slot.longest;
      node = branch;
      from = close + 1;
    }
    const end = comparable(pattern.slice(from));
    node.ends.set(end, { order: this.#patterns, target });
    this.#patterns += 1;
    this.#longest = Math.max(this.#longest, longest + end.length);
  }

  /** @param form a header in comparable form, of any length: it is hostile input */
  get(form: string): Target | undefined {
    return form.length > this.#longest ? undefined : lastMatch(this.#root, form, 0)?.target;
  }

  #slotOf(name: string): Slot | undefined {
    const known = this.#slots.get(name);
    const listed = this.#vocabulary[name];
    if (known || !listed) return known;
    const words = new Map<string, string[]>();
    let longest = 0;
    for (const word of new Set(listed.map(comparable))) {
      const start = word.charAt(0);
      const alike = words.get(start);
      if (alike) alike.push(word);
      else words.set(start, [word]);
      longest = Math.max(longest, word.length);
    }
    const slot = { words, longest };
    this.#slots.set(name, slot);
    return slot;
  }
}

/** The pattern added last of those whose rest, from a node on, is the rest of a form. */
function lastMatch<Target>(
  node: Node<Target>,
  form: string,
  at: number,
): Pattern<Target> | undefined {
  let last = node.ends.get(form.slice(at));
  for (const branch of node.branches.values()) {
    const { literal, slot } = branch;
    if (!form.startsWith(literal, at)) continue;
    const next = at + literal.length;
    for (const start of ['', form.charAt(next)]) {
      for (const word of slot.words.get(start) ?? []) {
        if (!form.startsWith(word, next)) continue;
        const match = lastMatch(branch, form, next + word.length);
        if (match && (!last || match.order > last.order)) last = match;
      }
    }
  }
  return last;
}
