import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../../../src/clients/state/history.ts';
import { createRecorder } from '../../../src/daemon/log/recorder.ts';
import type { EndedRun } from '../../../src/report/history/history.ts';
import { quietLog } from '../quiet-log.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const CANARY = 'canary-17';
const ended: EndedRun = {
  run: {
    id: '1',
    command: 'gates run',
    triggers: ['start'],
    startedAt: '2026-03-01T12:00:00.000Z',
    finishedAt: '2026-03-01T12:00:01.000Z',
    result: 'error',
    error: `the API said ${CANARY}`,
    warnings: [`mind ${CANARY}`],
  },
};
const redactor = { redact: (text: string) => text.replaceAll(CANARY, '[redacted]') };

describe("the daemon's record of a run", () => {
  it('contains no secret', async () => {
    const history = createHistory(temporaryDirectory());
    await createRecorder(history, { redactor, log: quietLog() })(ended);
    const { records } = await history.read();
    expect(records[0]?.run).toMatchObject({
      error: 'the API said [redacted]',
      warnings: ['mind [redacted]'],
    });
  });

  it('delays no run when the disk fails', async () => {
    const history = createHistory(path.join('/dev/null', 'state'));
    const record = createRecorder(history, { redactor, log: quietLog() });
    await expect(record(ended)).resolves.toBeUndefined();
  });
});
