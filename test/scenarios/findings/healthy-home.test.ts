import { expect, it } from 'vitest';
import { findingsIn, namesOf } from './found-faults.ts';
import { healthyHome, homeFile } from './healthy-home.ts';

it('a healthy home has no finding, and answers every question', async () => {
  const home = await healthyHome();
  const document = await findingsIn(home, homeFile);
  expect(namesOf(document)).toEqual([]);
  expect(document.unanswered).toEqual([]);
});

it('without its file, only the doors that the file opens on purpose are findings', async () => {
  const document = await findingsIn(await healthyHome());
  expect(namesOf(document)).toEqual([
    'open-door: host docs.example.dev',
    'open-door: host grafana.example.dev/api/health',
    'unbound-application: Authentik application wiki',
  ]);
});
