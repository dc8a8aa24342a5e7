import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates, remove, start, startSandboxProcess, temporaryDirectory } from '../support/processes.ts';
import { tenGuards, tenServices } from '../whole/ten-services.ts';

/** The suites in test/scenarios kill at every write, in process; this one kills a real process with SIGKILL. */
describe('a process that is killed in the middle of its first apply', () => {
  it.each([2, 13, 25])(
    'after write %i, and started again, converges without duplicates and exposes nobody',
    async (write) => {
      const directory = await temporaryDirectory();
      const sandbox = await startSandboxProcess();
      try {
        const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
        await writeFile(path.join(directory, 'gates.yaml'), tenServices(directory));
        await sandbox.admin('PUT', '/guards', tenGuards);
        const child = start(['apply', '--yes'], env, directory);
        while ((await sandbox.writes()).length < write)
          await new Promise((resolve) => setTimeout(resolve, 1));
        child.kill('SIGKILL');
        await once(child, 'exit');
        const again = await gates(['apply', '--yes'], env, directory);
        expect(again.code, again.stderr).toBe(0);
        const settled = (await sandbox.writes()).length;
        expect(await gates(['apply', '--yes'], env, directory)).toMatchObject({ code: 0 });
        expect((await sandbox.writes()).length).toBe(settled);
        expect(await gates(['plan'], env, directory)).toMatchObject({ code: 0 });
        expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
        const state = (await sandbox.admin('GET', '/state')) as Record<
          string,
          readonly { readonly name: string }[]
        >;
        for (const kind of ['apps', 'policies', 'tags', 'serviceTokens']) {
          const names = (state[kind] ?? []).map(({ name }) => name);
          expect(new Set(names).size, `${kind}: ${names.join(', ')}`).toBe(names.length);
        }
      } finally {
        await sandbox.stop();
        await remove(directory);
      }
    },
  );
});
