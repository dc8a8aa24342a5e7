import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const file = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev, example.net] }
dns:
  example.dev:
    - { name: www, type: A, content: 192.0.2.1, tags: ["team:web", cost] }
    - { name: mail, type: A, content: 192.0.2.2, tags: ["team:mail"] }
    - { name: plain, type: A, content: 192.0.2.3, tags: [] }
  example.net:
    - { name: www, type: A, content: 192.0.2.4, tags: ["team:web"] }
`;

interface Row {
  readonly name: string;
  readonly tags: readonly string[];
}

async function applied(plan: 'free' | 'pro') {
  const sandbox = await createSandbox({ zones: ['example.dev', 'example.net'], plan });
  const disk = newDisk();
  const { report } = await runProcess(sandbox, disk, file);
  expect(unfinished(report)).toEqual([]);
  const rows = JSON.parse(sandbox.snapshot()).records as readonly Row[];
  const again = await runProcess(sandbox, disk, file);
  expect(again.writes).toBe(0);
  return {
    warnings: again.report?.plan?.warnings,
    tags: Object.fromEntries(rows.map(({ name, tags }) => [name, tags])),
  };
}

describe('tags of records', () => {
  it('are written on a paid plan', async () => {
    const { warnings, tags } = await applied('pro');
    expect(warnings).toEqual([]);
    expect(tags).toEqual({
      'www.example.dev': ['cost', 'team:web'],
      'mail.example.dev': ['team:mail'],
      'plain.example.dev': [],
      'www.example.net': ['team:web'],
    });
  });

  it('are left out on the free plan, each time with a warning for each zone', async () => {
    const { warnings, tags } = await applied('free');
    expect(warnings).toEqual([
      expect.stringMatching(/^dns\.example\.dev: the tags of 2 records are left out, since the plan/),
      expect.stringMatching(/^dns\.example\.net: the tags of a record are left out, since the plan/),
    ]);
    expect(Object.values(tags).flat()).toEqual([]);
  });
});
