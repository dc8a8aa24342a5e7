import { object } from './schema-document.ts';
import { type KnownError, type Message, without } from './schema-known-error.ts';

const writesOfRecords = /^(POST|PUT|PATCH) .*\/dns_records(\/\{dns_record_id\})?$/;

/** Fields that stock clients send and the real API accepts, against the document. */
export const clientErrors: readonly KnownError[] = [
  {
    id: 'tags is null, priority is 0',
    reason: 'clients on cloudflare-go send both with every change of an address; the document knows neither',
    side: 'request',
    operations: writesOfRecords,
    mend: ({ body, reply }) =>
      without(body, [
        ...(object(body).tags === null ? ['tags'] : []),
        ...('priority' in object(object(reply).result) ? [] : ['priority']),
      ]),
  },
  {
    id: 'other members of data',
    reason: 'octoDNS and DNSControl send service, proto and name in data, for SRV and for types without them',
    side: 'request',
    operations: writesOfRecords,
    mend: (message) => withData(message, (data, kept) => Object.keys(data).filter((name) => name in kept)),
  },
  {
    id: 'numbers of data as text',
    reason: 'the test data of the Terraform provider contains them',
    side: 'request',
    operations: writesOfRecords,
    mend: (message) =>
      withData(
        message,
        (data) => Object.keys(data),
        (given, kept) => (typeof given === 'string' && typeof kept === 'number' ? kept : given),
      ),
  },
];

/** The body with these members of its `data`, each by `memberOf` from the stored one. */
function withData(
  { body, reply }: Message,
  names: (data: Record<string, unknown>, kept: Record<string, unknown>) => string[],
  memberOf: (given: unknown, kept: unknown) => unknown = (given) => given,
): unknown {
  const data = object(object(body).data);
  const kept = object(object(object(reply).result).data);
  if (object(body).data === undefined) return body;
  const members = names(data, kept).map((name) => [name, memberOf(data[name], kept[name])]);
  return { ...object(body), data: Object.fromEntries(members) };
}
