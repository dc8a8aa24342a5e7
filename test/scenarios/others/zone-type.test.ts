import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess } from '../stage/stage.ts';

const file = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev, example.net] }
dns:
  example.dev:
    - { name: www, type: A, content: 192.0.2.1 }
`;

it('the plan says that other name servers answer for a zone', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev', 'example.net'] });
  const state = JSON.parse(sandbox.snapshot());
  state.zones[0].type = 'partial';
  sandbox.restore(JSON.stringify(state));
  const { report } = await runProcess(sandbox, newDisk(), file, 'dry run');
  expect(report?.plan?.warnings).toEqual([
    expect.stringMatching(/^cloudflare\.zones: example\.dev has the type partial: other name servers/),
  ]);
});
