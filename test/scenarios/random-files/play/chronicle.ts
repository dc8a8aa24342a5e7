import { describeError } from '../../../../src/core/errors.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';
import type { Pass } from '../../stage/stage.ts';
import { textOf } from '../file-text.ts';
import type { Disturbance } from '../trouble.ts';
import type { Files } from './allowances.ts';

/** The changes by hand and the runs since the last file, as a finding prints them. */
export class Chronicle {
  #events: string[] = [];
  #troubles: readonly Disturbance[] | undefined;

  begin(troubles: readonly Disturbance[]): void {
    this.#events = [];
    this.#troubles = troubles;
  }

  tell(...events: readonly string[]): void {
    this.#events.push(...events);
  }

  tellRun(how: string, { report, ended, writes }: Pass): void {
    const { outcomes = [] } = report ?? {};
    const place = ({ change }: Outcome) => ended.indexOf(change);
    const inOrder = outcomes.toSorted((left, right) => place(left) - place(right));
    const done = inOrder.map(({ status, change, reason, error }) =>
      [`  ${status} ${change}`, reason ?? [], error === undefined ? [] : describeError(error)]
        .flat()
        .join(': '),
    );
    this.tell(`${how} pass, ${writes} writes:`, ...done);
  }

  /** The two files, and the events between them. */
  story({ before, file }: Files): string {
    return `${JSON.stringify(this.#troubles)}
${textOf(before)}
→
${textOf(file)}
${this.#events.join('\n')}`;
  }
}
