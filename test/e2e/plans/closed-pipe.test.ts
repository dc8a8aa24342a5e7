import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

describe('a reader that closes the pipe early, such as head', () => {
  it.each([{ args: ['schema'] }, { args: ['adopt', '--help'] }])(
    'is no error of gates $args',
    async ({ args }) => {
      const child = spawn(process.execPath, ['dist/gates.js', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.destroy();
      const [told, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      expect({ told, code }).toEqual({ told: '', code: 0 });
    },
  );
});
