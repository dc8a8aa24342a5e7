/** The longest name of an entry, as the schema has it. */
const longest = 63;

/** Names of the entries of one section, each given once. */
export class EntryNames {
  readonly #taken: Set<string>;

  /** `taken`: names that other entries have already. */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The first of these texts, made a name of lower-case letters, digits and hyphens, that is still free. */
  give(...texts: readonly string[]): string {
    const names = texts.map(nameFrom).filter((name) => name !== '');
    const [first = 'entry'] = names;
    let name = names.find((each) => !this.#taken.has(each)) ?? first;
    for (let number = 2; this.#taken.has(name); number += 1)
      name = `${first.slice(0, longest - 4)}-${number}`;
    this.#taken.add(name);
    return name;
  }
}

function nameFrom(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return name.slice(0, longest).replace(/^-+|-+$/g, '');
}
