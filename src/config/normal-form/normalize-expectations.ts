import type * as file from '../../../schema/generated/config.ts';
import { type Path, pathText } from '../mistakes/finding.ts';
import type { DoorExpectation, ExpectedVisitor } from '../model/config.ts';
import { fullHost } from '../model/host.ts';
import type { YamlDocument } from '../yaml/yaml-values.ts';

/** An assertion as written in a file, with the keys that lead to it and its door. */
export interface WrittenExpectation<Entry> {
  readonly entry: Entry;
  readonly path: Path;
  /** As written; undefined if its service has no host. */
  readonly host: string | undefined;
  /** As written; `/` if there is none. */
  readonly doorPath: string;
}

interface FileWithExpectations<Entry> {
  readonly expect?: readonly (Entry | undefined)[] | undefined;
  readonly services?:
    | Readonly<
        Record<
          string,
          | {
              readonly host?: string | undefined;
              readonly expect?: readonly (Entry | undefined)[] | undefined;
            }
          | undefined
        >
      >
    | undefined;
}

/** Every assertion of a file that has a `url`, those at top level first. */
export function writtenExpectations<Entry extends { readonly url?: string | undefined }>(
  file: FileWithExpectations<Entry>,
): readonly WrittenExpectation<Entry>[] {
  const listed = (list: readonly (Entry | undefined)[] | undefined, path: Path, host?: string) =>
    (list ?? []).flatMap((entry, index): readonly WrittenExpectation<Entry>[] => {
      if (entry?.url === undefined) return [];
      return [{ entry, path: [...path, index], ...doorOf(entry.url, host) }];
    });
  return [
    ...listed(file.expect, ['expect']),
    ...Object.entries(file.services ?? {}).flatMap(([name, service]) =>
      listed(service?.expect, ['services', name, 'expect'], service?.host),
    ),
  ];
}

/** Host and path of `https://docs.example.dev/admin`, or of `/admin` below a service. */
function doorOf(url: string, host: string | undefined): { host: string | undefined; doorPath: string } {
  const [, named, path = ''] = /^(?:https:\/\/([^/]+))?(.*)$/.exec(url) ?? [];
  return { host: named ?? host, doorPath: path === '' ? '/' : path };
}

/** The assertions of a valid file, in full. `document` knows their places in the text. */
export function normalizeExpectations(
  given: file.GatesFile,
  zones: readonly string[],
  { place, written }: Pick<YamlDocument, 'place' | 'written'>,
): readonly DoorExpectation[] {
  const entries = writtenExpectations<file.Expectation | file.ServiceExpectation>(given);
  return entries.flatMap(({ entry, path, host, doorPath }) => {
    if (host === undefined) return [];
    return [
      {
        ...place(path),
        key: pathText(written(path)),
        host: fullHost(host, zones),
        path: doorPath,
        method: entry.method ?? 'GET',
        visitor: visitorOf(entry.as),
        verdict: entry.verdict,
      },
    ];
  });
}

function visitorOf(given: file.Visitor): ExpectedVisitor {
  if (typeof given === 'string') return { who: 'anonymous' };
  const { email, groups, token } = given;
  if (email !== undefined) return { who: 'person', email: email.toLowerCase() };
  if (token !== undefined) return { who: 'machine', token };
  return { who: 'member', groups: groups ?? [] };
}
