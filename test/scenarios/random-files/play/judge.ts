import { isPending, type Plan } from '../../../../src/core/change.ts';
import type { Exposure, Sandbox } from '../../../../src/lab/sandbox/index.ts';
import type { Pass } from '../../stage/stage.ts';
import { excuses, type Hindrance, hindered, reasonsOf } from './excuses.ts';

/** @throws Error with each exposure, and the call after which it began. */
export function expectNobodyIn(when: string, found: readonly Exposure[], sandbox: Sandbox): void {
  if (found.length === 0) return;
  const calls = new Map(sandbox.calls().map((call) => [call.n, call]));
  const lines = found.slice(0, 10).map((exposure) => {
    const { method, path } = calls.get(exposure.n) ?? {};
    return `${JSON.stringify(exposure)} after ${method} ${path}`;
  });
  throw new Error(`EXPOSED, ${when}: ${found.length}\n${lines.join('\n')}`);
}

/** The plan of a run. @throws Error if it has none. */
export function planOfPass({ report }: Pass): Plan {
  if (report?.plan !== undefined) return report.plan;
  const waits = report?.waitsFor === undefined ? '' : `waits for ${JSON.stringify(report.waitsFor)}`;
  throw new Error(`no plan: ${waits}${report?.mistakes.map(({ message }) => message).join('\n')}`);
}

/** @throws Error unless the run made every possible change. */
export function expectDone(plan: Plan, { report }: Pass, hindrance: Hindrance): void {
  const unexcused = excuses(plan, report?.outcomes ?? [], hindrance);
  if (unexcused.length > 0) throw new Error(`not done:\n${unexcused.join('\n')}`);
}

/** @throws Error unless the run wrote nothing and planned nothing, except changes that wait. */
export function expectSilence({ writes, report }: Pass, hindrance: Hindrance, sandbox: Sandbox): void {
  if (writes > 0) {
    const sent = sandbox.calls().filter(({ write }) => write);
    const lines = sent.slice(-writes).map(({ method, path, status }) => `${method} ${path} ${status}`);
    throw new Error(`the second undisturbed pass writes ${writes} times:\n${lines.join('\n')}`);
  }
  const { plan } = report ?? {};
  const wanted = (plan?.changes ?? []).filter(isPending);
  // A check is no wanted change, but what waits for one that fails may be.
  const among = new Map([...wanted.map(({ id }) => [id, ''] as const), ...reasonsOf(report?.outcomes ?? [])]);
  const excused = plan && hindered(plan, among, hindrance);
  const pending = wanted.filter(({ id }) => excused?.has(id) !== true);
  if (pending.length > 0 && hindrance.waiting.size === 0) {
    throw new Error(`still wanted:\n${pending.map(({ id }) => id).join('\n')}`);
  }
}

/** @throws Error if objects that are not ours have changed. */
export function expectAsBefore(before: string, now: string): void {
  if (now !== before) throw new Error(`not ours, and changed:\n${differing(before, now)}`);
}

function differing(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const lines = (sign: string, these: readonly string[], those: readonly string[]) =>
    these.filter((line) => !those.includes(line)).map((line) => `${sign} ${line}`);
  return [...lines('-', was, is), ...lines('+', is, was)].slice(0, 40).join('\n');
}

/** True if a check has failed and closed its host. */
export function closesHost({ report }: Pass): boolean {
  return (report?.outcomes ?? []).some(
    ({ error }) => error?.message.includes('the host now answers 503') === true,
  );
}
