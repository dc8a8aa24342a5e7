import type { FileDraft } from '../terms/draft.ts';
import { leftoverText } from '../text/file-text.ts';
import { type Addition, insertedText } from './inserted-text.ts';
import { plainValue } from './yaml-place.ts';

/** The text of a file with the entries of a draft that it lacks; the same text if it lacks none. */
export function extendedText(text: string, draft: FileDraft): string {
  const additions = additionsOf(draft, text).filter(({ entries }) => Object.keys(entries).length > 0);
  return additions.reduce((extended, addition) => insertedText(extended, addition, draft.sources), text);
}

/** The additions, in the order of a file that import writes. */
function additionsOf({ file, leftovers }: FileDraft, text: string): readonly Addition[] {
  const before = plainValue(text);
  const { cloudflare, authentik, origins, groups, services, clients, serviceTokens, dns } = file;
  const lacking = (path: readonly string[], entries: object | undefined): Addition => {
    const present = new Set(keysAt(before, path));
    const lacks = Object.entries(entries ?? {}).filter(([name]) => !present.has(name));
    return { path, entries: Object.fromEntries(lacks) };
  };
  const { domains, ...settings } = authentik ?? {};
  const isNew = keysAt(before, ['authentik']).length === 0;
  const comments = leftovers
    .filter(({ section, what }) => section === 'services' && !text.includes(` left as it is: ${what}: `))
    .flatMap((each) => leftoverText(each).split('\n'))
    .map((line) => `#${line}`);
  return [
    lacking(['cloudflare', 'tunnels'], cloudflare.tunnels),
    ...(isNew
      ? [lacking(['authentik'], authentik)]
      : [lacking(['authentik'], settings), lacking(['authentik', 'domains'], domains)]),
    lacking(['origins'], origins),
    lacking(['groups'], groups),
    { ...lacking(['services'], services), comments },
    lacking(['clients'], clients),
    lacking(['serviceTokens'], serviceTokens),
    ...Object.entries(dns ?? {}).map(([zone, records]): Addition => {
      const written = keysAt(before, ['dns']).find((name) => name.toLowerCase() === zone);
      return written === undefined
        ? { path: ['dns'], entries: { [zone]: records } }
        : { path: ['dns', written], entries: records };
    }),
  ];
}

function keysAt(value: unknown, path: readonly string[]): readonly string[] {
  const found = path.reduce<unknown>(
    (around, key) =>
      typeof around === 'object' && around !== null ? (around as Record<string, unknown>)[key] : undefined,
    value,
  );
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}
