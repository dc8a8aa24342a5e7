/** The sorts of texts that an anonymized export leaves as they are. */
const sorts = ['ids', 'times', 'keys', 'code', 'stock', 'words', 'settings'] as const;

type RemainingSort = (typeof sorts)[number];

/** The texts that an anonymized export leaves as they are, for the person who is to look through them. */
export class Remains {
  readonly #texts = new Map<RemainingSort, Set<string>>(sorts.map((sort) => [sort, new Set()]));

  /** Records the text, and returns it. */
  keep(sort: RemainingSort, text: string): string {
    this.#texts.get(sort)?.add(sort === 'words' ? text.toLowerCase() : text);
    return text;
  }

  /** The names that remain, one line for each sort that occurs. */
  get lines(): readonly string[] {
    const of = (sort: RemainingSort) => [...(this.#texts.get(sort) ?? [])].sort();
    const counted = (sort: RemainingSort, what: string) =>
      of(sort).length === 0 ? [] : [`${what}: ${of(sort).length}`];
    const listed = (sort: RemainingSort, what: string) =>
      of(sort).length === 0 ? [] : [`${what}: ${of(sort).join(', ')}`];
    return [
      ...counted('ids', 'ids and checksums of objects, as both systems gave them'),
      ...counted('times', 'times'),
      ...counted('keys', 'parts of public keys'),
      ...counted('code', 'expressions, outside of quotes, with the names of headers and fields'),
      ...counted('stock', "texts of Authentik's own objects"),
      'numbers up to five digits, such as ports, and single letters',
      ...listed('words', 'words that say nothing about you'),
      ...listed('settings', 'settings, whose values both systems define'),
    ];
  }
}
