import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { describeError } from '../../../src/core/errors.ts';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { type CallTrouble, SigningKeyHome } from '../homes/signing-key-home.ts';
import { copyOf, type Disk } from '../stage/disk.ts';

let home: SigningKeyHome;
let before: Snapshot;
let diskBefore: Disk;
/** A token from before any rotation. */
let old: string;

beforeAll(async () => {
  home = await SigningKeyHome.make();
  old = await home.token();
  before = home.sandbox.snapshot();
  diskBefore = await copyOf(home.disk);
});

/** The systems and the state folder as they were before any rotation. */
const again = async () => {
  home.sandbox.restore(before);
  home.disk = await copyOf(diskBefore);
};
const kidsHeld = async () => (await home.configuration()).credentials.keys.map(({ kid }) => kid);
const kidsPublished = async () => (await home.published()).map(({ kid }) => kid);
const planned = async () => {
  const changes = (await home.pass('dry run')).report?.plan?.changes ?? [];
  return changes.filter(isPending).map(({ verb, address }) => `${verb} ${address.key}`);
};

const kinds = ['kill', 'lose-reply', 'drop', 'reject'] as const;

describe('a rotation that is disturbed at any call', () => {
  it('refuses no valid token, changes nothing that a run would revert, and succeeds when it is repeated', async () => {
    await again();
    const { calls } = await home.rotate();
    const troubles = calls.flatMap((_, at) => kinds.map((kind): CallTrouble => ({ call: at + 1, kind })));
    const made = calls.findIndex((call) => call.endsWith('/generate/'));
    expect(made).toBeGreaterThan(0);
    for (const trouble of troubles) {
      await again();
      const summary = `${trouble.kind} at ${trouble.call}, ${calls[trouble.call - 1]}`;
      const { id } = await home.configuration();
      const { error } = await home.rotate({ trouble });
      if (trouble.kind === 'reject' && trouble.call > made)
        expect(describeError(error), summary).toMatch(/gates (rotate|apply)/);
      const after = await home.token();
      for (const token of [old, after]) expect(await home.visit(token), summary).toBe(200);
      const [signing] = await kidsPublished();
      const held = await kidsHeld();
      await home.pass();
      expect(await kidsPublished(), summary).toEqual([signing]);
      expect(await kidsHeld(), summary).toEqual(held);
      expect(await planned(), summary).toEqual([]);
      expect((await home.pairs()).length, summary).toBe(1);
      expect((await home.rotate()).error, summary).toBeUndefined();
      expect(await kidsPublished(), summary).not.toEqual([signing]);
      for (const token of [old, after, await home.token()])
        expect(await home.visit(token), summary).toBe(200);
      expect((await home.configuration()).id, summary).toBe(id);
    }
  });
});
