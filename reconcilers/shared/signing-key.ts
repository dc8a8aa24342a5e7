/** A public key that API Shield accepts, with the members that it keeps. */
export interface SigningKey {
  readonly kid: string;
  readonly kty: 'RSA' | 'EC';
  readonly alg: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

/** The usable keys of a document, in order, and the names of the others, each with the reason. */
export interface ReadKeys {
  readonly keys: readonly SigningKey[];
  readonly left: readonly string[];
}

/** The fewest bits of an RSA key. */
const shortest = 2048;

const curves: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384' };
const rsaAlgorithms: ReadonlySet<string> = new Set(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);

/** The keys of a JWKS document, if it has any, without those that Cloudflare would silently drop. */
export function readKeySet(document: unknown): ReadKeys {
  const listed = isRecord(document) && Array.isArray(document.keys) ? document.keys : [];
  const keys = new Map<string, SigningKey>();
  const left: string[] = [];
  for (const entry of listed) {
    const read = isRecord(entry) ? readKey(entry) : 'no key';
    if (typeof read === 'string') left.push(read);
    else keys.set(keyName(read), read);
  }
  return { keys: [...keys.values()].sort(byName), left: left.sort() };
}

/** The name that distinguishes two keys of one configuration. */
export function keyName({ alg, kid }: Pick<SigningKey, 'alg' | 'kid'>): string {
  return `${alg} ${kid}`;
}

/** True if two lists have the same keys, in any order. */
export function sameKeys(left: readonly SigningKey[], right: readonly SigningKey[]): boolean {
  return canonical(left) === canonical(right);
}

function canonical(keys: readonly SigningKey[]): string {
  const texts = [...keys]
    .sort(byName)
    .map(({ kid, kty, alg, n, e, crv, x, y }) => ({ kid, kty, alg, n, e, crv, x, y }));
  return JSON.stringify(texts);
}

function byName(left: SigningKey, right: SigningKey): number {
  return keyName(left) < keyName(right) ? -1 : 1;
}

type Entry = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null;
}

function readKey(entry: Entry): SigningKey | string {
  const { kid, kty, use } = entry;
  const name = typeof kid === 'string' && kid !== '' ? kid : undefined;
  const named = (reason: string) => `${name ?? 'a key without a name'}: ${reason}`;
  if (use === 'enc') return named('it encrypts and signs nothing');
  if (name === undefined) return named('a token could not say that it is meant');
  if (kty === 'RSA')
    return (
      rsaKey(entry, name) ??
      named(`API Shield takes RSA keys from ${shortest} bits on, with RS or PS algorithms`)
    );
  if (kty === 'EC')
    return curveKey(entry, name) ?? named('API Shield takes the curves P-256 (ES256) and P-384 (ES384)');
  return named(`API Shield takes RSA and EC keys, not ${kty === 'oct' ? 'shared secrets' : String(kty)}`);
}

function rsaKey({ n, e, alg = 'RS256' }: Entry, kid: string): SigningKey | undefined {
  if (typeof n !== 'string' || typeof e !== 'string' || typeof alg !== 'string') return undefined;
  // Each letter of base64 has six bits; the first byte of a modulus is not zero.
  const isLong = Math.floor((n.replace(/=+$/, '').length * 6) / 8) * 8 >= shortest;
  return isLong && rsaAlgorithms.has(alg) ? { kid, kty: 'RSA', alg, n, e } : undefined;
}

function curveKey({ crv, x, y, alg }: Entry, kid: string): SigningKey | undefined {
  const own = typeof crv === 'string' ? curves[crv] : undefined;
  if (own === undefined || (alg ?? own) !== own || typeof x !== 'string' || typeof y !== 'string')
    return undefined;
  return { kid, kty: 'EC', alg: own, crv: String(crv), x, y };
}
