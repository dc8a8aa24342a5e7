import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommitStatuses } from '../../../src/clients/forge/commit-status.ts';
import { forgeNames } from '../../../src/clients/forge/forge.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { describeError, type GatesError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { CommitStatus } from '../../../src/core/record/commit-status.ts';
import type { Clock } from '../../../src/core/world.ts';
import { type FakeForge, repository, startForge, token } from './fake-forge.ts';

const revision = '1a2b3c4d'.repeat(5);
const pending: CommitStatus = { state: 'pending', description: 'Picked up' };

/** The states of each forge. No forge reports a superseded revision as a success. */
const words = {
  github: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' },
  gitlab: { pending: 'pending', success: 'success', failure: 'failed', superseded: 'canceled' },
  gitea: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'warning' },
} as const;

const rooms = { github: 140, gitlab: 255, gitea: 255 } as const;

describe.each(forgeNames)('a commit status on %s', (name) => {
  let forge: FakeForge;
  let waits: number[];
  const redactor = createRedactor();

  const set = (status = pending, given = token, commit = revision): Promise<void> => {
    const clock: Clock = {
      now: () => new Date(),
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
    };
    const place = { forge: name, api: forge.api, repository };
    const { signal } = new AbortController();
    const parts = { place, token: given, redactor, clock, signal };
    return createCommitStatuses({ ...parts, context: 'gates', branch: 'main' }).set(commit, status);
  };
  const failure = (...args: Parameters<typeof set>): Promise<GatesError> =>
    set(...args).then(
      () => expect.fail('it was set'),
      (error) => error,
    );
  const described = () => forge.statuses.map(({ description }) => description);

  beforeEach(async () => {
    forge = await startForge(name);
    waits = [];
  });
  afterEach(() => forge.stop());

  it.each(['pending', 'success', 'failure', 'superseded'] as const)('says %s in its words', async (state) => {
    await set({ state, description: 'So it is' });
    expect(forge.statuses).toEqual([
      {
        revision,
        state: words[name][state],
        description: 'So it is',
        context: 'gates',
        ...(name === 'gitlab' && { ref: 'main' }),
      },
    ]);
  });

  it('may be set again, even after a final state', async () => {
    await set();
    await set();
    await set({ state: 'success', description: 'Applied' });
    await set();
    expect(forge.statuses.map(({ state }) => state).at(-1)).toBe('pending');
  });

  it('fits the limit, and keeps its last part', async () => {
    await set({ state: 'failure', description: 'x'.repeat(300), more: 'and 2 more mistakes' });
    await set({ state: 'failure', description: 'y'.repeat(rooms[name]) });
    await set({ state: 'failure', description: 'z'.repeat(rooms[name] + 1) });
    const [first = '', second, third = ''] = described();
    expect([...first]).toHaveLength(rooms[name]);
    expect(first.endsWith('x… (and 2 more mistakes)')).toBe(true);
    expect(second).toBe('y'.repeat(rooms[name]));
    expect(third).toBe(`${'z'.repeat(rooms[name] - 1)}…`);
  });

  it('is one line of characters that every forge accepts and displays', async () => {
    await set({ state: 'failure', description: ' a\nb\t\u0007c\u202ed \u{1f6a8}e ' });
    expect(described()).toEqual(['a b ·c·d ·e']);
  });

  it('never contains a secret, not even half of one', async () => {
    redactor.register('canary-long-secret-0123456789');
    await set({
      state: 'failure',
      description: `${'x'.repeat(rooms[name] - 20)} canary-long-secret-0123456789`,
    });
    expect(described().join()).not.toContain('canary');
    expect(described().join()).toContain('[redacted]');
  });

  it.each([
    { because: 'a 500', trouble: { status: 500 } },
    { because: 'a 502', trouble: { status: 502 } },
    { because: 'no answer', trouble: { drop: 'before' as const } },
    { because: 'a lost answer: twice does no harm', trouble: { drop: 'after' as const } },
  ])('is set after a temporary failure: $because', async ({ trouble }) => {
    forge.troubles.push({ method: 'POST', path: /statuses/, ...trouble, times: 2 });
    await set({ state: 'success', description: 'Applied' });
    expect(described().at(-1)).toBe('Applied');
    expect(waits).toEqual([500, 1_000]);
  });

  it('is abandoned when the failure lasts, and the error says that it may be set later', async () => {
    forge.troubles.push({ method: 'POST', path: /statuses/, status: 503 });
    const error = await failure();
    expect(error).toBeInstanceOf(UnreachableError);
    expect(describeError(error)).toContain('tried again by itself');
    expect(forge.calls).toHaveLength(3);
  });

  it.each([
    {
      status: 403,
      told: {
        github: '"Commit statuses: Read and write"',
        gitlab: 'role Developer',
        gitea: '`write:repository`',
      },
    },
    { status: 404, told: { github: 'no such commit', gitlab: 'no such commit', gitea: 'no such commit' } },
    { status: 422, told: { github: 'refused the commit status', gitlab: 'refused', gitea: 'refused' } },
  ])('says what to do about $status', async ({ status, told }) => {
    forge.troubles.push({ method: 'POST', path: /statuses/, status });
    const error = await failure();
    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toContain(told[name]);
    expect(forge.calls).toHaveLength(1);
  });

  it('says what to do about an unknown token, and does not print it', async () => {
    const error = await failure(pending, 'wrong-token-1234');
    expect(describeError(error)).toMatch(/does not know this token.*GATES_FORGE_TOKEN/);
    expect(JSON.stringify([describeError(error), error.facts, error.stack])).not.toContain('wrong-token');
  });

  it('is rejected when the forge has no such commit', async () => {
    expect(await failure(pending, token, 'main')).toBeInstanceOf(RejectedError);
  });
});
