import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { SECRET } from './running-daemon.ts';

/** A call to the hooks listener, and the statuses that are right for it. */
export interface HostileCall {
  readonly name: string;
  readonly right: readonly number[];
  readonly send: (hooks: string) => Promise<number>;
}

/** A random generator: numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PUSH = JSON.stringify({ ref: 'refs/heads/main', after: 'f'.repeat(40) });
/** An unsigned call is rejected while there are places for such calls; then there are too many. */
const REFUSED = [401, 429];

function hmac(body: string, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function post(headers: Readonly<Record<string, string>>, body: string, path = '/hooks/git') {
  return async (hooks: string) => {
    // The server may just be closing a kept socket, so each call has its own.
    const init = { method: 'POST', headers: { ...headers, connection: 'close' }, body };
    try {
      const response = await fetch(`${hooks}${path}`, init);
      await response.arrayBuffer();
      return response.status;
    } catch (error) {
      if (error instanceof TypeError && isCutOff(error.cause)) return CUT_OFF;
      throw error;
    }
  };
}

function isCutOff(cause: unknown): boolean {
  const codes = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];
  return cause instanceof Error && codes.includes((cause as NodeJS.ErrnoException).code ?? '');
}

/** A delivery of GitHub, by default signed. */
export function github(id: string, body: string, more: Readonly<Record<string, string>> = {}) {
  const proof = { 'x-hub-signature-256': `sha256=${hmac(body)}` };
  return post({ 'x-github-event': 'push', 'x-github-delivery': id, ...proof, ...more }, body);
}

/** No answer arrived before the socket was closed. */
const CUT_OFF = 0;
/** The answer to a slow or too large call. Bytes still on their way to the listener may prevent its arrival. */
const TOO_SLOW = [408, CUT_OFF];
const TOO_LARGE = [413, CUT_OFF];

/** Writes raw bytes to a socket, then with `drip` single bytes until it closes. Returns the status, or CUT_OFF. */
function raw(text: string, drip: boolean) {
  return (hooks: string) =>
    new Promise<number>((resolve) => {
      const { port, hostname } = new URL(hooks);
      let timer: NodeJS.Timeout | undefined;
      let answer = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(text);
        if (drip) timer = setInterval(() => socket.write('x'), 100);
      });
      socket.on('data', (bytes) => {
        answer += bytes;
        if (!drip) socket.end();
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? CUT_OFF));
      });
    });
}

/** The `n`-th hostile call: sorts alternate, details are random. The daemon has accepted the push `seen` before. */
export function hostileCall(
  n: number,
  random: () => number,
  seen: { readonly id: string; readonly body: string },
): HostileCall {
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item =>
    items[Math.floor(random() * items.length)] ?? items[0];
  const branch = pick(['main2', 'Main', 'feature/main', 'main\u0000', '']);
  const id = `hostile-${n}`;
  const other = JSON.stringify({ ref: `refs/heads/${branch}`, after: 'f'.repeat(40) });
  const old = Math.floor(Date.now() / 1000) - 3_600;
  const message = createHmac('sha256', SECRET).update(`${id}.${old}.${PUSH}`).digest('base64');
  const sorts: readonly (() => HostileCall)[] = [
    () => ({ name: 'forged: unsigned', right: REFUSED, send: post({ 'x-github-event': 'push' }, PUSH) }),
    () => ({
      name: 'forged: another secret',
      right: REFUSED,
      send: github(id, PUSH, {
        'x-hub-signature-256': `sha256=${hmac(PUSH, pick(['', 'secret', SECRET.slice(1)]))}`,
      }),
    }),
    () => ({
      name: 'forged: wrong token',
      right: REFUSED,
      send: post({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': pick(['', 'x', `${SECRET}x`]) }, PUSH),
    }),
    () => ({
      name: 'forged: another body',
      right: REFUSED,
      send: github(id, PUSH, { 'x-gitea-signature': hmac(`${PUSH} `) }),
    }),
    () => ({ name: 'replayed', right: [200], send: github(seen.id, seen.body) }),
    () => ({
      name: 'replayed: a signed message of an hour ago',
      right: REFUSED,
      send: post(
        {
          'x-gitlab-event': 'Push Hook',
          'webhook-id': id,
          'webhook-timestamp': `${old}`,
          'webhook-signature': `v1,${message}`,
        },
        PUSH,
      ),
    }),
    () => ({
      name: 'oversized',
      right: TOO_LARGE,
      send: github(id, 'x'.repeat(1024 * 1024 + 1 + Math.floor(random() * 1000))),
    }),
    () => ({
      name: 'slow body',
      right: TOO_SLOW,
      send: raw(
        `POST /hooks/git HTTP/1.1\r\nhost: x\r\nx-gitea-signature: ${hmac(PUSH)}\r\ncontent-length: 5000\r\n\r\n`,
        true,
      ),
    }),
    () => ({
      name: 'slow headers',
      right: TOO_SLOW,
      send: raw('POST /hooks/git HTTP/1.1\r\nhost: x\r\nx-slow: ', true),
    }),
    () => ({
      name: 'malformed: no HTTP',
      right: [400],
      send: raw(pick(['\u0000\u0001\r\n\r\n', 'GET\r\n\r\n', 'POST /hooks/git HTTP/9.9\r\n\r\n']), false),
    }),
    () => ({
      name: 'malformed: signed, and no push in it',
      right: [202],
      send: github(
        id,
        pick([
          '',
          '{',
          'null',
          '[]',
          '{"ref":7}',
          '"refs/heads/main"',
          '{"__proto__":{"ref":"refs/heads/main"}}',
        ]),
      ),
    }),
    () => ({ name: 'another branch', right: [202], send: github(id, other) }),
    () => ({
      name: 'another event',
      right: [202],
      send: github(id, PUSH, { 'x-github-event': pick(['ping', 'issues', '', 'Tag Push Hook', 'PUSH']) }),
    }),
    () => ({
      name: 'another place',
      right: [404],
      send: post(
        {},
        PUSH,
        pick([
          '/',
          '/hooks',
          '/hooks/git/',
          '/hooks//git',
          '/hooks/git%2f',
          '/api/status',
          '/metrics',
          '/hooks/actions/x',
        ]),
      ),
    }),
  ];
  const sort = sorts[n % sorts.length];
  if (sort === undefined) throw new Error('there is a sort for every number');
  return sort();
}
