import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { head } from './support/file-head.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from './support/processes.ts';

// This text would erase the line above it, color what follows, and turn its direction.
const file = `${head}dns:
  example.dev:
    - { name: "@", type: TXT, content: "v=spf1 \\e[1A\\e[2K \\e[31m \\u202e \\x9b2J -all" }
`;

let sandbox: SandboxProcess;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await writeFile(path.join(directory, 'gates.yaml'), file);
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

it.each([
  ['plan', '--verbose'],
  ['plan', '--output', 'json'],
  ['plan', '--output', 'markdown'],
  ['apply', '--yes', '--verbose'],
])('gates %s %s %s prints no character of a file that acts on a terminal', async (...args) => {
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  const { stdout, stderr } = await gates(args, env, directory);
  expect(stdout + stderr).toContain('v=spf1');
  expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
});
