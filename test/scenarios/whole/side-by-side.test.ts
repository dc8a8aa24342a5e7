import { describe, it } from 'vitest';
import { interrupted } from './side-by-side.ts';

describe('new objects that are written in parallel', () => {
  it('expose nobody if the process is killed, and the next one adds the missing ones', async () => {
    await interrupted('kill', 2, 3);
  });
});
