import type * as file from '../../../schema/generated/config.ts';
import type { PartOf } from '../../config/model/partial-file.ts';

/** The protocol of a client of the file; undefined if the file has no such client. */
export function protocolOf({ clients }: PartOf<file.GatesFile>, name: string): 'oidc' | 'saml' | undefined {
  const client = clients?.[name];
  if (client === undefined) return undefined;
  return client.saml === undefined ? 'oidc' : 'saml';
}
