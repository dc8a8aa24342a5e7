import type { Circumstances } from './view/circumstances.ts';
import { headerValues, type Visit } from './view/visit.ts';

/** Headers in which a test client states its place and device; they go no further. */
const STATED = 'x-sandbox-visitor-';

/** The circumstances in the headers of a visit; undefined if there are none. */
export function statedCircumstances(visit: Pick<Visit, 'headers'>): Circumstances | undefined {
  const stated = (name: string) => headerValues(visit, STATED + name)[0]?.trim();
  const [ip, country, device] = ['ip', 'country', 'device'].map(stated);
  const [commonName, authority] = ['certificate', 'certificate-authority'].map(stated);
  const all = { ip, country, device, commonName, authority };
  if (Object.values(all).every((value) => value === undefined)) return undefined;
  return {
    ...(ip === undefined ? {} : { ip }),
    ...(country === undefined ? {} : { country: country.toUpperCase() }),
    ...(device === undefined ? {} : { device: device.split(',').map((each) => each.trim()) }),
    ...(commonName === undefined ? {} : { certificate: { commonName, authority: authority ?? '' } }),
  };
}

/** The headers without those of `statedCircumstances`. */
export function withoutStated(headers: Visit['headers']): Visit['headers'] {
  return headers.some(([name]) => name.startsWith(STATED))
    ? headers.filter(([name]) => !name.startsWith(STATED))
    : headers;
}
