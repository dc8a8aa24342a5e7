import { describeError, RejectedError } from '../../core/errors.ts';
import { markComment, markTag } from '../../core/objects/marker.ts';
import { type Answer, asBelieved, otherwise } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';

const beliefs = named('conflicts', {
  destination: {
    says: 'Two applications never share a destination: the second is refused with code 11010',
    where: 'reconcilers/cloudflare/access/access-application.ts',
  },
  tag: {
    says: 'An application with a tag that does not exist is refused',
    where: 'reconcilers/cloudflare/access/access-tag.ts',
  },
  token: {
    says: 'A service token that a policy names is not removed',
    where: 'src/plan/order/order.ts',
  },
  policy: {
    says: 'A reusable policy that an application has is not removed',
    where: 'src/plan/order/order.ts',
  },
  alias: {
    says: 'A second CNAME of one name is refused',
    where: 'reconcilers/cloudflare/dns/dns-record.ts',
  },
});

/** The refusals of the API that force gates to keep an order. */
export const conflicts: Group = {
  name: 'conflicts',
  set: 'quick',
  seconds: 15,
  makes: [
    '1 tag, 1 policy, 1 service token and 1 application of Access, at the scratch host',
    '1 CNAME record',
  ],
  needs: ['names/application', 'names/policy', 'names/token', 'names/comment'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy } = await lab.probePolicy();
    await lab.application('', [policy.id]);
    await lab.publish();
    const application = (domain: string, ...tags: readonly string[]) => ({
      type: 'self_hosted',
      name: `${lab.host} again`,
      domain,
      destinations: [{ type: 'public', uri: domain }],
      policies: [],
      tags: [markTag(lab.owner), ...tags],
    });
    const apps = lab.account('access/apps');
    await answers.ask(beliefs.destination, () =>
      isRefused(lab, apps, application(lab.host), ({ facts }) => facts.code?.startsWith('11010') === true),
    );
    const missing = `${markTag(lab.owner)}x`;
    await answers.ask(beliefs.tag, () => isRefused(lab, apps, application(`${lab.host}/tag`, missing)));
    await answers.ask(beliefs.alias, () =>
      isRefused(lab, lab.zone('dns_records'), {
        type: 'CNAME',
        name: lab.host,
        content: 'www.cloudflare.com',
        ttl: 1,
        proxied: true,
        comment: markComment(lab.owner, ''),
      }),
    );
    const [token = ''] = policy.uses;
    await answers.ask(beliefs.token, () => staysThere(lab, lab.account(`access/service_tokens/${token}`)));
    await answers.ask(beliefs.policy, () => staysThere(lab, lab.account(`access/policies/${policy.id}`)));
  },
};

/** Makes an object that should be refused; if it is not, removes it at once. */
async function isRefused(
  { world: { cloudflare } }: Lab,
  path: string,
  body: unknown,
  isRight: (error: RejectedError) => boolean = () => true,
): Promise<Answer> {
  try {
    const { id } = (await cloudflare.post(path, body)) as { readonly id: string };
    await cloudflare.delete(`${path}/${id}`);
    return otherwise('it was taken');
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    if (error.facts.status === 403) return otherwise(`refused: ${describeError(error)}`);
    return isRight(error) ? asBelieved() : otherwise(`refused with code ${error.facts.code}`);
  }
}

async function staysThere({ world: { cloudflare } }: Lab, path: string): Promise<Answer> {
  try {
    await cloudflare.delete(path);
    return otherwise('it was removed');
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return error.facts.status === 403 ? otherwise(`refused: ${describeError(error)}`) : asBelieved();
  }
}
