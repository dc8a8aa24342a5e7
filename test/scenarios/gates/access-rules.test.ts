import { beforeAll, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { ruleMoves, ruleStates } from '../homes/rule-home.ts';
import { host, type Moves, type State } from '../moves/moves.ts';
import { askAdmin } from '../stage/hand.ts';

/** A visitor: a person with an address who logs in, or a machine with the token; from some place, with some device. */
interface Visitor {
  readonly email?: string;
  readonly token?: 'ci';
  readonly idp?: string;
  readonly amr?: readonly string[];
  readonly ip?: string;
  readonly country?: string;
  readonly device?: readonly string[];
  readonly certificate?: { readonly commonName: string; readonly authority: string };
  readonly justification?: string;
  /** Approvers who approve the login before. */
  readonly approvedBy?: readonly string[];
}

const me: Visitor = { email: 'me@example.dev' };
const you: Visitor = { email: 'you@example.net' };
const machine: Visitor = { token: 'ci' };
const abroad = { country: 'DE' };
const away = { ip: '198.51.100.7' };

/** By the name of a state: visitors who get in, and others who differ from them in one property and stay out. */
const visitors: Readonly<Record<string, readonly [inside: readonly Visitor[], outside: readonly Visitor[]]>> =
  {
    me: [[me], [you, machine]],
    'a mail domain': [
      [me, { email: 'all@example.dev' }],
      [you, { email: 'me@sub.example.dev' }],
    ],
    friends: [
      [you, { email: 'any@example.org' }],
      [me, { email: 'other@example.net' }],
    ],
    'me and machines': [[me, machine], [you]],
    'me, in France': [[me], [{ ...me, ...abroad }, you]],
    'me, not in France': [[{ ...me, ...abroad }], [me, { ...you, ...abroad }]],
    'everybody at home': [
      [me, you, { ...me, ip: '2001:db8:1::5' }],
      [{ ...me, ...away }, machine],
    ],
    'machines at home': [[machine], [{ ...machine, ...away }, me]],
    'me, with a second factor': [
      [{ ...me, idp: 'GitHub', amr: ['pwd', 'mfa'] }],
      [
        { ...me, idp: 'GitHub', amr: ['pwd'] },
        { ...you, idp: 'GitHub', amr: ['pwd', 'mfa'] },
      ],
    ],
    'me, by GitHub': [
      [{ ...me, idp: 'GitHub' }],
      [
        { ...me, idp: 'One-time PIN' },
        { ...you, idp: 'GitHub' },
      ],
    ],
    'me, with an encrypted disk': [
      [{ ...me, device: ['Disk', 'In WARP'] }],
      [{ ...me, device: ['Disk'] }, { ...me, device: ['In WARP'] }, me],
    ],
    'me, with a certificate': [
      [{ ...me, certificate: { commonName: 'laptop', authority: 'ours' } }],
      [{ ...me, certificate: { commonName: 'phone', authority: 'ours' } }, me],
    ],
    'me, with approval': [
      [{ ...me, approvedBy: ['you@example.net'], justification: 'an errand' }],
      [{ ...me, justification: 'an errand' }, you],
    ],
    'me, isolated, for one request with a reason': [
      [{ ...me, justification: 'an errand' }],
      [me, { ...you, justification: 'an errand' }],
    ],
    'friends, and everybody with approval': [
      [
        you,
        {
          email: 'other@example.net',
          approvedBy: ['me@example.dev', 'you@example.net'],
          justification: 'an errand',
        },
      ],
      [me, { email: 'third@example.net', approvedBy: ['me@example.dev'], justification: 'an errand' }],
    ],
    'friends, in two countries, by two networks': [
      [you, { ...you, country: 'BE' }],
      [{ ...you, ...abroad }, { ...you, ...away }, me],
    ],
    'one of three rules': [
      [me, { ...me, ...abroad }, you, { ...machine, ...away }],
      [{ ...you, ...abroad }, machine],
    ],
  };

let moves: Moves;
let first: Snapshot;

beforeAll(async () => {
  moves = await ruleMoves();
  first = moves.sandbox.snapshot();
});

async function getsIn({ email, token, approvedBy = [], ...situation }: Visitor): Promise<boolean> {
  const { ip, country, device, certificate } = situation;
  const said: Record<string, string> = {
    ...(ip !== undefined && { 'x-sandbox-visitor-ip': ip }),
    ...(country !== undefined && { 'x-sandbox-visitor-country': country }),
    ...(device !== undefined && { 'x-sandbox-visitor-device': device.join() }),
    ...(certificate !== undefined && {
      'x-sandbox-visitor-certificate': certificate.commonName,
      'x-sandbox-visitor-certificate-authority': certificate.authority,
    }),
  };
  for (const by of approvedBy) await askAdmin(moves.sandbox, 'POST', '/approvals', { host, email, by });
  const shown = token === undefined ? await sessionOf(email, situation) : credentialsOf(token);
  if (shown === undefined) return false;
  const { get } = sandboxEdge(moves.sandbox);
  const request = { host, path: '/', headers: { ...said, ...shown }, nameServers: [] };
  return (await get(request, new AbortController().signal)).status === 200;
}

/** The cookie of a login, which may fail. */
async function sessionOf(
  email: string | undefined,
  situation: object,
): Promise<Record<string, string> | undefined> {
  const init = { method: 'POST', body: JSON.stringify({ host, email, ...situation }) };
  const reply = await moves.sandbox.fetch(`${moves.sandbox.urls.admin}/login`, init);
  if (reply.status === 403) return undefined;
  expect(reply.status, await reply.clone().text()).toBe(200);
  return { cookie: ((await reply.json()) as { readonly cookie: string }).cookie };
}

function credentialsOf(token: string): Record<string, string> {
  const { serviceTokens } = JSON.parse(moves.sandbox.snapshot()) as {
    readonly serviceTokens: readonly {
      readonly name: string;
      readonly clientId: string;
      readonly secret: string;
    }[];
  };
  const found = serviceTokens.find(({ name }) => name === `gates:home/${token}`);
  return { 'cf-access-client-id': found?.clientId ?? '', 'cf-access-client-secret': found?.secret ?? '' };
}

it('every state of the home has visitors here', () => {
  expect(Object.keys(visitors).sort()).toEqual(ruleStates.map(({ name }) => name).sort());
});

it.each(ruleStates as readonly State[])(
  'a visitor whom the file admits gets in, and another stays out: $name',
  async (of) => {
    await moves.sceneOf(first, of);
    expect(moves.sandbox.exposures()).toEqual([]);
    const [inside, outside] = visitors[of.name] ?? [[], []];
    for (const visitor of inside) expect(await getsIn(visitor), JSON.stringify(visitor)).toBe(true);
    for (const visitor of outside) expect(await getsIn(visitor), JSON.stringify(visitor)).toBe(false);
  },
);
