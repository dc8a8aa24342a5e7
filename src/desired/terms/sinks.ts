import type { CredentialSink } from '../../config/model/secret-sink.ts';
import type { Deliver } from '../../core/record/delivery.ts';

/** Files that receive an id and a secret, by the fields of a kept secret. */
export function credentialSinks(sinks: readonly CredentialSink[]): readonly Deliver[] {
  return sinks.map(({ file, names }) => ({
    file,
    names: { clientId: names.id, clientSecret: names.secret },
  }));
}
