import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../daemon/temporary-directory.ts';

const script = path.resolve('scripts/pin-images.mjs');

/** A docker that returns for each image the same digest, made of one letter. */
function stage(letter: string) {
  const directory = temporaryDirectory();
  const bin = path.join(directory, 'bin');
  mkdirSync(bin);
  const docker = path.join(bin, 'docker');
  const file = path.join(directory, 'Dockerfile');
  const answer = (digit: string) => {
    writeFileSync(docker, `#!/bin/sh\necho sha256:${digit.repeat(64)}\n`);
    chmodSync(docker, 0o755);
  };
  answer(letter);
  const run = (...options: string[]) =>
    new Promise<number>((resolve) => {
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
      execFile(process.execPath, [script, ...options, file], { env }, (error) =>
        resolve(error === null ? 0 : Number(error.code)),
      );
    });
  return { file, answer, run };
}

it('pinning replaces each image by its digest, and no stage of the same file', async () => {
  const { file, answer, run } = stage('a');
  writeFileSync(file, 'FROM node:24-alpine AS build\nFROM build AS test\nFROM node:24-alpine AS product\n');
  expect(await run('--check')).toBe(1);
  expect(await run()).toBe(0);
  const pin = `node:24-alpine@sha256:${'a'.repeat(64)}`;
  expect(readFileSync(file, 'utf8')).toBe(
    `FROM ${pin} AS build\nFROM build AS test\nFROM ${pin} AS product\n`,
  );
  expect(await run('--check')).toBe(0);
  answer('b');
  expect(await run('--check')).toBe(1);
  expect(readFileSync(file, 'utf8')).toContain(pin);
});

it('pinning leaves the file unchanged if a digest is unavailable', async () => {
  const { file, answer, run } = stage('a');
  const text = 'services:\n  gates:\n    image: ghcr.io/example/gates:1\n';
  writeFileSync(file, text);
  answer('not hexadecimal');
  expect(await run()).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
