import type { GatesFile } from '../../../schema/generated/config.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import type { PartOf } from '../model/partial-file.ts';

/**
 * Finds files to which two secrets are delivered. Each delivery replaces the complete file, so each secret would
 * overwrite the other, run after run.
 */
export function sharedSinks(file: PartOf<GatesFile>): Finding[] {
  const pathsByFile = new Map<string, Path>();
  return sinksOf(file).flatMap(({ target, at }): Finding[] => {
    const place = target.replace(/\/(?:\.?\/)+/g, '/');
    const before = pathsByFile.get(place);
    if (before === undefined) {
      pathsByFile.set(place, at);
      return [];
    }
    const message = `${quoted(target)} receives the secret of ${before.slice(0, -2).join('.')} already`;
    const hint = 'a delivery replaces the whole file: give each secret a file of its own';
    return [{ severity: 'error', rule: 'conflicting-keys', path: [...at, 'file'], message, hint }];
  });
}

interface Receiving {
  readonly deliver?: readonly ({ readonly file?: string | undefined } | undefined)[] | undefined;
}

function sinksOf(file: PartOf<GatesFile>): { target: string; at: Path }[] {
  return [
    ...sinksIn(['cloudflare', 'tunnels'], file.cloudflare?.tunnels),
    ...sinksIn(['clients'], file.clients),
    ...sinksIn(['serviceTokens'], file.serviceTokens),
  ];
}

function sinksIn(
  section: Path,
  entries: Readonly<Record<string, Receiving | null | undefined>> | undefined,
): { target: string; at: Path }[] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]) =>
    (entry?.deliver ?? []).flatMap((sink, index) => {
      const at = [...section, name, 'deliver', index];
      return sink?.file === undefined ? [] : [{ target: sink.file, at }];
    }),
  );
}
