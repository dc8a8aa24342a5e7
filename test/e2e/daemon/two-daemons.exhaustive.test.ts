import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect, gates, start } from '../support/processes.ts';
import { type DaemonProcess, fileWith, type TwoDaemons, twoDaemons } from './two-daemons.ts';

/** The duration of every call, in milliseconds, so that a run lasts long enough to be hit. */
const delay = 10;
/** The time after which another process takes over from a silent one, in milliseconds. */
const leaseTime = 20_000;

/** The kills of a check; `GATES_TEST_KILLS=200 GATES_TEST_STOPS=6` plays the numbers of docs/reliability.md. */
const kills = Number(process.env.GATES_TEST_KILLS ?? 30);
const stops = Number(process.env.GATES_TEST_STOPS ?? 2);

let stage: TwoDaemons;

beforeEach(async () => {
  stage = await twoDaemons(['red', 'blue'], delay);
});

afterEach(() => stage.end());

/** Numbers from 0 to 1 that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Waits until one daemon has logged that it waits, and the other has begun a run of the newest revision. */
async function pair(): Promise<[DaemonProcess, DaemonProcess]> {
  const ruler = stage.launch('red');
  await ruler.said('run ended');
  const heir = stage.launch('blue');
  await heir.said('waiting for the lease');
  return [ruler, heir];
}

async function expectWhole(): Promise<void> {
  expect(await stage.sandbox.admin('GET', '/exposures')).toEqual([]);
  const verified = await gates(['history', 'verify'], stage.env, stage.directory);
  expect(verified.code, verified.stdout).toBe(0);
}

describe('of two daemons', () => {
  it(`never two are at work, over ${kills} kills at any moment of a run`, async () => {
    const random = numbers(20_261_125);
    const fileOf = (round: number) => fileWith('stays', `a${round % 3}`, `b${round % 2}`);
    stage.forge.push({ 'gates.yaml': fileOf(0) });
    let [ruler, heir] = await pair();
    const terms: { readonly caller: string; readonly upTo: number }[] = [];
    let torn = 0;
    let longest = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      stage.forge.push({ 'gates.yaml': fileOf(kill) });
      ruler.child.kill('SIGHUP');
      await setTimeout(random() * 600);
      await ruler.kill('SIGKILL');
      const killed = performance.now();
      const said = ruler.messages();
      const count = (message: string) => said.filter((item) => item === message).length;
      if (count('run started') > count('run ended')) torn += 1;
      terms.push({ caller: ruler.caller, upTo: await stage.lastCall() });
      await heir.said('run started');
      longest = Math.max(longest, performance.now() - killed);
      // The next daemon starts only now, since a new process may be the first to see the free lease.
      const next = stage.launch(ruler.caller);
      await next.said('waiting for the lease');
      [ruler, heir] = [heir, next];
    }
    await ruler.said('run ended');
    terms.push({ caller: ruler.caller, upTo: await stage.lastCall() });
    const calls = await stage.calls();
    const termOf = (n: number) => terms.find(({ upTo }) => n <= upTo);
    expect(calls.filter(({ n, caller }) => termOf(n)?.caller !== caller)).toEqual([]);
    // The kills must have cut runs in the middle, and most terms must have written, or the test shows nothing.
    const writing = new Set(calls.filter(({ write }) => write).map(({ n }) => termOf(n)?.upTo));
    process.stdout.write(
      `${kills} kills, ${torn} of them in a pass; ${writing.size} terms wrote, ${calls.length} calls; longest takeover ${Math.round(longest)} ms\n`,
    );
    expect(torn).toBeGreaterThan(kills / 4);
    expect(writing.size).toBeGreaterThan(kills / 4);
    expect(longest).toBeLessThan(leaseTime);
    await expectWhole();
  });

  it('one that was stopped longer than its lease writes nothing when it wakes, and stands by', async () => {
    const random = numbers(7);
    const fileOf = (round: number) => fileWith('stays', `a${round}`, `b${round}`, `c${round}`);
    stage.forge.push({ 'gates.yaml': fileOf(0) });
    let [ruler, heir] = await pair();
    for (let round = 1; round <= stops; round += 1) {
      const begun = await stage.lastCall();
      stage.forge.push({ 'gates.yaml': fileOf(2 * round - 1) });
      ruler.child.kill('SIGHUP');
      while (!(await stage.calls()).some(({ n, write }) => write && n > begun)) await setTimeout(1);
      await setTimeout(random() * 60);
      ruler.child.kill('SIGSTOP');
      const revision = stage.forge.push({ 'gates.yaml': fileOf(2 * round) });
      await heir.said('run ended');
      const inPass = (await stage.calls()).filter(({ n }) => n > begun);
      const handedOver = await stage.lastCall();
      ruler.child.kill('SIGCONT');
      await ruler.said('lease lost');
      await ruler.said('waiting for the lease');
      heir.child.kill('SIGHUP');
      await heir.said('run ended', 2);
      const after = (await stage.calls()).filter(({ n }) => n > handedOver);
      expect(after.filter(({ caller, write }) => write && caller === ruler.caller)).toEqual([]);
      // All calls of the new holder come after those of the old one.
      const firstOfHeir = inPass.find(({ caller }) => caller === heir.caller)?.n ?? 0;
      expect(inPass.filter(({ n, caller }) => caller === ruler.caller && n > firstOfHeir)).toEqual([]);
      const status = JSON.parse((await gates(['status', '-o', 'json'], stage.env)).stdout);
      expect(status).toMatchObject({ pid: heir.child.pid, inForce: { revision, applied: true } });
      [ruler, heir] = [heir, await renewed(ruler)];
    }
    await expectWhole();
  });
});

it('an apply that was stopped for too long reports that nothing more was written', async () => {
  stage.forge.push({ 'gates.yaml': fileWith('stays') });
  const daemon = stage.launch('red');
  await daemon.said('run ended');
  const begun = await stage.lastCall();
  await writeFile(path.join(stage.directory, 'gates.yaml'), fileWith('stays', 'a', 'b', 'c', 'd'));
  const env = { ...stage.env, CLOUDFLARE_API_TOKEN: stage.tokenOf('blue') };
  const person = start(['apply', '--yes'], env, stage.directory);
  const told = collect(person.stderr);
  const ended = once(person, 'exit');
  while (!(await stage.calls()).some(({ n, write }) => write && n > begun)) await setTimeout(1);
  person.kill('SIGSTOP');
  daemon.child.kill('SIGHUP');
  await daemon.said('run ended', 2);
  expect(daemon.messages()).toContain('waiting for a turn');
  const handedOver = await stage.lastCall();
  person.kill('SIGCONT');
  const [code] = (await ended) as [number | null];
  expect(code, told()).toBe(1);
  expect(told()).toMatch(/error: The lease of the state directory .*Nothing more was written/);
  const after = (await stage.calls()).filter(({ n, write }) => write && n > handedOver);
  expect(after).toEqual([]);
  // The daemon has completed the interrupted work.
  expect(await stage.sandbox.visit('stays.example.dev')).toMatchObject({ status: 302 });
  expect(await gates(['status'], stage.env)).toMatchObject({ stdout: expect.stringMatching(/^OK/) });
  await expectWhole();
});

/** Kills a daemon that has served its purpose, and starts another in its place. */
async function renewed(old: DaemonProcess): Promise<DaemonProcess> {
  await old.kill('SIGKILL');
  const next = stage.launch(old.caller);
  await next.said('waiting for the lease');
  return next;
}
