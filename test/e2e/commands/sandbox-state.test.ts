import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gates, remove, start, temporaryDirectory } from '../support/processes.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  file = path.join(directory, 'sandbox.json');
});

afterEach(() => remove(directory));

interface Line {
  readonly cloudflare: { baseUrl: string; token: string; zones: readonly { id: string; name: string }[] };
  readonly authentik: { token: string };
}

async function begin(...args: string[]): Promise<{ child: ChildProcess; line: Line }> {
  const child = start(['sandbox', '--json', '--state', file, ...args], {});
  if (child.stdout === null) throw new Error('the sandbox has no output');
  const [text] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, line: JSON.parse(text) };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGINT'): Promise<number | null> {
  child.kill(signal);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function records({ cloudflare }: Line, record?: object): Promise<readonly { name: string }[]> {
  const response = await fetch(`${cloudflare.baseUrl}/zones/${cloudflare.zones[0]?.id}/dns_records`, {
    method: record === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${cloudflare.token}`, 'content-type': 'application/json' },
    ...(record !== undefined && { body: JSON.stringify(record) }),
  });
  expect(response.status).toBe(200);
  const { result } = (await response.json()) as { result: readonly { name: string }[] };
  return result;
}

describe('a sandbox with a state', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is stored by %s and continues from there', async (signal) => {
    const first = await begin('--zone', 'example.org');
    await records(first.line, { type: 'A', name: 'kept', content: '192.0.2.1', ttl: 1 });
    expect(await end(first.child, signal)).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['sandbox.json']);
    const again = await begin('--zone', 'other.dev');
    expect(again.line.cloudflare.zones).toEqual(first.line.cloudflare.zones);
    const tokens = ({ cloudflare, authentik }: Line) => [cloudflare.token, authentik.token];
    expect(tokens(again.line)).toEqual(tokens(first.line));
    expect((await records(again.line)).map(({ name }) => name)).toEqual(['kept.example.org']);
    expect(await end(again.child, signal)).toBe(0);
  });

  it.each([
    { what: 'no JSON', text: 'zones: []' },
    { what: 'something else', text: '{"zones": [], "calls": [], "authentik": {}}' },
    { what: 'nothing', text: '' },
  ])('does not start from a file with $what, and leaves the file unchanged', async ({ text }) => {
    await writeFile(file, text);
    const ran = await gates(['sandbox', '--json', '--state', file], {});
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(`${file} is no state of a sandbox. Name another with --state`);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('reports an unusable path at once', async () => {
    await mkdir(file);
    const ran = await gates(['sandbox', '--json', '--state', file], {});
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(`${file} cannot be read (EISDIR). Name another with --state`);
    await writeFile(path.join(directory, 'plain'), '');
    const below = path.join(directory, 'plain', 'sandbox.json');
    const other = await gates(['sandbox', '--json', '--state', below], {});
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain(`${below} cannot be`);
  });
});
