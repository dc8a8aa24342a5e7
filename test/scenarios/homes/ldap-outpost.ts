import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { Hand } from '../stage/hand.ts';

interface Row {
  readonly pk: string;
  readonly slug: string;
}

/** Somebody's LDAP outpost `directory`, with a provider of theirs: the ids of both. */
export async function placeLdapOutpost(
  sandbox: Sandbox,
): Promise<{ readonly outpost: string; readonly theirs: number }> {
  const hand = new Hand(sandbox);
  const { results } = (await hand.get('/flows/instances/')) as { readonly results: readonly Row[] };
  const flow = (slug: string) => results.find((each) => each.slug === slug)?.pk;
  const provider = (await hand.post('/providers/ldap/', {
    name: 'theirs',
    base_dn: 'dc=theirs',
    authorization_flow: flow('default-authentication-flow'),
    invalidation_flow: flow('default-invalidation-flow'),
  })) as { readonly pk: number };
  const theirs = provider.pk;
  const body = { name: 'directory', type: 'ldap', providers: [theirs], config: {} };
  const { pk: outpost } = (await hand.post('/outposts/instances/', body)) as Row;
  return { outpost, theirs };
}
