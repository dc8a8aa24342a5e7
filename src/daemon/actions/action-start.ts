import type { SecretPlace } from '../../clients/state/secret-source.ts';
import type { Action } from '../../config/model/config.ts';
import { describeError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import type { Call } from './call-record.ts';
import { commandOf, runCommand } from './command.ts';
import { callHttp } from './http-call.ts';
import { cleanOutput } from './kept-output.ts';

/** The result of an action; `output` contains no secrets. */
export interface Ended extends Pick<Call, 'exit' | 'signal' | 'status' | 'reason'> {
  readonly state: 'done' | 'failed';
  readonly output: string;
}

export interface StartParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecret: (place: SecretPlace) => Promise<string>;
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/** Carries out one action of the file, and ends it when the signal is aborted. Never rejects. */
export type StartAction = (
  action: Action,
  how: { readonly signal: AbortSignal; readonly onStart: (pid: number) => void },
) => Promise<Ended>;

export function actionStarter({ environment, readSecret, redact, clock }: StartParts): StartAction {
  return async ({ start, timeout: seconds }, { signal, onStart }) => {
    const timeout = seconds * 1000;
    try {
      if (start.type === 'http') {
        const token = start.token && (await readSecret(start.token));
        const { output, ...end } = await callHttp(start, { token, timeout, signal });
        const { status = 0 } = end;
        const state = status >= 200 && status < 300 ? 'done' : 'failed';
        return { ...end, state, output: cleanOutput(output, redact, []) };
      }
      const command = commandOf(start, environment);
      const { output, ...end } = await runCommand(command, { timeout, clock, signal, onStart });
      const secretValues = start.environment.map((name) => command.environment[name] ?? '');
      const state = end.exit === 0 && end.reason === undefined ? 'done' : 'failed';
      return { ...end, state, output: cleanOutput(output, redact, secretValues) };
    } catch (error) {
      return { state: 'failed', reason: describeError(error), output: '' };
    }
  };
}
