import { describe, it } from 'vitest';
import { misfortunes } from '../stage/trouble.ts';
import { finishedAfter } from './adopted.ts';

describe.each(['proxmox', 'grafana', 'vault', 'auth'])('adopting %s', (service) => {
  it.each(misfortunes)(
    'is finished by the next adopt after any write with the misfortune %s',
    async (kind) => {
      await finishedAfter(service, [kind]);
    },
  );
});
