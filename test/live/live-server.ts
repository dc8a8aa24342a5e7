import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { Endpoint } from '../../src/conformance/authentik/person.ts';
import type { StoryServer } from '../../src/conformance/authentik/server.ts';
import type { Clock } from '../../src/core/world.ts';

/** The Authentik that the suite tests. */
export interface LiveServer extends StoryServer {
  /** `sandbox 2025.12`, or the address of the server. */
  readonly name: string;
  /** Restores the sandbox's first state before each story; a new sandbox would spend most of its time on fresh keys. */
  readonly rewind?: () => void;
}

/** A client of gates for the API at this address. */
export function connectTo(
  { url, signal }: Pick<Endpoint, 'url' | 'signal'>,
  clock: Clock,
): StoryServer['connect'] {
  return (token, fetch) =>
    createAuthentikWire({ url, token, fetch, clock, redactor: createRedactor(), signal });
}
