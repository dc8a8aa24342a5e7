import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedAction } from '../../../src/daemon/actions/applied-actions.ts';
import { judgeCall, readSignature } from '../../../src/daemon/actions/call-proof.ts';
import { commandOf } from '../../../src/daemon/actions/command.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { inForceOf, OTHER, playedActions, SECRET, signatureOf } from './played-actions.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const SURROUNDINGS = {
  PATH: '/bin',
  HOME: '/root',
  TOKEN: 'of-the-action',
  CLOUDFLARE_API_TOKEN: 'of-gates',
  LD_PRELOAD: 'x',
};
const inForce = inForceOf();
const gates = inForce.gates.map(({ actions }, index) => ({ secret: index === 0 ? SECRET : OTHER, actions }));

/** The complete commands of the file: a request starts one of them, or nothing. */
const COMMANDS: ReadonlySet<string> = new Set(
  [
    {
      program: 'tidy',
      args: ['--all'],
      directory: '/srv',
      environment: { PATH: '/bin', HOME: '/root', TOKEN: 'of-the-action' },
    },
    { program: 'lone', args: [], directory: undefined, environment: { PATH: '/bin', HOME: '/root' } },
  ].map((command) => JSON.stringify(command)),
);

const hostile = fc.oneof(
  { arbitrary: fc.constantFrom('tidy', 'lone'), weight: 2 },
  fc.constantFrom(
    'tidy',
    'lone',
    'tidy --force',
    'tidy;reboot',
    '$(reboot)',
    '../tidy',
    '__proto__',
    'constructor',
    'TIDY',
    'tidy\0',
    'tidy%20-x',
  ),
  fc.string({ unit: anyCharacter }),
);
const body = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.json(),
  fc
    .record({
      run: fc.array(fc.string()),
      args: fc.array(fc.string()),
      environment: fc.dictionary(fc.string(), fc.string()),
      directory: fc.string(),
    })
    .map((given) => JSON.stringify(given)),
);
const header = fc.oneof(
  { arbitrary: fc.constantFrom('first', 'second', 'stale'), weight: 2 },
  fc.string({ unit: anyCharacter }),
  fc.tuple(fc.string(), fc.stringMatching(/^[0-9a-f]{64}$/)).map(([time, mac]) => `t=${time},v1=${mac}`),
);

function headerOf(given: string, content: string): string {
  if (given === 'first') return signatureOf(content, NOW, SECRET);
  if (given === 'second') return signatureOf(content, NOW, OTHER);
  return given === 'stale' ? signatureOf(content, 1, SECRET) : given;
}

/** The command that a request starts, as it would be carried out; undefined for none. */
function startedBy(name: string, given: string, content: string): string | undefined {
  const signature = readSignature(headerOf(given, content));
  if (signature === undefined) return undefined;
  const verdict = judgeCall({ name, signature, body: Buffer.from(content) }, gates, NOW);
  if (verdict.type !== 'signed') return undefined;
  const action = appliedAction(name, inForce);
  if (typeof action !== 'object' || action.start.type !== 'run') return undefined;
  return JSON.stringify(commandOf(action.start, SURROUNDINGS));
}

describe('the content of a request', () => {
  it('never changes the command or its environment, in 100,000 requests', () => {
    let started = 0;
    fc.assert(
      fc.property(hostile, header, body, (name, given, content) => {
        const command = startedBy(name, given, content);
        if (command === undefined) return;
        started += 1;
        expect(COMMANDS.has(command)).toBe(true);
        expect(given).toBe(name === 'lone' ? 'second' : 'first');
      }),
      { numRuns: 100_000 },
    );
    // Fewer starts would mean that the test checked little.
    expect(started).toBeGreaterThan(5_000);
  });

  it('reaches the queue only as the name of a listed action', async () => {
    const { app, queue, clock, store } = await playedActions();
    queue.follow(inForce);
    await fc.assert(
      fc.asyncProperty(hostile, header, body, fc.string(), async (name, given, content, query) => {
        const address = `/hooks/actions/${encodeURI(name)}?${encodeURI(query)}`;
        const value = headerOf(given, content).replace(/[^\x21-\x7e]/g, '.');
        await app.request(address, {
          method: 'POST',
          body: content,
          headers: { 'x-gates-signature': value },
        });
        await clock.advance(0);
      }),
      { numRuns: 300 },
    );
    const names = new Set(store.current().calls.map(({ action }) => action));
    // A random name can be `call` too: fast-check prefers the names of properties that each function has.
    const listed = gates.flatMap(({ actions }) => actions);
    expect([...names].filter((name) => !listed.includes(name))).toEqual([]);
    expect(names.size).toBeGreaterThan(0);
  });
});
