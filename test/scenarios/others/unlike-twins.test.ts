import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home } from '../homes/plain-home.ts';
import { type Guard, Moves, state } from '../moves/moves.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

/** Two different applications of ours at one host, as two state folders or a lagging list may create them. */
const me = state('me', '{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] });
const you = 'you@example.dev';
const host = 'app.example.dev';

let moves: Moves;
let disk: Disk;

beforeEach(async () => {
  moves = new Moves(await createSandbox({ zones: ['example.dev'] }), home);
  disk = newDisk();
  expect(unfinished((await moves.process(disk, home(me))).report)).toEqual([]);
});

const account = () => `/accounts/${moves.sandbox.accountId}/access`;

/** Adds an application with our mark and the name of the host, around two of its paths. */
async function twin(decision: 'allow' | 'bypass'): Promise<string> {
  const include = decision === 'bypass' ? [{ everyone: {} }] : [{ email: { email: you } }];
  const policy = { name: 'by hand', decision, include };
  const { result } = (await moves.byHand('POST', `${account()}/policies`, policy)) as {
    result: { id: string };
  };
  const destinations = ['x', 'y'].map((path) => ({ type: 'public', uri: `${host}/${path}` }));
  const made = (await moves.byHand('POST', `${account()}/apps`, {
    type: 'self_hosted',
    name: host,
    domain: `${host}/x`,
    destinations,
    policies: [{ id: result.id, precedence: 1 }],
    tags: ['gates-home'],
  })) as { result: { id: string } };
  return made.result.id;
}

async function applications(): Promise<readonly string[]> {
  const { result } = (await moves.byHand('GET', `${account()}/apps`, undefined)) as {
    readonly result: readonly { readonly id: string }[];
  };
  return result.map(({ id }) => id);
}

describe('two different applications of ours at one host', () => {
  it.each(['allow', 'bypass'] as const)(
    'lose the unused one, and the host keeps its gate (%s)',
    async (decision) => {
      const before = await applications();
      const id = await twin(decision);
      expect(await applications()).toHaveLength(before.length + 1);
      const opened: readonly Guard[] = ['/x', '/y'].map((path) => ({
        host,
        path,
        admit: decision === 'bypass' ? { public: true } : { emails: ['me@example.dev', you] },
      }));
      await moves.guard([...me.guards, ...opened]);
      await moves.admin('DELETE', '/exposures');
      const { report } = await moves.process(disk, home(me));
      expect(unfinished(report)).toEqual([]);
      expect(moves.sandbox.exposures()).toEqual([]);
      expect(await applications()).not.toContain(id);
      expect(await applications()).toEqual(before);
      expect((await moves.process(disk, home(me))).writes).toBe(0);
      expect(
        await moves.judgedBy([
          ...me.guards,
          ...['/x', '/y'].map((path) => ({ host, path, admit: { emails: ['me@example.dev'] } })),
        ]),
      ).toEqual([]);
    },
  );
});
