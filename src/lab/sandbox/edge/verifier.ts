import { passedOn } from './view/proxy.ts';
import type { Delivery, Visit } from './view/visit.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** A GET to an address beside the sandbox, as `fetch`; rejects where nobody answers. */
export type Verifier = (
  url: string,
  request: { method: 'GET'; headers: [string, string][]; redirect: 'manual' },
) => Promise<Response>;

/**
 * What Traefik's ForwardAuth is answered about a visit: it sends the headers that would reach the application, and says
 * itself what was asked for. Null where nobody answers.
 */
export async function askVerifier(
  verifier: Verifier,
  { url, told }: NonNullable<Delivery['verify']>,
  headers: Headers,
): Promise<Response | null> {
  const kept = headers.filter(([name]) => !['host', 'content-length', ...Object.keys(told)].includes(name));
  const sent = [...kept, ...Object.entries(told)].map(([name, value]): [string, string] => [name, value]);
  try {
    return await verifier(url, { method: 'GET', headers: sent, redirect: 'manual' });
  } catch {
    return null;
  }
}

/** The headers of a visit that the oracle plays, as they would reach the application. */
export function playedHeaders(visit: Visit, { dropped }: Delivery): Headers {
  return passedOn(visit.headers).filter(([name]) => !dropped.includes(name));
}
