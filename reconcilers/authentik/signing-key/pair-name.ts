/** The id and the number of a client's key pair. */
interface NumberedPair {
  readonly id: string;
  /** 1 for the first, whose name has no number. */
  readonly number: number;
}

/** `api` is the first pair of the client `api`, `api#2` its second; no client has a `#` in its name. */
export function readPairName(name: string): { readonly client: string; readonly number: number } {
  const [, client = name, number = '1'] = /^(.+)#([1-9]\d{0,5})$/.exec(name) ?? [];
  return { client, number: Number(number) };
}

/** The name of a client's pair without the marker. */
export function pairName(client: string, number: number): string {
  return number === 1 ? client : `${client}#${number}`;
}

/**
 * The id of the pair with which a client signs: the pair of its provider (`signing`) or, if that is none of these, the
 * first. So wherever a rotation stopped, no note has to remember the pair.
 */
export function currentPair(pairs: readonly NumberedPair[], signing: string | undefined): string {
  const used = pairs.find(({ id }) => id === signing);
  const [first] = [...pairs].sort((left, right) => left.number - right.number);
  return (used ?? first)?.id ?? '';
}
