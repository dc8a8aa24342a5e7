import { groupsClaim } from '../../../src/core/groups-claim.ts';

/**
 * The Worker of `identityHeader`, an ES module without dependencies. It verifies the token of Access by itself, removes
 * the identity headers of the visitor in each spelling, and sets its own. Everything else of a request goes on unchanged,
 * WebSockets too. Without a valid token nobody passes. Its settings are texts of `env`:
 *
 * | name | text |
 * | --- | --- |
 * | `TEAM` | `<team>.cloudflareaccess.com` |
 * | `AUDIENCE` | the `aud` of the host's Access application |
 * | `USER_HEADER` | the header that gets the email address |
 * | `GROUPS_HEADER` | the header that gets the groups; empty: none |
 * | `VERSION` | the answer to gates' check: `identity-version.ts` |
 */
export const identityScript = `// gates: passes on who has logged in. docs/identity-header.md
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const hour = 3600000;
let keys = new Map();
let askedAt = -Infinity;

const plain = (name) => name.toLowerCase().replaceAll('_', '-');
const bytes = (part) => Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
const json = (part) => JSON.parse(new TextDecoder().decode(bytes(part)));
// A header carries printable ASCII. What does not fit is left out, because a changed name could be that of somebody else.
const fits = (text) => typeof text === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(text);

async function keyOf(kid, team) {
  const age = Date.now() - askedAt;
  // The keys change every six weeks. A key id that nobody knows asks again once a minute.
  if (age > hour || (age > hour / 60 && !keys.has(kid))) {
    const answer = await fetch('https://' + team + '/cdn-cgi/access/certs');
    const usable = (await answer.json()).keys.filter((key) => key.kty === 'RSA');
    const read = (key) => crypto.subtle.importKey('jwk', key, algorithm, false, ['verify']);
    keys = new Map(await Promise.all(usable.map(async (key) => [key.kid, await read(key)])));
    askedAt = Date.now();
  }
  return keys.get(kid);
}

async function claimsOf(token, { TEAM, AUDIENCE }) {
  const [head, body, signature, more] = token.split('.');
  const { alg, kid } = json(head);
  const key = alg === 'RS256' && more === undefined ? await keyOf(kid, TEAM) : undefined;
  if (key === undefined) return undefined;
  const signed = new TextEncoder().encode(head + '.' + body);
  if (!(await crypto.subtle.verify(algorithm, key, bytes(signature), signed))) return undefined;
  const claims = json(body);
  const now = Date.now() / 1000;
  const isNow = claims.exp > now && (claims.nbf ?? 0) <= now + 60;
  const isOurs = claims.iss === 'https://' + TEAM && [claims.aud].flat().includes(AUDIENCE);
  // Access signs tokens of other types for the same audience: the login page shows one to everybody.
  return isNow && isOurs && claims.type === 'app' ? claims : undefined;
}

export default {
  async fetch(request, env) {
    const token = request.headers.get('cf-access-jwt-assertion') ?? '';
    const claims = await claimsOf(token, env).catch(() => undefined);
    const answer = (body, status) => Response.json({ gates: 'identity', ...body }, { status, headers: { 'cache-control': 'no-store' } });
    if (claims === undefined) return answer({ refused: 'no valid token of Access' }, 403);
    const names = [env.USER_HEADER, env.GROUPS_HEADER].filter((name) => name !== '').map(plain);
    const isOwn = (name) => names.includes(plain(name));
    const headers = new Headers(request.headers);
    for (const name of [...headers.keys()].filter(isOwn)) headers.delete(name);
    if (fits(claims.email)) headers.set(env.USER_HEADER, claims.email);
    const groups = [claims.custom?.${groupsClaim} ?? []].flat().filter((name) => fits(name) && !name.includes(','));
    if (env.GROUPS_HEADER !== '' && groups.length > 0) headers.set(env.GROUPS_HEADER, groups.join(','));
    if (new URL(request.url).pathname === '/.well-known/gates-identity') {
      const passes = [...headers.keys()].filter(isOwn);
      return answer({ version: env.VERSION, team: env.TEAM, audience: env.AUDIENCE, removes: names, passes }, 200);
    }
    return fetch(new Request(request, { headers, redirect: 'manual' }));
  },
};
`;

/** The behavior of the runtime that the script is tested with, in workerd. */
export const compatibilityDate = '2026-11-01';

/** The path at which the Worker itself answers: which version it is, and which identity headers it would pass on. */
export const identityCheckPath = '/.well-known/gates-identity';
