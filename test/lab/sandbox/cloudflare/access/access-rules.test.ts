import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const WARP = { name: 'In WARP', type: 'warp' };

/** A rule that the API accepts, with the decision of its policy; `make` gets the id of an object that it names. */
interface Accepted {
  decision?: 'allow' | 'bypass' | 'non_identity';
  named?: (api: Api) => Promise<string>;
  make: (id: string) => object;
}

const provider = (type: string) => async (api: Api) =>
  (await api.done('POST', `${api.account}/access/identity_providers`, { name: type, type, config: {} })).id;

const check = async (api: Api) => (await api.done('POST', `${api.account}/devices/posture`, WARP)).id;

const accepted: Accepted[] = [
  { make: () => ({ email: { email: 'me@example.dev' } }) },
  { make: () => ({ email_domain: { domain: 'example.dev' } }) },
  { make: () => ({ everyone: {} }) },
  { make: () => ({ ip: { ip: '192.0.2.0/24' } }) },
  { make: () => ({ ip: { ip: '2001:db8::/32' } }), decision: 'bypass' },
  { make: () => ({ geo: { country_code: 'DE' } }) },
  { make: () => ({ auth_method: { auth_method: 'mfa' } }) },
  { make: () => ({ certificate: {} }), decision: 'non_identity' },
  { make: () => ({ common_name: { common_name: 'ci' } }) },
  { make: () => ({ cloudflare_account_member: {} }) },
  { make: () => ({ user_risk_score: { user_risk_score: ['low', 'unscored'] } }) },
  { make: () => ({ linked_app_token: { app_uid: 'a' } }), decision: 'non_identity' },
  {
    make: () => ({
      external_evaluation: {
        evaluate_url: 'https://eval.example.com',
        keys_url: 'https://eval.example.com/keys',
      },
    }),
  },
  { named: provider('onetimepin'), make: (id) => ({ login_method: { id } }) },
  { named: check, make: (id) => ({ device_posture: { integration_uid: id } }) },
  { named: check, make: (id) => ({ device_posture: { integration_uid: id } }), decision: 'bypass' },
  {
    named: provider('saml'),
    make: (id) => ({ saml: { attribute_name: 'group', attribute_value: 'a', identity_provider_id: id } }),
  },
  {
    named: provider('azureAD'),
    make: (id) => ({ auth_context: { id: 'c', ac_id: 'c1', identity_provider_id: id } }),
  },
];

const refused: { rule: object; says: string; decision?: string }[] = [
  { rule: { ip: { ip: '192.0.2.0/33' } }, says: 'IP address or range' },
  { rule: { ip: { ip: '2001:db8::/129' } }, says: 'IP address or range' },
  { rule: { ip: { ip: '2001:db8::1::2' } }, says: 'IP address or range' },
  { rule: { ip: { ip: '300.0.2.1' } }, says: 'IP address or range' },
  { rule: { ip: { ip: '192.0.2.1', note: 'home' } }, says: "unknown field 'note'" },
  { rule: { geo: { country_code: 'Germany' } }, says: 'country code' },
  { rule: { geo: { country: 'DE' } }, says: "'country_code' is missing" },
  { rule: { email_domain: { domain: '' } }, says: 'must not be empty' },
  { rule: { common_name: { common_name: '' } }, says: 'must not be empty' },
  { rule: { auth_method: { auth_method: 'two factors' } }, says: 'must be one of' },
  { rule: { user_risk_score: { user_risk_score: [] } }, says: 'must be a list' },
  { rule: { device_posture: { integration_uid: 'gone' } }, says: 'does not exist' },
  { rule: { login_method: { id: 'gone' } }, says: 'does not exist' },
  { rule: { ip_list: { id: 'gone' } }, says: 'does not exist' },
  { rule: { certificate: { common_name: 'ci' } }, says: "unknown field 'common_name'" },
  { rule: { external_evaluation: { evaluate_url: 'eval', keys_url: 'keys' } }, says: 'must be a URL' },
  { rule: { auth_method: { auth_method: 'mfa' } }, decision: 'bypass', says: 'needs an identity' },
  { rule: { login_method: { id: 'x' } }, decision: 'non_identity', says: 'does not exist' },
  { rule: { linked_app_token: { app_uid: 'a' } }, says: 'non_identity and bypass' },
  { rule: { user_risk_score: { user_risk_score: ['low'] } }, decision: 'bypass', says: 'needs an identity' },
];

describe('rules of Access', () => {
  it.each(accepted.map((row) => ({ ...row, text: JSON.stringify(row.make('ID')) })))(
    'are stored as they were sent, in each part of a policy and in a group: $text',
    async ({ named, make, decision = 'allow' }) => {
      const api = createApi();
      const rule = make(named === undefined ? '' : await named(api));
      const policy = { name: 'p', decision, include: [rule], require: [rule], exclude: [rule] };
      const path = `${api.account}/access/policies`;
      const { id } = await api.done('POST', path, policy);
      expect(await api.done('GET', `${path}/${id}`)).toMatchObject(policy);
      const group = { name: 'g', include: [rule], require: [rule], exclude: [rule] };
      expect(await api.done('POST', `${api.account}/access/groups`, group)).toMatchObject(group);
    },
  );

  it.each(refused.map((row) => ({ ...row, text: JSON.stringify(row.rule) })))(
    'are refused with a wrong shape, value or place: $text',
    async ({ rule, says, decision = 'allow' }) => {
      const api = createApi();
      const path = `${api.account}/access/policies`;
      const everyone = [{ everyone: {} }];
      for (const part of ['include', 'require', 'exclude']) {
        const policy = { name: 'p', decision, include: everyone, [part]: [rule] };
        expect(await api.refused(400, 12130, 'POST', path, policy)).toContain(says);
      }
      expect(api.world.policies).toEqual([]);
    },
  );
});
