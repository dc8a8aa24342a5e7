import { beforeAll, describe, expect, it } from 'vitest';
import { findingRuleIds } from '../../../src/report/findings/finding-rules.ts';
import { faultsAtAuthentik } from './faults-at-authentik.ts';
import { faultsAtCloudflare } from './faults-at-cloudflare.ts';
import { faultsAtLdap } from './faults-at-ldap.ts';
import { findingsIn, namesOf } from './found-faults.ts';
import { type HealthyHome, healthyHome, homeFile } from './healthy-home.ts';

const plantedFaults = [...faultsAtCloudflare, ...faultsAtAuthentik, ...faultsAtLdap];

let home: HealthyHome;
let healthy: ReturnType<HealthyHome['sandbox']['snapshot']>;

beforeAll(async () => {
  home = await healthyHome();
  healthy = home.sandbox.snapshot();
});

describe('a fault planted into a healthy home', () => {
  it.each(plantedFaults)('is found: $fault', async ({ plant, days = 0, found }) => {
    home.sandbox.restore(healthy);
    await plant(home.sandbox);
    expect(namesOf(await findingsIn(home, homeFile, days))).toEqual(found);
  });

  it('has a row for each rule that the sandbox lets a person break', () => {
    const planted = new Set(plantedFaults.flatMap(({ found }) => found.map((name) => name.split(':')[0])));
    expect(findingRuleIds.filter((id) => !planted.has(id))).toEqual([]);
  });
});
