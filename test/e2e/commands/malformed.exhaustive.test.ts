import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { malformedFiles } from '../../config/malformed-files.ts';
import { gates, remove, temporaryDirectory } from '../support/processes.ts';

/**
 * The step between files for which a check starts a process, since test/config/malformed.test.ts reads all of them in
 * process. `GATES_MALFORMED=uncut` starts one for each.
 */
const step = process.env.GATES_MALFORMED === 'uncut' ? 1 : 4;

let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
});

afterAll(() => remove(directory));

describe('gates validate', () => {
  it('ends with 1 and a place for a malformed file, and never with a stack trace', async () => {
    const queue = malformedFiles
      .map(({ name, make }, index) => ({ name, source: make(), file: `${index}.yaml` }))
      .filter((_, index) => index % step === 0);
    const work = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        await writeFile(path.join(directory, next.file), next.source);
        const { code, stdout, stderr } = await gates(['validate', '--file', next.file], {}, directory);
        expect({ name: next.name, code, stdout }).toEqual({ name: next.name, code: 1, stdout: '' });
        expect(stderr).toMatch(new RegExp(`^${next.file}:\\d+:\\d+ `));
        expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+\)?$/m);
      }
    };
    await Promise.all([work(), work()]);
  });

  it('explains a missing file, and says what to do', async () => {
    const ran = await gates(['validate', '--file', 'nowhere.yaml'], {}, directory);
    expect(ran).toMatchObject({
      code: 1,
      stderr: 'error: nowhere.yaml does not exist. Name another with --file\n',
    });
  });

  it('ends with 0 for the example at the top of the project', async () => {
    const ran = await gates(['validate'], {}, path.resolve(import.meta.dirname, '../../..'));
    expect(ran).toMatchObject({ code: 0, stderr: 'gates.yaml is valid\n' });
  });
});
