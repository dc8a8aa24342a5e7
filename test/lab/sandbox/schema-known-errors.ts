import { list, object } from './schema-document.ts';
import { at, type KnownError, withMissing, without } from './schema-known-error.ts';
import { clientErrors } from './schema-known-errors-clients.ts';
import { shieldErrors } from './schema-known-errors-shield.ts';

export type { KnownError, Message } from './schema-known-error.ts';

const POLICY_EXTRAS = ['uid', 'reusable'];
const INLINE_POLICY = ['name', 'decision', 'include', 'exclude', 'require'];
const COMPUTED = ['id', 'uid', 'created_at', 'updated_at', 'app_count', 'reusable'];

/** A PATCH body, completed from the resulting record with the members that the document requires. */
function completed(patch: unknown, record: unknown): unknown {
  const { name, type, ttl } = object(record);
  return { name, type, ttl, ...object(patch) };
}

export const KNOWN_ERRORS: readonly KnownError[] = [
  ...shieldErrors,
  ...clientErrors,
  {
    id: 'catch-all without hostname',
    reason: 'tunnel_ingressRule requires hostname, but the mandatory last rule must not have one (facts §0)',
    side: 'request',
    operations: /^PUT .*\/configurations$/,
    mend: ({ body }) => withMissing(body, 'config.ingress.*.hostname', ''),
  },
  {
    id: 'catch-all read without hostname',
    reason: "a reply shows the last rule as written (acceptance tests of Cloudflare's Terraform provider)",
    side: 'reply',
    operations: /^(GET|PUT) .*\/configurations$/,
    mend: ({ body }) => withMissing(body, 'result.config.ingress.*.hostname', ''),
  },
  {
    id: 'configuration before the first PUT',
    reason: 'a tunnel that was never configured answers version 0 and config null (facts §5)',
    side: 'reply',
    operations: /^GET .*\/configurations$/,
    mend: ({ body }) =>
      object(object(body).result).config === null ? without(body, ['result.config']) : body,
  },
  {
    id: 'secrets of a new tunnel',
    reason:
      'the create reply contains token and credentials_file, which the document does not declare (facts §5)',
    side: 'reply',
    operations: /^POST \/accounts\/\{account_id\}\/cfd_tunnel$/,
    mend: ({ body }) => without(body, ['result.token', 'result.credentials_file']),
  },
  {
    id: 'deleted_at is null',
    reason:
      'an existing tunnel has deleted_at null; the document knows only a time (assumption, docs/sandbox.md)',
    side: 'reply',
    operations: / \/accounts\/\{account_id\}\/cfd_tunnel(\/\{tunnel_id\})?$/,
    mend: ({ body }) => {
      const copy: unknown = structuredClone(body);
      for (const path of ['result', 'result.*']) {
        at(copy, [...path.split('.'), 'deleted_at'], (holder, key) => {
          if (holder[key] === null) delete holder[key];
        });
      }
      return copy;
    },
  },
  {
    id: 'strict service tokens',
    reason:
      'Cloudflare describes strict_service_token_auth on its page on service tokens; the document does not know it',
    side: 'reply',
    operations: /^(GET|PUT) .*\/access\/organizations$/,
    mend: ({ body }) => without(body, ['result.strict_service_token_auth']),
  },
  {
    id: 'null result of a failure',
    reason: 'failure replies merge the success schema with "enum: [null]" and forget that null is no object',
    side: 'reply',
    operations: /\/(dns_records|cfd_tunnel|rulesets)/,
    repair: (schema) =>
      list(schema.enum).length === 1 && list(schema.enum)[0] === null ? { type: 'null' } : schema,
  },
  {
    id: 'error_chain',
    reason: 'older DNS and authentication errors have error_chain inside the error (facts §1)',
    side: 'reply',
    operations: /./,
    mend: ({ body }) => without(body, ['errors.*.error_chain']),
  },
  {
    id: 'data on every record',
    reason: 'dns-record-response requires data of all types, but only those written through data declare it',
    side: 'reply',
    operations: /\/dns_records/,
    repair: (schema, component) =>
      component === 'dns-records_dns-record-response'
        ? { ...schema, required: list(schema.required).filter((name) => name !== 'data') }
        : schema,
  },
  {
    id: 'comment is null',
    reason: 'a record without comment has comment null (facts §2); the document knows only a string',
    side: 'reply',
    operations: /\/dns_records/,
    repair: (schema, component) =>
      component === 'dns-records_comment' ? { ...schema, nullable: true } : schema,
  },
  {
    id: 'priority of SRV',
    reason:
      'the priority of an SRV record is shown apart from its content (facts §2), which its type does not declare',
    side: 'reply',
    operations: /\/dns_records/,
    repair: (schema, component) =>
      component !== null && /^dns-records_SRVRecord$/.test(component)
        ? { ...schema, properties: { ...object(schema.properties), priority: { type: 'number' } } }
        : schema,
  },
  {
    id: 'PATCH of a record',
    reason: 'dns-record-patch demands name, type and ttl; a PATCH keeps the fields that it omits (facts §2)',
    side: 'request',
    operations: /^PATCH .*\/dns_records\/\{dns_record_id\}$/,
    mend: ({ body, reply }) => completed(body, object(reply).result),
  },
  {
    id: 'PATCH of a record in a batch',
    reason: 'the same for the patches of a batch',
    side: 'request',
    operations: /\/dns_records\/batch$/,
    mend: ({ body, reply }) => {
      const records = list(object(object(reply).result).patches);
      const patches = list(object(body).patches).map((patch, index) => completed(patch, records[index]));
      return object(body).patches === undefined ? body : { ...object(body), patches };
    },
  },
  {
    id: 'computed fields sent back',
    reason:
      'Cloudflare tells clients to PUT everything that GET returned, computed fields included (facts §3.1)',
    side: 'request',
    operations: /^PUT .*\/(dns_records|access)\//,
    mend: ({ body }) =>
      without(body, [
        ...COMPUTED,
        ...['aud', 'client_id', 'expires_at', 'last_seen_at', 'account_id'],
        ...['created_on', 'modified_on', 'comment_modified_on', 'tags_modified_on', 'proxiable', 'meta'],
        ...COMPUTED.filter((name) => name !== 'id').map((name) => `policies.*.${name}`),
      ]),
  },
  {
    id: 'policies is null',
    reason:
      'the API accepts null for policies, which means "keep" (facts §3.1); the document knows only a list',
    side: 'request',
    operations: / .*\/access\/apps/,
    mend: ({ body }) => (object(body).policies === null ? without(body, ['policies']) : body),
  },
  {
    id: 'inline policies',
    reason: 'access_app_policy_request lacks name, decision and rules, which an inline policy needs',
    side: 'request',
    operations: / .*\/access\/apps/,
    mend: ({ body }) =>
      without(body, [...INLINE_POLICY, ...INLINE_POLICY.map((name) => `policies.*.${name}`)]),
  },
  {
    id: 'uid of an application',
    reason: 'applications have uid beside id (facts §3.1)',
    side: 'reply',
    operations: /\/access\/apps(\/\{app_id\})?$/,
    mend: ({ body }) => without(body, ['result.uid', 'result.*.uid']),
  },
  {
    id: 'policies inside an application',
    reason:
      'the API returns complete policies, with uid and reusable (facts §3.1), which access_app_policy_response lacks',
    side: 'reply',
    operations: /\/access\/apps(\/\{app_id\})?$/,
    mend: ({ body }) =>
      without(
        body,
        POLICY_EXTRAS.flatMap((name) => [`result.policies.*.${name}`, `result.*.policies.*.${name}`]),
      ),
  },
  {
    id: 'uid of a policy',
    reason: 'policies have uid beside id everywhere (facts §3.2)',
    side: 'reply',
    operations: /\/policies(\/|$)/,
    mend: ({ body }) => without(body, ['result.uid', 'result.*.uid']),
  },
  {
    id: 'reusable of a policy of an application',
    reason: 'policies below an application also say whether they are reusable (facts §3.2)',
    side: 'reply',
    operations: /\/access\/apps\/\{app_id\}\/policies(\/|$)/,
    mend: ({ body }) => without(body, ['result.reusable', 'result.*.reusable']),
  },
  {
    id: 'uid of an identity provider',
    reason: 'identity providers have uid beside id (seen, docs/sandbox.md)',
    side: 'reply',
    operations: /\/identity_providers/,
    mend: ({ body }) => without(body, ['result.uid', 'result.*.uid']),
  },
  {
    id: 'redirect_url of an identity provider',
    reason:
      'every provider has redirect_url, to which people return (seen, docs/sandbox.md); the document has it only for the one-time PIN',
    side: 'reply',
    operations: /\/identity_providers/,
    mend: ({ body }) => without(body, ['result.config.redirect_url', 'result.*.config.redirect_url']),
  },
  {
    id: 'redirect_url sent back',
    reason: 'a client sends back what it read',
    side: 'request',
    operations: /^PUT .*\/identity_providers/,
    mend: ({ body }) => without(body, ['config.redirect_url']),
  },
  {
    id: 'secret of a rotating PUT',
    reason: 'a PUT that raises client_secret_version answers with the new secret (facts §4, §11)',
    side: 'reply',
    operations: /^PUT .*\/service_tokens\//,
    mend: ({ body }) => without(body, ['result.client_secret']),
  },
  {
    id: 'failure of the audit log',
    reason: 'a refusal has the same envelope as every other, with codes and result null (facts §1)',
    side: 'reply',
    operations: /\/logs\/audit$/,
    mend: ({ body }) => (object(body).success === false ? without(body, ['result', 'errors.*.code']) : body),
  },
];
